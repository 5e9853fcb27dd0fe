//! Relocations that not every loader knows.

use libc::{RTLD_LAZY, RTLD_NOW};

use super::scripts;
use crate::case::Case;
use crate::sys::loader::script::Step::*;

pub const CASES: &[Case] = scripts![
    (
        "relocate.plain",
        "relative relocations",
        "Are all pointers of a table right in a library with plain relative relocations?",
        "ELF psABI x86-64, R_X86_64_RELATIVE; AArch64, R_AARCH64_RELATIVE",
        [Open("./pointers.so", RTLD_NOW), Call(0, "relocated")]
    ),
    (
        "relocate.packed",
        "packed relative relocations",
        "Are all pointers of a table right in a library with packed relative relocations (DT_RELR)?",
        "glibc NEWS 2.36 (DT_RELR); musl 1.2.4",
        [Made("packed.so"), Open("./packed.so", RTLD_NOW), Call(0, "relocated")]
    ),
    (
        "relocate.packed-marked",
        "packed, and said so",
        "What becomes of a library with packed relocations that asks for the version GLIBC_ABI_DT_RELR, as ld writes it?",
        "glibc NEWS 2.36 (GLIBC_ABI_DT_RELR); ld(1), -z pack-relative-relocs",
        [Made("packed-marked.so"), Open("./packed-marked.so", RTLD_NOW), Call(0, "relocated")]
    ),
    (
        "relocate.chosen",
        "IRELATIVE",
        "Does a library open that calls a function of its own chosen while it is loaded (R_X86_64_IRELATIVE)?",
        "ELF psABI x86-64, R_X86_64_IRELATIVE; musl ldso/dynlink.c (do_relocs)",
        [Open("./ifunc-local.so", RTLD_NOW), Call(0, "ask")]
    ),
    (
        "relocate.remedy-constructor",
        "a function chosen by a constructor",
        "Does a library open that chooses a function of its own in a constructor?",
        "GCC manual, ifunc and constructor attributes",
        [Open("./chosen-by-constructor.so", RTLD_NOW), Call(0, "ask")]
    ),
    (
        "relocate.chosen-lazy",
        "IRELATIVE, lazily",
        "Does RTLD_LAZY open it?",
        "ELF psABI x86-64, R_X86_64_IRELATIVE",
        [Open("./ifunc-local.so", RTLD_LAZY), Call(0, "ask")]
    ),
];
