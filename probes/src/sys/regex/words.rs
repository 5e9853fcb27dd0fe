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
    fn wordfree(result: *mut Words);
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

/// Whether `wordexp` has what it needs: musl's asks a shell.
pub fn has_shell() -> bool {
    // SAFETY: the path is terminated.
    cfg!(target_env = "gnu") || unsafe { libc::access(c"/bin/sh".as_ptr(), libc::X_OK) } == 0
}

/// `wordexp` into a list that is freed: what it returned, and the words where that is 0.
pub fn expand_once(text: &CStr, flags: i32) -> (i32, Vec<Vec<u8>>) {
    let mut list = Words { count: 0, words: core::ptr::null_mut(), offset: 0 };
    // SAFETY: the text is terminated and the list empty. After a call that returned 0 it holds so many terminated strings;
    // it is freed after the last use, and only where there is one.
    unsafe {
        let code = wordexp(text.as_ptr(), &mut list, flags);
        let count = if code == 0 && !list.words.is_null() { list.count } else { 0 };
        let words = (0..count).map(|i| CStr::from_ptr(*list.words.add(i)).to_bytes().to_vec()).collect();
        if code == 0 {
            wordfree(&mut list);
        }
        (code, words)
    }
}
