//! What happens when a stack ends: how many calls fit, and which signal comes.

use heap::string::ToString;

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::threads::attributes::Attributes;
use crate::sys::threads::overflow::{Fault, Handler, Overflow, in_main, in_thread};
use crate::text;

pub const RECURSION: Case = Case {
    id: "threads.stack.recursion",
    title: "recursion in a thread",
    question: "How many calls of a function with 512 bytes of locals fit on a default thread's stack, and what ends them?",
    source: "musl wiki, functional differences, thread stack size; python/cpython#76488, dotnet/roslyn#64423",
    needs: Needs::NOTHING,
    run: |o| in_thread_of(o, None),
};

pub const RECURSION_MAIN: Case = Case {
    id: "threads.stack.recursion-main",
    title: "recursion in main",
    question: "How many calls of a function with 512 bytes of locals fit on the main thread's stack, and what ends them?",
    source: "getrlimit(2) RLIMIT_STACK: the kernel grows the main thread's stack, whatever the C library",
    needs: Needs::NOTHING,
    run: |o| {
        if let Some(overflow) = o.need("overflowing the main stack", in_main()) {
            say(o, &overflow);
        }
    },
};

pub const HANDLER: Case = Case {
    id: "threads.stack.handler",
    title: "overflow with a handler on the same stack",
    question: "Does a SIGSEGV handler run when the thread's stack, on which it would run, has overflowed?",
    source: "sigaltstack(2), notes; signal(7)",
    needs: Needs::NOTHING,
    run: |o| handled(o, Handler::SameStack),
};

pub const ALTERNATE: Case = Case {
    id: "threads.stack.handler-alternate",
    title: "overflow with a handler on an alternate stack",
    question: "Does a SIGSEGV handler on an alternate stack run when a thread's stack has overflowed, and where is the fault?",
    source: "sigaltstack(2), notes; POSIX sigaltstack",
    needs: Needs::NOTHING,
    run: |o| handled(o, Handler::AlternateStack),
};

/// Overflows a thread with these attributes, and describes it.
pub fn in_thread_of(o: &mut Outcome, attributes: Option<&Attributes>) {
    if let Some(overflow) = o.need("overflowing a thread's stack", in_thread(attributes, Handler::None)) {
        say(o, &overflow);
    }
}

fn say(o: &mut Outcome, overflow: &Overflow) {
    o.line(format_args!("frames: {}", text::magnitude(overflow.frames)));
    o.measured("frames", overflow.frames);
    o.fact("signal", overflow.end.to_string());
}

fn handled(o: &mut Outcome, handler: Handler) {
    let Some(overflow) = o.need("overflowing a thread's stack", in_thread(None, handler)) else { return };
    o.fact("handler_ran", overflow.fault.is_some());
    match overflow.fault {
        Some(Fault::AtTheEnd) => o.fact("fault", "at the end of the stack"),
        Some(Fault::Elsewhere) => o.fact("fault", "elsewhere"),
        None => o.fact("signal", overflow.end.to_string()),
    }
}
