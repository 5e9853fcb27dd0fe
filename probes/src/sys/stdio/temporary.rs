//! Names and files that are meant to be temporary.

use core::ffi::{CStr, c_char, c_int};
use heap::string::String;

use super::descriptor;
use crate::sys::call::{Errno, errno, set_errno};
use crate::sys::optional::required;
use crate::text;

/// A name that a template became, and what was made.
pub struct Made {
    /// The descriptor's flags in words, or the error.
    pub result: Result<String, Errno>,
    /// The template afterwards.
    pub name: String,
}

fn made(template: &CStr, call: impl FnOnce(*mut c_char) -> c_int) -> Made {
    let mut name = template.to_bytes_with_nul().to_vec();
    set_errno(0);
    let fd = call(name.as_mut_ptr().cast());
    let result = if fd < 0 { Err(Errno(errno())) } else { Ok(descriptor::flags(fd)) };
    name.pop();
    if fd >= 0 {
        descriptor::close(fd);
        let path = heap::format!("{}\0", text::bytes(&name));
        // SAFETY: the path is terminated, and names the file that was made above.
        unsafe { libc::unlink(path.as_ptr().cast()) };
    }
    Made { result, name: text::bytes(&name) }
}

/// `mkostemps`
pub fn file(template: &CStr, suffix: i32, flags: i32) -> Made {
    let call = required!(mkostemps(*mut c_char, c_int, c_int) -> c_int);
    // SAFETY: the template is terminated and writable.
    made(template, |name| unsafe { call(name, suffix, flags) })
}

/// `mkstemp`
pub fn plain_file(template: &CStr) -> Made {
    let call = required!(mkstemp(*mut c_char) -> c_int);
    // SAFETY: as in `file`.
    made(template, |name| unsafe { call(name) })
}

/// `mkdtemp`, whose folder is removed again: the name, or the error.
pub fn folder(template: &CStr) -> Result<String, Errno> {
    let call = required!(mkdtemp(*mut c_char) -> *mut c_char);
    let mut name = template.to_bytes_with_nul().to_vec();
    set_errno(0);
    // SAFETY: as in `file`.
    if unsafe { call(name.as_mut_ptr().cast()) }.is_null() {
        return Err(Errno(errno()));
    }
    // SAFETY: the name is terminated, and names the folder that was made above.
    unsafe { libc::rmdir(name.as_ptr().cast()) };
    name.pop();
    Ok(text::bytes(&name))
}

/// `mktemp`: the template afterwards, and whether the result is the template itself.
pub fn name(template: &CStr) -> (String, bool, Errno) {
    let call = required!(mktemp(*mut c_char) -> *mut c_char);
    let mut name = template.to_bytes_with_nul().to_vec();
    set_errno(0);
    // SAFETY: as in `file`.
    let result = unsafe { call(name.as_mut_ptr().cast()) };
    let itself = result.cast::<u8>() == name.as_mut_ptr();
    name.pop();
    (text::bytes(&name), itself, Errno(errno()))
}

/// `tmpnam(NULL)`
pub fn any_name() -> Option<String> {
    // SAFETY: a null pointer asks for the C library's own buffer, which is copied at once.
    unsafe { string(required!(tmpnam(*mut c_char) -> *mut c_char)(core::ptr::null_mut())) }
}

/// `tempnam`
pub fn name_in(folder: Option<&CStr>, prefix: &CStr) -> Option<String> {
    let call = required!(tempnam(*const c_char, *const c_char) -> *mut c_char);
    // SAFETY: both strings are terminated or null; the result is null or a string of malloc's, which leaks.
    unsafe { string(call(folder.map_or(core::ptr::null(), CStr::as_ptr), prefix.as_ptr())) }
}

/// `ctermid(NULL)`
pub fn terminal() -> Option<String> {
    // SAFETY: as in `any_name`.
    unsafe { string(required!(ctermid(*mut c_char) -> *mut c_char)(core::ptr::null_mut())) }
}

/// # Safety
/// The pointer must be null or point to a terminated string.
unsafe fn string(pointer: *const c_char) -> Option<String> {
    // SAFETY: the caller vouches for the pointer.
    (!pointer.is_null()).then(|| text::bytes(unsafe { CStr::from_ptr(pointer) }.to_bytes()))
}

/// The folder of the cases' own files, made where it is missing.
pub fn own_folder() {
    for path in [c"/tmp", c"/tmp/libcdiff"] {
        // SAFETY: the path is terminated; that it exists already is no failure.
        unsafe { libc::mkdir(path.as_ptr(), 0o777) };
    }
}

/// Removes a file of the cases' own, if it is there.
pub fn remove(path: &CStr) {
    // SAFETY: the path is terminated.
    unsafe { libc::unlink(path.as_ptr()) };
}
