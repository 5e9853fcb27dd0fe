//! Functions of the C library that are no allocator's, as pointers that the compiler cannot see through, so that none is
//! replaced by instructions of its own.

use std::ffi::{c_char, c_double, c_int, c_void};
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::ptr;

/// Functions on bytes.
#[derive(Clone, Copy)]
pub struct Bytes {
    memcpy: unsafe extern "C" fn(*mut c_void, *const c_void, usize) -> *mut c_void,
    memset: unsafe extern "C" fn(*mut c_void, c_int, usize) -> *mut c_void,
    strlen: unsafe extern "C" fn(*const c_char) -> usize,
    memchr: unsafe extern "C" fn(*const c_void, c_int, usize) -> *mut c_void,
}

impl Bytes {
    /// Whatever this program is bound to.
    pub fn bound() -> Self {
        black_box(Self { memcpy: libc::memcpy, memset: libc::memset, strlen: libc::strlen, memchr: libc::memchr })
    }

    /// Copies as much as there is room for and there is.
    #[inline]
    pub fn copy(&self, to: &mut [u8], from: &[u8]) {
        // SAFETY: both are valid for the length, and a mutable slice overlaps no other.
        black_box(unsafe { (self.memcpy)(to.as_mut_ptr().cast(), from.as_ptr().cast(), to.len().min(from.len())) });
    }

    /// Fills the whole.
    #[inline]
    pub fn set(&self, to: &mut [u8]) {
        // SAFETY: the slice is writable for its length.
        black_box(unsafe { (self.memset)(to.as_mut_ptr().cast(), 7, to.len()) });
    }

    /// The length of a text whose last byte is NUL.
    #[inline]
    pub fn length(&self, text: &[u8]) {
        debug_assert!(text.last() == Some(&0));
        // SAFETY: the text is terminated: the one caller makes it so.
        black_box(unsafe { (self.strlen)(text.as_ptr().cast()) });
    }

    /// Looks for a byte.
    #[inline]
    pub fn find(&self, text: &[u8]) {
        // SAFETY: the slice is readable for its length.
        black_box(unsafe { (self.memchr)(text.as_ptr().cast(), c_int::from(b'!'), text.len()) });
    }
}

/// Functions on text and numbers.
#[derive(Clone, Copy)]
pub struct Text {
    snprintf: unsafe extern "C" fn(*mut c_char, usize, *const c_char, ...) -> c_int,
    strtod: unsafe extern "C" fn(*const c_char, *mut *mut c_char) -> c_double,
    qsort: unsafe extern "C" fn(*mut c_void, usize, usize, Option<Compare>),
}

type Compare = unsafe extern "C" fn(*const c_void, *const c_void) -> c_int;

impl Text {
    /// Whatever this program is bound to.
    pub fn bound() -> Self {
        black_box(Self { snprintf: libc::snprintf, strtod: libc::strtod, qsort: libc::qsort })
    }

    /// Writes a number, a word and a fraction.
    #[inline]
    pub fn format(&self, number: i64, fraction: f64) {
        let mut text = [0; 128];
        // SAFETY: the buffer is writable for its length, and the arguments are what the format names: long, string, double.
        unsafe {
            (self.snprintf)(
                text.as_mut_ptr(),
                text.len(),
                c"%ld %s %.6f".as_ptr(),
                number as libc::c_long,
                c"a word".as_ptr(),
                fraction,
            )
        };
        black_box(&text);
    }

    /// Reads a fraction.
    #[inline]
    pub fn parse(&self, text: &std::ffi::CStr) {
        // SAFETY: the text is terminated; where it ends is not asked for.
        black_box(unsafe { (self.strtod)(text.as_ptr(), ptr::null_mut()) });
    }

    /// Sorts numbers.
    #[inline]
    pub fn sort(&self, numbers: &mut [u32]) {
        // SAFETY: the slice is writable for its length, and the function below compares elements of this kind.
        unsafe { (self.qsort)(numbers.as_mut_ptr().cast(), numbers.len(), size_of::<u32>(), Some(compare)) };
    }
}

unsafe extern "C" fn compare(a: *const c_void, b: *const c_void) -> c_int {
    // SAFETY: qsort hands out elements of the array, which are of this type.
    let (a, b) = unsafe { (*a.cast::<u32>(), *b.cast::<u32>()) };
    a.cmp(&b) as c_int
}

/// A regular expression of the C library's.
pub struct Regex {
    execute: unsafe extern "C" fn(*const libc::regex_t, *const c_char, usize, *mut libc::regmatch_t, c_int) -> c_int,
    compiled: libc::regex_t,
}

impl Regex {
    /// Compiles an extended expression; none where the C library refuses.
    pub fn new(pattern: &std::ffi::CStr) -> Option<Self> {
        let mut compiled = MaybeUninit::<libc::regex_t>::zeroed();
        // SAFETY: the structure is writable and the pattern terminated.
        let result = unsafe { black_box(libc::regcomp)(compiled.as_mut_ptr(), pattern.as_ptr(), libc::REG_EXTENDED) };
        // SAFETY: compiled where the result is 0.
        (result == 0).then(|| Self { execute: black_box(libc::regexec), compiled: unsafe { compiled.assume_init() } })
    }

    /// Where in the text it matches.
    #[inline]
    pub fn search(&self, text: &std::ffi::CStr) -> Option<(usize, usize)> {
        let mut place = [libc::regmatch_t { rm_so: 0, rm_eo: 0 }];
        // SAFETY: the expression is compiled, the text terminated, and there is room for one place.
        let result = unsafe { (self.execute)(&raw const self.compiled, text.as_ptr(), 1, place.as_mut_ptr(), 0) };
        (result == 0).then_some((place[0].rm_so as usize, place[0].rm_eo as usize))
    }
}

impl Drop for Regex {
    fn drop(&mut self) {
        // SAFETY: compiled once, freed once.
        unsafe { libc::regfree(&raw mut self.compiled) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_do_what_their_names_say() {
        let (mut to, from) = ([0u8; 4], *b"abc\0");
        Bytes::bound().copy(&mut to, &from);
        assert_eq!(to, from);
        Bytes::bound().set(&mut to);
        assert_eq!(to, [7; 4]);
        let mut numbers = [3, 1, 2];
        Text::bound().sort(&mut numbers);
        assert_eq!(numbers, [1, 2, 3]);
        assert_eq!(Regex::new(c"b+").and_then(|regex| regex.search(c"abbc")), Some((1, 3)));
        assert!(Regex::new(c"b(").is_none());
    }
}
