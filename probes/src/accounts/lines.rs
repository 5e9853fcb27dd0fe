//! Lines of `/etc/passwd` that are not as they should be: which of them are users.

use super::rows;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::accounts::enumerate::{Database, all};
use crate::sys::accounts::users::by_name;

fn users(o: &mut Outcome) {
    for line in all(Database::Users) {
        o.line(line);
    }
}

/// A line of 3,000 bytes, and a line after it.
const LONG: &str = {
    const LENGTH: usize = 3046;
    const BYTES: [u8; LENGTH] = {
        let mut bytes = [b'g'; LENGTH];
        let (head, tail) = (b"long:x:1:1:", b":/:/bin/sh\nlast:x:2:2:::\n");
        let mut n = 0;
        while n < head.len() {
            bytes[n] = head[n];
            n += 1;
        }
        n = 0;
        while n < tail.len() {
            bytes[LENGTH - tail.len() + n] = tail[n];
            n += 1;
        }
        bytes
    };
    match core::str::from_utf8(&BYTES) {
        Ok(text) => text,
        Err(_) => panic!("letters"),
    }
};

pub const CASES: &[Case] = rows![
    (
        "line.few-fields",
        "too few fields",
        "Is a line with three fields a user?",
        "passwd(5); glibc nss/nss_files/files-parse.c; musl src/passwd/getpwent_a.c",
        [("/etc/passwd", "short:x:1\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.six-fields",
        "no shell",
        "Is a line without a seventh field a user?",
        "passwd(5): an empty shell is /bin/sh",
        [("/etc/passwd", "six:x:1:1:gecos:/home\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.many-fields",
        "too many fields",
        "What is the shell of a line with eight fields?",
        "passwd(5)",
        [("/etc/passwd", "many:x:1:1:gecos:/home:/bin/sh:more\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.empty-name",
        "an empty name",
        "Is a line with an empty name a user?",
        "passwd(5)",
        [("/etc/passwd", ":x:1:1::/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.empty-id",
        "an empty number",
        "Is a line with an empty user number a user, and which?",
        "passwd(5); musl src/passwd/getpwent_a.c (atou)",
        [("/etc/passwd", "empty::::gecos:/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.word-id",
        "a number that is a word",
        "Is a line whose user number is a word a user?",
        "passwd(5); musl src/passwd/getpwent_a.c (atou)",
        [("/etc/passwd", "word:x:abc:1::/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.trailing-id",
        "a number with letters after it",
        "Is a line whose user number has letters after it a user?",
        "passwd(5); musl src/passwd/getpwent_a.c (atou)",
        [("/etc/passwd", "trail:x:12ab:1::/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.space-id",
        "a number with a space before it",
        "Is a line with a space before its user number a user?",
        "passwd(5); glibc strtou32",
        [("/etc/passwd", "space:x: 12:1::/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.hex-id",
        "a hexadecimal number",
        "What is the number of a user with 0x10 in the file?",
        "passwd(5): decimal",
        [("/etc/passwd", "hex:x:0x10:1::/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.zeros-id",
        "a number with zeros before it",
        "What is the number of a user with 010 in the file?",
        "passwd(5): decimal",
        [("/etc/passwd", "zeros:x:010:1::/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.negative-id",
        "a negative number",
        "Is a line with the user number -2 a user, and which?",
        "passwd(5)",
        [("/etc/passwd", "negative:x:-2:1::/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.largest-id",
        "the largest number",
        "Is a line with the user number 4294967295 a user?",
        "uid_t: -1 is no user",
        [("/etc/passwd", "largest:x:4294967295:1::/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.too-large-id",
        "a number that is too large",
        "Is a line with the user number 4294967296 a user, and does it become root?",
        "passwd(5); glibc nss/nss_files/files-parse.c (strtou32); musl src/passwd/getpwent_a.c (atou)",
        [("/etc/passwd", "large:x:4294967296:1::/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.comment",
        "a comment",
        "Is a line that begins with # a user?",
        "passwd(5); glibc nss/nss_files/files-parse.c",
        [("/etc/passwd", "#off:x:1:1::/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.comment-spaces",
        "a comment after spaces",
        "Is a line with spaces and # a user?",
        "glibc nss/nss_files/files-parse.c",
        [("/etc/passwd", "  #off:x:1:1::/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.spaces",
        "spaces before the name",
        "Do spaces before the name belong to it?",
        "glibc nss/nss_files/files-parse.c; musl src/passwd/getpwent_a.c",
        [("/etc/passwd", "  spaced:x:1:1::/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.empty",
        "an empty line",
        "Do users follow after an empty line?",
        "passwd(5)",
        [("/etc/passwd", "\n\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.no-newline",
        "no end of the last line",
        "Is the last line a user when it has no end?",
        "passwd(5)",
        [("/etc/passwd", "first:x:1:1::/:/bin/sh\nlast:x:2:2::/:/bin/sh")],
        users
    ),
    (
        "line.carriage-return",
        "lines from Windows",
        "Does a carriage return at the end belong to the shell?",
        "passwd(5)",
        [("/etc/passwd", "dos:x:1:1::/:/bin/sh\r\nlast:x:2:2::/:/bin/sh\r\n")],
        users
    ),
    (
        "line.letters",
        "letters beyond ASCII",
        "Is a name in UTF-8 a user's?",
        "passwd(5)",
        [("/etc/passwd", "märz:x:1:1::/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.zero-byte",
        "a NUL byte",
        "What is a line with a NUL byte in it?",
        "passwd(5)",
        [("/etc/passwd", "nul:x:1:1:a\0b:/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.long",
        "a line of 3,000 bytes",
        "Is a line of 3,000 bytes a user, and is the one after it?",
        "getpwent(3); glibc nss/getXXent.c (the buffer grows)",
        [("/etc/passwd", LONG)],
        users
    ),
    (
        "line.long-name",
        "a line of 3,000 bytes, by name",
        "Does getpwnam find a user whose line has 3,000 bytes?",
        "getpwnam(3); glibc nss/getXXbyYY.c (the buffer grows)",
        [("/etc/passwd", LONG)],
        |o| o.line(by_name("long"))
    ),
    (
        "line.plus",
        "a line of + alone",
        "Is a line with + alone a user?",
        "glibc nss/nss_files/files-pwd.c: + and - are for compat; musl src/passwd/getpwent_a.c",
        [("/etc/passwd", "first:x:1:1::/:/bin/sh\n+\n")],
        users
    ),
    (
        "line.plus-fields",
        "a line of + and empty fields",
        "Is a line with + and empty fields a user?",
        "nsswitch.conf(5), compat; musl src/passwd/getpwent_a.c",
        [("/etc/passwd", "first:x:1:1::/:/bin/sh\n+::::::\n")],
        users
    ),
    (
        "line.plus-name",
        "a line of +name",
        "Is +alice a user of that name?",
        "nsswitch.conf(5), compat",
        [("/etc/passwd", "+alice:x:5:5::/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
    (
        "line.plus-by-name",
        "+ by its name",
        "Does getpwnam(\"+\") find a line with + and numbers 0?",
        "glibc nss/nss_files/files-pwd.c",
        [("/etc/passwd", "+::0:0:::\n")],
        |o| o.line(by_name("+"))
    ),
    (
        "line.minus-name",
        "a line of -name",
        "Is -alice a user of that name?",
        "nsswitch.conf(5), compat",
        [("/etc/passwd", "-alice:x:5:5::/:/bin/sh\nlast:x:2:2::/:/bin/sh\n")],
        users
    ),
];
