//! What `dlerror` says, and how long it stands.

use libc::{RTLD_LAZY, RTLD_NOW};

use super::scripts;
use crate::case::Case;
use crate::sys::loader::library::From::{Default, Handle};
use crate::sys::loader::script::Step::*;

pub const CASES: &[Case] = scripts![
    ("error.none", "dlerror at first", "Is dlerror null when nothing has failed?", "POSIX dlerror", [Error]),
    (
        "error.once",
        "dlerror twice",
        "Is dlerror null when it is called once more after an error?",
        "POSIX dlerror: invoking it a second time shall return NULL",
        [Open("./counter.so", RTLD_NOW), Find(Handle(0), "nobody"), Error, Find(Default, "nobody"), Error]
    ),
    (
        "error.missing-path",
        "a path that does not exist",
        "What does dlerror say of a path that does not exist?",
        "dlopen(3)",
        [Open("./nothing.so", RTLD_NOW)]
    ),
    (
        "error.missing-name",
        "a name that is found nowhere",
        "What does dlerror say of a name without slash that no folder has?",
        "dlopen(3)",
        [Open("nothing.so", RTLD_NOW)]
    ),
    (
        "error.folder",
        "a folder",
        "What does dlerror say of a folder?",
        "glibc elf/dl-load.c (open_verify); musl ldso/dynlink.c (map_library)",
        [Open("./sub", RTLD_NOW)]
    ),
    (
        "error.empty",
        "an empty file",
        "What does dlerror say of an empty file?",
        "glibc elf/dl-load.c (file too short); musl ldso/dynlink.c",
        [Open("./empty.so", RTLD_NOW)]
    ),
    (
        "error.short",
        "a file that ends too early",
        "What does dlerror say of the first 32 bytes of a library?",
        "glibc elf/dl-load.c (file too short); musl ldso/dynlink.c",
        [Open("./short.so", RTLD_NOW)]
    ),
    (
        "error.text",
        "a text file",
        "What does dlerror say of a file that is no ELF file?",
        "glibc elf/dl-load.c (invalid ELF header); musl ldso/dynlink.c",
        [Open("./text.so", RTLD_NOW)]
    ),
    (
        "error.class",
        "a library for 32 bits",
        "What does dlerror say of a library whose header says ELFCLASS32?",
        "glibc elf/dl-load.c (wrong ELF class); musl ldso/dynlink.c (map_library)",
        [Open("./class32.so", RTLD_NOW), Call(0, "answer")]
    ),
    (
        "error.machine",
        "a library for another machine",
        "What does dlerror say of a library whose header says another machine?",
        "glibc elf/dl-load.c; musl ldso/dynlink.c (map_library)",
        [Open("./machine.so", RTLD_NOW), Call(0, "answer")]
    ),
    (
        "error.program",
        "a program",
        "Does dlopen load a position-independent program?",
        "glibc 2.30 (bug 24323): cannot dynamically load position-independent executable",
        [Open("./show", RTLD_NOW)]
    ),
    (
        "error.needed",
        "a library that needs a missing one",
        "What does dlerror say of a library whose DT_NEEDED is found nowhere?",
        "dlopen(3)",
        [Open("./wants-missing.so", RTLD_NOW)]
    ),
    (
        "error.version",
        "a library that needs a version",
        "Does a library open that needs a symbol version which the other one lacks?",
        "glibc elf/dl-version.c; musl wiki, Functional differences from glibc, Symbol versioning",
        [Open("./wants-V3.so", RTLD_LAZY), Call(0, "ask")]
    ),
    (
        "error.for-glibc",
        "a library made for glibc",
        "Does a library open that was built for glibc and calls __printf_chk, as -D_FORTIFY_SOURCE makes it?",
        "musl wiki, FAQ: is musl compatible with glibc; LSB, __printf_chk",
        [Open("./for-glibc.so", RTLD_NOW)]
    ),
    (
        "error.for-glibc-lazy",
        "a library made for glibc, lazily",
        "Does RTLD_LAZY open a library that was built for glibc and calls __printf_chk?",
        "musl ldso/dynlink.c (load_library: reserved names); dlopen(3)",
        [Open("./for-glibc.so", RTLD_LAZY)]
    ),
    (
        "error.for-musl",
        "a library made for musl",
        "Does a library open that needs libc.so, musl's name for itself?",
        "musl ldso/dynlink.c (load_library: reserved names)",
        [Open("./for-musl.so", RTLD_NOW), Call(0, "bump")]
    ),
    (
        "error.symbol",
        "a symbol that a library lacks",
        "What does dlerror say of a symbol that a library does not have?",
        "dlsym(3)",
        [Open("./counter.so", RTLD_NOW), Find(Handle(0), "nobody")]
    ),
    (
        "error.symbol-default",
        "a symbol that nobody has",
        "What does dlerror say of a symbol that nobody has, asked for with RTLD_DEFAULT?",
        "dlsym(3)",
        [Find(Default, "nobody")]
    ),
];
