//! Standard output carries the answer alone: whatever libraries print there goes nowhere.

use std::sync::atomic::{AtomicI32, Ordering};

use libc::{STDERR_FILENO, STDOUT_FILENO};

/// Where the answer goes.
static ANSWER: AtomicI32 = AtomicI32::new(STDOUT_FILENO);

/// From here on, what is printed to standard output is dropped, and only [`answer`] reaches standard output.
pub fn silence() {
    // SAFETY: the calls take descriptors and a terminated path; those that fail leave the streams as they were.
    unsafe {
        let kept = libc::fcntl(STDOUT_FILENO, libc::F_DUPFD_CLOEXEC, 3);
        let null = libc::open(c"/dev/null".as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        if kept >= 0 && null >= 0 {
            ANSWER.store(kept, Ordering::Relaxed);
            libc::dup2(null, STDOUT_FILENO);
        }
        if null > STDOUT_FILENO {
            libc::close(null);
        }
    }
}

/// Writes to what standard output was when the program began; false where it cannot.
pub fn answer(text: &[u8]) -> bool {
    write(ANSWER.load(Ordering::Relaxed), text)
}

/// Writes to standard error.
pub fn complain(text: &str) {
    write(STDERR_FILENO, text.as_bytes());
}

fn write(descriptor: i32, mut text: &[u8]) -> bool {
    while !text.is_empty() {
        // SAFETY: the bytes are readable for their length.
        let written = unsafe { libc::write(descriptor, text.as_ptr().cast(), text.len()) };
        match usize::try_from(written) {
            Ok(n) if n > 0 => text = &text[n..],
            _ => return false,
        }
    }
    true
}
