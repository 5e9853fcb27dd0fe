//! What `malloc`, `calloc` and `free` do for ordinary and for empty requests.

use heap::string::String;
use heap::vec::Vec;

use crate::case::{Case, Needs};
use crate::outcome::{Outcome, Value};
use crate::sys::alloc::calls::{Block, calloc, free_keeps_errno, malloc, refuse_unmapping};
use crate::sys::process::{End, in_child};
use crate::text;

pub const ZERO: Case = Case {
    id: "alloc.malloc.zero",
    title: "malloc(0)",
    question: "Does malloc(0) return a block, another one each time, and how many bytes of it may be used?",
    source: "C17 7.22.3: a null pointer or a unique one; malloc(3)",
    needs: Needs::NOTHING,
    run: |o| match (malloc(0), malloc(0)) {
        (Ok(first), Ok(second)) => {
            o.fact("null", false);
            o.fact("distinct", first != second);
            o.fact("usable_bytes", first.usable());
        }
        (first, _) => {
            o.fact("null", true);
            o.fact("errno", first.map_or_else(|e| text::errno(e.0), |_| "0".into()));
        }
    },
};

pub const USABLE: Case = Case {
    id: "alloc.usable.sizes",
    title: "usable size of blocks",
    question: "How many bytes does malloc_usable_size report for blocks of various sizes?",
    source: "malloc_usable_size(3): may be more than was asked for; musl mallocng: exactly what was asked for",
    needs: Needs::NOTHING,
    run: |o| {
        let sizes = [1usize, 8, 16, 24, 25, 100, 1000, 4096, 100_000, 200_000];
        let rows = sizes.map(|n| (heap::format!("{n}"), malloc(n).ok().map(|block| block.usable()).into()));
        o.table("usable_bytes", rows.into());
    },
};

pub const ALIGNMENT: Case = Case {
    id: "alloc.malloc.alignment",
    title: "alignment of blocks",
    question: "To what power of two are all of 64 blocks of a size aligned?",
    source: "C17 7.22.3: suitable for any object; max_align_t is aligned to 16 on x86-64",
    needs: Needs::NOTHING,
    run: |o| {
        let sizes = [1usize, 8, 16, 24, 100, 1000, 4096, 100_000, 200_000];
        let rows = sizes.map(|n| (heap::format!("{n}"), common_alignment(n).into()));
        o.table("alignment", rows.into());
    },
};

/// The alignment that 64 blocks of this size have in common. Blocks of 24 and 40 bytes between them see to it that it is not
/// the distance of two blocks that is measured.
fn common_alignment(bytes: usize) -> Option<usize> {
    let blocks = (0..64).map(|i| malloc(bytes).and_then(|block| malloc(24 + i % 2 * 16).map(|_| block)));
    let blocks: Result<Vec<Block>, _> = blocks.collect();
    blocks.ok()?.iter().map(Block::alignment).min()
}

pub const REUSE: Case = Case {
    id: "alloc.reuse.next",
    title: "reuse of a freed block",
    question: "Does malloc return the block of the same size that was freed last, 64 times in turn?",
    source: "glibc malloc/malloc.c (tcache, last in first out); musl mallocng delays reuse",
    needs: Needs::NOTHING,
    run: |o| {
        let sizes = [24usize, 1000, 10_000];
        let rows = sizes.map(|n| (heap::format!("{n}"), reused(n).into()));
        o.table("same_address", rows.into());
    },
};

/// Takes and frees a block 64 times, among 64 blocks of which every second one is free.
fn reused(bytes: usize) -> Option<&'static str> {
    let blocks: Result<Vec<Block>, _> = (0..64).map(|_| malloc(bytes)).collect();
    for (i, block) in blocks.ok()?.into_iter().enumerate() {
        if i % 2 == 0 {
            block.free();
        }
    }
    let (mut last, mut same) = (0, 0);
    for round in 0..65 {
        let block = malloc(bytes).ok()?;
        same += u32::from(round > 0 && block.address() == last);
        last = block.address();
        block.free();
    }
    Some(if same == 64 { "each time" } else { "not each time" })
}

pub const CALLOC_ZERO: Case = Case {
    id: "alloc.calloc.zero",
    title: "calloc of nothing",
    question: "Does calloc return a block when the count or the size is 0?",
    source: "C17 7.22.3; calloc(3)",
    needs: Needs::NOTHING,
    run: |o| {
        o.fact("count_0_null", calloc(0, 8).is_err());
        o.fact("size_0_null", calloc(8, 0).is_err());
        o.fact("both_0_null", calloc(0, 0).is_err());
    },
};

pub const CALLOC_CLEARS: Case = Case {
    id: "alloc.calloc.clears",
    title: "calloc of used memory",
    question: "Is calloc's memory zero when blocks of the same size were filled and freed before?",
    source: "C17 7.22.3.2",
    needs: Needs::NOTHING,
    run: |o| {
        let rows = [24usize, 1000, 100_000, 1 << 20].map(|n| (heap::format!("{n}"), clears(n).into()));
        o.table("all_zero", rows.into());
    },
};

fn clears(bytes: usize) -> Option<bool> {
    for _ in 0..2 {
        let blocks: Result<Vec<Block>, _> = (0..16).map(|_| malloc(bytes)).collect();
        for block in blocks.ok()? {
            block.fill(0xff);
            block.free();
        }
    }
    let blocks: Result<Vec<Block>, _> = (0..16).map(|_| calloc(1, bytes)).collect();
    Some(blocks.ok()?.iter().all(|block| block.content().iter().all(|byte| *byte == 0)))
}

/// A block in the heap, and one that is given back to the kernel at once.
const FREED: [usize; 2] = [24, 1 << 20];

pub const FREE_ERRNO: Case = Case {
    id: "alloc.free.errno",
    title: "free and errno",
    question: "Does free leave errno as it was?",
    source: "POSIX 2024 free: shall not modify errno; glibc 2.33, musl 1.2.3",
    needs: Needs::NOTHING,
    run: |o| keeps_errno(o, false),
};

pub const FREE_ERRNO_REFUSED: Case = Case {
    id: "alloc.free.errno-refused",
    title: "free and errno when the kernel refuses",
    question: "Does free leave errno as it was when the kernel does not take the memory back?",
    source: "glibc bug 17924 (munmap fails when a process has too many mappings); glibc 2.33, musl 1.2.3",
    needs: Needs::NOTHING,
    run: |o| keeps_errno(o, true),
};

fn keeps_errno(o: &mut Outcome, refused: bool) {
    let mut rows: Vec<(String, Value)> = Vec::new();
    for bytes in FREED {
        let child = in_child(10, || {
            let Ok(block) = malloc(bytes) else { return 3 };
            block.fill(1);
            if refused && refuse_unmapping().is_err() {
                return 2;
            }
            i32::from(free_keeps_errno(block))
        });
        let Some(child) = o.need("freeing in a child", child) else { return };
        match child.end {
            End::Exited(code @ (0 | 1)) => rows.push((heap::format!("{bytes}"), (code == 1).into())),
            End::Exited(2) => return o.unsupported("the kernel takes no seccomp filter"),
            end => return o.broke(heap::format!("the child: {end}")),
        }
    }
    o.table("kept", rows);
}
