//! Files below /etc that a look-up reads, written anew for each question of one process.
//!
//! That is only done where there is no network but the loopback interface: in a sandbox, and not on a machine on which
//! somebody tries the worker by hand.

use core::ffi::{CStr, c_int};
use core::sync::atomic::{AtomicI64, Ordering};

use crate::sys::call::{Errno, check, errno};
use crate::sys::process::write_all;

unsafe extern "C" {
    #[link_name = "if_nameindex"]
    fn interfaces() -> *mut libc::if_nameindex;
    #[link_name = "if_freenameindex"]
    fn free_interfaces(list: *mut libc::if_nameindex);
}

/// Whether the loopback interface is the only one.
pub fn is_alone() -> bool {
    // SAFETY: the list ends in an entry without a name, every other has a terminated one, and it is freed once.
    unsafe {
        let list = interfaces();
        if list.is_null() {
            return false;
        }
        let mut names = (0..).map(|n| (*list.add(n)).if_name).take_while(|name| !name.is_null());
        let alone = names.all(|name| CStr::from_ptr(name) == c"lo");
        free_interfaces(list);
        alone
    }
}

/// Makes a file hold this, or leaves it where it does not exist and is to hold nothing.
///
/// It gets a time of its own, one second later than any before: glibc tells by size, inode and time whether a file has changed,
/// and two versions that are written within a tick of the clock would be one to it.
///
/// # Errors
/// The file could not be opened or written.
pub fn write(path: &CStr, content: &[u8]) -> Result<(), Errno> {
    static SECONDS: AtomicI64 = AtomicI64::new(1_000_000);
    let seconds = SECONDS.fetch_add(1, Ordering::Relaxed);
    let time = libc::timespec { tv_sec: seconds as _, tv_nsec: 0 };
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC | libc::O_CLOEXEC;
    let mode: c_int = 0o644;
    // SAFETY: the path is terminated, O_CREAT has its mode, and the descriptor is closed once.
    unsafe {
        let file = check(libc::open(path.as_ptr(), flags, mode))?;
        let written = write_all(file, content) && libc::futimens(file, [time, time].as_ptr()) == 0;
        let failed = errno();
        libc::close(file);
        if written { Ok(()) } else { Err(Errno(failed)) }
    }
}
