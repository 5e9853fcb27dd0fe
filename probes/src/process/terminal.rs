//! Terminals, logins and the host, in a process that has none.

use crate::case::{File, Needs, cases};
use crate::sys::process::terminal;

const NOTHING: Needs = Needs::NOTHING;
/// What glibc takes for the host's number.
const HOST_ID: Needs = Needs::NOTHING.files(&[File { path: "/etc/hostid", content: &[0x78, 0x56, 0x34, 0x12] }]);
const LOGIN: Needs = Needs::NOTHING.env(&[("LOGNAME", "somebody")]);

cases! {
    "process.terminal.names", "names of terminals that are none", "Which errors do ttyname and ptsname give for /dev/null and for a closed descriptor?",
        "POSIX isatty, ttyname, ptsname: ENOTTY, EBADF", NOTHING, terminal::names;
    "process.terminal.pairs", "pseudo-terminals that are none", "Which errors do grantpt, unlockpt, tcgetpgrp and tcgetsid give for /dev/null and for a closed descriptor?",
        "POSIX grantpt: EINVAL, EBADF; glibc login/grantpt.c, musl src/misc/pty.c", NOTHING, terminal::pairs;
    "process.terminal.short", "buffers that are too short", "What do ptsname_r and ttyname_r say to no buffer or a short one?", "ptsname_r(3): EINVAL or EFAULT; POSIX ttyname_r: ERANGE", NOTHING,
        terminal::short;
    "process.terminal.controlling", "ctermid", "What does ctermid say?", "POSIX ctermid", NOTHING, terminal::controlling;
    "process.login.name", "getlogin", "Does getlogin take the variable LOGNAME for who is logged in?", "POSIX getlogin; musl src/unistd/getlogin.c", LOGIN, terminal::login;
    "process.login.records", "records of logins", "Do the functions of utmpx.h read and write records?", "utmpx.h; musl src/legacy/utmpx.c: stubs", NOTHING, terminal::records;
    "process.host-id", "gethostid", "What is the host's number where /etc/hostid says 0x12345678?", "gethostid(3); musl src/misc/gethostid.c: 0", HOST_ID, terminal::host_id;
}
