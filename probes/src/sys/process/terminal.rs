//! Terminals and logins where there are none: what the functions say in a container.

use core::ffi::{CStr, c_char, c_int, c_long, c_void};
use heap::string::String;

use crate::outcome::Outcome;
use crate::sys::call::{errno, lookup, said, set_errno};
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

/// `ctermid` with a buffer and without.
pub fn controlling(o: &mut Outcome) {
    unsafe extern "C" {
        fn ctermid(buffer: *mut c_char) -> *mut c_char;
    }
    let mut buffer = [0 as c_char; 64];
    // SAFETY: the buffer is longer than L_ctermid, 9 in glibc and 20 in musl.
    unsafe {
        o.fact("null", string(ctermid(core::ptr::null_mut())));
        o.fact("buffer", string(ctermid(buffer.as_mut_ptr())));
    }
}

/// Who is logged in, in a process without a terminal; LOGNAME says `somebody`.
pub fn login(o: &mut Outcome) {
    unsafe extern "C" {
        fn getlogin() -> *const c_char;
        fn getlogin_r(buffer: *mut c_char, length: usize) -> c_int;
    }
    // SAFETY: the buffers are writable for the lengths that are told; results are read at once.
    unsafe {
        let mut buffer = [0 as c_char; 64];
        let class = |said: String| if said == "`somebody`" { "the variable LOGNAME" } else { "not LOGNAME" };
        set_errno(0);
        let answer = string(getlogin());
        o.measured("getlogin_said", answer.as_str());
        o.fact("getlogin", class(answer));
        let code = getlogin_r(buffer.as_mut_ptr(), 64);
        o.measured("getlogin_r_code", code);
        o.fact("getlogin_r", class(if code == 0 { string(buffer.as_ptr()) } else { String::new() }));
        if code == 0 {
            o.fact("getlogin_r_short", text::errno(getlogin_r(buffer.as_mut_ptr(), 2)));
        }
    }
}

/// The records of logins: whether there are any.
pub fn records(o: &mut Outcome) {
    unsafe extern "C" {
        fn setutxent();
        fn getutxent() -> *const c_void;
        fn pututxline(record: *const c_void) -> *const c_void;
        fn endutxent();
    }
    // SAFETY: the record is 512 zero bytes, longer than the structure of any C library here, and only read.
    unsafe {
        setutxent();
        set_errno(0);
        o.fact("getutxent", if getutxent().is_null() { "none" } else { "a record" });
        let record = [0u64; 64];
        set_errno(0);
        let put = pututxline(record.as_ptr().cast());
        o.fact("pututxline", if put.is_null() { text::errno(errno()) } else { "a record".into() });
        endutxent();
        type Name = unsafe extern "C" fn(*const c_char) -> c_int;
        let call = lookup::<Name>(c"utmpxname").or_else(|| lookup::<Name>(c"utmpname"));
        set_errno(0);
        o.fact("utmpxname", call.map_or("absent".into(), |call| said(call(c"/tmp/nowhere".as_ptr()))));
    }
}

/// `gethostid`, which glibc makes out of a file or an address.
pub fn host_id(o: &mut Outcome) {
    unsafe extern "C" {
        fn gethostid() -> c_long;
    }
    // SAFETY: takes nothing and gives a number.
    o.fact("gethostid", heap::format!("{:x}", unsafe { gethostid() }));
}
