//! The one converter from C return values, and the look-up of functions by name.

use core::ffi::CStr;
use heap::string::String;

use crate::text;

/// An error number, as `errno` holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub i32);

/// The calling thread's error number.
pub fn errno() -> i32 {
    // SAFETY: the address of this thread's errno is valid for as long as the thread is.
    unsafe { *libc::__errno_location() }
}

/// Sets the calling thread's error number: before a call whose effect on `errno` is the question.
pub fn set_errno(value: i32) {
    // SAFETY: as in `errno`.
    unsafe { *libc::__errno_location() = value }
}

/// `-1` and errno, as an error.
pub fn check(result: i32) -> Result<i32, Errno> {
    if result == -1 { Err(Errno(errno())) } else { Ok(result) }
}

/// What a call said that answers -1 and errno where it fails: its number, or the name of the error.
pub fn said(result: impl Into<i64>) -> String {
    match result.into() {
        -1 => text::errno(errno()),
        number => heap::format!("{number}"),
    }
}

/// An error number as the result itself, as the pthread functions return it.
pub fn check_code(result: i32) -> Result<(), Errno> {
    if result == 0 { Ok(()) } else { Err(Errno(result)) }
}

/// Whether the C library has a function of this name, seen from a running program.
///
/// A static program has no dynamic symbols to ask, so nothing is ever found there.
pub fn exists(name: &CStr) -> bool {
    // SAFETY: the name is terminated; RTLD_DEFAULT is always a valid handle.
    !unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) }.is_null()
}

/// The newest version of a function of the C library, by name (fidelity rule 3); `None` where it has none, and always
/// in a static program.
///
/// # Safety
/// `F` must be the type of a function pointer with the signature that the C headers give for this name.
pub unsafe fn lookup<F: Copy>(name: &CStr) -> Option<F> {
    const { assert!(size_of::<F>() == size_of::<*mut ()>()) };
    // SAFETY: as in `exists`.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    // SAFETY: the address is not null, the sizes are equal, and the caller vouches for the signature.
    (!address.is_null()).then(|| unsafe { core::mem::transmute_copy(&address) })
}

/// A function of the C library as a program linked today gets it: by its newest symbol version in glibc, which is looked
/// up at run time so that the probe keeps its floor (fidelity rule 3); plainly linked in musl, which has no versions.
#[macro_export]
macro_rules! newest {
    ($function:path, $name:literal, $signature:ty) => {{
        #[cfg(target_env = "gnu")]
        let found = $crate::sys::call::lookup::<$signature>($name);
        #[cfg(not(target_env = "gnu"))]
        let found = Some($function as $signature);
        found
    }};
}
