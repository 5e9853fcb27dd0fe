//! Complex functions: special values, the signs of zero, and branch cuts.

use super::{asks, exact};
use crate::outcome::Outcome;
use crate::sys::math::complex::{self as c, Complex, Function};

const SOURCE: &str =
    "ISO C11 7.3 and G.6; musl src/complex; musl wiki, Open issues: many complex functions are approximate";
const INF: f64 = f64::INFINITY;
const ONE: Complex = Complex { re: 1.0, im: 0.0 };

/// Parts that are exact or near what is right: nothing compared depends on a last bit.
fn near(o: &mut Outcome, function: Option<Function>, re: f64, im: f64) {
    let Some(function) = function else { return super::absent(o) };
    let value = function.call(Complex { re, im }, ONE);
    o.fact("real", digits(value.re));
    o.fact("imaginary", digits(value.im));
    o.measured("bits", heap::format!("{:016x} {:016x}", value.re.to_bits(), value.im.to_bits()));
}

/// Ten digits.
fn digits(value: f64) -> heap::string::String {
    if value == 0.0 || !value.is_finite() { exact(value) } else { heap::format!("{value:.9e}") }
}

asks! {
    "math.complex.csqrt-minus-4", "csqrt(-4 + 0i)", "Which root of -4 + 0i does csqrt give?", SOURCE, |o| near(o, c::csqrt(), -4.0, 0.0);
    "math.complex.csqrt-minus-4-minus-0", "csqrt(-4 - 0i)", "Which root of -4 - 0i does csqrt give, on the other side of the cut?", SOURCE, |o| near(o, c::csqrt(), -4.0, -0.0);
    "math.complex.csqrt-inf", "csqrt(-infinity + 1i)", "What is csqrt(-infinity + 1i)?", SOURCE, |o| near(o, c::csqrt(), -INF, 1.0);
    "math.complex.csqrt-small", "csqrt of a tiny number", "Is csqrt of 1e-320 + 1e-320i accurate?", SOURCE, |o| near(o, c::csqrt(), 1e-320, 1e-320);
    "math.complex.csqrt-large", "csqrt of a huge number", "Does csqrt of 1e308 + 1e308i overflow on the way?", SOURCE, |o| near(o, c::csqrt(), 1e308, 1e308);
    "math.complex.clog-0", "clog(0)", "What is clog(0 + 0i)?", SOURCE, |o| near(o, c::clog(), 0.0, 0.0);
    "math.complex.clog-minus-0", "clog(-0)", "What is clog(-0 + 0i)?", SOURCE, |o| near(o, c::clog(), -0.0, 0.0);
    "math.complex.clog-minus-1", "clog(-1 - 0i)", "On which side of the cut is clog(-1 - 0i)?", SOURCE, |o| near(o, c::clog(), -1.0, -0.0);
    "math.complex.clog-near-1", "clog near the unit circle", "Is the real part of clog(0.6 + 0.8i) accurate?", SOURCE, |o| near(o, c::clog(), 0.6, 0.8);
    "math.complex.clog-large", "clog of a huge number", "Does clog of 1e308 + 1e308i overflow on the way?", SOURCE, |o| near(o, c::clog(), 1e308, 1e308);
    "math.complex.cexp-pi", "cexp(i pi)", "What is cexp of i times pi?", SOURCE, |o| near(o, c::cexp(), 0.0, core::f64::consts::PI);
    "math.complex.cexp-inf", "cexp(-infinity + infinity i)", "What is cexp(-infinity + infinity i)?", SOURCE, |o| near(o, c::cexp(), -INF, INF);
    "math.complex.cexp-large", "cexp(710 + 1i)", "Does cexp(710 + 1i) overflow on the way?", SOURCE, |o| near(o, c::cexp(), 710.0, 1.0);
    "math.complex.casin-2", "casin(2 + 0i)", "On which side of the cut is casin(2 + 0i)?", SOURCE, |o| near(o, c::casin(), 2.0, 0.0);
    "math.complex.casin-2-minus-0", "casin(2 - 0i)", "On which side of the cut is casin(2 - 0i)?", SOURCE, |o| near(o, c::casin(), 2.0, -0.0);
    "math.complex.casin-small", "casin of a small number", "Is casin(1e-10 + 1e-10i) accurate?", SOURCE, |o| near(o, c::casin(), 1e-10, 1e-10);
    "math.complex.cacos-2", "cacos(2 + 0i)", "On which side of the cut is cacos(2 + 0i)?", SOURCE, |o| near(o, c::cacos(), 2.0, 0.0);
    "math.complex.cacos-large", "cacos of a huge number", "What is cacos(1e300 + 1e300i)?", SOURCE, |o| near(o, c::cacos(), 1e300, 1e300);
    "math.complex.catan-i", "catan(i)", "What is catan at its pole i?", SOURCE, |o| near(o, c::catan(), 0.0, 1.0);
    "math.complex.catan-0", "catan(0 + 2i)", "On which side of the cut is catan(0 + 2i)?", SOURCE, |o| near(o, c::catan(), 0.0, 2.0);
    "math.complex.catan-minus-0", "catan(-0 + 2i)", "On which side of the cut is catan(-0 + 2i)?", SOURCE, |o| near(o, c::catan(), -0.0, 2.0);
    "math.complex.catanh-1", "catanh(1)", "What is catanh at its pole 1?", SOURCE, |o| near(o, c::catanh(), 1.0, 0.0);
    "math.complex.cacosh-half", "cacosh(0.5 - 0i)", "On which side of the cut is cacosh(0.5 - 0i)?", SOURCE, |o| near(o, c::cacosh(), 0.5, -0.0);
    "math.complex.casinh-large", "casinh of a huge number", "What is casinh(1e200 + 1i)?", SOURCE, |o| near(o, c::casinh(), 1e200, 1.0);
    "math.complex.csinh-inf", "csinh(infinity + 0i)", "What is csinh(infinity + 0i)?", SOURCE, |o| near(o, c::csinh(), INF, 0.0);
    "math.complex.ctanh-large", "ctanh(1000 + 1i)", "What is ctanh(1000 + 1i)?", SOURCE, |o| near(o, c::ctanh(), 1000.0, 1.0);
    "math.complex.ctan-inf", "ctan(1 + infinity i)", "What is ctan(1 + infinity i)?", SOURCE, |o| near(o, c::ctan(), 1.0, INF);
    "math.complex.ccos-0", "ccos(0 + 1i)", "Which sign has the imaginary part of ccos(0 + 1i)?", SOURCE, |o| near(o, c::ccos(), 0.0, 1.0);
    "math.complex.cproj-inf", "cproj(1 - infinity i)", "What is cproj(1 - infinity i)?", SOURCE, |o| near(o, c::cproj(), 1.0, -INF);
    "math.complex.cpow-1", "cpow(2 + 0i, 1)", "What is cpow(2 + 0i, 1)?", SOURCE, |o| near(o, c::cpow(), 2.0, 0.0);
    "math.complex.cpow-0", "cpow(0, 1)", "What is cpow(0 + 0i, 1)?", SOURCE, |o| near(o, c::cpow(), 0.0, 0.0);
}
