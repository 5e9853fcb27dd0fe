//! Constructors and destructors: their arguments and their order.

use libc::RTLD_NOW;

use super::{scripts, starts};
use crate::case::{Case, count, join};
use crate::sys::loader::script::Step::*;

const OPENED: &[Case] = scripts![
    (
        "init.arguments",
        "arguments of constructors",
        "Are the constructors of an opened library called with argc, argv and the environment?",
        "glibc elf/dl-init.c (call_init); golang/go#13492",
        [Open("./arguments.so", RTLD_NOW)]
    ),
    (
        "init.remedy-arguments",
        "arguments read from /proc",
        "Can a constructor read the program's arguments from /proc/self/cmdline?",
        "proc(5), /proc/self/cmdline",
        [Open("./arguments-read.so", RTLD_NOW)]
    ),
    (
        "init.order",
        "DT_INIT and DT_INIT_ARRAY",
        "In what order are DT_INIT, DT_INIT_ARRAY, DT_FINI_ARRAY and DT_FINI called?",
        "ELF gABI, initialization and termination functions",
        [Open("./initial.so", RTLD_NOW), Say("opened"), Exit]
    ),
    (
        "init.order-closed",
        "DT_FINI at dlclose",
        "In what order are DT_FINI_ARRAY and DT_FINI called when the library is closed?",
        "ELF gABI, initialization and termination functions",
        [Open("./initial.so", RTLD_NOW), Say("opened"), Close(0), Say("closed"), Exit]
    ),
    (
        "init.needed-first",
        "what is needed first",
        "Is a library that another one needs constructed first and destroyed last?",
        "ELF gABI, initialization and termination functions",
        [Open("./needs-a.so", RTLD_NOW), Exit]
    ),
];

const STARTED: &[Case] = starts![
    (
        "init.arguments-preloaded",
        "arguments of constructors at the start",
        "Are the constructors of a library loaded with the program called with argc, argv and the environment?",
        "glibc elf/dl-init.c (call_init); golang/go#13492",
        told,
        ["./show", "one"],
        [("LD_PRELOAD", "./arguments.so")],
        []
    ),
    (
        "init.before-program",
        "DT_PREINIT_ARRAY",
        "Is a program's DT_PREINIT_ARRAY called, before the constructors of its libraries?",
        "ELF gABI, DT_PREINIT_ARRAY; glibc elf/dl-init.c (_dl_init)",
        told,
        ["./preinit"],
        [],
        []
    ),
];

pub const CASES: &[Case] = &join::<{ count(&[OPENED, STARTED]) }>(&[OPENED, STARTED]);
