//! Messages on standard error.

use crate::case::{Needs, cases};
use crate::sys::process::texts::{self, Message, written};

const ERR: &str = "err(3), from BSD";
const ERROR: &str = "error(3), GNU";
const NOTHING: Needs = Needs::NOTHING;

cases! {
    "process.message.err", "err", "What does err write, and how does it end?", ERR, NOTHING, |o| written(o, Message::Err);
    "process.message.errx", "errx", "What does errx write?", ERR, NOTHING, |o| written(o, Message::Errx);
    "process.message.err-null", "err without a message", "What does err write without a format?", ERR, NOTHING, |o| written(o, Message::ErrNull);
    "process.message.warn", "warn", "What does warn write?", ERR, NOTHING, |o| written(o, Message::Warn);
    "process.message.warnx", "warnx", "What does warnx write?", ERR, NOTHING, |o| written(o, Message::Warnx);
    "process.message.error", "error", "Is there error, and what does it write?", ERROR, NOTHING, |o| written(o, Message::Error);
    "process.message.error-exit", "error with a status", "Does error end the process with its status?", ERROR, NOTHING, |o| written(o, Message::ErrorExit);
    "process.message.error-at-line", "error_at_line", "What does error_at_line write?", ERROR, NOTHING, |o| written(o, Message::ErrorAtLine);
    "process.message.psignal", "psignal", "What does psignal write?", "POSIX psignal", NOTHING, |o| written(o, Message::Psignal);
    "process.message.psignal-unknown", "psignal of no signal", "What does psignal write for a number that is no signal?", "POSIX psignal", NOTHING,
        |o| written(o, Message::PsignalUnknown);
    "process.message.psignal-real-time", "psignal of a real-time signal", "What does psignal write for SIGRTMIN+1?", "POSIX psignal", NOTHING,
        |o| written(o, Message::PsignalRealTime);
    "process.message.psiginfo", "psiginfo", "What does psiginfo write for a signal sent by kill?", "POSIX psiginfo; psiginfo(3)", NOTHING, |o| written(o, Message::Psiginfo);
    "process.message.assert", "a failed assertion", "What does a failed assertion write, and how does the process end?", "C17 7.2.1.1: an implementation-defined format", NOTHING,
        |o| written(o, Message::Assert);
    "process.backtrace", "backtrace", "Is there backtrace?", "backtrace(3), execinfo.h", NOTHING, texts::backtrace;
}
