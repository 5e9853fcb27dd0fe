//! Locks: mutexes, read-write locks, condition variables and barriers, with the error numbers that their functions return.
//!
//! Each object stays where it was made: C's locks must not move. Error numbers are handed on as they are; whether an answer
//! is a good one is for the harness to say.

use core::cell::UnsafeCell;
use core::ffi::c_int;

use super::thread;
use crate::sys::call::{Errno, check_code};

/// A time on a condition variable's or a lock's clock.
#[derive(Clone, Copy)]
pub struct Time {
    /// Seconds.
    pub seconds: i64,
    /// Nanoseconds, valid or not.
    pub nanoseconds: i64,
}

impl Time {
    /// Long past on every clock.
    pub const PAST: Self = Self { seconds: 1, nanoseconds: 0 };
    /// No time at all: a billion nanoseconds.
    pub const INVALID: Self = Self { seconds: 1, nanoseconds: 1_000_000_000 };

    fn raw(self) -> libc::timespec {
        libc::timespec { tv_sec: self.seconds, tv_nsec: self.nanoseconds }
    }
}

/// A mutex.
pub struct Mutex(UnsafeCell<libc::pthread_mutex_t>);

/// What a mutex is made with; `pthread_mutexattr_*` take each.
#[derive(Clone, Copy)]
pub struct Kind {
    /// PTHREAD_MUTEX_NORMAL and so on.
    pub kind: c_int,
    /// PTHREAD_MUTEX_ROBUST.
    pub robust: bool,
}

// SAFETY: the C library's own operations on each object may be called from any thread.
unsafe impl Sync for Mutex {}

impl Mutex {
    /// A mutex of this kind, to be initialised in place with [`Mutex::init`].
    pub fn new() -> Self {
        // SAFETY: an all-zero object is overwritten by `init` before it is used.
        Self(UnsafeCell::new(unsafe { core::mem::zeroed() }))
    }
    /// `pthread_mutex_init`
    pub fn init(&self, kind: Kind) -> Result<(), Errno> {
        // SAFETY: both objects are writable, and the attributes are initialised before they are used.
        unsafe {
            let mut attributes = core::mem::zeroed();
            check_code(libc::pthread_mutexattr_init(&mut attributes))?;
            check_code(libc::pthread_mutexattr_settype(&mut attributes, kind.kind))?;
            if kind.robust {
                check_code(libc::pthread_mutexattr_setrobust(&mut attributes, libc::PTHREAD_MUTEX_ROBUST))?;
            }
            check_code(libc::pthread_mutex_init(self.0.get(), &attributes))?;
            check_code(libc::pthread_mutexattr_destroy(&mut attributes))
        }
    }
    /// `pthread_mutex_lock`
    pub fn lock(&self) -> i32 {
        // SAFETY: the object is initialised; so in all the methods below.
        unsafe { libc::pthread_mutex_lock(self.0.get()) }
    }
    /// `pthread_mutex_trylock`
    pub fn try_lock(&self) -> i32 {
        // SAFETY: as in `lock`.
        unsafe { libc::pthread_mutex_trylock(self.0.get()) }
    }
    /// `pthread_mutex_timedlock`
    pub fn lock_until(&self, time: Time) -> i32 {
        // SAFETY: as in `lock`; the time is readable.
        unsafe { libc::pthread_mutex_timedlock(self.0.get(), &time.raw()) }
    }
    /// `pthread_mutex_unlock`
    pub fn unlock(&self) -> i32 {
        // SAFETY: as in `lock`; unlocking what another thread holds is asked only of kinds that check it.
        unsafe { libc::pthread_mutex_unlock(self.0.get()) }
    }
    /// `pthread_mutex_consistent`
    pub fn consistent(&self) -> i32 {
        // SAFETY: as in `lock`.
        unsafe { libc::pthread_mutex_consistent(self.0.get()) }
    }
    /// `pthread_mutex_destroy`
    pub fn destroy(&self) -> i32 {
        // SAFETY: as in `lock`; the object is not used afterwards unless this refuses.
        unsafe { libc::pthread_mutex_destroy(self.0.get()) }
    }
}

impl Default for Mutex {
    fn default() -> Self {
        Self::new()
    }
}

/// One of the setters with this value: the error number.
pub fn mutex_attribute(setter: MutexSetter, value: c_int) -> i32 {
    // SAFETY: the attributes are initialised; every integer is allowed as an argument.
    unsafe {
        let mut attributes = core::mem::zeroed();
        libc::pthread_mutexattr_init(&mut attributes);
        match setter {
            MutexSetter::Kind => libc::pthread_mutexattr_settype(&mut attributes, value),
            MutexSetter::Protocol => libc::pthread_mutexattr_setprotocol(&mut attributes, value),
            MutexSetter::Robust => libc::pthread_mutexattr_setrobust(&mut attributes, value),
        }
    }
}

/// The setters of mutex attributes that are called with odd values.
#[derive(Clone, Copy)]
pub enum MutexSetter {
    /// `pthread_mutexattr_settype`
    Kind,
    /// `pthread_mutexattr_setprotocol`
    Protocol,
    /// `pthread_mutexattr_setrobust`
    Robust,
}

/// What a read-write lock says to the thread that holds it for writing, and asks again: by function, the error number.
/// The waits end at once, because their time is past.
pub fn held_rwlock() -> Result<[(&'static str, i32); 4], Errno> {
    let lock = UnsafeCell::new(libc::PTHREAD_RWLOCK_INITIALIZER);
    let past = Time::PAST.raw();
    // SAFETY: the lock is initialised and stays in place; the time is readable.
    unsafe {
        check_code(libc::pthread_rwlock_wrlock(lock.get()))?;
        Ok([
            ("pthread_rwlock_tryrdlock", libc::pthread_rwlock_tryrdlock(lock.get())),
            ("pthread_rwlock_trywrlock", libc::pthread_rwlock_trywrlock(lock.get())),
            ("pthread_rwlock_timedrdlock", pthread_rwlock_timedrdlock(lock.get(), &past)),
            ("pthread_rwlock_timedwrlock", pthread_rwlock_timedwrlock(lock.get(), &past)),
        ])
    }
}

/// `pthread_rwlock_wrlock` by the thread that holds the lock for writing: the error number, should it return.
pub fn relock_rwlock() -> i32 {
    let lock = UnsafeCell::new(libc::PTHREAD_RWLOCK_INITIALIZER);
    // SAFETY: the lock is initialised and stays in place.
    unsafe {
        libc::pthread_rwlock_wrlock(lock.get());
        libc::pthread_rwlock_wrlock(lock.get())
    }
}

unsafe extern "C" {
    // The libc crate leaves these POSIX functions out.
    fn pthread_rwlock_timedrdlock(lock: *mut libc::pthread_rwlock_t, until: *const libc::timespec) -> c_int;
    fn pthread_rwlock_timedwrlock(lock: *mut libc::pthread_rwlock_t, until: *const libc::timespec) -> c_int;
}

/// `pthread_condattr_setclock` with this clock: the error number.
pub fn condition_clock(clock: libc::clockid_t) -> i32 {
    // SAFETY: the attributes are initialised; every integer is allowed as a clock.
    unsafe {
        let mut attributes = core::mem::zeroed();
        libc::pthread_condattr_init(&mut attributes);
        libc::pthread_condattr_setclock(&mut attributes, clock)
    }
}

/// `pthread_cond_timedwait` until this time on this clock, with the mutex held: the error number.
pub fn condition_wait(clock: libc::clockid_t, time: Time) -> Result<i32, Errno> {
    let mutex = UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER);
    let condition = UnsafeCell::new(libc::PTHREAD_COND_INITIALIZER);
    // SAFETY: the objects are initialised and stay in place; the mutex is held as the function wants it.
    unsafe {
        let mut attributes = core::mem::zeroed();
        check_code(libc::pthread_condattr_init(&mut attributes))?;
        check_code(libc::pthread_condattr_setclock(&mut attributes, clock))?;
        check_code(libc::pthread_cond_init(condition.get(), &attributes))?;
        check_code(libc::pthread_mutex_lock(mutex.get()))?;
        Ok(libc::pthread_cond_timedwait(condition.get(), mutex.get(), &time.raw()))
    }
}

/// `pthread_barrier_init` for so many threads: the error number.
pub fn barrier_of(count: u32) -> i32 {
    // SAFETY: the object is writable; without attributes the defaults are meant.
    unsafe {
        let mut barrier = core::mem::zeroed();
        libc::pthread_barrier_init(&mut barrier, core::ptr::null(), count)
    }
}

/// What `pthread_barrier_wait` returns to four threads that meet: how many get PTHREAD_BARRIER_SERIAL_THREAD, how many 0.
pub fn barrier_of_four() -> Result<(u32, u32), Errno> {
    use core::sync::atomic::{AtomicU32, Ordering};
    static SERIAL: AtomicU32 = AtomicU32::new(0);
    static ZERO: AtomicU32 = AtomicU32::new(0);
    fn wait(barrier: usize) -> usize {
        // SAFETY: the barrier outlives the threads, which are joined before it goes.
        match unsafe { libc::pthread_barrier_wait(barrier as *mut _) } {
            libc::PTHREAD_BARRIER_SERIAL_THREAD => SERIAL.fetch_add(1, Ordering::Relaxed),
            0 => ZERO.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
        0
    }
    // SAFETY: an all-zero object is overwritten by `pthread_barrier_init`.
    let barrier = UnsafeCell::new(unsafe { core::mem::zeroed() });
    // SAFETY: the object is writable and stays in place.
    check_code(unsafe { libc::pthread_barrier_init(barrier.get(), core::ptr::null(), 4) })?;
    let mut threads = heap::vec::Vec::new();
    for _ in 0..4 {
        threads.push(thread::Thread::start(None, wait, barrier.get() as usize)?);
    }
    for thread in threads {
        thread.join()?;
    }
    Ok((SERIAL.load(Ordering::Relaxed), ZERO.load(Ordering::Relaxed)))
}
