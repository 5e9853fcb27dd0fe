//! Remedies: the portable way to what other cases show to differ. Each of these answers alike in every C library.

use super::{asks, flags};
use crate::sys::math::environment::{self as env, rounded};
use crate::sys::math::function as f;
use crate::sys::math::integers;
use crate::sys::stdio::format::print;
use crate::text;

const FLAGS: &str = "ISO C11 7.12, 9: math_errhandling & MATH_ERREXCEPT; POSIX.1-2017 fetestexcept()";

asks! {
    "math.remedy.flags", "remedy: fetestexcept instead of errno", "Do the exception flags tell domain, pole and overflow errors everywhere?", FLAGS, |o| {
        for (name, function, arguments) in [
            ("log_minus_1", f::log(), [-1.0, 0.0]),
            ("log_0", f::log(), [0.0, 0.0]),
            ("exp_1000", f::exp(), [1000.0, 0.0]),
            ("pow_0_minus_1", f::pow(), [0.0, -1.0]),
            ("acos_2", f::acos(), [2.0, 0.0]),
        ] {
            o.fact(name, function.map(|function| flags(function.call(&arguments).flags)));
        }
    };
    "math.remedy.result", "remedy: isnan and isinf", "Do the results themselves tell errors everywhere?", FLAGS, |o| {
        o.fact("log_minus_1_nan", f::log().map(|log| log.call(&[-1.0]).value.is_nan()));
        o.fact("log_0_infinite", f::log().map(|log| log.call(&[0.0]).value == f64::NEG_INFINITY));
        o.fact("exp_1000_infinite", f::exp().map(|exp| exp.call(&[1000.0]).value == f64::INFINITY));
    };
    "math.remedy.nan-sign", "remedy: nan without its sign", "Does what is no number print alike everywhere once fabs took its sign?", "IEEE 754-2008 6.3", |o| {
        let value = f::log().map_or(0.0, |log| log.call(&[-1.0]).value.abs());
        o.fact("text", print(64, c"%f", &[], &[value]).text.map(|bytes| text::bytes(&bytes)));
    };
    "math.remedy.gamma-sign", "remedy: lgamma_r", "Does lgamma_r store the sign of gamma everywhere?", "lgamma(3)", |o| {
        o.fact("minus_half", integers::log_gamma(-0.5).1);
        o.fact("minus_one_and_a_half", integers::log_gamma(-1.5).1);
    };
    "math.remedy.print-nearest", "remedy: the nearest mode for text", "Does a number print alike everywhere once the mode is nearest again?", "ISO C11 7.6.3", |o| {
        rounded(env::MODES[2].1, || ());
        o.fact("text", print(64, c"%.3f", &[], &[1.0 / 3.0]).text.map(|bytes| text::bytes(&bytes)));
    };
    "math.remedy.checked-range", "remedy: the range before lround", "Is a number that does not fit told everywhere by comparing it before lround?", "POSIX.1-2017 lround()", |o| {
        for (name, x) in [("fits", 2.5f64), ("too_large", 1e30), ("nan", f64::NAN)] {
            let fits = (-9.2e18..=9.2e18).contains(&x);
            o.fact(name, if fits { heap::format!("{}", integers::round(x).value) } else { "out of range".into() });
        }
    };
    "math.remedy.pow-ten", "remedy: pow(10, x)", "Is pow(10, 3) exact everywhere, in the place of exp10 and pow10?", "ISO C11 7.12.7.4", |o| o.fact("result", f::pow().map(|pow| super::exact(pow.call(&[10.0, 3.0]).value)));
}
