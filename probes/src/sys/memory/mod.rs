//! Calls for the area `memory`.

pub mod checks;
pub mod maps;
pub mod shared;
