//! Translated messages: `gettext` and `catopen`, looked up by name, since old C libraries may lack them.

use core::ffi::{c_char, c_int, c_ulong, c_void};
use heap::string::String;

use super::{c, string};
use crate::sys::call::{Errno, errno, set_errno};
use crate::sys::optional::optional;

/// What `bindtextdomain` and `textdomain` answered; `None` where they are not there.
pub fn bind(domain: &str, folder: &str) -> Option<(Option<String>, Option<String>)> {
    let bind = optional!(bindtextdomain(*const c_char, *const c_char) -> *mut c_char)?;
    let choose = optional!(textdomain(*const c_char) -> *mut c_char)?;
    let (domain, folder) = (c(domain), c(folder));
    // SAFETY: the names are terminated and copied; the results are null or terminated.
    Some(unsafe { (string(bind(domain.as_ptr(), folder.as_ptr())), string(choose(domain.as_ptr()))) })
}

/// `gettext`; the name is kept by the caller's table, so that the result may be the argument itself.
pub fn translate(message: &str) -> Option<String> {
    let call = optional!(gettext(*const c_char) -> *mut c_char)?;
    let message = c(message);
    // SAFETY: the message is terminated and outlives the copy of the result.
    unsafe { string(call(message.as_ptr())) }
}

/// `ngettext`.
pub fn translate_number(one: &str, many: &str, number: u64) -> Option<String> {
    let call = optional!(ngettext(*const c_char, *const c_char, c_ulong) -> *mut c_char)?;
    let (one, many) = (c(one), c(many));
    // SAFETY: as in `translate`.
    unsafe { string(call(one.as_ptr(), many.as_ptr(), number)) }
}

/// `bind_textdomain_codeset`: what it answered.
pub fn codeset(domain: &str, name: &str) -> Option<String> {
    let call = optional!(bind_textdomain_codeset(*const c_char, *const c_char) -> *mut c_char)?;
    let (domain, name) = (c(domain), c(name));
    // SAFETY: the names are terminated; the result is null or terminated.
    Some(unsafe { string(call(domain.as_ptr(), name.as_ptr())) }.unwrap_or_else(|| "null".into()))
}

/// `catopen` and the first message of the first set; the error number where it could not be opened.
pub fn catalogue(path: &str) -> Option<Result<String, Errno>> {
    let open = optional!(catopen(*const c_char, c_int) -> *mut c_void)?;
    let get = optional!(catgets(*mut c_void, c_int, c_int, *const c_char) -> *mut c_char)?;
    let path = c(path);
    set_errno(0);
    // SAFETY: the path is terminated; the descriptor is used only where it was opened; the results are terminated.
    unsafe {
        let descriptor = open(path.as_ptr(), 0);
        if descriptor as isize == -1 {
            return Some(Err(Errno(errno())));
        }
        Some(Ok(string(get(descriptor, 1, 1, c"default".as_ptr())).unwrap_or_default()))
    }
}

/// `strerror`.
pub fn error_text(number: i32) -> String {
    // SAFETY: any number is allowed; the result is terminated.
    unsafe { string(libc::strerror(number)) }.unwrap_or_default()
}
