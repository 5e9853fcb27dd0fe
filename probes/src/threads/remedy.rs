//! What changes the default: the ELF header, the attribute, `pthread_setattr_default_np`, and the stack limit.

use super::overflow::in_thread_of;
use crate::case::{Case, Needs, StackLimit};
use crate::outcome::Outcome;
use crate::sys::call::Errno;
use crate::sys::threads::attributes::{self, Attributes, Setter};
use crate::text;

pub const HEADER: Case = Case {
    id: "threads.stack.header",
    title: "remedy: stack size in the ELF header",
    question: "What stack does a default thread get in a program linked with -z stack-size=8388608?",
    source: "musl 1.1.21 (default from PT_GNU_STACK, at most 8 MiB); ld(1) -z stack-size; cpython PR#149993",
    needs: Needs::NOTHING.program("threads-stack8m"),
    run: default_and_depth,
};

pub const ATTRIBUTE: Case = Case {
    id: "threads.stack.attribute",
    title: "remedy: stack size as an attribute",
    question: "How many calls fit on the stack of a thread that asked for 8 MiB with pthread_attr_setstacksize?",
    source: "pthread_attr_setstacksize(3)",
    needs: Needs::NOTHING,
    run: |o| {
        if let Some(attributes) = o.need("asking for a stack of 8 MiB", Attributes::with_stack(8 << 20)) {
            in_thread_of(o, Some(&attributes));
        }
    },
};

pub const DEFAULT_RAISE: Case = Case {
    id: "threads.stack.default-raise",
    title: "remedy: pthread_setattr_default_np, raising",
    question: "What is the default stack after pthread_setattr_default_np asked for 16 MiB?",
    source: "pthread_setattr_default_np(3); musl 1.1.16, src/thread/pthread_setattr_default_np.c (at most 8 MiB)",
    needs: Needs::NOTHING,
    run: |o| new_default(o, |a| a.set_stack(16 << 20)),
};

pub const DEFAULT_LOWER: Case = Case {
    id: "threads.stack.default-lower",
    title: "pthread_setattr_default_np, lowering",
    question: "What is the default stack after pthread_setattr_default_np asked for 64 KiB?",
    source: "pthread_setattr_default_np(3); musl src/thread/pthread_setattr_default_np.c (never lowers)",
    needs: Needs::NOTHING,
    run: |o| new_default(o, |a| a.set_stack(64 << 10)),
};

pub const DEFAULT_OTHER: Case = Case {
    id: "threads.stack.default-other",
    title: "pthread_setattr_default_np, another attribute",
    question: "May pthread_setattr_default_np make detached threads or another scheduling policy the default?",
    source: "pthread_setattr_default_np(3): EINVAL; musl src/thread/pthread_setattr_default_np.c",
    needs: Needs::NOTHING,
    run: |o| {
        const ASKED: [(&str, Setter, i32); 3] = [
            ("detached", Setter::DetachState, libc::PTHREAD_CREATE_DETACHED),
            ("explicit scheduling", Setter::InheritSched, 1),
            ("SCHED_FIFO", Setter::SchedPolicy, libc::SCHED_FIFO),
        ];
        let mut rows = heap::vec::Vec::new();
        for (name, setter, value) in ASKED {
            let set = Attributes::new().and_then(|mut a| a.set(setter, value).map(|()| a));
            let Some(attributes) = o.need("setting an attribute", set) else { return };
            let Some(answer) = attributes.make_default() else { return absent(o) };
            rows.push((name.into(), text::errno(answer.map_or_else(|e| e.0, |()| 0)).into()));
        }
        o.table("errno", rows);
    },
};

fn new_default(o: &mut Outcome, change: fn(&mut Attributes) -> Result<(), Errno>) {
    let changed = Attributes::new().and_then(|mut a| change(&mut a).map(|()| a));
    // glibc's least stack is 16 KiB on x86-64, and 128 KiB on AArch64.
    if matches!(&changed, Err(e) if e.0 == libc::EINVAL) {
        return o.unsupported("a stack of this size is less than PTHREAD_STACK_MIN on this machine");
    }
    let Some(attributes) = o.need("setting a stack size", changed) else { return };
    let Some(answer) = attributes.make_default() else { return absent(o) };
    o.fact("errno", text::errno(answer.map_or_else(|e| e.0, |()| 0)));
    if let Some((stack, _)) = o.need("reading the default attributes", attributes::defaults()) {
        o.fact("stack_bytes", stack);
    }
}

fn absent(o: &mut Outcome) {
    o.unsupported("this C library has no pthread_setattr_default_np");
}

pub const LIMIT_SMALL: Case = Case {
    id: "threads.stack.limit-small",
    title: "stack limit of 1 MiB",
    question: "What stack does a default thread get in a program started under a stack limit of 1 MiB?",
    source: "pthread_create(3): the default is taken from RLIMIT_STACK at start; musl ignores it",
    needs: Needs::NOTHING.stack_limit(StackLimit::Bytes(1 << 20)),
    run: default_and_depth,
};

pub const LIMIT_LARGE: Case = Case {
    id: "threads.stack.limit-large",
    title: "stack limit of 64 MiB",
    question: "What stack does a default thread get in a program started under a stack limit of 64 MiB?",
    source: "pthread_create(3): the default is taken from RLIMIT_STACK at start; musl ignores it",
    needs: Needs::NOTHING.stack_limit(StackLimit::Bytes(64 << 20)),
    run: default_and_depth,
};

pub const LIMIT_UNLIMITED: Case = Case {
    id: "threads.stack.limit-unlimited",
    title: "no stack limit",
    question: "What stack does a default thread get in a program started without a stack limit?",
    source: "pthread_create(3): 2 MiB on x86-64 where RLIMIT_STACK is unlimited; musl ignores it",
    needs: Needs::NOTHING.stack_limit(StackLimit::Unlimited),
    run: default_and_depth,
};

pub const LIMIT_LATE: Case = Case {
    id: "threads.stack.limit-late",
    title: "stack limit changed by the program",
    question: "Does the default stack follow when the running program sets its own stack limit to 2 MiB?",
    source: "pthread_create(3): taken from RLIMIT_STACK when the program started",
    needs: Needs::NOTHING,
    run: |o| {
        let before = o.need("reading the default attributes", attributes::defaults());
        let set = o.need("setting RLIMIT_STACK", attributes::set_stack_limit(2 << 20));
        let after = o.need("reading the default attributes again", attributes::defaults());
        if let (Some((before, _)), Some(()), Some((after, _))) = (before, set, after) {
            o.fact("before_bytes", before);
            o.fact("after_bytes", after);
        }
    },
};

fn default_and_depth(o: &mut Outcome) {
    if let Some((stack, _)) = o.need("reading the default attributes", attributes::defaults()) {
        o.fact("stack_bytes", stack);
        in_thread_of(o, None);
    }
}
