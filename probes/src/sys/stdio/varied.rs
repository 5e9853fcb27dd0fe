//! `snprintf`, `swprintf` and `sscanf` with a format that nobody has seen before: whoever calls has read it, and brings what
//! it asks for. How integers and doubles travel is told in [`format`](super::format).

use core::ffi::{CStr, c_char, c_int, c_void};
use core::hint::black_box;
use core::ptr;
use heap::vec::Vec;

use crate::newest;
use crate::sys::call::{Errno, errno, set_errno};
use crate::sys::optional::Address;

/// An argument that is neither a double nor a long double.
#[derive(Clone, Copy, Debug)]
pub enum Argument<'a> {
    /// An integer.
    Number(i64),
    /// A string.
    Text(&'a CStr),
    /// A wide string, ended by 0.
    Wide(&'a [i32]),
}

/// Most arguments that are neither double nor long double.
pub const WORDS: usize = 11;
/// As many of them as stay in registers on x86-64 in a call with three others.
pub const REGISTERS: usize = 3;
/// Most doubles, and most long doubles.
pub const FLOATS: usize = 4;

/// What a format is given.
#[derive(Debug, Default)]
pub struct Arguments<'a> {
    /// Integers and pointers, in their order.
    pub words: Vec<Argument<'a>>,
    /// Doubles, in their order.
    pub floats: [f64; FLOATS],
    /// Long doubles, in their order; with any, there are at most [`REGISTERS`] words.
    pub longs: Vec<f64>,
    /// `errno` before the call.
    pub errno: i32,
}

/// Whether a long double can be handed over: Rust has no type for it, and on x86-64 it is 16 bytes of stack.
pub const LONG_DOUBLES: bool = cfg!(target_arch = "x86_64");

impl Arguments<'_> {
    fn slots(&self) -> [*mut c_void; WORDS] {
        let mut slots = [ptr::null_mut(); WORDS];
        for (slot, word) in slots.iter_mut().zip(&self.words) {
            *slot = match word {
                Argument::Number(number) => ptr::without_provenance_mut(*number as usize),
                Argument::Text(text) => text.as_ptr().cast_mut().cast(),
                Argument::Wide(text) => text.as_ptr().cast_mut().cast(),
            };
        }
        for (pair, long) in slots[REGISTERS..].as_chunks_mut::<2>().0.iter_mut().zip(&self.longs) {
            *pair = extended(*long).map(|half| ptr::without_provenance_mut(half as usize));
        }
        slots
    }
}

/// A double as the 80 bits of x86-64's long double: significand, then sign and exponent.
fn extended(number: f64) -> [u64; 2] {
    let bits = number.to_bits();
    let (sign, exponent, fraction) = (bits >> 63 << 15, bits >> 52 & 0x7ff, bits << 12 >> 12);
    let (exponent, significand) = match exponent {
        0 if fraction == 0 => (0, 0),
        0 => {
            let shift = u64::from(fraction.leading_zeros());
            (16383 - 1022 + 11 - shift, fraction << shift)
        }
        0x7ff => (0x7fff, 1 << 63 | fraction << 11),
        _ => (exponent + 16383 - 1023, 1 << 63 | fraction << 11),
    };
    [significand, sign | exponent]
}

type Print = unsafe extern "C" fn(*mut c_char, usize, *const c_char, ...) -> c_int;
type PrintWide = unsafe extern "C" fn(*mut i32, usize, *const i32, ...) -> c_int;

unsafe extern "C" {
    #[cfg_attr(target_env = "gnu", allow(dead_code, reason = "looked up at run time there"))]
    fn swprintf(to: *mut i32, size: usize, format: *const i32, ...) -> c_int;
}

/// `snprintf` into the whole of a buffer, with arguments that fit the format.
pub fn print(to: &mut [u8], format: &CStr, arguments: &Arguments<'_>) -> (i32, Errno) {
    static KEPT: Address = Address::new();
    // SAFETY: the signature is that of stdio.h; the place is this function's own.
    let call = unsafe { KEPT.get(|| newest!(libc::snprintf, c"snprintf", Print)) };
    let call = black_box(call).expect("every C library has snprintf");
    let [a, b, c, d, e, f, g, h, i, j, k] = arguments.slots();
    let [w, x, y, z] = arguments.floats;
    set_errno(arguments.errno);
    // SAFETY: the buffer has the size that is said, the format is terminated, and the caller has read it: its arguments fit.
    let length =
        unsafe { call(to.as_mut_ptr().cast(), to.len(), format.as_ptr(), a, b, c, d, e, f, g, h, i, j, k, w, x, y, z) };
    (length, Errno(errno()))
}

/// `swprintf` into the whole of a buffer, with arguments that fit the format, which is ended by 0.
pub fn print_wide(to: &mut [i32], format: &[i32], arguments: &Arguments<'_>) -> (i32, Errno) {
    static KEPT: Address = Address::new();
    // SAFETY: the signature is that of wchar.h; the place is this function's own.
    let call = unsafe { KEPT.get(|| newest!(swprintf, c"swprintf", PrintWide)) };
    let call = black_box(call).expect("every C library has swprintf");
    assert_eq!(format.last(), Some(&0));
    let [a, b, c, d, e, f, g, h, i, j, k] = arguments.slots();
    let [w, x, y, z] = arguments.floats;
    set_errno(arguments.errno);
    // SAFETY: as in `print`.
    let length =
        unsafe { call(to.as_mut_ptr(), to.len(), format.as_ptr(), a, b, c, d, e, f, g, h, i, j, k, w, x, y, z) };
    (length, Errno(errno()))
}

/// Most conversions that store something.
pub const PLACES: usize = 4;
/// Bytes of a place: what the longest text takes as wide characters.
pub const PLACE: usize = 4096;
/// What a place holds before.
pub const UNTOUCHED: u8 = 0xa5;

type Scan = unsafe extern "C" fn(*const c_char, *const c_char, ...) -> c_int;

#[cfg(target_env = "gnu")]
fn scanner(name: &CStr) -> Option<Scan> {
    // SAFETY: the signature is that of stdio.h.
    unsafe { crate::sys::call::lookup(name) }
}
#[cfg(not(target_env = "gnu"))]
fn scanner(_: &CStr) -> Option<Scan> {
    Some(libc::sscanf as Scan)
}

/// `sscanf` as a program of C99 has it, or one of C23 where the C library tells them apart: its return value. Each place
/// takes whatever a conversion of a text of 512 bytes stores.
pub fn scan(c23: bool, text: &CStr, format: &CStr, places: &mut [[u8; PLACE]; PLACES]) -> i32 {
    static C99: Address = Address::new();
    static C23: Address = Address::new();
    let c99 = || scanner(c"__isoc99_sscanf");
    let newer = || scanner(c"__isoc23_sscanf").or_else(|| scanner(c"__isoc99_sscanf"));
    // SAFETY: each place is for one of the two, and the type is the same.
    let call = unsafe { if c23 { C23.get(newer) } else { C99.get(c99) } };
    let call = black_box(call).expect("every C library has sscanf");
    let [a, b, c, d] = places.each_mut().map(|place| place.as_mut_ptr());
    // SAFETY: both strings are terminated; the caller has read the format: it has no more conversions than places, and each
    // place is larger than the text.
    unsafe { call(text.as_ptr(), format.as_ptr(), a, b, c, d) }
}

/// Takes over the string that a conversion with `m` has allocated; `None` where the place holds null.
pub fn allocated(place: &[u8; PLACE], read: impl FnOnce(&[u8])) -> Option<()> {
    let address = usize::from_ne_bytes(*place.first_chunk()?);
    let pointer: *mut c_char = ptr::with_exposed_provenance_mut(address);
    if pointer.is_null() {
        return None;
    }
    // SAFETY: the conversion was assigned, so that this is a terminated string of the C library's malloc, given back once.
    unsafe {
        read(CStr::from_ptr(pointer).to_bytes());
        libc::free(pointer.cast());
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_doubles_are_as_the_machine_has_them() {
        assert_eq!(extended(1.0), [1 << 63, 16383]);
        assert_eq!(extended(-2.5), [0xa << 60, 0x8000 | 16384]);
        assert_eq!(extended(0.0), [0, 0]);
        assert_eq!(extended(f64::MIN_POSITIVE / 2.0), [1 << 63, 16383 - 1023]);
        assert_eq!(extended(f64::INFINITY), [1 << 63, 0x7fff]);
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn all_kinds_of_arguments_arrive() {
        let arguments = Arguments {
            words: std::vec![Argument::Number(7), Argument::Text(c"x")],
            floats: [1.5, 0.0, 0.0, 0.0],
            longs: std::vec![2.5, -4.0],
            errno: 0,
        };
        let mut to = [0u8; 64];
        let (length, _) = print(&mut to, c"%ld %Lg %s %g %Lg", &arguments);
        assert_eq!(&to[..length as usize], b"7 2.5 x 1.5 -4");
    }
}
