//! Wide strings.

use core::ffi::{CStr, c_int};
use core::ptr;
use heap::string::String;
use heap::vec::Vec;

use crate::sys::call::{Errno, errno, set_errno};
use crate::sys::optional::required;

fn wide(text: &str) -> Vec<i32> {
    text.chars().chain(['\0']).map(|ch| ch as i32).collect()
}

/// `wcstol`: value, wide characters taken, `errno`.
pub fn long(text: &str, base: i32) -> (i64, usize, Errno) {
    let text = wide(text);
    let call = required!(wcstol(*const i32, *mut *mut i32, c_int) -> i64);
    let mut end = ptr::null_mut();
    set_errno(0);
    // SAFETY: the text is terminated, and the end is writable.
    let value = unsafe { call(text.as_ptr(), &mut end, base) };
    let errno = Errno(errno());
    (value, end.addr().saturating_sub(text.as_ptr().addr()) / 4, errno)
}

/// `wcstod`: value, wide characters taken, `errno`.
pub fn double(text: &str) -> (f64, usize, Errno) {
    let text = wide(text);
    let call = required!(wcstod(*const i32, *mut *mut i32) -> f64);
    let mut end = ptr::null_mut();
    set_errno(0);
    // SAFETY: as in `long`.
    let value = unsafe { call(text.as_ptr(), &mut end) };
    let errno = Errno(errno());
    (value, end.addr().saturating_sub(text.as_ptr().addr()) / 4, errno)
}

/// `wmemcmp` of two numbers as wide characters: the sign.
pub fn compare(a: i32, b: i32) -> i32 {
    let call = required!(wmemcmp(*const i32, *const i32, usize) -> c_int);
    // SAFETY: one wide character each.
    unsafe { call(&a, &b, 1) }.signum()
}

/// `wcscmp` of two strings of one wide character: the sign.
pub fn compare_strings(a: i32, b: i32) -> i32 {
    let (a, b) = ([a, 0], [b, 0]);
    // SAFETY: both strings are terminated.
    unsafe { required!(wcscmp(*const i32, *const i32) -> c_int)(a.as_ptr(), b.as_ptr()) }.signum()
}

/// `wcsncpy` into 8 wide characters: what is there, -1 where nothing was written.
pub fn copy(from: &str, count: usize) -> [i32; 8] {
    let from = wide(from);
    let mut to = [-1; 8];
    // SAFETY: the string is terminated, and the room is at least as large as said.
    unsafe {
        required!(wcsncpy(*mut i32, *const i32, usize) -> *mut i32)(to.as_mut_ptr(), from.as_ptr(), count.min(8))
    };
    to
}

/// `wcswidth` of a string, up to so many.
pub fn width(text: &str, count: usize) -> i32 {
    let text = wide(text);
    // SAFETY: the text is terminated.
    unsafe { required!(wcswidth(*const libc::wchar_t, usize) -> c_int)(text.as_ptr().cast(), count) }
}

/// `mbstowcs` without a place for the result: the length, or -1.
pub fn length_of(text: &CStr) -> i64 {
    let call = required!(mbstowcs(*mut libc::wchar_t, *const core::ffi::c_char, usize) -> usize);
    // SAFETY: the text is terminated; a null pointer asks for the length.
    unsafe { call(ptr::null_mut(), text.as_ptr(), 0) as i64 }
}

/// `wcstombs` of one wide character into 8 bytes: the value.
pub fn to_bytes(letter: i32) -> (i64, String) {
    let call = required!(wcstombs(*mut core::ffi::c_char, *const libc::wchar_t, usize) -> usize);
    let mut to = [0u8; 8];
    // SAFETY: the string is terminated, and the room is as large as said.
    let value = unsafe { call(to.as_mut_ptr().cast(), [letter, 0].as_ptr().cast(), 8) } as i64;
    let end = to.iter().position(|byte| *byte == 0).unwrap_or(8);
    (value, crate::text::bytes(&to[..end]))
}
