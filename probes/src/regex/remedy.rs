//! Remedies: the portable way to what other cases show to differ. Each of these answers alike in every C library, which
//! is the proof that the remedy works.

use crate::case::{Case, File, Needs};
use crate::outcome::Outcome;
use crate::sys::regex::options::{Reader, read};
use crate::sys::regex::paths::{fnmatch, glob};
use crate::sys::regex::words::expand;
use crate::sys::regex::{Found, Regex};
use crate::text;

use super::matching::{BASIC, EXTENDED, NEWLINE};

const REGEX: &str = "POSIX.1-2017, Base Definitions 9";
const FILES: Needs = Needs::NOTHING.files(&[
    File { path: "/opt/g/a.txt", content: b"" },
    File { path: "/opt/g/c.c", content: b"" },
    File { path: "/opt/g/folder/inner.c", content: b"" },
]);

const fn case(
    id: &'static str,
    title: &'static str,
    question: &'static str,
    source: &'static str,
    needs: Needs,
    run: fn(&mut Outcome),
) -> Case {
    Case { id, title, question, source, needs, run }
}

const NOTHING: Needs = Needs::NOTHING;

/// The cases of this table.
pub const CASES: &[Case] = &[
    case(
        "regex.remedy.digits",
        "remedy: [0-9] for a digit",
        "Does [0-9] find digits alike everywhere, where \\d does not?",
        REGEX,
        NOTHING,
        |o| search(&[(b"[0-9]+", EXTENDED, b"ddd 123"), (b"[[:digit:]]+", EXTENDED, b"ddd 123")], o),
    ),
    case(
        "regex.remedy.line-feed",
        "remedy: the character itself for an escape",
        "Are a line feed and a tab found alike everywhere when the expression holds them as they are?",
        REGEX,
        NOTHING,
        |o| search(&[(b"a\nb", EXTENDED, b"anb a\nb"), (b"a[\t]b", EXTENDED, b"atb a\tb")], o),
    ),
    case(
        "regex.remedy.buffer-edges",
        "remedy: ^ and $ without REG_NEWLINE",
        "Do ^ and $ mean the ends of the whole text everywhere, as \\` and \\' do in glibc?",
        REGEX,
        NOTHING,
        |o| search(&[(b"^a", EXTENDED, b"b\na"), (b"a$", EXTENDED, b"a\nb")], o),
    ),
    case(
        "regex.remedy.optional",
        "remedy: ? for an empty alternative",
        "Does (b)? do everywhere what an empty alternative does in some?",
        REGEX,
        NOTHING,
        |o| search(&[(b"a(b)?c", EXTENDED, b"ac"), (b"a(b)?c", EXTENDED, b"abc")], o),
    ),
    case(
        "regex.remedy.star-literal",
        "remedy: [*] for a star",
        "Is [*] the character everywhere, at any place?",
        REGEX,
        NOTHING,
        |o| {
            search(
                &[
                    (b"[*]a", EXTENDED, b"a *a"),
                    (br"\([*]a\)", BASIC, b"a *a"),
                    (b"[+]a", EXTENDED, b"a +a"),
                    (b"a[{]b}", EXTENDED, b"a{b}"),
                ],
                o,
            );
        },
    ),
    case(
        "regex.remedy.long-interval",
        "remedy: a long interval from two short ones",
        "Does an interval within an interval count beyond 255 everywhere?",
        REGEX,
        NOTHING,
        long_interval,
    ),
    case(
        "regex.remedy.interval-zero",
        "remedy: {0,2} for {,2}",
        "Does an interval that names its zero work alike everywhere?",
        REGEX,
        NOTHING,
        |o| search(&[(b"a{0,2}b", EXTENDED, b"aaab"), (br"a\{0,2\}b", BASIC, b"aab")], o),
    ),
    case(
        "regex.remedy.outer-group",
        "remedy: places of single letters",
        "Are places of sub-expressions reported alike everywhere when no group is repeated?",
        REGEX,
        NOTHING,
        |o| search(&[(b"([a-z]+)=([0-9]*)", EXTENDED, b" ab=12;"), (b"(abc|ab|a)(d*)", EXTENDED, b"abcd")], o),
    ),
    case(
        "regex.remedy.lines",
        "remedy: REG_NEWLINE with sets that name the line feed",
        "Does a set that leaves out the line feed itself stay within its line everywhere?",
        REGEX,
        NOTHING,
        |o| search(&[(b"a[^b\n]c", EXTENDED | NEWLINE, b"a\nc a-c")], o),
    ),
    case(
        "regex.remedy.part",
        "remedy: a copy of the part for REG_STARTEND",
        "Is a part of a text searched alike everywhere when it is copied, with REG_NOTBOL and REG_NOTEOL?",
        "POSIX.1-2017 regexec(); glibc posix/regexec.c, REG_STARTEND",
        NOTHING,
        part,
    ),
    case(
        "regex.remedy.extended-match",
        "remedy: a regular expression for an extended pattern",
        "Does an expression match everywhere what @(a|b).c matches where FNM_EXTMATCH is there?",
        "POSIX.1-2017 regcomp(), fnmatch()",
        NOTHING,
        |o| search(&[(br"^(a|b)\.c$", EXTENDED, b"b.c"), (br"^[0-9]+$", EXTENDED, b"2024")], o),
    ),
    case(
        "regex.remedy.each-alternative",
        "remedy: fnmatch for each alternative",
        "Does fnmatch answer alike everywhere when alternatives are asked one by one?",
        "POSIX.1-2017 fnmatch()",
        NOTHING,
        |o| {
            let any = [&b"a.c"[..], b"b.c"].iter().any(|pattern| fnmatch(pattern, b"b.c", 0) == 0);
            o.fact("match", any);
        },
    ),
    case(
        "regex.remedy.braces",
        "remedy: GLOB_APPEND for braces",
        "Does glob find everywhere by GLOB_APPEND what braces find in glibc?",
        "POSIX.1-2017 glob()",
        FILES,
        |o| found(&["/opt/g/c.*", "/opt/g/a.*"], o),
    ),
    case(
        "regex.remedy.folders",
        "remedy: a slash at the end for GLOB_ONLYDIR",
        "Does a slash at the end leave folders alone everywhere?",
        "POSIX.1-2017, Shell & Utilities 2.13.3",
        FILES,
        |o| found(&["/opt/g/*/"], o),
    ),
    case(
        "regex.remedy.options-first",
        "remedy: options before operands",
        "Does getopt read alike everywhere when options come before operands?",
        "POSIX.1-2017, Base Definitions 12.2, guideline 9",
        NOTHING,
        |o| options(Reader::Short, "ab:", &["-a", "-b", "x", "file"], o),
    ),
    case(
        "regex.remedy.getopt-long",
        "remedy: getopt_long without long options in use",
        "Does getopt_long find short options after operands everywhere, where getopt does not?",
        "getopt_long(3); musl src/misc/getopt_long.c",
        NOTHING,
        |o| options(Reader::Long, "ab:", &["file", "-a", "-b", "x"], o),
    ),
    case(
        "regex.remedy.getopt-long-plus",
        "remedy: + for the first operand as the end",
        "Does getopt_long stop at the first operand everywhere when the options begin with a plus sign?",
        "getopt_long(3); musl src/misc/getopt_long.c",
        NOTHING,
        |o| options(Reader::Long, "+ab:", &["-a", "file", "-b", "x"], o),
    ),
    case(
        "regex.remedy.words-checked",
        "remedy: WRDE_NOCMD against other people's text",
        "Does wordexp refuse a semicolon everywhere, without running anything, when WRDE_NOCMD is given?",
        "POSIX.1-2017 wordexp(); musl src/misc/wordexp.c",
        NOTHING,
        |o| {
            // WRDE_NOCMD
            let (code, words) = expand(&["a ; b"], 4);
            o.fact("wordexp", if code == 2 { "WRDE_BADCHAR".into() } else { heap::format!("{code}") });
            o.fact("words", words.len());
        },
    ),
];

/// Searches one text after the other, a line for each.
fn search(rows: &[(&[u8], i32, &[u8])], o: &mut Outcome) {
    for (pattern, flags, input) in rows {
        let (shown, regex) = (text::bytes(pattern), Regex::compile(pattern, *flags));
        match regex.map(|regex| regex.execute(input, 0, None)) {
            Ok(Some(Found { code: 0, places })) => {
                let (start, end) = places[0];
                o.line(format_args!("{shown:?}: {start}-{end}"));
            }
            Ok(Some(found)) => o.line(format_args!("{shown:?}: {}", super::matching::code_name(found.code))),
            Ok(None) => o.unsupported("this C library has no regexec"),
            Err(code) => o.line(format_args!("{shown:?}: {}", super::matching::code_name(code))),
        }
    }
}

fn long_interval(o: &mut Outcome) {
    let [exact, short] = [256, 255].map(|n| heap::vec![b'a'; n]);
    for input in [exact, short] {
        match Regex::compile(b"^(a{128}){2}$", EXTENDED).map(|regex| regex.execute(&input, 0, None)) {
            Ok(Some(found)) => o.line(format_args!("{}: {}", input.len(), super::matching::code_name(found.code))),
            Ok(None) => o.unsupported("this C library has no regexec"),
            Err(code) => o.line(super::matching::code_name(code)),
        }
    }
}

/// Bytes 4 to 6 of a text, as a text of their own.
fn part(o: &mut Outcome) {
    let whole = b"aaaXaaaa";
    match Regex::compile(b"a+", EXTENDED)
        .map(|regex| regex.execute(&whole[4..6], libc::REG_NOTBOL | libc::REG_NOTEOL, None))
    {
        Ok(Some(found)) => {
            o.fact("start", found.places[0].0 + 4);
            o.fact("end", found.places[0].1 + 4);
        }
        Ok(None) => o.unsupported("this C library has no regexec"),
        Err(code) => o.line(super::matching::code_name(code)),
    }
}

fn found(patterns: &[&str], o: &mut Outcome) {
    match glob(patterns, 0, false) {
        Some(found) => o.fact("paths", found.paths.join(" ")),
        None => o.unsupported("this C library has no glob"),
    }
}

fn options(reader: Reader, short: &str, arguments: &[&str], o: &mut Outcome) {
    match read(reader, arguments, short, false, None) {
        Ok(read) => {
            let codes = read.steps.iter().map(|s| u8::try_from(s.code).map_or('?', char::from));
            o.fact("options", codes.collect::<heap::string::String>());
            o.fact("operands", read.arguments[usize::try_from(read.index - 1).unwrap_or(0)..].join(" "));
        }
        Err(e) => o.broke(format_args!("catching standard error: {}", text::errno(e.0))),
    }
}
