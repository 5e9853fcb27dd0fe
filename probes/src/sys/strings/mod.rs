//! Strings: texts of numbers, numbers of texts, searching, sorting, and addresses as text.

pub mod addresses;
pub mod numbers;
pub mod paths;
pub mod random;
pub mod search;
pub mod sort;
pub mod texts;
pub mod tokens;
pub mod wide;
