//! Terminals, in a process that has none.

use crate::case::{Needs, cases};
use crate::sys::process::terminal;

const NOTHING: Needs = Needs::NOTHING;

cases! {
    "process.terminal.names", "names of terminals that are none", "Which errors do ttyname and ptsname give for /dev/null and for a closed descriptor?",
        "POSIX isatty, ttyname, ptsname: ENOTTY, EBADF", NOTHING, terminal::names;
    "process.terminal.pairs", "pseudo-terminals that are none", "Which errors do grantpt, unlockpt, tcgetpgrp and tcgetsid give for /dev/null and for a closed descriptor?",
        "POSIX grantpt: EINVAL, EBADF; glibc login/grantpt.c, musl src/misc/pty.c", NOTHING, terminal::pairs;
    "process.terminal.short", "buffers that are too short", "What do ptsname_r and ttyname_r say to no buffer or a short one?", "ptsname_r(3): EINVAL or EFAULT; POSIX ttyname_r: ERANGE", NOTHING,
        terminal::short;
}
