//! Alignment on request, and what the functions make of alignments that are none.

use heap::string::String;
use heap::vec::Vec;

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::alloc::calls::{Answer, Block, aligned_alloc, memalign, posix_memalign};
use crate::sys::process::{End, in_child, without_core, write_all};
use crate::text;

/// No alignment, powers of two, and numbers that are not.
const ALIGNMENTS: [(&str, usize); 9] = [
    ("0", 0),
    ("1", 1),
    ("3", 3),
    ("4", 4),
    ("24", 24),
    ("64", 64),
    ("4096", 4096),
    ("2^62", 1 << 62),
    ("2^63", 1 << 63),
];

pub const ALIGNED_ALLOC: Case = Case {
    id: "alloc.aligned-alloc.alignments",
    title: "aligned_alloc with odd alignments",
    question: "What does aligned_alloc answer to 64 bytes with alignments that are no power of two, 0, or huge?",
    source: "C17 7.22.3.1: shall fail for an invalid alignment; glibc 2.38 refuses what is no power of two",
    needs: Needs::NOTHING,
    run: |o| table(o, &ALIGNMENTS, |n| answer(aligned_alloc(n, 64), n)),
};

pub const ALIGNED_ALLOC_SIZE: Case = Case {
    id: "alloc.aligned-alloc.sizes",
    title: "aligned_alloc with odd sizes",
    question: "What does aligned_alloc answer when the size is no multiple of the alignment, 0, or huge?",
    source: "C11 7.22.3.1: a multiple; C17 dropped that (DR 460)",
    needs: Needs::NOTHING,
    run: |o| {
        const SIZES: [(&str, usize); 4] =
            [("100", 100), ("0", 0), ("PTRDIFF_MAX", isize::MAX as usize), ("SIZE_MAX", usize::MAX)];
        table(o, &SIZES, |n| answer(aligned_alloc(64, n), 64));
    },
};

pub const MEMALIGN: Case = Case {
    id: "alloc.memalign.alignments",
    title: "memalign with odd alignments",
    question: "What does memalign answer to 64 bytes with alignments that are no power of two, 0, or huge?",
    source: "memalign(3): glibc rounds up to a power of two; musl: EINVAL",
    needs: Needs::NOTHING,
    run: |o| table(o, &ALIGNMENTS, |n| answer(memalign(n, 64), n)),
};

pub const POSIX_MEMALIGN: Case = Case {
    id: "alloc.posix-memalign.alignments",
    title: "posix_memalign with odd alignments",
    question: "What does posix_memalign return for alignments that are no power of two, or smaller than a pointer?",
    source: "POSIX posix_memalign: EINVAL, and the result is left alone",
    needs: Needs::NOTHING,
    run: |o| {
        table(o, &ALIGNMENTS, |n| {
            let made = posix_memalign(n, 64);
            match &made.block {
                Some(block) => aligned(block, n),
                None if made.wrote => heap::format!("{}, and wrote to the result", text::errno(made.code)),
                None => text::errno(made.code),
            }
        });
    },
};

pub const POSIX_MEMALIGN_HUGE: Case = Case {
    id: "alloc.posix-memalign.huge",
    title: "posix_memalign of more than there is",
    question: "What does posix_memalign return for SIZE_MAX bytes, and does it set errno?",
    source: "POSIX posix_memalign: ENOMEM is returned; errno is not mentioned",
    needs: Needs::NOTHING,
    run: |o| {
        let made = posix_memalign(64, usize::MAX);
        o.fact("return_code", text::errno(made.code));
        o.fact("errno", text::errno(made.errno));
        o.fact("result_written", made.wrote);
    },
};

/// A row for each number. Each call is made in a child: musl 1.2.2 crashes in some.
fn table(o: &mut Outcome, numbers: &[(&'static str, usize)], call: fn(usize) -> String) {
    let mut rows = Vec::new();
    for (name, number) in numbers {
        let child = in_child(10, || {
            without_core();
            i32::from(!write_all(1, call(*number).as_bytes()))
        });
        let Some(child) = o.need("calling in a child", child) else { return };
        let answer = if child.end == End::Exited(0) { child.text() } else { heap::format!("{}", child.end) };
        rows.push(((*name).into(), answer.into()));
    }
    o.table("block", rows);
}

fn answer(answer: Answer, alignment: usize) -> String {
    answer.map_or_else(|e| heap::format!("null, {}", text::errno(e.0)), |block| aligned(&block, alignment))
}

/// Whether a block is aligned as asked; for what is no power of two, whether it lies on a multiple of it is chance.
fn aligned(block: &Block, alignment: usize) -> String {
    match alignment.is_power_of_two() {
        true if block.alignment() >= alignment => "aligned".into(),
        true => "not aligned".into(),
        false => "a block".into(),
    }
}
