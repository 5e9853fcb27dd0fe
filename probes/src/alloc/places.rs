//! Where blocks lie, what stays mapped of them, and the program break.

use heap::string::ToString;

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::alloc::mappings::{of_block, program_break_calls};
use crate::sys::alloc::tuning;
use crate::text;

pub const BLOCKS: Case = Case {
    id: "alloc.place.first",
    title: "place of blocks by size",
    question: "Does a block of this size, the first of a process, lie in the brk heap or in a mapping, and is it unmapped when freed?",
    source: "mallopt(3) M_MMAP_THRESHOLD (128 KiB); musl src/malloc/mallocng/glue.h MMAP_THRESHOLD",
    needs: Needs::NOTHING,
    run: |o| places(o, 0),
};

pub const SECOND: Case = Case {
    id: "alloc.place.second",
    title: "place of blocks, second time",
    question: "Where does the second block of a size lie, after the first one was freed?",
    source: "mallopt(3) M_MMAP_THRESHOLD: dynamic, rises to the size of a freed mapping",
    needs: Needs::NOTHING,
    run: |o| places(o, 1),
};

fn places(o: &mut Outcome, round: usize) {
    let mut rows = heap::vec::Vec::new();
    // Not 128 KiB itself: whether that fits into the first 132 KiB of a heap depends on what the start-up has taken of them.
    for bytes in [65536usize, 100_000, 150_000, 262_144, 1 << 20, 64 << 20] {
        let Some(places) = o.need("looking at a block in a child", of_block(bytes, || ())) else { return };
        rows.push((heap::format!("{bytes}"), places[round].to_string().into()));
    }
    o.table("place", rows);
}

pub const THRESHOLD_ENVIRONMENT: Case = Case {
    id: "alloc.place.environment",
    title: "MALLOC_MMAP_THRESHOLD_",
    question: "Where does a block of 1 MiB lie with MALLOC_MMAP_THRESHOLD_=16777216?",
    source: "mallopt(3), environment variables",
    needs: Needs::NOTHING.env(&[("MALLOC_MMAP_THRESHOLD_", "16777216")]),
    run: |o| {
        if let Some(places) = o.need("looking at a block in a child", of_block(1 << 20, || ())) {
            o.fact("place", places[0].to_string());
        }
    },
};

pub const THRESHOLD_OPTION: Case = Case {
    id: "alloc.place.option",
    title: "mallopt(M_MMAP_THRESHOLD)",
    question: "Where does a block of 1 MiB lie after mallopt(M_MMAP_THRESHOLD, 16777216)?",
    source: "mallopt(3)",
    needs: Needs::NOTHING,
    run: |o| {
        const M_MMAP_THRESHOLD: i32 = -3;
        // Asked here, so that the child alone is changed.
        if !crate::sys::call::exists(c"mallopt") {
            return o.unsupported("this C library has no mallopt");
        }
        let places = of_block(1 << 20, || {
            tuning::option(M_MMAP_THRESHOLD, 16 << 20);
        });
        if let Some(places) = o.need("looking at a block in a child", places) {
            o.fact("place", places[0].to_string());
        }
    },
};

pub const BREAK: Case = Case {
    id: "alloc.sbrk.calls",
    title: "sbrk and brk",
    question: "Do sbrk and brk move the program break?",
    source: "brk(2); musl src/linux/sbrk.c, brk.c: ENOMEM for anything but 0",
    needs: Needs::NOTHING,
    run: |o| {
        let found = program_break_calls();
        o.fact("sbrk_0_is_the_break", found.zero_is_break);
        o.fact("sbrk_grow_errno", text::errno(found.grow));
        o.fact("sbrk_shrink_errno", text::errno(found.shrink));
        o.fact("brk_same_errno", text::errno(found.same));
        o.fact("sbrk_huge_errno", text::errno(found.huge));
    },
};
