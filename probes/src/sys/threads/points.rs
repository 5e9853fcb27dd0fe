//! Cancellation points: which functions act on a request that is pending when they are called.

use core::ffi::{c_char, c_int};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering};

use super::cancel::{PTHREAD_CANCEL_DISABLE, pthread_setcancelstate};
use super::thread::{Ended, Thread, pause};
use crate::sys::call::{Errno, check};
use crate::sys::process::{Child, End, Shared, in_child, without_core};

/// A function, and a call of it that would otherwise return at once.
pub struct Point {
    /// Its name, and what of it is called where the name does not say so.
    pub name: &'static str,
    call: unsafe fn([c_int; 2]),
}

unsafe extern "C" {
    fn puts(text: *const c_char) -> c_int;
    fn fflush(stream: *mut libc::FILE) -> c_int;
    fn lockf(fd: c_int, command: c_int, length: libc::off_t) -> c_int;
    fn pthread_barrier_init(barrier: *mut libc::pthread_barrier_t, attributes: *const u8, count: u32) -> c_int;
}

macro_rules! point {
    ($name:literal, |$pipe:pat_param| $call:expr) => {
        Point {
            name: $name,
            call: {
                unsafe fn call($pipe: [c_int; 2]) {
                    // SAFETY: every call of the tables brings valid arguments, or such as the kernel refuses.
                    let _ = core::hint::black_box(unsafe { $call });
                }
                call
            },
        }
    };
}

const NOW: libc::timespec = libc::timespec { tv_sec: 0, tv_nsec: 0 };

/// The function that does nothing else.
pub static CONTROL: Point = point!("pthread_testcancel", |_| super::cancel::pthread_testcancel());

/// The functions that POSIX.1-2017 (XSH 2.9.5.2) says are cancellation points, as far as they can be called without waiting.
pub static REQUIRED: &[Point] = &[
    point!("accept", |_| libc::accept(-1, null_mut(), null_mut())),
    point!("clock_nanosleep", |_| libc::clock_nanosleep(0, 0, &NOW, null_mut())),
    point!("close", |_| libc::close(-1)),
    point!("connect", |_| libc::connect(-1, null_mut(), 0)),
    point!("fsync", |p| libc::fsync(p[0])),
    point!("lockf F_LOCK", |_| lockf(-1, libc::F_LOCK, 0)),
    point!("msync", |_| libc::msync(null_mut(), 0, libc::MS_SYNC)),
    point!("nanosleep", |_| libc::nanosleep(&NOW, null_mut())),
    point!("open", |_| libc::open(c"/".as_ptr(), libc::O_RDONLY)),
    point!("poll", |_| libc::poll(null_mut(), 0, 0)),
    point!("pread", |_| libc::pread(-1, null_mut(), 0, 0)),
    Point { name: "pthread_cond_timedwait", call: condition },
    Point { name: "pthread_join, running", call: join_running },
    point!("pthread_testcancel", |_| super::cancel::pthread_testcancel()),
    point!("read", |p| libc::read(p[0], null_mut(), 0)),
    point!("recv", |_| libc::recv(-1, null_mut(), 0, 0)),
    Point { name: "select", call: select },
    Point { name: "sem_wait", call: semaphore },
    point!("send", |_| libc::send(-1, null_mut(), 0, 0)),
    Point { name: "sigtimedwait", call: signal },
    point!("tcdrain", |p| libc::tcdrain(p[0])),
    point!("usleep", |_| libc::usleep(0)),
    point!("waitpid", |_| libc::waitpid(-1, null_mut(), libc::WNOHANG)),
    point!("write", |p| libc::write(p[1], null_mut(), 0)),
];

/// Functions that POSIX lets be cancellation points, and some that it does not: `pthread_mutex_lock` and
/// `pthread_barrier_wait`.
pub static OTHER: &[Point] = &[
    point!("access", |_| libc::access(c"/".as_ptr(), 0)),
    Point { name: "closedir", call: closedir },
    point!("dup3", |p| libc::dup3(p[0], p[1], 0)),
    point!("fcntl F_GETFD", |p| libc::fcntl(p[0], libc::F_GETFD)),
    point!("fflush", |_| fflush(null_mut())),
    point!("fopen", |_| libc::fopen(c"/".as_ptr(), c"r".as_ptr())),
    Point { name: "getcwd", call: getcwd },
    point!("ioctl", |p| libc::ioctl(p[0], libc::FIOCLEX)),
    point!("opendir", |_| libc::opendir(c"/".as_ptr())),
    Point { name: "pthread_barrier_wait", call: barrier },
    Point { name: "pthread_join, ended", call: join_ended },
    Point { name: "pthread_mutex_lock", call: mutex },
    point!("puts", |_| puts(c"".as_ptr())),
    point!("readlink", |_| libc::readlink(c"/".as_ptr(), null_mut(), 0)),
    point!("unlink", |_| libc::unlink(c"".as_ptr())),
];

unsafe fn condition(_: [c_int; 2]) {
    let (mut lock, mut condition) = (libc::PTHREAD_MUTEX_INITIALIZER, libc::PTHREAD_COND_INITIALIZER);
    // SAFETY: both objects are initialised and stay in place.
    unsafe {
        libc::pthread_mutex_lock(&mut lock);
        libc::pthread_cond_timedwait(&mut condition, &mut lock, &NOW);
    }
}

/// The other thread runs long enough to be found running, and ends should the request not be acted on.
unsafe fn join_running(_: [c_int; 2]) {
    let sleeps = |_| {
        pause(500);
        0
    };
    if let Ok(thread) = undisturbed(|| Thread::start(None, sleeps, 0)) {
        let _ = thread.join();
    }
}

unsafe fn join_ended(_: [c_int; 2]) {
    if let Ok(thread) = undisturbed(super::ends::ended) {
        let _ = thread.join();
    }
}

unsafe fn select(_: [c_int; 2]) {
    let mut none = libc::timeval { tv_sec: 0, tv_usec: 0 };
    // SAFETY: no sets are passed, and the time is writable.
    unsafe { libc::select(0, null_mut(), null_mut(), null_mut(), &mut none) };
}

unsafe fn semaphore(_: [c_int; 2]) {
    let semaphore = super::semaphores::Semaphore::default();
    let _ = semaphore.init(1);
    let _ = semaphore.wait();
}

unsafe fn signal(_: [c_int; 2]) {
    // SAFETY: the set is initialised before it is read; no information is asked back.
    unsafe {
        let mut set = core::mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::sigtimedwait(&set, null_mut(), &NOW);
    }
}

/// Does what has to be done before the call, while the request is held back.
fn undisturbed<R>(prepare: impl FnOnce() -> R) -> R {
    let mut state = 0;
    // SAFETY: the result is writable.
    unsafe { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &mut state) };
    let prepared = prepare();
    // SAFETY: as above; the state is the one that was found.
    unsafe { pthread_setcancelstate(state, &mut state) };
    prepared
}

unsafe fn closedir(_: [c_int; 2]) {
    // SAFETY: the path is terminated.
    let folder = undisturbed(|| unsafe { libc::opendir(c"/".as_ptr()) });
    if !folder.is_null() {
        // SAFETY: the folder is open.
        unsafe { libc::closedir(folder) };
    }
}

unsafe fn getcwd(_: [c_int; 2]) {
    let mut path = [0; 4096];
    // SAFETY: the buffer is writable for its length.
    unsafe { libc::getcwd(path.as_mut_ptr(), path.len()) };
}

unsafe fn barrier(_: [c_int; 2]) {
    // SAFETY: the object is initialised before it is used, and stays in place.
    unsafe {
        let mut barrier = core::mem::zeroed();
        pthread_barrier_init(&mut barrier, core::ptr::null(), 1);
        libc::pthread_barrier_wait(&mut barrier);
    }
}

unsafe fn mutex(_: [c_int; 2]) {
    let mut lock = libc::PTHREAD_MUTEX_INITIALIZER;
    // SAFETY: the object is initialised and stays in place.
    unsafe { libc::pthread_mutex_lock(&mut lock) };
}

/// What came of one call.
pub enum Outcome {
    /// The thread was cancelled in it.
    Acts,
    /// The call returned.
    Returns,
    /// The process ended otherwise.
    Ended(Child),
}

const RETURNED: usize = 0;
const JOINED: usize = 1;

static SHARED: AtomicUsize = AtomicUsize::new(0);
static CALL: AtomicUsize = AtomicUsize::new(0);

/// Calls the function in a thread that has a request pending, in a child.
pub fn try_point(point: &'static Point) -> Result<Outcome, Errno> {
    let shared = Shared::new()?;
    let child = in_child(10, || {
        without_core();
        SHARED.store(&raw const shared as usize, Ordering::Relaxed);
        CALL.store(point as *const Point as usize, Ordering::Relaxed);
        match Thread::start(None, pending, 0).and_then(Thread::join) {
            Ok(Ended::Cancelled) => shared[JOINED].store(1, Ordering::Relaxed),
            Ok(Ended::Returned(_)) => shared[JOINED].store(2, Ordering::Relaxed),
            Err(e) => return e.0,
        }
        0
    })?;
    match (&child.end, shared[RETURNED].load(Ordering::Relaxed), shared[JOINED].load(Ordering::Relaxed)) {
        (End::Exited(0), 0, 1) => Ok(Outcome::Acts),
        (End::Exited(0), 1, 2) => Ok(Outcome::Returns),
        (End::Exited(code), _, 0) if *code != 0 => Err(Errno(*code)),
        _ => Ok(Outcome::Ended(child)),
    }
}

fn pending(_: usize) -> usize {
    // SAFETY: `try_point` stored the addresses of a shared page that outlives the child, and of a static.
    let (shared, point) = unsafe {
        (&*(SHARED.load(Ordering::Relaxed) as *const Shared), &*(CALL.load(Ordering::Relaxed) as *const Point))
    };
    let mut pipe = [0; 2];
    // SAFETY: the array holds two descriptors.
    if check(unsafe { libc::pipe(pipe.as_mut_ptr()) }).is_err() || Thread::current().cancel().is_err() {
        return 1;
    }
    // SAFETY: the descriptors are those of a pipe, which is all that a call may rely on.
    unsafe { (point.call)(pipe) };
    shared[RETURNED].store(1, Ordering::Relaxed);
    0
}
