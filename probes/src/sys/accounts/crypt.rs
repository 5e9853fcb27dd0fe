//! `crypt`: in musl itself, and for glibc in a library of the image's own.

#[cfg(target_env = "gnu")]
use core::ffi::c_void;
use core::ffi::{CStr, c_char};
use heap::string::String;

use super::{c, string};
use crate::sys::call::{errno, set_errno};
use crate::text;

type Hash = unsafe extern "C" fn(*const c_char, *const c_char) -> *mut c_char;

/// The library that has `crypt` beside glibc.
#[cfg(target_env = "gnu")]
fn library() -> Option<*mut c_void> {
    // SAFETY: the name is terminated.
    let handle = unsafe { libc::dlopen(c"libcrypt.so.1".as_ptr(), libc::RTLD_NOW) };
    (!handle.is_null()).then_some(handle)
}

/// A function of that library; `None` where the image has no such library or it has no such function.
#[cfg(target_env = "gnu")]
fn address(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: the handle is open; the name is terminated.
    let address = unsafe { libc::dlsym(library()?, name.as_ptr()) };
    (!address.is_null()).then_some(address)
}

#[cfg(target_env = "gnu")]
fn hash() -> Option<Hash> {
    // SAFETY: the signature is that of crypt.h.
    address(c"crypt").map(|address| unsafe { core::mem::transmute::<*mut c_void, Hash>(address) })
}

// Looked up at run time: Debian 12 takes it out of its musl.
#[cfg(not(target_env = "gnu"))]
fn hash() -> Option<Hash> {
    // SAFETY: the signature is that of crypt.h.
    unsafe { crate::sys::call::lookup(c"crypt") }
}

/// Whether there is a `crypt` to ask.
pub fn available() -> bool {
    hash().is_some()
}

/// Whether there is a function of this name beside `crypt`.
pub fn has(name: &CStr) -> bool {
    #[cfg(target_env = "gnu")]
    return address(name).is_some();
    #[cfg(not(target_env = "gnu"))]
    crate::sys::call::exists(name)
}

/// `crypt` of a key with a setting: the hash, or null and `errno`; nothing where there is no such function.
pub fn hashed(key: &str, setting: &str) -> Option<String> {
    let hash = hash()?;
    let (key, setting) = (c(key), c(setting));
    set_errno(0);
    // SAFETY: both strings are terminated; the result is null or terminated, and read at once.
    let result = unsafe { hash(key.as_ptr(), setting.as_ptr()) };
    let number = errno();
    if result.is_null() {
        return Some(heap::format!("null, errno {}", text::errno(number)));
    }
    // SAFETY: as above.
    Some(unsafe { string(result) })
}
