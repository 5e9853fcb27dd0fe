//! The targets, one module for each family of functions.

use super::Target;

mod mktime;
mod numbers;
mod printf;
mod scanf;
mod strftime;
mod strptime;
mod zones;

/// All of them, in the order in which a campaign goes round.
pub const ALL: &[Target] = &[
    mktime::TARGET,
    numbers::STRTOD,
    numbers::STRTOL,
    printf::SNPRINTF,
    printf::SWPRINTF,
    scanf::TARGET,
    strftime::ALL,
    strftime::TARGET,
    strptime::ALL,
    strptime::TARGET,
    zones::TARGET,
];
