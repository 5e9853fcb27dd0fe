//! Streams whose data is memory that the C library or the program keeps: `open_memstream` and `fopencookie`.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use heap::string::String;

use super::stream::Stream;
use crate::sys::call::{Errno, errno, set_errno};
use crate::sys::optional::{optional, required};
use crate::text;

/// A stream of `open_memstream` and the two places that it keeps up to date.
pub struct Growing {
    start: *mut c_char,
    bytes: usize,
}

impl Growing {
    /// Places that hold nothing yet.
    pub fn new() -> heap::boxed::Box<Self> {
        heap::boxed::Box::new(Self { start: ptr::null_mut(), bytes: usize::MAX })
    }

    /// `open_memstream` on these places, which do not move.
    pub fn open(self: &mut heap::boxed::Box<Self>) -> Result<Stream, Errno> {
        let call = required!(open_memstream(*mut *mut c_char, *mut usize) -> *mut libc::FILE);
        set_errno(0);
        // SAFETY: both places are boxed, so that they outlive the stream.
        let file = unsafe { call(&mut self.start, &mut self.bytes) };
        super::stream::adopted(file).ok_or_else(|| Errno(errno()))
    }

    /// The size as the stream last said it; nothing where it has not yet.
    pub fn bytes(&self) -> Option<usize> {
        (self.bytes != usize::MAX).then_some(self.bytes)
    }

    /// The memory up to the size, and whether a NUL follows; nothing where there is no memory yet.
    pub fn content(&self) -> Option<(String, bool)> {
        let bytes = self.bytes()?;
        if self.start.is_null() {
            return None;
        }
        // SAFETY: the stream promises this many bytes and a NUL after its last flush.
        let all = unsafe { core::slice::from_raw_parts(self.start.cast::<u8>(), bytes + 1) };
        Some((text::bytes(&all[..bytes]), all[bytes] == 0))
    }
}

/// What the functions of a cookie return, whatever they are asked.
#[derive(Clone, Copy, Debug)]
pub struct Cookie {
    /// Of `write`.
    pub write: i64,
    /// Of `read`.
    pub read: i64,
    /// Of `seek`.
    pub seek: i32,
    /// Of `close`.
    pub close: i32,
}

#[repr(C)]
struct Functions {
    read: unsafe extern "C" fn(*mut c_void, *mut c_char, usize) -> isize,
    write: unsafe extern "C" fn(*mut c_void, *const c_char, usize) -> isize,
    seek: unsafe extern "C" fn(*mut c_void, *mut i64, c_int) -> c_int,
    close: unsafe extern "C" fn(*mut c_void) -> c_int,
}

unsafe extern "C" fn read(cookie: *mut c_void, _: *mut c_char, _: usize) -> isize {
    // SAFETY: the cookie is the static one that `of_cookie` was given.
    unsafe { (*cookie.cast::<Cookie>()).read as isize }
}
unsafe extern "C" fn write(cookie: *mut c_void, _: *const c_char, bytes: usize) -> isize {
    // SAFETY: as in `read`.
    let most = unsafe { (*cookie.cast::<Cookie>()).write as isize };
    most.min(bytes as isize)
}
unsafe extern "C" fn seek(cookie: *mut c_void, _: *mut i64, _: c_int) -> c_int {
    // SAFETY: as in `read`.
    unsafe { (*cookie.cast::<Cookie>()).seek }
}
unsafe extern "C" fn close(cookie: *mut c_void) -> c_int {
    // SAFETY: as in `read`.
    unsafe { (*cookie.cast::<Cookie>()).close }
}

/// `fopencookie`; nothing where the C library has none.
pub fn of_cookie(cookie: &'static Cookie, mode: &core::ffi::CStr) -> Option<Result<Stream, Errno>> {
    let call = optional!(fopencookie(*mut c_void, *const c_char, Functions) -> *mut libc::FILE)?;
    set_errno(0);
    let place = ptr::from_ref(cookie).cast_mut().cast();
    // SAFETY: the cookie is static and only read, the mode is terminated, and the functions have their signatures.
    let file = unsafe { call(place, mode.as_ptr(), Functions { read, write, seek, close }) };
    Some(super::stream::adopted(file).ok_or_else(|| Errno(errno())))
}
