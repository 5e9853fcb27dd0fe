//! Limits of the area, and which of its functions a C library has.

use core::ffi::CStr;

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::call::exists;
use crate::sys::threads::attributes::{Attributes, Setter, sysconf};
use crate::sys::threads::{ends, overflow, schedule, thread};
use crate::text;

pub const CREATE: Case = Case {
    id: "threads.create.exhausted",
    title: "threads until memory is out",
    question: "How many default threads fit into 24 MiB of address space, and what does pthread_create say then?",
    source: "POSIX pthread_create: EAGAIN; default stack sizes of both families",
    needs: Needs::NOTHING,
    run: |o| exhausted(o, None),
};

pub const CREATE_SIZED: Case = Case {
    id: "threads.create.exhausted-sized",
    title: "remedy: threads of one size until memory is out",
    question: "How many threads with 512 KiB of stack fit into 24 MiB of address space, and what does pthread_create say then?",
    source: "POSIX pthread_create: EAGAIN; pthread_attr_setstacksize",
    needs: Needs::NOTHING,
    run: |o| {
        if let Some(attributes) = o.need("asking for a stack of 512 KiB", Attributes::with_stack(512 << 10)) {
            exhausted(o, Some(&attributes));
        }
    },
};

fn exhausted(o: &mut Outcome, attributes: Option<&Attributes>) {
    if let Some((made, code)) = o.need("making threads", ends::exhaust(24 << 20, 250, attributes)) {
        o.line(format_args!("threads: {}", text::magnitude(made)));
        o.measured("threads", made);
        o.fact("errno", text::errno(code));
    }
}

pub const SYSCONF: Case = Case {
    id: "threads.limits.sysconf",
    title: "limits as sysconf tells them",
    question: "What does sysconf say of the limits and options that have to do with threads?",
    source: "POSIX sysconf, limits.h, unistd.h",
    needs: Needs::NOTHING,
    run: |o| {
        const NAMES: [(&str, i32); 10] = [
            ("_SC_THREAD_THREADS_MAX", libc::_SC_THREAD_THREADS_MAX),
            ("_SC_THREAD_KEYS_MAX", libc::_SC_THREAD_KEYS_MAX),
            ("_SC_THREAD_DESTRUCTOR_ITERATIONS", libc::_SC_THREAD_DESTRUCTOR_ITERATIONS),
            ("_SC_SEM_NSEMS_MAX", libc::_SC_SEM_NSEMS_MAX),
            ("_SC_SEM_VALUE_MAX", libc::_SC_SEM_VALUE_MAX),
            ("_SC_THREAD_PRIO_INHERIT", libc::_SC_THREAD_PRIO_INHERIT),
            ("_SC_THREAD_PRIO_PROTECT", libc::_SC_THREAD_PRIO_PROTECT),
            ("_SC_THREAD_PROCESS_SHARED", libc::_SC_THREAD_PROCESS_SHARED),
            ("_SC_THREAD_CPUTIME", libc::_SC_THREAD_CPUTIME),
            ("_SC_THREAD_SPORADIC_SERVER", libc::_SC_THREAD_SPORADIC_SERVER),
        ];
        o.table("sysconf", NAMES.map(|(name, number)| (name.into(), sysconf(number).into())).into());
    },
};

pub const ATTRIBUTES: Case = Case {
    id: "threads.attr.invalid",
    title: "odd thread attributes",
    question: "Which unusual values do the setters of thread attributes refuse, and how?",
    source: "POSIX pthread_attr_setdetachstate, pthread_attr_setscope (ENOTSUP), pthread_attr_setschedpolicy",
    needs: Needs::NOTHING,
    run: |o| {
        const VALUES: [(&str, Setter, i32); 7] = [
            ("PTHREAD_SCOPE_PROCESS", Setter::Scope, 1),
            ("scope 2", Setter::Scope, 2),
            ("detach state 2", Setter::DetachState, 2),
            ("inheritance 2", Setter::InheritSched, 2),
            ("SCHED_BATCH", Setter::SchedPolicy, libc::SCHED_BATCH),
            ("policy 99", Setter::SchedPolicy, 99),
            ("policy -1", Setter::SchedPolicy, -1),
        ];
        let mut rows = heap::vec::Vec::new();
        for (name, setter, value) in VALUES {
            let Some(mut attributes) = o.need("making attributes", Attributes::new()) else { return };
            let code = attributes.set(setter, value).map_or_else(|e| e.0, |()| 0);
            rows.push((name.into(), text::errno(code).into()));
        }
        o.table("errno", rows);
    },
};

pub const SCHEDULE: Case = Case {
    id: "threads.sched.process",
    title: "scheduling of a process",
    question: "Do the process-wide scheduling functions work, and the thread-wide ones?",
    source: "POSIX sched_setscheduler; musl src/sched (ENOSYS, since Linux schedules threads); rust-lang/libc#4797",
    needs: Needs::NOTHING,
    run: |o| o.table("errno", schedule::answers().map(|(name, code)| (name.into(), text::errno(code).into())).into()),
};

pub const ALTERNATE_STACK: Case = Case {
    id: "threads.limits.alternate-stack",
    title: "smallest alternate signal stack",
    question: "Does sysconf know _SC_MINSIGSTKSZ and _SC_SIGSTKSZ, and is an alternate stack of 1 KiB accepted?",
    source: "sysconf(3), glibc 2.34, musl 1.2.4; sigaltstack(2): ENOMEM below MINSIGSTKSZ",
    needs: Needs::NOTHING,
    run: |o| {
        // The numbers are those of the headers of both families; they depend on the CPU, and are measured alone.
        for (name, number) in [("_SC_MINSIGSTKSZ", 249), ("_SC_SIGSTKSZ", 250)] {
            let bytes = sysconf(number);
            o.line(format_args!("{name}: {}", if bytes.is_some() { "known" } else { "unknown" }));
            o.measured(name, bytes);
        }
        let set = |bytes| thread::run(None, move || overflow::alternate_stack(bytes).map_or_else(|e| e.0, |()| 0));
        let (small, large) = (set(1024), set(2048));
        if let (Some(small), Some(large)) = (o.need("running a thread", small), o.need("running a thread", large)) {
            o.fact("stack_1024_errno", text::errno(small));
            // musl since 1.2.6 refuses less than the CPU needs, which may be more or less than this.
            o.measured("stack_2048_errno", text::errno(large));
        }
    },
};

pub const FUNCTIONS: Case = Case {
    id: "threads.functions",
    title: "functions that not every C library has",
    question: "Which functions beyond POSIX 2008 does the C library have?",
    source: "POSIX 2024 (clock variants), C11 threads.h, glibc and musl release notes",
    needs: Needs::NOTHING,
    run: |o| {
        const NAMES: [&CStr; 20] = [
            c"pthread_attr_setaffinity_np",
            c"pthread_attr_setsigmask_np",
            c"pthread_clockjoin_np",
            c"pthread_cond_clockwait",
            c"pthread_getaffinity_np",
            c"pthread_getattr_default_np",
            c"pthread_getname_np",
            c"pthread_mutex_clocklock",
            c"pthread_mutex_setprioceiling",
            c"pthread_mutexattr_setprioceiling",
            c"pthread_rwlock_clockwrlock",
            c"pthread_rwlockattr_setkind_np",
            c"pthread_setattr_default_np",
            c"pthread_sigqueue",
            c"pthread_timedjoin_np",
            c"pthread_tryjoin_np",
            c"sem_clockwait",
            c"thrd_create",
            c"__cxa_thread_atexit_impl",
            c"gettid",
        ];
        if cfg!(target_feature = "crt-static") {
            return o.unsupported("a static program has no dynamic symbols to ask");
        }
        let rows = NAMES.map(|name| (name.to_string_lossy().into_owned(), exists(name).into()));
        o.table("present", rows.into());
    },
};
