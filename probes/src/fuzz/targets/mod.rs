//! The targets, one module for each family of functions.

use super::Target;

pub mod addresses;
pub mod allocations;
pub mod answers;
pub mod characters;
pub mod expressions;
pub mod hosts;
pub mod iconv;
pub mod mktime;
pub mod multibyte;
pub mod names;
pub mod numbers;
pub mod options;
pub mod patterns;
pub mod printf;
pub mod resolvconf;
pub mod scanf;
pub mod strftime;
pub mod strptime;
pub mod wordexp;
pub mod words;
pub mod zones;

/// Makes the list, and the same list as a table of cases writes its elements.
macro_rules! all {
    ($($module:ident::$constant:ident,)*) => {
        /// All of them, in the order in which a campaign goes round.
        pub const ALL: &[Target] = &[$($module::$constant),*];
        /// The constants of [`ALL`], in the same order, by their paths from this module.
        pub const CONSTANTS: &[&str] = &[$(concat!(stringify!($module), "::", stringify!($constant))),*];
    };
}

all! {
    addresses::ATON,
    addresses::ETHER,
    addresses::GETADDRINFO,
    addresses::GETNAMEINFO,
    addresses::NTOP,
    addresses::PTON,
    allocations::SEQUENCE,
    answers::TARGET,
    characters::BYTE,
    characters::CASE,
    characters::CLASS,
    characters::ENCODE,
    characters::ORDER,
    characters::WIDTH,
    expressions::TARGET,
    hosts::TARGET,
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
    resolvconf::TARGET,
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
    words::SIGNAL_NAMES,
    words::SYSCONF,
    zones::TARGET,
}

/// The digits of a number of which each has a base of its own, the lowest first: one element of a product of lists.
fn digits<const N: usize>(mut number: u64, bases: [usize; N]) -> [usize; N] {
    bases.map(|base| {
        let digit = number % base as u64;
        number /= base as u64;
        digit as usize
    })
}
