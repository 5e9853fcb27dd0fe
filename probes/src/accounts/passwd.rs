//! `getpwnam`, `getpwuid` and their reentrant forms.

use super::rows;
use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::accounts::users::{Reentrant, by_id, by_id_within, by_name, by_name_within};
use crate::text;

const TWO: &str = "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:100:Alice A.,,,:/home/alice:/bin/ash\n";
const SAME: &str =
    "alice:x:1000:100:first:/a:/bin/sh\nalice:x:1001:100:second:/b:/bin/sh\nbob:x:1000:100:third:/c:/bin/sh\n";

pub const CASES: &[Case] = &super::join::<{ super::count(&[ROWS, MISSING]) }>(&[ROWS, MISSING]);

const ROWS: &[Case] = rows![
    (
        "user.name",
        "a user by name",
        "What does getpwnam give for a user of an ordinary file?",
        "POSIX getpwnam",
        [("/etc/passwd", TWO)],
        |o| o.line(by_name("alice"))
    ),
    (
        "user.id",
        "a user by number",
        "What does getpwuid give for a user of an ordinary file?",
        "POSIX getpwuid",
        [("/etc/passwd", TWO)],
        |o| o.line(by_id(1000))
    ),
    (
        "user.absent",
        "a user who is not there",
        "What is errno when getpwnam finds nobody?",
        "POSIX getpwnam: errno shall not be changed if not found",
        [("/etc/passwd", TWO)],
        |o| o.line(by_name("nobody-here"))
    ),
    (
        "user.absent-id",
        "a number that is not there",
        "What is errno when getpwuid finds nobody?",
        "POSIX getpwuid",
        [("/etc/passwd", TWO)],
        |o| o.line(by_id(4242))
    ),
    (
        "user.empty-name",
        "an empty name",
        "What does getpwnam give for an empty name?",
        "getpwnam(3)",
        [("/etc/passwd", TWO)],
        |o| o.line(by_name(""))
    ),
    (
        "user.colon",
        "a name with a colon",
        "What does getpwnam give for a name with a colon?",
        "getpwnam(3)",
        [("/etc/passwd", TWO)],
        |o| o.line(by_name("alice:x"))
    ),
    (
        "user.case",
        "another case",
        "Does getpwnam tell upper from lower case?",
        "POSIX getpwnam",
        [("/etc/passwd", TWO)],
        |o| o.line(by_name("Alice"))
    ),
    (
        "user.same-name",
        "two users of one name",
        "Which of two users of one name does getpwnam give?",
        "getpwnam(3); passwd(5)",
        [("/etc/passwd", SAME)],
        |o| o.line(by_name("alice"))
    ),
    (
        "user.same-id",
        "two users of one number",
        "Which of two users of one number does getpwuid give?",
        "getpwuid(3); passwd(5)",
        [("/etc/passwd", SAME)],
        |o| o.line(by_id(1000))
    ),
    (
        "user.empty-file",
        "an empty passwd",
        "What is errno when /etc/passwd is empty?",
        "POSIX getpwnam",
        [("/etc/passwd", "")],
        |o| o.line(by_name("alice"))
    ),
    (
        "user.within.enough",
        "getpwnam_r with room",
        "What does getpwnam_r return with a buffer of 1024 bytes?",
        "POSIX getpwnam_r",
        [("/etc/passwd", TWO)],
        |o| within(o, by_name_within("alice", 1024))
    ),
    (
        "user.within.exact",
        "getpwnam_r with just enough",
        "Does a buffer as long as the line and its NUL do for getpwnam_r?",
        "POSIX getpwnam_r; glibc nss/nss_files (parse_line needs room for the line)",
        [("/etc/passwd", TWO)],
        |o| within(o, by_name_within("alice", 51))
    ),
    (
        "user.within.small",
        "getpwnam_r with too little",
        "Does getpwnam_r return ERANGE with a buffer of 8 bytes?",
        "POSIX getpwnam_r: ERANGE",
        [("/etc/passwd", TWO)],
        |o| within(o, by_name_within("alice", 8))
    ),
    (
        "user.within.none",
        "getpwnam_r with nothing",
        "Does getpwnam_r return ERANGE with a buffer of 0 bytes?",
        "POSIX getpwnam_r: ERANGE",
        [("/etc/passwd", TWO)],
        |o| within(o, by_name_within("alice", 0))
    ),
    (
        "user.within.small-absent",
        "too little for somebody else",
        "What does getpwnam_r return when nobody is found, and the buffer is shorter than every line?",
        "POSIX getpwnam_r",
        [("/etc/passwd", TWO)],
        |o| within(o, by_name_within("nobody-here", 8))
    ),
    (
        "user.within.absent",
        "getpwnam_r of nobody",
        "What does getpwnam_r return when it finds nobody?",
        "POSIX getpwnam_r: 0 and a null result",
        [("/etc/passwd", TWO)],
        |o| within(o, by_name_within("nobody-here", 1024))
    ),
    (
        "user.within.id",
        "getpwuid_r of nobody",
        "What does getpwuid_r return when it finds nobody?",
        "POSIX getpwuid_r: 0 and a null result",
        [("/etc/passwd", TWO)],
        |o| within(o, by_id_within(4242, 1024))
    ),
];

/// Without /etc/passwd: it is removed before the question.
const MISSING: &[Case] = &[
    Case {
        id: "accounts.user.no-file",
        title: "no /etc/passwd",
        question: "What is errno when there is no /etc/passwd?",
        source: "getpwnam(3): 0 or ENOENT or ESRCH or EBADF or EPERM, or ...; musl src/passwd/getpw_a.c",
        needs: Needs::NOTHING.files(&[super::FILES_ONLY, super::file("/etc/passwd", "")]),
        run: |o| without_passwd(o, |o| o.line(by_name("alice"))),
    },
    Case {
        id: "accounts.user.within.no-file",
        title: "getpwnam_r without /etc/passwd",
        question: "What does getpwnam_r return when there is no /etc/passwd?",
        source: "POSIX getpwnam_r; musl src/passwd/getpw_a.c",
        needs: Needs::NOTHING.files(&[super::FILES_ONLY, super::file("/etc/passwd", "")]),
        run: |o| without_passwd(o, |o| within(o, by_name_within("alice", 1024))),
    },
    Case {
        id: "accounts.user.within.shut",
        title: "getpwnam_r of a file that may not be read",
        question: "What does getpwnam_r return when /etc/passwd may not be read?",
        source: "POSIX getpwnam_r; musl src/passwd/getpw_a.c",
        needs: Needs::NOTHING.files(&[super::FILES_ONLY, super::file("/etc/passwd", TWO)]),
        run: |o| shut(o, "/etc/passwd", |o| within(o, by_name_within("alice", 1024))),
    },
];

/// Asks once /etc/passwd is gone; in an image alone.
fn without_passwd(o: &mut Outcome, ask: fn(&mut Outcome)) {
    if !crate::sys::accounts::gone("/etc/passwd") {
        return o.unsupported("it removes /etc/passwd, so it runs in an image alone");
    }
    ask(o);
}

/// Asks once nobody may read a file; in an image alone, and not as a user who may read everything.
pub(super) fn shut(o: &mut Outcome, path: &str, ask: fn(&mut Outcome)) {
    if !crate::sys::accounts::shut(path) {
        return o
            .unsupported("it shuts a file of the system, so it runs in an image alone, and without CAP_DAC_OVERRIDE");
    }
    ask(o);
}

/// A reentrant look-up as the answer.
pub(super) fn within(o: &mut Outcome, answer: Reentrant) {
    o.fact("returned", text::errno(answer.code.0));
    o.fact("record", answer.record);
}
