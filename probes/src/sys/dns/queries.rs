//! res_query(3) and res_search(3).
//!
//! A C program that says `res_query` gets, by resolv.h: `res_query` in libc from glibc 2.34 on; `__res_query` in
//! libresolv.so.2 before, where it has to link that; and `res_query` in libc with musl. The same functions are called
//! here, but an older glibc's are opened at run time, so that the probe needs no library that newer images may lack.

use core::ffi::{c_char, c_int};
use heap::ffi::CString;
use heap::vec;

use super::hosts::last_error;
use super::state;
use crate::dns::answer::{elapsed, h_errno};
use crate::dns::{Query, message};
use crate::outcome::Outcome;
use crate::sys::process::monotonic_ms;

/// Name, class, type, answer, and the answer's size.
pub(super) type Ask = unsafe extern "C" fn(*const c_char, c_int, c_int, *mut u8, c_int) -> c_int;

#[cfg(not(target_env = "gnu"))]
unsafe extern "C" {
    fn res_query(name: *const c_char, class: c_int, kind: c_int, answer: *mut u8, size: c_int) -> c_int;
    fn res_search(name: *const c_char, class: c_int, kind: c_int, answer: *mut u8, size: c_int) -> c_int;
}

/// res_query(3) itself; `None` where there is none.
pub(super) fn plain() -> Option<Ask> {
    #[cfg(target_env = "gnu")]
    let function = find(c"res_query", c"__res_query");
    #[cfg(not(target_env = "gnu"))]
    let function = Some(res_query as Ask);
    function
}

/// res_query(3).
pub fn query(name: &CString, query: &Query, o: &mut Outcome) {
    ask(plain(), name, query, o);
}

/// res_search(3).
pub fn search(name: &CString, query: &Query, o: &mut Outcome) {
    #[cfg(target_env = "gnu")]
    let function = find(c"res_search", c"__res_search");
    #[cfg(not(target_env = "gnu"))]
    let function = Some(res_search as Ask);
    ask(function, name, query, o);
}

/// The function in libc, or by its older name in libresolv.
#[cfg(target_env = "gnu")]
fn find(name: &core::ffi::CStr, before: &core::ffi::CStr) -> Option<Ask> {
    // SAFETY: resolv.h gives the functions of these names this signature.
    address(name, before)
        .map(|address| unsafe { core::mem::transmute::<*mut core::ffi::c_void, Ask>(address.as_ptr()) })
}

/// The address of a function in libc, or by its older name in libresolv.
#[cfg(target_env = "gnu")]
pub(super) fn address(
    name: &core::ffi::CStr,
    before: &core::ffi::CStr,
) -> Option<core::ptr::NonNull<core::ffi::c_void>> {
    // SAFETY: the names are terminated; a handle of null is asked for nothing.
    unsafe {
        core::ptr::NonNull::new(libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr())).or_else(|| {
            let library = libc::dlopen(c"libresolv.so.2".as_ptr(), libc::RTLD_NOW);
            if library.is_null() { None } else { core::ptr::NonNull::new(libc::dlsym(library, before.as_ptr())) }
        })
    }
}

fn ask(function: Option<Ask>, name: &CString, query: &Query, o: &mut Outcome) {
    let Some(function) = function else {
        return o.unsupported("neither libc nor libresolv has this function");
    };
    if query.changes_state() {
        state::change(query);
    }
    let mut buffer = vec![0u8; query.size];
    let start = monotonic_ms();
    // SAFETY: the name is terminated, and the buffer is writable for the size given.
    let returned =
        unsafe { function(name.as_ptr(), 1, c_int::from(query.kind), buffer.as_mut_ptr(), query.size as c_int) };
    let elapsed_ms = monotonic_ms() - start;
    o.fact("returned", returned);
    match usize::try_from(returned) {
        Err(_) => o.fact("h_errno", h_errno(last_error())),
        Ok(length) => message::describe(&buffer[..length.min(query.size)], o),
    }
    elapsed(elapsed_ms, o);
}
