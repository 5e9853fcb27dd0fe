//! Functions of doubles, and one call of one of them with everything that it leaves behind.

use core::ffi::c_int;
use core::hint::black_box;

use super::environment;
use crate::sys::call::{Errno, errno, lookup, set_errno};
use crate::sys::optional::optional;

/// A function of doubles.
#[derive(Clone, Copy)]
pub enum Function {
    /// Of one.
    One(unsafe extern "C" fn(f64) -> f64),
    /// Of two.
    Two(unsafe extern "C" fn(f64, f64) -> f64),
    /// Of three.
    Three(unsafe extern "C" fn(f64, f64, f64) -> f64),
    /// Of a double and an int.
    Scaled(unsafe extern "C" fn(f64, c_int) -> f64),
    /// Of an int and a double.
    Ordered(unsafe extern "C" fn(c_int, f64) -> f64),
}

/// What a call left behind.
#[derive(Clone, Copy, Debug)]
pub struct Called {
    /// The result.
    pub value: f64,
    /// `errno`, which was 0 before.
    pub errno: Errno,
    /// The exception flags, all of which were clear before.
    pub flags: i32,
}

impl Function {
    /// Calls it with as many of these arguments as it takes.
    pub fn call(self, arguments: &[f64]) -> Called {
        let argument = |n: usize| black_box(arguments.get(n).copied().unwrap_or_default());
        let [x, y, z] = [argument(0), argument(1), argument(2)];
        environment::clear();
        set_errno(0);
        // SAFETY: any doubles may be given to these functions.
        let value = black_box(unsafe {
            match self {
                Self::One(call) => call(x),
                Self::Two(call) => call(x, y),
                Self::Three(call) => call(x, y, z),
                Self::Scaled(call) => call(x, y as c_int),
                Self::Ordered(call) => call(x as c_int, y),
            }
        });
        let errno = Errno(errno());
        Called { value, errno, flags: environment::flags() }
    }
}

/// Functions that both C libraries have, at least since musl 1.2.3; `None` where one is missing all the same.
macro_rules! functions {
    ($($kind:ident $types:tt: $($name:ident)*;)*) => {$(functions! { @ $kind $types: $($name)* })*};
    (@ $kind:ident $types:tt: $($name:ident)*) => {$(
        /// The function of this name.
        pub fn $name() -> Option<Function> {
            optional!($name $types -> f64).map(|call| Function::$kind(black_box(call)))
        }
    )*};
}
functions! {
    One(f64): acos acosh asin asinh atan atanh cos cosh erf erfc exp exp10 exp2 expm1 j0 j1 lgamma log log10 log1p log2 logb
        nearbyint pow10 significand sin sinh tan tanh tgamma y0 y1;
    Two(f64, f64): atan2 drem hypot nextafter pow remainder scalb;
    Scaled(f64, c_int): ldexp scalbn;
    Ordered(c_int, f64): jn yn;
}

/// Functions that Rust's compiler brings along for musl, in the place of the C library's own: a static program would answer
/// for the compiler. There they are left out.
macro_rules! shadowed {
    ($($kind:ident $types:tt: $($name:ident)*;)*) => {$(shadowed! { @ $kind $types: $($name)* })*};
    (@ $kind:ident $types:tt: $($name:ident)*) => {$(
        /// The function of this name; `None` in a static program.
        pub fn $name() -> Option<Function> {
            #[cfg(target_feature = "crt-static")]
            let found = None;
            #[cfg(not(target_feature = "crt-static"))]
            let found = optional!($name $types -> f64).map(|call| Function::$kind(black_box(call)));
            found
        }
    )*};
}
shadowed! {
    One(f64): cbrt ceil floor rint round sqrt trunc;
    Two(f64, f64): copysign fdim fmax fmin fmod;
    Three(f64, f64, f64): fma;
}

/// A function that only some C libraries have, by name, of one double.
pub fn one_by_name(name: &core::ffi::CStr) -> Option<Function> {
    // SAFETY: the cases name functions of one double.
    unsafe { lookup(name) }.map(Function::One)
}

/// A function that only some C libraries have, by name, of two doubles.
pub fn two_by_name(name: &core::ffi::CStr) -> Option<Function> {
    // SAFETY: the cases name functions of two doubles.
    unsafe { lookup(name) }.map(Function::Two)
}
