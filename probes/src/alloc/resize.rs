//! `realloc`: to nothing, from nothing, smaller and larger.

use crate::case::{Case, Needs};
use crate::sys::alloc::calls::{malloc, realloc_null};
use crate::text;

pub const ZERO: Case = Case {
    id: "alloc.realloc.zero",
    title: "realloc to 0",
    question: "Does realloc of a block to 0 bytes return a null pointer?",
    source: "C23 7.24.3.7: undefined, implementation-defined before; realloc(3): glibc frees the block",
    needs: Needs::NOTHING,
    run: |o| {
        let Some(block) = o.need("allocating a block", malloc(24)) else { return };
        match block.realloc_to_zero() {
            Ok(block) => {
                o.fact("null", false);
                o.fact("usable_bytes", block.usable());
            }
            Err(e) => {
                o.fact("null", true);
                o.fact("errno", text::errno(e.0));
            }
        }
    },
};

pub const NULL: Case = Case {
    id: "alloc.realloc.null",
    title: "realloc of a null pointer",
    question: "Does realloc of a null pointer return a block, also for 0 bytes?",
    source: "C17 7.22.3.5: behaves like malloc",
    needs: Needs::NOTHING,
    run: |o| {
        o.fact("to_24_null", realloc_null(24).is_err());
        o.fact("to_0_null", realloc_null(0).is_err());
    },
};

pub const SHRINK: Case = Case {
    id: "alloc.realloc.shrink",
    title: "realloc to less",
    question: "Does realloc to a smaller size move the block, and how many bytes can be used then?",
    source: "C17 7.22.3.5; glibc malloc/malloc.c splits in place; musl mallocng moves to another size class",
    needs: Needs::NOTHING,
    run: |o| {
        for (from, to) in [(1000usize, 900usize), (1000, 100), (100_000, 10), (1 << 20, 1000), (1 << 22, 1 << 21)] {
            let Some(block) = o.need("allocating a block", malloc(from)) else { return };
            let address = block.address();
            let Ok(block) = block.realloc(to) else { return o.broke("realloc to a smaller size failed") };
            let moved = if block.address() == address { "in place" } else { "moved" };
            o.fact(&heap::format!("{from}_to_{to}"), moved);
            o.fact(&heap::format!("{from}_to_{to}_usable_bytes"), block.usable());
        }
    },
};

pub const GROW: Case = Case {
    id: "alloc.realloc.grow",
    title: "realloc to more",
    question: "Is the content still there after realloc to a larger size?",
    source: "C17 7.22.3.5; mremap(2) for large blocks",
    needs: Needs::NOTHING,
    run: |o| {
        for (from, to) in [(24usize, 100usize), (1000, 100_000), (1 << 20, 64 << 20)] {
            let Some(block) = o.need("allocating a block", malloc(from)) else { return };
            block.fill(0x5a);
            let Ok(block) = block.realloc(to) else { return o.broke("realloc to a larger size failed") };
            let kept = block.content()[..from].iter().all(|byte| *byte == 0x5a);
            o.fact(&heap::format!("{from}_to_{to}_content_kept"), kept);
        }
    },
};
