//! Results that the standard fixes: special values, and functions that are exact.

use super::{case, exact, flags};
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::math::function::{self as f, Function};

const SOURCE: &str = "ISO C11 F.10; POSIX.1-2017; IEEE 754-2008 9.2.1";
const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;
/// A signalling not-a-number.
const SIGNALLING: f64 = f64::from_bits(0x7ff4_0000_0000_0000);

/// Rows of `id, title, function, arguments`.
macro_rules! values {
    ($($id:literal, $title:literal, $function:expr, $arguments:expr;)*) => {
        const FIXED: &[Case] = &[$(case(
            $id,
            $title,
            concat!("What is ", $title, ", and which exception flags are set?"),
            SOURCE,
            |o| valued(o, $function(), &$arguments),
        )),*];
    };
}

fn valued(o: &mut Outcome, function: Option<Function>, arguments: &[f64]) {
    let Some(function) = function else { return super::absent(o) };
    let called = function.call(arguments);
    o.fact("result", exact(called.value));
    o.fact("flags", flags(called.flags));
    o.measured("bits", heap::format!("{:016x}", called.value.to_bits()));
}

values! {
    "math.values.pow-0-0", "pow(0, 0)", f::pow, [0.0, 0.0];
    "math.values.pow-nan-0", "pow(nan, 0)", f::pow, [NAN, 0.0];
    "math.values.pow-1-nan", "pow(1, nan)", f::pow, [1.0, NAN];
    "math.values.pow-signalling-0", "pow of a signalling nan and 0", f::pow, [SIGNALLING, 0.0];
    "math.values.pow-1-signalling", "pow of 1 and a signalling nan", f::pow, [1.0, SIGNALLING];
    "math.values.pow-minus-1-inf", "pow(-1, infinity)", f::pow, [-1.0, INF];
    "math.values.pow-minus-2-3", "pow(-2, 3)", f::pow, [-2.0, 3.0];
    "math.values.pow-minus-inf-minus-3", "pow(-infinity, -3)", f::pow, [-INF, -3.0];
    "math.values.pow-half-inf", "pow(0.5, infinity)", f::pow, [0.5, INF];
    "math.values.fmod-minus-6-3", "fmod(-6, 3)", f::fmod, [-6.0, 3.0];
    "math.values.fmod-large", "fmod(1e300, 3)", f::fmod, [1e300, 3.0];
    "math.values.fmod-1-inf", "fmod(1, infinity)", f::fmod, [1.0, INF];
    "math.values.fmod-subnormal", "fmod(1, 5e-324)", f::fmod, [1.0, 5e-324];
    "math.values.remainder-5-2", "remainder(5, 2)", f::remainder, [5.0, 2.0];
    "math.values.remainder-minus-3-2", "remainder(-3, 2)", f::remainder, [-3.0, 2.0];
    "math.values.drem-7-4", "drem(7, 4)", f::drem, [7.0, 4.0];
    "math.values.fmax-nan", "fmax(nan, 1)", f::fmax, [NAN, 1.0];
    "math.values.fmax-signalling", "fmax of a signalling nan and 1", f::fmax, [SIGNALLING, 1.0];
    "math.values.fmin-signalling", "fmin of 1 and a signalling nan", f::fmin, [1.0, SIGNALLING];
    "math.values.fmax-zeros", "fmax(-0, 0)", f::fmax, [-0.0, 0.0];
    "math.values.fmin-zeros", "fmin(0, -0)", f::fmin, [0.0, -0.0];
    "math.values.fmax-zeros-swapped", "fmax(0, -0)", f::fmax, [0.0, -0.0];
    "math.values.hypot-inf-nan", "hypot(infinity, nan)", f::hypot, [INF, NAN];
    "math.values.hypot-3-4", "hypot(3e200, 4e200)", f::hypot, [3e200, 4e200];
    "math.values.hypot-signalling", "hypot of infinity and a signalling nan", f::hypot, [INF, SIGNALLING];
    "math.values.atan2-zeros", "atan2(0, -0)", f::atan2, [0.0, -0.0];
    "math.values.atan2-minus-zeros", "atan2(-0, 0)", f::atan2, [-0.0, 0.0];
    "math.values.exp2-10", "exp2(10)", f::exp2, [10.0];
    "math.values.pow10-2", "pow10(2)", f::pow10, [2.0];
    "math.values.log2-8", "log2(8)", f::log2, [8.0];
    "math.values.log10-1000", "log10(1000)", f::log10, [1000.0];
    "math.values.logb-subnormal", "logb of the smallest number", f::logb, [5e-324];
    "math.values.logb-inf", "logb(-infinity)", f::logb, [-INF];
    "math.values.significand-10", "significand(10)", f::significand, [10.0];
    "math.values.significand-inf", "significand(infinity)", f::significand, [INF];
    "math.values.round-half", "round(0.49999999999999994)", f::round, [0.499_999_999_999_999_94];
    "math.values.round-minus-half", "round(-0.5)", f::round, [-0.5];
    "math.values.rint-half", "rint(2.5)", f::rint, [2.5];
    "math.values.rint-minus", "rint(-0.25)", f::rint, [-0.25];
    "math.values.nearbyint-half", "nearbyint(3.5)", f::nearbyint, [3.5];
    "math.values.floor-minus-0", "floor(-0)", f::floor, [-0.0];
    "math.values.ceil-minus", "ceil(-0.5)", f::ceil, [-0.5];
    "math.values.trunc-signalling", "trunc of a signalling nan", f::trunc, [SIGNALLING];
    "math.values.copysign-nan", "copysign(1, -nan)", f::copysign, [1.0, f64::from_bits(0xfff8_0000_0000_0000)];
    "math.values.fma-exact", "fma(0.1, 10, -1)", f::fma, [0.1, 10.0, -1.0];
    "math.values.fma-rounding", "fma of 1 + 2^-52, twice, and -1", f::fma, [1.000_000_000_000_000_2, 1.000_000_000_000_000_2, -1.0];
    "math.values.fma-zero-sign", "fma(1, -0, 0)", f::fma, [1.0, -0.0, 0.0];
    "math.values.nextafter-signs", "nextafter(-0, 0)", f::nextafter, [-0.0, 0.0];
    "math.values.tgamma-5", "tgamma(5)", f::tgamma, [5.0];
    "math.values.lgamma-1", "lgamma(1)", f::lgamma, [1.0];
    "math.values.lgamma-2", "lgamma(2)", f::lgamma, [2.0];
    "math.values.j0-0", "j0(0)", f::j0, [0.0];
    "math.values.jn-negative", "jn(-1, 0)", f::jn, [-1.0, 0.0];
    "math.values.scalb-inf", "scalb(2, -infinity)", f::scalb, [2.0, -INF];
    "math.values.scalb-3", "scalb(1, 3)", f::scalb, [1.0, 3.0];
}

/// Which sign an operation gives what is no number: programs print it as -nan.
const SIGNS: &[Case] = &[
    case(
        "math.nan.sign-sqrt",
        "the sign of sqrt(-1)",
        "Does sqrt(-1) give a nan that prints as -nan?",
        "IEEE 754-2008 6.3: the sign of a NaN is not specified",
        |o| sign(o, f::sqrt(), &[-1.0]),
    ),
    case(
        "math.nan.sign-log",
        "the sign of log(-1)",
        "Does log(-1) give a nan that prints as -nan?",
        "IEEE 754-2008 6.3",
        |o| sign(o, f::log(), &[-1.0]),
    ),
    case(
        "math.nan.sign-pow",
        "the sign of pow(-2, 0.5)",
        "Does pow(-2, 0.5) give a nan that prints as -nan?",
        "IEEE 754-2008 6.3",
        |o| sign(o, f::pow(), &[-2.0, 0.5]),
    ),
    case(
        "math.nan.sign-acos",
        "the sign of acos(2)",
        "Does acos(2) give a nan that prints as -nan?",
        "IEEE 754-2008 6.3",
        |o| sign(o, f::acos(), &[2.0]),
    ),
    case(
        "math.nan.sign-fmod",
        "the sign of fmod(1, 0)",
        "Does fmod(1, 0) give a nan that prints as -nan?",
        "IEEE 754-2008 6.3",
        |o| sign(o, f::fmod(), &[1.0, 0.0]),
    ),
    case(
        "math.nan.sign-sin",
        "the sign of sin(infinity)",
        "Does sin(infinity) give a nan that prints as -nan?",
        "IEEE 754-2008 6.3",
        |o| sign(o, f::sin(), &[INF]),
    ),
];

fn sign(o: &mut Outcome, function: Option<Function>, arguments: &[f64]) {
    let Some(function) = function else { return super::absent(o) };
    let value = function.call(arguments).value;
    o.fact("nan", value.is_nan());
    o.fact("negative", value.is_sign_negative());
}

const TABLES: &[&[Case]] = &[FIXED, SIGNS];
/// The cases of this table.
pub const CASES: &[Case] = &crate::case::join::<{ crate::case::count(TABLES) }>(TABLES);
