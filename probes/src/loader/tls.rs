//! Thread-local storage of libraries: access models, sizes.

use libc::RTLD_NOW;

use super::{scripts, starts};
use crate::case::{Case, Needs, count, join};
use crate::sys::loader::script;
use crate::sys::loader::script::Step::*;

const OPENED: &[Case] = scripts![
    (
        "tls.dynamic",
        "global-dynamic",
        "Does a library with thread-local storage of the general model open and work?",
        "ELF Handling For Thread-Local Storage, 4.1",
        [Open("./tls.so", RTLD_NOW), Call(0, "bump"), Call(0, "bump")]
    ),
    (
        "tls.descriptors",
        "TLS descriptors",
        "Does a library with TLS descriptors (-mtls-dialect=gnu2) open and work?",
        "ELF TLSDESC; musl 1.1.3",
        [Open("./tls-descriptors.so", RTLD_NOW), Call(0, "bump"), Call(0, "bump")]
    ),
    (
        "tls.large",
        "1 MiB of thread-local storage",
        "Does a library with 1 MiB of thread-local storage of the general model open and work?",
        "glibc elf/dl-tls.c; musl ldso/dynlink.c (dlopen allocates for every thread)",
        [Open("./tls-large.so", RTLD_NOW), Call(0, "bump")]
    ),
    (
        "tls.initial",
        "initial-exec, 20 bytes",
        "Does a library open whose thread-local storage is of the initial-exec model?",
        "glibc elf/dl-reloc.c (_dl_try_allocate_static_tls); musl 1.1.20 (initial-exec TLS resolves to dynamic definition)",
        [Open("./tls-initial.so", RTLD_NOW), Call(0, "bump")]
    ),
    (
        "tls.initial-large",
        "initial-exec, 64 KiB",
        "Does a library open that has 64 KiB of thread-local storage of the initial-exec model?",
        "glibc manual, Dynamic Linking Tunables (rtld.optional_static_tls)",
        [Open("./tls-initial-large.so", RTLD_NOW), Call(0, "bump")]
    ),
    (
        "tls.reopened",
        "thread-local storage after dlclose",
        "Is a library's thread-local storage fresh after dlclose and another dlopen?",
        "dlclose(3)",
        [
            Open("./tls.so", RTLD_NOW),
            Call(0, "bump"),
            Call(0, "bump"),
            Close(0),
            Open("./tls.so", RTLD_NOW),
            Call(1, "bump")
        ]
    ),
];

const STARTED: &[Case] = starts![
    (
        "tls.remedy-needed",
        "initial-exec, needed by the program",
        "Does a program start that needs libraries with initial-exec thread-local storage, small and large?",
        "ELF Handling For Thread-Local Storage, 4.3",
        told,
        ["./needs-tls"],
        [],
        []
    ),
    (
        "tls.remedy-preloaded",
        "initial-exec, preloaded",
        "Does a program start with such libraries in LD_PRELOAD?",
        "ld.so(8), LD_PRELOAD",
        told,
        ["./show"],
        [("LD_PRELOAD", "./tls-initial.so:./tls-initial-large.so")],
        []
    ),
];

const OTHERS: &[Case] = &[
    Case {
        id: "loader.tls.remedy-room",
        title: "initial-exec, with more room",
        question: "Does glibc.rtld.optional_static_tls make room for 64 KiB of the initial-exec model?",
        source: "glibc manual, Dynamic Linking Tunables (rtld.optional_static_tls)",
        needs: Needs::NOTHING.env(&[("GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=131072")]),
        run: |o| script::play(o, &[Open("./tls-initial-large.so", RTLD_NOW), Call(0, "bump")]),
    },
    Case {
        id: "loader.tls.initial-static",
        title: "initial-exec, with variables of the library's own",
        question: "Does a library open whose thread-local storage is of the initial-exec model and not exported?",
        source: "musl ldso/dynlink.c (do_relocs: the name in the message of a relocation without symbol)",
        needs: Needs::NOTHING,
        run: |o| script::opens(o, "./tls-initial-static.so"),
    },
];

pub const CASES: &[Case] = &join::<{ count(&[OPENED, STARTED, OTHERS]) }>(&[OPENED, STARTED, OTHERS]);
