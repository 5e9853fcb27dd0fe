//! The targets, one module for each family of functions.

use super::Target;

pub mod numbers;
pub mod strptime;

/// All of them, in the order in which a campaign goes round.
pub const ALL: &[Target] = &[strptime::TARGET, numbers::STRTOL];
