//! What the C library says in words: `confstr`, its own version, and which functions it has.

use core::ffi::{CStr, c_char, c_int};
use heap::string::String;
use heap::vec::Vec;

use crate::outcome::{Outcome, Value};
use crate::sys::call::{errno, exists, lookup, set_errno};
use crate::text;

unsafe extern "C" {
    fn confstr(name: c_int, buffer: *mut c_char, length: usize) -> usize;
}

/// What `confstr` says to a number: the string, or the error, with the length that it names.
pub fn answer(name: c_int) -> String {
    let mut buffer = [0 as c_char; 512];
    set_errno(0);
    // SAFETY: the buffer is writable for its length and long enough.
    unsafe {
        match confstr(name, buffer.as_mut_ptr(), buffer.len()) {
            0 if errno() == 0 => "none".into(),
            0 => text::errno(errno()),
            n if n <= buffer.len() => {
                let string = text::bytes(CStr::from_ptr(buffer.as_ptr()).to_bytes());
                // Its own version is what a C library may say, and is no difference.
                let string = match string.split_once(' ') {
                    Some((name @ ("glibc" | "NPTL"), _)) => heap::format!("{name} VERSION"),
                    _ => string,
                };
                heap::format!("`{}`", string.replace('\n', " "))
            }
            _ => "longer than 512 bytes".into(),
        }
    }
}

/// `confstr` of these.
pub fn strings(o: &mut Outcome, names: &[(&str, c_int)]) {
    o.table("confstr", names.iter().map(|(name, number)| ((*name).into(), answer(*number).into())).collect());
}

/// `confstr` with a buffer that is too short, and without one.
pub fn short(o: &mut Outcome) {
    let mut buffer = *b"########";
    // SAFETY: the buffer is writable for the lengths that are told; no buffer goes with length 0.
    unsafe {
        o.fact("length", confstr(0, core::ptr::null_mut(), 0));
        o.fact("length_4", confstr(0, buffer.as_mut_ptr().cast(), 4));
        o.fact("buffer", text::bytes(&buffer).replace('\0', "0"));
    }
}

/// What the C library calls itself, where it does.
pub fn version(o: &mut Outcome) {
    type Call = unsafe extern "C" fn() -> *const c_char;
    // SAFETY: both functions take nothing and return a terminated string.
    unsafe {
        for name in [c"gnu_get_libc_version", c"gnu_get_libc_release"] {
            let said = lookup::<Call>(name).map(|call| text::bytes(CStr::from_ptr(call()).to_bytes()));
            o.fact(&name.to_string_lossy(), if said.is_some() { "there" } else { "absent" });
            o.measured("said", said);
        }
    }
}

/// Which of these functions the C library has.
pub fn present(o: &mut Outcome, names: &[&CStr]) {
    if cfg!(target_feature = "crt-static") {
        return o.unsupported("a static program has no dynamic symbols to ask");
    }
    let rows: Vec<(String, Value)> =
        names.iter().map(|name| (name.to_string_lossy().into_owned(), exists(name).into())).collect();
    o.table("present", rows);
}
