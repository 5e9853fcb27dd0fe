//! Who is logged in, terminals, and the records of log-ins.

use super::rows;
use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::accounts::databases::host_id;
use crate::sys::accounts::login;
use crate::sys::call::exists;
use crate::text;

const PASSWD: &str = "root:x:0:0::/root:/bin/sh\n";
/// Where records are put; a folder that both families may write to.
const RECORDS: &str = "/tmp/libcdiff-utmp";

const ENVIRONMENT: &[Case] = &[
    Case {
        id: "accounts.login.variable",
        title: "getlogin and LOGNAME",
        question: "Does getlogin answer with what LOGNAME says?",
        source: "POSIX getlogin: the login activity; musl src/unistd/getlogin.c (LOGNAME)",
        needs: Needs::NOTHING.env(&[("LOGNAME", "somebody")]),
        run: |o| o.fact("is_LOGNAME", login::is_logname("somebody")),
    },
    Case {
        id: "accounts.login.secure",
        title: "functions of secure mode",
        question: "Which functions say that the program runs with more rights than its caller?",
        source: "secure_getenv(3), getauxval(3); issetugid of BSD; musl src/misc/issetugid.c",
        needs: Needs::NOTHING,
        run: |o| present(o, &[c"secure_getenv", c"issetugid", c"getauxval", c"__libc_enable_secure"]),
    },
    Case {
        id: "accounts.functions",
        title: "functions that not every C library has",
        question: "Which functions for accounts, log-ins and their databases does the C library have?",
        source: "getgrent_r(3), getpw(3), getspent(3), innetgr(3), getrpcent(3), login(3), sethostid(3), ttyslot(3)",
        needs: Needs::NOTHING,
        run: |o| {
            present(
                o,
                &[
                    c"cuserid",
                    c"endnetgrent",
                    c"fgetgrent",
                    c"fgetgrent_r",
                    c"fgetpwent",
                    c"fgetpwent_r",
                    c"fgetspent",
                    c"getaliasbyname",
                    c"getgrent_r",
                    c"getgrouplist",
                    c"getlogin_r",
                    c"getnetgrent",
                    c"getpass",
                    c"getpw",
                    c"getpwent_r",
                    c"getrpcbyname",
                    c"getrpcent",
                    c"getservbyname_r",
                    c"getspent_r",
                    c"getusershell",
                    c"innetgr",
                    c"initgroups",
                    c"lckpwdf",
                    c"login",
                    c"login_tty",
                    c"logout",
                    c"logwtmp",
                    c"openpty",
                    c"putgrent",
                    c"putpwent",
                    c"putspent",
                    c"ruserok",
                    c"sethostid",
                    c"setnetgrent",
                    c"sgetspent",
                    c"ttyslot",
                    c"updwtmp",
                    c"utmpname",
                    c"utmpxname",
                    c"getutline",
                    c"getsubopt",
                ],
            );
        },
    },
];

fn present(o: &mut Outcome, names: &[&core::ffi::CStr]) {
    if cfg!(target_feature = "crt-static") {
        return o.unsupported("a static program has no dynamic symbols to ask");
    }
    o.table("present", names.iter().map(|name| (name.to_string_lossy().into_owned(), exists(name).into())).collect());
}

fn terminal(o: &mut Outcome, fd: Result<i32, crate::sys::call::Errno>) {
    let Some(fd) = o.need("opening a descriptor", fd) else { return };
    let (result, number) = login::is_terminal(fd);
    o.fact("result", result);
    o.fact("errno", text::errno(number.0));
}

fn limit(o: &mut Outcome, name: i32) {
    o.fact("limit", login::limit(name));
}

/// Makes an empty file, tells the library of it, and puts a record into it.
fn put(o: &mut Outcome) {
    if o.need("making a file", login::make(RECORDS, b"")).is_none() {
        return;
    }
    login::take_file(RECORDS);
    let (put, number) = login::put();
    o.fact("put", put);
    if !put {
        o.fact("errno", text::errno(number.0));
    }
    o.fact("file_bytes", login::content(RECORDS).ok().map(|content| content.len()));
}

fn get(o: &mut Outcome) {
    if o.need("making a file", login::make(RECORDS, &login::record_bytes())).is_none() {
        return;
    }
    login::take_file(RECORDS);
    o.fact("records", login::records());
}

const ROWS: &[Case] = rows![
    (
        "login.unset",
        "getlogin without LOGNAME",
        "Does getlogin return null without LOGNAME and without a terminal?",
        "POSIX getlogin; musl src/unistd/getlogin.c",
        [("/etc/passwd", PASSWD)],
        |o| o.fact("null", login::is_unknown())
    ),
    (
        "login.no-room",
        "getlogin_r with one byte",
        "What does getlogin_r return with a buffer of one byte, without LOGNAME and without a terminal?",
        "POSIX getlogin_r: ERANGE, ENXIO, ENOTTY",
        [("/etc/passwd", PASSWD)],
        |o| o.fact("unknown_or_too_small", login::login_within(1).0 != 0)
    ),
    (
        "login.user-id",
        "cuserid",
        "What does cuserid give for the user of the process?",
        "cuserid(3); musl src/unistd (cuserid: the effective user)",
        [("/etc/passwd", PASSWD)],
        |o| o.line(login::user_id())
    ),
    ("login.terminal", "ctermid", "What does ctermid give?", "POSIX ctermid", [], |o| o.line(login::terminal())),
    (
        "login.host-id",
        "gethostid",
        "Does gethostid give what /etc/hostid says?",
        "gethostid(3); musl src/unistd (gethostid: 0)",
        [("/etc/hostid", "\x78\x56\x34\x12")],
        |o| o.fact("host_id", heap::format!("{:#x}", host_id()))
    ),
    (
        "terminal.file",
        "isatty of a file",
        "What is errno when isatty is asked for /dev/null?",
        "POSIX isatty: ENOTTY",
        [],
        |o| terminal(o, login::open("/dev/null"))
    ),
    (
        "terminal.pipe",
        "isatty of a pipe",
        "What is errno when isatty is asked for a pipe?",
        "POSIX isatty: ENOTTY",
        [],
        |o| terminal(o, login::pipe())
    ),
    (
        "terminal.closed",
        "isatty of no descriptor",
        "What is errno when isatty is asked for a descriptor that is not open?",
        "POSIX isatty: EBADF",
        [],
        |o| terminal(o, Ok(999))
    ),
    (
        "terminal.name-file",
        "ttyname_r of a file",
        "What does ttyname_r return for /dev/null?",
        "POSIX ttyname_r: ENOTTY",
        [],
        |o| {
            let Some(fd) = o.need("opening a file", login::open("/dev/null")) else { return };
            o.fact("returned", text::errno(login::terminal_name(fd, 256).0));
        }
    ),
    (
        "terminal.name-closed",
        "ttyname_r of no descriptor",
        "What does ttyname_r return for a descriptor that is not open?",
        "POSIX ttyname_r: EBADF",
        [],
        |o| o.fact("returned", text::errno(login::terminal_name(999, 256).0))
    ),
    (
        "terminal.name-small",
        "ttyname_r with one byte",
        "What does ttyname_r return for /dev/null with a buffer of one byte?",
        "POSIX ttyname_r: ERANGE",
        [],
        |o| {
            let Some(fd) = o.need("opening a file", login::open("/dev/null")) else { return };
            o.fact("returned", text::errno(login::terminal_name(fd, 1).0));
        }
    ),
    (
        "limit.login-name",
        "_SC_LOGIN_NAME_MAX",
        "What does sysconf say of the longest log-in name?",
        "POSIX sysconf",
        [],
        |o| limit(o, libc::_SC_LOGIN_NAME_MAX)
    ),
    (
        "limit.user-buffer",
        "_SC_GETPW_R_SIZE_MAX",
        "What does sysconf say of the buffer for getpwnam_r?",
        "POSIX sysconf: -1 where there is no limit",
        [],
        |o| limit(o, libc::_SC_GETPW_R_SIZE_MAX)
    ),
    (
        "limit.group-buffer",
        "_SC_GETGR_R_SIZE_MAX",
        "What does sysconf say of the buffer for getgrnam_r?",
        "POSIX sysconf: -1 where there is no limit",
        [],
        |o| limit(o, libc::_SC_GETGR_R_SIZE_MAX)
    ),
    (
        "limit.terminal-name",
        "_SC_TTY_NAME_MAX",
        "What does sysconf say of the longest name of a terminal?",
        "POSIX sysconf",
        [],
        |o| limit(o, libc::_SC_TTY_NAME_MAX)
    ),
    (
        "limit.host-name",
        "_SC_HOST_NAME_MAX",
        "What does sysconf say of the longest host name?",
        "POSIX sysconf; Linux: 64",
        [],
        |o| limit(o, libc::_SC_HOST_NAME_MAX)
    ),
    (
        "limit.groups",
        "_SC_NGROUPS_MAX",
        "What does sysconf say of the most groups of a process?",
        "POSIX sysconf; Linux: 65536",
        [],
        |o| limit(o, libc::_SC_NGROUPS_MAX)
    ),
    ("log.file", "utmpname", "What does utmpname return?", "utmpname(3); musl src/legacy/utmpx.c", [], |o| {
        let (result, number) = login::take_file("/tmp/libcdiff-utmp");
        o.fact("returned", result);
        o.fact("errno", text::errno(number.0));
    }),
    ("log.put", "pututxline", "Does pututxline write a record?", "POSIX pututxline; musl src/legacy/utmpx.c", [], put),
    (
        "log.get",
        "getutxent",
        "Does getutxent read a record that is in the file?",
        "POSIX getutxent; musl src/legacy/utmpx.c",
        [],
        get
    ),
    (
        "log.append",
        "updwtmpx",
        "Does updwtmpx append a record to a file?",
        "updwtmp(3); musl src/legacy/utmpx.c",
        [],
        |o| {
            if o.need("making a file", login::make(RECORDS, b"")).is_some() {
                login::append(RECORDS);
                o.fact("file_bytes", login::content(RECORDS).ok().map(|content| content.len()));
            }
        }
    ),
    (
        "log.remedy-own",
        "the file, read and written directly",
        "Is a record there that the program writes to the file and reads from it itself?",
        "utmp(5): records of 384 bytes on x86-64",
        [],
        |o| {
            if o.need("making a file", login::make(RECORDS, &login::record_bytes())).is_some() {
                let content = login::content(RECORDS).unwrap_or_default();
                o.fact("file_bytes", content.len());
                o.fact("user", content.get(44..49).map(text::bytes));
            }
        }
    ),
];

pub const CASES: &[Case] = &super::join::<{ super::count(&[ENVIRONMENT, ROWS]) }>(&[ENVIRONMENT, ROWS]);
