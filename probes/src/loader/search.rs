//! Where a library without slash in its name is looked for.

use super::starts;
use crate::case::{Case, Needs, count, join};
use crate::outcome::Outcome;
use crate::sys::loader::program::{self, found_in};

const STARTED: &[Case] = starts![
    (
        "search.rpath",
        "DT_RPATH with $ORIGIN",
        "Is a library found by DT_RPATH relative to the program?",
        "ld.so(8), $ORIGIN",
        told,
        ["./needs-dep-rpath"],
        [],
        []
    ),
    (
        "search.runpath",
        "DT_RUNPATH with $ORIGIN",
        "Is a library found by DT_RUNPATH relative to the program?",
        "ld.so(8), $ORIGIN",
        told,
        ["./needs-dep-runpath"],
        [],
        []
    ),
    (
        "search.rpath-inherited",
        "DT_RPATH for what is needed by what is needed",
        "Is the program's DT_RPATH searched for a library that its library needs?",
        "ld.so(8), DT_RPATH",
        told,
        ["./needs-mid-rpath"],
        [],
        []
    ),
    (
        "search.runpath-inherited",
        "DT_RUNPATH for what is needed by what is needed",
        "Is the program's DT_RUNPATH searched for a library that its library needs?",
        "ld.so(8): DT_RUNPATH is not applied to dependencies' own dependencies",
        told,
        ["./needs-mid-runpath"],
        [],
        []
    ),
    (
        "search.rpath-first",
        "DT_RPATH and LD_LIBRARY_PATH",
        "Which is taken first, DT_RPATH or LD_LIBRARY_PATH?",
        "ld.so(8): order of the search",
        told,
        ["./needs-dep-rpath"],
        [("LD_LIBRARY_PATH", "./other")],
        []
    ),
    (
        "search.runpath-first",
        "DT_RUNPATH and LD_LIBRARY_PATH",
        "Which is taken first, DT_RUNPATH or LD_LIBRARY_PATH?",
        "ld.so(8): order of the search",
        told,
        ["./needs-dep-runpath"],
        [("LD_LIBRARY_PATH", "./other")],
        []
    ),
    (
        "search.working-folder",
        "the working folder",
        "Is a library found that lies in the working folder and nowhere else?",
        "ld.so(8)",
        told,
        ["./needs-dep"],
        [],
        [("sub/libdep.so", "libdep.so")]
    ),
    (
        "search.hardware",
        "glibc-hwcaps",
        "Is a library below glibc-hwcaps/x86-64-v2 preferred?",
        "ld.so(8), glibc-hwcaps (glibc 2.33)",
        told,
        ["./needs-dep"],
        [("LD_LIBRARY_PATH", "./hardware")],
        []
    ),
    (
        "search.remedy-library-path",
        "LD_LIBRARY_PATH for what is needed by what is needed",
        "Is a library that a library needs found by LD_LIBRARY_PATH?",
        "ld.so(8), LD_LIBRARY_PATH",
        told,
        ["./needs-mid-runpath"],
        [("LD_LIBRARY_PATH", "./sub")],
        []
    ),
];

/// A path with the architecture's name in it.
#[cfg(target_arch = "x86_64")]
macro_rules! arch {
    ($before:literal, $after:literal) => {
        concat!($before, "x86_64", $after)
    };
}
/// A path with the architecture's name in it.
#[cfg(target_arch = "aarch64")]
macro_rules! arch {
    ($before:literal, $after:literal) => {
        concat!($before, "aarch64", $after)
    };
}

/// Where distributions put libraries.
const FOLDERS: &[&str] = &[
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    arch!("/lib/", "-linux-gnu"),
    arch!("/usr/lib/", "-linux-gnu"),
    arch!("/usr/local/lib/", "-linux-gnu"),
    arch!("/lib/", "-linux-musl"),
    arch!("/usr/lib/", "-linux-musl"),
    "/opt/lib",
];

const NEEDS_DEP: &[&str] = &["./needs-dep"];
const SPEAKS: &str = "dep: speaks";

const PLACED: &[Case] = &[
    Case {
        id: "loader.search.default",
        title: "default folders",
        question: "In which folders is a library found when nothing says where it is?",
        source: "ld.so(8), default path; musl ldso/dynlink.c (sys_path)",
        needs: Needs::NOTHING,
        run: |o| {
            program::remove(PATH_FILE);
            found_in(o, NEEDS_DEP, SPEAKS, FOLDERS);
        },
    },
    Case {
        id: "loader.search.shipped",
        title: "default folders, as shipped",
        question: "In which folders is a library found with the image's own configuration?",
        source: "ld.so(8); ldconfig(8); musl manual, /etc/ld-musl-ARCH.path",
        needs: Needs::as_shipped(Some("loader.search.default")),
        run: |o| found_in(o, NEEDS_DEP, SPEAKS, FOLDERS),
    },
    Case {
        id: "loader.search.path-file",
        title: "/etc/ld-musl-ARCH.path",
        question: "Is a library found in a folder that /etc/ld-musl-ARCH.path names, and in the default folders no longer?",
        source: "musl ldso/dynlink.c (load_library); musl manual, Dynamic linker",
        needs: Needs::NOTHING,
        run: |o| configured(o, PATH_FILE, "/opt/lib\n", &["/opt/lib", "/usr/lib"]),
    },
    Case {
        id: "loader.search.path-file-colon",
        title: "/etc/ld-musl-ARCH.path with colons",
        question: "May colons separate the folders of /etc/ld-musl-ARCH.path?",
        source: "musl ldso/dynlink.c (path_open)",
        needs: Needs::NOTHING,
        run: |o| configured(o, PATH_FILE, "/opt/first:/opt/lib", &["/opt/first", "/opt/lib"]),
    },
    Case {
        id: "loader.search.conf-alone",
        title: "/etc/ld.so.conf without ldconfig",
        question: "Is a library found in a folder that /etc/ld.so.conf names, when ldconfig has not run?",
        source: "ldconfig(8)",
        needs: Needs::NOTHING,
        run: |o| configured(o, "/etc/ld.so.conf", "/opt/lib\n", &["/opt/lib"]),
    },
    Case {
        id: "loader.search.cache",
        title: "/etc/ld.so.conf with ldconfig",
        question: "Is a library found in a folder that /etc/ld.so.conf names, once the image's ldconfig has run?",
        source: "ldconfig(8)",
        needs: Needs::as_shipped(Some("loader.search.conf-alone")),
        run: cached,
    },
    Case {
        id: "loader.search.remedy-own-folder",
        title: "a folder for both",
        question: "Is a library found in /usr/lib by every loader, where no file says otherwise?",
        source: "ld.so(8), default path; musl ldso/dynlink.c (sys_path)",
        needs: Needs::NOTHING,
        run: |o| {
            program::remove(PATH_FILE);
            found_in(o, NEEDS_DEP, SPEAKS, &["/usr/lib"]);
        },
    },
];

const PATH_FILE: &str = arch!("/etc/ld-musl-", ".path");

/// Writes a configuration file, and asks in which of the folders the library is found then.
fn configured(o: &mut Outcome, path: &str, content: &str, folders: &[&str]) {
    program::write(path, content);
    found_in(o, NEEDS_DEP, SPEAKS, folders);
}

fn cached(o: &mut Outcome) {
    let Some(tool) = ["/sbin/ldconfig", "/usr/sbin/ldconfig"].into_iter().find(|path| program::has(path)) else {
        return o.unsupported("the image has no ldconfig");
    };
    program::cached(o, tool, SPEAKS);
}

pub const CASES: &[Case] = &join::<{ count(&[STARTED, PLACED]) }>(&[STARTED, PLACED]);
