//! Named objects that processes share: shared memory, semaphores, message queues.

use core::ffi::{CStr, c_char, c_int};
use heap::string::String;

use crate::outcome::Outcome;
use crate::sys::call::{errno, said, set_errno};
use crate::text;

/// Names that are asked about, with a word for each.
const NAMES: [(&str, &CStr); 8] = [
    ("/name", c"/libcdiff-name"),
    ("name", c"libcdiff-name"),
    ("//name", c"//libcdiff-name"),
    ("/a/b", c"/libcdiff/name"),
    ("/", c"/"),
    ("empty", c""),
    ("/.", c"/."),
    ("/..", c"/.."),
];

fn long(buffer: &mut [u8; 300], length: usize) -> &CStr {
    buffer.fill(b'n');
    buffer[0] = b'/';
    buffer[length] = 0;
    CStr::from_bytes_until_nul(buffer).unwrap_or_default()
}

fn ask(o: &mut Outcome, call: impl Fn(&CStr) -> String) {
    for (word, name) in NAMES {
        o.fact(word, call(name));
    }
    let mut buffer = [0; 300];
    for length in [252, 256, 257] {
        o.fact(&heap::format!("{length} bytes"), call(long(&mut buffer, length)));
    }
}

fn opened(fd: c_int) -> String {
    if fd >= 0 { "opened".into() } else { said(-1) }
}

/// `shm_open` of these names, which creates.
pub fn memory(o: &mut Outcome) {
    ask(o, |name| {
        set_errno(0);
        // SAFETY: the name is terminated; what was made is removed.
        unsafe {
            let fd = libc::shm_open(name.as_ptr(), libc::O_RDWR | libc::O_CREAT, 0o600);
            let said = opened(fd);
            libc::shm_unlink(name.as_ptr());
            said
        }
    });
}

/// `shm_open` and `shm_unlink` of what is not there, and whether what is opened is closed on exec.
pub fn memory_missing(o: &mut Outcome) {
    // SAFETY: the names are terminated.
    unsafe {
        set_errno(0);
        o.fact("shm_open", opened(libc::shm_open(c"/libcdiff-nowhere".as_ptr(), libc::O_RDWR, 0)));
        set_errno(0);
        o.fact("shm_unlink", said(libc::shm_unlink(c"/libcdiff-nowhere".as_ptr())));
        set_errno(0);
        o.fact("shm_unlink_bad", said(libc::shm_unlink(c"/a/b".as_ptr())));
        let fd = libc::shm_open(c"/libcdiff-flags".as_ptr(), libc::O_RDWR | libc::O_CREAT, 0o600);
        o.fact("closed_on_exec", libc::fcntl(fd, libc::F_GETFD) & libc::FD_CLOEXEC != 0);
        libc::shm_unlink(c"/libcdiff-flags".as_ptr());
    }
}

/// `sem_open` of these names, which creates.
pub fn semaphore(o: &mut Outcome) {
    ask(o, |name| {
        set_errno(0);
        // SAFETY: the name is terminated; mode and value follow O_CREAT; what was made is removed.
        unsafe {
            let made = libc::sem_open(name.as_ptr(), libc::O_CREAT, 0o600 as libc::mode_t, 1 as core::ffi::c_uint);
            let said = if made == libc::SEM_FAILED { text::errno(errno()) } else { "opened".into() };
            libc::sem_unlink(name.as_ptr());
            said
        }
    });
}

/// `sem_open` with a value that is too large, of what is there and must not be, and of what is not there.
pub fn semaphore_odd(o: &mut Outcome) {
    let name = c"/libcdiff-odd";
    // SAFETY: as in `semaphore`.
    unsafe {
        let open = |flags: c_int, value: core::ffi::c_uint| {
            set_errno(0);
            let made = libc::sem_open(name.as_ptr(), flags, 0o600 as libc::mode_t, value);
            if made == libc::SEM_FAILED { text::errno(errno()) } else { "opened".into() }
        };
        o.fact("missing", open(0, 0));
        o.fact("value_too_large", open(libc::O_CREAT, 1 << 31));
        o.fact("made", open(libc::O_CREAT, 1));
        o.fact("exclusive", open(libc::O_CREAT | libc::O_EXCL, 1));
        o.fact("unlink", said(libc::sem_unlink(name.as_ptr())));
        set_errno(0);
        o.fact("unlink_again", said(libc::sem_unlink(name.as_ptr())));
    }
}

/// `mq_open` of these names, of queues that are not there: a name that is refused, or one that is not found.
pub fn queue(o: &mut Outcome) {
    unsafe extern "C" {
        fn mq_open(name: *const c_char, flags: c_int, ...) -> c_int;
    }
    ask(o, |name| {
        set_errno(0);
        // SAFETY: the name is terminated; nothing is created.
        opened(unsafe { mq_open(name.as_ptr(), libc::O_RDWR) })
    });
}
