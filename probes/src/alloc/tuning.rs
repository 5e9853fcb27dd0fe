//! Ways into the allocator beyond the standard functions: which there are, and whether they do what they say.

use core::ffi::CStr;

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::alloc::calls::malloc;
use crate::sys::alloc::tuning;
use crate::sys::call::exists;

pub const FUNCTIONS: Case = Case {
    id: "alloc.functions",
    title: "functions that not every C library has",
    question: "Which allocating, tuning and debugging functions does the C library have?",
    source: "glibc manual, memory allocation; NEWS 2.26 (reallocarray), 2.33 (mallinfo2), 2.34 (hooks removed); musl malloc.h",
    needs: Needs::NOTHING,
    run: |o| {
        present(
            o,
            &[
                c"aligned_alloc",
                c"cfree",
                c"free_aligned_sized",
                c"free_sized",
                c"mallinfo",
                c"mallinfo2",
                c"malloc_get_state",
                c"malloc_info",
                c"malloc_set_state",
                c"malloc_stats",
                c"malloc_trim",
                c"malloc_usable_size",
                c"mallopt",
                c"mcheck",
                c"memalign",
                c"mtrace",
                c"posix_memalign",
                c"pvalloc",
                c"reallocarray",
                c"valloc",
                c"__free_hook",
                c"__malloc_hook",
            ],
        );
    },
};

pub const BSD_FUNCTIONS: Case = Case {
    id: "alloc.functions-bsd",
    title: "functions from BSD beside allocation",
    question: "Which functions for random bytes, for erasing memory and for bounded strings does the C library have?",
    source: "glibc 2.25 (explicit_bzero, getentropy), 2.36 (arc4random), 2.38 (strlcpy); musl 1.1.20",
    needs: Needs::NOTHING,
    run: |o| {
        present(
            o,
            &[
                c"arc4random",
                c"arc4random_buf",
                c"arc4random_uniform",
                c"explicit_bzero",
                c"freezero",
                c"getentropy",
                c"getrandom",
                c"memfd_create",
                c"memset_explicit",
                c"recallocarray",
                c"strlcat",
                c"strlcpy",
            ],
        );
    },
};

fn present(o: &mut Outcome, names: &[&CStr]) {
    if cfg!(target_feature = "crt-static") {
        return o.unsupported("a static program has no dynamic symbols to ask");
    }
    let rows = names.iter().map(|name| (name.to_string_lossy().into_owned(), exists(name).into()));
    o.table("present", rows.collect());
}

pub const MALLINFO: Case = Case {
    id: "alloc.mallinfo.counts",
    title: "mallinfo",
    question: "Do mallinfo and mallinfo2 count a block of 1,000,000 bytes?",
    source: "mallinfo(3): uordblks and hblkhd",
    needs: Needs::NOTHING,
    run: |o| {
        let Some(counted) = o.need("allocating a block", tuning::counted(1_000_000)) else { return };
        if counted == [None, None] {
            return o.unsupported("this C library has no mallinfo");
        }
        let says = |counted: Option<i64>| match counted {
            None => "absent",
            Some(1_000_000..1_010_000) => "counted",
            Some(_) => "not counted",
        };
        o.fact("mallinfo", says(counted[0]));
        o.fact("mallinfo2", says(counted[1]));
    },
};

pub const MALLOPT: Case = Case {
    id: "alloc.mallopt.answers",
    title: "mallopt",
    question: "Which options does mallopt accept?",
    source: "mallopt(3): 1 on success, 0 on error",
    needs: Needs::NOTHING,
    run: |o| {
        const OPTIONS: [(&str, i32, i32); 7] = [
            ("M_MXFAST = 160", 1, 160),
            ("M_MXFAST = 1000000", 1, 1_000_000),
            ("M_TRIM_THRESHOLD = 0", -1, 0),
            ("M_MMAP_THRESHOLD = 65536", -3, 65536),
            ("M_MMAP_THRESHOLD = 1073741824", -3, 1 << 30),
            ("M_ARENA_MAX = 1", -8, 1),
            ("option 12345", 12345, 1),
        ];
        let mut rows = heap::vec::Vec::new();
        for (name, option, value) in OPTIONS {
            let Some(answer) = tuning::option(option, value) else {
                return o.unsupported("this C library has no mallopt");
            };
            rows.push((name.into(), answer.into()));
        }
        o.table("returned", rows);
    },
};

pub const HOOK: Case = Case {
    id: "alloc.hook.called",
    title: "__malloc_hook",
    question: "Is a function called that was put into __malloc_hook?",
    source: "malloc_hook(3); glibc 2.34 removed the hooks",
    needs: Needs::NOTHING,
    run: |o| match tuning::hook_calls() {
        Some(calls) => o.fact("calls", calls),
        None => o.unsupported("this C library has no __malloc_hook"),
    },
};

pub const PERTURB: Case = Case {
    id: "alloc.perturb.environment",
    title: "MALLOC_PERTURB_",
    question: "Is a fresh block of 1,000 bytes filled with 0x5a with MALLOC_PERTURB_=165?",
    source: "mallopt(3) M_PERTURB: each byte is the complement of the value, 0x5a",
    needs: Needs::NOTHING.env(&[("MALLOC_PERTURB_", "165")]),
    run: |o| {
        let Some(block) = o.need("allocating a block", malloc(1000)) else { return };
        o.fact("filled", block.content().iter().all(|byte| *byte == 0x5a));
    },
};
