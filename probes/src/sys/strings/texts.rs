//! Texts that the C library has for numbers: errors, signals, name resolution, and a failed assertion.

use core::ffi::{CStr, c_char, c_int};
use heap::string::String;

use crate::sys::call::{Errno, errno, lookup, set_errno};
use crate::sys::optional::required;
use crate::text;

/// A text of the C library's; `None` for a null pointer.
///
/// # Safety
/// The pointer must be null or point to a terminated string.
pub(super) unsafe fn string(pointer: *const c_char) -> Option<String> {
    // SAFETY: the caller vouches for the pointer.
    (!pointer.is_null()).then(|| text::bytes(unsafe { CStr::from_ptr(pointer) }.to_bytes()))
}

/// Functions of a number that return a text of the C library's own.
macro_rules! texts {
    ($($(#[$doc:meta])* $function:ident = $name:ident;)*) => {$(
        $(#[$doc])*
        pub fn $function(number: i32) -> Option<String> {
            let call = required!($name(c_int) -> *const c_char);
            // SAFETY: any number may be asked about; the result is null or a terminated string, copied at once.
            unsafe { string(call(number)) }
        }
    )*};
}
texts! {
    /// `strerror`
    error = strerror;
    /// `strsignal`
    signal = strsignal;
    /// `gai_strerror`
    address = gai_strerror;
    /// `hstrerror`
    host = hstrerror;
}

/// One of the texts that glibc alone has, by the function's name; `None` where there is no such function.
pub fn of_glibc(name: &CStr, number: i32) -> Option<Option<String>> {
    // SAFETY: the four functions that cases name take a number and return a text or a null pointer.
    let call: unsafe extern "C" fn(c_int) -> *const c_char = unsafe { lookup(name) }?;
    // SAFETY: as in `texts!`.
    Some(unsafe { string(call(number)) })
}

/// Whether `strerror` changes `errno`, which was 77: what it is afterwards.
pub fn errno_after(number: i32) -> Errno {
    set_errno(77);
    error(number);
    Errno(errno())
}

/// `strerror_r` as POSIX has it (glibc calls it `__xpg_strerror_r`) into so many of 128 bytes: what it returned, and the
/// buffer up to its NUL, if there is one.
pub fn error_into(number: i32, bytes: usize) -> (i32, Option<String>) {
    #[cfg(target_env = "gnu")]
    let call = required!(__xpg_strerror_r(c_int, *mut c_char, usize) -> *const c_char);
    #[cfg(not(target_env = "gnu"))]
    let call = required!(strerror_r(c_int, *mut c_char, usize) -> *const c_char);
    let mut buffer = [b'~'; 128];
    // SAFETY: the buffer is at least as large as said.
    // What is an int here is read out of a register for a pointer, for the function by its own name may return either.
    let code = unsafe { call(number, buffer.as_mut_ptr().cast(), bytes.min(128)) }.addr() as i32;
    let end = buffer.iter().position(|byte| *byte == 0);
    (code, end.map(|end| text::bytes(&buffer[..end])))
}

/// What `strerror_r` by its own name returns: a text, as in glibc, or 0 or an error number, as POSIX has it.
pub fn error_plainly(number: i32, bytes: usize) -> String {
    let call = required!(strerror_r(c_int, *mut c_char, usize) -> *const c_char);
    let mut buffer = [0u8; 128];
    // SAFETY: the buffer is at least as large as said; both kinds of result fit into a pointer.
    let result = unsafe { call(number, buffer.as_mut_ptr().cast(), bytes.min(128)) };
    if result.addr() <= 4096 {
        return heap::format!("a number, {}", text::errno(result.addr() as i32));
    }
    let own = result.cast::<u8>() == buffer.as_ptr();
    // SAFETY: whatever is no small number is a terminated string.
    let text = unsafe { string(result) }.unwrap_or_default();
    heap::format!("a text{}, {text:?}", if own { " in the buffer" } else { "" })
}

/// `__assert_fail`, which both C libraries' `assert` calls; for a child of a case.
pub fn fail_assertion(expression: &CStr, file: &CStr, line: u32, function: Option<&CStr>) {
    let call = required!(__assert_fail(*const c_char, *const c_char, u32, *const c_char) -> ());
    // SAFETY: the strings are terminated, the function's name may be null; the call ends the process.
    unsafe { call(expression.as_ptr(), file.as_ptr(), line, function.map_or(core::ptr::null(), CStr::as_ptr)) }
}
