//! The parts of a path.

use core::ffi::{CStr, c_char};
use heap::string::String;

use super::texts::string;
use crate::sys::optional::required;

type Part = unsafe extern "C" fn(*mut c_char) -> *mut c_char;

fn part(path: Option<&CStr>, call: Part) -> Option<String> {
    let mut copy = path.map(|path| path.to_bytes_with_nul().to_vec());
    let start = copy.as_mut().map_or(core::ptr::null_mut(), |bytes| bytes.as_mut_ptr().cast());
    // SAFETY: the path is null or a writable terminated copy; the result is a terminated string in it or a static one.
    unsafe { string(call(start)) }
}

/// `basename` of libgen.h, which glibc calls `__xpg_basename`.
pub fn last(path: Option<&CStr>) -> Option<String> {
    #[cfg(target_env = "gnu")]
    let call = required!(__xpg_basename(*mut c_char) -> *mut c_char);
    #[cfg(not(target_env = "gnu"))]
    let call = required!(basename(*mut c_char) -> *mut c_char);
    part(path, call)
}

/// `basename` by its own name: in glibc the one of string.h under _GNU_SOURCE.
pub fn last_plainly(path: &CStr) -> Option<String> {
    part(Some(path), required!(basename(*mut c_char) -> *mut c_char))
}

/// `dirname`
pub fn folder(path: Option<&CStr>) -> Option<String> {
    part(path, required!(dirname(*mut c_char) -> *mut c_char))
}
