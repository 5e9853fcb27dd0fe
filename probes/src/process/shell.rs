//! `system` and `popen`, with the stand-in as shell.

use super::{NO_SHELL, SHELL};
use crate::case::cases;
use crate::sys::process::shell;

const SYSTEM: &str = "POSIX system";
const POPEN: &str = "POSIX popen, pclose";

cases! {
    "process.system.null", "system(NULL)", "Does system(NULL) say that there is a shell?", SYSTEM, SHELL, shell::there_is;
    "process.system.null-without", "system(NULL) where no shell can run", "Does system(NULL) say that there is a shell where /bin/sh cannot be executed?",
        "C17 7.22.4.8; glibc sysdeps/posix/system.c, musl src/process/system.c", NO_SHELL, shell::there_is;
    "process.system.without", "system where no shell can run", "What does system return where /bin/sh cannot be executed?",
        "POSIX system: as if the shell ended by exit(127)", NO_SHELL, |o| shell::system(o, c"exit 0");
    "process.system.arguments", "how system calls the shell", "With which arguments is the shell of system called?",
        "POSIX 2024 system: sh -c -- command", SHELL, |o| shell::system(o, c"command with words");
    "process.system.dash", "a command that begins with a dash", "How is a command told to the shell that begins with a dash?",
        "POSIX 2024 system, Rationale", SHELL, |o| shell::system(o, c"-x");
    "process.system.exit", "exit status through system", "What does system return when the command ends by exit 3?", SYSTEM, SHELL,
        |o| shell::system(o, c"exit 3");
    "process.system.killed", "killed command in system", "What does system return when the shell is killed by SIGKILL?", SYSTEM, SHELL,
        |o| shell::system(o, c"kill 9");
    "process.system.empty", "system of the empty command", "How is the shell called for an empty command?", SYSTEM, SHELL,
        |o| shell::system(o, c"");
    "process.system.unwaited", "system while SIGCHLD is ignored", "What does system return while SIGCHLD is ignored?",
        "POSIX system: ECHILD", SHELL, shell::system_unwaited;
    "process.system.signals", "signals in the shell of system", "Which signals does the shell of system ignore or block?", SYSTEM, SHELL,
        |o| shell::system_signals(o, None, None);
    "process.system.signals-ignored", "SIGINT ignored before system", "Does the shell of system ignore SIGINT when the program does?", SYSTEM, SHELL,
        |o| shell::system_signals(o, Some(libc::SIGINT), None);
    "process.system.signals-blocked", "SIGUSR1 blocked before system", "Is SIGUSR1 blocked in the shell of system when the program blocks it?", SYSTEM, SHELL,
        |o| shell::system_signals(o, None, Some(libc::SIGUSR1));
    "process.popen.read", "popen for reading", "What does popen read, and pclose return?", POPEN, SHELL, |o| shell::popen(o, c"say words", c"r");
    "process.popen.write", "popen for writing", "Does the command of popen get what is written, before pclose returns?", POPEN, SHELL,
        |o| shell::popen(o, c"copy", c"w");
    "process.popen.arguments", "how popen calls the shell", "With which arguments is the shell of popen called?",
        "POSIX 2024 popen: sh -c -- command", SHELL, |o| shell::popen(o, c"-x", c"r");
    "process.popen.exec-closed", "popen with mode re", "Is the stream of popen closed on exec with mode re?",
        "POSIX 2024 popen; glibc 2.9", SHELL, |o| shell::popen(o, c"exit 0", c"re");
    "process.popen.mode-both", "popen with mode r+", "Does popen accept mode r+?", POPEN, SHELL, |o| shell::popen(o, c"exit 0", c"r+");
    "process.popen.mode-unknown", "popen with mode x", "Does popen refuse mode x?", POPEN, SHELL, |o| shell::popen(o, c"exit 0", c"x");
    "process.popen.mode-empty", "popen with an empty mode", "Does popen refuse an empty mode?", POPEN, SHELL, |o| shell::popen(o, c"exit 0", c"");
    "process.popen.mode-twice", "popen with mode rw", "Does popen refuse mode rw?", POPEN, SHELL, |o| shell::popen(o, c"exit 0", c"rw");
    "process.popen.killed", "killed command of popen", "What does pclose return when the shell is killed?", POPEN, SHELL,
        |o| shell::popen(o, c"kill 9", c"r");
    "process.popen.without", "popen where no shell can run", "Does popen fail where /bin/sh cannot be executed, or pclose say 127?",
        "POSIX popen: may be exit(127)", NO_SHELL, |o| shell::popen(o, c"exit 0", c"r");
    "process.popen.twice", "popen while another is open", "Does a second command of popen inherit the first one's stream?",
        "POSIX popen: streams from previous calls are closed in the new process", SHELL, shell::popen_twice;
    "process.popen.unwaited", "pclose while SIGCHLD is ignored", "What does pclose return while SIGCHLD is ignored?",
        "POSIX pclose: ECHILD", SHELL, shell::pclose_unwaited;
}
