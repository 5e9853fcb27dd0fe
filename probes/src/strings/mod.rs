//! Strings: texts of error numbers, numbers as text and back, searching, copying, sorting, addresses and paths.
//!
//! All of it by calls into memory of the probe's own, in the C locale; nothing of the image is read.

use crate::case::{Case, count, join};

mod addresses;
mod compare;
mod copy;
mod doubles;
mod found;
mod functions;
mod integers;
mod paths;
mod random;
mod remedy;
mod sort;
mod texts;
mod tokens;
mod wide;

/// A case without needs.
const fn case(
    id: &'static str,
    title: &'static str,
    question: &'static str,
    source: &'static str,
    run: fn(&mut crate::Outcome),
) -> Case {
    Case { id, title, question, source, needs: crate::Needs::NOTHING, run }
}

/// Rows of `id, title, question, source, what is asked`.
macro_rules! asks {
    ($($id:literal, $title:literal, $question:literal, $source:expr, $ask:expr;)*) => {
        /// The cases of this table.
        pub const CASES: &[$crate::case::Case] = &[$($crate::strings::case($id, $title, $question, $source, $ask)),*];
    };
}
use asks;

const TABLES: &[&[Case]] = &[
    texts::CASES,
    integers::CASES,
    doubles::CASES,
    compare::CASES,
    copy::CASES,
    tokens::CASES,
    paths::CASES,
    sort::CASES,
    random::CASES,
    addresses::CASES,
    wide::CASES,
    functions::CASES,
    remedy::CASES,
    found::CASES,
];

/// Every case of the area.
pub static CASES: &[Case] = &join::<{ count(TABLES) }>(TABLES);
