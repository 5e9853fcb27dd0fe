//! Programs: how they start, and what is said when they cannot.

use super::starts;
use crate::case::{Case, Needs, count, join};
use crate::sys::loader::program::{self, LOADER};

const STARTED: &[Case] = starts![
    (
        "program.plain",
        "a program without libraries",
        "Does a program start that asks for the loader and needs no library?",
        "ELF gABI, PT_INTERP",
        told,
        ["./show"],
        [],
        []
    ),
    (
        "program.with-libc",
        "a program that needs the C library",
        "Does a program start that needs the C library alone?",
        "ld.so(8)",
        told,
        ["./show"],
        [],
        []
    ),
    (
        "program.missing-library",
        "a library that is missing",
        "What is said, and what is the exit code, when a library that the program needs is missing?",
        "ld.so(8); glibc elf/dl-load.c; musl ldso/dynlink.c (load_deps)",
        told,
        ["./needs-dep"],
        [],
        []
    ),
    (
        "program.missing-function",
        "a function that is missing and not called",
        "Does a program start whose library has lost a function, as long as it is not called?",
        "glibc: lazy binding; musl ldso/dynlink.c (do_relocs at start)",
        told,
        ["./undefined"],
        [],
        []
    ),
    (
        "program.missing-function-called",
        "a function that is missing and called",
        "What ends a program that calls a function which its library has lost?",
        "glibc elf/dl-lookup.c; musl ldso/dynlink.c",
        told,
        ["./undefined", "call"],
        [],
        []
    ),
    (
        "program.missing-data",
        "a variable that is missing",
        "Does a program start whose library has lost a variable?",
        "glibc elf/dl-lookup.c; musl ldso/dynlink.c",
        told,
        ["./undefined-data"],
        [],
        []
    ),
    (
        "program.missing-loader",
        "a loader that is missing",
        "What does execve say when the loader that a program asks for does not exist?",
        "execve(2): ENOENT; ELF gABI, PT_INTERP",
        told,
        ["./no-loader"],
        [],
        []
    ),
    (
        "program.remedy-static",
        "a program without loader",
        "Does a program start that asks for no loader?",
        "ELF gABI, PT_INTERP",
        told,
        ["./show-static"],
        [],
        []
    ),
    (
        "direct.program",
        "the loader starts a program",
        "Does the loader start a program that it is given as an argument?",
        "ld.so(8); musl ldso/dynlink.c (__dls3)",
        told,
        [LOADER, "./show"],
        [],
        []
    ),
    (
        "direct.missing",
        "the loader and no such program",
        "What does the loader say of a program that does not exist?",
        "ld.so(8)",
        told,
        [LOADER, "./nothing"],
        [],
        []
    ),
    (
        "direct.list",
        "--list",
        "Does --list name the libraries that a program needs, and not start it?",
        "ld.so(8), --list; ldd(1)",
        told,
        [LOADER, "--list", "./needs-dep-runpath"],
        [],
        []
    ),
    (
        "direct.list-missing",
        "--list and a missing library",
        "What does --list say of a library that is missing?",
        "ld.so(8), --list",
        told,
        [LOADER, "--list", "./needs-dep"],
        [],
        []
    ),
    (
        "direct.library-path",
        "--library-path",
        "Does --library-path say where libraries are?",
        "ld.so(8), --library-path",
        told,
        [LOADER, "--library-path", "./other", "./needs-dep"],
        [],
        []
    ),
    (
        "direct.preload",
        "--preload",
        "Does --preload load a library before the others?",
        "ld.so(8), --preload (glibc 2.30); musl 1.1.18",
        told,
        [LOADER, "--preload", "./a.so", "./show"],
        [],
        []
    ),
    (
        "direct.argv0",
        "--argv0",
        "Does --argv0 set the program's name?",
        "ld.so(8), --argv0 (glibc 2.33); musl 1.2.0",
        told,
        [LOADER, "--argv0", "name", "./show"],
        [],
        []
    ),
    (
        "direct.inhibit-cache",
        "--inhibit-cache",
        "Does the loader know --inhibit-cache?",
        "ld.so(8), --inhibit-cache",
        summed,
        [LOADER, "--inhibit-cache", "./show"],
        [],
        []
    ),
    (
        "direct.verify",
        "--verify",
        "Does the loader know --verify?",
        "ld.so(8), --verify",
        summed,
        [LOADER, "--verify", "./show"],
        [],
        []
    ),
    (
        "direct.version",
        "--version",
        "Does the loader know --version?",
        "ld.so(8), --version (glibc 2.33)",
        summed,
        [LOADER, "--version"],
        [],
        []
    ),
    (
        "direct.alone",
        "the loader alone",
        "What is the loader's exit code without arguments, and does it say anything?",
        "ld.so(8); musl ldso/dynlink.c",
        summed,
        [LOADER],
        [],
        []
    ),
];

const FOREIGN: &[Case] = &[Case {
    id: "loader.program.other-loader",
    title: "the loader of the other family",
    question: "Is the loader of the other C library there, as programs built for it ask for it?",
    source: "execve(2): ENOENT; Alpine gcompat; Debian musl",
    needs: Needs::as_shipped(Some("loader.program.missing-loader")),
    run: |o| {
        if cfg!(target_feature = "crt-static") {
            return o.unsupported("a static program is of no family of loaders");
        }
        let other = if cfg!(target_env = "gnu") { program::MUSL_LOADER } else { program::GLIBC_LOADER };
        o.fact("there", program::has(other));
    },
}];

pub const CASES: &[Case] = &join::<{ count(&[STARTED, FOREIGN]) }>(&[STARTED, FOREIGN]);
