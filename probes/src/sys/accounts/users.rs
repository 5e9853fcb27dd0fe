//! `passwd`: by name, by number, one after the other, and with a buffer of the caller's own.

use core::ffi::{c_char, c_int};
use core::ptr;
use heap::string::String;

use super::{answered, c, shortened, string};
use crate::sys::call::Errno;

/// A record as its line.
///
/// # Safety
/// The pointer must be null or what a function of `<pwd.h>` returned last.
pub(super) unsafe fn line(user: *const libc::passwd) -> Option<String> {
    // SAFETY: the caller vouches for the pointer; the strings of a record are null or terminated.
    let line = unsafe {
        let user = user.as_ref()?;
        heap::format!(
            "{}:{}:{}:{}:{}:{}:{}",
            string(user.pw_name),
            string(user.pw_passwd),
            user.pw_uid,
            user.pw_gid,
            string(user.pw_gecos),
            string(user.pw_dir),
            string(user.pw_shell)
        )
    };
    Some(shortened(line))
}

/// `getpwnam`.
pub fn by_name(name: &str) -> String {
    let name = c(name);
    // SAFETY: the name is terminated; the result is read at once.
    answered(|| unsafe { line(libc::getpwnam(name.as_ptr())) })
}

/// `getpwuid`.
pub fn by_id(id: u32) -> String {
    // SAFETY: takes a number; the result is read at once.
    answered(|| unsafe { line(libc::getpwuid(id)) })
}

/// `getpwent`, once.
pub fn next() -> String {
    // SAFETY: the result is read at once.
    answered(|| unsafe { line(libc::getpwent()) })
}

/// `setpwent`.
pub fn rewind() {
    // SAFETY: no arguments.
    unsafe { libc::setpwent() }
}

/// `endpwent`.
pub fn end() {
    // SAFETY: no arguments.
    unsafe { libc::endpwent() }
}

/// What a reentrant look-up left: its return value, whether a record was found, and the record.
pub struct Reentrant {
    /// The return value.
    pub code: Errno,
    /// The record; `None` where the result is null.
    pub record: Option<String>,
}

/// `getpwnam_r` with a buffer of so many bytes.
pub fn by_name_within(name: &str, bytes: usize) -> Reentrant {
    let name = c(name);
    within(bytes, |user, buffer, bytes, result| {
        // SAFETY: the name is terminated; the other places are `within`'s.
        unsafe { libc::getpwnam_r(name.as_ptr(), user, buffer, bytes, result) }
    })
}

/// `getpwuid_r` with a buffer of so many bytes.
pub fn by_id_within(id: u32, bytes: usize) -> Reentrant {
    within(bytes, |user, buffer, bytes, result| {
        // SAFETY: the places are `within`'s.
        unsafe { libc::getpwuid_r(id, user, buffer, bytes, result) }
    })
}

fn within(
    bytes: usize,
    call: impl FnOnce(*mut libc::passwd, *mut c_char, usize, *mut *mut libc::passwd) -> c_int,
) -> Reentrant {
    // SAFETY: numbers and null pointers.
    let mut user: libc::passwd = unsafe { core::mem::zeroed() };
    let mut buffer = heap::vec![0u8; bytes + 1];
    let mut result = ptr::null_mut();
    let code = Errno(call(&mut user, buffer.as_mut_ptr().cast(), bytes, &mut result));
    // SAFETY: the result is null or the record just filled, whose strings are in the buffer.
    Reentrant { code, record: unsafe { line(result) } }
}
