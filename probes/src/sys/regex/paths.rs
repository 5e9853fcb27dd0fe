//! `glob` and `fnmatch`.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicUsize, Ordering};
use heap::string::String;
use heap::vec::Vec;

use super::c;
use crate::newest;
use crate::text;

type Report = extern "C" fn(*const c_char, c_int) -> c_int;
type Glob = unsafe extern "C" fn(*const c_char, c_int, Option<Report>, *mut libc::glob_t) -> c_int;

/// What `glob` answered.
pub struct Paths {
    /// What it returned.
    pub code: i32,
    /// The paths, where it returned 0.
    pub paths: Vec<String>,
    /// How often the function for errors was called.
    pub errors: usize,
}

static ERRORS: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count(_: *const c_char, _: c_int) -> c_int {
    ERRORS.fetch_add(1, Ordering::Relaxed);
    0
}

extern "C" fn stop(_: *const c_char, _: c_int) -> c_int {
    ERRORS.fetch_add(1, Ordering::Relaxed);
    1
}

/// `glob` by its newest version, one pattern after the other into one list (with `GLOB_APPEND`). `stops` says whether the
/// function for errors asks to end.
pub fn glob(patterns: &[&str], flags: i32, stops: bool) -> Option<Paths> {
    let mut list = MaybeUninit::<libc::glob_t>::zeroed();
    let report: Report = if stops { stop } else { count };
    let mut code = 0;
    for (i, pattern) in patterns.iter().enumerate() {
        let pattern = c(pattern.as_bytes());
        let flags = if i == 0 { flags } else { flags | libc::GLOB_APPEND };
        // SAFETY: the signature is the one of the C headers; the pattern is terminated; the list is zeroed or what the
        // last call made.
        code = unsafe { newest!(libc::glob, c"glob", Glob)?(pattern.as_ptr(), flags, Some(report), list.as_mut_ptr()) };
    }
    Some(read(code, &mut list))
}

/// The list after a call. With `GLOB_DOOFFS` the places kept free count too.
fn read(code: i32, list: &mut MaybeUninit<libc::glob_t>) -> Paths {
    // SAFETY: it was zeroed before the call.
    let list = unsafe { list.assume_init_ref() };
    let path = |i: usize| {
        // SAFETY: the C library wrote this many pointers, each null or to a terminated string.
        let path = unsafe { *list.gl_pathv.add(i) };
        if path.is_null() {
            return "null".into();
        }
        // SAFETY: as above.
        text::bytes(unsafe { CStr::from_ptr(path) }.to_bytes())
    };
    let known = code == 0 && !list.gl_pathv.is_null();
    let paths = if known { (0..list.gl_pathc).map(path).collect() } else { Vec::new() };
    Paths { code, paths, errors: ERRORS.load(Ordering::Relaxed) }
}

/// The beginning of glibc's `glob_t`, with the functions that musl keeps as unused room.
#[repr(C)]
struct WithFunctions {
    count: usize,
    paths: *mut *mut c_char,
    offset: usize,
    flags: c_int,
    close: unsafe extern "C" fn(*mut c_void),
    read: unsafe extern "C" fn(*mut c_void) -> *mut libc::dirent,
    open: unsafe extern "C" fn(*const c_char) -> *mut c_void,
    lstat: unsafe extern "C" fn(*const c_char, *mut libc::stat) -> c_int,
    stat: unsafe extern "C" fn(*const c_char, *mut libc::stat) -> c_int,
}

const _: () = assert!(size_of::<WithFunctions>() == size_of::<libc::glob_t>());

unsafe extern "C" fn close(_: *mut c_void) {}
unsafe extern "C" fn nothing(_: *mut c_void) -> *mut libc::dirent {
    core::ptr::null_mut()
}
unsafe extern "C" fn open(_: *const c_char) -> *mut c_void {
    ERRORS.fetch_add(1, Ordering::Relaxed);
    &raw const ERRORS as *mut c_void
}
unsafe extern "C" fn missing(_: *const c_char, _: *mut libc::stat) -> c_int {
    -1
}

/// `glob` with `GLOB_ALTDIRFUNC` and functions that show every folder as empty: what it found, and how often a folder was
/// opened through them.
pub fn glob_through_functions(pattern: &str, flag: i32) -> Option<Paths> {
    let pattern = c(pattern.as_bytes());
    let mut list = WithFunctions {
        count: 0,
        paths: core::ptr::null_mut(),
        offset: 0,
        flags: 0,
        close,
        read: nothing,
        open,
        lstat: missing,
        stat: missing,
    };
    // SAFETY: the signature is the one of the C headers; the structure begins as both families' does and is as long; the
    // functions fit glibc's declarations.
    let code = unsafe { newest!(libc::glob, c"glob", Glob)?(pattern.as_ptr(), flag, None, (&raw mut list).cast()) };
    let path = |i: usize| {
        // SAFETY: the C library wrote this many pointers to terminated strings.
        text::bytes(unsafe { CStr::from_ptr(*list.paths.add(i)) }.to_bytes())
    };
    let paths = if code == 0 { (0..list.count).map(path).collect() } else { Vec::new() };
    Some(Paths { code, paths, errors: ERRORS.load(Ordering::Relaxed) })
}

/// `fnmatch`.
pub fn fnmatch(pattern: &[u8], name: &[u8], flags: i32) -> i32 {
    let (pattern, name) = (c(pattern), c(name));
    // SAFETY: both strings are terminated.
    unsafe { libc::fnmatch(pattern.as_ptr(), name.as_ptr(), flags) }
}
