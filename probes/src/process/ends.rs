//! The ends of a process: `exit`, `quick_exit`, `abort`.

use crate::case::{Needs, cases};
use crate::sys::process::abort::{self, Obstacle};
use crate::sys::process::exits::{self, Ending, end};

const EXIT: &str = "POSIX exit, atexit";
const QUICK: &str = "C17 7.22.4.7 quick_exit, 7.22.4.3 at_quick_exit";
const ABORT: &str = "POSIX abort: overrides blocking or ignoring SIGABRT";
const NOTHING: Needs = Needs::NOTHING;

cases! {
    "process.exit.order", "order of exit handlers", "In which order do two handlers of atexit run?", EXIT, NOTHING, |o| end(o, Ending::Order);
    "process.exit.adding", "an exit handler that registers another", "Does a handler run that an exit handler registered?", EXIT, NOTHING,
        |o| end(o, Ending::Adding);
    "process.exit.again", "an exit handler that calls exit", "What happens when a handler of atexit calls exit?",
        "POSIX exit: undefined; glibc stdlib/exit.c; musl src/exit/exit.c (lock, 1.2.6)", NOTHING, |o| end(o, Ending::Again);
    "process.exit.at-once", "remedy: an exit handler that calls _exit", "Does _exit in a handler of atexit end the process with its status?",
        "POSIX _exit", NOTHING, |o| end(o, Ending::AtOnce);
    "process.exit.two-threads", "exit in two threads", "Whose status does a process have that calls exit in a second thread while a handler runs?",
        "POSIX 2024 exit: later callers wait; glibc 2.41, musl 1.2.6", NOTHING, exits::by_two_threads;
    "process.exit.many", "a thousand exit handlers", "How many of a thousand handlers does atexit accept, and exit run?", "POSIX atexit: at least 32", NOTHING,
        |o| exits::many(o, false);
    "process.exit.immediate", "_exit with handlers", "Does _exit run handlers of atexit?", "POSIX _exit", NOTHING, |o| end(o, Ending::Immediate);
    "process.exit.large", "exit(263)", "What is left of an exit status above 255?", "POSIX exit: status & 0377", NOTHING, |o| end(o, Ending::Large);
    "process.exit.flushed", "a stdio buffer at exit", "Does exit write what is left in a stdio buffer?", EXIT, NOTHING, |o| end(o, Ending::Flushed);
    "process.exit.argument", "on_exit", "Is there on_exit, and when do its handlers run?", "on_exit(3)", NOTHING, exits::with_argument;
    "process.quick-exit.order", "quick_exit with handlers of both kinds", "Which handlers does quick_exit run?", QUICK, NOTHING, |o| end(o, Ending::Quick);
    "process.quick-exit.adding", "a quick_exit handler that registers another", "Does a handler run that a handler of at_quick_exit registered?", QUICK, NOTHING,
        |o| end(o, Ending::QuickAdding);
    "process.quick-exit.again", "a quick_exit handler that calls quick_exit", "What happens when a handler of at_quick_exit calls quick_exit?",
        "C17 7.22.4.7: undefined", NOTHING, |o| end(o, Ending::QuickAgain);
    "process.quick-exit.in-exit", "quick_exit in an exit handler", "What happens when a handler of atexit calls quick_exit?", "C17 7.22.4.7: undefined", NOTHING,
        |o| end(o, Ending::QuickInExit);
    "process.quick-exit.many", "a thousand quick_exit handlers", "How many of a thousand handlers does at_quick_exit accept, and quick_exit run?",
        "C17 7.22.4.3: at least 32; musl src/exit/at_quick_exit.c", NOTHING, |o| exits::many(o, true);
    "process.quick-exit.flushed", "a stdio buffer at quick_exit", "Does quick_exit write what is left in a stdio buffer?",
        "C17 7.22.4.7 and _Exit: implementation-defined", NOTHING, |o| end(o, Ending::FlushedQuick);
    "process.abort.plain", "abort", "How does a process end that calls abort?", ABORT, NOTHING, |o| abort::call(o, Obstacle::None);
    "process.abort.ignored", "abort while SIGABRT is ignored", "How does a process end that ignores SIGABRT and calls abort?", ABORT, NOTHING,
        |o| abort::call(o, Obstacle::Ignored);
    "process.abort.blocked", "abort while SIGABRT is blocked", "How does a process end that blocks SIGABRT and calls abort?", ABORT, NOTHING,
        |o| abort::call(o, Obstacle::Blocked);
    "process.abort.handler", "abort with a handler that returns", "How often does a handler of SIGABRT run that returns, and how does the process end?", ABORT, NOTHING,
        |o| abort::call(o, Obstacle::Handler);
    "process.abort.blocked-handler", "abort with a handler while SIGABRT is blocked", "Does a handler of SIGABRT run while the signal is blocked?", ABORT, NOTHING,
        |o| abort::call(o, Obstacle::BlockedHandler);
    "process.abort.handler-aborts", "abort in the handler of SIGABRT", "What happens when a handler of SIGABRT calls abort?", ABORT, NOTHING,
        |o| abort::call(o, Obstacle::HandlerAborts);
    "process.abort.buffer", "a stdio buffer at abort", "Does abort write what is left in a stdio buffer?", "POSIX abort: may; glibc 2.27 no longer does", NOTHING,
        |o| abort::call(o, Obstacle::Buffer);
}
