//! Thread names, as `pthread_setname_np` and `pthread_getname_np` set and read them.

use core::ffi::{CStr, c_char};
use heap::string::String;

use crate::sys::optional::optional;
use crate::text;

/// `pthread_setname_np` on the calling thread: the error number.
pub fn set(name: &CStr) -> i32 {
    // SAFETY: the name is terminated, and the thread is the calling one.
    unsafe { libc::pthread_setname_np(libc::pthread_self(), name.as_ptr()) }
}

/// `pthread_getname_np` on the calling thread into a buffer of so many bytes: the name, or the error number.
/// Nothing where the C library has no such function.
pub fn get(bytes: usize) -> Option<Result<String, i32>> {
    let read = optional!(pthread_getname_np(libc::pthread_t, *mut c_char, usize) -> i32)?;
    let mut buffer = [0u8; 64];
    // SAFETY: the buffer is at least as large as is said, and the thread is the calling one.
    let code = unsafe { read(libc::pthread_self(), buffer.as_mut_ptr().cast(), bytes.min(buffer.len())) };
    let name = buffer.split(|b| *b == 0).next().unwrap_or_default();
    Some(if code == 0 { Ok(text::bytes(name)) } else { Err(code) })
}
