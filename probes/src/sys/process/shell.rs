//! `system`, `popen` and `pclose`: how the shell is called, what its end is told as, and what signals do meanwhile.

use core::ffi::{CStr, c_int};
use heap::string::String;

use super::{describe_child, say};
use crate::outcome::Outcome;
use crate::sys::call::{errno, said, set_errno};
use crate::text;

fn status(status: c_int) -> String {
    if status == -1 {
        heap::format!("-1 {}", text::errno(errno()))
    } else if libc::WIFSIGNALED(status) {
        text::signal(libc::WTERMSIG(status))
    } else {
        heap::format!("exit {}", libc::WEXITSTATUS(status))
    }
}

/// `system`: what it returns for this command.
pub fn system(o: &mut Outcome, command: &CStr) {
    describe_child(o, || {
        set_errno(0);
        // SAFETY: the command is terminated.
        let answer = unsafe { libc::system(command.as_ptr()) };
        say(format_args!("system: {}", status(answer)));
        0
    });
}

/// `system` of no command: whether there is a shell.
pub fn there_is(o: &mut Outcome) {
    describe_child(o, || {
        // SAFETY: a null pointer asks whether there is a shell.
        say(format_args!("shell: {}", if unsafe { libc::system(core::ptr::null()) } == 0 { "none" } else { "there" }));
        0
    });
}

/// `system` while this process ignores SIGCHLD: its children leave no status.
pub fn system_unwaited(o: &mut Outcome) {
    describe_child(o, || {
        // SAFETY: a predefined action; the command is terminated.
        let answer = unsafe {
            libc::signal(libc::SIGCHLD, libc::SIG_IGN);
            libc::system(c"exit 3".as_ptr())
        };
        say(format_args!("system: {}", status(answer)));
        0
    });
}

/// Which signals the shell of `system` ignores or has blocked; this process ignores or blocks one.
pub fn system_signals(o: &mut Outcome, ignored: Option<c_int>, blocked: Option<c_int>) {
    describe_child(o, || {
        // SAFETY: the set is initialised before it is used; a predefined action; the command is terminated.
        unsafe {
            ignored.map(|signal| libc::signal(signal, libc::SIG_IGN));
            let mut set: libc::sigset_t = core::mem::zeroed();
            libc::sigemptyset(&mut set);
            blocked.map(|signal| libc::sigaddset(&mut set, signal));
            libc::sigprocmask(libc::SIG_BLOCK, &set, core::ptr::null_mut());
            libc::system(c"signals".as_ptr());
        }
        0
    });
}

/// `popen` in this mode, and `pclose`.
pub fn popen(o: &mut Outcome, command: &CStr, mode: &CStr) {
    describe_child(o, || {
        set_errno(0);
        // SAFETY: the strings are terminated; the stream is closed once.
        unsafe {
            let stream = libc::popen(command.as_ptr(), mode.as_ptr());
            if stream.is_null() {
                say(format_args!("popen: {}", text::errno(errno())));
                return 0;
            }
            let flags = libc::fcntl(libc::fileno(stream), libc::F_GETFD);
            say(format_args!("closed on exec: {}", if flags & libc::FD_CLOEXEC != 0 { "yes" } else { "no" }));
            if mode.to_bytes().starts_with(b"r") {
                let mut line = [0 as core::ffi::c_char; 256];
                while !libc::fgets(line.as_mut_ptr(), line.len() as c_int, stream).is_null() {
                    say(format_args!("read: {}", text::bytes(CStr::from_ptr(line.as_ptr()).to_bytes()).trim_end()));
                }
            } else {
                libc::fputs(c"written\n".as_ptr(), stream);
            }
            say(format_args!("pclose: {}", status(libc::pclose(stream))));
        }
        0
    });
}

/// Which descriptors the shell of a second `popen` has, beside its own pipe: those of the first must not be among them.
pub fn popen_twice(o: &mut Outcome) {
    describe_child(o, || {
        // SAFETY: the strings are terminated; descriptors up to 63 belong to this child.
        unsafe {
            for fd in 3..64 {
                libc::close(fd);
            }
            let first = libc::popen(c"copy".as_ptr(), c"w".as_ptr());
            let second = libc::popen(c"files".as_ptr(), c"w".as_ptr());
            libc::pclose(second);
            libc::pclose(first);
        }
        0
    });
}

/// `pclose` while SIGCHLD is ignored.
pub fn pclose_unwaited(o: &mut Outcome) {
    describe_child(o, || {
        // SAFETY: the strings are terminated; the stream is closed once.
        unsafe {
            libc::signal(libc::SIGCHLD, libc::SIG_IGN);
            let stream = libc::popen(c"exit 3".as_ptr(), c"w".as_ptr());
            set_errno(0);
            say(format_args!("pclose: {}", said(libc::pclose(stream))));
        }
        0
    });
}
