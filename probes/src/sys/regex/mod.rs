//! Regular expressions, and what the same programs use beside them: `glob`, `fnmatch`, `wordexp`, `getopt`.

use core::ffi::{c_char, c_int};
use core::mem::MaybeUninit;
use heap::ffi::CString;
use heap::string::String;
use heap::vec::Vec;

use crate::newest;
use crate::sys::call;
use crate::text;

pub mod kept;
pub mod options;
pub mod paths;
pub mod words;

type Execute = unsafe extern "C" fn(*const libc::regex_t, *const c_char, usize, *mut libc::regmatch_t, c_int) -> c_int;

/// Bytes of a table, for C.
pub(super) fn c(bytes: &[u8]) -> CString {
    CString::new(bytes).expect("strings of tables hold no NUL")
}

/// A compiled expression. Never freed: a case ends its process.
pub struct Regex(libc::regex_t);

/// How many places of sub-expressions are asked for.
pub const PLACES: usize = 10;

/// What `regexec` answered.
pub struct Found {
    /// What it returned.
    pub code: i32,
    /// Start and end of the whole match and of the sub-expressions; those that were not written hold -7.
    pub places: [(i64, i64); PLACES],
}

impl Regex {
    /// `regcomp`; the error is its return code.
    pub fn compile(pattern: &[u8], flags: i32) -> Result<Self, i32> {
        let pattern = c(pattern);
        let mut regex = MaybeUninit::<libc::regex_t>::zeroed();
        // SAFETY: the pattern is terminated, the place is writable; it was zeroed, so it is a value in any case.
        let code = unsafe { libc::regcomp(regex.as_mut_ptr(), pattern.as_ptr(), flags) };
        // SAFETY: all zeros or what regcomp made.
        if code == 0 { Ok(Self(unsafe { regex.assume_init() })) } else { Err(code) }
    }

    /// `re_nsub`.
    pub fn subexpressions(&self) -> usize {
        // SAFETY: regcomp wrote the structure.
        unsafe { subexpressions(&self.0) }
    }

    /// `regexec` by its newest version; `start` is what the first place holds before, for `REG_STARTEND`.
    pub fn execute(&self, input: &[u8], flags: i32, start: Option<(i32, i32)>) -> Option<Found> {
        let input = c(input);
        let unset = libc::regmatch_t { rm_so: -7, rm_eo: -7 };
        let mut places = [unset; PLACES];
        if let Some((from, to)) = start {
            places[0] = libc::regmatch_t { rm_so: from as _, rm_eo: to as _ };
        }
        // SAFETY: the signature is the one of the C headers; the expression is compiled, the input terminated, and there
        // are as many places as said.
        let code = unsafe {
            newest!(libc::regexec, c"regexec", Execute)?(&self.0, input.as_ptr(), PLACES, places.as_mut_ptr(), flags)
        };
        #[allow(clippy::unnecessary_cast, reason = "regoff_t has 32 bits in glibc and 64 in musl")]
        Some(Found { code, places: places.map(|p| (p.rm_so as i64, p.rm_eo as i64)) })
    }
}

/// `re_nsub`.
///
/// # Safety
/// The expression must be compiled.
unsafe fn subexpressions(regex: *const libc::regex_t) -> usize {
    // The libc crate keeps the field private: musl has it first, glibc after six words of its own.
    let words_before = if cfg!(target_env = "gnu") { 6 } else { 0 };
    // SAFETY: regcomp wrote the field; it lies within the structure, at a multiple of its size.
    unsafe { regex.cast::<usize>().add(words_before).read() }
}

/// `regerror` of a code without an expression: how many bytes it asks for, and what it writes into `size` bytes.
pub fn message(code: i32, size: usize) -> (usize, String) {
    let mut buffer: Vec<u8> = heap::vec![0; size + 1];
    // SAFETY: the buffer is one byte longer than said; a null expression is allowed by both families.
    let needed = unsafe { libc::regerror(code, core::ptr::null(), buffer.as_mut_ptr().cast(), size) };
    let end = buffer.iter().position(|b| *b == 0).unwrap_or(size);
    (needed, text::bytes(&buffer[..end]))
}

/// Bytes of `regoff_t`, as this flavour's headers have it.
pub fn offset_bytes() -> usize {
    size_of::<libc::regmatch_t>() / 2
}

/// `setlocale(LC_CTYPE, name)`, or another category: whether it was taken.
pub fn use_locale(category: i32, name: &str) -> bool {
    let name = c(name.as_bytes());
    // SAFETY: the name is terminated.
    !unsafe { libc::setlocale(category, name.as_ptr()) }.is_null()
}

/// Whether the C library has these functions.
pub fn present(name: &core::ffi::CStr) -> bool {
    call::exists(name)
}
