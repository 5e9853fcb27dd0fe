//! The targets, one module for each family of functions.

use super::Target;

mod addresses;
mod allocations;
mod characters;
mod expressions;
mod iconv;
mod mktime;
mod multibyte;
mod names;
mod numbers;
mod options;
mod patterns;
mod printf;
mod scanf;
mod strftime;
pub mod strptime;
mod wordexp;
mod words;
mod zones;

/// All of them, in the order in which a campaign goes round.
pub const ALL: &[Target] = &[
    addresses::ATON,
    addresses::ETHER,
    addresses::GETADDRINFO,
    addresses::GETNAMEINFO,
    addresses::NTOP,
    addresses::PTON,
    allocations::SEQUENCE,
    characters::BYTE,
    characters::CASE,
    characters::CLASS,
    characters::ENCODE,
    characters::ORDER,
    characters::WIDTH,
    expressions::TARGET,
    iconv::TARGET,
    mktime::TARGET,
    multibyte::TARGET,
    names::TARGET,
    numbers::STRTOD,
    numbers::STRTOL,
    options::TARGET,
    patterns::FNMATCH,
    patterns::GLOB,
    printf::SNPRINTF,
    printf::SWPRINTF,
    scanf::TARGET,
    strftime::ALL,
    strftime::TARGET,
    strptime::ALL,
    strptime::TARGET,
    wordexp::TARGET,
    words::CONFSTR,
    words::ERRORS,
    words::HOSTS,
    words::LANGINFO,
    words::LOOKUPS,
    words::PATHCONF,
    words::SIGNALS,
    words::SYSCONF,
    zones::TARGET,
];
