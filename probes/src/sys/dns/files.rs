//! Files that change between two calls of one process, as an administrator or a DHCP client changes them.

use core::ffi::c_int;

use crate::dns::Change;
use crate::sys::call::{Errno, check, errno};
use crate::sys::process::write_all;

/// glibc tells a changed file by size, inode and times. The kernel's file times move on with its clock tick, which is at
/// most 10 ms; two versions of a file have to be further apart than that.
const APART: libc::timespec = libc::timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// Writes the file in place, the inode kept where there is one, or removes it.
///
/// # Errors
/// The file could not be opened, written or removed.
pub fn apply(change: &Change) -> Result<(), Errno> {
    // SAFETY: the time to sleep is readable, and nothing is asked back.
    unsafe { libc::nanosleep(&APART, core::ptr::null_mut()) };
    let Some(content) = &change.content else {
        // SAFETY: the path is terminated.
        return check(unsafe { libc::unlink(change.path.as_ptr()) }).map(|_| ());
    };
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC | libc::O_CLOEXEC;
    let mode: c_int = 0o644;
    // SAFETY: the path is terminated, and O_CREAT has its mode.
    let file = check(unsafe { libc::open(change.path.as_ptr(), flags, mode) })?;
    let written = write_all(file, content).then_some(()).ok_or_else(|| Errno(errno()));
    // SAFETY: the descriptor is this function's own and used by nobody afterwards.
    unsafe { libc::close(file) };
    written
}
