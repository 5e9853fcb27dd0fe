//! Cancellation: a thread is cancelled in one of several states, and what ran of it is recorded.
//!
//! The cancelled frames own nothing: a C library that unwinds would pass over them, one that does not would not run them.

use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use super::thread::{Ended, Thread, pause};
use crate::sys::call::Errno;
use crate::sys::process::{Child, End, Shared, in_child, without_core};

/// The state a thread is in when it is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Blocked in `read` on an empty pipe.
    BlockedRead,
    /// Computes, deferred, then calls `pthread_testcancel`.
    Computing,
    /// Computes for ever, with PTHREAD_CANCEL_ASYNCHRONOUS.
    Asynchronous,
    /// Has PTHREAD_CANCEL_DISABLE, and returns.
    Disabled,
    /// Blocked in `pthread_mutex_lock`, which is not a cancellation point; then `pthread_testcancel`.
    BlockedLock,
}

/// What became of the cancelled thread.
pub struct Cancelled {
    /// How the process ended, and what it wrote.
    pub child: Child,
    /// What the join handed back, where it came to that.
    pub join: Option<Ended>,
    /// The handler of `pthread_cleanup_push` ran.
    pub handler: bool,
    /// The destructor of a thread-specific value ran.
    pub destructor: bool,
    /// The thread went on after the call of `pthread_cancel`.
    pub went_on: bool,
}

const READY: usize = 0;
const CANCELLED: usize = 1;
const WENT_ON: usize = 2;
const HANDLER: usize = 3;
const DESTRUCTOR: usize = 4;
const JOINED: usize = 5;

/// The buffer that `pthread_cleanup_push` puts on the stack; the larger of the two families' is 32 bytes.
#[repr(C, align(16))]
struct Cleanup([u8; 64]);

unsafe extern "C" {
    // What the macro `pthread_cleanup_push` expands to in musl, and did in glibc, which keeps it.
    fn _pthread_cleanup_push(buffer: *mut Cleanup, routine: extern "C" fn(*mut c_void), argument: *mut c_void);
    fn _pthread_cleanup_pop(buffer: *mut Cleanup, execute: c_int);
    pub(super) fn pthread_setcancelstate(state: c_int, old: *mut c_int) -> c_int;
    fn pthread_setcanceltype(kind: c_int, old: *mut c_int) -> c_int;
    pub(super) fn pthread_testcancel();
}

pub(super) const PTHREAD_CANCEL_DISABLE: c_int = 1;
const PTHREAD_CANCEL_ASYNCHRONOUS: c_int = 1;

extern "C" fn ran(figure: *mut c_void) {
    // SAFETY: the figure is one of a shared page that lives as long as the process.
    unsafe { &*figure.cast::<core::sync::atomic::AtomicU64>() }.store(1, Ordering::Relaxed);
}

static SHARED: AtomicUsize = AtomicUsize::new(0);
static STATE: AtomicUsize = AtomicUsize::new(0);
static KEY: AtomicU32 = AtomicU32::new(0);
static PIPE: AtomicUsize = AtomicUsize::new(0);
static mut LOCK: libc::pthread_mutex_t = libc::PTHREAD_MUTEX_INITIALIZER;

fn shared() -> &'static Shared {
    // SAFETY: `cancel` stored the address of an object that outlives the child.
    unsafe { &*(SHARED.load(Ordering::Relaxed) as *const Shared) }
}

/// Cancels a thread in this state, in a child.
pub fn cancel(state: State) -> Result<Cancelled, Errno> {
    let shared = Shared::new()?;
    let child = in_child(10, || {
        without_core();
        SHARED.store(&raw const shared as usize, Ordering::Relaxed);
        STATE.store(state as usize, Ordering::Relaxed);
        prepare().and_then(|()| act(&shared)).map_or_else(|e| e.0, |()| 0)
    })?;
    let figure = |n: usize| shared[n].load(Ordering::Relaxed);
    let join = match figure(JOINED) {
        0 => None,
        1 => Some(Ended::Cancelled),
        n => Some(Ended::Returned(n as usize - 2)),
    };
    if let (End::Exited(code), None) = (&child.end, join) {
        return Err(Errno(*code));
    }
    let (handler, destructor) = (figure(HANDLER) == 1, figure(DESTRUCTOR) == 1);
    Ok(Cancelled { child, join, handler, destructor, went_on: figure(WENT_ON) == 1 })
}

fn prepare() -> Result<(), Errno> {
    let (mut pipe, mut key) = ([0; 2], 0);
    // SAFETY: the array holds two descriptors, and the key is writable; the static lock is initialised and main holds it.
    unsafe {
        crate::sys::call::check(libc::pipe(pipe.as_mut_ptr()))?;
        crate::sys::call::check_code(libc::pthread_key_create(&mut key, Some(ran)))?;
        libc::pthread_mutex_lock(&raw mut LOCK);
    }
    PIPE.store(pipe[0] as usize, Ordering::Relaxed);
    KEY.store(key, Ordering::Relaxed);
    Ok(())
}

fn act(shared: &Shared) -> Result<(), Errno> {
    let thread = Thread::start(None, cancelled, 0)?;
    while shared[READY].load(Ordering::Acquire) == 0 {
        pause(1);
    }
    // Time to get into the call that blocks. Should it be too little, the call still finds the request when it begins.
    pause(20);
    thread.cancel()?;
    pause(20);
    // SAFETY: main holds the static lock.
    unsafe { libc::pthread_mutex_unlock(&raw mut LOCK) };
    shared[CANCELLED].store(1, Ordering::Release);
    let joined = match thread.join()? {
        Ended::Cancelled => 1,
        Ended::Returned(value) => value as u64 + 2,
    };
    shared[JOINED].store(joined, Ordering::Relaxed);
    Ok(())
}

/// The thread that is cancelled.
fn cancelled(_: usize) -> usize {
    let shared = shared();
    let mut cleanup = Cleanup([0; 64]);
    // SAFETY: the key exists; the figures outlive the thread; the buffer lives as long as this frame, and is popped
    // before the frame is left, unless the thread is cancelled in it.
    unsafe {
        libc::pthread_setspecific(KEY.load(Ordering::Relaxed), shared[DESTRUCTOR].as_ptr().cast());
        _pthread_cleanup_push(&mut cleanup, ran, shared[HANDLER].as_ptr().cast());
    }
    let state = STATE.load(Ordering::Relaxed);
    // SAFETY: integer arguments and a writable result.
    unsafe {
        let mut old = 0;
        if state == State::Disabled as usize {
            pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &mut old);
        }
        if state == State::Asynchronous as usize {
            pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &mut old);
        }
    }
    shared[READY].store(1, Ordering::Release);
    if state == State::BlockedRead as usize {
        let mut byte = 0u8;
        // SAFETY: one writable byte.
        unsafe { libc::read(PIPE.load(Ordering::Relaxed) as c_int, (&raw mut byte).cast(), 1) };
    } else if state == State::BlockedLock as usize {
        // SAFETY: the static lock is initialised; main lets it go later.
        unsafe { libc::pthread_mutex_lock(&raw mut LOCK) };
    } else {
        while state == State::Asynchronous as usize || shared[CANCELLED].load(Ordering::Acquire) == 0 {
            core::hint::spin_loop();
        }
    }
    shared[WENT_ON].store(1, Ordering::Relaxed);
    // SAFETY: acts on the request, where there is one; the buffer is the one pushed last.
    unsafe {
        pthread_testcancel();
        _pthread_cleanup_pop(&mut cleanup, 0);
    }
    0
}
