//! `dlclose`: whether anything is unloaded, and when destructors and handlers run.

use libc::{RTLD_NODELETE, RTLD_NOW};

use super::scripts;
use crate::case::Case;
use crate::sys::loader::script::Step::*;

pub const CASES: &[Case] = scripts![
    (
        "close.destructor",
        "destructors",
        "Does dlclose of the last handle run the library's destructors, or does the end of the process?",
        "POSIX dlclose (may unload); musl wiki, Functional differences from glibc, Unloading libraries",
        [Open("./a.so", RTLD_NOW), Close(0), Say("closed"), Exit]
    ),
    (
        "close.statics",
        "variables after dlclose and dlopen",
        "Are a library's variables fresh after dlclose and another dlopen?",
        "musl wiki, Functional differences from glibc, Unloading libraries",
        [
            Open("./counter.so", RTLD_NOW),
            Call(0, "bump"),
            Call(0, "bump"),
            Close(0),
            Open("./counter.so", RTLD_NOW),
            Call(1, "bump")
        ]
    ),
    (
        "close.reopened",
        "constructors after dlclose and dlopen",
        "Does another dlopen after dlclose run the constructors again?",
        "musl wiki, Functional differences from glibc, Unloading libraries",
        [Open("./a.so", RTLD_NOW), Close(0), Open("./a.so", RTLD_NOW), Exit]
    ),
    (
        "close.listed",
        "what is still loaded",
        "Does dl_iterate_phdr list a library after its last handle was closed?",
        "dl_iterate_phdr(3)",
        [Open("./counter.so", RTLD_NOW), Listed("counter.so"), Close(0), Listed("counter.so")]
    ),
    (
        "close.count",
        "opened twice, closed twice",
        "Is a library kept until it has been closed as often as it was opened?",
        "POSIX dlclose; dlopen(3): reference counts",
        [
            Open("./a.so", RTLD_NOW),
            Open("./a.so", RTLD_NOW),
            Close(0),
            Say("closed once"),
            Close(1),
            Say("closed twice"),
            Exit
        ]
    ),
    (
        "close.noload-counts",
        "RTLD_NOLOAD counts",
        "Does a handle got with RTLD_NOLOAD keep the library when the first handle is closed?",
        "dlopen(3), RTLD_NOLOAD",
        [
            Open("./a.so", RTLD_NOW),
            Open("./a.so", RTLD_NOW | libc::RTLD_NOLOAD),
            Close(0),
            Say("closed once"),
            Close(1),
            Say("closed twice"),
            Exit
        ]
    ),
    (
        "close.dependency",
        "a library and what it needs",
        "In what order are a library and the one that it needs destroyed, and when?",
        "POSIX dlclose; ELF gABI, initialization and termination functions",
        [Open("./needs-a.so", RTLD_NOW), Close(0), Say("closed"), Exit]
    ),
    (
        "close.dependency-held",
        "what is needed and open by itself",
        "Is a library kept that is open by itself when another one that needs it is closed?",
        "POSIX dlclose",
        [Open("./needs-a.so", RTLD_NOW), Open("./a.so", RTLD_NOW), Close(0), Say("closed"), Exit]
    ),
    (
        "close.exit-order",
        "order at the end",
        "In what order are two open libraries destroyed at the end of the process?",
        "exit(3); ELF gABI, termination functions",
        [Open("./a.so", RTLD_NOW), Open("./c.so", RTLD_NOW), Exit]
    ),
    (
        "close.nodelete-flag",
        "RTLD_NODELETE and destructors",
        "When are the destructors run of a library opened with RTLD_NODELETE and closed?",
        "dlopen(3), RTLD_NODELETE",
        [Open("./a.so", RTLD_NOW | RTLD_NODELETE), Close(0), Say("closed"), Exit]
    ),
    (
        "close.nodelete-linked",
        "linked with -z nodelete",
        "When are the destructors run of a library that was linked with -z nodelete and closed?",
        "ld(1), -z nodelete; DF_1_NODELETE",
        [Open("./nodelete.so", RTLD_NOW), Close(0), Say("closed"), Exit]
    ),
    (
        "close.unique",
        "a unique symbol",
        "Is a library with an STB_GNU_UNIQUE symbol, as C++ templates make them, kept over dlclose?",
        "glibc elf/dl-lookup.c (do_lookup_unique sets l_nodelete); GCC -fno-gnu-unique",
        [
            Open("./unique.so", RTLD_NOW),
            Find(crate::sys::loader::library::From::Handle(0), "unique_data"),
            Close(0),
            Say("closed"),
            Exit
        ]
    ),
    (
        "close.handler",
        "atexit in a library",
        "When does a handler run that a library's constructor left to atexit: at dlclose or at the end?",
        "glibc manual, Cleanups on Exit; POSIX atexit",
        [Open("./handler.so", RTLD_NOW), Say("opened"), Close(0), Say("closed"), Exit]
    ),
    (
        "close.handler-open",
        "atexit in a library that stays open",
        "Does the handler of a library run before its destructors at the end of the process?",
        "C17 7.22.4.4; glibc stdlib/exit.c; musl src/exit/exit.c",
        [Open("./handler.so", RTLD_NOW), Say("opened"), Exit]
    ),
    (
        "close.handler-left",
        "a handler in a closed library",
        "What comes of a function of a library that the program left to atexit, when the library is closed before the end?",
        "POSIX dlclose: references to a closed object are undefined",
        [Open("./a.so", RTLD_NOW), Keep(0, "speak"), AtExit, Close(0), Say("closed"), Exit]
    ),
    (
        "close.function-kept",
        "a function of a closed library",
        "What comes of a call of a function of a library after dlclose?",
        "POSIX dlclose: references to a closed object are undefined",
        [Open("./counter.so", RTLD_NOW), Keep(0, "bump"), Close(0), CallKept]
    ),
    (
        "close.program",
        "dlclose of the program",
        "What does dlclose say of the handle of dlopen(NULL)?",
        "POSIX dlclose",
        [OpenProgram(RTLD_NOW), Close(0)]
    ),
    (
        "close.remedy-nodelete",
        "a function of a library that stays",
        "Can a function of a library be called after dlclose when it was opened with RTLD_NODELETE?",
        "dlopen(3), RTLD_NODELETE",
        [Open("./counter.so", RTLD_NOW | RTLD_NODELETE), Keep(0, "bump"), Close(0), CallKept]
    ),
    (
        "close.remedy-state",
        "state that is set and not assumed",
        "Does a counter that the program keeps start anew, whether or not the library was unloaded?",
        "musl wiki, Functional differences from glibc, Unloading libraries",
        [
            Copy("counter.so", "/tmp/libcdiff-1.so"),
            Open("/tmp/libcdiff-1.so", RTLD_NOW),
            Call(0, "bump"),
            Close(0),
            Copy("counter.so", "/tmp/libcdiff-2.so"),
            Open("/tmp/libcdiff-2.so", RTLD_NOW),
            Call(1, "bump")
        ]
    ),
];
