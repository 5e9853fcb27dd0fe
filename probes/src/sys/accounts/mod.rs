//! Accounts: the databases of users, groups and shadow passwords, those of services and protocols, password hashes, log-ins.
//! Records come back as the line that the file would hold; a null string is `(null)`, as it would be nowhere else.

pub mod crypt;
pub mod databases;
pub mod enumerate;
pub mod files;
pub mod groups;
pub mod login;
pub mod shadow;
pub mod users;

use core::ffi::{CStr, c_char};
use heap::ffi::CString;
use heap::string::String;
use heap::vec::Vec;

use super::call::{errno, set_errno};
use crate::text;

/// The most records that one loop reads: more than any case brings, so that a loop that never ends is seen.
pub const MOST: usize = 60;

/// A string of a table, for C.
fn c(text: &str) -> CString {
    CString::new(text).expect("strings of tables hold no NUL")
}

/// A string of a record.
///
/// # Safety
/// The pointer must be null or point to a terminated string.
unsafe fn string(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return "(null)".into();
    }
    // SAFETY: the caller vouches for the pointer.
    text::bytes(unsafe { CStr::from_ptr(pointer) }.to_bytes()).replace('\r', "\\r")
}

/// A list of strings that a null pointer ends, with commas.
///
/// # Safety
/// The pointer must be null or point to such a list.
unsafe fn strings(mut list: *const *mut c_char) -> String {
    let mut all: Vec<String> = Vec::new();
    // SAFETY: the caller vouches for the list, which is read up to its null pointer.
    unsafe {
        while !list.is_null() && !(*list).is_null() {
            all.push(string(*list));
            list = list.add(1);
        }
    }
    all.join(",")
}

/// What a look-up came to: the record, or null and `errno`, which was 0 before the call.
fn answered(call: impl FnOnce() -> Option<String>) -> String {
    set_errno(0);
    let record = call();
    let number = errno();
    record.unwrap_or_else(|| heap::format!("null, errno {}", text::errno(number)))
}

/// Shortens a long record: its beginning, its length, and its end.
fn shortened(record: String) -> String {
    match record.char_indices().nth(160) {
        None => record,
        Some(_) => {
            let head: String = record.chars().take(24).collect();
            let tail: String = record.chars().rev().take(24).collect::<Vec<_>>().into_iter().rev().collect();
            heap::format!("{head}...{tail} ({} bytes)", record.len())
        }
    }
}

/// Removes a file of the image; false outside of one, where nothing is touched.
pub fn gone(path: &str) -> bool {
    // SAFETY: the path is terminated.
    super::loader::inside() && unsafe { libc::unlink(c(path).as_ptr()) } == 0
}

/// Lets nobody read a file of the image; false outside of one, and where this user reads it nevertheless.
pub fn shut(path: &str) -> bool {
    let path = c(path);
    // SAFETY: the path is terminated.
    super::loader::inside()
        && unsafe { libc::chmod(path.as_ptr(), 0) == 0 && libc::access(path.as_ptr(), libc::R_OK) != 0 }
}
