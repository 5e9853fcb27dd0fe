//! Basic expressions: what is special where, and GNU's additions to them.

use super::matching::matches;

const GNU: &str = "regex(7); musl WHATSNEW 1.1.13 (BRE alternation and repetition); glibc posix/regcomp.c; undefined by POSIX.1-2017, 9.3.2";
const POSIX: &str = "POSIX.1-2017, Base Definitions 9.3";

matches! {
    "regex.basic.alternation", r"\| in a basic expression", GNU, BASIC, br"a\|b" in b"xb a|b";
    "regex.basic.plus", r"\+ in a basic expression", GNU, BASIC, br"ab\+" in b"xabbb";
    "regex.basic.question", r"\? in a basic expression", GNU, BASIC, br"ab\?c" in b"xac";
    "regex.basic.plain-plus", "+ without a backslash", POSIX, BASIC, b"ab+" in b"abb ab+";
    "regex.basic.plain-alternation", "| without a backslash", POSIX, BASIC, b"a|b" in b"a b a|b";
    "regex.basic.plain-parentheses", "parentheses without backslashes", POSIX, BASIC, b"(a)" in b"a (a)";
    "regex.basic.plain-braces", "braces without backslashes", POSIX, BASIC, b"a{2}" in b"aa a{2}";
    "regex.basic.star-first", "a star at the start", POSIX, BASIC, b"*a" in b"a *a";
    "regex.basic.star-after-group", r"a star after \(", POSIX, BASIC, br"\(*a\)" in b"a *a";
    "regex.basic.star-after-anchor", "a star after the anchor", POSIX, BASIC, b"^*a" in b"*a";
    "regex.basic.star-after-alternation", r"a star after \|", GNU, BASIC, br"x\|*a" in b"a *a";
    "regex.basic.star-star", "two stars", POSIX, BASIC, b"a**b" in b"aab";
    "regex.basic.caret-middle", "a caret in the middle", POSIX, BASIC, b"a^b" in b"a^b";
    "regex.basic.dollar-middle", "a dollar sign in the middle", POSIX, BASIC, b"a$b" in b"a$b";
    "regex.basic.caret-after-group", r"a caret after \(", POSIX, BASIC, br"\(^a\)b" in b"xab ^ab";
    "regex.basic.caret-second-group", r"a caret after \( in the middle", POSIX, BASIC, br"x\(^a\)" in b"x^a xa";
    "regex.basic.dollar-before-group-end", r"a dollar sign before \)", POSIX, BASIC, br"a\(b$\)" in b"abx ab";
    "regex.basic.caret-after-alternation", r"a caret after \|", GNU, BASIC, br"x\|^a" in b"ba^a";
    "regex.basic.empty-group", r"\(\), nothing in a group", POSIX, BASIC, br"a\(\)b" in b"ab";
    "regex.basic.interval", "an interval", POSIX, BASIC, br"a\{2,3\}" in b"aaaa";
    "regex.basic.interval-first", "an interval at the start", POSIX, BASIC, br"\{1\}a" in b"{1}a";
    "regex.basic.interval-open", "an interval from none", "POSIX.1-2017, Base Definitions 9.3.6; GNU's own {,n}", BASIC, br"a\{,2\}b" in b"aab";
    "regex.basic.back-reference", "a back-reference", POSIX, BASIC, br"\(a*\)b\1" in b"aabaa";
    "regex.basic.back-reference-repeated", "a back-reference with a star", POSIX, BASIC, br"\(ab\)\1*" in b"ababab";
    "regex.basic.back-reference-nested", "a back-reference within its group", POSIX, BASIC, br"\(a\1\)" in b"aa";
    "regex.basic.back-reference-forward", "a back-reference before its group", POSIX, BASIC, br"\1\(a\)" in b"aa";
    "regex.basic.back-reference-case", "a back-reference that ignores case", POSIX, BASIC | ICASE, br"\(a\)\1" in b"xaA";
}
