//! Child processes: what a case does when the call under test may end the process, and writing the answer.

use core::ffi::c_int;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use heap::string::String;
use heap::vec::Vec;

use super::call::{Errno, check, errno};
use crate::outcome::Outcome;
use crate::text;

pub mod abort;
pub mod environment;
pub mod exec;
pub mod exits;
pub mod fork;
pub mod jump;
pub mod names;
pub mod numbers;
pub mod shell;
pub mod signals;
pub mod spawn;
pub mod stand_in;
pub mod terminal;
pub mod texts;

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

/// Figures that a child leaves behind: a page shared with it, so that they outlive whatever ends the child, and no handler
/// has to run for them to be seen. All are 0 at first.
pub struct Shared(core::ptr::NonNull<[AtomicU64; Shared::FIGURES]>);

impl Shared {
    /// How many figures there are: one page of them.
    pub const FIGURES: usize = 512;

    /// A fresh page; children forked from now on share it.
    pub fn new() -> Result<Self, Errno> {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new anonymous mapping touches no memory that is in use.
        let page = unsafe {
            libc::mmap(core::ptr::null_mut(), 8 * Self::FIGURES, access, libc::MAP_SHARED | libc::MAP_ANONYMOUS, -1, 0)
        };
        if page == libc::MAP_FAILED {
            return Err(Errno(errno()));
        }
        core::ptr::NonNull::new(page.cast()).map(Self).ok_or(Errno(libc::ENOMEM))
    }
}

impl core::ops::Deref for Shared {
    type Target = [AtomicU64; Shared::FIGURES];
    fn deref(&self) -> &Self::Target {
        // SAFETY: the mapping is page aligned, zeroed, of this size, and lives as long as `self`; atomics may be shared.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: the mapping is this object's own, and no reference into it outlives it.
        unsafe { libc::munmap(self.0.as_ptr().cast(), 8 * Self::FIGURES) };
    }
}

/// For a child that is about to crash on purpose: nothing is written to disk, and no crash handler of the machine's starts.
pub fn without_core() {
    // SAFETY: one integer argument; changes nothing in memory.
    unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0) };
}

/// Ticks of the timer of [`end_after`] of which the last one ends the process.
const TICKS: u32 = 10;

/// For a child whose next call may never return: SIGALRM ends it after so many milliseconds.
///
/// The time runs from here, and in ticks. A child that a busy machine keeps from the processor gets one tick once it runs
/// again, however many were due, and then comes to the end of its call: only a call that waits sees them all.
pub fn end_after(milliseconds: u64) {
    static SEEN: AtomicU32 = AtomicU32::new(0);
    extern "C" fn tick(_: c_int) {
        if SEEN.fetch_add(1, Ordering::Relaxed) + 2 == TICKS {
            // SAFETY: may be called from a handler; the default action is to end the process.
            unsafe { libc::signal(libc::SIGALRM, libc::SIG_DFL) };
        }
    }
    let microseconds = milliseconds * 1000 / u64::from(TICKS);
    let every = libc::timeval { tv_sec: (microseconds / 1_000_000) as _, tv_usec: (microseconds % 1_000_000) as _ };
    let timer = libc::itimerval { it_interval: every, it_value: every };
    // SAFETY: the action is fully set before it is installed, and its handler does what a handler may do; the timer is
    // readable, and nothing is asked back.
    unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        action.sa_sigaction = tick as extern "C" fn(c_int) as usize;
        action.sa_flags = libc::SA_RESTART;
        libc::sigaction(libc::SIGALRM, &action, core::ptr::null_mut());
        libc::setitimer(libc::ITIMER_REAL, &timer, core::ptr::null_mut());
    }
}

/// The variable that tells a program that [`run_again`] started it.
const INNER: &core::ffi::CStr = c"LIBCDIFF_INNER";

/// Whether this process is one that [`run_again`] started.
pub fn inner() -> bool {
    // SAFETY: the name is terminated; nothing of the environment is changed meanwhile.
    !unsafe { libc::getenv(INNER.as_ptr()) }.is_null()
}

/// Runs this very program again, with this case, in a process that has forked from nothing: for what a forked child would
/// answer differently. The case sees [`inner`], and its line of answer, should it write one, is in the output.
pub fn run_again(case: &str) -> Result<Child, Errno> {
    let case = heap::format!("{case}\0");
    in_child(10, || {
        let arguments = [c"probe".as_ptr(), case.as_ptr().cast(), core::ptr::null()];
        // SAFETY: the child has one thread, so the environment may be changed; the strings are terminated and the list is
        // ended by a null pointer.
        unsafe {
            libc::setenv(INNER.as_ptr(), c"1".as_ptr(), 1);
            libc::execv(c"/proc/self/exe".as_ptr(), arguments.as_ptr());
        }
        errno()
    })
}

/// Runs `body` in a forked child and describes what it wrote, line by line, and how it ended.
pub fn describe_child(o: &mut Outcome, body: impl FnOnce() -> i32) {
    let Some(child) = o.need("starting a child", in_child(8, body)) else { return };
    for line in child.text().lines() {
        o.line(line);
    }
    o.fact("end", heap::format!("{}", child.end));
}

/// Writes a line to standard output, without stdio.
pub fn say(line: impl core::fmt::Display) {
    write_all(1, heap::format!("{line}\n").as_bytes());
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

/// Runs `body` in a forked child that writes where this process does, and gives back the child's exit code; whatever the
/// body took from the arena is free again afterwards.
pub fn aside(body: impl FnOnce() -> i32) -> Result<i32, Errno> {
    // SAFETY: the probe has one thread here, so the child may call anything.
    let pid = check(unsafe { libc::fork() })?;
    if pid == 0 {
        // SAFETY: ends the child without running anything else.
        unsafe { libc::_exit(body()) }
    }
    let mut status = 0;
    // SAFETY: the pid is our own child, not yet waited for; the status is a valid place to write.
    while unsafe { libc::waitpid(pid, &mut status, 0) } == -1 && errno() == libc::EINTR {}
    Ok(if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -1 })
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
