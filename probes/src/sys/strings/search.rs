//! Searching and comparing. A position is an offset into the text, a comparison its sign unless said otherwise.

use core::ffi::{CStr, c_char, c_int, c_void};
use heap::string::String;

use crate::sys::optional::{optional, required};
use crate::text;

/// Functions of two strings that return a place in the first.
macro_rules! places {
    ($($(#[$doc:meta])* $function:ident = $name:ident;)*) => {$(
        $(#[$doc])*
        pub fn $function(text: &CStr, what: &CStr) -> Option<usize> {
            let call = required!($name(*const c_char, *const c_char) -> *const c_char);
            // SAFETY: both strings are terminated; the result is null or in the first.
            let at = unsafe { call(text.as_ptr(), what.as_ptr()) };
            (!at.is_null()).then(|| at.addr() - text.as_ptr().addr())
        }
    )*};
}
places! {
    /// `strstr`
    find = strstr;
    /// `strcasestr`
    find_any_case = strcasestr;
    /// `strpbrk`
    find_any_of = strpbrk;
}

/// Functions of two strings that compare them.
macro_rules! comparisons {
    ($($(#[$doc:meta])* $function:ident = $name:ident;)*) => {$(
        $(#[$doc])*
        pub fn $function(a: &CStr, b: &CStr) -> i32 {
            // SAFETY: both strings are terminated.
            unsafe { required!($name(*const c_char, *const c_char) -> c_int)(a.as_ptr(), b.as_ptr()) }
        }
    )*};
}
comparisons! {
    /// `strcmp`
    compare = strcmp;
    /// `strcasecmp`
    compare_any_case = strcasecmp;
    /// `strverscmp`
    compare_versions = strverscmp;
    /// `strcoll`
    collate = strcoll;
}

/// `memcmp`
pub fn compare_bytes(a: &[u8], b: &[u8]) -> i32 {
    let call = required!(memcmp(*const c_void, *const c_void, usize) -> c_int);
    // SAFETY: both have at least as many bytes as are compared.
    unsafe { call(a.as_ptr().cast(), b.as_ptr().cast(), a.len().min(b.len())) }
}

/// `memmem`
pub fn find_bytes(text: &[u8], what: &[u8]) -> Option<usize> {
    let call = required!(memmem(*const c_void, usize, *const c_void, usize) -> *const c_void);
    // SAFETY: both are as long as said; the result is null or in the first.
    let at = unsafe { call(text.as_ptr().cast(), text.len(), what.as_ptr().cast(), what.len()) };
    (!at.is_null()).then(|| at.addr() - text.as_ptr().addr())
}

/// `strxfrm` into so many of 64 bytes: the value, and what is there.
pub fn transform(input: &CStr, bytes: usize) -> (usize, String) {
    let call = required!(strxfrm(*mut c_char, *const c_char, usize) -> usize);
    let mut buffer = [b'~'; 64];
    // SAFETY: the buffer is at least as large as said.
    let length = unsafe { call(buffer.as_mut_ptr().cast(), input.as_ptr(), bytes.min(64)) };
    let end = buffer.iter().position(|byte| *byte == 0).unwrap_or(0);
    (length, text::bytes(&buffer[..end]))
}

/// What a function left in a buffer of 16 bytes that began with some content, and what it returned.
pub struct Copied {
    /// The value; a place is an offset into the buffer.
    pub value: Option<i64>,
    /// The 16 bytes.
    pub buffer: String,
}

/// The functions that copy strings with a limit.
#[derive(Clone, Copy, Debug)]
pub enum Copy {
    /// `strlcpy`
    Strlcpy,
    /// `strlcat`
    Strlcat,
    /// `strncpy`
    Strncpy,
    /// `strncat`
    Strncat,
    /// `stpncpy`
    Stpncpy,
    /// `memccpy`, up to a colon
    Memccpy,
}

/// Runs one of them with this limit, at most 16; `None` where the C library has no such function.
pub fn copy(how: Copy, content: &CStr, from: &CStr, limit: usize) -> Option<Copied> {
    type Sized = unsafe extern "C" fn(*mut c_char, *const c_char, usize) -> usize;
    type Placed = unsafe extern "C" fn(*mut c_char, *const c_char, usize) -> *const c_char;
    let mut buffer = [b'~'; 32];
    let start = content.to_bytes_with_nul();
    buffer[..start.len()].copy_from_slice(start);
    let (to, from, limit) = (buffer.as_mut_ptr().cast::<c_char>(), from.as_ptr(), limit.min(16));
    let placed = |call: Placed| {
        // SAFETY: 16 bytes and those that the content has may be written, the strings are terminated.
        let at = unsafe { call(to, from, limit) };
        (!at.is_null()).then(|| at.addr() as i64 - to.addr() as i64)
    };
    // SAFETY: as in `placed`.
    let measure = |call: Sized| Some(unsafe { call(to, from, limit) } as i64);
    let value = match how {
        Copy::Strlcpy => measure(optional!(strlcpy(*mut c_char, *const c_char, usize) -> usize)?),
        Copy::Strlcat => measure(optional!(strlcat(*mut c_char, *const c_char, usize) -> usize)?),
        Copy::Strncpy => placed(required!(strncpy(*mut c_char, *const c_char, usize) -> *const c_char)),
        Copy::Strncat => placed(required!(strncat(*mut c_char, *const c_char, usize) -> *const c_char)),
        Copy::Stpncpy => placed(required!(stpncpy(*mut c_char, *const c_char, usize) -> *const c_char)),
        Copy::Memccpy => {
            let call = required!(memccpy(*mut c_char, *const c_char, c_int, usize) -> *const c_char);
            // SAFETY: as in `placed`; the limit is not beyond the string's end.
            let at = unsafe { call(to, from, c_int::from(b':'), limit) };
            (!at.is_null()).then(|| at.addr() as i64 - to.addr() as i64)
        }
    };
    Some(Copied { value, buffer: text::bytes(&buffer[..16]).replace('\0', "\\0") })
}

/// `swab` of so many bytes.
pub fn swapped(bytes: &[u8], count: isize) -> String {
    let call = required!(swab(*const c_void, *mut c_void, isize) -> ());
    let mut to = heap::vec![b'~'; 16];
    // SAFETY: both are at least as long as said.
    unsafe { call(bytes.as_ptr().cast(), to.as_mut_ptr().cast(), count) };
    text::bytes(&to)
}

/// `ffs`, `ffsl` and `ffsll` of a number.
pub fn first_bits(number: i64) -> [i32; 3] {
    // SAFETY: any number may be asked about.
    unsafe {
        [
            required!(ffs(c_int) -> c_int)(number as c_int),
            required!(ffsl(i64) -> c_int)(number),
            required!(ffsll(i64) -> c_int)(number),
        ]
    }
}
