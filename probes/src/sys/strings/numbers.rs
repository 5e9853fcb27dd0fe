//! Numbers out of text and text out of numbers.

use core::ffi::{CStr, c_char, c_int, c_long};
use core::ptr;
use heap::string::String;

use super::texts::string;
use crate::sys::call::{Errno, errno, lookup, set_errno};
use crate::sys::optional::{Address, required};

/// What a conversion did.
pub struct Converted<T> {
    /// The value.
    pub value: T,
    /// How many bytes were taken; `None` where the end was not stored.
    pub taken: Option<usize>,
    /// `errno`, which was 0 before.
    pub errno: Errno,
}

/// Calls a function that takes text, a place for the end and something else.
fn convert<T>(text: &CStr, call: impl FnOnce(*const c_char, *mut *mut c_char) -> T) -> Converted<T> {
    let mut end: *mut c_char = ptr::null_mut();
    set_errno(0);
    let value = call(text.as_ptr(), &mut end);
    let errno = Errno(errno());
    let taken = (!end.is_null()).then(|| end.addr() - text.as_ptr().addr());
    Converted { value, taken, errno }
}

macro_rules! integers {
    ($($(#[$doc:meta])* $function:ident = $name:ident -> $type:ty;)*) => {$(
        $(#[$doc])*
        pub fn $function(text: &CStr, base: i32) -> Converted<$type> {
            let call = required!($name(*const c_char, *mut *mut c_char, c_int) -> $type);
            // SAFETY: the text is terminated, the place for the end is writable, and any base may be asked for.
            convert(text, |text, end| unsafe { call(text, end, base) })
        }
    )*};
}
integers! {
    /// `strtol`
    long = strtol -> i64;
    /// `strtoul`
    unsigned = strtoul -> u64;
    /// `strtoll`
    long_long = strtoll -> i64;
    /// `strtoimax`
    maximal = strtoimax -> i64;
    /// `strtoull`
    unsigned_long_long = strtoull -> u64;
    /// `strtoumax`
    unsigned_maximal = strtoumax -> u64;
}

macro_rules! by_c23 {
    ($($(#[$doc:meta])* $function:ident = $name:literal else $other:ident -> $type:ty;)*) => {$(
        $(#[$doc])*
        pub fn $function(text: &CStr, base: i32) -> Converted<$type> {
            type Call = unsafe extern "C" fn(*const c_char, *mut *mut c_char, c_int) -> $type;
            fn find() -> Option<Call> {
                // SAFETY: the signature is that of stdlib.h.
                unsafe { lookup($name) }
            }
            static KEPT: Address = Address::new();
            // SAFETY: this place is its own, and the type is that of `find`.
            match unsafe { KEPT.get(find) } {
                // SAFETY: as in `integers!`.
                Some(call) => convert(text, |text, end| unsafe { call(text, end, base) }),
                None => $other(text, base),
            }
        }
    )*};
}
by_c23! {
    /// `strtol` as a program has it that is compiled by C23 or with _GNU_SOURCE: glibc has another function for it since
    /// 2.38.
    long_by_c23 = c"__isoc23_strtol" else long -> c_long;
    /// `strtoull` as [`long_by_c23`].
    unsigned_by_c23 = c"__isoc23_strtoull" else unsigned_long_long -> u64;
}

/// `strtod`
pub fn double(text: &CStr) -> Converted<f64> {
    let call = required!(strtod(*const c_char, *mut *mut c_char) -> f64);
    // SAFETY: as in `integers!`.
    convert(text, |text, end| unsafe { call(text, end) })
}

/// `strtof`
pub fn float(text: &CStr) -> Converted<f32> {
    let call = required!(strtof(*const c_char, *mut *mut c_char) -> f32);
    // SAFETY: as in `integers!`.
    convert(text, |text, end| unsafe { call(text, end) })
}

/// `strtold`: the value as the bytes that mean something, 10 of them on x86-64 and 16 on AArch64.
pub fn long_double(text: &CStr) -> Converted<[u8; 16]> {
    type Call = unsafe extern "C" fn(*const c_char, *mut *mut c_char);
    // Rust has no type for the result, so the type here has none, and the result is taken from where it is returned.
    let call: Call = required!(strtold(*const c_char, *mut *mut c_char) -> ());
    convert(text, |text, end| {
        let mut value = [0u8; 16];
        // SAFETY: the text is terminated and the end writable; what a call may change is said to be changed, and the place
        // of the result is held in a register that a call keeps.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            core::arch::asm!(
                "call r13", "fstp tbyte ptr [r12]",
                in("rdi") text, in("rsi") end, in("r12") value.as_mut_ptr(), in("r13") call,
                clobber_abi("C"),
            );
        }
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        unsafe {
            core::arch::asm!(
                "blr x21", "str q0, [x20]",
                in("x0") text, in("x1") end, in("x20") value.as_mut_ptr(), in("x21") call,
                clobber_abi("C"),
            );
        }
        value
    })
}

/// `atoi`
pub fn int(text: &CStr) -> i32 {
    // SAFETY: the text is terminated; what comes of a number that is too large is the question.
    unsafe { required!(atoi(*const c_char) -> c_int)(text.as_ptr()) }
}

/// `a64l`
pub fn from_radix_64(text: &CStr) -> i64 {
    // SAFETY: the text is terminated.
    unsafe { required!(a64l(*const c_char) -> c_long)(text.as_ptr()) }
}

/// `l64a`
pub fn to_radix_64(number: i64) -> Option<String> {
    // SAFETY: the result is a terminated string of the C library's own, copied at once.
    unsafe { string(required!(l64a(c_long) -> *const c_char)(number)) }
}

/// `ecvt`: the digits, where the point is, and whether the number is negative.
pub fn digits(number: f64, count: i32) -> (Option<String>, i32, bool) {
    let call = required!(ecvt(f64, c_int, *mut c_int, *mut c_int) -> *const c_char);
    let (mut point, mut negative) = (0, 0);
    // SAFETY: both places are writable; the result is as in `to_radix_64`.
    let text = unsafe { string(call(number, count, &mut point, &mut negative)) };
    (text, point, negative != 0)
}

/// `fcvt`, as `digits`.
pub fn decimals(number: f64, count: i32) -> (Option<String>, i32, bool) {
    let call = required!(fcvt(f64, c_int, *mut c_int, *mut c_int) -> *const c_char);
    let (mut point, mut negative) = (0, 0);
    // SAFETY: as in `digits`.
    let text = unsafe { string(call(number, count, &mut point, &mut negative)) };
    (text, point, negative != 0)
}

/// `gcvt` into 128 bytes, of fewer than 60 digits.
pub fn general(number: f64, count: i32) -> Option<String> {
    let call = required!(gcvt(f64, c_int, *mut c_char) -> *const c_char);
    let mut buffer = [0; 128];
    // SAFETY: the buffer holds the digits, sign, point and exponent.
    unsafe { string(call(number, count.min(60), buffer.as_mut_ptr())) }
}
