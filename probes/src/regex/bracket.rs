//! Bracket expressions.

use super::matching::matches;

const POSIX: &str = "POSIX.1-2017, Base Definitions 9.3.5";

matches! {
    "regex.bracket.close-first", "a closing bracket first", POSIX, EXTENDED, b"[]a]+" in b"xa]";
    "regex.bracket.close-first-negated", "a closing bracket first, negated", POSIX, EXTENDED, b"[^]a]+" in b"a]xy";
    "regex.bracket.hyphen-first", "a hyphen first", POSIX, EXTENDED, b"[-a]+" in b"xa-";
    "regex.bracket.hyphen-last", "a hyphen last", POSIX, EXTENDED, b"[a-]+" in b"xa-";
    "regex.bracket.hyphen-range", "a range up to a hyphen", POSIX, EXTENDED, b"[+--]+" in b"x,-+";
    "regex.bracket.hyphen-middle", "a hyphen after a range", POSIX, EXTENDED, b"[a-c-e]+" in b"xd-ce";
    "regex.bracket.backslash", "a backslash, which escapes nothing", POSIX, EXTENDED, br"[\]]" in br"a\] ]";
    "regex.bracket.backslash-n", "a backslash and n", POSIX, EXTENDED, br"[\n]+" in b"\nn\\";
    "regex.bracket.caret-later", "a caret that is not first", POSIX, EXTENDED, b"[a^]+" in b"xa^";
    "regex.bracket.class", "a class", POSIX, EXTENDED, b"[[:digit:][:space:]]+" in b"a1 2b";
    "regex.bracket.class-word", "[:word:], a class of some", POSIX, EXTENDED, b"[[:word:]]+" in b"a_";
    "regex.bracket.class-upper-icase", "[:upper:] where case is ignored", POSIX, EXTENDED | ICASE, b"[[:upper:]]+" in b"aB";
    "regex.bracket.class-umlaut", "[:alpha:] and a letter of the locale", POSIX, EXTENDED, b"[[:alpha:]]+" in b"1b\xc3\xa4r" => utf8;
    "regex.bracket.class-umlaut-c", "[:alpha:] and bytes above 127 in the C locale", POSIX, EXTENDED, b"[[:alpha:]]+" in b"1b\xc3\xa4r";
    "regex.bracket.class-alone", "[:alpha:] in one pair of brackets", "GNU grep warns of it; POSIX.1-2017, 9.3.5", EXTENDED, b"[:alpha:]+" in b"xhal:";
    "regex.bracket.equivalence", "an equivalence class", POSIX, EXTENDED, b"[[=a=]b]+" in b"xab";
    "regex.bracket.symbol", "a collating symbol of one letter", POSIX, EXTENDED, b"[[.a.]b]+" in b"xab";
    "regex.bracket.symbol-hyphen", "a collating symbol that is a hyphen", POSIX, EXTENDED, b"[[.-.]a]+" in b"x-a";
    "regex.bracket.symbol-name", "a collating symbol by name", POSIX, EXTENDED, b"[[.hyphen.]]" in b"x-";
    "regex.bracket.range-umlaut", "a range over characters of two bytes", POSIX, EXTENDED, b"[\xc3\xa4-\xc3\xbc]+" in b"x\xc3\xa4\xc3\xb6" => utf8;
    "regex.bracket.range-order", "a range that the locale orders otherwise than code points", POSIX, EXTENDED, b"[\xc3\xa4-\xc3\xbc]+" in b"zmz" => utf8;
    "regex.bracket.range-high-bytes", "a range of bytes above 127 in the C locale", POSIX, EXTENDED, b"[\xa0-\xff]+" in b"x\xe4\xf6";
    "regex.bracket.negated-newline", "a negated set and a line feed", POSIX, EXTENDED, b"a[^b]c" in b"a\nc";
    "regex.bracket.negated-newline-flag", "a negated set and a line feed, with REG_NEWLINE", POSIX, EXTENDED | NEWLINE, b"a[^b]c" in b"a\nc";
    "regex.bracket.class-newline-flag", "a negated class and a line feed, with REG_NEWLINE", POSIX, EXTENDED | NEWLINE, b"a[^[:digit:]]c" in b"a\nc";
}
