//! Child processes: what a case does when the call under test may end the process, and writing the answer.

use core::ffi::c_int;
use heap::string::String;
use heap::vec::Vec;

use super::call::{Errno, check, errno};
use crate::text;

/// How a child ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// `exit` with this code.
    Exited(i32),
    /// Killed by this signal.
    Signal(i32),
    /// Did not end by itself in time and was killed.
    Deadline,
}

/// A child that has ended.
pub struct Child {
    /// How.
    pub end: End,
    /// What it wrote to standard output and standard error, bounded to 16 KiB.
    pub output: Vec<u8>,
}

impl core::fmt::Display for End {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            End::Exited(code) => write!(f, "exit {code}"),
            End::Signal(number) => f.write_str(&text::signal(*number)),
            End::Deadline => f.write_str("did not end"),
        }
    }
}

impl Child {
    /// The output as canonical text.
    pub fn text(&self) -> String {
        text::bytes(&self.output)
    }
}

/// Runs `body` in a forked child with both output streams in a pipe, and waits at most `seconds` for it to end.
/// The child's exit code is what `body` returns.
pub fn in_child(seconds: u32, body: impl FnOnce() -> i32) -> Result<Child, Errno> {
    let mut pipe = [0 as c_int; 2];
    // SAFETY: the array holds two descriptors.
    check(unsafe { libc::pipe(pipe.as_mut_ptr()) })?;
    // SAFETY: the probe has one thread here, so the child may call anything.
    let pid = check(unsafe { libc::fork() })?;
    if pid == 0 {
        // SAFETY: plain descriptor calls on descriptors that are open; `_exit` does not return.
        unsafe {
            libc::dup2(pipe[1], 1);
            libc::dup2(pipe[1], 2);
            libc::close(pipe[0]);
            libc::close(pipe[1]);
            libc::_exit(body())
        }
    }
    // SAFETY: the parent owns the descriptor and closes it once.
    unsafe { libc::close(pipe[1]) };
    let deadline = monotonic_ms() + u64::from(seconds) * 1000;
    let (output, in_time) = drain(pipe[0], deadline);
    // SAFETY: as above.
    unsafe { libc::close(pipe[0]) };
    if !in_time {
        // SAFETY: the pid is our own child, not yet waited for.
        unsafe { libc::kill(pid, libc::SIGKILL) };
    }
    let mut status = 0;
    // SAFETY: as above; the status is a valid place to write.
    while unsafe { libc::waitpid(pid, &mut status, 0) } == -1 && errno() == libc::EINTR {}
    let end = if !in_time {
        End::Deadline
    } else if libc::WIFSIGNALED(status) {
        End::Signal(libc::WTERMSIG(status))
    } else {
        End::Exited(libc::WEXITSTATUS(status))
    };
    Ok(Child { end, output })
}

/// Reads until the other end is closed or the deadline has passed; false in the second case.
fn drain(fd: c_int, deadline: u64) -> (Vec<u8>, bool) {
    const KEPT: usize = 16 << 10;
    let mut kept = Vec::new();
    let mut buffer = [0u8; 2048];
    loop {
        let left = deadline.saturating_sub(monotonic_ms());
        let mut poll = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
        // SAFETY: one pollfd is passed and one is meant.
        if left == 0 || unsafe { libc::poll(&mut poll, 1, left as c_int) } == 0 {
            return (kept, false);
        }
        // SAFETY: the buffer is writable for its length.
        let n = unsafe { libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len()) };
        match n {
            0 => return (kept, true),
            n if n > 0 => kept.extend_from_slice(&buffer[..(n as usize).min(KEPT - kept.len())]),
            _ if errno() == libc::EINTR => {}
            _ => return (kept, true),
        }
    }
}

/// Milliseconds on the monotonic clock, from any origin.
pub fn monotonic_ms() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is writable; this clock always exists.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
    now.tv_sec as u64 * 1000 + now.tv_nsec as u64 / 1_000_000
}

/// Writes everything to a descriptor, without stdio; false when it could not.
pub fn write_all(fd: c_int, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        // SAFETY: the slice is readable for its length.
        match unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) } {
            n if n > 0 => bytes = &bytes[n as usize..],
            _ if errno() == libc::EINTR => {}
            _ => return false,
        }
    }
    true
}
