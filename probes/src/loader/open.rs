//! `dlopen` when it works: what it does a second time, by another name, with each flag.

use libc::{RTLD_GLOBAL, RTLD_LAZY, RTLD_NODELETE, RTLD_NOLOAD, RTLD_NOW};

use super::scripts;
use crate::case::Case;
use crate::sys::loader::library::From::{Default, Handle};
use crate::sys::loader::script::Step::*;

pub const CASES: &[Case] = scripts![
    (
        "open.twice",
        "the same path twice",
        "Does dlopen of a path that is open already give the same handle, without constructing it again?",
        "POSIX dlopen: only a single copy of an object file is brought into the address space",
        [Open("./a.so", RTLD_NOW), Open("./a.so", RTLD_NOW), Same(0, 1)]
    ),
    (
        "open.link",
        "one file by two names",
        "Does dlopen of a symbolic link to an open library give the same handle?",
        "dlopen(3); POSIX dlopen: even if multiple pathnames resolve to one file",
        [
            Link("counter.so", "/tmp/libcdiff-link.so"),
            Open("./counter.so", RTLD_NOW),
            Open("/tmp/libcdiff-link.so", RTLD_NOW),
            Same(0, 1)
        ]
    ),
    (
        "open.copy",
        "a copy of a file",
        "Is a copy of an open library loaded as a library of its own?",
        "dlopen(3); glibc elf/dl-load.c (_dl_map_object_from_fd)",
        [
            Copy("counter.so", "/tmp/libcdiff-copy.so"),
            Open("./counter.so", RTLD_NOW),
            Open("/tmp/libcdiff-copy.so", RTLD_NOW),
            Same(0, 1),
            Call(0, "bump"),
            Call(1, "bump")
        ]
    ),
    (
        "open.replaced",
        "a file that was replaced",
        "Which library does dlopen give when the file at an open library's path has been replaced?",
        "glibc elf/dl-load.c (_dl_map_object: names first); musl ldso/dynlink.c (load_library: device and inode)",
        [
            Copy("counter.so", "/tmp/libcdiff-plugin.so"),
            Open("/tmp/libcdiff-plugin.so", RTLD_NOW),
            Call(0, "bump"),
            Copy("counter100.so", "/tmp/libcdiff-plugin.so"),
            Open("/tmp/libcdiff-plugin.so", RTLD_NOW),
            Call(1, "bump")
        ]
    ),
    (
        "open.replaced-closed",
        "a plugin that is loaded anew",
        "Which library does dlopen give when the file was closed first and then replaced?",
        "dlclose(3); musl wiki, Functional differences from glibc, Unloading libraries",
        [
            Copy("counter.so", "/tmp/libcdiff-plugin.so"),
            Open("/tmp/libcdiff-plugin.so", RTLD_NOW),
            Call(0, "bump"),
            Close(0),
            Copy("counter100.so", "/tmp/libcdiff-plugin.so"),
            Open("/tmp/libcdiff-plugin.so", RTLD_NOW),
            Call(1, "bump")
        ]
    ),
    (
        "open.own-name",
        "a library by its own name",
        "Does dlopen find an open library by its DT_SONAME, when its file has another name?",
        "glibc elf/dl-load.c (_dl_map_object compares l_name and DT_SONAME); musl ldso/dynlink.c (shortname)",
        [
            Open("./file-name.so", RTLD_NOW),
            Open("other-name.so", RTLD_NOW | RTLD_NOLOAD),
            Open("file-name.so", RTLD_NOW | RTLD_NOLOAD)
        ]
    ),
    (
        "open.program",
        "dlopen of null",
        "Does the handle of dlopen(NULL) find functions of the C library and of libraries opened globally?",
        "POSIX dlopen: a null pathname is the global symbol object",
        [
            OpenProgram(RTLD_NOW),
            Find(Handle(0), "getpid"),
            Open("./provider.so", RTLD_NOW | RTLD_GLOBAL),
            Find(Handle(0), "provided")
        ]
    ),
    (
        "open.program-empty",
        "dlopen of an empty path",
        "What does dlopen of an empty string give?",
        "glibc elf/dl-open.c (an empty name is the main program); dlopen(3)",
        [Open("", RTLD_NOW), Find(Handle(0), "getpid")]
    ),
    (
        "open.no-flags",
        "dlopen without RTLD_LAZY or RTLD_NOW",
        "Does dlopen take flags that say neither RTLD_LAZY nor RTLD_NOW?",
        "dlopen(3): one of the two must be included; glibc elf/dl-open.c (invalid mode)",
        [Open("./counter.so", 0)]
    ),
    (
        "open.unknown-flags",
        "dlopen with unknown flags",
        "Does dlopen take flags that do not exist?",
        "glibc elf/dl-open.c; musl ldso/dynlink.c",
        [Open("./counter.so", RTLD_NOW | 0x1_0000)]
    ),
    (
        "open.noload-absent",
        "RTLD_NOLOAD of what is not loaded",
        "Does RTLD_NOLOAD return null for a library that is not loaded, and does dlerror say something?",
        "dlopen(3), RTLD_NOLOAD",
        [Open("./a.so", RTLD_NOW | RTLD_NOLOAD), Error]
    ),
    (
        "open.noload-present",
        "RTLD_NOLOAD of what is loaded",
        "Does RTLD_NOLOAD return the handle of a library that is loaded?",
        "dlopen(3), RTLD_NOLOAD",
        [Open("./a.so", RTLD_NOW), Open("./a.so", RTLD_NOW | RTLD_NOLOAD), Same(0, 1)]
    ),
    (
        "open.noload-global",
        "RTLD_NOLOAD with RTLD_GLOBAL",
        "Does RTLD_NOLOAD with RTLD_GLOBAL make the symbols of an open library global?",
        "dlopen(3): can be used to promote the flags",
        [
            Open("./provider.so", RTLD_NOW),
            Find(Default, "provided"),
            Open("./provider.so", RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL),
            Find(Default, "provided")
        ]
    ),
    (
        "open.nodelete",
        "RTLD_NODELETE",
        "Does a library opened with RTLD_NODELETE keep its variables over dlclose?",
        "dlopen(3), RTLD_NODELETE",
        [
            Open("./counter.so", RTLD_NOW | RTLD_NODELETE),
            Call(0, "bump"),
            Close(0),
            Open("./counter.so", RTLD_NOW),
            Call(1, "bump")
        ]
    ),
    (
        "open.lazy-function",
        "RTLD_LAZY and a function that nobody has",
        "Does RTLD_LAZY open a library that calls a function nobody has, as long as it is not called?",
        "POSIX dlopen, RTLD_LAZY; musl 1.1.17 (deferred symbol binding)",
        [Open("./wants.so", RTLD_LAZY), Call(0, "other")]
    ),
    (
        "open.now-function",
        "RTLD_NOW and a function that nobody has",
        "What does RTLD_NOW say of a library that calls a function nobody has?",
        "POSIX dlopen, RTLD_NOW",
        [Open("./wants.so", RTLD_NOW)]
    ),
    (
        "open.lazy-data",
        "RTLD_LAZY and a variable that nobody has",
        "Does RTLD_LAZY open a library that refers to a variable nobody has?",
        "POSIX dlopen: references to data objects may be relocated at once",
        [Open("./wants-data.so", RTLD_LAZY)]
    ),
    (
        "open.now-data",
        "RTLD_NOW and a variable that nobody has",
        "What does RTLD_NOW say of a library that refers to a variable nobody has?",
        "POSIX dlopen, RTLD_NOW",
        [Open("./wants-data.so", RTLD_NOW)]
    ),
    (
        "open.lazy-linked-now",
        "RTLD_LAZY and a library linked with -z now",
        "Does RTLD_LAZY open a library that was linked with -z now and calls a function nobody has?",
        "ld(1), -z now; DF_BIND_NOW",
        [Open("./wants-now.so", RTLD_LAZY), Call(0, "other")]
    ),
    (
        "open.lazy-weak",
        "a weak function that nobody has",
        "Does RTLD_NOW open a library with a weak reference that nobody meets, and is the reference null?",
        "ELF gABI, weak symbols",
        [Open("./wants-weak.so", RTLD_NOW), Call(0, "ask")]
    ),
    (
        "open.lazy-called",
        "a function that nobody has is called",
        "What ends the process when a lazily bound function that nobody has is called?",
        "glibc elf/dl-lookup.c (symbol lookup error); musl ldso/dynlink.c (prepare_lazy)",
        [Open("./wants.so", RTLD_LAZY), Call(0, "ask")]
    ),
    (
        "open.lazy-later",
        "a function that comes later",
        "Does a lazily bound call reach a library that is opened globally after the one that calls?",
        "dlopen(3), RTLD_LAZY; musl 1.1.17 (redo_lazy_relocs)",
        [Open("./wants.so", RTLD_LAZY), Open("./provider.so", RTLD_NOW | RTLD_GLOBAL), Call(0, "ask")]
    ),
    (
        "open.remedy-order",
        "the provider first",
        "Does a library open with RTLD_NOW when the one that has its function was opened globally before?",
        "dlopen(3), RTLD_GLOBAL",
        [Open("./provider.so", RTLD_NOW | RTLD_GLOBAL), Open("./wants.so", RTLD_NOW), Call(1, "ask")]
    ),
];
