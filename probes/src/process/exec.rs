//! Starting programs: files without a line that names their shell, and where names are looked for.

use super::{SHELL, SHELL_AND_PROGRAM};
use crate::case::{Needs, cases};
use crate::sys::process::exec::{self, Thing, Way};

const NO_SHELL_LINE: &str =
    "POSIX exec: execlp and execvp shall run a shell where the file has no known format; alpinelinux/docker-alpine#404";
const SPAWN: &str = "POSIX posix_spawnp; glibc 2.15 removed the fallback from posix_spawn";
const SEARCH: &str = "POSIX exec, Base Definitions 8.3 PATH; exec(3): EACCES is remembered, the search goes on";
const UNSET: &str = "exec(3): PATH unset, the default is confstr(_CS_PATH); musl src/process/execvp.c";
const ECHO: &[u8] = b"echo\n";

cases! {
    "process.exec.script.execvp", "execvp of a script without #!",
        "Does execvp run a shell for an executable text file that does not begin with #!?", NO_SHELL_LINE, SHELL,
        |o| exec::file(o, Way::Execvp, ECHO);
    "process.exec.script.execlp", "execlp of a script without #!",
        "Does execlp run a shell for an executable text file that does not begin with #!?", NO_SHELL_LINE, SHELL,
        |o| exec::file(o, Way::Execlp, ECHO);
    "process.exec.script.execvpe", "execvpe of a script without #!",
        "Does execvpe run a shell for an executable text file that does not begin with #!?", "exec(3), Special semantics for execlp and execvp", SHELL,
        |o| exec::file(o, Way::Execvpe, ECHO);
    "process.exec.script.execv", "execv of a script without #!",
        "What does execv say to an executable text file that does not begin with #!?", "POSIX exec: ENOEXEC", SHELL,
        |o| exec::file(o, Way::Execv, ECHO);
    "process.exec.script.execl", "execl of a script without #!",
        "What does execl say to an executable text file that does not begin with #!?", "POSIX exec: ENOEXEC", SHELL,
        |o| exec::file(o, Way::Execl, ECHO);
    "process.exec.script.spawn", "posix_spawn of a script without #!",
        "What does posix_spawn say to an executable text file that does not begin with #!?", SPAWN, SHELL,
        |o| exec::file(o, Way::Spawn, ECHO);
    "process.exec.script.spawnp", "posix_spawnp of a script without #!",
        "What does posix_spawnp say to an executable text file that does not begin with #!?", SPAWN, SHELL,
        |o| exec::file(o, Way::Spawnp, ECHO);
    "process.exec.script.in-path", "a script without #! found in PATH",
        "Does execvp run a shell for a text file without #! that it found in PATH, and with which path?", NO_SHELL_LINE, SHELL,
        |o| exec::search(o, c"prog", Some(c"a"), &[(c"a", Thing::Folder), (c"a/prog", Thing::Content(ECHO))]);
    "process.exec.script.before-program", "a script without #! before a program",
        "Does execvp go on searching when the first file found in PATH is a text file without #!?", NO_SHELL_LINE, SHELL,
        |o| exec::search(o, c"prog", Some(c"a:b"), &[(c"a", Thing::Folder), (c"b", Thing::Folder),
            (c"a/prog", Thing::Content(ECHO)), (c"b/prog", Thing::Program)]);
    "process.exec.script.spawnp-in-path", "posix_spawnp: a script without #! before a program",
        "Does posix_spawnp go on searching when the first file found in PATH is a text file without #!?", SPAWN, SHELL,
        |o| exec::search_by(o, Way::Spawnp, c"a:b", &[(c"a", Thing::Folder), (c"b", Thing::Folder),
            (c"a/prog", Thing::Content(ECHO)), (c"b/prog", Thing::Program)]);
    "process.exec.script.shell", "remedy: name the shell",
        "Does a script without #! run everywhere when the program runs /bin/sh itself after ENOEXEC?", "POSIX exec, Rationale", SHELL,
        exec::by_shell;
    "process.exec.script.shebang", "remedy: a first line with #!",
        "Does execvp run a script whose first line is #!/bin/sh?", "execve(2), Interpreter scripts", SHELL,
        |o| exec::file(o, Way::Execvp, b"#!/bin/sh\n");
    "process.exec.empty-file", "execvp of an empty file",
        "What does execvp do with an empty executable file?", NO_SHELL_LINE, SHELL,
        |o| exec::file(o, Way::Execvp, b"");
    "process.exec.truncated-elf", "execvp of a cut off ELF file",
        "What does execvp do with a file that begins as an ELF program and ends there?", "glibc posix/execvpe.c: any ENOEXEC", SHELL,
        |o| exec::file(o, Way::Execvp, b"\x7fELF\x02\x01\x01\x00");
    "process.exec.no-interpreter", "execvp of a script whose interpreter is missing",
        "What does execvp say to a script whose #! line names a file that is not there?", "execve(2): ENOENT", SHELL,
        |o| exec::file(o, Way::Execvp, b"#!/nowhere/shell\n");
    "process.exec.path.unset-local", "PATH unset, program in /usr/local/bin",
        "Does execvp find a program that is in /usr/local/bin alone when PATH is unset?", UNSET,
        Needs::NOTHING.files(&super::PROGRAM_IN_LOCAL),
        |o| exec::search(o, c"libcdiff-prog", None, &[]);
    "process.exec.path.unset-usr", "PATH unset, program in /usr/bin",
        "Does execvp find a program that is in /usr/bin alone when PATH is unset?", UNSET, SHELL_AND_PROGRAM,
        |o| exec::search(o, c"libcdiff-prog", None, &[]);
    "process.exec.path.unset-here", "PATH unset, program in the working directory",
        "Does execvp look into the working directory when PATH is unset?", "exec(3): glibc 2.24 removed it", SHELL,
        |o| exec::search(o, c"prog", None, &[(c"prog", Thing::Program)]);
    "process.exec.path.set-local", "remedy: PATH said by the program",
        "Does execvp find a program in /usr/local/bin when the program sets PATH?", UNSET,
        Needs::NOTHING.files(&super::PROGRAM_IN_LOCAL),
        |o| exec::search(o, c"libcdiff-prog", Some(c"/usr/local/bin:/bin:/usr/bin"), &[]);
    "process.exec.path.empty", "PATH empty",
        "Does execvp look into the working directory when PATH is the empty string?", SEARCH, SHELL,
        |o| exec::search(o, c"prog", Some(c""), &[(c"prog", Thing::Program)]);
    "process.exec.path.empty-first", "PATH that begins with a colon",
        "Does an empty first part of PATH mean the working directory?", SEARCH, SHELL,
        |o| exec::search(o, c"prog", Some(c":/nowhere"), &[(c"prog", Thing::Program)]);
    "process.exec.path.empty-last", "PATH that ends in a colon",
        "Does an empty last part of PATH mean the working directory?", SEARCH, SHELL,
        |o| exec::search(o, c"prog", Some(c"/nowhere:"), &[(c"prog", Thing::Program)]);
    "process.exec.path.empty-middle", "PATH with two colons in a row",
        "Does an empty part in the middle of PATH mean the working directory?", SEARCH, SHELL,
        |o| exec::search(o, c"prog", Some(c"/nowhere::/nowhere"), &[(c"prog", Thing::Program)]);
    "process.exec.path.forbidden-first", "a file without execute permission before a program",
        "Does execvp go on when the first file found may not be executed?", SEARCH, SHELL,
        |o| exec::search(o, c"prog", Some(c"a:b"), &[(c"a", Thing::Folder), (c"b", Thing::Folder),
            (c"a/prog", Thing::Forbidden), (c"b/prog", Thing::Program)]);
    "process.exec.path.forbidden-only", "a file without execute permission, then nothing",
        "Which error remains when the only file found may not be executed?", SEARCH, SHELL,
        |o| exec::search(o, c"prog", Some(c"a:b"), &[(c"a", Thing::Folder), (c"b", Thing::Folder),
            (c"a/prog", Thing::Forbidden)]);
    "process.exec.path.folder-first", "a folder of the name before a program",
        "Does execvp go on when the first thing found is a folder?", SEARCH, SHELL,
        |o| exec::search(o, c"prog", Some(c"a:b"), &[(c"a", Thing::Folder), (c"b", Thing::Folder),
            (c"a/prog", Thing::Folder), (c"b/prog", Thing::Program)]);
    "process.exec.path.file-part", "a part of PATH that is a file",
        "Does execvp go on when a part of PATH is a file?", "exec(3): ENOTDIR", SHELL,
        |o| exec::search(o, c"prog", Some(c"a:b"), &[(c"a", Thing::Program), (c"b", Thing::Folder),
            (c"b/prog", Thing::Program)]);
    "process.exec.path.loop-part", "a part of PATH that is a link to itself",
        "Does execvp go on when a part of PATH is a symbolic link to itself?", "exec(3), POSIX exec: ELOOP", SHELL,
        |o| exec::search(o, c"prog", Some(c"a:b"), &[(c"a", Thing::Link(c"a")), (c"b", Thing::Folder),
            (c"b/prog", Thing::Program)]);
    "process.exec.path.loop-spawnp", "posix_spawnp: a part of PATH that is a link to itself",
        "Does posix_spawnp go on when a part of PATH is a symbolic link to itself?", "POSIX posix_spawnp", SHELL,
        |o| exec::search_by(o, Way::Spawnp, c"a:b", &[(c"a", Thing::Link(c"a")), (c"b", Thing::Folder),
            (c"b/prog", Thing::Program)]);
    "process.exec.path.broken-script", "a script with a missing interpreter before a program",
        "Does execvp go on when the first script's interpreter is missing?", SEARCH, SHELL,
        |o| exec::search(o, c"prog", Some(c"a:b"), &[(c"a", Thing::Folder), (c"b", Thing::Folder),
            (c"a/prog", Thing::Content(b"#!/nowhere\n")), (c"b/prog", Thing::Program)]);
    "process.exec.path.not-found", "a name that is nowhere",
        "Which error does execvp give for a name that is in no part of PATH?", SEARCH, SHELL,
        |o| exec::search(o, c"prog", Some(c"a:b"), &[(c"a", Thing::Folder)]);
    "process.exec.path.name-empty", "an empty name",
        "Which error does execvp give for the empty name?", "POSIX exec: ENOENT", SHELL,
        |o| exec::search(o, c"", Some(c"a"), &[(c"a", Thing::Folder)]);
    "process.exec.path.name-long", "a name of 300 letters",
        "Which error does execvp give for a name that is longer than a file name may be?", "POSIX exec: ENAMETOOLONG", SHELL,
        |o| exec::search(o, LONG, Some(c"a"), &[(c"a", Thing::Folder)]);
    "process.exec.path.part-long", "a part of PATH of 300 letters before a program",
        "Does execvp go on after a part of PATH that is longer than a file name may be?", "glibc posix/execvpe.c, musl src/process/execvp.c", SHELL,
        |o| exec::search(o, c"prog", Some(LONG_THEN_B), &[(c"b", Thing::Folder), (c"b/prog", Thing::Program)]);
    "process.exec.path.two", "another PATH for the new program",
        "Which PATH does execvpe search, this program's or the new one's?", "execvpe(3)", SHELL, exec::two_paths;
    "process.exec.descriptor", "fexecve of what is not open",
        "Which errors does fexecve give for descriptors that are not open?", "POSIX fexecve: EBADF; glibc sysdeps/unix/sysv/linux/fexecve.c", Needs::NOTHING,
        exec::by_descriptor;
    "process.exec.execveat", "execveat",
        "Is there a function execveat, and which error does it give for a closed descriptor?", "execveat(2), glibc 2.34", Needs::NOTHING,
        exec::at_descriptor;
    "process.exec.close-many", "closing many descriptors",
        "Are there closefrom and close_range, and do they close?", "glibc 2.34; closefrom(3), close_range(2)", Needs::NOTHING, exec::close_many;
    "process.thread-id", "gettid",
        "Is there a function gettid?", "glibc 2.30, musl 1.2.2; gettid(2)", Needs::NOTHING, exec::thread_id;
}

const LONG_BYTES: [u8; 305] = {
    let mut bytes = [b'n'; 305];
    bytes[300] = b':';
    bytes[301] = b'b';
    bytes[302] = 0;
    bytes
};
const LONG: &core::ffi::CStr = {
    const BYTES: [u8; 301] = {
        let mut bytes = [b'n'; 301];
        bytes[300] = 0;
        bytes
    };
    match core::ffi::CStr::from_bytes_with_nul(&BYTES) {
        Ok(name) => name,
        Err(_) => unreachable!(),
    }
};
const LONG_THEN_B: &core::ffi::CStr = match core::ffi::CStr::from_bytes_until_nul(&LONG_BYTES) {
    Ok(path) => path,
    Err(_) => unreachable!(),
};
