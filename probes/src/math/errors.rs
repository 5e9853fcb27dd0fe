//! Errors of domain, pole and range: the result's kind, `errno`, and the exception flags.

use super::{case, exact, flags};
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::math::function::{self as f, Function};
use crate::text;

const SOURCE: &str = "ISO C11 7.12.1 and F.10; POSIX.1-2017 math_errhandling; math_error(7)";
const INF: f64 = f64::INFINITY;
const MAX: f64 = f64::MAX;

/// Rows of `id, title, function, arguments`.
macro_rules! errors {
    ($($id:literal, $title:literal, $function:expr, $arguments:expr;)*) => {
        /// The cases of this table.
        pub const CASES: &[Case] = &[$(case(
            $id,
            $title,
            concat!("Which result, errno and exception flags does ", $title, " give?"),
            SOURCE,
            |o| called(o, $function(), &$arguments),
        )),*];
    };
}

fn called(o: &mut Outcome, function: Option<Function>, arguments: &[f64]) {
    let Some(function) = function else { return super::absent(o) };
    let called = function.call(arguments);
    o.fact("result", kind(called.value));
    o.fact("errno", text::errno(called.errno.0));
    o.fact("flags", flags(called.flags));
    o.measured("bits", heap::format!("{:016x}", called.value.to_bits()));
    o.measured("all_flags", called.flags);
}

/// What is exact by the standard, and `finite` for the rest.
fn kind(value: f64) -> heap::string::String {
    let fixed =
        value.is_nan() || value.is_infinite() || value == 0.0 || (value.abs() < 1e6 && value == value as i64 as f64);
    match value {
        _ if fixed => exact(value),
        _ if value.is_subnormal() => "subnormal".into(),
        _ => "finite".into(),
    }
}

errors! {
    "math.errors.acos-2", "acos(2)", f::acos, [2.0];
    "math.errors.asin-2", "asin(2)", f::asin, [2.0];
    "math.errors.acosh-half", "acosh(0.5)", f::acosh, [0.5];
    "math.errors.atanh-2", "atanh(2)", f::atanh, [2.0];
    "math.errors.atanh-1", "atanh(1)", f::atanh, [1.0];
    "math.errors.atanh-minus-1", "atanh(-1)", f::atanh, [-1.0];
    "math.errors.cos-inf", "cos(infinity)", f::cos, [INF];
    "math.errors.sin-inf", "sin(infinity)", f::sin, [INF];
    "math.errors.tan-inf", "tan(infinity)", f::tan, [INF];
    "math.errors.sin-small", "sin of the smallest number", f::sin, [5e-324];
    "math.errors.tan-small", "tan of the smallest number", f::tan, [5e-324];
    "math.errors.asin-small", "asin of a subnormal number", f::asin, [1e-310];
    "math.errors.atan-small", "atan of a subnormal number", f::atan, [1e-310];
    "math.errors.sinh-small", "sinh of a subnormal number", f::sinh, [1e-310];
    "math.errors.tanh-small", "tanh of a subnormal number", f::tanh, [1e-310];
    "math.errors.sqrt-minus-1", "sqrt(-1)", f::sqrt, [-1.0];
    "math.errors.sqrt-minus-0", "sqrt(-0)", f::sqrt, [-0.0];
    "math.errors.log-0", "log(0)", f::log, [0.0];
    "math.errors.log-minus-0", "log(-0)", f::log, [-0.0];
    "math.errors.log-minus-1", "log(-1)", f::log, [-1.0];
    "math.errors.log2-0", "log2(0)", f::log2, [0.0];
    "math.errors.log2-minus-1", "log2(-1)", f::log2, [-1.0];
    "math.errors.log10-0", "log10(0)", f::log10, [0.0];
    "math.errors.log10-minus-1", "log10(-1)", f::log10, [-1.0];
    "math.errors.log1p-minus-1", "log1p(-1)", f::log1p, [-1.0];
    "math.errors.log1p-minus-2", "log1p(-2)", f::log1p, [-2.0];
    "math.errors.log1p-small", "log1p of a subnormal number", f::log1p, [1e-310];
    "math.errors.logb-0", "logb(0)", f::logb, [0.0];
    "math.errors.exp-710", "exp(710)", f::exp, [710.0];
    "math.errors.exp-minus-746", "exp(-746)", f::exp, [-746.0];
    "math.errors.exp-minus-740", "exp(-740)", f::exp, [-740.0];
    "math.errors.exp2-1024", "exp2(1024)", f::exp2, [1024.0];
    "math.errors.exp2-minus-1080", "exp2(-1080)", f::exp2, [-1080.0];
    "math.errors.exp2-minus-1074", "exp2(-1074)", f::exp2, [-1074.0];
    "math.errors.exp10-309", "exp10(309)", f::exp10, [309.0];
    "math.errors.exp10-minus-330", "exp10(-330)", f::exp10, [-330.0];
    "math.errors.expm1-710", "expm1(710)", f::expm1, [710.0];
    "math.errors.cosh-711", "cosh(711)", f::cosh, [711.0];
    "math.errors.sinh-711", "sinh(711)", f::sinh, [711.0];
    "math.errors.pow-0-minus-1", "pow(0, -1)", f::pow, [0.0, -1.0];
    "math.errors.pow-minus-0-minus-1", "pow(-0, -1)", f::pow, [-0.0, -1.0];
    "math.errors.pow-0-minus-inf", "pow(0, -infinity)", f::pow, [0.0, -INF];
    "math.errors.pow-minus-2-half", "pow(-2, 0.5)", f::pow, [-2.0, 0.5];
    "math.errors.pow-10-400", "pow(10, 400)", f::pow, [10.0, 400.0];
    "math.errors.pow-10-minus-400", "pow(10, -400)", f::pow, [10.0, -400.0];
    "math.errors.pow-2-minus-1070", "pow(2, -1070)", f::pow, [2.0, -1070.0];
    "math.errors.fmod-1-0", "fmod(1, 0)", f::fmod, [1.0, 0.0];
    "math.errors.fmod-inf-1", "fmod(infinity, 1)", f::fmod, [INF, 1.0];
    "math.errors.remainder-1-0", "remainder(1, 0)", f::remainder, [1.0, 0.0];
    "math.errors.drem-1-0", "drem(1, 0)", f::drem, [1.0, 0.0];
    "math.errors.hypot-max", "hypot of the largest number twice", f::hypot, [MAX, MAX];
    "math.errors.fdim-max", "fdim of the largest and its opposite", f::fdim, [MAX, -MAX];
    "math.errors.fma-max", "fma of the largest number, 2 and 0", f::fma, [MAX, 2.0, 0.0];
    "math.errors.fma-inf-0", "fma of infinity, 0 and 1", f::fma, [INF, 0.0, 1.0];
    "math.errors.fma-small", "fma of two small numbers and 0", f::fma, [1e-200, 1e-200, 0.0];
    "math.errors.ldexp-large", "ldexp(1, 2000)", f::ldexp, [1.0, 2000.0];
    "math.errors.ldexp-small", "ldexp(1, -2000)", f::ldexp, [1.0, -2000.0];
    "math.errors.scalbn-large", "scalbn(1, 2000)", f::scalbn, [1.0, 2000.0];
    "math.errors.scalb-half", "scalb(2, 0.5)", f::scalb, [2.0, 0.5];
    "math.errors.scalb-0-inf", "scalb(0, infinity)", f::scalb, [0.0, INF];
    "math.errors.scalb-large", "scalb(1, 2000)", f::scalb, [1.0, 2000.0];
    "math.errors.nextafter-max", "nextafter of the largest number", f::nextafter, [MAX, INF];
    "math.errors.nextafter-0", "nextafter(0, 1)", f::nextafter, [0.0, 1.0];
    "math.errors.tgamma-0", "tgamma(0)", f::tgamma, [0.0];
    "math.errors.tgamma-minus-0", "tgamma(-0)", f::tgamma, [-0.0];
    "math.errors.tgamma-minus-1", "tgamma(-1)", f::tgamma, [-1.0];
    "math.errors.tgamma-minus-inf", "tgamma(-infinity)", f::tgamma, [-INF];
    "math.errors.tgamma-172", "tgamma(172)", f::tgamma, [172.0];
    "math.errors.tgamma-minus-200", "tgamma(-200.5)", f::tgamma, [-200.5];
    "math.errors.lgamma-0", "lgamma(0)", f::lgamma, [0.0];
    "math.errors.lgamma-minus-1", "lgamma(-1)", f::lgamma, [-1.0];
    "math.errors.lgamma-max", "lgamma of the largest number", f::lgamma, [MAX];
    "math.errors.lgamma-minus-inf", "lgamma(-infinity)", f::lgamma, [-INF];
    "math.errors.erfc-30", "erfc(30)", f::erfc, [30.0];
    "math.errors.y0-0", "y0(0)", f::y0, [0.0];
    "math.errors.y0-minus-1", "y0(-1)", f::y0, [-1.0];
    "math.errors.y1-0", "y1(0)", f::y1, [0.0];
    "math.errors.yn-0", "yn(2, 0)", f::yn, [2.0, 0.0];
    "math.errors.yn-minus-1", "yn(2, -1)", f::yn, [2.0, -1.0];
    "math.errors.j0-large", "j0(1e300)", f::j0, [1e300];
    "math.errors.jn-small", "jn(100, 1e-10)", f::jn, [100.0, 1e-10];
    "math.errors.significand-0", "significand(0)", f::significand, [0.0];
}
