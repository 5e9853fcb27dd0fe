//! `dlsym` of symbols that are not plain functions: numbers, null, chosen functions, versions.

use libc::{RTLD_LAZY, RTLD_NOW};

use super::scripts;
use crate::case::Case;
use crate::sys::loader::library::From::Handle;
use crate::sys::loader::script::Step::*;

pub const CASES: &[Case] = scripts![
    (
        "symbol.null",
        "a symbol whose value is null",
        "Does dlsym tell a symbol whose value is 0 from one that is missing, by dlerror?",
        "dlsym(3): the value of a symbol could be NULL",
        [Open("./symbols.so", RTLD_NOW), Find(Handle(0), "nothing")]
    ),
    (
        "symbol.absolute",
        "an absolute symbol",
        "Does dlsym return the value of an absolute symbol as it is?",
        "ELF gABI, SHN_ABS; glibc 2.28 (bug 19818)",
        [Open("./symbols.so", RTLD_NOW), Number(0, "number")]
    ),
    (
        "symbol.chosen",
        "a function chosen while loading",
        "Does dlsym find a function that is chosen while it is loaded (STT_GNU_IFUNC)?",
        "GNU ELF extension, STT_GNU_IFUNC",
        [Open("./ifunc.so", RTLD_NOW), Call(0, "picked")]
    ),
    (
        "symbol.thread-local",
        "a thread-local variable",
        "Does dlsym find a thread-local variable?",
        "dlsym(3); musl ldso/dynlink.c (do_dlsym)",
        [Open("./tls.so", RTLD_NOW), Find(Handle(0), "tls_number")]
    ),
    (
        "symbol.version-default",
        "two versions of a function",
        "Which of two versions does dlsym find?",
        "glibc elf/dl-lookup.c; musl ldso/dynlink.c (checkver, find_sym)",
        [Open("./versions.so", RTLD_NOW), Call(0, "edition")]
    ),
    (
        "symbol.version-hidden",
        "a function with an old version only",
        "Does dlsym find a function of which only an old version exists?",
        "glibc elf/dl-lookup.c (do_lookup_x, version hidden); musl ldso/dynlink.c",
        [Open("./versions-hidden.so", RTLD_NOW), Call(0, "edition")]
    ),
    (
        "symbol.version-bound",
        "a library linked with the old version",
        "Which version does a library call that was linked with the old one?",
        "musl wiki, Functional differences from glibc, Symbol versioning",
        [Open("./wants-V1.so", RTLD_LAZY), Call(0, "ask")]
    ),
    (
        "symbol.version-asked",
        "dlvsym",
        "Does dlvsym find each version of a function?",
        "dlvsym(3)",
        [
            Open("./versions.so", RTLD_NOW),
            CallVersion(0, "edition", "V1"),
            CallVersion(0, "edition", "V2"),
            CallVersion(0, "edition", "V3")
        ]
    ),
    (
        "symbol.version-own-names",
        "versions by names of their own",
        "Does dlsym find both functions where each version has a name of its own as well?",
        "ld manual, VERSION command",
        [Open("./versions-named.so", RTLD_NOW), Call(0, "first"), Call(0, "second")]
    ),
];
