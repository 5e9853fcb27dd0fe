//! `glob`, over files that the case brings along.

use crate::case::{File, Needs};
use crate::outcome::Outcome;
use crate::sys::regex::paths::{Paths, glob, glob_through_functions};
use crate::sys::regex::use_locale;

const POSIX: &str = "POSIX.1-2017 glob()";
const GNU: &str = "glob(3); glibc posix/glob.c; musl src/regex/glob.c";
const FOUND: &str = "POSIX.1-2017 glob(); glibc posix/glob.c; musl src/regex/glob.c; found by libcdiff fuzz";

const NONE: i32 = 0;
const ERR: i32 = 1;
const MARK: i32 = 2;
const NOSORT: i32 = 4;
const NOCHECK: i32 = 16;
const NOESCAPE: i32 = 64;
const PERIOD: i32 = 128;
/// glibc's values; musl knows neither of these five.
const ALTDIRFUNC: i32 = 512;
const BRACE: i32 = 1 << 10;
const NOMAGIC: i32 = 1 << 11;
const ONLYDIR: i32 = 1 << 13;
/// The same in both families.
const TILDE: i32 = 1 << 12;
const TILDE_CHECK: i32 = 1 << 14;

const fn file(path: &'static str) -> File {
    File { path, content: b"" }
}

/// The files that patterns are to find, one user whose home they are, and where users are looked up.
const FILES: &[File] = &[
    file("/opt/g/B.txt"),
    file("/opt/g/a.txt"),
    file("/opt/g/c.c"),
    file("/opt/g/.hidden"),
    file("/opt/g/{a,b}"),
    file("/opt/g/st*r"),
    file("/opt/g/folder/inner.c"),
    file("/opt/g/folder.d/other.h"),
    file("/opt/g/\u{e4}.txt"),
    File { path: "/etc/passwd", content: b"root:x:0:0::/root:/bin/sh\nprobe:x:1000:1000::/opt/g:/bin/sh\n" },
    File { path: "/etc/nsswitch.conf", content: b"passwd: files\n" },
];
const LAID: Needs = Needs::NOTHING.files(FILES).env(&[("HOME", "/opt/g")]);

fn describe(found: Option<Paths>, o: &mut Outcome) {
    let Some(found) = found else { return o.unsupported("this C library has no glob") };
    let code = match found.code {
        0 => "0",
        1 => "GLOB_NOSPACE",
        2 => "GLOB_ABORTED",
        3 => "GLOB_NOMATCH",
        _ => "another",
    };
    o.fact("glob", code);
    o.fact("errors_reported", found.errors);
    for path in &found.paths {
        o.line(format_args!("  {path}"));
    }
    o.measured("paths", found.paths);
}

macro_rules! globs {
    ($($id:literal, $title:literal, $source:expr, $($flag:ident)|+, $($pattern:literal)&&+;)*) => {
        const ROWS: &[crate::case::Case] = &[$(crate::case::Case {
            id: $id,
            title: $title,
            question: concat!(
                "What does glob find by ", $(stringify!($pattern), " ",)+ "(", stringify!($($flag)|+), "): ", $title, "?"
            ),
            source: $source,
            needs: LAID,
            run: |outcome| describe(glob(&[$($pattern),+], 0 $(| $flag)+, false), outcome),
        }),*];
    };
}

globs! {
    "regex.glob.star", "names in order", POSIX, NONE, "/opt/g/*";
    "regex.glob.brace", "braces", GNU, BRACE, "/opt/g/{c,a}.*";
    "regex.glob.brace-nested", "braces within braces", GNU, BRACE, "/opt/g/{a.txt,fol{der,k}/*}";
    "regex.glob.brace-empty", "braces around nothing", GNU, BRACE, "/opt/g/c{}.c";
    "regex.glob.brace-off", "braces without the flag", POSIX, NONE, "/opt/g/{a,b}";
    "regex.glob.brace-none", "braces of which none is there", GNU, BRACE, "/opt/g/{x,y}";
    "regex.glob.brace-nocheck", "braces of which none is there, with GLOB_NOCHECK", GNU, BRACE | NOCHECK, "/opt/g/{x,y}";
    "regex.glob.tilde", "the home folder", GNU, TILDE, "~/c.*";
    "regex.glob.tilde-user", "the home folder of a user", GNU, TILDE, "~probe/c.*";
    "regex.glob.tilde-unknown", "the home folder of nobody", GNU, TILDE, "~nobody-at-all/x";
    "regex.glob.tilde-unknown-check", "the home folder of nobody, with GLOB_TILDE_CHECK", GNU, TILDE_CHECK, "~nobody-at-all/x";
    "regex.glob.tilde-nocheck", "the home folder of nobody, with GLOB_NOCHECK", GNU, TILDE | NOCHECK, "~nobody-at-all/*";
    "regex.glob.tilde-alone", "the home folder alone", GNU, TILDE, "~";
    "regex.glob.tilde-off", "a tilde without the flag", POSIX, NONE, "~/c.*";
    "regex.glob.only-dir", "folders alone", GNU, ONLYDIR, "/opt/g/*";
    "regex.glob.only-dir-mark", "folders alone, marked", GNU, ONLYDIR | MARK, "/opt/g/*";
    "regex.glob.slash-last", "a slash at the end, for folders alone", POSIX, NONE, "/opt/g/*/";
    "regex.glob.slashes", "two slashes", POSIX, NONE, "/opt//g//c.*";
    "regex.glob.mark", "marked folders", POSIX, MARK, "/opt/g/f*";
    "regex.glob.mark-literal", "a marked folder by its plain name", POSIX, MARK, "/opt/g/folder";
    "regex.glob.period", "names that begin with a period, by a star", GNU, PERIOD, "/opt/g/*d*";
    "regex.glob.period-dots", "the folder itself and its parent", GNU, PERIOD, "/opt/g/folder/*";
    "regex.glob.period-explicit", "names that begin with a period, by a period", POSIX, NONE, "/opt/g/.*";
    "regex.glob.nomagic", "a plain name that is not there, with GLOB_NOMAGIC", GNU, NOMAGIC, "/opt/g/nothing";
    "regex.glob.nomagic-star", "a pattern that finds nothing, with GLOB_NOMAGIC", GNU, NOMAGIC, "/opt/g/x*";
    "regex.glob.nocheck", "a pattern that finds nothing, with GLOB_NOCHECK", POSIX, NOCHECK, "/opt/g/x*";
    "regex.glob.nomatch", "a pattern that finds nothing", POSIX, NONE, "/opt/g/x*";
    "regex.glob.no-folder", "a pattern in a folder that is not there", POSIX, NONE, "/opt/nothing/*";
    "regex.glob.no-folder-err", "a pattern in a folder that is not there, with GLOB_ERR", POSIX, ERR, "/opt/nothing/*";
    "regex.glob.not-a-folder-err", "a pattern below a file, with GLOB_ERR", POSIX, ERR, "/opt/g/c.c/*";
    "regex.glob.escape", "an escaped star", POSIX, NONE, "/opt/g/st\\*r";
    "regex.glob.escape-off", "a backslash with GLOB_NOESCAPE", POSIX, NOESCAPE, "/opt/g/st\\*r";
    "regex.glob.escape-slash", "an escaped slash", POSIX, NONE, "/opt\\/g/c.*";
    "regex.glob.escape-last", "a backslash at the end", POSIX, NOCHECK, "/opt/g/c\\";
    "regex.glob.bracket-slash", "a set that holds a slash", POSIX, NONE, "/opt[/]g/c.*";
    "regex.glob.append", "two patterns, sorted each", POSIX, NONE, "/opt/g/c.*" && "/opt/g/a.*";
    "regex.glob.append-nomatch", "a second pattern that finds nothing", POSIX, NONE, "/opt/g/c.*" && "/opt/g/x*";
    "regex.glob.nosort-braces", "braces without sorting", GNU, BRACE | NOSORT, "/opt/g/{c.c,a.txt,B.txt}";
    "regex.glob.double-star", "two stars", POSIX, NONE, "/opt/**/*.c";
    "regex.glob.umlaut-c", "a question mark for two bytes in the C locale", POSIX, NONE, "/opt/g/?.txt";
    "regex.glob.empty", "an empty pattern", POSIX, NONE, "";
    "regex.found.glob-file-slash", "a file with a slash behind", FOUND, NONE, "/opt/g/c.c/";
    "regex.found.glob-folder-slashes", "a folder with two slashes behind", FOUND, NONE, "/opt/g/folder//";
    "regex.found.glob-star-slashes", "a star with three slashes behind", FOUND, NONE, "/opt/g/f*r///";
    "regex.found.glob-nocheck-slash", "a pattern that ends in a slash and finds nothing, with GLOB_NOCHECK", FOUND, NOCHECK, "/opt/g/x*/";
    "regex.found.glob-mark-slash", "the root folder, marked", FOUND, MARK, "/";
}

const FUNCTIONS: crate::case::Case = crate::case::Case {
    id: "regex.glob.functions",
    title: "a folder read by functions of the program",
    question: "Does glob read folders through the program's functions (GLOB_ALTDIRFUNC), which show them as empty?",
    source: GNU,
    needs: LAID,
    run: |o| describe(glob_through_functions("/opt/g/c.*", ALTDIRFUNC), o),
};

const STOPPED: crate::case::Case = crate::case::Case {
    id: "regex.glob.error-stops",
    title: "a function for errors that asks to end",
    question: "Does glob end with GLOB_ABORTED when a folder cannot be read and the function for errors asks for it?",
    source: POSIX,
    needs: LAID,
    run: |o| describe(glob(&["/opt/g/c.c/*"], NONE, true), o),
};

const ORDER: crate::case::Case = crate::case::Case {
    id: "regex.glob.locale-order",
    title: "names in the locale's order",
    question: "Does glob sort names by the locale, a before B, or by their bytes?",
    source: "POSIX.1-2017 glob(): sorted as defined by LC_COLLATE; musl src/regex/glob.c, sort",
    needs: Needs::NOTHING.files(&[
        file("/opt/g/B.txt"),
        file("/opt/g/a.txt"),
        file("/opt/g/c.c"),
        File {
            path: "/usr/lib/locale/de_DE.utf8/LC_COLLATE",
            content: include_bytes!("../../locales/german/LC_COLLATE"),
        },
    ]),
    run: |o| {
        if !use_locale(libc::LC_COLLATE, super::LOCALE) {
            return o.broke(format_args!("setlocale does not know {}", super::LOCALE));
        }
        describe(glob(&["/opt/g/*"], NONE, false), o);
    },
};

/// Where the home folder is not there.
const HOMELESS: Needs = Needs::NOTHING.env(&[("HOME", "/nowhere")]);

const HOME_SLASH: crate::case::Case = crate::case::Case {
    id: "regex.found.glob-home-slash",
    title: "the home folder with a slash behind, which is not there",
    question: "Does glob find ~/ (GLOB_TILDE) where HOME names a folder that is not there?",
    source: FOUND,
    needs: HOMELESS,
    run: |o| describe(glob(&["~/"], TILDE, false), o),
};

const HOME_MARKED: crate::case::Case = crate::case::Case {
    id: "regex.found.glob-home-mark",
    title: "the home folder, marked, which is not there",
    question: "Does glob find ~ (GLOB_TILDE, GLOB_MARK) where HOME names a folder that is not there?",
    source: FOUND,
    needs: HOMELESS,
    run: |o| describe(glob(&["~"], TILDE | MARK, false), o),
};

const ALL: &[&[crate::case::Case]] = &[ROWS, &[FUNCTIONS, STOPPED, ORDER, HOME_SLASH, HOME_MARKED]];

/// The cases of this table.
pub const CASES: &[crate::case::Case] = &crate::case::join::<{ crate::case::count(ALL) }>(ALL);
