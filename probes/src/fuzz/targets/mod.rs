//! The targets, one module for each family of functions.

use super::Target;

mod expressions;
mod names;
mod numbers;
mod options;
mod strptime;
mod words;

/// All of them, in the order in which a campaign goes round.
pub const ALL: &[Target] = &[
    expressions::TARGET,
    names::FNMATCH,
    names::GLOB,
    options::TARGET,
    words::TARGET,
    strptime::TARGET,
    numbers::STRTOL,
];
