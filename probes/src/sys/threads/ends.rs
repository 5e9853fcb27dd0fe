//! How threads end, and what may be asked of a thread that has ended: join, detach, kill, and `pthread_exit` in main.
//!
//! Several of these calls are undefined, or hang in one C library and fail in another, so each is made in a child.

use core::sync::atomic::Ordering;

use super::attributes::Attributes;
use super::thread::{Thread, gone, pause, task};
use crate::sys::call::Errno;
use crate::sys::process::{Child, Shared, end_after, in_child, without_core, write_all};

/// Milliseconds after which a call is taken to hang.
const HANGS: u64 = 500;

/// A call in a child whose result is an error number.
fn asked(call: impl FnOnce() -> i32) -> Result<Child, Errno> {
    in_child(10, || {
        without_core();
        end_after(HANGS);
        call()
    })
}

fn code(result: Result<impl Sized, Errno>) -> i32 {
    result.map_or_else(|e| e.0, |_| 0)
}

fn wait_for_ever(_: usize) -> usize {
    loop {
        pause(500);
    }
}

/// `pthread_join` of the calling thread by itself.
pub fn join_self() -> Result<Child, Errno> {
    asked(|| code(Thread::current().join()))
}

/// `pthread_join` of a thread that runs and is detached.
pub fn join_detached() -> Result<Child, Errno> {
    asked(|| {
        let thread = Thread::start(None, wait_for_ever, 0);
        code(thread.and_then(|t| t.detach().and_then(|()| t.join())))
    })
}

/// `pthread_detach`, twice, of a thread that runs.
pub fn detach_twice() -> Result<Child, Errno> {
    asked(|| {
        let thread = Thread::start(None, wait_for_ever, 0);
        code(thread.and_then(|t| t.detach().and_then(|()| t.detach())))
    })
}

/// `pthread_tryjoin_np` of a thread that runs.
pub fn try_join_running() -> Result<Child, Errno> {
    asked(|| match Thread::start(None, wait_for_ever, 0) {
        // SAFETY: the thread was made and not joined; no result is asked for.
        Ok(thread) => unsafe { libc::pthread_tryjoin_np(thread.0, core::ptr::null_mut()) },
        Err(e) => e.0,
    })
}

/// What is asked of a thread that has ended and has not been joined.
#[derive(Clone, Copy)]
pub enum Question {
    /// `pthread_kill` with signal 0.
    Kill,
    /// `pthread_cancel`
    Cancel,
    /// `pthread_detach`
    Detach,
}

/// Asks this of a thread that has ended and has not been joined: the error number.
pub fn ask_ended(question: Question) -> Result<i32, Errno> {
    let thread = ended()?;
    Ok(match question {
        Question::Kill => kill(thread, 0),
        Question::Cancel => code(thread.cancel()),
        Question::Detach => code(thread.detach()),
    })
}

/// A thread that has ended, also for the kernel, and has not been joined.
pub(super) fn ended() -> Result<Thread, Errno> {
    fn say_task(shared: usize) -> usize {
        // SAFETY: `ended` waits for this thread's end, so the page outlives it.
        let shared = unsafe { &*(shared as *const Shared) };
        shared[0].store(task(), Ordering::Release);
        0
    }
    let shared = Shared::new()?;
    let thread = Thread::start(None, say_task, &raw const shared as usize)?;
    let mut number = 0;
    while number == 0 {
        number = shared[0].load(Ordering::Acquire);
        pause(1);
    }
    if gone(number) { Ok(thread) } else { Err(Errno(libc::ETIMEDOUT)) }
}

/// The newest `pthread_kill`: glibc's older version, which a program linked to this floor would get, still says ESRCH.
fn kill(thread: Thread, signal: i32) -> i32 {
    type Kill = unsafe extern "C" fn(libc::pthread_t, i32) -> i32;
    // SAFETY: the signature is that of the headers; the thread has not been joined, so its id is valid.
    unsafe {
        crate::newest!(libc::pthread_kill, c"pthread_kill", Kill).map_or(libc::ENOSYS, |kill| kill(thread.0, signal))
    }
}

/// `pthread_exit` in the calling thread, main, while another thread runs, which writes a line and returns after it.
/// Comes back only where no thread could be made: the error number.
pub fn exit_main() -> i32 {
    fn later(_: usize) -> usize {
        pause(50);
        write_all(1, b"the other thread went on\n");
        0
    }
    without_core();
    match Thread::start(None, later, 0) {
        // SAFETY: main's frames own nothing that has to be released; the process ends with the other thread.
        Ok(_) => unsafe { libc::pthread_exit(core::ptr::null_mut()) },
        Err(e) => e.0,
    }
}

/// Makes threads with these attributes that wait, until one cannot be made, under a limit of so many bytes of address space
/// more than now: how many there were, and the error number.
pub fn exhaust(bytes: u64, most: u64, attributes: Option<&Attributes>) -> Result<(u64, i32), Errno> {
    let shared = Shared::new()?;
    let child = in_child(10, || {
        if let Err(e) = crate::sys::pages::limit_growth(bytes) {
            return e.0;
        }
        for made in 0..most {
            shared[0].store(made, Ordering::Relaxed);
            if let Err(e) = Thread::start(attributes, wait_for_ever, 0) {
                shared[1].store(e.0 as u64, Ordering::Relaxed);
                return 0;
            }
        }
        shared[0].store(most, Ordering::Relaxed);
        0
    })?;
    match child.end {
        crate::sys::process::End::Exited(0) => {
            Ok((shared[0].load(Ordering::Relaxed), shared[1].load(Ordering::Relaxed) as i32))
        }
        _ => Err(Errno(libc::EIO)),
    }
}
