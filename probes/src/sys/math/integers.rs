//! Functions whose results or arguments are no doubles alone.

use core::ffi::{CStr, c_char, c_int, c_long};

use super::environment;
use crate::sys::call::{Errno, errno, set_errno};
use crate::sys::optional::{optional, required};

/// What a conversion to an integer left behind.
pub struct Converted {
    /// The value.
    pub value: i64,
    /// `errno`, which was 0 before.
    pub errno: Errno,
    /// The exception flags.
    pub flags: i32,
}

macro_rules! conversions {
    ($($(#[$doc:meta])* $function:ident = $name:ident -> $type:ty;)*) => {$(
        $(#[$doc])*
        pub fn $function(x: f64) -> Converted {
            let call = required!($name(f64) -> $type);
            environment::clear();
            set_errno(0);
            // SAFETY: any double may be given.
            let value = unsafe { call(core::hint::black_box(x)) } as i64;
            let errno = Errno(errno());
            Converted { value, errno, flags: environment::flags() }
        }
    )*};
}
conversions! {
    /// `ilogb`
    exponent = ilogb -> c_int;
    /// `lround`
    round = lround -> c_long;
    /// `llround`
    round_long = llround -> i64;
    /// `lrint`
    by_mode = lrint -> c_long;
    /// `llrint`
    by_mode_long = llrint -> i64;
}

/// `remquo`: the remainder, and the quotient's sign and low three bits.
pub fn quotient(x: f64, y: f64) -> (f64, i32) {
    let call = required!(remquo(f64, f64, *mut c_int) -> f64);
    let mut quotient = 77;
    // SAFETY: the place is writable.
    let rest = unsafe { call(x, y, &mut quotient) };
    (rest, quotient.signum() * (quotient.abs() & 7))
}

/// `frexp`: fraction and exponent.
pub fn parts(x: f64) -> (f64, i32) {
    let call = required!(frexp(f64, *mut c_int) -> f64);
    let mut exponent = 77;
    // SAFETY: the place is writable.
    (unsafe { call(x, &mut exponent) }, exponent)
}

/// `modf`: fraction and whole part.
pub fn fraction(x: f64) -> (f64, f64) {
    let call = required!(modf(f64, *mut f64) -> f64);
    let mut whole = 77.0;
    // SAFETY: the place is writable.
    (unsafe { call(x, &mut whole) }, whole)
}

/// `sincos`: both; `None` where there is none.
pub fn sine_and_cosine(x: f64) -> Option<(f64, f64)> {
    let call = optional!(sincos(f64, *mut f64, *mut f64) -> ())?;
    let (mut sine, mut cosine) = (0.0, 0.0);
    // SAFETY: both places are writable.
    unsafe { call(x, &mut sine, &mut cosine) };
    Some((sine, cosine))
}

/// `nan`
pub fn not_a_number(tag: &CStr) -> f64 {
    // SAFETY: the text is terminated.
    unsafe { required!(nan(*const c_char) -> f64)(tag.as_ptr()) }
}

/// `lgamma_r`: the value, and the sign of gamma.
pub fn log_gamma(x: f64) -> (f64, i32) {
    let call = required!(lgamma_r(f64, *mut c_int) -> f64);
    let mut sign = 77;
    // SAFETY: the place is writable.
    (unsafe { call(x, &mut sign) }, sign)
}

/// `signgam` after `lgamma`, 77 where that left it alone; `None` where there is no such variable.
pub fn sign_after_log_gamma(x: f64) -> Option<i32> {
    let call = required!(lgamma(f64) -> f64);
    let place = signgam()?;
    // SAFETY: the variable is the C library's, and the program has one thread.
    unsafe {
        *place = 77;
        call(x);
        Some(place.read_volatile())
    }
}

#[cfg(target_feature = "crt-static")]
fn signgam() -> Option<*mut c_int> {
    unsafe extern "C" {
        static mut signgam: c_int;
    }
    Some(&raw mut signgam)
}
#[cfg(not(target_feature = "crt-static"))]
fn signgam() -> Option<*mut c_int> {
    // SAFETY: what this name stands for is a variable, whose address is looked up.
    unsafe { crate::sys::call::lookup(c"signgam") }
}
