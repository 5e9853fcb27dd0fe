//! Requests that cannot be met: too large, overflowing, or under a limit.

use heap::string::String;

use crate::case::{Case, Needs};
use crate::sys::alloc::calls::{Answer, Block, calloc, malloc};
use crate::sys::alloc::mappings::under_limit;
use crate::sys::call::Errno;
use crate::text;

const LARGEST: usize = isize::MAX as usize;

pub const HUGE: Case = Case {
    id: "alloc.malloc.huge",
    title: "malloc of more than there is",
    question: "What does malloc answer to PTRDIFF_MAX bytes and more?",
    source: "C17 7.22.3.4; malloc(3): ENOMEM beyond PTRDIFF_MAX since glibc 2.30",
    needs: Needs::NOTHING,
    run: |o| {
        let sizes = [
            ("PTRDIFF_MAX", LARGEST),
            ("PTRDIFF_MAX + 1", LARGEST + 1),
            ("SIZE_MAX - 4096", usize::MAX - 4096),
            ("SIZE_MAX", usize::MAX),
        ];
        o.table("errno", sizes.map(|(name, bytes)| (name.into(), answer(malloc(bytes)).into())).into());
    },
};

pub const CALLOC_OVERFLOW: Case = Case {
    id: "alloc.calloc.overflow",
    title: "calloc with an overflowing product",
    question: "What does calloc answer when count times size does not fit into size_t, or hardly?",
    source: "calloc(3): an overflow is detected; CERT MEM07-C",
    needs: Needs::NOTHING,
    run: |o| {
        let products = [
            ("2 times SIZE_MAX / 2 + 1", 2, usize::MAX / 2 + 1),
            ("65536 times 2^48", 65536, 1 << 48),
            ("SIZE_MAX times SIZE_MAX", usize::MAX, usize::MAX),
            ("1 times PTRDIFF_MAX", 1, LARGEST),
            ("SIZE_MAX times 1", usize::MAX, 1),
        ];
        o.table("errno", products.map(|(name, count, size)| (name.into(), answer(calloc(count, size)).into())).into());
    },
};

pub const REALLOC_HUGE: Case = Case {
    id: "alloc.realloc.huge",
    title: "realloc to more than there is",
    question: "What does realloc answer to PTRDIFF_MAX + 1 bytes, and is the block still there with its content?",
    source: "C17 7.22.3.5: the old object is not deallocated",
    needs: Needs::NOTHING,
    run: |o| {
        for bytes in [24usize, 1 << 20] {
            let Some(block) = o.need("allocating a block", malloc(bytes)) else { return };
            block.fill(0x5a);
            let (code, intact) = failed(block.realloc(LARGEST + 1));
            o.fact(&heap::format!("from_{bytes}_errno"), code);
            o.fact(&heap::format!("from_{bytes}_intact"), intact);
        }
    },
};

pub const REALLOCARRAY_OVERFLOW: Case = Case {
    id: "alloc.reallocarray.overflow",
    title: "reallocarray with an overflowing product",
    question: "What does reallocarray answer when count times size does not fit into size_t, and is the block still there?",
    source: "reallocarray(3); POSIX 2024; glibc 2.26, musl 1.2.2",
    needs: Needs::NOTHING,
    run: |o| {
        let Some(block) = o.need("allocating a block", malloc(24)) else { return };
        block.fill(0x5a);
        match block.reallocarray(1 << 33, 1 << 33) {
            Some(answer) => {
                let (code, intact) = failed(answer);
                o.fact("errno", code);
                o.fact("intact", intact);
            }
            None => o.unsupported("this C library has no reallocarray"),
        }
    },
};

/// The error number of a `realloc`, and whether the block that it left still holds what was written to it.
fn failed(answer: Result<Block, (Errno, Block)>) -> (String, Option<bool>) {
    match answer {
        Ok(_) => ("a block".into(), None),
        Err((e, block)) => (text::errno(e.0), Some(block.content().iter().all(|byte| *byte == 0x5a))),
    }
}

pub const LIMITED: Case = Case {
    id: "alloc.malloc.limited",
    title: "malloc under a limit",
    question: "What happens under a limit of 16 MiB more address space: to a large block, to small ones, and after they are freed?",
    source: "getrlimit(2) RLIMIT_AS: ENOMEM from mmap and brk",
    needs: Needs::NOTHING,
    run: |o| {
        let Some(limited) = o.need("allocating under a limit", under_limit()) else { return };
        o.fact("large_errno", text::errno(limited.large));
        o.line(heap::format!("blocks of 1 KiB: {}", text::magnitude(limited.small)));
        o.measured("small_blocks", limited.small);
        o.fact("small_errno", text::errno(limited.small_errno));
        o.fact("recovers", limited.recovers);
    },
};

fn answer(answer: Answer) -> String {
    answer.map_or_else(|e| text::errno(e.0), |_| "a block".into())
}
