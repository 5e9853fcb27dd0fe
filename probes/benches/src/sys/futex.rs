//! Waiting for a number to change, by the kernel alone: no lock of the C library's is touched, which might be one under
//! test, and who waits uses no processor.

use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

/// Waits until the number is another than `seen`.
pub fn wait_while(word: &AtomicU32, seen: u32) -> u32 {
    loop {
        let now = word.load(Ordering::Acquire);
        if now != seen {
            return now;
        }
        sleep_while(word, seen);
    }
}

/// Sleeps until somebody wakes this thread; not at all where the number is another than `seen`.
pub fn sleep_while(word: &AtomicU32, seen: u32) {
    // SAFETY: the kernel compares the word, which lives as long as the reference, and sleeps; no time is given.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG,
            seen,
            ptr::null::<libc::timespec>(),
        )
    };
}

/// Adds one, and wakes everybody who waits.
pub fn advance(word: &AtomicU32) {
    word.fetch_add(1, Ordering::Release);
    wake(word);
}

/// Wakes everybody who sleeps on the word.
pub fn wake(word: &AtomicU32) {
    // SAFETY: names the word alone; waking reads nothing.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, i32::MAX) };
}
