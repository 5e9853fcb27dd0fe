//! The targets, one module for each family of functions.

use super::Target;

mod characters;
mod expressions;
mod iconv;
mod multibyte;
mod patterns;
mod numbers;
mod options;
mod strptime;
mod wordexp;

/// All of them, in the order in which a campaign goes round.
pub const ALL: &[Target] = &[
    characters::BYTE,
    characters::CASE,
    characters::CLASS,
    characters::ENCODE,
    characters::ORDER,
    characters::WIDTH,
    expressions::TARGET,
    iconv::TARGET,
    multibyte::TARGET,
    patterns::FNMATCH,
    patterns::GLOB,
    options::TARGET,
    strptime::TARGET,
    numbers::STRTOL,
    wordexp::TARGET,
];
