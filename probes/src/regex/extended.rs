//! Extended expressions: alternatives, repetition, empty parts, anchors, and which of several matches is reported.

use super::matching::matches;

const POSIX: &str = "POSIX.1-2017, Base Definitions 9.4";
const UNDEFINED: &str = "POSIX.1-2017, Base Definitions 9.4.3 and 9.4.6, which leave it undefined";
const LONGEST: &str =
    "POSIX.1-2017, Base Definitions 9.1: the longest of the leftmost matches; sub-patterns from left to right";
const INTERVAL: &str =
    "POSIX.1-2017, RE_DUP_MAX (255 at least); glibc posix/regex_internal.h, 32767; musl include/limits.h, 255";

matches! {
    "regex.extended.empty-alternative-last", "an empty alternative at the end", UNDEFINED, EXTENDED, b"a(b|)c" in b"ac";
    "regex.extended.empty-alternative-first", "an empty alternative at the start", UNDEFINED, EXTENDED, b"(|a)b" in b"b";
    "regex.extended.empty-alternative-middle", "an empty alternative between two", UNDEFINED, EXTENDED, b"a(b||c)d" in b"ad";
    "regex.extended.empty-alternative-whole", "a bar and nothing before it", UNDEFINED, EXTENDED, b"|a" in b"a";
    "regex.extended.empty-group", "(), nothing in a group", UNDEFINED, EXTENDED, b"a()b" in b"ab";
    "regex.extended.empty", "an empty expression", UNDEFINED, EXTENDED, b"" in b"abc";
    "regex.extended.star-first", "a star at the start", UNDEFINED, EXTENDED, b"*a" in b"a *a";
    "regex.extended.plus-first", "a plus at the start", UNDEFINED, EXTENDED, b"+a" in b"a +a";
    "regex.extended.question-first", "a question mark at the start", UNDEFINED, EXTENDED, b"?a" in b"a ?a";
    "regex.extended.star-after-group", "a star after (", UNDEFINED, EXTENDED, b"(*a)" in b"a *a";
    "regex.extended.star-after-bar", "a star after |", UNDEFINED, EXTENDED, b"x|*a" in b"*a";
    "regex.extended.star-after-caret", "a star after ^", UNDEFINED, EXTENDED, b"^*a" in b"*a";
    "regex.extended.star-star", "two stars", UNDEFINED, EXTENDED, b"a**b" in b"aab";
    "regex.extended.plus-plus", "two pluses, as possessive elsewhere", UNDEFINED, EXTENDED, b"a++" in b"aaa";
    "regex.extended.lazy", "*?, lazy elsewhere", "musl src/regex/regcomp.c, which once knew it as minimal (REG_UNGREEDY); undefined by POSIX.1-2017, 9.4.6", EXTENDED, b"a.*?b" in b"aabab";
    "regex.extended.lazy-plus", "+?, lazy elsewhere", UNDEFINED, EXTENDED, b"a+?" in b"aaa";
    "regex.extended.non-capturing", "(?:, a group without a number elsewhere", UNDEFINED, EXTENDED, b"(?:a)b" in b"ab";
    "regex.extended.inline-flag", "(?i), a flag elsewhere", UNDEFINED, EXTENDED, b"(?i)a" in b"A";
    "regex.extended.brace-first", "a brace at the start", UNDEFINED, EXTENDED, b"{1}a" in b"{1}a";
    "regex.extended.brace-text", "a brace that begins no interval", UNDEFINED, EXTENDED, b"a{b}" in b"a{b}";
    "regex.extended.brace-open", "a brace at the end", UNDEFINED, EXTENDED, b"a{" in b"a{";
    "regex.extended.brace-closed", "a closing brace alone", POSIX, EXTENDED, b"a}" in b"a}";
    "regex.extended.interval", "an interval", POSIX, EXTENDED, b"a{2,3}" in b"aaaa";
    "regex.extended.interval-from-none", "{,2}, an interval from none", "GNU's own; POSIX.1-2017, Base Definitions 9.4.6; musl src/regex/regcomp.c, parse_dup", EXTENDED, b"a{,2}b" in b"aaab";
    "regex.extended.interval-zero", "an interval of none", POSIX, EXTENDED, b"ba{0}c" in b"bc";
    "regex.extended.interval-zero-group", "a group no times", POSIX, EXTENDED, b"b(a){0}c" in b"bc";
    "regex.extended.interval-255", "an interval as long as POSIX grants", INTERVAL, EXTENDED, b"^a{255}" in b"a";
    "regex.extended.interval-256", "an interval longer than POSIX grants", INTERVAL, EXTENDED, b"^a{256}" in b"a";
    "regex.extended.interval-1000", "an interval of a thousand", INTERVAL, EXTENDED, b"^a{0,1000}$" in b"a";
    "regex.extended.interval-32768", "an interval of 32768", INTERVAL, EXTENDED, b"^a{32768}" in b"a";
    "regex.extended.interval-nested", "intervals within each other", INTERVAL, EXTENDED, b"^((a{1,20}){1,20}){1,3}$" in b"aaaa";
    "regex.extended.back-reference", "a back-reference, which extended expressions do not have", UNDEFINED, EXTENDED, br"(a+)b\1" in b"aabaa";
    "regex.extended.back-reference-alternative", "a back-reference to an alternative that did not take part", UNDEFINED, EXTENDED, br"(a)|b\1" in b"b";
    "regex.extended.back-reference-none", "a back-reference to no group", UNDEFINED, EXTENDED, br"a\2(b)" in b"ab";
    "regex.extended.caret-middle", "a caret in the middle, an anchor", POSIX, EXTENDED, b"a^b" in b"a^b";
    "regex.extended.dollar-middle", "a dollar sign in the middle, an anchor", POSIX, EXTENDED, b"a$b" in b"a$b";
    "regex.extended.caret-group", "anchors within groups", POSIX, EXTENDED, b"(^a|b)(c$|d)" in b"xbc";
    "regex.extended.anchors-repeated", "an anchor with a star", UNDEFINED, EXTENDED, b"(^)*a" in b"xa";
    "regex.extended.longest-alternative", "the longest of two alternatives", LONGEST, EXTENDED, b"a|ab|abc" in b"xabcd";
    "regex.extended.longest-overlap", "the longest whole match over several groups", LONGEST, EXTENDED, b"(a|ab)(c|bcd)(d*)" in b"abcd";
    "regex.extended.longest-star", "alternatives of several lengths, repeated", LONGEST, EXTENDED, b"(a|ab|c|bcd)*(d*)" in b"ababcd";
    "regex.extended.last-iteration", "the place of a repeated group", LONGEST, EXTENDED, b"(a|b)*" in b"abb";
    "regex.extended.stale-group", "a group that the last repetition did not use", LONGEST, EXTENDED, b"((a)|b)*" in b"ab";
    "regex.extended.stale-inner", "an inner group that the last repetition did not use", LONGEST, EXTENDED, b"(a(b)?)+" in b"aba";
    "regex.extended.empty-iteration", "a repeated group that can be empty", LONGEST, EXTENDED, b"(a*)*" in b"b";
    "regex.extended.empty-iteration-plus", "a group repeated once at least that can be empty", LONGEST, EXTENDED, b"(a*)+" in b"aab";
    "regex.extended.empty-iteration-end", "an empty last repetition", LONGEST, EXTENDED, b"(a|b*)*" in b"abb-";
    "regex.extended.optional-groups", "which of two optional groups takes the letter", LONGEST, EXTENDED, b"(a?)(a?)(ab)?" in b"aab";
    "regex.extended.nested-star", "the places of nested repeated groups", LONGEST, EXTENDED, b"((a*)(b*))*" in b"aabba";
    "regex.extended.icase", "letters of either case", POSIX, EXTENDED | ICASE, b"aBc" in b"xAbC";
    "regex.extended.icase-range", "a range of either case", POSIX, EXTENDED | ICASE, b"[a-c]+" in b"ABCD";
    "regex.extended.icase-umlaut", "a letter of the locale of either case", POSIX, EXTENDED | ICASE, b"\xc3\xa4" in b"\xc3\x84" => utf8;
    "regex.extended.icase-negated", "a negated range of either case", POSIX, EXTENDED | ICASE, b"[^a-c]+" in b"ABCD";
    "regex.extended.nosub", "REG_NOSUB and a back-reference", POSIX, EXTENDED | NOSUB, br"(a)\1" in b"aa";
}
