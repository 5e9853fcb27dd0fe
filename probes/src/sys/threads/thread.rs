//! A thread: made, waited for, and asked how it ended.

use core::ffi::c_void;
use heap::boxed::Box;

use super::attributes::Attributes;
use crate::sys::call::{Errno, check_code};

/// A thread that was made and not yet waited for.
#[derive(Clone, Copy)]
pub struct Thread(pub(super) libc::pthread_t);

/// What `pthread_join` hands back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The thread's own value.
    Returned(usize),
    /// PTHREAD_CANCELED.
    Cancelled,
}

impl core::fmt::Display for Ended {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Returned(_) => f.write_str("returned"),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

struct Job {
    body: fn(usize) -> usize,
    argument: usize,
}

extern "C" fn begin(job: *mut c_void) -> *mut c_void {
    // SAFETY: `start` leaked the job for this thread alone.
    let job = unsafe { &*job.cast::<Job>() };
    (job.body)(job.argument) as *mut c_void
}

impl Thread {
    /// Starts a thread; nothing as attributes gives it the defaults. The error is `pthread_create`'s.
    pub fn start(attributes: Option<&Attributes>, body: fn(usize) -> usize, argument: usize) -> Result<Self, Errno> {
        let job = Box::into_raw(Box::new(Job { body, argument }));
        let attributes = attributes.map_or(core::ptr::null(), Attributes::raw);
        // SAFETY: an all-zero id is overwritten before it is used.
        let mut id = unsafe { core::mem::zeroed() };
        // SAFETY: the attributes are null or initialised; the job is never freed, so it outlives the thread.
        check_code(unsafe { libc::pthread_create(&mut id, attributes, begin, job.cast()) })?;
        Ok(Self(id))
    }

    /// The calling thread.
    pub fn current() -> Self {
        // SAFETY: asks for a number.
        Self(unsafe { libc::pthread_self() })
    }

    /// `pthread_join`. The caller sees to it that the thread is joinable, or asks what happens when it is not, in a child.
    pub fn join(self) -> Result<Ended, Errno> {
        let mut value = core::ptr::null_mut();
        // SAFETY: the result is writable; the id is one that `pthread_create` or `pthread_self` gave.
        check_code(unsafe { libc::pthread_join(self.0, &mut value) })?;
        Ok(if value as isize == -1 { Ended::Cancelled } else { Ended::Returned(value as usize) })
    }

    /// `pthread_detach`
    pub fn detach(self) -> Result<(), Errno> {
        // SAFETY: the id is one that `pthread_create` gave.
        check_code(unsafe { libc::pthread_detach(self.0) })
    }

    /// `pthread_cancel`
    pub fn cancel(self) -> Result<(), Errno> {
        // SAFETY: as in `detach`; the thread has not been joined.
        check_code(unsafe { libc::pthread_cancel(self.0) })
    }
}

/// Runs `body` in a thread of its own and waits for it. The error is `pthread_create`'s or `pthread_join`'s.
pub fn run<R>(attributes: Option<&Attributes>, body: impl FnOnce() -> R) -> Result<R, Errno> {
    struct Call<F, R>(Option<F>, Option<R>);
    fn call<F: FnOnce() -> R, R>(call: usize) -> usize {
        // SAFETY: `run` waits for this thread, so the call outlives it, and touches it only afterwards.
        let call = unsafe { &mut *(call as *mut Call<F, R>) };
        call.1 = call.0.take().map(|body| body());
        0
    }
    fn entry<F: FnOnce() -> R, R>(_: &F) -> fn(usize) -> usize {
        call::<F, R>
    }
    let entry = entry(&body);
    let mut state = Call(Some(body), None);
    Thread::start(attributes, entry, &raw mut state as usize)?.join()?;
    state.1.ok_or(Errno(libc::ECANCELED))
}

/// The kernel's number of the calling thread.
pub fn task() -> u64 {
    // SAFETY: a system call without arguments.
    unsafe { libc::syscall(libc::SYS_gettid) as u64 }
}

/// Waits until the kernel has forgotten this thread of the process, at most two seconds; false when it has not.
pub fn gone(task: u64) -> bool {
    let path = heap::format!("/proc/self/task/{task}\0");
    for _ in 0..2000 {
        // SAFETY: the path is terminated.
        if unsafe { libc::access(path.as_ptr().cast(), libc::F_OK) } == -1 {
            return true;
        }
        pause(1);
    }
    false
}

/// Sleeps so many milliseconds.
pub fn pause(milliseconds: i64) {
    let time = libc::timespec { tv_sec: 0, tv_nsec: milliseconds * 1_000_000 };
    // SAFETY: the time is readable, and nothing is asked back.
    unsafe { libc::nanosleep(&time, core::ptr::null_mut()) };
}
