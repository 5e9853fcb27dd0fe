//! Terminals where there are none: what the functions say in a container.

use core::ffi::{CStr, c_char, c_int};
use heap::string::String;

use crate::outcome::Outcome;
use crate::sys::call::{errno, said, set_errno};
use crate::sys::optional::optional;
use crate::text;

/// What a function said that returns a string or null.
unsafe fn string(result: *const c_char) -> String {
    if result.is_null() {
        return heap::format!("null {}", text::errno(errno()));
    }
    // SAFETY: the caller passes a terminated string or null.
    heap::format!("`{}`", text::bytes(unsafe { CStr::from_ptr(result) }.to_bytes()))
}

/// The functions that name a terminal, for a descriptor that is none and one that is closed.
pub fn names(o: &mut Outcome) {
    // SAFETY: the buffer is writable for the length that is told; results are read at once.
    unsafe {
        let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC);
        for (name, fd) in [("null", null), ("closed", 99)] {
            let mut buffer = [0 as c_char; 64];
            set_errno(0);
            o.fact(&heap::format!("isatty_{name}"), heap::format!("{} {}", libc::isatty(fd), text::errno(errno())));
            set_errno(0);
            o.fact(&heap::format!("ttyname_{name}"), string(libc::ttyname(fd)));
            o.fact(&heap::format!("ttyname_r_{name}"), text::errno(libc::ttyname_r(fd, buffer.as_mut_ptr(), 64)));
            set_errno(0);
            o.fact(&heap::format!("ptsname_{name}"), string(libc::ptsname(fd)));
            let call = optional!(ptsname_r(c_int, *mut c_char, usize) -> c_int);
            let code = call.map_or("absent".into(), |call| text::errno(call(fd, buffer.as_mut_ptr(), 64)));
            o.fact(&heap::format!("ptsname_r_{name}"), code);
        }
    }
}

/// The functions of pseudo-terminals, for a descriptor that is none and one that is closed.
pub fn pairs(o: &mut Outcome) {
    // SAFETY: the functions take and give numbers.
    unsafe {
        let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC);
        for (name, fd) in [("null", null), ("closed", 99)] {
            set_errno(0);
            o.fact(&heap::format!("grantpt_{name}"), said(libc::grantpt(fd)));
            set_errno(0);
            o.fact(&heap::format!("unlockpt_{name}"), said(libc::unlockpt(fd)));
            set_errno(0);
            o.fact(&heap::format!("tcgetpgrp_{name}"), said(libc::tcgetpgrp(fd)));
            set_errno(0);
            o.fact(&heap::format!("tcgetsid_{name}"), said(libc::tcgetsid(fd)));
        }
    }
}

/// `ptsname_r` without a buffer, and `ttyname_r` with one byte.
pub fn short(o: &mut Outcome) {
    let call = optional!(ptsname_r(c_int, *mut c_char, usize) -> c_int);
    // SAFETY: a null buffer goes with no length; what the function says to it is the question.
    let code = call.map_or("absent".into(), |call| text::errno(unsafe { call(0, core::ptr::null_mut(), 0) }));
    o.fact("ptsname_r_null", code);
    let mut byte = [0 as c_char];
    // SAFETY: the buffer is writable for its length.
    o.fact("ttyname_r_short", text::errno(unsafe { libc::ttyname_r(0, byte.as_mut_ptr(), 1) }));
}
