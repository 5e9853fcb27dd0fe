//! `shadow`: the records of hashed passwords.

use core::ffi::{c_char, c_int};
use heap::string::String;

use super::{answered, c, string};
use crate::sys::call::Errno;

/// C's `struct spwd`.
#[repr(C)]
pub(super) struct Spwd {
    name: *mut c_char,
    password: *mut c_char,
    numbers: [i64; 6],
    flag: u64,
}

unsafe extern "C" {
    fn getspnam(name: *const c_char) -> *mut Spwd;
    fn getspnam_r(
        name: *const c_char,
        record: *mut Spwd,
        buffer: *mut c_char,
        bytes: usize,
        result: *mut *mut Spwd,
    ) -> c_int;
    fn getspent() -> *mut Spwd;
    fn fgetspent(file: *mut libc::FILE) -> *mut Spwd;
    fn putspent(record: *const Spwd, file: *mut libc::FILE) -> c_int;
    fn lckpwdf() -> c_int;
    fn ulckpwdf() -> c_int;
}

/// A record as its line, with every number spelled out.
///
/// # Safety
/// The pointer must be null or what a function of `<shadow.h>` returned last.
unsafe fn line(record: *const Spwd) -> Option<String> {
    // SAFETY: the caller vouches for the pointer; both strings are null or terminated.
    unsafe {
        let record = record.as_ref()?;
        let mut line = heap::format!("{}:{}", string(record.name), string(record.password));
        for number in record.numbers {
            line.push_str(&heap::format!(":{number}"));
        }
        line.push_str(&heap::format!(":{}", record.flag as i64));
        Some(line)
    }
}

/// `getspnam`.
pub fn by_name(name: &str) -> String {
    let name = c(name);
    // SAFETY: the name is terminated; the result is read at once.
    answered(|| unsafe { line(getspnam(name.as_ptr())) })
}

/// `getspnam_r` with a buffer of so many bytes: its return value and the record.
pub fn by_name_within(name: &str, bytes: usize) -> (Errno, Option<String>) {
    let name = c(name);
    // SAFETY: numbers and null pointers.
    let mut record: Spwd = unsafe { core::mem::zeroed() };
    let mut buffer = heap::vec![0u8; bytes + 1];
    let mut result = core::ptr::null_mut();
    // SAFETY: the name is terminated; the buffer is as long as said; the other places are writable.
    unsafe {
        let code = getspnam_r(name.as_ptr(), &mut record, buffer.as_mut_ptr().cast(), bytes, &mut result);
        (Errno(code), line(result))
    }
}

/// `getspent`, once.
pub fn next() -> String {
    // SAFETY: the result is read at once.
    answered(|| unsafe { line(getspent()) })
}

/// `sgetspent` of a line; `None` where there is no such function.
pub fn parsed(text: &str) -> Option<String> {
    type Parse = unsafe extern "C" fn(*const c_char) -> *mut Spwd;
    // SAFETY: the signature is that of shadow.h.
    let parse: Parse = unsafe { crate::sys::call::lookup(c"sgetspent") }?;
    let text = c(text);
    // SAFETY: the line is terminated; the result is read at once.
    Some(answered(|| unsafe { line(parse(text.as_ptr())) }))
}

/// `fgetspent` of every line of a stream.
pub(super) fn next_of(file: *mut libc::FILE) -> Option<String> {
    // SAFETY: the stream is open; the result is read at once.
    unsafe { line(fgetspent(file)) }
}

/// `putspent` of a record with these strings and numbers, -1 for fields that are empty.
pub fn written(name: &str, password: Option<&str>, numbers: [i64; 6]) -> String {
    let (name, password) = (c(name), password.map(c));
    let record = Spwd {
        name: name.as_ptr().cast_mut(),
        password: password.as_ref().map_or(core::ptr::null_mut(), |p| p.as_ptr().cast_mut()),
        numbers,
        flag: u64::MAX,
    };
    // SAFETY: the record is complete; the stream is open.
    super::files::written(|file| unsafe { putspent(&record, file) })
}

/// `lckpwdf`, and once more, and `ulckpwdf`: return values.
pub fn locked() -> [i32; 3] {
    // SAFETY: no arguments.
    unsafe { [lckpwdf(), ulckpwdf(), ulckpwdf()] }
}
