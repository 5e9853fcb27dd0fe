//! Heaps of threads: how many there are, what address space they take, and what limits them.

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::alloc::arenas::{THREADS, of_threads};
use crate::sys::alloc::interposed;

pub const HEAPS: Case = Case {
    id: "alloc.threads.heaps",
    title: "heaps of four threads",
    question: "In how many separate places lie the blocks of main and of four threads that allocate one after another?",
    source: "mallopt(3) M_ARENA_MAX (glibc: an arena for each thread, up to eight for each CPU); musl has one heap",
    needs: Needs::NOTHING,
    run: heaps,
};

pub const ONE_ARENA: Case = Case {
    id: "alloc.threads.heaps-limited",
    title: "remedy: MALLOC_ARENA_MAX=1",
    question: "In how many separate places lie the blocks of main and of four threads with MALLOC_ARENA_MAX=1?",
    source: "mallopt(3) M_ARENA_MAX; asterisk#2157",
    needs: Needs::NOTHING.env(&[("MALLOC_ARENA_MAX", "1")]),
    run: heaps,
};

pub const ONE_ARENA_TUNABLE: Case = Case {
    id: "alloc.threads.heaps-tunable",
    title: "remedy: glibc.malloc.arena_max=1",
    question: "In how many separate places lie the blocks of main and of four threads with the tunable glibc.malloc.arena_max=1?",
    source: "glibc manual, memory allocation tunables, 2.26",
    needs: Needs::NOTHING.env(&[("GLIBC_TUNABLES", "glibc.malloc.arena_max=1")]),
    run: heaps,
};

pub const LINKED: Case = Case {
    id: "alloc.threads.heaps-linked",
    title: "remedy: another allocator in the program",
    question: "In how many separate places lie the blocks of main and of four threads in a program that is linked with a malloc of its own, which has a heap for each thread?",
    source: "glibc manual, Replacing malloc; musl 1.1.20 (interposition); mimalloc and jemalloc have heaps for threads",
    needs: Needs::NOTHING.program("alloc-interposed"),
    run: |o| {
        if !interposed::active() {
            return o.broke("this program does not define malloc; run the case with alloc-interposed");
        }
        heaps(o);
    },
};

fn heaps(o: &mut Outcome) {
    if let Some(heaps) = o.need("allocating in threads", of_threads()) {
        o.fact("heaps", heaps.groups);
    }
}

pub const ADDRESS_SPACE: Case = Case {
    id: "alloc.threads.address-space",
    title: "address space of a thread's heap",
    question: "How much address space comes with the first block of a thread, beyond its stack?",
    source: "glibc malloc/arena.c HEAP_MAX_SIZE (64 MiB reserved for each arena)",
    needs: Needs::NOTHING,
    run: address_space,
};

pub const ONE_ADDRESS_SPACE: Case = Case {
    id: "alloc.threads.address-space-limited",
    title: "remedy: MALLOC_ARENA_MAX=1 and address space",
    question: "How much address space comes with the first block of a thread with MALLOC_ARENA_MAX=1?",
    source: "mallopt(3) M_ARENA_MAX",
    needs: Needs::NOTHING.env(&[("MALLOC_ARENA_MAX", "1")]),
    run: address_space,
};

fn address_space(o: &mut Outcome) {
    let Some(heaps) = o.need("allocating in threads", of_threads()) else { return };
    let each = heaps.mapped / THREADS as u64;
    let class = match each >> 20 {
        0 => "less than 1 MiB",
        1..32 => "less than 32 MiB",
        _ => "32 MiB or more",
    };
    o.line(format_args!("for each thread: {class}"));
    o.measured("each_bytes", each);
}
