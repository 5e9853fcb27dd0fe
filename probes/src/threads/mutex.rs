//! Mutexes of each kind, and what they answer to misuse.

use heap::string::String;
use heap::vec::Vec;

use crate::case::{Case, Needs};
use crate::outcome::{Outcome, Value};
use crate::sys::call::Errno;
use crate::sys::threads::locks::{Kind, Mutex, MutexSetter, Time, mutex_attribute};
use crate::sys::threads::thread;
use crate::text;

pub const ERRORCHECK: Case = Case {
    id: "threads.mutex.errorcheck",
    title: "mutex that checks",
    question: "What does an error-checking mutex answer to a second lock, another thread's unlock, and an unlock too many?",
    source: "POSIX pthread_mutex_lock, table of mutex types: EDEADLK, EPERM, EPERM",
    needs: Needs::NOTHING,
    run: |o| misused(o, libc::PTHREAD_MUTEX_ERRORCHECK, true),
};

pub const RECURSIVE: Case = Case {
    id: "threads.mutex.recursive",
    title: "recursive mutex",
    question: "What does a recursive mutex answer to a second lock, another thread's unlock, and an unlock too many?",
    source: "POSIX pthread_mutex_lock, table of mutex types: 0, EPERM, EPERM",
    needs: Needs::NOTHING,
    run: |o| misused(o, libc::PTHREAD_MUTEX_RECURSIVE, true),
};

pub const NORMAL: Case = Case {
    id: "threads.mutex.normal",
    title: "normal mutex",
    question: "What does a normal mutex answer to trylock by its owner, another thread's unlock, and an unlock too many?",
    source: "POSIX pthread_mutex_lock, table of mutex types: EBUSY, undefined, undefined",
    needs: Needs::NOTHING,
    run: |o| misused(o, libc::PTHREAD_MUTEX_NORMAL, false),
};

/// Takes a mutex of this kind and misuses it. A second lock of a normal mutex would wait for ever, so that one is tried.
fn misused(o: &mut Outcome, kind: i32, lock: bool) {
    let mutex = Mutex::new();
    let Some(()) = o.need("making a mutex", mutex.init(Kind { kind, robust: false })) else { return };
    let mut rows: Vec<(String, Value)> = Vec::new();
    let mut row = |name: &str, code: i32| rows.push((name.into(), text::errno(code).into()));
    row("lock", mutex.lock());
    if lock {
        row("lock again", mutex.lock());
    } else {
        row("trylock again", mutex.try_lock());
    }
    let other = thread::run(None, || mutex.unlock());
    let Some(other) = o.need("running a thread", other) else { return };
    row("unlock by another thread", other);
    row("unlock", mutex.unlock());
    row("unlock again", mutex.unlock());
    row("unlock a third time", mutex.unlock());
    o.table("errno", rows);
}

const ROBUST_KIND: Kind = Kind { kind: libc::PTHREAD_MUTEX_NORMAL, robust: true };

pub const ROBUST: Case = Case {
    id: "threads.mutex.robust",
    title: "robust mutex",
    question: "What does a robust mutex answer after its owner has ended, and after pthread_mutex_consistent?",
    source: "POSIX pthread_mutex_consistent, pthread_mutex_lock: EOWNERDEAD",
    needs: Needs::NOTHING,
    run: |o| orphaned(o, true),
};

pub const ROBUST_UNRECOVERED: Case = Case {
    id: "threads.mutex.robust-unrecovered",
    title: "robust mutex given up",
    question: "What does a robust mutex answer after it was unlocked without pthread_mutex_consistent?",
    source: "POSIX pthread_mutex_lock: ENOTRECOVERABLE",
    needs: Needs::NOTHING,
    run: |o| orphaned(o, false),
};

fn orphaned(o: &mut Outcome, recover: bool) {
    let mutex = Mutex::new();
    let Some(()) = o.need("making a robust mutex", mutex.init(ROBUST_KIND)) else { return };
    let owner = thread::run(None, || mutex.lock());
    let Some(owner) = o.need("running its owner", owner) else { return };
    let mut rows: Vec<(String, Value)> = Vec::new();
    let mut row = |name: &str, code: i32| rows.push((name.into(), text::errno(code).into()));
    row("lock by the thread that ends", owner);
    row("lock", mutex.lock());
    if recover {
        row("consistent", mutex.consistent());
        row("consistent again", mutex.consistent());
    }
    row("unlock", mutex.unlock());
    row("lock again", mutex.lock());
    o.table("errno", rows);
}

pub const DESTROY_LOCKED: Case = Case {
    id: "threads.mutex.destroy-locked",
    title: "destroying a locked mutex",
    question: "What does pthread_mutex_destroy return for a mutex that is locked?",
    source: "POSIX pthread_mutex_destroy: undefined; pthread_mutex_destroy(3): EBUSY",
    needs: Needs::NOTHING,
    run: |o| {
        let mutex = Mutex::new();
        let made = mutex.init(Kind { kind: libc::PTHREAD_MUTEX_NORMAL, robust: false });
        let Some(()) = o.need("making a mutex", made) else { return };
        mutex.lock();
        o.fact("errno", text::errno(mutex.destroy()));
    },
};

pub const TIMED: Case = Case {
    id: "threads.mutex.timed",
    title: "timed lock with odd times",
    question: "What does pthread_mutex_timedlock return for a time that is past or invalid, free and held?",
    source: "POSIX pthread_mutex_timedlock: the validity need not be checked if the lock can be had at once",
    needs: Needs::NOTHING,
    run: |o| {
        let made = || {
            let mutex = Mutex::new();
            let kind = Kind { kind: libc::PTHREAD_MUTEX_NORMAL, robust: false };
            mutex.init(kind).map(|()| mutex)
        };
        let ask = |time: Time, held: bool| {
            let mutex = made()?;
            if held {
                mutex.lock();
            }
            Ok::<_, Errno>(mutex.lock_until(time))
        };
        let cases = [
            ("past, free", Time::PAST, false),
            ("past, held", Time::PAST, true),
            ("invalid, free", Time::INVALID, false),
            ("invalid, held", Time::INVALID, true),
        ];
        let mut rows = Vec::new();
        for (name, time, held) in cases {
            let Some(code) = o.need("making a mutex", ask(time, held)) else { return };
            rows.push((name.into(), text::errno(code).into()));
        }
        o.table("errno", rows);
    },
};

pub const ATTRIBUTES: Case = Case {
    id: "threads.mutex.attributes",
    title: "mutex attributes",
    question: "Which types, protocols and robustness do mutex attributes accept?",
    source: "POSIX pthread_mutexattr_settype, pthread_mutexattr_setprotocol: EINVAL, ENOTSUP; musl 1.2.0 (PTHREAD_PRIO_INHERIT)",
    needs: Needs::NOTHING,
    run: |o| {
        const SET: [(&str, MutexSetter, i32); 8] = [
            ("type 3 (adaptive in glibc)", MutexSetter::Kind, 3),
            ("type 4", MutexSetter::Kind, 4),
            ("type -1", MutexSetter::Kind, -1),
            ("PTHREAD_PRIO_NONE", MutexSetter::Protocol, 0),
            ("PTHREAD_PRIO_INHERIT", MutexSetter::Protocol, 1),
            ("PTHREAD_PRIO_PROTECT", MutexSetter::Protocol, 2),
            ("PTHREAD_MUTEX_ROBUST", MutexSetter::Robust, 1),
            ("robustness 2", MutexSetter::Robust, 2),
        ];
        let rows = SET.map(|(name, setter, value)| (name.into(), text::errno(mutex_attribute(setter, value)).into()));
        o.table("errno", rows.into());
    },
};
