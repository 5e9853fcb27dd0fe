//! A library that was opened, and the five calls on it. Messages of `dlerror` are canonical text.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr::NonNull;
use heap::string::String;

use super::{c, canonical};
use crate::text;

/// A handle of `dlopen`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Library(pub(super) *mut c_void);

/// What a look-up starts from.
#[derive(Clone, Copy)]
pub enum From {
    /// The library that was opened as this one, counted from 0.
    Handle(usize),
    /// RTLD_DEFAULT.
    Default,
    /// RTLD_NEXT.
    Next,
}

/// `dlerror`: its text; `None` where it is null.
pub fn error() -> Option<String> {
    // SAFETY: the result is null or a terminated string that stands until the next call.
    let text = unsafe { libc::dlerror() };
    // SAFETY: as above; copied at once.
    (!text.is_null()).then(|| canonical(&text::bytes(unsafe { CStr::from_ptr(text) }.to_bytes())))
}

/// The message after a call that failed.
fn why() -> String {
    error().unwrap_or_else(|| "no message".into())
}

impl Library {
    /// `dlopen`; nothing as a path is the null pointer.
    pub fn open(path: Option<&str>, flags: c_int) -> Result<Self, String> {
        let path = path.map(c);
        // SAFETY: the path is null or terminated. Constructors of the objects only write a line.
        let handle = unsafe { libc::dlopen(path.as_ref().map_or(core::ptr::null(), |p| p.as_ptr()), flags) };
        if handle.is_null() { Err(why()) } else { Ok(Self(handle)) }
    }

    /// `dlopen` of a path that does not exist, with its message left for `dlerror`; whether it failed.
    pub fn fail(path: &str) -> bool {
        // SAFETY: the path is terminated.
        unsafe { libc::dlopen(c(path).as_ptr(), libc::RTLD_NOW) }.is_null()
    }

    /// `dlclose`.
    pub fn close(self) -> Result<c_int, String> {
        // SAFETY: the handle is one that `dlopen` gave; scripts close it no more often than they opened it.
        let result = unsafe { libc::dlclose(self.0) };
        if result == 0 { Ok(result) } else { Err(why()) }
    }
}

/// `dlsym`: what it returned, and the message that it left, if any. The handle is RTLD_DEFAULT, RTLD_NEXT or an open one.
pub(super) fn find(from: *mut c_void, name: &str) -> (Option<NonNull<c_void>>, Option<String>) {
    let name = c(name);
    // SAFETY: the handle is one of the library's own values; the name is terminated.
    unsafe {
        libc::dlerror();
        let address = NonNull::new(libc::dlsym(from, name.as_ptr()));
        (address, error())
    }
}

/// `dlvsym`; `None` where the C library has no such function.
pub fn find_version(library: Library, name: &str, version: &str) -> Option<(Option<NonNull<c_void>>, Option<String>)> {
    type Find = unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char) -> *mut c_void;
    // SAFETY: the signature is that of dlfcn.h.
    let call: Find = unsafe { crate::sys::call::lookup(c"dlvsym") }?;
    let (name, version) = (c(name), c(version));
    // SAFETY: the handle is one that `dlopen` gave; both strings are terminated.
    Some(unsafe { (NonNull::new(call(library.0, name.as_ptr(), version.as_ptr())), error()) })
}

/// Calls a function `int f(void)` of an object.
///
/// # Safety
/// The address must be the one of such a function, unless what a wrong one does is the question.
pub unsafe fn call(function: NonNull<c_void>) -> c_int {
    // SAFETY: the caller vouches for it.
    let function = unsafe { core::mem::transmute::<NonNull<c_void>, unsafe extern "C" fn() -> c_int>(function) };
    // SAFETY: as above.
    unsafe { function() }
}
