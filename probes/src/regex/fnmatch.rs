//! `fnmatch`: one pattern, one name, some flags.

use crate::outcome::Outcome;
use crate::sys::regex::paths::fnmatch;
use crate::text;

const POSIX: &str = "POSIX.1-2017 fnmatch(); Shell & Utilities 2.13";
const GNU: &str = "fnmatch(3); glibc posix/fnmatch_loop.c; musl src/regex/fnmatch.c";

const NONE: i32 = 0;
const PATHNAME: i32 = 1;
const NOESCAPE: i32 = 2;
const PERIOD: i32 = 4;
const LEADING_DIR: i32 = 8;
const CASEFOLD: i32 = 16;
/// glibc's value; musl has no such flag.
const EXTMATCH: i32 = 32;

struct Row {
    pattern: &'static [u8],
    name: &'static [u8],
    flags: i32,
    utf8: bool,
}

impl Row {
    fn ask(&self, o: &mut Outcome) {
        o.measured("pattern", text::bytes(self.pattern));
        o.measured("name", text::bytes(self.name));
        if self.utf8 && !super::take_locale(o) {
            return;
        }
        match fnmatch(self.pattern, self.name, self.flags) {
            0 => o.fact("fnmatch", "match"),
            1 => o.fact("fnmatch", "FNM_NOMATCH"),
            other => o.fact("fnmatch", heap::format!("error {other}")),
        }
    }
}

macro_rules! fnmatches {
    ($($id:literal, $title:literal, $source:expr, $($flag:ident)|+, $pattern:literal on $name:literal
        $(=> $utf8:ident)?;)*) => {
        /// The cases of this table.
        pub const CASES: &[crate::case::Case] = &[$(crate::case::Case {
            id: $id,
            title: $title,
            question: concat!(
                "Does ", stringify!($pattern), " match ", stringify!($name), " (", stringify!($($flag)|+), "): ", $title, "?"
            ),
            source: $source,
            needs: super::matching::or!(
                crate::case::Needs::NOTHING $(, super::matching::second!($utf8, super::GERMAN))?
            ),
            run: |outcome| {
                let utf8 = super::matching::or!(false $(, super::matching::second!($utf8, true))?);
                Row { pattern: $pattern, name: $name, flags: 0 $(| $flag)+, utf8 }.ask(outcome)
            },
        }),*];
    };
}

fnmatches! {
    "regex.fnmatch.extmatch-at", "@(...), one of some", GNU, EXTMATCH, b"@(a|b).c" on b"b.c";
    "regex.fnmatch.extmatch-star", "*(...), any number", GNU, EXTMATCH, b"*(ab)c" on b"ababc";
    "regex.fnmatch.extmatch-plus", "+(...), one at least", GNU, EXTMATCH, b"+([0-9])" on b"2024";
    "regex.fnmatch.extmatch-not", "!(...), none of some", GNU, EXTMATCH, b"!(*.c)" on b"a.h";
    "regex.fnmatch.extmatch-question", "?(...), one or none", GNU, EXTMATCH, b"a?(b)c" on b"ac";
    "regex.fnmatch.extmatch-off", "@(...) without the flag", GNU, NONE, b"@(a|b)" on b"@(a|b)";
    "regex.fnmatch.casefold", "letters of either case", GNU, CASEFOLD, b"A*.TXT" on b"abc.txt";
    "regex.fnmatch.casefold-bracket", "a set of letters of either case", GNU, CASEFOLD, b"[A-C]" on b"b";
    "regex.fnmatch.casefold-class", "[:upper:] where case is ignored", GNU, CASEFOLD, b"[[:upper:]]" on b"b";
    "regex.fnmatch.casefold-umlaut", "a letter of the locale of either case", GNU, CASEFOLD, b"\xc3\xa4" on b"\xc3\x84" => utf8;
    "regex.fnmatch.leading-dir", "the rest of a path ignored", GNU, LEADING_DIR, b"a*" on b"abc/def/g";
    "regex.fnmatch.leading-dir-pathname", "the rest of a path ignored, with slashes in the pattern", GNU, LEADING_DIR | PATHNAME, b"*/b" on b"a/b/c";
    "regex.fnmatch.pathname-star", "a star and a slash", POSIX, PATHNAME, b"a*c" on b"a/c";
    "regex.fnmatch.pathname-question", "a question mark and a slash", POSIX, PATHNAME, b"a?c" on b"a/c";
    "regex.fnmatch.pathname-bracket", "a set that holds a slash", POSIX, PATHNAME, b"a[/]c" on b"a/c";
    "regex.fnmatch.pathname-bracket-text", "a set that holds a slash, as text", POSIX, PATHNAME, b"a[b/c]d" on b"a[b/c]d";
    "regex.fnmatch.pathname-negated", "a negated set and a slash", POSIX, PATHNAME, b"a[!b]c" on b"a/c";
    "regex.fnmatch.pathname-double-star", "two stars over folders", POSIX, PATHNAME, b"a/**/d" on b"a/b/c/d";
    "regex.fnmatch.period-star", "a star and a leading period", POSIX, PERIOD, b"*" on b".a";
    "regex.fnmatch.period-bracket", "a set and a leading period", POSIX, PERIOD, b"[.]a" on b".a";
    "regex.fnmatch.period-negated", "a negated set and a leading period", POSIX, PERIOD, b"[!b]a" on b".a";
    "regex.fnmatch.period-inner", "a period after a slash", POSIX, PERIOD, b"a/*" on b"a/.b";
    "regex.fnmatch.period-pathname", "a period after a slash, with FNM_PATHNAME", POSIX, PERIOD | PATHNAME, b"a/*" on b"a/.b";
    "regex.fnmatch.escape", "an escaped star", POSIX, NONE, br"a\*" on b"a*";
    "regex.fnmatch.escape-off", "a backslash with FNM_NOESCAPE", POSIX, NOESCAPE, br"a\*" on br"a\b";
    "regex.fnmatch.escape-bracket", "an escaped bracket within brackets", POSIX, NONE, br"[\]]" on b"]";
    "regex.fnmatch.escape-hyphen", "an escaped hyphen within brackets", POSIX, NONE, br"[a\-z]" on b"b";
    "regex.fnmatch.escape-last", "a backslash at the end", POSIX, NONE, b"a\\" on b"a\\";
    "regex.fnmatch.escape-last-bare", "a backslash at the end and a name without one", POSIX, NONE, b"a\\" on b"a";
    "regex.fnmatch.bracket-open", "a bracket without end", POSIX, NONE, b"a[b" on b"a[b";
    "regex.fnmatch.bracket-open-escape", "a bracket without end, escaped at the end", POSIX, NONE, b"[a\\" on b"[a\\";
    "regex.fnmatch.bracket-empty", "brackets around nothing", POSIX, NONE, b"a[]b" on b"a[]b";
    "regex.fnmatch.bracket-caret", "a caret that negates", "POSIX.1-2017, Shell & Utilities 2.13.1, which leaves it open", NONE, b"[^a]" on b"b";
    "regex.fnmatch.bracket-exclamation", "an exclamation mark that negates", POSIX, NONE, b"[!a]" on b"b";
    "regex.fnmatch.range-reversed", "a range from high to low", POSIX, NONE, b"[z-a]" on b"m";
    "regex.fnmatch.range-reversed-edge", "the edge of a range from high to low", POSIX, NONE, b"[z-a]" on b"z";
    "regex.fnmatch.class", "a class", POSIX, NONE, b"[[:digit:]]x" on b"7x";
    "regex.fnmatch.class-unknown", "a class of no known name", POSIX, NONE, b"[[:nothing:]]" on b":]";
    "regex.fnmatch.class-unknown-text", "a class of no known name, as text", POSIX, NONE, b"[[:nothing:]]" on b"n]";
    "regex.fnmatch.class-umlaut", "[:alpha:] and a letter of the locale", POSIX, NONE, b"[[:alpha:]]" on b"\xc3\xa4" => utf8;
    "regex.fnmatch.equivalence", "an equivalence class", POSIX, NONE, b"[[=a=]]" on b"a";
    "regex.fnmatch.symbol", "a collating symbol", POSIX, NONE, b"[[.-.]]" on b"-";
    "regex.fnmatch.symbol-long", "a collating symbol of two letters", POSIX, NONE, b"[[.ab.]]" on b"ab";
    "regex.fnmatch.question-umlaut", "a question mark and a character of two bytes", POSIX, NONE, b"?" on b"\xc3\xa4" => utf8;
    "regex.fnmatch.question-umlaut-c", "a question mark and two bytes in the C locale", POSIX, NONE, b"?" on b"\xc3\xa4";
    "regex.fnmatch.invalid-star", "a star over a byte that is no character", POSIX, NONE, b"a*b" on b"a\xffb" => utf8;
    "regex.fnmatch.invalid-question", "a question mark and a byte that is no character", POSIX, NONE, b"a?b" on b"a\xffb" => utf8;
    "regex.fnmatch.invalid-pattern", "a pattern that is no valid text", POSIX, NONE, b"\xff" on b"\xff" => utf8;
    "regex.fnmatch.empty", "an empty pattern and an empty name", POSIX, NONE, b"" on b"";
}
