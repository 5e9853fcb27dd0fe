//! What the process still holds after blocks were freed. Exact figures vary with the machine and are measured; their class,
//! with edges far from what any C library was seen to do, is compared.

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::alloc::retention::{Freed, Resident, after_free, after_random_frees, trim};

macro_rules! freed {
    ($name:ident, $id:literal, $bytes:expr, $freed:ident, $title:literal, $question:literal, $source:literal) => {
        pub const $name: Case = Case {
            id: concat!("alloc.return.", $id),
            title: $title,
            question: $question,
            source: $source,
            needs: Needs::NOTHING,
            run: |o| {
                if let Some(resident) = o.need("measuring memory in a child", after_free($bytes, Freed::$freed, false))
                {
                    say(o, &resident);
                }
            },
        };
    };
}

freed!(
    SMALL,
    "small",
    1 << 10,
    All,
    "memory after freeing 1 KiB blocks",
    "How much of 64 MiB in blocks of 1 KiB does the process still hold after all were freed?",
    "mallopt(3) M_TRIM_THRESHOLD; musl mallocng unmaps empty groups"
);
freed!(
    SMALL_BACKWARDS,
    "small-backwards",
    1 << 10,
    AllBackwards,
    "memory after freeing 1 KiB blocks backwards",
    "How much of 64 MiB in blocks of 1 KiB does the process still hold after all were freed, the last one first?",
    "mallopt(3) M_TRIM_THRESHOLD"
);
freed!(
    SMALL_MOSTLY,
    "small-mostly",
    1 << 10,
    FifteenOfSixteen,
    "memory after freeing 15 of 16 blocks",
    "How much of 64 MiB in blocks of 1 KiB does the process still hold after 15 of 16 were freed?",
    "malloc_trim(3), notes; musl mallocng madvises nothing since 1.2.4"
);
freed!(
    SMALL_PINNED,
    "small-pinned",
    1 << 10,
    AllButLast,
    "memory under one block",
    "How much of 64 MiB in blocks of 1 KiB does the process still hold after all but the last were freed?",
    "malloc_trim(3): only memory at the top of the heap is given back by itself"
);
freed!(
    MEDIUM,
    "medium",
    64 << 10,
    FifteenOfSixteen,
    "memory after freeing 15 of 16 medium blocks",
    "How much of 64 MiB in blocks of 64 KiB does the process still hold after 15 of 16 were freed?",
    "mallopt(3) M_MMAP_THRESHOLD"
);
freed!(
    LARGE,
    "large",
    1 << 20,
    All,
    "memory after freeing 1 MiB blocks",
    "How much of 64 MiB in blocks of 1 MiB does the process still hold after all were freed?",
    "mallopt(3) M_MMAP_THRESHOLD"
);

pub const TRIM: Case = Case {
    id: "alloc.return.trim",
    title: "memory after malloc_trim",
    question: "How much of 64 MiB in blocks of 64 KiB does the process hold after 15 of 16 were freed and malloc_trim was called?",
    source: "malloc_trim(3): whole free pages are given back since glibc 2.8",
    needs: Needs::NOTHING,
    run: |o| {
        if trim().is_none() {
            return o.unsupported("this C library has no malloc_trim");
        }
        let resident = o.need("measuring memory in a child", after_free(64 << 10, Freed::FifteenOfSixteen, true));
        if let Some(resident) = resident {
            say(o, &resident);
            o.line(format_args!("after malloc_trim: {}", class(resident.kept_percent_last())));
            o.measured("after_trim_kib", resident.last >> 10);
        }
    },
};

pub const UNCACHED: Case = Case {
    id: "alloc.return.small-backwards-uncached",
    title: "remedy: no thread cache",
    question: "How much of 64 MiB in blocks of 1 KiB, freed backwards, does the process hold with glibc.malloc.tcache_count=0?",
    source: "glibc manual, memory allocation tunables; malloc/malloc.c (blocks in the thread cache count as in use)",
    needs: Needs::NOTHING.env(&[("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0")]),
    run: |o| {
        let resident = o.need("measuring memory in a child", after_free(1 << 10, Freed::AllBackwards, false));
        if let Some(resident) = resident {
            say(o, &resident);
        }
    },
};

pub const TRIMMED: Case = Case {
    id: "alloc.return.small-pinned-trimmed",
    title: "remedy: malloc_trim, where there is one",
    question: "How much of 64 MiB in blocks of 1 KiB does the process hold after all but the last were freed and malloc_trim was called, where the C library has it?",
    source: "malloc_trim(3): whole free pages anywhere in the heap are given back since glibc 2.8",
    needs: Needs::NOTHING,
    run: |o| {
        let resident = o.need("measuring memory in a child", after_free(1 << 10, Freed::AllButLast, true));
        if let Some(resident) = resident {
            o.line(format_args!("after all: {}", class(resident.kept_percent_last())));
            o.measured("trimmed", trim().is_some());
            o.measured("last_kib", resident.last >> 10);
        }
    },
};

pub const RANDOM: Case = Case {
    id: "alloc.fragmentation.random",
    title: "fragmentation after random frees",
    question: "What do 64 MiB of blocks of random sizes cost after every second one was freed, and when as much is allocated again in larger blocks?",
    source: "Wilson et al., Dynamic Storage Allocation: A Survey and Critical Review, 1995",
    needs: Needs::NOTHING,
    run: |o| {
        let Some(resident) = o.need("measuring memory in a child", after_random_frees()) else { return };
        say(o, &resident);
        let again = resident.kept_percent_last();
        o.line(format_args!("after allocating again: {}", growth(again)));
        o.measured("live_kib", resident.live >> 10);
        o.measured("again_kib", resident.last >> 10);
    },
};

fn say(o: &mut Outcome, resident: &Resident) {
    o.line(format_args!("after free: {}", class(resident.kept_percent())));
    o.measured("before_kib", resident.before >> 10);
    o.measured("full_kib", resident.full >> 10);
    o.measured("after_kib", resident.after >> 10);
    o.measured("kept_percent", resident.kept_percent());
}

/// What is still held of what was taken.
fn class(percent: u64) -> &'static str {
    match percent {
        0..25 => "returned",
        25..70 => "partly kept",
        _ => "mostly kept",
    }
}

/// How far the process has grown over what it held when it was full.
fn growth(percent: u64) -> &'static str {
    match percent {
        0..110 => "no more than before",
        110..138 => "a quarter more than before",
        138.. => "half more than before, or worse",
    }
}
