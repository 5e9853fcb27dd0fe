//! Read-write locks, condition variables and barriers: what they answer to misuse and to odd values.

use crate::case::{Case, Needs};
use crate::sys::process::{End, end_after, in_child};
use crate::sys::threads::locks::{self, Time};
use crate::text;

pub const RWLOCK_HELD: Case = Case {
    id: "threads.rwlock.held",
    title: "lock held by the same thread",
    question: "What do the functions of a read-write lock return to the thread that holds it for writing?",
    source: "POSIX pthread_rwlock_rdlock, pthread_rwlock_timedwrlock: EDEADLK may be returned",
    needs: Needs::NOTHING,
    run: |o| {
        if let Some(answers) = o.need("locking for writing", locks::held_rwlock()) {
            o.table("errno", answers.map(|(name, code)| (name.into(), text::errno(code).into())).into());
        }
    },
};

pub const RWLOCK_RELOCK: Case = Case {
    id: "threads.rwlock.relock",
    title: "locking twice for writing",
    question: "Does pthread_rwlock_wrlock return to the thread that holds the lock for writing?",
    source: "POSIX pthread_rwlock_wrlock: may deadlock, or EDEADLK",
    needs: Needs::NOTHING,
    run: |o| {
        let child = in_child(10, || {
            end_after(500);
            locks::relock_rwlock()
        });
        let Some(child) = o.need("locking twice in a child", child) else { return };
        match child.end {
            End::Exited(code) => o.fact("errno", text::errno(code)),
            End::Signal(libc::SIGALRM) => o.fact("errno", "does not return"),
            end => o.fact("process", heap::format!("{end}")),
        }
    },
};

pub const CONDITION_CLOCK: Case = Case {
    id: "threads.cond.clock",
    title: "clocks of a condition variable",
    question: "Which clocks does pthread_condattr_setclock accept?",
    source: "POSIX pthread_condattr_setclock: EINVAL for an unknown clock or a CPU-time clock",
    needs: Needs::NOTHING,
    run: |o| {
        const CLOCKS: [(&str, i32); 7] = [
            ("CLOCK_REALTIME", libc::CLOCK_REALTIME),
            ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC),
            ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID),
            ("CLOCK_MONOTONIC_RAW", libc::CLOCK_MONOTONIC_RAW),
            ("CLOCK_BOOTTIME", libc::CLOCK_BOOTTIME),
            ("clock 99", 99),
            ("clock -1", -1),
        ];
        o.table("errno", CLOCKS.map(|(n, clock)| (n.into(), text::errno(locks::condition_clock(clock)).into())).into());
    },
};

pub const CONDITION_WAIT: Case = Case {
    id: "threads.cond.timed",
    title: "timed wait with odd times",
    question: "What does pthread_cond_timedwait return for a time that is past or invalid?",
    source: "POSIX pthread_cond_timedwait: ETIMEDOUT, EINVAL",
    needs: Needs::NOTHING,
    run: |o| {
        const WAITS: [(&str, i32, Time); 4] = [
            ("past, CLOCK_REALTIME", libc::CLOCK_REALTIME, Time::PAST),
            ("invalid, CLOCK_REALTIME", libc::CLOCK_REALTIME, Time::INVALID),
            ("time 0, CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC, Time { seconds: 0, nanoseconds: 0 }),
            ("before time 0, CLOCK_REALTIME", libc::CLOCK_REALTIME, Time { seconds: -1, nanoseconds: 0 }),
        ];
        let mut rows = heap::vec::Vec::new();
        for (name, clock, time) in WAITS {
            let Some(code) = o.need("making a condition variable", locks::condition_wait(clock, time)) else { return };
            rows.push((name.into(), text::errno(code).into()));
        }
        o.table("errno", rows);
    },
};

pub const BARRIER_COUNT: Case = Case {
    id: "threads.barrier.count",
    title: "size of a barrier",
    question: "For which numbers of threads does pthread_barrier_init refuse to make a barrier?",
    source: "POSIX pthread_barrier_init: EINVAL for 0",
    needs: Needs::NOTHING,
    run: |o| {
        const COUNTS: [u32; 5] = [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX];
        o.table("errno", COUNTS.map(|n| (heap::format!("{n}"), text::errno(locks::barrier_of(n)).into())).into());
    },
};

pub const BARRIER_SERIAL: Case = Case {
    id: "threads.barrier.serial",
    title: "threads that meet at a barrier",
    question: "How many of four threads that meet at a barrier get PTHREAD_BARRIER_SERIAL_THREAD?",
    source: "POSIX pthread_barrier_wait: one unspecified thread",
    needs: Needs::NOTHING,
    run: |o| {
        if let Some((serial, zero)) = o.need("running four threads", locks::barrier_of_four()) {
            o.fact("serial_threads", serial);
            o.fact("other_threads", zero);
        }
    },
};
