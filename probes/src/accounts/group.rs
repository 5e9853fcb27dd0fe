//! `getgrnam`, `getgrgid`, and lines of `/etc/group`.

use super::passwd::within;
use super::rows;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::accounts::enumerate::{Database, all};
use crate::sys::accounts::groups::{by_id, by_name, by_name_within};

const TWO: &str = "root:x:0:\nstaff:x:50:alice,bob\n";

fn groups(o: &mut Outcome) {
    for line in all(Database::Groups) {
        o.line(line);
    }
}

pub const CASES: &[Case] = rows![
    (
        "group.name",
        "a group by name",
        "What does getgrnam give for a group with two members?",
        "POSIX getgrnam",
        [("/etc/group", TWO)],
        |o| o.line(by_name("staff"))
    ),
    (
        "group.id",
        "a group by number",
        "What does getgrgid give for a group without members?",
        "POSIX getgrgid",
        [("/etc/group", TWO)],
        |o| o.line(by_id(0))
    ),
    (
        "group.absent",
        "a group that is not there",
        "What is errno when getgrnam finds nothing?",
        "POSIX getgrnam: errno shall not be changed if not found",
        [("/etc/group", TWO)],
        |o| o.line(by_name("nothing"))
    ),
    (
        "group.within.small",
        "getgrnam_r with too little",
        "Does getgrnam_r return ERANGE with a buffer of 16 bytes?",
        "POSIX getgrnam_r: ERANGE",
        [("/etc/group", TWO)],
        |o| within(o, by_name_within("staff", 16))
    ),
    (
        "group.within.enough",
        "getgrnam_r with room",
        "What does getgrnam_r return with a buffer of 1024 bytes?",
        "POSIX getgrnam_r",
        [("/etc/group", TWO)],
        |o| within(o, by_name_within("staff", 1024))
    ),
    (
        "group.within.list",
        "getgrnam_r without room for the list",
        "Does getgrnam_r return ERANGE with room for the line and not for the list of members?",
        "POSIX getgrnam_r: ERANGE",
        [("/etc/group", TWO)],
        |o| within(o, by_name_within("staff", 24))
    ),
    (
        "group.within.absent",
        "getgrnam_r of nothing",
        "What does getgrnam_r return when it finds nothing?",
        "POSIX getgrnam_r: 0 and a null result",
        [("/etc/group", TWO)],
        |o| within(o, by_name_within("nothing", 1024))
    ),
    (
        "group.line.comma-last",
        "a comma after the last member",
        "Does a comma at the end make one more member?",
        "group(5); glibc nss/nss_files/files-grp.c; musl src/passwd/getgrent_a.c",
        [("/etc/group", "a:x:1:alice,bob,\nlast:x:2:\n")],
        groups
    ),
    (
        "group.line.commas",
        "two commas",
        "Do two commas make an empty member?",
        "group(5); musl src/passwd/getgrent_a.c",
        [("/etc/group", "a:x:1:alice,,bob\nlast:x:2:\n")],
        groups
    ),
    (
        "group.line.spaces",
        "spaces around members",
        "Do spaces around members belong to their names?",
        "group(5); glibc nss/nss_files/files-parse.c (trailing list)",
        [("/etc/group", "a:x:1: alice, bob \nlast:x:2:\n")],
        groups
    ),
    (
        "group.line.three-fields",
        "no fourth field",
        "Is a line without a field of members a group?",
        "group(5)",
        [("/etc/group", "a:x:1\nlast:x:2:\n")],
        groups
    ),
    (
        "group.line.many-fields",
        "a fifth field",
        "What are the members of a line with five fields?",
        "group(5)",
        [("/etc/group", "a:x:1:alice:bob\nlast:x:2:\n")],
        groups
    ),
    (
        "group.line.word-id",
        "a number that is a word",
        "Is a line whose number is a word a group?",
        "group(5); musl src/passwd/getgrent_a.c (atou)",
        [("/etc/group", "a:x:abc:alice\nlast:x:2:\n")],
        groups
    ),
    (
        "group.line.comment",
        "a comment",
        "Is a line that begins with # a group?",
        "group(5)",
        [("/etc/group", "#a:x:1:alice\nlast:x:2:\n")],
        groups
    ),
    (
        "group.line.no-newline",
        "no end of the last line",
        "What is the last member when the last line has no end?",
        "group(5); musl src/passwd/getgrent_a.c",
        [("/etc/group", "a:x:1:alice\nlast:x:2:alice,bob")],
        groups
    ),
    (
        "group.line.plus",
        "a line of +",
        "Is a line with + and empty fields a group?",
        "nsswitch.conf(5), compat",
        [("/etc/group", "a:x:1:alice\n+:::\n")],
        groups
    ),
    (
        "group.line.many-members",
        "900 members",
        "How long is the record of a group with 900 members?",
        "group(5); getgrent(3)",
        [("/etc/group", MANY)],
        groups
    ),
];

/// A group with 900 members of four letters.
const MANY: &str = {
    const LENGTH: usize = 8 + 900 * 5;
    const BYTES: [u8; LENGTH] = {
        let mut bytes = [b'm'; LENGTH];
        let head = b"many:x:1:";
        let mut n = 0;
        while n < head.len() {
            bytes[n] = head[n];
            n += 1;
        }
        while n < LENGTH {
            if (n - 9) % 5 == 4 {
                bytes[n] = b',';
            }
            n += 1;
        }
        bytes[LENGTH - 1] = b'\n';
        bytes
    };
    match core::str::from_utf8(&BYTES) {
        Ok(text) => text,
        Err(_) => panic!("letters"),
    }
};
