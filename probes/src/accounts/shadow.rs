//! `/etc/shadow`.

use super::{passwd, rows};
use crate::case::Case;
use crate::outcome::{Outcome, Value};
use crate::sys::accounts::enumerate::{Database, all};
use crate::sys::accounts::shadow::{by_name, by_name_within, locked, parsed};
use crate::text;

const TWO: &str = "root:*:19000:0:99999:7:::\nalice:$6$salt$hash:19001:1:2:3:4:5:6\n";

fn within(o: &mut Outcome, name: &str, bytes: usize) {
    let (code, record) = by_name_within(name, bytes);
    o.fact("returned", text::errno(code.0));
    o.fact("record", record);
}

pub const CASES: &[Case] = rows![
    (
        "shadow.name",
        "a shadow record",
        "What does getspnam give for a complete record?",
        "getspnam(3); shadow(5)",
        [("/etc/shadow", TWO)],
        |o| o.line(by_name("alice"))
    ),
    (
        "shadow.empty-fields",
        "empty fields",
        "What numbers has a record with empty fields?",
        "shadow(5); getspnam(3): -1",
        [("/etc/shadow", TWO)],
        |o| o.line(by_name("root"))
    ),
    (
        "shadow.absent",
        "a user without record",
        "What is errno when getspnam finds nobody?",
        "getspnam(3)",
        [("/etc/shadow", TWO)],
        |o| o.line(by_name("nobody-here"))
    ),
    (
        "shadow.few-fields",
        "two fields",
        "Is a line with a name and a hash alone a record?",
        "shadow(5); glibc nss/nss_files/files-spwd.c; musl src/passwd/getspnam_r.c",
        [("/etc/shadow", "alice:hash\n")],
        |o| o.line(by_name("alice"))
    ),
    (
        "shadow.eight-fields",
        "eight fields",
        "Is a line without the last field a record?",
        "shadow(5)",
        [("/etc/shadow", "alice:hash:19001:1:2:3:4:5\n")],
        |o| o.line(by_name("alice"))
    ),
    (
        "shadow.no-newline",
        "no end of the last line",
        "Is the last line a record when it has no end?",
        "shadow(5); musl src/passwd/getspnam_r.c",
        [("/etc/shadow", "root:*:19000:0:99999:7:::\nalice:hash:19001:1:2:3:4:5:6")],
        |o| o.line(by_name("alice"))
    ),
    (
        "shadow.word",
        "a number that is a word",
        "Is a line with a word for a number a record?",
        "shadow(5); musl src/passwd/getspnam_r.c (xatol)",
        [("/etc/shadow", "alice:hash:never:1:2:3:4:5:\n")],
        |o| o.line(by_name("alice"))
    ),
    (
        "shadow.slash",
        "a name with a slash",
        "What is errno when getspnam is asked for a name with a slash?",
        "musl src/passwd/getspnam_r.c (no slash, as the name is part of a path)",
        [("/etc/shadow", TWO)],
        |o| o.line(by_name("a/b"))
    ),
    (
        "shadow.own-file",
        "a file for each user",
        "Is /etc/tcb/alice/shadow read before /etc/shadow?",
        "musl src/passwd/getspnam_r.c; tcb(5)",
        [("/etc/shadow", TWO), ("/etc/tcb/alice/shadow", "alice:own:1:2:3:4:5:6:7\n")],
        |o| o.line(by_name("alice"))
    ),
    (
        "shadow.shut",
        "a file that may not be read",
        "What is errno when getspnam may not read /etc/shadow?",
        "getspnam(3): EACCES",
        [("/etc/shadow", TWO)],
        |o| passwd::shut(o, "/etc/shadow", |o| o.line(by_name("alice")))
    ),
    (
        "shadow.within.small",
        "getspnam_r with too little",
        "Does getspnam_r return ERANGE with a buffer of 8 bytes?",
        "getspnam(3): ERANGE",
        [("/etc/shadow", TWO)],
        |o| within(o, "alice", 8)
    ),
    (
        "shadow.within.absent",
        "getspnam_r of nobody",
        "What does getspnam_r return when it finds nobody?",
        "getspnam(3)",
        [("/etc/shadow", TWO)],
        |o| within(o, "nobody-here", 1024)
    ),
    (
        "shadow.all",
        "getspent",
        "Does getspent read every record?",
        "getspent(3); musl src/passwd/getspent.c",
        [("/etc/shadow", TWO)],
        |o| {
            for line in all(Database::Shadow) {
                o.line(line);
            }
        }
    ),
    (
        "shadow.remedy-each",
        "getspnam for each name",
        "Does getspnam, called for each name that is known, give the records that getspent may not?",
        "getspnam(3)",
        [("/etc/shadow", TWO)],
        |o| {
            o.line(by_name("root"));
            o.line(by_name("alice"));
        }
    ),
    (
        "shadow.parsed",
        "sgetspent",
        "Does sgetspent read a line?",
        "getspent(3), sgetspent; musl src/passwd/getspent.c",
        [],
        |o| o.fact("record", parsed("alice:hash:1:2:3:4:5:6:7"))
    ),
    (
        "shadow.locked",
        "lckpwdf",
        "What do lckpwdf, ulckpwdf and ulckpwdf without a lock return?",
        "lckpwdf(3); musl src/passwd/lckpwdf.c",
        [],
        |o| o.fact("returned", Value::List(locked().into_iter().map(Value::from).collect()))
    ),
];
