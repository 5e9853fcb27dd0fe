//! The floating-point environment: exception flags, traps, and the rounding mode.

use core::ffi::c_int;

use crate::sys::call::lookup;
use crate::sys::optional::required;

/// Invalid operation.
pub const INVALID: i32 = 1;
/// Division by zero; on x86-64 the bit before it says that an operand was denormal.
pub const DIVIDED_BY_ZERO: i32 = if cfg!(target_arch = "x86_64") { 4 } else { 2 };
/// Overflow.
pub const OVERFLOW: i32 = 2 * DIVIDED_BY_ZERO;
/// Underflow.
pub const UNDERFLOW: i32 = 4 * DIVIDED_BY_ZERO;
/// An inexact result.
pub const INEXACT: i32 = 8 * DIVIDED_BY_ZERO;
/// All of them.
pub const ALL: i32 = INVALID | DIVIDED_BY_ZERO | OVERFLOW | UNDERFLOW | INEXACT;

/// The rounding modes by name, as `fesetround` takes them.
#[cfg(target_arch = "x86_64")]
pub const MODES: [(&str, i32); 4] = [("nearest", 0), ("down", 0x400), ("up", 0x800), ("zero", 0xc00)];
/// The rounding modes by name, as `fesetround` takes them.
#[cfg(target_arch = "aarch64")]
pub const MODES: [(&str, i32); 4] = [("nearest", 0), ("down", 0x80_0000), ("up", 0x40_0000), ("zero", 0xc0_0000)];

/// Functions of the environment that take an int and return one.
macro_rules! environment {
    ($($(#[$doc:meta])* $function:ident = $name:ident;)*) => {$(
        $(#[$doc])*
        pub fn $function(value: i32) -> i32 {
            let call = required!($name(c_int) -> c_int);
            // SAFETY: any number may be given; the case or its child alone is concerned.
            unsafe { call(value) }
        }
    )*};
}
environment! {
    /// `feclearexcept`
    clear_some = feclearexcept;
    /// `fetestexcept`
    test = fetestexcept;
    /// `feraiseexcept`
    raise = feraiseexcept;
    /// `fesetround`
    set_rounding = fesetround;
}

/// `feclearexcept(FE_ALL_EXCEPT)`
pub fn clear() {
    clear_some(ALL);
}

/// `fetestexcept(FE_ALL_EXCEPT)`
pub fn flags() -> i32 {
    test(ALL)
}

/// `fegetround`
pub fn rounding() -> i32 {
    // SAFETY: takes nothing.
    unsafe { required!(fegetround() -> c_int)() }
}

/// What `work` answers in this rounding mode; the mode is put back to nearest before anything is said.
pub fn rounded<T>(mode: i32, work: impl FnOnce() -> T) -> Option<T> {
    if set_rounding(mode) != 0 {
        return None;
    }
    let answer = core::hint::black_box(work());
    set_rounding(0);
    Some(answer)
}

/// `feenableexcept`, `fedisableexcept` or `fegetexcept` by name; `None` where there is none.
pub fn trap(name: &core::ffi::CStr, exceptions: i32) -> Option<i32> {
    // SAFETY: those of the three that take nothing ignore the argument.
    let call: unsafe extern "C" fn(c_int) -> c_int = unsafe { lookup(name) }?;
    // SAFETY: any number may be given.
    Some(unsafe { call(exceptions) })
}

/// A saved environment: 28 bytes and the register of SSE on x86-64, two registers on AArch64.
#[repr(C, align(16))]
pub struct Saved([u8; 64]);

/// `feholdexcept`, work, `feupdateenv`: both return values.
pub fn held(work: impl FnOnce()) -> [i32; 2] {
    let mut saved = Saved([0; 64]);
    let hold = required!(feholdexcept(*mut Saved) -> c_int);
    let update = required!(feupdateenv(*const Saved) -> c_int);
    // SAFETY: the place is larger than either C library's environment.
    let held = unsafe { hold(&mut saved) };
    work();
    // SAFETY: the environment is the one saved above.
    [held, unsafe { update(&saved) }]
}
