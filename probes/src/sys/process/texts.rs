//! What the C library writes to standard error on behalf of a program. The program's name is replaced by `PROGRAM`, since
//! it is another for each flavour.

use core::ffi::{CStr, c_char, c_int, c_void};
use heap::string::String;

use super::{Child, in_child, without_core};
use crate::outcome::Outcome;
use crate::sys::call::{lookup, set_errno};
use crate::sys::optional::required;

unsafe extern "C" {
    fn err(code: c_int, format: *const c_char, ...) -> !;
    fn errx(code: c_int, format: *const c_char, ...) -> !;
    fn warn(format: *const c_char, ...);
    fn warnx(format: *const c_char, ...);
    fn psignal(signal: c_int, prefix: *const c_char);
    fn psiginfo(info: *const libc::siginfo_t, prefix: *const c_char);
    static program_invocation_name: *const c_char;
    static program_invocation_short_name: *const c_char;
}

/// A function that writes a message.
#[derive(Clone, Copy, Debug)]
pub enum Message {
    /// `err(3, "message")` with ENOENT.
    Err,
    /// `errx`
    Errx,
    /// `err(3, NULL)`
    ErrNull,
    /// `warn`
    Warn,
    /// `warnx`
    Warnx,
    /// `error(0, ENOENT, ...)`
    Error,
    /// `error(3, 0, ...)`
    ErrorExit,
    /// `error_at_line`
    ErrorAtLine,
    /// `psignal`
    Psignal,
    /// `psignal` of a number that is no signal.
    PsignalUnknown,
    /// `psiginfo` of a signal by `kill`.
    Psiginfo,
    /// A failed assertion.
    Assert,
    /// A real-time signal by `psignal`.
    PsignalRealTime,
}

/// Writes a message in a child and describes what came out.
pub fn written(o: &mut Outcome, message: Message) {
    let child = in_child(8, || {
        without_core();
        set_errno(libc::ENOENT);
        // SAFETY: strings are terminated; the formats have one conversion and one argument, or none.
        unsafe { write(message) }
    });
    let Some(child) = o.need("starting a child", child) else { return };
    let text = named(&child);
    for line in text.lines() {
        o.line(line);
    }
    o.fact("end", heap::format!("{}", child.end));
}

/// What was written, with the program's name replaced: first the long one, which holds the short one.
fn named(child: &Child) -> String {
    // SAFETY: both are terminated strings of the C library's, set before main.
    let (long, short) =
        unsafe { (CStr::from_ptr(program_invocation_name), CStr::from_ptr(program_invocation_short_name)) };
    let text = child.text();
    let (long, short) = (long.to_string_lossy(), short.to_string_lossy());
    text.replace(&heap::format!("{long}:"), "PROGRAM-AS-CALLED:").replace(&heap::format!("{short}:"), "PROGRAM:")
}

unsafe fn write(message: Message) -> c_int {
    let (format, word) = (c"message %s".as_ptr(), c"word".as_ptr());
    // SAFETY: see `written`; the signatures are those of error.h.
    unsafe {
        match message {
            Message::Err => err(3, format, word),
            Message::Errx => errx(3, format, word),
            Message::ErrNull => err(3, core::ptr::null()),
            Message::Warn => warn(format, word),
            Message::Warnx => warnx(format, word),
            Message::Error | Message::ErrorExit => {
                type Call = unsafe extern "C" fn(c_int, c_int, *const c_char, ...);
                let Some(error) = lookup::<Call>(c"error") else { return absent() };
                match message {
                    Message::Error => error(0, libc::ENOENT, format, word),
                    _ => error(3, 0, format, word),
                }
            }
            Message::ErrorAtLine => {
                type Call = unsafe extern "C" fn(c_int, c_int, *const c_char, u32, *const c_char, ...);
                let Some(error) = lookup::<Call>(c"error_at_line") else { return absent() };
                error(0, libc::ENOENT, c"file.conf".as_ptr(), 12, format, word);
            }
            Message::Psignal => psignal(libc::SIGTERM, c"message".as_ptr()),
            Message::PsignalUnknown => psignal(99, c"message".as_ptr()),
            Message::PsignalRealTime => psignal(libc::SIGRTMIN() + 1, c"message".as_ptr()),
            Message::Psiginfo => {
                let mut info: libc::siginfo_t = core::mem::zeroed();
                info.si_signo = libc::SIGTERM;
                psiginfo(&info, c"message".as_ptr());
            }
            Message::Assert => {
                let fail = required!(__assert_fail(*const c_char, *const c_char, u32, *const c_char) -> ());
                fail(c"1 == 2".as_ptr(), c"file.c".as_ptr(), 12, c"function".as_ptr());
            }
        }
    }
    0
}

fn absent() -> c_int {
    super::say("absent");
    0
}

/// `backtrace`, where it is: whether it finds frames and names them.
pub fn backtrace(o: &mut Outcome) {
    type Call = unsafe extern "C" fn(*mut *mut c_void, c_int) -> c_int;
    // SAFETY: the signature is that of execinfo.h; the array holds as many addresses as are asked for.
    let found = unsafe {
        let mut frames = [core::ptr::null_mut(); 16];
        lookup::<Call>(c"backtrace").map(|call| call(frames.as_mut_ptr(), 16))
    };
    o.fact("backtrace", if found.is_some() { "there" } else { "absent" });
    o.measured("frames", found);
}
