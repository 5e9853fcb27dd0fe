//! Canonical spellings of what C hands back: bytes, error numbers, signals. One spelling each, so that equal behaviour
//! is equal text in every image; the image's own `strerror` is a subject of its own and is never used here.

use core::fmt::Write;
use heap::string::String;

/// Bytes as text: UTF-8 as it is, anything else as `\xNN`.
pub fn bytes(raw: &[u8]) -> String {
    let mut out = String::new();
    for chunk in raw.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

macro_rules! names {
    ($(#[$doc:meta])* $function:ident, $other:literal, $($name:ident)*) => {
        $(#[$doc])*
        pub fn $function(number: i32) -> String {
            match number {
                0 => "0".into(),
                $(libc::$name => stringify!($name).into(),)*
                n => heap::format!(concat!($other, "{}"), n),
            }
        }
    };
}

names! {
    /// The name of an error number, `0` for none.
    errno, "errno ",
    EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT EBUSY EEXIST EXDEV ENODEV
    ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG
    ENOLCK ENOSYS ENOTEMPTY ELOOP EOVERFLOW EILSEQ EOPNOTSUPP ETIMEDOUT EOWNERDEAD ENOTRECOVERABLE EPROTO EMSGSIZE
    ECONNREFUSED ENETUNREACH EHOSTUNREACH ETXTBSY ENODATA EALREADY EBADMSG ESTALE ENOTSOCK
}

names! {
    /// The name of a signal.
    signal, "signal ",
    SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM
    SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO
    SIGPWR SIGSYS
}

/// The order of magnitude of a count, for figures whose exact value is not the point: `hundreds`, `thousands`, ...
pub fn magnitude(count: u64) -> &'static str {
    match count {
        0 => "none",
        1..10 => "fewer than ten",
        10..100 => "tens",
        100..1_000 => "hundreds",
        1_000..10_000 => "thousands",
        10_000..100_000 => "tens of thousands",
        100_000..1_000_000 => "hundreds of thousands",
        _ => "millions",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_keep_utf8_and_escape_the_rest() {
        assert_eq!(bytes("Märzb".as_bytes()), "Märzb");
        assert_eq!(bytes(b"a\xff\xfeb"), "a\\xff\\xfeb");
    }

    #[test]
    fn names_are_those_of_the_headers() {
        assert_eq!(errno(libc::ENOMEM), "ENOMEM");
        assert_eq!(errno(0), "0");
        assert_eq!(errno(9999), "errno 9999");
        assert_eq!(signal(libc::SIGSEGV), "SIGSEGV");
    }
}
