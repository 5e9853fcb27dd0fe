//! Expressions that are wrong, and the code that `regcomp` gives.

use super::matching::matches;

const POSIX: &str = "POSIX.1-2017 regcomp(), error return values; which one is left open where several fit";

matches! {
    "regex.invalid.parenthesis-open", "( without end", POSIX, EXTENDED, b"(a" in b"a";
    "regex.invalid.parenthesis-close", ") without start", POSIX, EXTENDED, b"a)" in b"a)";
    "regex.invalid.group-open-basic", r"\( without end", POSIX, BASIC, br"\(a" in b"a";
    "regex.invalid.group-close-basic", r"\) without start", POSIX, BASIC, br"a\)" in b"a)";
    "regex.invalid.bracket-open", "[ without end", POSIX, EXTENDED, b"[a" in b"a";
    "regex.invalid.bracket-empty", "[], which never ends", POSIX, EXTENDED, b"[]" in b"a";
    "regex.invalid.range-reversed", "a range from high to low", POSIX, EXTENDED, b"[z-a]" in b"b";
    "regex.invalid.range-class", "a range to a class", POSIX, EXTENDED, b"[a-[:digit:]]" in b"b";
    "regex.invalid.class-unknown", "a class of no known name", POSIX, EXTENDED, b"[[:nothing:]]" in b"a";
    "regex.invalid.class-open", "a class without end", POSIX, EXTENDED, b"[[:alpha" in b"a";
    "regex.invalid.symbol-long", "a collating symbol of two letters", POSIX, EXTENDED, b"[[.ab.]]" in b"ab";
    "regex.invalid.backslash-last", "a backslash at the end", POSIX, EXTENDED, b"a\\" in b"a";
    "regex.invalid.interval-reversed", "an interval from more to less", POSIX, EXTENDED, b"a{3,2}" in b"aaa";
    "regex.invalid.interval-open", "an interval without end", POSIX, EXTENDED, b"a{2" in b"a{2";
    "regex.invalid.interval-open-basic", r"\{ without end", POSIX, BASIC, br"a\{2" in b"a{2";
    "regex.invalid.interval-word-basic", r"\{ and no number", POSIX, BASIC, br"a\{b\}" in b"a{b}";
    "regex.invalid.interval-nothing", "an interval of nothing", POSIX, EXTENDED, b"a{}" in b"a{}";
    "regex.invalid.interval-comma", "an interval of a comma", POSIX, EXTENDED, b"a{,}" in b"a";
    "regex.invalid.reference-basic", "a back-reference to no group", POSIX, BASIC, br"a\1" in b"a1";
    "regex.invalid.reference-open-basic", "a back-reference to a later group", POSIX, BASIC, br"\2\(a\)" in b"a";
}
