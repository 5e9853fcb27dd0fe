//! How large a thread's stack is: as asked for, as given, and as reported.

use crate::case::{Case, Needs};
use crate::outcome::{Outcome, Value};
use crate::sys::call::Errno;
use crate::sys::threads::attributes::{self, Attributes};
use crate::sys::threads::{guard, thread};
use crate::text;

pub const DEFAULT: Case = Case {
    id: "threads.stack.default",
    title: "default thread stack and guard",
    question: "How large are the stack and the guard of a thread made without attributes?",
    source: "pthread_attr_init(3); musl src/internal/pthread_impl.h DEFAULT_STACK_SIZE; POSIX leaves the default open",
    needs: Needs::NOTHING,
    run: |o| {
        if let Some((stack, guard)) = o.need("reading the default attributes", attributes::defaults()) {
            o.fact("stack_bytes", stack);
            o.fact("guard_bytes", guard);
        }
    },
};

pub const RUNNING: Case = Case {
    id: "threads.stack.running",
    title: "stack of a running default thread",
    question: "Does a running thread made without attributes have the stack that the default attributes say?",
    source: "pthread_getattr_np(3); glibc bug 22637 (guard counted in the stack until 2.27)",
    needs: Needs::NOTHING,
    run: |o| {
        let asked = o.need("reading the default attributes", attributes::defaults());
        if let Some((bytes, guard)) = asked {
            running(o, None, bytes);
            o.measured("default_guard_bytes", guard);
        }
    },
};

pub const REQUESTED: Case = Case {
    id: "threads.stack.requested",
    title: "stack of a thread that asked for 1 MiB",
    question: "Does a running thread have the 1 MiB of stack that its attributes asked for?",
    source: "pthread_attr_setstacksize(3); POSIX pthread_attr_setstacksize: the minimum size of the stack",
    needs: Needs::NOTHING,
    run: |o| {
        if let Some(asked) = o.need("asking for a stack of 1 MiB", Attributes::with_stack(1 << 20)) {
            running(o, Some(&asked), 1 << 20);
        }
    },
};

/// Compares what a running thread reports with what was asked for. What is left of the last page differs between builds of
/// one C library, so only its class is compared.
fn running(o: &mut Outcome, asked: Option<&Attributes>, bytes: usize) {
    let look = || {
        let running = Attributes::of_this_thread()?;
        let local = 0u8;
        let here = &raw const local as usize;
        let stack = running.whole_stack()?;
        let inside = (stack.lowest..stack.lowest + stack.bytes).contains(&here);
        Ok::<_, Errno>((stack.bytes, running.guard()?, inside))
    };
    let found = o.need("asking a running thread for its attributes", thread::run(asked, look).and_then(|found| found));
    let Some((found, guard, inside)) = found else { return };
    o.line(format_args!("stack: {}", compared(found, bytes)));
    o.measured("stack_bytes", found);
    o.fact("guard_bytes", guard);
    o.fact("local_variable_inside", inside);
}

fn compared(found: usize, asked: usize) -> &'static str {
    match found as i64 - asked as i64 {
        0 => "as asked for",
        1..65536 => "as asked for, and less than 64 KiB more",
        -65535..0 => "less than asked for, by less than 64 KiB",
        65536.. => "more than asked for",
        _ => "less than asked for",
    }
}

pub const MAIN: Case = Case {
    id: "threads.stack.main",
    title: "main thread's stack as reported",
    question: "What does pthread_getattr_np say of the main thread's stack, next to its limit?",
    source: "pthread_getattr_np(3); musl src/thread/pthread_getattr_np.c; docker-library/ruby#196, dotnet/runtime#103741",
    needs: Needs::NOTHING,
    run: |o| {
        let limit = o.need("reading RLIMIT_STACK", attributes::stack_limit());
        let reported = o.need("asking main for its attributes", main_stack());
        if let (Some(limit), Some(reported)) = (limit, reported) {
            o.fact("rlimit_bytes", limit);
            o.measured("reported_bytes", reported);
            o.line(format_args!("reported: {}", near(reported as u64, limit)));
        }
    },
};

/// A page or a few are missing where the arguments and the environment lie above the stack; how many is a matter of chance.
fn near(reported: u64, limit: Option<u64>) -> &'static str {
    match limit {
        None => "a size without a limit",
        Some(limit) if reported.abs_diff(limit) <= 256 << 10 => "the limit",
        Some(limit) if reported < limit / 4 => "less than a quarter of the limit",
        Some(_) => "another size",
    }
}

fn main_stack() -> Result<usize, Errno> {
    Ok(Attributes::of_this_thread()?.whole_stack()?.bytes)
}

pub const MAIN_GROWTH: Case = Case {
    id: "threads.stack.main-growth",
    title: "main thread's stack after use",
    question: "Does the reported size of the main thread's stack grow when 1 MiB of it is used?",
    source: "musl src/thread/pthread_getattr_np.c (looks for what is mapped); build2#526, ruby's stack check",
    needs: Needs::NOTHING,
    run: |o| {
        let before = o.need("asking main for its attributes", main_stack());
        use_stack();
        let after = o.need("asking main again", main_stack());
        if let (Some(before), Some(after)) = (before, after) {
            o.fact("grows", after >= before + (512 << 10));
            o.measured("before_bytes", before);
            o.measured("after_bytes", after);
        }
    },
};

/// Touches 1 MiB of stack, page by page.
#[inline(never)]
fn use_stack() {
    let mut block = [0u8; 1 << 20];
    for byte in block.iter_mut().rev().step_by(4096) {
        *core::hint::black_box(byte) = 1;
    }
    core::hint::black_box(&block);
}

pub const MINIMUM: Case = Case {
    id: "threads.stack.minimum",
    title: "smallest stack",
    question: "What is the smallest stack that may be asked for, and does a thread run on it?",
    source: "POSIX PTHREAD_STACK_MIN; sysconf(3) _SC_THREAD_STACK_MIN, which depends on the CPU since glibc 2.34",
    needs: Needs::NOTHING,
    run: |o| {
        let minimum = attributes::sysconf(libc::_SC_THREAD_STACK_MIN);
        o.measured("minimum_bytes", minimum);
        let bytes = match minimum {
            Some(bytes) if bytes > 0 => bytes as usize,
            _ => return o.line("sysconf names no minimum"),
        };
        o.line(format_args!("minimum: {}", if bytes < 16384 { "less than 16 KiB" } else { "16 KiB or more" }));
        let made = Attributes::with_stack(bytes);
        o.fact("set_errno", code(made.as_ref().map(drop).map_err(|e| *e)));
        let Ok(attributes) = made else { return };
        let ended = thread::Thread::start(Some(&attributes), |_| 0, 0).and_then(thread::Thread::join);
        o.fact("thread_errno", code(ended.map(drop)));
    },
};

pub const SIZES: Case = Case {
    id: "threads.stack.sizes",
    title: "stack sizes that are refused",
    question: "Which stack sizes does pthread_attr_setstacksize refuse?",
    source: "POSIX pthread_attr_setstacksize: EINVAL below PTHREAD_STACK_MIN or above a system-imposed limit",
    needs: Needs::NOTHING,
    run: |o| {
        const SIZES: [usize; 9] = [0, 1, 2047, 2048, 2049, 16383, 65536, isize::MAX as usize, usize::MAX];
        let rows = SIZES.map(|bytes| (heap::format!("{bytes}"), code(Attributes::with_stack(bytes).map(drop)).into()));
        o.table("errno", rows.into());
    },
};

pub const OWN: Case = Case {
    id: "threads.stack.own",
    title: "stack of the program's own",
    question: "Does a thread run on memory given with pthread_attr_setstack, and what may that memory be?",
    source: "POSIX pthread_attr_setstack: EINVAL for less than PTHREAD_STACK_MIN, EACCES or EINVAL where not aligned",
    needs: Needs::NOTHING,
    run: |o| {
        const STACKS: [(&str, usize, usize); 4] = [
            ("256 KiB", 256 << 10, 0),
            ("256 KiB, 8 bytes into a page", 256 << 10, 8),
            ("256 KiB and 8 bytes", (256 << 10) + 8, 0),
            ("1 KiB", 1 << 10, 0),
        ];
        let rows = STACKS.map(|(name, bytes, offset)| (name.into(), own(bytes, offset).into()));
        o.table("thread", rows.into());
    },
};

/// What comes of a thread on memory of so many bytes, so many bytes into a page.
fn own(bytes: usize, offset: usize) -> &'static str {
    let Ok(mut attributes) = Attributes::new() else { return "no attributes" };
    let Ok(stack) = attributes.set_own_stack(bytes, offset) else { return "refused" };
    let inside = thread::run(Some(&attributes), || {
        let local = 0u8;
        (stack.lowest..stack.lowest + stack.bytes).contains(&(&raw const local as usize))
    });
    match inside {
        Ok(true) => "runs on it",
        Ok(false) => "runs elsewhere",
        Err(_) => "not made",
    }
}

pub const ATTR_GETSTACK: Case = Case {
    id: "threads.stack.attr-getstack",
    title: "stack address that was never set",
    question: "What does pthread_attr_getstack say of attributes whose stack was never set?",
    source: "POSIX pthread_attr_getstack; musl src/thread/pthread_attr_get.c",
    needs: Needs::NOTHING,
    run: |o| {
        let stack = Attributes::new().and_then(|a| a.whole_stack());
        o.fact("errno", code(stack.map(drop)));
        o.fact("size_bytes", stack.ok().map(|s| Value::from(s.bytes)).unwrap_or(Value::Null));
    },
};

pub const AFTER_JOIN: Case = Case {
    id: "threads.stack.after-join",
    title: "stack memory of a thread that ended",
    question: "Is the stack of a default thread still mapped after the thread was joined?",
    source: "glibc nptl/allocatestack.c (a cache of up to 40 MiB of stacks); musl unmaps it in pthread_join",
    needs: Needs::NOTHING,
    run: |o| {
        if let Some(page) = o.need("looking at a joined thread's stack", guard::stack_after_join()) {
            o.fact("stack", page.name());
        }
    },
};

fn code(result: Result<(), Errno>) -> heap::string::String {
    text::errno(result.map_or_else(|e| e.0, |()| 0))
}
