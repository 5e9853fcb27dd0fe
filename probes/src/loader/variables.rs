//! Environment variables that the loader reads, or does not.

use super::starts;
use crate::case::Case;

pub const CASES: &[Case] = starts![
    (
        "variable.preload",
        "LD_PRELOAD",
        "Does LD_PRELOAD load a library by its path?",
        "ld.so(8), LD_PRELOAD",
        told,
        ["./show"],
        [("LD_PRELOAD", "./a.so")],
        []
    ),
    (
        "variable.preload-colon",
        "LD_PRELOAD, two with a colon",
        "Does LD_PRELOAD load two libraries separated by a colon, and in what order are they constructed?",
        "ld.so(8), LD_PRELOAD",
        told,
        ["./show"],
        [("LD_PRELOAD", "./a.so:./c.so")],
        []
    ),
    (
        "variable.preload-space",
        "LD_PRELOAD, two with a space",
        "Does LD_PRELOAD load two libraries separated by a space?",
        "ld.so(8), LD_PRELOAD",
        told,
        ["./show"],
        [("LD_PRELOAD", "./a.so ./c.so")],
        []
    ),
    (
        "variable.preload-name",
        "LD_PRELOAD, a name",
        "Does LD_PRELOAD find a name without slash in LD_LIBRARY_PATH?",
        "ld.so(8), LD_PRELOAD",
        told,
        ["./show"],
        [("LD_PRELOAD", "libdep.so"), ("LD_LIBRARY_PATH", "sub")],
        []
    ),
    (
        "variable.preload-missing",
        "LD_PRELOAD of nothing",
        "Does a program start when the library in LD_PRELOAD does not exist?",
        "ld.so(8), LD_PRELOAD; musl ldso/dynlink.c (load_preload)",
        told,
        ["./show"],
        [("LD_PRELOAD", "./nothing.so")],
        []
    ),
    (
        "variable.preload-broken",
        "LD_PRELOAD of a text file",
        "Does a program start when the file in LD_PRELOAD is no library?",
        "ld.so(8), LD_PRELOAD",
        told,
        ["./show"],
        [("LD_PRELOAD", "./text.so")],
        []
    ),
    (
        "variable.preload-unmet",
        "LD_PRELOAD of a library that wants more",
        "Does a program start when the library in LD_PRELOAD calls a function that nobody has?",
        "ld.so(8), LD_PRELOAD",
        told,
        ["./show"],
        [("LD_PRELOAD", "./wants.so")],
        []
    ),
    (
        "variable.preload-meets",
        "LD_PRELOAD before a needed library",
        "Is a needed library's function replaced by that of a preloaded one?",
        "ld.so(8), LD_PRELOAD",
        told,
        ["./needs-dep-runpath"],
        [("LD_PRELOAD", "./c.so")],
        []
    ),
    (
        "variable.preload-needed",
        "LD_PRELOAD of a library by its name",
        "Does a preloaded library stand for a needed one of the same DT_SONAME?",
        "glibc elf/dl-load.c (_dl_map_object); musl ldso/dynlink.c (load_library)",
        told,
        ["./needs-dep"],
        [("LD_PRELOAD", "./other/libdep.so")],
        []
    ),
    (
        "variable.preload-file",
        "/etc/ld.so.preload",
        "Is a library loaded that /etc/ld.so.preload names?",
        "ld.so(8), /etc/ld.so.preload",
        told,
        ["./show"],
        [],
        [("a.so", "/tmp/a.so"), ("preload-list", "/etc/ld.so.preload")]
    ),
    (
        "variable.library-path",
        "LD_LIBRARY_PATH",
        "Does LD_LIBRARY_PATH say where a needed library is?",
        "ld.so(8), LD_LIBRARY_PATH",
        told,
        ["./needs-dep"],
        [("LD_LIBRARY_PATH", "./sub")],
        []
    ),
    (
        "variable.library-path-order",
        "LD_LIBRARY_PATH, two folders",
        "Is the first folder of LD_LIBRARY_PATH taken that has the library?",
        "ld.so(8), LD_LIBRARY_PATH",
        told,
        ["./needs-dep"],
        [("LD_LIBRARY_PATH", "./nothing:./other:./sub")],
        []
    ),
    (
        "variable.library-path-semicolon",
        "LD_LIBRARY_PATH with a semicolon",
        "Does a semicolon separate folders in LD_LIBRARY_PATH?",
        "ld.so(8): separated by colons or semicolons",
        told,
        ["./needs-dep"],
        [("LD_LIBRARY_PATH", "./nothing;./sub")],
        []
    ),
    (
        "variable.library-path-origin",
        "LD_LIBRARY_PATH with $ORIGIN",
        "Is $ORIGIN expanded in LD_LIBRARY_PATH?",
        "ld.so(8), dynamic string tokens",
        told,
        ["./needs-dep"],
        [("LD_LIBRARY_PATH", "$ORIGIN/sub")],
        []
    ),
    (
        "variable.library-path-empty",
        "LD_LIBRARY_PATH with an empty folder",
        "Does an empty element of LD_LIBRARY_PATH mean the working folder?",
        "ld.so(8): zero-length directory names",
        told,
        ["./needs-dep"],
        [("LD_LIBRARY_PATH", "./nothing::"),],
        [("sub/libdep.so", "libdep.so")]
    ),
    (
        "variable.bind-now",
        "LD_BIND_NOW",
        "Does LD_BIND_NOW bind a function at the start that would be missing later?",
        "ld.so(8), LD_BIND_NOW",
        told,
        ["./undefined"],
        [("LD_BIND_NOW", "1")],
        []
    ),
    (
        "variable.debug",
        "LD_DEBUG",
        "Does LD_DEBUG=libs write where libraries are looked for?",
        "ld.so(8), LD_DEBUG",
        summed,
        ["./show"],
        [("LD_DEBUG", "libs")],
        []
    ),
    (
        "variable.debug-help",
        "LD_DEBUG=help",
        "Does LD_DEBUG=help list its options?",
        "ld.so(8), LD_DEBUG",
        summed,
        ["./show"],
        [("LD_DEBUG", "help")],
        []
    ),
    (
        "variable.trace",
        "LD_TRACE_LOADED_OBJECTS",
        "Does LD_TRACE_LOADED_OBJECTS list libraries in place of starting the program?",
        "ld.so(8), LD_TRACE_LOADED_OBJECTS; ldd(1)",
        summed,
        ["./needs-dep-runpath"],
        [("LD_TRACE_LOADED_OBJECTS", "1")],
        []
    ),
    (
        "variable.audit",
        "LD_AUDIT",
        "Is a library of LD_AUDIT asked for its version?",
        "rtld-audit(7)",
        told,
        ["./show"],
        [("LD_AUDIT", "./audit.so")],
        []
    ),
    (
        "variable.auxiliary",
        "LD_SHOW_AUXV",
        "Does LD_SHOW_AUXV write the kernel's auxiliary vector?",
        "ld.so(8), LD_SHOW_AUXV",
        summed,
        ["./show"],
        [("LD_SHOW_AUXV", "1")],
        []
    ),
];
