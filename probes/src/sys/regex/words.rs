//! `wordexp`. Neither the libc crate nor any other declares it; the structure is the same in both families.

use core::ffi::{CStr, c_char, c_int};
use heap::string::String;
use heap::vec::Vec;

use super::c;
use crate::text;

#[repr(C)]
struct Words {
    count: usize,
    words: *mut *mut c_char,
    offset: usize,
}

unsafe extern "C" {
    fn wordexp(words: *const c_char, result: *mut Words, flags: c_int) -> c_int;
}

/// `wordexp` of one text after the other into one list: what the last call returned, and the words.
pub fn expand(texts: &[&str], flags: i32) -> (i32, Vec<String>) {
    const APPEND: c_int = 2;
    let mut list = Words { count: 0, words: core::ptr::null_mut(), offset: 0 };
    let mut code = 0;
    for (i, text) in texts.iter().enumerate() {
        let text = c(text.as_bytes());
        let flags = if i == 0 { flags } else { flags | APPEND };
        // SAFETY: the text is terminated; the list is empty or what the last call made.
        code = unsafe { wordexp(text.as_ptr(), &mut list, flags) };
    }
    if code != 0 || list.words.is_null() {
        return (code, Vec::new());
    }
    let word = |i: usize| {
        // SAFETY: the C library wrote this many pointers to terminated strings.
        text::bytes(unsafe { CStr::from_ptr(*list.words.add(i)) }.to_bytes())
    };
    (code, (0..list.count).map(word).collect())
}
