//! How far results are from the nearest double, over fixed arguments whose right results were worked out with 200 bits.
//!
//! The classes are wide, for the variant of a function that runs depends on the processor; the exact distance is recorded.

use super::{case, nearest};
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::math::function::{self as f, Function};

const SOURCE: &str = "glibc manual, Errors in Math Functions; Zimmermann et al., Accuracy of Mathematical Functions; \
    right results by mpmath with 200 bits";

/// Rows of `id, function's name, function, rows of arguments and right results`.
macro_rules! accuracies {
    ($($id:literal, $name:literal, $function:expr, $rows:expr;)*) => {
        /// The cases of this table.
        pub const CASES: &[Case] = &[$(case(
            $id,
            concat!("accuracy of ", $name),
            concat!("How many doubles away from the nearest one are results of ", $name, " at most?"),
            SOURCE,
            |o| measured(o, $function(), $rows),
        )),*];
    };
}

fn measured(o: &mut Outcome, function: Option<Function>, rows: &[nearest::Row]) {
    let Some(function) = function else { return super::absent(o) };
    let distance = |row: &nearest::Row| {
        let value = function.call(&row.0.map(f64::from_bits)).value;
        ordered(value.to_bits()).abs_diff(ordered(row.1))
    };
    let worst = rows.iter().map(distance).max().unwrap_or_default();
    o.fact("arguments", rows.len());
    o.fact(
        "distance",
        match worst {
            0..=2 => "2 or fewer",
            3..=16 => "3 to 16",
            17..=1000 => "17 to 1,000",
            _ => "more than 1,000",
        },
    );
    o.measured("worst", worst);
}

/// The bits of a double as a number that grows with it.
fn ordered(bits: u64) -> i64 {
    let bits = bits as i64;
    if bits < 0 { i64::MIN - bits } else { bits }
}

accuracies! {
    "math.accuracy.exp", "exp", f::exp, nearest::EXP;
    "math.accuracy.exp2", "exp2", f::exp2, nearest::EXP2;
    "math.accuracy.exp10", "exp10", f::exp10, nearest::EXP10;
    "math.accuracy.expm1", "expm1", f::expm1, nearest::EXPM1;
    "math.accuracy.log", "log", f::log, nearest::LOG;
    "math.accuracy.log2", "log2", f::log2, nearest::LOG2;
    "math.accuracy.log10", "log10", f::log10, nearest::LOG10;
    "math.accuracy.log1p", "log1p", f::log1p, nearest::LOG1P;
    "math.accuracy.pow", "pow", f::pow, nearest::POW;
    "math.accuracy.sin", "sin", f::sin, nearest::SIN;
    "math.accuracy.cos", "cos", f::cos, nearest::COS;
    "math.accuracy.tan", "tan", f::tan, nearest::TAN;
    "math.accuracy.asin", "asin", f::asin, nearest::ASIN;
    "math.accuracy.acos", "acos", f::acos, nearest::ACOS;
    "math.accuracy.atan", "atan", f::atan, nearest::ATAN;
    "math.accuracy.atan2", "atan2", f::atan2, nearest::ATAN2;
    "math.accuracy.sinh", "sinh", f::sinh, nearest::SINH;
    "math.accuracy.cosh", "cosh", f::cosh, nearest::COSH;
    "math.accuracy.tanh", "tanh", f::tanh, nearest::TANH;
    "math.accuracy.asinh", "asinh", f::asinh, nearest::ASINH;
    "math.accuracy.acosh", "acosh", f::acosh, nearest::ACOSH;
    "math.accuracy.atanh", "atanh", f::atanh, nearest::ATANH;
    "math.accuracy.cbrt", "cbrt", f::cbrt, nearest::CBRT;
    "math.accuracy.hypot", "hypot", f::hypot, nearest::HYPOT;
    "math.accuracy.erf", "erf", f::erf, nearest::ERF;
    "math.accuracy.erfc", "erfc", f::erfc, nearest::ERFC;
    "math.accuracy.tgamma", "tgamma", f::tgamma, nearest::TGAMMA;
    "math.accuracy.lgamma", "lgamma", f::lgamma, nearest::LGAMMA;
    "math.accuracy.lgamma-negative", "lgamma near its negative zeros", f::lgamma, nearest::LGAMMA_NEGATIVE;
    "math.accuracy.j0", "j0", f::j0, nearest::J0;
    "math.accuracy.j1", "j1", f::j1, nearest::J1;
    "math.accuracy.y0", "y0", f::y0, nearest::Y0;
    "math.accuracy.y1", "y1", f::y1, nearest::Y1;
}
