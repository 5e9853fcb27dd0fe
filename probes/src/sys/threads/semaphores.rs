//! Semaphores, unnamed and private to the process.

use core::cell::UnsafeCell;
use core::ffi::c_int;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use crate::sys::call::{Errno, check, errno};

/// A semaphore. It must not move once it is used, so it is made in place and only lent out.
pub struct Semaphore(UnsafeCell<libc::sem_t>);

// SAFETY: the C library's own operations on a semaphore may be called from any thread.
unsafe impl Sync for Semaphore {}

impl Default for Semaphore {
    fn default() -> Self {
        // SAFETY: an all-zero object is overwritten by `init` before it is used; used before that, it is a C object still.
        Self(UnsafeCell::new(unsafe { core::mem::zeroed() }))
    }
}

impl Semaphore {
    /// `sem_init`
    pub fn init(&self, value: u32) -> Result<(), Errno> {
        // SAFETY: the object is writable and not in use.
        check(unsafe { libc::sem_init(self.0.get(), 0, value) }).map(drop)
    }
    /// `sem_post`
    pub fn post(&self) -> Result<(), Errno> {
        // SAFETY: the object is initialised.
        check(unsafe { libc::sem_post(self.0.get()) }).map(drop)
    }
    /// `sem_wait`
    pub fn wait(&self) -> Result<(), Errno> {
        // SAFETY: the object is initialised.
        check(unsafe { libc::sem_wait(self.0.get()) }).map(drop)
    }
    /// `sem_trywait`
    pub fn try_wait(&self) -> Result<(), Errno> {
        // SAFETY: the object is initialised.
        check(unsafe { libc::sem_trywait(self.0.get()) }).map(drop)
    }
    /// `sem_timedwait` until a time on the real-time clock.
    pub fn wait_until(&self, seconds: i64, nanoseconds: i64) -> Result<(), Errno> {
        let until = libc::timespec { tv_sec: seconds, tv_nsec: nanoseconds };
        // SAFETY: the object is initialised, and the time is readable.
        check(unsafe { libc::sem_timedwait(self.0.get(), &until) }).map(drop)
    }
}

static TARGET: AtomicPtr<Semaphore> = AtomicPtr::new(core::ptr::null_mut());
static TICKS: AtomicU32 = AtomicU32::new(0);

extern "C" fn tick(_: c_int) {
    let before = errno();
    if TICKS.fetch_add(1, Ordering::Relaxed) == 4 {
        // SAFETY: `interrupted` stored a semaphore that outlives the timer; `sem_post` may be called from a handler.
        let _ = unsafe { &*TARGET.load(Ordering::Relaxed) }.post();
    }
    crate::sys::call::set_errno(before);
}

/// Waits for a semaphore while a timer's signal comes every 20 ms; the fifth one posts, so that a wait that is restarted
/// ends too. `flags` are those of the handler's `sigaction`.
pub fn interrupted(flags: c_int) -> Result<(), Errno> {
    let semaphore = Semaphore::default();
    semaphore.init(0)?;
    TARGET.store((&raw const semaphore).cast_mut(), Ordering::Relaxed);
    let every = libc::timeval { tv_sec: 0, tv_usec: 20_000 };
    let mut timer = libc::itimerval { it_interval: every, it_value: every };
    // SAFETY: the action is fully set before it is installed; the handler does what a handler may do.
    unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        action.sa_sigaction = tick as extern "C" fn(c_int) as usize;
        action.sa_flags = flags;
        libc::sigaction(libc::SIGALRM, &action, core::ptr::null_mut());
        libc::setitimer(libc::ITIMER_REAL, &timer, core::ptr::null_mut());
    }
    let result = semaphore.wait();
    timer.it_value.tv_usec = 0;
    // SAFETY: stops the timer before the semaphore goes.
    unsafe { libc::setitimer(libc::ITIMER_REAL, &timer, core::ptr::null_mut()) };
    result
}
