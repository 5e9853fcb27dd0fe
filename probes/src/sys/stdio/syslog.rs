//! `syslog` with a socket of the probe's own in the place of the system's.

use core::ffi::{CStr, c_char, c_int};
use core::hint::black_box;
use heap::vec::Vec;

use crate::sys::call::{Errno, check};
use crate::sys::optional::required;

/// Where the sandbox's `/dev/log` points to.
const PLACE: &CStr = c"/tmp/.log";

/// A socket at `/dev/log` that keeps what arrives; an error where there is one already, or none can be made.
pub struct Log(c_int);

impl Log {
    /// Makes it where `/dev/log` points to it, as in the sandbox; the system's own is left alone.
    pub fn open() -> Result<Self, Errno> {
        let mut target = [0u8; 64];
        // SAFETY: the path is terminated, and the buffer is writable for its length.
        let n = unsafe { libc::readlink(c"/dev/log".as_ptr(), target.as_mut_ptr().cast(), target.len()) };
        if target.get(..usize::try_from(n).unwrap_or(0)) != Some(PLACE.to_bytes()) {
            return Err(Errno(libc::EADDRINUSE));
        }
        let mut address = libc::sockaddr_un { sun_family: libc::AF_UNIX as _, sun_path: [0; 108] };
        for (to, from) in address.sun_path.iter_mut().zip(PLACE.to_bytes()) {
            *to = *from as c_char;
        }
        // SAFETY: the address is complete and its length is its size; the descriptor is new.
        unsafe {
            let fd = check(libc::socket(libc::AF_UNIX, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0))?;
            check(libc::bind(fd, (&raw const address).cast(), size_of_val(&address) as u32))?;
            Ok(Self(fd))
        }
    }

    /// The next message that has arrived; nothing where there is none.
    pub fn message(&self) -> Option<Vec<u8>> {
        let mut buffer = heap::vec![0u8; 16 << 10];
        // SAFETY: the buffer is writable for its length.
        let n = unsafe { libc::recv(self.0, buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_DONTWAIT) };
        buffer.truncate(usize::try_from(n).ok()?);
        Some(buffer)
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        // SAFETY: the descriptor and the name are this object's own.
        unsafe {
            libc::close(self.0);
            libc::unlink(PLACE.as_ptr());
        }
    }
}

/// `openlog`; the name lives on, as the function demands.
pub fn open(name: Option<&'static CStr>, options: i32, facility: i32) {
    let call = required!(openlog(*const c_char, c_int, c_int) -> ());
    // SAFETY: the name is null or static.
    unsafe { call(name.map_or(core::ptr::null(), CStr::as_ptr), options, facility) }
}

/// `syslog` of a format that takes one string or none.
pub fn log(priority: i32, format: &CStr, string: &CStr) {
    unsafe extern "C" {
        fn syslog(priority: c_int, format: *const c_char, ...);
    }
    // SAFETY: the format is terminated and takes a string, or %m.
    unsafe { black_box(syslog as unsafe extern "C" fn(_, _, ...))(priority, format.as_ptr(), string.as_ptr()) }
}

/// `setlogmask`
pub fn mask(mask: i32) -> i32 {
    // SAFETY: integers alone.
    unsafe { required!(setlogmask(c_int) -> c_int)(mask) }
}
