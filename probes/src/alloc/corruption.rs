//! What a C library makes of a corrupted heap: whether it notices, and how it ends the process.
//!
//! Messages are compared, so what varies in them is made canonical. Old glibc writes to the terminal unless told otherwise.

use heap::string::String;

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::alloc::misuse::{self, Mistake};
use crate::sys::process::End;

const NEEDS: Needs = Needs::NOTHING.env(&[("LIBC_FATAL_STDERR_", "1")]);

macro_rules! mistake {
    ($name:ident, $id:literal, $mistake:ident, $title:literal, $question:literal, $source:literal) => {
        pub const $name: Case = Case {
            id: concat!("alloc.corruption.", $id),
            title: $title,
            question: $question,
            source: $source,
            needs: NEEDS,
            run: |o| made(o, Mistake::$mistake),
        };
    };
}

mistake!(
    DOUBLE_FREE_SMALL,
    "double-free-small",
    DoubleFreeSmall,
    "double free of a small block",
    "What happens when a block of 24 bytes is freed twice in a row?",
    "glibc 2.29 (tcache key); musl mallocng get_meta asserts"
);
mistake!(
    DOUBLE_FREE_BETWEEN,
    "double-free-between",
    DoubleFreeBetween,
    "double free with another between",
    "What happens when a block of 24 bytes is freed, then another, then the first again?",
    "glibc before 2.29 noticed only what was freed last"
);
mistake!(
    DOUBLE_FREE_MANY,
    "double-free-many",
    DoubleFreeMany,
    "double free after seven others",
    "What happens when the last of eight freed blocks of 24 bytes is freed again?",
    "glibc malloc/malloc.c: the thread cache holds seven, the eighth goes to a fast bin (none since 2.43)"
);
mistake!(
    DOUBLE_FREE_MEDIUM,
    "double-free-medium",
    DoubleFreeMedium,
    "double free of a medium block",
    "What happens when a block of 100,000 bytes with a neighbour is freed twice in a row?",
    "glibc malloc/malloc.c _int_free: double free or corruption"
);
mistake!(
    DOUBLE_FREE_LARGE,
    "double-free-large",
    DoubleFreeLarge,
    "double free of a large block",
    "What happens when a block of 1 MiB is freed twice in a row?",
    "a block in a mapping of its own is gone after the first free"
);
mistake!(
    FREE_INSIDE,
    "free-inside",
    FreeInside,
    "free of an inner pointer",
    "What happens when a pointer 16 bytes into a block of zeros is freed?",
    "glibc malloc/malloc.c: invalid pointer, invalid size; CWE-761"
);
mistake!(
    FREE_UNALIGNED,
    "free-unaligned",
    FreeUnaligned,
    "free of an unaligned pointer",
    "What happens when a pointer one byte into a block of zeros is freed?",
    "glibc malloc/malloc.c: invalid pointer; musl mallocng: assert on the low bits"
);
mistake!(
    FREE_STACK,
    "free-stack",
    FreeStack,
    "free of memory on the stack",
    "What happens when a pointer to zeros on the stack is freed?",
    "CWE-590"
);
mistake!(
    REALLOC_FREED,
    "realloc-freed",
    ReallocFreed,
    "realloc of a freed block",
    "What happens when a freed block of 24 bytes is passed to realloc?",
    "CWE-415"
);
mistake!(
    OVERFLOW_ZERO,
    "overflow-zero",
    OverflowZero,
    "terminator behind a block",
    "What happens when a zero is written one byte behind a block of 24 bytes, and all blocks are freed?",
    "CWE-193; glibc keeps the next block's size there"
);
mistake!(
    OVERFLOW_BYTE,
    "overflow-byte",
    OverflowByte,
    "letter behind a block",
    "What happens when an `A` is written one byte behind a block of 24 bytes, and all blocks are freed?",
    "CWE-193; musl mallocng keeps a zero there, and looks at it in free"
);
mistake!(
    OVERFLOW_SLACK,
    "overflow-slack",
    OverflowSlack,
    "letter behind a block of 25",
    "What happens when an `A` is written one byte behind a block of 25 bytes, and all blocks are freed?",
    "malloc_usable_size(3): glibc rounds 25 up to 40, so nobody looks"
);
mistake!(
    OVERFLOW_FAR,
    "overflow-far",
    OverflowFar,
    "40 bytes too many",
    "What happens when 64 bytes are written to a block of 24, another is allocated and the block is freed?",
    "glibc 2.29: malloc(): corrupted top size"
);
mistake!(
    WRITE_FREED,
    "write-freed",
    WriteFreed,
    "write to a freed block",
    "What happens when the first word of a freed block is changed, and three such blocks are allocated?",
    "glibc 2.32 (pointers of the cache are hidden, and checked for alignment); CWE-416"
);
mistake!(
    WRITE_FREED_LARGE,
    "write-freed-large",
    WriteFreedLarge,
    "write to a freed large block",
    "What happens when a freed block of 1 MiB is written to?",
    "munmap(2): SIGSEGV"
);

pub const CHECKED: Case = Case {
    id: "alloc.corruption.checked",
    title: "letter behind a block, MALLOC_CHECK_=3",
    question: "Does MALLOC_CHECK_=3 find an `A` that was written one byte behind a block?",
    source: "mallopt(3) M_CHECK_ACTION; glibc 2.34 moved this to libc_malloc_debug.so, which must be preloaded",
    needs: Needs::NOTHING.env(&[("LIBC_FATAL_STDERR_", "1"), ("MALLOC_CHECK_", "3")]),
    run: |o| made(o, Mistake::OverflowByte),
};

pub const WITHOUT_CACHE: Case = Case {
    id: "alloc.corruption.without-cache",
    title: "double free without a thread cache",
    question: "What happens when a small block is freed twice in a row with glibc.malloc.tcache_count=0?",
    source: "glibc manual, memory allocation tunables, 2.26",
    needs: Needs::NOTHING.env(&[("LIBC_FATAL_STDERR_", "1"), ("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0")]),
    run: |o| made(o, Mistake::DoubleFreeSmall),
};

fn made(o: &mut Outcome, mistake: Mistake) {
    let Some(child) = o.need("making a mistake in a child", misuse::make(mistake)) else { return };
    match &child.end {
        End::Exited(0) => o.fact("process", "goes on"),
        end => o.fact("process", heap::format!("{end}")),
    }
    let output = child.text();
    o.fact("message", output.lines().next().map(message));
}

/// One line of a message, with addresses and the program's name replaced: ``*** Error in `./a': free(): invalid pointer:
/// 0x00007ffd ***`` names both.
fn message(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(['0', '`']) {
        let (before, found) = rest.split_at(start);
        out.push_str(before);
        let digits =
            found.strip_prefix("0x").map(|d| d.len() - d.trim_start_matches(|c: char| c.is_ascii_hexdigit()).len());
        let quoted = found.strip_prefix('`').and_then(|q| q.find('\''));
        rest = match (digits, quoted) {
            (Some(length), _) if length > 0 => {
                out.push_str("ADDRESS");
                &found[2 + length..]
            }
            (_, Some(length)) => {
                out.push_str("PROGRAM");
                &found[2 + length..]
            }
            _ => {
                out.push_str(&found[..1]);
                &found[1..]
            }
        };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn what_varies_in_a_message_is_replaced() {
        let old = "*** Error in `/probes/alloc': free(): invalid pointer: 0x00007ffd93c01a40 ***";
        assert_eq!(message(old), "*** Error in PROGRAM: free(): invalid pointer: ADDRESS ***");
    }

    #[test]
    fn the_rest_of_a_message_stays() {
        for line in ["free(): double free detected in tcache 2", "", "10 of 0xg `open", "0x", "Märzb 0"] {
            assert_eq!(message(line), line);
        }
    }
}
