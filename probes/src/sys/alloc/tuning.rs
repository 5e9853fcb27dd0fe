//! Ways into glibc's allocator that other C libraries may lack: statistics, options and hooks. All are looked up by name.

use core::ffi::c_void;
use core::sync::atomic::{AtomicU64, Ordering};

use super::calls::malloc;
use crate::sys::call::{Errno, lookup};

/// `struct mallinfo` and `struct mallinfo2`: ten figures, of `int` and of `size_t`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Info<T>([T; 10]);

/// The figures `uordblks` (bytes in use in the heap) and `hblkhd` (bytes in mappings) together, at these places.
const IN_USE: [usize; 2] = [7, 4];

/// How far `mallinfo` and `mallinfo2` count up for a block of this size: bytes, nothing where there is no such function.
pub fn counted(bytes: usize) -> Result<[Option<i64>; 2], Errno> {
    let before = [in_use::<i32>(c"mallinfo"), in_use::<usize>(c"mallinfo2")];
    malloc(bytes)?;
    let after = [in_use::<i32>(c"mallinfo"), in_use::<usize>(c"mallinfo2")];
    Ok([0, 1].map(|n| Some(after[n]? - before[n]?)))
}

fn in_use<T: Copy + TryInto<i64>>(name: &core::ffi::CStr) -> Option<i64> {
    // SAFETY: both functions of these names take nothing and return ten figures of this type.
    let call: unsafe extern "C" fn() -> Info<T> = unsafe { lookup(name) }?;
    // SAFETY: as above.
    let info = unsafe { call() };
    IN_USE.iter().map(|n| info.0[*n].try_into().ok()).sum()
}

/// `mallopt`: what it returns, nothing where the C library has no such function.
pub fn option(parameter: i32, value: i32) -> Option<i32> {
    // SAFETY: the signature is that of malloc.h.
    let call: unsafe extern "C" fn(i32, i32) -> i32 = unsafe { lookup(c"mallopt") }?;
    // SAFETY: takes two numbers.
    Some(unsafe { call(parameter, value) })
}

static CALLS: AtomicU64 = AtomicU64::new(0);

unsafe extern "C" fn hook(_: usize, _: *const c_void) -> *mut c_void {
    CALLS.fetch_add(1, Ordering::Relaxed);
    core::ptr::null_mut()
}

/// How often a function that was put into `__malloc_hook` is called by one `malloc`; nothing where there is no such variable.
pub fn hook_calls() -> Option<u64> {
    type Hook = Option<unsafe extern "C" fn(usize, *const c_void) -> *mut c_void>;
    // SAFETY: the variable has this type in glibc's malloc.h.
    let variable: *mut Hook = unsafe { lookup(c"__malloc_hook") }?;
    // SAFETY: the variable is writable; the process has one thread.
    unsafe { variable.write(Some(hook)) };
    let _ = malloc(24);
    // SAFETY: as above.
    unsafe { variable.write(None) };
    Some(CALLS.load(Ordering::Relaxed))
}
