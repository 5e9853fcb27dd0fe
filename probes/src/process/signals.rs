//! Signals: numbers, handlers, interrupted calls, jumps.

use crate::case::{Case, Needs, cases, count, join};
use crate::sys::process::jump::{self, Set};
use crate::sys::process::signals::{self, Install, Wait, interrupted};

const KEPT: &str = "POSIX signal.h: signals that the implementation keeps; glibc 32 and 33, musl 32 to 34";
const SIGNAL: &str = "signal(2), Portability; glibc sysdeps/posix/signal.c, musl src/signal/signal.c";
const JUMP: &str = "POSIX setjmp, sigsetjmp; musl wiki, functional differences: signal mask and setjmp";
const NOTHING: Needs = Needs::NOTHING;

mod sets {
    use super::*;
    cases! {
        "process.signal.range", "SIGRTMIN and SIGRTMAX", "Which real-time signals are left to programs?", KEPT, NOTHING, signals::range;
        "process.signal.sigaddset", "sigaddset at the edges", "Which numbers does sigaddset accept?", KEPT, NOTHING, signals::add;
        "process.signal.sigismember", "sigismember in a full set", "Which numbers are in the set that sigfillset makes?", KEPT, NOTHING, signals::member;
        "process.signal.sigaction", "sigaction at the edges", "For which numbers does sigaction tell the action?", KEPT, NOTHING, signals::action;
        "process.signal.signal", "signal at the edges", "Which numbers does signal accept?", KEPT, NOTHING, signals::signal;
        "process.signal.raise", "raise and kill of no signal", "What do raise, kill and pthread_kill say to numbers that are no signal?", "POSIX raise, kill, pthread_kill", NOTHING,
            signals::raise;
        "process.signal.block-all", "blocking every signal", "Which signals stay unblocked when a program blocks all?", KEPT, NOTHING, signals::block_all;
        "process.signal.install.signal", "handler by signal", "Does a handler of signal stay installed, and are calls restarted?", SIGNAL, NOTHING,
            |o| signals::installed(o, Install::Signal);
        "process.signal.install.system-v", "handler by sysv_signal", "Is there sysv_signal, and is its handler used once?", SIGNAL, NOTHING,
            |o| signals::installed(o, Install::SystemV);
        "process.signal.install.bsd", "handler by bsd_signal", "Is there bsd_signal, and does its handler stay?", "POSIX 2001 bsd_signal; glibc 2.26 hid it", NOTHING,
            |o| signals::installed(o, Install::Bsd);
        "process.signal.install.sigset", "handler by sigset", "Does a handler of sigset stay installed?", "POSIX 2008 sigset", NOTHING,
            |o| signals::installed(o, Install::Sigset);
        "process.signal.install.sigaction", "remedy: handler by sigaction", "Does a handler of sigaction behave as its flags say?", "POSIX sigaction", NOTHING,
            |o| signals::installed(o, Install::Action);
        "process.signal.waiting", "sigwait, sigwaitinfo, sigqueue", "What do the functions tell that wait for a signal?", "POSIX sigwait, sigwaitinfo, sigqueue", NOTHING,
            signals::waiting;
        "process.signal.alternate", "sigaltstack with odd arguments", "What does sigaltstack say to odd flags and sizes?", "POSIX sigaltstack", NOTHING,
            signals::alternate;
        "process.signal.old-functions", "sighold and its relatives", "What do the functions of System V on single signals answer?", "POSIX 2008 sighold; siginterrupt(3)", NOTHING,
            signals::old;
        "process.jump.setjmp", "longjmp after setjmp", "Does longjmp restore the signal mask after setjmp, as a C program gets it?", JUMP, NOTHING,
            |o| jump::mask(o, Set::Setjmp);
        "process.jump.setjmp-function", "longjmp after the function setjmp", "Does longjmp restore the signal mask after the function of the name setjmp?", JUMP, NOTHING,
            |o| jump::mask(o, Set::SetjmpFunction);
        "process.jump.underscored", "longjmp after _setjmp", "Does longjmp restore the signal mask after _setjmp?", JUMP, NOTHING, |o| jump::mask(o, Set::Underscored);
        "process.jump.sigsetjmp-save", "siglongjmp after sigsetjmp(1)", "Does siglongjmp restore the mask that sigsetjmp was told to save?", JUMP, NOTHING,
            |o| jump::mask(o, Set::Sigsetjmp(1));
        "process.jump.sigsetjmp", "siglongjmp after sigsetjmp(0)", "Does siglongjmp leave the mask alone that sigsetjmp was told not to save?", JUMP, NOTHING,
            |o| jump::mask(o, Set::Sigsetjmp(0));
        "process.jump.functions", "functions to jump with", "Which functions of setjmp.h does the C library have?", JUMP, NOTHING, jump::functions;
    }
}

macro_rules! waits {
    ($($id:literal, $call:literal, $wait:ident, $restart:literal, $source:literal;)*) => {
        cases! { $(
            $id, concat!($call, " and a handler"),
            concat!("What does ", $call, " answer when a handler has run meanwhile?"), $source, NOTHING,
            |o| interrupted(o, Wait::$wait, $restart);
        )* }
    };
}

mod interruptions {
    use super::*;
    waits! {
        "process.interrupted.sem-wait", "sem_wait", Semaphore, false, "POSIX sem_wait: EINTR; musl WHATSNEW 1.1.21";
        "process.interrupted.sem-wait-restart", "sem_wait with SA_RESTART", Semaphore, true, "signal(7): sem_wait is restarted";
        "process.interrupted.sem-timedwait", "sem_timedwait", SemaphoreTimed, false, "POSIX sem_timedwait: EINTR";
        "process.interrupted.sigwait", "sigwait", Sigwait, false, "POSIX sigwait has no EINTR; glibc sysdeps/unix/sysv/linux/sigwait.c, musl src/signal/sigwait.c";
        "process.interrupted.sigwaitinfo", "sigwaitinfo", Sigwaitinfo, false, "POSIX sigwaitinfo: EINTR";
        "process.interrupted.sigtimedwait", "sigtimedwait", Sigtimedwait, false, "POSIX sigtimedwait: EINTR; musl src/signal/sigtimedwait.c retries";
        "process.interrupted.sleep", "sleep", Sleep, false, "POSIX sleep: the unslept seconds";
        "process.interrupted.usleep", "usleep", Usleep, false, "POSIX 2001 usleep: EINTR";
        "process.interrupted.nanosleep", "nanosleep", Nanosleep, false, "POSIX nanosleep: EINTR";
        "process.interrupted.clock-nanosleep", "clock_nanosleep", ClockNanosleep, false, "POSIX clock_nanosleep: EINTR as the result";
        "process.interrupted.pause", "pause", Pause, false, "POSIX pause";
        "process.interrupted.wait", "waitpid", Wait, false, "POSIX waitpid: EINTR";
        "process.interrupted.read-restart", "read with SA_RESTART", Read, true, "signal(7): read is restarted";
    }
}

const TABLES: &[&[Case]] = &[sets::CASES, interruptions::CASES];
/// The cases of this file.
pub const CASES: &[Case] = &join::<{ count(TABLES) }>(TABLES);
