//! Complex functions. A complex double travels as two doubles, in the registers of two, on x86-64 and AArch64 alike.

use core::hint::black_box;

use crate::sys::optional::optional;

/// A complex number.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Complex {
    /// The real part.
    pub re: f64,
    /// The imaginary part.
    pub im: f64,
}

/// A complex function of one number, or of two.
#[derive(Clone, Copy)]
pub enum Function {
    /// Of one.
    One(unsafe extern "C" fn(Complex) -> Complex),
    /// Of two.
    Two(unsafe extern "C" fn(Complex, Complex) -> Complex),
}

impl Function {
    /// Calls it.
    pub fn call(self, x: Complex, y: Complex) -> Complex {
        // SAFETY: any numbers may be given.
        unsafe {
            match self {
                Self::One(call) => call(black_box(x)),
                Self::Two(call) => call(black_box(x), black_box(y)),
            }
        }
    }
}

macro_rules! functions {
    ($($kind:ident $types:tt: $($name:ident)*;)*) => {$(functions! { @ $kind $types: $($name)* })*};
    (@ $kind:ident $types:tt: $($name:ident)*) => {$(
        /// The function of this name; `None` where there is none.
        pub fn $name() -> Option<Function> {
            optional!($name $types -> Complex).map(|call| Function::$kind(black_box(call)))
        }
    )*};
}
functions! {
    One(Complex): cacos casin catan catanh cexp clog cproj csinh csqrt ctan ctanh cacosh casinh ccos;
}

/// `cpow`; never in a static program, where musl's wants a function of the compiler's runtime that no probe is linked with.
pub fn cpow() -> Option<Function> {
    // SAFETY: the signature is that of complex.h.
    unsafe { crate::sys::call::lookup(c"cpow") }.map(Function::Two)
}
