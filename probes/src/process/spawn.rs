//! `posix_spawn` with file actions and attributes.

use super::SHELL;
use crate::case::{Needs, cases};
use crate::sys::process::spawn::{Action, Attributes, program, setters, shell};

const ACTIONS: &str = "POSIX posix_spawn_file_actions_addopen, _adddup2, _addclose";
const ERRORS: &str = "POSIX posix_spawn: errors of file actions, exit status 127 or the error returned";
const NEW: &str = "POSIX 2024 addchdir, addfchdir; glibc 2.29, musl 1.1.24 (addchdir_np); glibc 2.34 (addclosefrom_np)";
const ATTRIBUTES: &str = "POSIX posix_spawn, posix_spawnattr_setflags";
const PLAIN: Attributes = Attributes { flags: 0, blocked: None, defaulted: None, ignored: None };
const CREATE: i32 = libc::O_WRONLY | libc::O_CREAT;

macro_rules! actions {
    ($($id:literal, $title:literal, $question:literal, $source:expr, $told:literal, [$($action:expr),*];)*) => {
        cases! { $($id, $title, $question, $source, SHELL, |o| shell(o, $told, &[$($action),*], PLAIN);)* }
    };
}

mod action {
    use super::*;
    actions! {
        "process.spawn.action.none", "posix_spawn without actions", "Which descriptors does a program get without file actions?",
            ACTIONS, c"files", [];
        "process.spawn.action.open", "addopen onto standard input", "Does an open action put a file onto standard input?",
            ACTIONS, c"copy", [Action::Open(0, c"data", libc::O_RDONLY)];
        "process.spawn.action.open-used", "addopen onto a descriptor that is open", "Does an open action replace a descriptor that is open?",
            ACTIONS, c"files", [Action::Open(9, c"data", libc::O_RDONLY)];
        "process.spawn.action.dup2", "adddup2", "Does a dup2 action copy a descriptor that is closed on exec?",
            ACTIONS, c"files", [Action::Dup2(7, 5)];
        "process.spawn.action.dup2-self", "adddup2 of a descriptor onto itself",
            "Does a dup2 action of a descriptor onto itself keep it open in the new program?",
            "POSIX 2024 adddup2: shall clear FD_CLOEXEC; glibc 2.29, musl 1.1.20", c"files", [Action::Dup2(7, 7)];
        "process.spawn.action.close", "addclose", "Does a close action close?", ACTIONS, c"files", [Action::Close(9)];
        "process.spawn.action.order", "order of actions", "Are file actions done in the order in which they were added?",
            ACTIONS, c"files", [Action::Open(5, c"data", libc::O_RDONLY), Action::Dup2(5, 6), Action::Close(5)];
        "process.spawn.action.close-closed", "addclose of a closed descriptor", "What comes of closing a descriptor that is not open?",
            ERRORS, c"say started", [Action::Close(30)];
        "process.spawn.action.close-negative", "addclose of -1", "Does addclose refuse descriptor -1?",
            "POSIX posix_spawn_file_actions_addclose: EBADF for a negative descriptor", c"say started", [Action::Close(-1)];
        "process.spawn.action.close-huge", "addclose of a descriptor beyond the limit", "Does addclose refuse a descriptor beyond OPEN_MAX?",
            "POSIX addclose: may fail with EBADF; glibc posix/spawn_valid_fd.c", c"say started", [Action::Close(2_000_000)];
        "process.spawn.action.dup2-closed", "adddup2 of a closed descriptor", "What comes of copying a descriptor that is not open?",
            ERRORS, c"say started", [Action::Dup2(30, 5)];
        "process.spawn.action.dup2-negative", "adddup2 of -1", "Does adddup2 refuse descriptor -1?",
            "POSIX posix_spawn_file_actions_adddup2: EBADF", c"say started", [Action::Dup2(-1, 5)];
        "process.spawn.action.dup2-huge", "adddup2 onto a descriptor beyond the limit", "Does adddup2 refuse a descriptor beyond OPEN_MAX?",
            "POSIX adddup2: EBADF; glibc posix/spawn_valid_fd.c", c"say started", [Action::Dup2(8, 2_000_000)];
        "process.spawn.action.open-negative", "addopen onto -1", "Does addopen refuse descriptor -1?",
            "POSIX posix_spawn_file_actions_addopen: EBADF", c"say started", [Action::Open(-1, c"data", libc::O_RDONLY)];
        "process.spawn.action.open-missing", "addopen of a missing file", "What comes of opening a file that is not there?",
            ERRORS, c"say started", [Action::Open(5, c"nowhere", libc::O_RDONLY)];
        "process.spawn.action.open-creates", "addopen that creates", "Does an open action with O_CREAT create the file?",
            ACTIONS, c"files", [Action::Open(5, c"created", CREATE)];
        "process.spawn.action.chdir", "addchdir_np", "Does a chdir action change the folder of the new program?",
            NEW, c"place", [Action::Chdir(c"inside")];
        "process.spawn.action.chdir-missing", "addchdir_np of a missing folder", "What comes of changing to a folder that is not there?",
            NEW, c"place", [Action::Chdir(c"nowhere")];
        "process.spawn.action.fchdir", "addfchdir_np", "Does an fchdir action change the folder to one opened before?",
            NEW, c"place", [Action::Open(5, c"inside", libc::O_RDONLY), Action::Fchdir(5)];
        "process.spawn.action.fchdir-negative", "addfchdir_np of -1", "Does addfchdir_np refuse descriptor -1?",
            NEW, c"place", [Action::Fchdir(-1)];
        "process.spawn.action.closefrom", "addclosefrom_np", "Is there addclosefrom_np, and does it close?",
            NEW, c"files", [Action::CloseFrom(3)];
    }
}

mod attribute {
    use super::*;
    cases! {
        "process.spawn.missing", "posix_spawn of a missing program", "Does posix_spawn return the error of a program that is not there?",
            ERRORS, Needs::NOTHING, |o| program(o, c"/nowhere", c"", &[], PLAIN);
        "process.spawn.folder", "posix_spawn of a folder", "Does posix_spawn return the error of a folder?",
            ERRORS, Needs::NOTHING, |o| program(o, c"/", c"", &[], PLAIN);
        "process.spawn.empty-name", "posix_spawn of the empty name", "Does posix_spawn return the error of an empty name?",
            ERRORS, Needs::NOTHING, |o| program(o, c"", c"", &[], PLAIN);
        "process.spawn.attribute.group", "POSIX_SPAWN_SETPGROUP", "Does the flag SETPGROUP give the new program a group of its own?",
            ATTRIBUTES, SHELL, |o| shell(o, c"place", &[], Attributes { flags: libc::POSIX_SPAWN_SETPGROUP as _, ..PLAIN });
        "process.spawn.attribute.session", "POSIX_SPAWN_SETSID", "Does the flag SETSID give the new program a session of its own?",
            "POSIX 2024 posix_spawn; glibc 2.26, musl 1.1.22", SHELL, |o| shell(o, c"place", &[], Attributes { flags: 0x80, ..PLAIN });
        "process.spawn.attribute.mask", "POSIX_SPAWN_SETSIGMASK", "Does the flag SETSIGMASK block a signal in the new program?",
            ATTRIBUTES, SHELL, |o| shell(o, c"signals", &[],
                Attributes { flags: libc::POSIX_SPAWN_SETSIGMASK as _, blocked: Some(libc::SIGUSR1), ..PLAIN });
        "process.spawn.attribute.ignored", "an ignored signal", "Does the new program ignore a signal that this one ignores?",
            ATTRIBUTES, SHELL, |o| shell(o, c"signals", &[], Attributes { ignored: Some(libc::SIGUSR2), ..PLAIN });
        "process.spawn.attribute.default", "POSIX_SPAWN_SETSIGDEF", "Does the flag SETSIGDEF put an ignored signal back to its default?",
            ATTRIBUTES, SHELL, |o| shell(o, c"signals", &[], Attributes {
                flags: libc::POSIX_SPAWN_SETSIGDEF as _, ignored: Some(libc::SIGUSR2), defaulted: Some(libc::SIGUSR2), ..PLAIN });
        "process.spawn.attribute.unknown", "an unknown flag", "Does posix_spawn start a program when a flag is none that is known?",
            "POSIX posix_spawnattr_setflags: EINVAL", SHELL, |o| shell(o, c"say started", &[], Attributes { flags: 0x4000, ..PLAIN });
        "process.spawn.attribute.scheduler", "POSIX_SPAWN_SETSCHEDULER", "Does posix_spawn start a program with the flag SETSCHEDULER?",
            "POSIX posix_spawn; musl src/process/posix_spawnattr_sched.c", SHELL,
            |o| shell(o, c"say started", &[], Attributes { flags: libc::POSIX_SPAWN_SETSCHEDULER as _, ..PLAIN });
        "process.spawn.attribute.setters", "setters of attributes", "Which values do the setters of spawn attributes refuse?",
            "POSIX posix_spawnattr_*; musl src/process/posix_spawnattr_sched.c (ENOSYS)", Needs::NOTHING, setters;
    }
}

const TABLES: &[&[crate::case::Case]] = &[action::CASES, attribute::CASES];
/// The cases of this file.
pub const CASES: &[crate::case::Case] = &crate::case::join::<{ crate::case::count(TABLES) }>(TABLES);
