//! Semaphores: their limits, and waits that a signal interrupts.

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::call::Errno;
use crate::sys::threads::semaphores::{Semaphore, interrupted};
use crate::text;

pub const LIMIT: Case = Case {
    id: "threads.sem.limit",
    title: "largest value of a semaphore",
    question: "What do sem_init and sem_post say to more than SEM_VALUE_MAX?",
    source: "POSIX sem_init: EINVAL; sem_post: EOVERFLOW",
    needs: Needs::NOTHING,
    run: |o| {
        let semaphore = Semaphore::default();
        o.fact("init_above_errno", code(semaphore.init(1 << 31)));
        let Some(()) = o.need("making a semaphore", semaphore.init((1 << 31) - 1)) else { return };
        o.fact("post_above_errno", code(semaphore.post()));
    },
};

pub const INTERRUPTED: Case = Case {
    id: "threads.sem.interrupted",
    title: "sem_wait and a signal",
    question: "Does sem_wait return EINTR when a signal handler without SA_RESTART has run?",
    source: "POSIX sem_wait: EINTR; musl 1.1.21",
    needs: Needs::NOTHING,
    run: |o| o.fact("errno", code(interrupted(0))),
};

pub const RESTARTED: Case = Case {
    id: "threads.sem.restarted",
    title: "sem_wait and a signal with SA_RESTART",
    question: "Does sem_wait go on waiting when a signal handler with SA_RESTART has run?",
    source: "signal(7), restarted system calls; musl 1.1.21",
    needs: Needs::NOTHING,
    run: |o| o.fact("errno", code(interrupted(libc::SA_RESTART))),
};

pub const TIMED: Case = Case {
    id: "threads.sem.timed",
    title: "timed waits for a semaphore",
    question: "What do sem_trywait and sem_timedwait say of a semaphore at 0, for a time that is past or invalid?",
    source: "POSIX sem_trywait: EAGAIN; sem_timedwait: ETIMEDOUT, EINVAL",
    needs: Needs::NOTHING,
    run: |o| {
        let semaphore = Semaphore::default();
        let Some(()) = o.need("making a semaphore", semaphore.init(0)) else { return };
        timed(o, &semaphore);
    },
};

fn timed(o: &mut Outcome, semaphore: &Semaphore) {
    o.fact("trywait_errno", code(semaphore.try_wait()));
    o.fact("past_errno", code(semaphore.wait_until(1, 0)));
    o.fact("invalid_errno", code(semaphore.wait_until(1, 1_000_000_000)));
    let _ = semaphore.post();
    o.fact("invalid_free_errno", code(semaphore.wait_until(1, 1_000_000_000)));
}

fn code(result: Result<(), Errno>) -> heap::string::String {
    text::errno(result.map_or_else(|e| e.0, |()| 0))
}
