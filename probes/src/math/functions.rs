//! Functions that not every C library has.

use core::ffi::CStr;

use super::{case, exact};
use crate::case::Case;
use crate::functions::functions;
use crate::outcome::Outcome;
use crate::sys::math::function::{one_by_name, two_by_name};

functions! {
    THERE, "glibc and musl, math.h, complex.h, fenv.h; ISO C23 7.12, TS 18661";
    "math.functions.gnu", "functions of GNU and BSD", [c"exp10", c"pow10", c"gamma", c"drem", c"significand", c"scalb", c"finite", c"isnan", c"isinf", c"sincos"];
    "math.functions.bessel", "Bessel functions", [c"j0", c"jn", c"y1", c"j0f", c"j0l", c"ynf"];
    "math.functions.traps", "traps", [c"feenableexcept", c"fedisableexcept", c"fegetexcept", c"fegetmode", c"fesetmode", c"fesetexcept", c"fetestexceptflag"];
    "math.functions.c23-round", "rounding of C23", [c"roundeven", c"fromfp", c"ufromfp", c"fromfpx", c"nextup", c"nextdown", c"llogb"];
    "math.functions.c23-compare", "largest and smallest of C23", [c"fmaximum", c"fmaximum_num", c"fmaximum_mag", c"fmaxmag", c"totalorder", c"canonicalize", c"getpayload"];
    "math.functions.c23-power", "powers and logarithms of C23", [c"exp10m1", c"exp2m1", c"log2p1", c"log10p1", c"logp1", c"pown", c"powr", c"rootn", c"compoundn", c"rsqrt"];
    "math.functions.c23-pi", "functions of pi of C23", [c"sinpi", c"cospi", c"tanpi", c"acospi", c"asinpi", c"atanpi", c"atan2pi"];
    "math.functions.narrow", "narrowing of C23", [c"fadd", c"fmul", c"fsqrt", c"ffma", c"fdivl"];
    "math.functions.float128", "128 bits", [c"sinf128", c"powf128", c"strtof128", c"sqrtf64x", c"expf32"];
    "math.functions.complex", "complex functions", [c"clog10", c"cpow", c"cproj", c"csqrtl", c"__clog10"];
    "math.functions.finite", "inner names of -ffast-math", [c"__exp_finite", c"__pow_finite", c"__log_finite", c"__signbit", c"__fpclassify", c"__isnan"];
    "math.functions.vector", "state of gamma", [c"lgamma_r", c"signgam", c"__signgam", c"gammaf", c"matherr", c"_LIB_VERSION"];
}

const NEW: &[Case] = &[
    case(
        "math.c23.roundeven",
        "roundeven(2.5)",
        "Is there roundeven, and does it take halves to even?",
        "ISO C23 7.12.9.8; glibc 2.25",
        |o| one(o, c"roundeven", 2.5),
    ),
    case(
        "math.c23.nextup",
        "nextup(0)",
        "Is there nextup, and what follows 0?",
        "ISO C23 7.12.11.5; glibc 2.24",
        |o| one(o, c"nextup", 0.0),
    ),
    case("math.c23.sinpi", "sinpi(1)", "Is there sinpi, and is sinpi(1) 0?", "ISO C23 7.12.4.13; glibc 2.41", |o| {
        one(o, c"sinpi", 1.0)
    }),
    case(
        "math.c23.exp10m1",
        "exp10m1(3)",
        "Is there exp10m1, and is exp10m1(3) 999?",
        "ISO C23 7.12.6.3; glibc 2.40",
        |o| one(o, c"exp10m1", 3.0),
    ),
    case(
        "math.c23.fmaximum",
        "fmaximum(nan, 1)",
        "Is there fmaximum, and does it let nan through?",
        "ISO C23 7.12.12.4; glibc 2.35",
        |o| two(o, c"fmaximum", f64::NAN, 1.0),
    ),
    case(
        "math.c23.fmaximum-num",
        "fmaximum_num(nan, 1)",
        "Is there fmaximum_num, and does it leave nan out?",
        "ISO C23 7.12.12.6; glibc 2.35",
        |o| two(o, c"fmaximum_num", f64::NAN, 1.0),
    ),
    case(
        "math.functions.gamma",
        "gamma(5)",
        "Is there gamma, and is it the logarithm of gamma or gamma itself?",
        "gamma(3): deprecated, log gamma in glibc",
        |o| match one_by_name(c"gamma") {
            Some(function) => o.fact("logarithm", function.call(&[5.0]).value < 10.0),
            None => o.line("no gamma"),
        },
    ),
];

fn one(o: &mut Outcome, name: &'static CStr, x: f64) {
    match one_by_name(name) {
        Some(function) => o.fact("result", exact(function.call(&[x]).value)),
        None => o.line(format_args!("no {}", name.to_str().unwrap_or_default())),
    }
}

fn two(o: &mut Outcome, name: &'static CStr, x: f64, y: f64) {
    match two_by_name(name) {
        Some(function) => o.fact("result", exact(function.call(&[x, y]).value)),
        None => o.line(format_args!("no {}", name.to_str().unwrap_or_default())),
    }
}

const TABLES: &[&[Case]] = &[THERE, NEW];
/// The cases of this table.
pub const CASES: &[Case] = &crate::case::join::<{ crate::case::count(TABLES) }>(TABLES);
