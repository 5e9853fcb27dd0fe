//! Whose definition is taken: global, local, one's own, the next one.

use libc::{RTLD_GLOBAL, RTLD_LAZY, RTLD_LOCAL, RTLD_NOW};

use super::scripts;
use crate::case::Case;
use crate::sys::loader::library::From::{Default, Handle, Next};
use crate::sys::loader::script::Step::*;

/// RTLD_DEEPBIND of glibc's dlfcn.h; musl's has no such flag.
const DEEPBIND: i32 = 8;

pub const CASES: &[Case] = scripts![
    (
        "scope.local",
        "RTLD_LOCAL",
        "Does a library find a function of one that was opened with RTLD_LOCAL before it?",
        "POSIX dlopen, RTLD_LOCAL",
        [Open("./provider.so", RTLD_NOW | RTLD_LOCAL), Open("./wants.so", RTLD_NOW)]
    ),
    (
        "scope.global",
        "RTLD_GLOBAL",
        "Does a library find a function of one that was opened with RTLD_GLOBAL before it?",
        "POSIX dlopen, RTLD_GLOBAL",
        [Open("./provider.so", RTLD_NOW | RTLD_GLOBAL), Open("./wants.so", RTLD_NOW), Call(1, "ask")]
    ),
    (
        "scope.neither",
        "neither flag",
        "Is RTLD_LOCAL the default?",
        "POSIX dlopen: unspecified; dlopen(3): RTLD_LOCAL",
        [Open("./provider.so", RTLD_NOW), Find(Default, "provided")]
    ),
    (
        "scope.promoted",
        "opened again with RTLD_GLOBAL",
        "Does a second dlopen with RTLD_GLOBAL make a local library's symbols global?",
        "POSIX dlopen, RTLD_GLOBAL",
        [Open("./provider.so", RTLD_NOW), Open("./provider.so", RTLD_NOW | RTLD_GLOBAL), Find(Default, "provided")]
    ),
    (
        "scope.demoted",
        "opened again with RTLD_LOCAL",
        "Do global symbols stay global when their library is opened again with RTLD_LOCAL?",
        "POSIX dlopen, RTLD_LOCAL",
        [
            Open("./provider.so", RTLD_NOW | RTLD_GLOBAL),
            Open("./provider.so", RTLD_NOW | RTLD_LOCAL),
            Find(Default, "provided")
        ]
    ),
    (
        "scope.closed",
        "global symbols of a closed library",
        "Does RTLD_DEFAULT find a symbol of a global library that was closed?",
        "POSIX dlclose: symbols are no longer available",
        [Open("./provider.so", RTLD_NOW | RTLD_GLOBAL), Close(0), Find(Default, "provided")]
    ),
    (
        "scope.interposed",
        "two definitions",
        "Does a library call its own definition of a function, or the global one that was there first?",
        "ELF gABI, symbol interposition",
        [Open("./answer1.so", RTLD_NOW | RTLD_GLOBAL), Open("./answer2.so", RTLD_NOW), Call(1, "ask")]
    ),
    (
        "scope.interposed-local",
        "two definitions, both local",
        "Does a library call its own definition of a function that another local library has too?",
        "ELF gABI, symbol interposition; POSIX dlopen, RTLD_LOCAL",
        [Open("./answer1.so", RTLD_NOW), Open("./answer2.so", RTLD_NOW), Call(1, "ask")]
    ),
    (
        "scope.deepbind",
        "RTLD_DEEPBIND",
        "Does RTLD_DEEPBIND let a library call its own definition of a function that is global already?",
        "dlopen(3), RTLD_DEEPBIND",
        [Open("./answer1.so", RTLD_NOW | RTLD_GLOBAL), Open("./answer2.so", RTLD_NOW | DEEPBIND), Call(1, "ask")]
    ),
    (
        "scope.symbolic",
        "linked with -Bsymbolic",
        "Does a library linked with -Bsymbolic call its own definition of a function that is global already?",
        "ld(1), -Bsymbolic",
        [Open("./answer1.so", RTLD_NOW | RTLD_GLOBAL), Open("./answer2-symbolic.so", RTLD_NOW), Call(1, "ask")]
    ),
    (
        "scope.needed",
        "symbols of what is needed",
        "Does dlsym find a symbol of a library that the opened one needs?",
        "POSIX dlsym: dependency order",
        [Open("./needs-a.so", RTLD_NOW), Call(0, "answer"), Find(Handle(0), "answer_data")]
    ),
    (
        "scope.needed-default",
        "what is needed by a global library",
        "Does RTLD_GLOBAL make global what the library needs?",
        "POSIX dlopen, RTLD_GLOBAL; dlopen(3)",
        [Open("./needs-a.so", RTLD_NOW | RTLD_GLOBAL), Find(Default, "answer"), Listed("a.so")]
    ),
    (
        "scope.next-library",
        "RTLD_NEXT in a global library",
        "What does RTLD_NEXT find from within a global library that has another one after it?",
        "dlsym(3), RTLD_NEXT",
        [
            Open("./answer-next.so", RTLD_NOW | RTLD_GLOBAL),
            Open("./answer1.so", RTLD_NOW | RTLD_GLOBAL),
            Call(0, "ask_next")
        ]
    ),
    (
        "scope.next-local",
        "RTLD_NEXT in a local library",
        "What does RTLD_NEXT find from within a local library?",
        "dlsym(3), RTLD_NEXT",
        [Open("./answer-next.so", RTLD_LAZY), Open("./answer1.so", RTLD_NOW | RTLD_GLOBAL), Call(0, "ask_next")]
    ),
    (
        "scope.next-program",
        "RTLD_NEXT in the program",
        "Does RTLD_NEXT, asked by the program, find a function of the C library?",
        "dlsym(3), RTLD_NEXT",
        [Find(Next, "getpid"), Find(Next, "main")]
    ),
];
