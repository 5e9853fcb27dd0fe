//! Ends of threads: joining, detaching, and asking for what is gone.

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::call::Errno;
use crate::sys::process::{self, Child, End};
use crate::sys::threads::ends::{self, Question, ask_ended};
use crate::text;

pub const JOIN_SELF: Case = Case {
    id: "threads.join.self",
    title: "joining oneself",
    question: "What does pthread_join return to a thread that joins itself?",
    source: "POSIX pthread_join: EDEADLK may be returned",
    needs: Needs::NOTHING,
    run: |o| asked(o, ends::join_self()),
};

pub const JOIN_DETACHED: Case = Case {
    id: "threads.join.detached",
    title: "joining a detached thread",
    question: "What does pthread_join return for a thread that is detached?",
    source: "POSIX pthread_join: undefined; pthread_join(3): EINVAL; musl src/thread/pthread_join.c crashes on purpose",
    needs: Needs::NOTHING,
    run: |o| asked(o, ends::join_detached()),
};

pub const DETACH_TWICE: Case = Case {
    id: "threads.detach.twice",
    title: "detaching twice",
    question: "What does pthread_detach return for a thread that is detached already?",
    source: "POSIX pthread_detach: undefined; pthread_detach(3): EINVAL",
    needs: Needs::NOTHING,
    run: |o| asked(o, ends::detach_twice()),
};

pub const TRY_JOIN: Case = Case {
    id: "threads.join.try-running",
    title: "trying to join a running thread",
    question: "What does pthread_tryjoin_np return for a thread that runs?",
    source: "pthread_tryjoin_np(3): EBUSY",
    needs: Needs::NOTHING,
    run: |o| asked(o, ends::try_join_running()),
};

pub const ENDED_KILL: Case = Case {
    id: "threads.ended.kill",
    title: "signal to a thread that ended",
    question: "What does pthread_kill return for a thread that has ended and was not joined?",
    source: "glibc bug 19193 (0 since 2.35); POSIX 2024 pthread_kill: 0 for such a thread",
    needs: Needs::NOTHING,
    run: |o| ended(o, Question::Kill),
};

pub const ENDED_CANCEL: Case = Case {
    id: "threads.ended.cancel",
    title: "cancelling a thread that ended",
    question: "What does pthread_cancel return for a thread that has ended and was not joined?",
    source: "POSIX pthread_cancel; glibc bug 19193",
    needs: Needs::NOTHING,
    run: |o| ended(o, Question::Cancel),
};

pub const ENDED_DETACH: Case = Case {
    id: "threads.ended.detach",
    title: "detaching a thread that ended",
    question: "What does pthread_detach return for a thread that has ended and was not joined?",
    source: "POSIX pthread_detach",
    needs: Needs::NOTHING,
    run: |o| ended(o, Question::Detach),
};

pub const EXIT_MAIN: Case = Case {
    id: "threads.exit.main",
    title: "pthread_exit in main",
    question: "Does the process go on after pthread_exit in main, and with which code does it end?",
    source: "POSIX pthread_exit: as if exit(0) was called when the last thread ends; glibc needs libgcc_s.so.1 for it",
    needs: Needs::as_shipped(None),
    run: |o| match process::inner() {
        true => o.broke(format_args!("pthread_exit came back: {}", text::errno(ends::exit_main()))),
        false => exited(o, process::run_again("threads.exit.main")),
    },
};

pub const EXIT_FORKED_MAIN: Case = Case {
    id: "threads.exit.forked-main",
    title: "pthread_exit in main after fork",
    question: "Does a forked child go on, and end, after pthread_exit in its only thread beside another?",
    source: "musl src/process/_Fork.c (set_tid_address in the child, after 1.2.3; without it the last thread waits for ever)",
    needs: Needs::as_shipped(None),
    // What hangs here has every signal blocked, so only the parent can end it.
    run: |o| exited(o, process::in_child(2, ends::exit_main)),
};

fn exited(o: &mut Outcome, child: Result<Child, Errno>) {
    let Some(child) = o.need("ending main in a child", child) else { return };
    o.fact("process", heap::format!("{}", child.end));
    o.fact("output", text::bytes(child.output.trim_ascii_end()));
}

fn asked(o: &mut Outcome, child: Result<Child, Errno>) {
    let Some(child) = o.need("calling in a child", child) else { return };
    match child.end {
        End::Exited(code) => o.fact("errno", text::errno(code)),
        End::Signal(libc::SIGALRM) => o.fact("errno", "does not return"),
        end => o.fact("process", heap::format!("{end}")),
    }
}

fn ended(o: &mut Outcome, question: Question) {
    if let Some(code) = o.need("waiting for a thread's end", ask_ended(question)) {
        o.fact("errno", text::errno(code));
    }
}
