//! Cutting strings into tokens, and words out of a list of options.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;
use heap::string::String;
use heap::vec::Vec;

use super::texts::string;
use crate::sys::optional::required;

/// Every token that `strtok_r` cuts off.
pub fn tokens(input: &CStr, delimiters: &CStr) -> Vec<String> {
    let call = required!(strtok_r(*mut c_char, *const c_char, *mut *mut c_char) -> *mut c_char);
    let mut copy = input.to_bytes_with_nul().to_vec();
    let (mut from, mut state) = (copy.as_mut_ptr().cast(), ptr::null_mut());
    let mut all = Vec::new();
    loop {
        // SAFETY: the text is a terminated copy, and the state is the function's own from call to call.
        match unsafe { string(call(from, delimiters.as_ptr(), &mut state)) } {
            Some(token) => all.push(token),
            None => return all,
        }
        from = ptr::null_mut();
    }
}

/// Every token that `strsep` cuts off.
pub fn fields(input: &CStr, delimiters: &CStr) -> Vec<String> {
    let call = required!(strsep(*mut *mut c_char, *const c_char) -> *mut c_char);
    let mut copy = input.to_bytes_with_nul().to_vec();
    let mut from = copy.as_mut_ptr().cast();
    let mut all = Vec::new();
    // SAFETY: the text is a terminated copy, into which `from` points until it is null.
    while let Some(token) = unsafe { string(call(&mut from, delimiters.as_ptr())) } {
        all.push(token);
    }
    all
}

/// `getsubopt` with the words `ro`, `size` and `name`: for each option its number, and its value.
pub fn options(input: &CStr) -> Vec<(i32, Option<String>)> {
    let call = required!(getsubopt(*mut *mut c_char, *const *const c_char, *mut *mut c_char) -> c_int);
    let words = [c"ro".as_ptr(), c"size".as_ptr(), c"name".as_ptr(), ptr::null()];
    let mut copy = input.to_bytes_with_nul().to_vec();
    let mut from: *mut c_char = copy.as_mut_ptr().cast();
    let mut all = Vec::new();
    // SAFETY: `from` points into a terminated copy; the words end with a null pointer; the value is writable.
    while unsafe { *from } != 0 && all.len() < 16 {
        let mut value = ptr::null_mut();
        // SAFETY: as above; the value is null or in the copy.
        unsafe { all.push((call(&mut from, words.as_ptr(), &mut value), string(value))) };
    }
    all
}
