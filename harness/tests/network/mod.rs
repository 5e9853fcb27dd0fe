//! A network of a test's own: a network namespace with nothing in it, which the test's thread and what it starts live in.

use std::io;
use std::panic;
use std::thread;

use nix::sched::{CloneFlags, unshare};

/// Runs `test` in a network of its own, whose loopback interface is up. Where the privilege for one is missing, says so
/// and runs nothing.
pub fn alone(test: impl FnOnce() + Send) {
    let lacks = thread::scope(|scope| {
        let thread = scope.spawn(|| {
            // Of the threads of a process each has its own; what it starts inherits it.
            if let Err(errno) = unshare(CloneFlags::CLONE_NEWNET) {
                return Some(errno);
            }
            libcdiff_agent::sys::loopback_up().expect("its own loopback interface");
            test();
            None
        });
        thread.join().unwrap_or_else(|failed| panic::resume_unwind(failed))
    });
    if let Some(errno) = lacks {
        let root = nix::unistd::geteuid().is_root();
        assert!(!root, "root cannot make a network namespace: {}", io::Error::from(errno));
        eprintln!("unsupported: a network namespace of the test's own takes root (CAP_SYS_ADMIN): {errno}");
    }
}
