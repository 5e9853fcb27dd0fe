//! `iconv`: descriptors, and calls that hand over bytes and give back everything that a program can see.

use core::ffi::c_char;
use heap::ffi::CString;
use heap::vec::Vec;

use crate::sys::call::{Errno, errno, set_errno};

pub mod kept;

/// A conversion. Never closed but by [`Conversion::close`]: a case ends its process.
pub struct Conversion(libc::iconv_t);

/// What one call of `iconv` did.
pub struct Step {
    /// The return value; the error number where it was -1.
    pub result: Result<usize, Errno>,
    /// How many bytes of the input were used.
    pub used: usize,
    /// What was written.
    pub output: Vec<u8>,
}

fn c(name: &str) -> CString {
    CString::new(name).expect("strings of tables hold no NUL")
}

impl Conversion {
    /// `iconv_open`.
    pub fn open(to: &str, from: &str) -> Result<Self, Errno> {
        let (to, from) = (c(to), c(from));
        set_errno(0);
        // SAFETY: both names are terminated.
        let descriptor = unsafe { libc::iconv_open(to.as_ptr(), from.as_ptr()) };
        if descriptor as isize == -1 { Err(Errno(errno())) } else { Ok(Self(descriptor)) }
    }

    /// `iconv` with so many bytes of room.
    pub fn convert(&mut self, input: &[u8], room: usize) -> Step {
        let mut output: Vec<u8> = heap::vec![0; room];
        let (mut source, mut left) = (input.as_ptr().cast_mut().cast::<c_char>(), input.len());
        let (mut target, mut free) = (output.as_mut_ptr().cast::<c_char>(), room);
        set_errno(0);
        // SAFETY: the descriptor is open; both places have as many bytes as said; the input is only read.
        let result = unsafe { libc::iconv(self.0, &mut source, &mut left, &mut target, &mut free) };
        let result = returned(result);
        output.truncate(room - free);
        Step { result, used: input.len() - left, output }
    }

    /// `iconv` without input: what it writes to come back to the first state, into so many bytes, or with no place at all.
    pub fn reset(&mut self, room: Option<usize>) -> Step {
        let mut output: Vec<u8> = heap::vec![0; room.unwrap_or(0)];
        let (mut target, mut free) = (output.as_mut_ptr().cast::<c_char>(), output.len());
        let none = core::ptr::null_mut();
        set_errno(0);
        // SAFETY: the descriptor is open; no input means a reset, for which the place for the output may be null.
        let result = unsafe {
            match room {
                Some(_) => libc::iconv(self.0, none, none.cast(), &mut target, &mut free),
                None => libc::iconv(self.0, none, none.cast(), none, none.cast()),
            }
        };
        let result = returned(result);
        let written = output.len() - free;
        output.truncate(written);
        Step { result, used: 0, output }
    }

    /// `iconv_close`: what it returned.
    pub fn close(self) -> i32 {
        // SAFETY: the descriptor is open, and consumed here.
        unsafe { libc::iconv_close(self.0) }
    }
}

fn returned(result: usize) -> Result<usize, Errno> {
    if result == usize::MAX { Err(Errno(errno())) } else { Ok(result) }
}

/// `setlocale(LC_CTYPE, name)`: whether it was taken.
pub fn use_locale(name: &str) -> bool {
    let name = c(name);
    // SAFETY: the name is terminated.
    !unsafe { libc::setlocale(libc::LC_CTYPE, name.as_ptr()) }.is_null()
}
