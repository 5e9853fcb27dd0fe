//! What `libcdiff fuzz` has found among patterns and options: one input of its targets each.

use crate::case::{Needs, cases};
use crate::fuzz::{found, targets};
use crate::outcome::Outcome;
use crate::sys::process::{End, in_child};
use crate::sys::regex::paths::fnmatch;
use crate::sys::regex::words::expand;

const CAPITALS: &str = "POSIX.1-2017, Base Definitions 9.2; glibc posix/regex_internal.c, build_upper_buffer; \
    musl src/regex/regcomp.c, parse_bracket; found by libcdiff fuzz";
const PERIOD: &str = "POSIX.1-2017, Shell Command Language 2.13.3; musl src/regex/fnmatch.c; glibc posix/fnmatch_loop.c; \
    found by libcdiff fuzz";
const DASH: &str = "getopt(3); glibc posix/getopt.c; musl src/misc/getopt.c; found by libcdiff fuzz";
const LONG_ONLY: &str = "getopt_long_only(3); glibc posix/getopt.c, process_long_option; musl src/misc/getopt_long.c; found by libcdiff fuzz";
const ENDLESS: &str = "POSIX.1-2017 fnmatch(); musl src/regex/fnmatch.c, pat_next, fnmatch; found by libcdiff fuzz";
const EMPTY: &str = "POSIX.1-2017 wordexp(); glibc posix/wordexp.c, parse_arith; found by libcdiff fuzz";

const LEFTMOST: &str = "POSIX.1-2017, Base Definitions 9.1, the leftmost match; musl src/regex/regexec.c; \
    glibc posix/regexec.c; found by libcdiff fuzz";
const GROUPS: &str = "POSIX.1-2017 regexec(), rules for pmatch; musl src/regex/regcomp.c, regexec.c; \
    glibc posix/regexec.c; found by libcdiff fuzz";
const EDGE: &str =
    "regex(7), \\b and \\B; musl src/regex/regexec.c, CHECK_ASSERTIONS; glibc posix/regexec.c; found by libcdiff fuzz";

/// Asks `fnmatch` with FNM_PATHNAME in a child, since some never come back.
fn patient(o: &mut Outcome, pattern: &'static [u8], name: &'static [u8], utf8: bool) {
    if utf8 && !super::take_locale(o) {
        return;
    }
    let Some(child) = o.need("starting a child", in_child(4, || fnmatch(pattern, name, libc::FNM_PATHNAME))) else {
        return;
    };
    let said = match child.end {
        End::Exited(0) => "match",
        End::Exited(1) => "FNM_NOMATCH",
        End::Exited(_) => "an error",
        _ => "no answer within four seconds",
    };
    o.fact("fnmatch", said);
}

/// Asks `wordexp` in a child, since some crash; its value is the child's exit code. What a shell says is left out.
fn careful(o: &mut Outcome, text: &str) {
    let Some(child) = o.need("starting a child", in_child(8, || expand(&[text], super::words::NOCMD).0)) else {
        return;
    };
    o.fact("end", heap::format!("{}", child.end));
}

cases! {
    "regex.found.wordexp-arithmetic-empty", "arithmetic of nothing", "What does wordexp make of $(())?",
        EMPTY, super::words::HERE, |o| careful(o, "$(())");
    "regex.found.fnmatch-endless", "a byte that is no UTF-8, with FNM_PATHNAME",
        "Does fnmatch(\"*\\377\", \"ab\", FNM_PATHNAME) come back in a UTF-8 locale?",
        ENDLESS, super::GERMAN, |o| patient(o, b"*\xff", b"ab", true);
    "regex.found.fnmatch-endless-c", "the same in the C locale",
        "Does fnmatch(\"*\\377\", \"ab\", FNM_PATHNAME) come back in the C locale?",
        ENDLESS, Needs::NOTHING, |o| patient(o, b"*\xff", b"ab", false);
    "regex.found.fnmatch-endless-later", "the byte behind a folder that does not match",
        "Does fnmatch(\"a/\\377\", \"b/x\", FNM_PATHNAME) come back in a UTF-8 locale?",
        ENDLESS, super::GERMAN, |o| patient(o, b"a/\xff", b"b/x", true);
    "regex.found.getopt-lone-dash", "a lone dash where operands are handed out",
        "Does getopt hand out a lone dash where the options begin with -?",
        DASH, Needs::NOTHING, |o| found(o, &targets::options::TARGET, &[b"", b"-ab", b"", b"- -a"]);
    "regex.found.getopt-long-lone-dash", "a lone dash where operands are handed out, by getopt_long",
        "Does getopt_long hand out a lone dash where the options begin with -?",
        DASH, Needs::NOTHING, |o| found(o, &targets::options::TARGET, &[b"l", b"-ab", b"all", b"- -a"]);
    "regex.found.long-only-argument", "-b=1 where b is a long and a short option",
        "Does getopt_long_only read -b=1 as the long option or as the letter?",
        LONG_ONLY, Needs::NOTHING, |o| found(o, &targets::options::TARGET, &[b"o", b"b:", b"b=", b"-b=1"]);
    "regex.found.long-only-letter", "-a= where a is a long and a short option",
        "Does getopt_long_only read -a= as the long option or as letters?",
        LONG_ONLY, Needs::NOTHING, |o| found(o, &targets::options::TARGET, &[b"o", b"a", b"a", b"-a="]);
    "regex.found.long-only-unknown", "a word that is no option",
        "What does getopt_long_only make of -zx where x is an option?",
        LONG_ONLY, Needs::NOTHING, |o| found(o, &targets::options::TARGET, &[b"o", b"x", b"", b"-zx"]);
    "regex.found.long-only-ambiguous", "an abbreviation of two options that begins with a letter",
        "What does getopt_long_only make of -al where there are all, alter and the letter a?",
        LONG_ONLY, Needs::NOTHING, |o| found(o, &targets::options::TARGET, &[b"o", b"a", b"all alter", b"-al"]);
    "regex.found.empty-alternative", "the end, or nothing", "Where in X does $| match?",
        LEFTMOST, Needs::NOTHING, |o| found(o, &targets::expressions::TARGET, &[b"$|", b"x", b"X"]);
    "regex.found.empty-alternative-first", "nothing, or the end", "Where in X does |$ match?",
        LEFTMOST, Needs::NOTHING, |o| found(o, &targets::expressions::TARGET, &[b"|$", b"x", b"X"]);
    "regex.found.empty-group", "an empty group in an alternative that is not taken", "Does ()|. report its group where b was matched?",
        GROUPS, Needs::NOTHING, |o| found(o, &targets::expressions::TARGET, &[b"()|.", b"x", b"b"]);
    "regex.found.empty-group-behind", "an empty group behind a letter in an alternative that is not taken",
        "Does a()|b report its group where b was matched?",
        GROUPS, Needs::NOTHING, |o| found(o, &targets::expressions::TARGET, &[b"a()|b", b"x", b"b"]);
    "regex.found.filled-group", "a group with letters in an alternative that is not taken", "Does (a)|b report its group where b was matched?",
        GROUPS, Needs::NOTHING, |o| found(o, &targets::expressions::TARGET, &[b"(a)|b", b"x", b"b"]);
    "regex.found.word-edge-start", "the edge of a word before a dash at the start", "Does \\b- match at the start of -a?",
        EDGE, Needs::NOTHING, |o| found(o, &targets::expressions::TARGET, &[b"\\b-", b"", b"-a"]);
    "regex.found.word-edge-nothing", "the edge of a word in an empty text", "Does \\b match an empty text?",
        EDGE, Needs::NOTHING, |o| found(o, &targets::expressions::TARGET, &[b"\\b", b"", b""]);
    "regex.found.no-word-edge", "no edge of a word in a text without words", "Does \\B match a dash alone?",
        EDGE, Needs::NOTHING, |o| found(o, &targets::expressions::TARGET, &[b"\\B-", b"", b"-"]);
    "regex.found.word-start", "the start of a word before a dash at the start", "Does \\<- match at the start of -a?",
        EDGE, Needs::NOTHING, |o| found(o, &targets::expressions::TARGET, &[b"\\<-", b"", b"-a"]);
    "regex.found.ignore-case-range", "a range of digits and capitals, without regard to case", "Is c in [0-a] with REG_ICASE?",
        CAPITALS, Needs::NOTHING, |o| found(o, &targets::expressions::TARGET, &[b"[0-a]", b"i", b"c"]);
    "regex.found.ignore-case-range-reversed", "a range from a capital to a small letter, without regard to case",
        "Is [X-a] a range with REG_ICASE?",
        CAPITALS, Needs::NOTHING, |o| found(o, &targets::expressions::TARGET, &[b"[X-a]", b"i", b"x"]);
    "regex.found.ignore-case-escaped", "a backslash before a letter, without regard to case", "Does \\c match c with REG_ICASE?",
        CAPITALS, Needs::NOTHING, |o| found(o, &targets::expressions::TARGET, &[b"\\c", b"i", b"c"]);
    "regex.remedy.ignore-case-ranges", "remedy: ranges of one kind of character", "Is C in [0-9a-z] with REG_ICASE?",
        CAPITALS, Needs::NOTHING, |o| found(o, &targets::expressions::TARGET, &[b"[0-9a-z]", b"i", b"C"]);
    "regex.found.period-escaped", "an escaped period at the start", "Does \\.a match .a with FNM_PERIOD?",
        PERIOD, Needs::NOTHING, |o| found(o, &targets::patterns::FNMATCH, &[b"\\.a", b"p", b".a"]);
    "regex.remedy.period-plain", "remedy: a plain period at the start", "Does .a match .a with FNM_PERIOD?",
        PERIOD, Needs::NOTHING, |o| found(o, &targets::patterns::FNMATCH, &[b".a", b"p", b".a"]);
}
