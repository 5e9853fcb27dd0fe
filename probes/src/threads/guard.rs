//! The guard below a stack: as asked for, as reported, and as found in memory.

use heap::format;

use crate::case::{Case, Needs};
use crate::sys::threads::attributes::Attributes;
use crate::sys::threads::guard;

pub const DEFAULT: Case = Case {
    id: "threads.guard.default",
    title: "guard of a default thread",
    question: "How much memory below a default thread's stack is a guard?",
    source: "pthread_attr_setguardsize(3); musl src/internal/pthread_impl.h DEFAULT_GUARD_SIZE",
    needs: Needs::NOTHING,
    run: |o| {
        if let Some(layout) = o.need("looking below a thread's stack", guard::of_thread(None)) {
            o.fact("reported_bytes", layout.reported_guard);
            o.fact("found_bytes", layout.guard);
            o.measured("readable_bytes", layout.readable);
        }
    },
};

pub const SIZES: Case = Case {
    id: "threads.guard.sizes",
    title: "guards of other sizes",
    question: "How large is the guard for each size asked for: as reported by the thread, and as found in memory?",
    source: "POSIX pthread_attr_setguardsize: rounded up to pages, 0 for none; pthread_attr_getguardsize reports the size asked",
    needs: Needs::NOTHING,
    run: |o| {
        let mut rows = heap::vec::Vec::new();
        for asked in [0usize, 1, 4096, 65536, 1 << 20] {
            let made = Attributes::with_stack(256 << 10).and_then(|mut a| a.set_guard(asked).map(|()| a));
            let layout = made.and_then(|attributes| guard::of_thread(Some(&attributes)));
            let Some(layout) = o.need("looking below a thread's stack", layout) else { return };
            rows.push((
                format!("{asked}"),
                format!("{} reported, {} found", layout.reported_guard, layout.guard).into(),
            ));
        }
        o.table("guard_bytes", rows);
    },
};
