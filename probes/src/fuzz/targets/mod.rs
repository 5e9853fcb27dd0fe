//! The targets, one module for each family of functions.

use super::Target;

mod addresses;
mod allocations;
mod names;
mod numbers;
mod strptime;
mod words;

/// All of them, in the order in which a campaign goes round.
pub const ALL: &[Target] = &[
    addresses::ATON,
    addresses::ETHER,
    addresses::GETADDRINFO,
    addresses::GETNAMEINFO,
    addresses::NTOP,
    addresses::PTON,
    allocations::SEQUENCE,
    names::TARGET,
    numbers::STRTOL,
    strptime::TARGET,
    words::CONFSTR,
    words::ERRORS,
    words::HOSTS,
    words::LANGINFO,
    words::LOOKUPS,
    words::PATHCONF,
    words::SIGNALS,
    words::SYSCONF,
];
