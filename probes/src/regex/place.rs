//! Where a match may be: lines, flags of `regexec`, and text that is not valid in the locale.

use super::matching::matches;

const POSIX: &str = "POSIX.1-2017 regcomp()";
const RANGE: &str = "regex(3), REG_STARTEND, from BSD; glibc posix/regexec.c; absent in musl include/regex.h";
const INVALID: &str =
    "POSIX.1-2017, Base Definitions 9.2 and regcomp(), which leave input outside of the locale undefined";

use libc::{REG_NOTBOL as NOTBOL, REG_NOTEOL as NOTEOL};
/// BSD's and glibc's value; musl has none of this name and no use for the bit.
const STARTEND: i32 = 4;

matches! {
    "regex.place.newline-caret", "a caret after a line feed, with REG_NEWLINE", POSIX, EXTENDED | NEWLINE, b"^b" in b"a\nb";
    "regex.place.newline-dollar", "a dollar sign before a line feed, with REG_NEWLINE", POSIX, EXTENDED | NEWLINE, b"a$" in b"a\nb";
    "regex.place.newline-dot", "a dot and a line feed, with REG_NEWLINE", POSIX, EXTENDED | NEWLINE, b"a.b" in b"a\nb";
    "regex.place.dot", "a dot and a line feed", POSIX, EXTENDED, b"a.b" in b"a\nb";
    "regex.place.caret", "a caret after a line feed", POSIX, EXTENDED, b"^b" in b"a\nb";
    "regex.place.notbol", "REG_NOTBOL", POSIX, EXTENDED, b"^a" in b"a" exec NOTBOL;
    "regex.place.notbol-newline", "REG_NOTBOL and a later line", POSIX, EXTENDED | NEWLINE, b"^a" in b"a\na" exec NOTBOL;
    "regex.place.noteol", "REG_NOTEOL", POSIX, EXTENDED, b"a$" in b"a" exec NOTEOL;
    "regex.place.notbol-word", r"REG_NOTBOL and \<", "glibc posix/regexec.c; musl src/regex/regexec.c, CHECK_ASSERTIONS", EXTENDED, br"\<a" in b"a" exec NOTBOL;
    "regex.place.startend", "REG_STARTEND", RANGE, EXTENDED, b"a+" in b"aaaXaaaa" exec STARTEND, from (4, 6);
    "regex.place.startend-caret", "REG_STARTEND and a caret", RANGE, EXTENDED, b"^b" in b"abc" exec STARTEND, from (1, 3);
    "regex.place.startend-dollar", "REG_STARTEND and a dollar sign", RANGE, EXTENDED, b"b$" in b"abc" exec STARTEND, from (0, 2);
    "regex.place.invalid-dot", "a dot and a byte that is no character", INVALID, EXTENDED, b"a.b" in b"a\xffb" => utf8;
    "regex.place.invalid-before", "a match after a byte that is no character", INVALID, EXTENDED, b"b" in b"a\xffb" => utf8;
    "regex.place.invalid-after", "a match before a byte that is no character", INVALID, EXTENDED, b"a" in b"a\xffb" => utf8;
    "regex.place.invalid-negated", "a negated set and a byte that is no character", INVALID, EXTENDED, b"a[^x]b" in b"a\xffb" => utf8;
    "regex.place.invalid-pattern", "an expression that is no valid text", INVALID, EXTENDED, b"a\xffb" in b"a\xffb" => utf8;
    "regex.place.umlaut-dot", "a dot and a character of two bytes", POSIX, EXTENDED, b"a.b" in b"a\xc3\xa4b" => utf8;
    "regex.place.umlaut-dot-c", "a dot and two bytes in the C locale", POSIX, EXTENDED, b"a.b" in b"a\xc3\xa4b";
    "regex.place.umlaut-dots-c", "two dots and two bytes in the C locale", POSIX, EXTENDED, b"a..b" in b"a\xc3\xa4b";
    "regex.place.high-byte-c", "a byte above 127 for itself in the C locale", POSIX, EXTENDED, b"\xe4" in b"x\xe4";
}
