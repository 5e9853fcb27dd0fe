//! `snprintf` and its relatives, with arguments that a table holds.
//!
//! One call serves every row: x86-64 and AArch64 hand integers and doubles to a variadic function in registers of their own,
//! so the order of the two kinds among each other does not matter, and arguments beyond those of the format are ignored.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::hint::black_box;
use core::ptr;
use heap::string::String;
use heap::vec::Vec;

use crate::sys::call::{Errno, errno, set_errno};
use crate::sys::optional::required;

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
compile_error!("see what the calling convention of this machine does with integers and doubles of a variadic call");

/// An argument that is no double.
#[derive(Clone, Copy, Debug)]
pub enum Word {
    /// An integer.
    N(i64),
    /// A string.
    S(&'static CStr),
    /// A wide string, ended by 0.
    W(&'static [i32]),
    /// A null pointer.
    Null,
    /// A place of 64 bits for `%n`, filled with ones.
    Here,
}

/// What a formatting function left behind.
#[derive(Debug)]
pub struct Printed {
    /// The return value.
    pub length: i32,
    /// `errno`, which was 0 before.
    pub errno: Errno,
    /// What the buffer held up to its first NUL; nothing where it holds none.
    pub text: Option<Vec<u8>>,
    /// What `%n` stored, as 64 bits.
    pub counted: Option<i64>,
}

/// As many as the highest position that a format names: what is beyond the arguments is not theirs to read.
const WORDS: usize = 10;
const FLOATS: usize = 4;

/// What a place for `%n` holds before.
const UNTOUCHED: i64 = -1;

/// `snprintf` into a buffer of 2 KiB of which `size` bytes are told; more than those only where the output is short.
pub fn print(size: usize, format: &CStr, words: &[Word], floats: &[f64]) -> Printed {
    unsafe extern "C" {
        fn snprintf(to: *mut c_char, size: usize, format: *const c_char, ...) -> c_int;
    }
    let call = black_box(snprintf as unsafe extern "C" fn(*mut c_char, usize, *const c_char, ...) -> c_int);
    let mut buffer = heap::vec![b'~'; 2048];
    let mut counted = UNTOUCHED;
    let [a, b, c, d, e, f, g, h, i, j] = pointers(words, &mut counted);
    let [w, x, y, z] = doubles(floats);
    set_errno(0);
    // SAFETY: the buffer holds what the rows' formats write, the format is terminated, and its arguments are as the row says.
    let length =
        unsafe { call(buffer.as_mut_ptr().cast(), size, format.as_ptr(), a, b, c, d, e, f, g, h, i, j, w, x, y, z) };
    let errno = Errno(errno());
    let end = buffer.iter().position(|byte| *byte == 0);
    let text = end.map(|end| buffer[..end].to_vec());
    Printed { length, errno, text, counted: (counted != UNTOUCHED).then_some(counted) }
}

/// `swprintf` into so many wide characters, of which there are at most 512.
pub fn print_wide(size: usize, format: &str, words: &[Word], floats: &[f64]) -> (i32, Errno, String) {
    unsafe extern "C" {
        fn swprintf(to: *mut i32, size: usize, format: *const i32, ...) -> c_int;
    }
    let call = black_box(swprintf as unsafe extern "C" fn(*mut i32, usize, *const i32, ...) -> c_int);
    let mut buffer = [0i32; 512];
    let format: Vec<i32> = format.chars().chain(['\0']).map(|ch| ch as i32).collect();
    let mut counted = UNTOUCHED;
    let [a, b, c, d, e, f, g, h, i, j] = pointers(words, &mut counted);
    let [w, x, y, z] = doubles(floats);
    set_errno(0);
    // SAFETY: as in `print`.
    let length =
        unsafe { call(buffer.as_mut_ptr(), size.min(512), format.as_ptr(), a, b, c, d, e, f, g, h, i, j, w, x, y, z) };
    let wide = buffer.iter().take_while(|w| **w != 0);
    (length, Errno(errno()), wide.map(|w| char::from_u32(*w as u32).unwrap_or('\u{fffd}')).collect())
}

/// `asprintf`: its return value, its text, and whether the pointer is null after a failure.
pub fn print_allocated(format: &CStr, words: &[Word]) -> (i32, Errno, Option<Vec<u8>>, bool) {
    unsafe extern "C" {
        fn asprintf(to: *mut *mut c_char, format: *const c_char, ...) -> c_int;
    }
    let mut to: *mut c_char = ptr::without_provenance_mut(16);
    let mut counted = UNTOUCHED;
    let [a, b, c, ..] = pointers(words, &mut counted);
    set_errno(0);
    // SAFETY: the result is writable, the format is terminated, and its arguments are as the row says.
    let length = unsafe {
        black_box(asprintf as unsafe extern "C" fn(*mut *mut c_char, *const c_char, ...) -> c_int)(
            &mut to,
            format.as_ptr(),
            a,
            b,
            c,
        )
    };
    let errno = Errno(errno());
    // SAFETY: where the call succeeded the result is a terminated string.
    let text = (length >= 0).then(|| unsafe { CStr::from_ptr(to) }.to_bytes().to_vec());
    (length, errno, text, to.is_null())
}

/// `dprintf`: its return value.
pub fn print_to(fd: i32, format: &CStr, words: &[Word]) -> (i32, Errno) {
    unsafe extern "C" {
        fn dprintf(fd: c_int, format: *const c_char, ...) -> c_int;
    }
    let mut counted = UNTOUCHED;
    let [a, b, c, ..] = pointers(words, &mut counted);
    set_errno(0);
    // SAFETY: the format is terminated, and its arguments are as the row says.
    let length =
        unsafe { black_box(dprintf as unsafe extern "C" fn(_, _, ...) -> c_int)(fd, format.as_ptr(), a, b, c) };
    (length, Errno(errno()))
}

/// `strfromd` into 64 bytes; nothing where the C library has none.
pub fn from_double(format: &CStr, number: f64) -> Option<(i32, Vec<u8>)> {
    // SAFETY: the signature is that of stdlib.h.
    let call: unsafe extern "C" fn(*mut c_char, usize, *const c_char, f64) -> c_int =
        unsafe { crate::sys::call::lookup(c"strfromd") }?;
    let mut buffer = [0u8; 64];
    // SAFETY: the buffer is one byte larger than said, the format is terminated.
    let length = unsafe { call(buffer.as_mut_ptr().cast(), 63, format.as_ptr(), number) };
    Some((length, buffer.iter().copied().take_while(|byte| *byte != 0).collect()))
}

/// `setlocale(LC_ALL, name)`: whether it took the name.
pub fn set_locale(name: &CStr) -> bool {
    // SAFETY: the name is terminated; the program has one thread.
    !unsafe { required!(setlocale(c_int, *const c_char) -> *mut c_char)(libc::LC_ALL, name.as_ptr()) }.is_null()
}

fn pointers(words: &[Word], counted: &mut i64) -> [*mut c_void; WORDS] {
    let counted: *mut i64 = counted;
    core::array::from_fn(|i| match words.get(i) {
        Some(Word::N(number)) => ptr::without_provenance_mut(*number as usize),
        Some(Word::S(text)) => text.as_ptr().cast_mut().cast(),
        Some(Word::W(text)) => text.as_ptr().cast_mut().cast(),
        Some(Word::Here) => counted.cast(),
        Some(Word::Null) | None => ptr::null_mut(),
    })
}

fn doubles(floats: &[f64]) -> [f64; FLOATS] {
    core::array::from_fn(|i| floats.get(i).copied().unwrap_or_default())
}
