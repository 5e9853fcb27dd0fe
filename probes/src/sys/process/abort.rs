//! `abort`: whether anything stops it, and what its end looks like.

use core::ffi::c_int;
use core::sync::atomic::{AtomicU32, Ordering};

use super::{describe_child, say, without_core};
use crate::outcome::Outcome;

/// What stands in the way of the signal.
#[derive(Clone, Copy, Debug)]
pub enum Obstacle {
    /// Nothing.
    None,
    /// SIGABRT is ignored.
    Ignored,
    /// SIGABRT is blocked.
    Blocked,
    /// A handler returns.
    Handler,
    /// SIGABRT is blocked, and a handler waits for it.
    BlockedHandler,
    /// A handler calls `abort`.
    HandlerAborts,
    /// Text is left in a stdio buffer.
    Buffer,
}

extern "C" fn returns(_: c_int) {
    say("handler");
}
extern "C" fn aborts(_: c_int) {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    say("handler");
    if RUNS.fetch_add(1, Ordering::Relaxed) == 2 {
        // Some never come to an end.
        // SAFETY: ends the process.
        unsafe { libc::_exit(9) }
    }
    // SAFETY: may be called from a handler.
    unsafe { libc::abort() }
}

/// Calls `abort` in a child.
pub fn call(o: &mut Outcome, obstacle: Obstacle) {
    // SAFETY: the child has one thread and ends.
    describe_child(o, || unsafe {
        without_core();
        prepare(obstacle);
        libc::abort()
    });
}

unsafe fn prepare(obstacle: Obstacle) {
    // SAFETY: the set is initialised before it is used; handlers do what a handler may do.
    unsafe {
        let handler = match obstacle {
            Obstacle::Ignored => libc::SIG_IGN,
            Obstacle::Handler | Obstacle::BlockedHandler => returns as extern "C" fn(c_int) as usize,
            Obstacle::HandlerAborts => aborts as extern "C" fn(c_int) as usize,
            _ => libc::SIG_DFL,
        };
        libc::signal(libc::SIGABRT, handler);
        if matches!(obstacle, Obstacle::Blocked | Obstacle::BlockedHandler) {
            let mut set: libc::sigset_t = core::mem::zeroed();
            libc::sigemptyset(&mut set);
            libc::sigaddset(&mut set, libc::SIGABRT);
            libc::sigprocmask(libc::SIG_BLOCK, &set, core::ptr::null_mut());
        }
        if matches!(obstacle, Obstacle::Buffer) {
            let stream = libc::fdopen(1, c"w".as_ptr());
            libc::fputs(c"left in a buffer\n".as_ptr(), stream);
        }
    }
}
