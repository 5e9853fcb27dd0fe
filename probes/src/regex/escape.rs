//! Escapes that GNU and BSD added, and those that POSIX leaves undefined.

use super::matching::matches;

const GNU: &str = "regex(7); glibc posix/regcomp.c, peek_token; musl src/regex/regcomp.c, tre_expand_macro; POSIX leaves it undefined";
const POSIX: &str = "POSIX.1-2017, Base Definitions 9.4.3: an ordinary character after a backslash is undefined";

matches! {
    "regex.escape.w", r"\w, a word character", GNU, EXTENDED, br"\w+" in b"--ab_9--";
    "regex.escape.W", r"\W, no word character", GNU, EXTENDED, br"\W+" in b"ab-+cd";
    "regex.escape.s", r"\s, a space", GNU, EXTENDED, br"a\s+b" in b"xa \t b";
    "regex.escape.S", r"\S, no space", GNU, EXTENDED, br"\S+" in b"  ab c";
    "regex.escape.d", r"\d, a digit elsewhere", GNU, EXTENDED, br"\d+" in b"ddd 123";
    "regex.escape.D", r"\D, no digit elsewhere", GNU, EXTENDED, br"\D+" in b"12DD34ab";
    "regex.escape.b", r"\b, the edge of a word", GNU, EXTENDED, br"\bcat\b" in b"concat cat";
    "regex.escape.B", r"\B, within a word", GNU, EXTENDED, br"\Bcat" in b"cat concat";
    "regex.escape.word-start", r"\<, the start of a word", GNU, EXTENDED, br"\<cat" in b"concat cats";
    "regex.escape.word-end", r"\>, the end of a word", GNU, EXTENDED, br"cat\>" in b"cats concat";
    "regex.escape.buffer-start", r"\`, the start of the text", GNU, EXTENDED, br"\`a" in b"a`a";
    "regex.escape.buffer-end", r"\', the end of the text", GNU, EXTENDED, br"a\'" in b"a'a";
    "regex.escape.n", r"\n, a line feed elsewhere", POSIX, EXTENDED, br"a\nb" in b"anb a\nb";
    "regex.escape.t", r"\t, a tab elsewhere", POSIX, EXTENDED, br"a\tb" in b"atb a\tb";
    "regex.escape.x", r"\x41, a byte by number elsewhere", GNU, EXTENDED, br"\x41" in b"x41 A";
    "regex.escape.x-braces", r"\x{41}, a character by number elsewhere", GNU, EXTENDED, br"\x{41}" in b"x{41} A";
    "regex.escape.x-many", r"\x followed by no number", GNU, EXTENDED, br"\xyz" in b"xyz";
    "regex.escape.e", r"\e, escape elsewhere", GNU, EXTENDED, br"\e" in b"e\x1b";
    "regex.escape.a", r"\a, the bell elsewhere", GNU, EXTENDED, br"\a" in b"a\x07";
    "regex.escape.Q", r"\Q and \E, quoting elsewhere", GNU, EXTENDED, br"\Qa.b\E" in b"Qa.bE a.b";
    "regex.escape.u", r"\u, an escape that means nothing", POSIX, EXTENDED, br"\u" in b"u";
    "regex.escape.percent", r"\%, a punctuation mark", POSIX, EXTENDED, br"\%" in b"a%";
    "regex.escape.slash", r"\/, as sed users write it", POSIX, EXTENDED, br"a\/b" in b"a/b";
    "regex.escape.hyphen", r"\-, a hyphen", POSIX, EXTENDED, br"a\-b" in b"a-b";
    "regex.escape.close-bracket", r"\], a bracket outside of brackets", POSIX, EXTENDED, br"\]" in b"a]";
    "regex.escape.close-brace", r"\}, a brace in an extended expression", POSIX, EXTENDED, br"a\}" in b"a}";
    "regex.escape.w-basic", r"\w in a basic expression", GNU, BASIC, br"\w\w*" in b"--ab_9--";
    "regex.escape.w-bracket", r"\w within brackets", POSIX, EXTENDED, br"[\w]+" in br"ab \w";
    "regex.escape.w-umlaut", r"\w and a letter of the locale", GNU, EXTENDED, br"\w+" in b"-b\xc3\xa4r-" => utf8;
    "regex.escape.b-umlaut", r"\b beside a letter of the locale", GNU, EXTENDED, br"\br" in b"b\xc3\xa4r r" => utf8;
    "regex.escape.b-repeated", r"\b with a star", GNU, EXTENDED, br"a\b*c" in b"abc ac";
}
