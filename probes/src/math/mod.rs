//! Mathematics: results at special values, `errno` and exception flags, accuracy, rounding modes, complex functions.
//!
//! Which variant of a function runs may depend on the processor (FMA, AVX2): its last bit and the inexact flag are recorded
//! and not compared, results that are not exact are compared by class.

use crate::case::{Case, count, join};

mod accuracy;
mod complex;
mod environment;
mod errors;
mod functions;
mod integers;
mod nearest;
mod remedy;
mod rounding;
mod values;

use heap::string::String;

use crate::sys::math::environment::{DIVIDED_BY_ZERO, INVALID, OVERFLOW, UNDERFLOW};

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
        pub const CASES: &[$crate::case::Case] = &[$($crate::math::case($id, $title, $question, $source, $ask)),*];
    };
}
use asks;

/// The exception flags in words; inexact is left out, for it may vary with the processor.
fn flags(flags: i32) -> String {
    let names =
        [(INVALID, "invalid"), (DIVIDED_BY_ZERO, "divided by zero"), (OVERFLOW, "overflow"), (UNDERFLOW, "underflow")];
    let set: heap::vec::Vec<_> = names.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, name)| *name).collect();
    if set.is_empty() { "none".into() } else { set.join(", ") }
}

/// A function that is not there. In a static program some are left out, which says nothing about the C library.
fn absent(o: &mut crate::Outcome) {
    if crate::sys::call::exists(c"printf") {
        o.line("no such function");
    } else {
        o.unsupported("a static program would hold the compiler's function of this name");
    }
}

/// A double, exactly, with the sign of zero and without the sign of what is no number.
fn exact(value: f64) -> String {
    if value.is_nan() { "nan".into() } else { heap::format!("{value:e}") }
}

const TABLES: &[&[Case]] = &[
    errors::CASES,
    values::CASES,
    integers::CASES,
    accuracy::CASES,
    rounding::CASES,
    environment::CASES,
    complex::CASES,
    functions::CASES,
    remedy::CASES,
];

/// Every case of the area.
pub static CASES: &[Case] = &join::<{ count(TABLES) }>(TABLES);
