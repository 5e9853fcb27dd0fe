//! What the fuzz worker needs of the system: a child that asks, memory that it shares, and an eye on it.

use core::cell::Cell;
use core::ffi::c_int;
use core::sync::atomic::{AtomicU64, Ordering};
use heap::ffi::CString;
use heap::vec::Vec;

use super::arena::ARENA;
use super::call::errno;
use super::process::monotonic_ms;

/// Bytes of the memory that a child writes to; what is not touched costs nothing.
const LOG_BYTES: usize = 64 << 20;
/// Milliseconds of processor time that one input may take; a hundred thousand times what most take. What comes to no end costs
/// the campaign that much.
const COMPUTING_MS: u64 = 250;
/// Milliseconds that one input may wait.
const WAITING_MS: u64 = 20_000;
/// Milliseconds between two looks at a child.
const LOOK_MS: c_int = 20;

/// Runs something, and gives back to the arena whatever it took of it.
pub fn and_back(body: impl FnOnce() -> bool) -> bool {
    let mark = ARENA.mark();
    let said = body();
    // SAFETY: the worker has one thread, and a `bool` is all that is left of the body.
    unsafe { ARENA.back(mark) };
    said
}

/// A whole file; `None` where it cannot be read.
pub fn read(path: &str) -> Option<Vec<u8>> {
    let path = CString::new(path).ok()?;
    // SAFETY: the path is terminated; the descriptor is closed below.
    let fd = unsafe { libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
    if fd == -1 {
        return None;
    }
    // SAFETY: all zeros is a valid stat, and it is writable.
    let size = unsafe {
        let mut about: libc::stat = core::mem::zeroed();
        if libc::fstat(fd, &mut about) == 0 { about.st_size as usize } else { 0 }
    };
    let mut bytes = heap::vec![0u8; size];
    let mut have = 0;
    while have < size {
        // SAFETY: what is left of the buffer is writable.
        match unsafe { libc::read(fd, bytes.as_mut_ptr().add(have).cast(), size - have) } {
            n if n > 0 => have += n as usize,
            _ => break,
        }
    }
    // SAFETY: the descriptor is this function's own.
    unsafe { libc::close(fd) };
    (have == size).then_some(bytes)
}

/// Answers of children, in memory that outlives them: a head of two figures (answers, bytes) and the bytes.
pub struct Log(*mut u8);

impl Log {
    const HEAD: usize = 16;

    /// An empty one; `None` where there is no memory.
    pub fn new() -> Option<Self> {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new anonymous mapping touches no memory that is in use.
        let start = unsafe { libc::mmap(core::ptr::null_mut(), LOG_BYTES, access, flags, -1, 0) };
        (start != libc::MAP_FAILED).then_some(Self(start.cast()))
    }

    fn figure(&self, n: usize) -> &AtomicU64 {
        // SAFETY: the mapping begins with two aligned figures, and lives as long as `self`.
        unsafe { &*self.0.cast::<AtomicU64>().add(n) }
    }

    /// How many answers there are.
    pub fn answered(&self) -> u64 {
        self.figure(0).load(Ordering::Acquire)
    }

    /// Adds an answer; false where there is no room.
    pub fn push(&self, bytes: &[u8]) -> bool {
        let used = self.figure(1).load(Ordering::Relaxed) as usize;
        if Self::HEAD + used + bytes.len() > LOG_BYTES {
            return false;
        }
        // SAFETY: the room was just looked at; one process writes at a time, since the parent waits for its child.
        unsafe {
            let to = self.0.add(Self::HEAD + used);
            match bytes.first_chunk::<4>() {
                // A hash: no call for it.
                Some(hash) if bytes.len() == 4 => to.cast::<[u8; 4]>().write_unaligned(*hash),
                _ => core::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()),
            }
        }
        self.figure(1).store((used + bytes.len()) as u64, Ordering::Relaxed);
        self.figure(0).fetch_add(1, Ordering::Release);
        true
    }

    /// The answers, one after the other.
    pub fn bytes(&self) -> &[u8] {
        let used = (self.figure(1).load(Ordering::Acquire) as usize).min(LOG_BYTES - Self::HEAD);
        // SAFETY: inside the mapping, which lives as long as `self`; no child is running when this is called.
        unsafe { core::slice::from_raw_parts(self.0.add(Self::HEAD), used) }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        // SAFETY: the mapping is this object's own.
        unsafe { libc::munmap(self.0.cast(), LOG_BYTES) };
    }
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its work was done.
    Returned,
    /// It called `exit` in the middle of it.
    Exited(i32),
    /// A signal.
    Signal(i32),
    /// One input took too long.
    Hung,
}

/// What a child exits with whose work is done; no C library uses it.
const DONE: c_int = 93;

/// Runs `body` in a child that writes nowhere but to the log; `None` where none could be started.
pub fn attended(log: &Log, body: impl FnOnce()) -> Option<Ended> {
    let mut pipe = [0 as c_int; 2];
    // SAFETY: the array holds two descriptors.
    if unsafe { libc::pipe2(pipe.as_mut_ptr(), libc::O_CLOEXEC) } == -1 {
        return None;
    }
    // SAFETY: the worker has one thread, so the child may call anything.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        quiet();
        // SAFETY: the descriptor is the child's own; the process ends without running anything else.
        unsafe {
            libc::close(pipe[0]);
            body();
            libc::_exit(DONE)
        }
    }
    // SAFETY: the parent owns the descriptor and closes it once.
    unsafe { libc::close(pipe[1]) };
    let hung = pid != -1 && !ends(log, pid, pipe[0]);
    // SAFETY: the descriptor is the parent's own, and the pid that of a child not yet waited for.
    let status = unsafe {
        libc::close(pipe[0]);
        if pid == -1 {
            return None;
        }
        if hung {
            libc::kill(pid, libc::SIGKILL);
        }
        let mut status = 0;
        while libc::waitpid(pid, &mut status, 0) == -1 && errno() == libc::EINTR {}
        status
    };
    Some(match status {
        _ if hung => Ended::Hung,
        status if libc::WIFSIGNALED(status) => Ended::Signal(libc::WTERMSIG(status)),
        status if libc::WEXITSTATUS(status) == DONE => Ended::Returned,
        status => Ended::Exited(libc::WEXITSTATUS(status)),
    })
}

/// In the child: nothing that a function under test prints goes anywhere, and a crash leaves no file.
fn quiet() {
    super::process::without_core();
    // SAFETY: the path is terminated; descriptors are plain numbers.
    unsafe {
        let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
        libc::dup2(null, 1);
        libc::dup2(null, 2);
    }
}

/// Waits for the child's end; false when one input takes too long.
fn ends(log: &Log, pid: c_int, pipe: c_int) -> bool {
    let last = Cell::new((log.answered(), computed_ms(pid), monotonic_ms()));
    loop {
        let mut poll = libc::pollfd { fd: pipe, events: libc::POLLIN, revents: 0 };
        // SAFETY: one pollfd is passed and one is meant. The child holds the other end of the pipe as long as it lives.
        if unsafe { libc::poll(&mut poll, 1, LOOK_MS) } == 1 {
            return true;
        }
        let now = (log.answered(), computed_ms(pid), monotonic_ms());
        let (answered, computed, at) = last.get();
        if now.0 != answered {
            last.set(now);
        } else if now.1.saturating_sub(computed) > COMPUTING_MS || now.2.saturating_sub(at) > WAITING_MS {
            return false;
        }
    }
}

/// Milliseconds of processor time that a process has had.
fn computed_ms(pid: c_int) -> u64 {
    let mut clock = 0;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: both places are writable; a process that is gone makes an error, and the time stays 0.
    unsafe {
        if libc::clock_getcpuclockid(pid, &mut clock) == 0 {
            libc::clock_gettime(clock, &mut time);
        }
    }
    time.tv_sec as u64 * 1000 + time.tv_nsec as u64 / 1_000_000
}
