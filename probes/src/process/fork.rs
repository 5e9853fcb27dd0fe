//! `fork`, its handlers and its relatives.

use super::SHELL;
use crate::case::{Needs, cases};
use crate::sys::process::fork::{self, Way};

const HANDLERS: &str = "POSIX pthread_atfork: before in reverse order, after in order";

cases! {
    "process.fork.handlers", "handlers of fork", "In which order do the handlers of two pthread_atfork calls run?", HANDLERS, Needs::NOTHING,
        |o| fork::handlers(o, Way::Fork);
    "process.fork.bare", "_Fork", "Is there _Fork, and does it run no handlers?", "POSIX 2024 _Fork; glibc 2.34, musl 1.2.2", Needs::NOTHING,
        |o| fork::handlers(o, Way::Bare);
    "process.fork.vfork", "handlers of vfork", "Does vfork run the handlers of fork?", "vfork(2): handlers are not called", Needs::NOTHING,
        |o| fork::handlers(o, Way::Vfork);
    "process.fork.system", "fork handlers and system", "Does system run the handlers of fork?", "POSIX system: unspecified; glibc 2.29 no longer does", SHELL,
        |o| fork::handlers(o, Way::System);
    "process.fork.popen", "fork handlers and popen", "Does popen run the handlers of fork?", "POSIX popen: unspecified; glibc 2.29 no longer does", SHELL,
        |o| fork::handlers(o, Way::Popen);
    "process.fork.spawn", "fork handlers and posix_spawn", "Does posix_spawn run the handlers of fork?", "POSIX posix_spawn: unspecified", SHELL,
        |o| fork::handlers(o, Way::Spawn);
    "process.fork.threads-malloc", "fork while another thread allocates", "Can the child of a process with threads allocate?",
        "musl 1.2.2 lifted the restriction; POSIX fork: only async-signal-safe functions", Needs::NOTHING, fork::among_threads;
    "process.daemon", "daemon", "What becomes of a process that calls daemon?", "daemon(3): one fork, setsid", Needs::NOTHING, fork::daemon;
}
