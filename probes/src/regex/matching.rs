//! One question to `regcomp` and `regexec`, as data; and what belongs to no single expression.

use core::ffi::CStr;
use heap::string::String;

use crate::case::{Case, Needs};
use crate::outcome::{Outcome, Value};
use crate::sys::regex::{Found, Regex, message, offset_bytes, present};
use crate::text;

/// A basic expression: no flag.
pub const BASIC: i32 = 0;
pub use libc::{REG_EXTENDED as EXTENDED, REG_ICASE as ICASE, REG_NEWLINE as NEWLINE, REG_NOSUB as NOSUB};

/// One expression and one input.
#[derive(Clone, Copy, Debug)]
pub struct Match {
    /// The expression.
    pub pattern: &'static [u8],
    /// Flags of `regcomp`.
    pub flags: i32,
    /// The text that is searched.
    pub input: &'static [u8],
    /// Flags of `regexec`.
    pub execute: i32,
    /// What the first place holds before the search.
    pub range: Option<(i32, i32)>,
    /// Whether the program takes the UTF-8 locale first.
    pub utf8: bool,
}

/// Rows of `id, title, source, FLAGS "pattern" in "input"`, with `exec FLAGS`, `from (START, END)` and `=> utf8` where they
/// differ from the rest.
macro_rules! matches {
    ($($id:literal, $title:literal, $source:expr, $($flag:ident)|+, $pattern:literal in $input:literal
        $(exec $execute:expr)? $(, from $range:expr)? $(=> $utf8:ident)?;)*) => {
        /// The cases of this table.
        pub const CASES: &[$crate::case::Case] = &[$($crate::case::Case {
            id: $id,
            title: $title,
            question: concat!(
                "What does regexec find by ", stringify!($pattern), " (", stringify!($($flag)|+), ") in ",
                stringify!($input), ": ", $title, "?"
            ),
            source: $source,
            needs: $crate::regex::matching::or!(
                $crate::case::Needs::NOTHING $(, $crate::regex::matching::second!($utf8, $crate::regex::GERMAN))?
            ),
            run: |outcome| {
                $crate::regex::matching::Match {
                    pattern: $pattern,
                    flags: 0 $(| $crate::regex::matching::$flag)+,
                    input: $input,
                    execute: 0 $(+ $execute)?,
                    range: $crate::regex::matching::or!(None $(, Some($range))?),
                    utf8: $crate::regex::matching::or!(
                        false $(, $crate::regex::matching::second!($utf8, true))?
                    ),
                }.ask(outcome)
            },
        }),*];
    };
}
pub(super) use matches;

/// The second of two expressions, where there is a second.
macro_rules! or {
    ($usual:expr) => {
        $usual
    };
    ($usual:expr, $given:expr) => {
        $given
    };
}
pub(super) use or;

/// An expression, because a word is there.
macro_rules! second {
    ($word:ident, $then:expr) => {
        $then
    };
}
pub(super) use second;

impl Match {
    /// Asks, and describes.
    pub fn ask(&self, o: &mut Outcome) {
        o.measured("pattern", text::bytes(self.pattern));
        o.measured("input", text::bytes(self.input));
        if self.utf8 && !super::take_locale(o) {
            return;
        }
        match Regex::compile(self.pattern, self.flags) {
            Err(code) => o.fact("regcomp", code_name(code)),
            Ok(regex) => {
                o.fact("regcomp", code_name(0));
                o.fact("subexpressions", regex.subexpressions());
                match regex.execute(self.input, self.execute, self.range) {
                    Some(found) => self.describe(&found, regex.subexpressions(), o),
                    None => o.unsupported("this C library has no regexec"),
                }
            }
        }
    }

    fn describe(&self, found: &Found, subexpressions: usize, o: &mut Outcome) {
        o.fact("regexec", code_name(found.code));
        if found.code != 0 || self.flags & NOSUB != 0 {
            return;
        }
        for (i, place) in found.places.iter().enumerate().take(subexpressions + 1) {
            o.line(format_args!("match {i}: {}", self.place(*place)));
        }
        o.measured("start", found.places[0].0);
        o.measured("end", found.places[0].1);
    }

    /// `0-3 "abc"`.
    fn place(&self, (start, end): (i64, i64)) -> String {
        let part = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        match part.and_then(|(start, end)| self.input.get(start..end)) {
            Some(part) => heap::format!("{start}-{end} \"{}\"", text::bytes(part)),
            None => heap::format!("{start}-{end}"),
        }
    }
}

/// The name of a return code of `regcomp` and `regexec`.
pub fn code_name(code: i32) -> String {
    const NAMES: [&str; 17] = [
        "0",
        "REG_NOMATCH",
        "REG_BADPAT",
        "REG_ECOLLATE",
        "REG_ECTYPE",
        "REG_EESCAPE",
        "REG_ESUBREG",
        "REG_EBRACK",
        "REG_EPAREN",
        "REG_EBRACE",
        "REG_BADBR",
        "REG_ERANGE",
        "REG_ESPACE",
        "REG_BADRPT",
        "REG_EEND",
        "REG_ESIZE",
        "REG_ERPAREN",
    ];
    usize::try_from(code).ok().and_then(|i| NAMES.get(i)).map_or_else(|| heap::format!("{code}"), |n| (*n).into())
}

const fn case(
    id: &'static str,
    title: &'static str,
    question: &'static str,
    source: &'static str,
    run: fn(&mut Outcome),
) -> Case {
    Case { id, title, question, source, needs: Needs::NOTHING, run }
}

/// The cases that belong to no single expression.
pub const CASES: &[Case] = &[
    case(
        "regex.error.messages",
        "texts of regerror",
        "What does regerror write for each return code of regcomp?",
        "POSIX.1-2017 regcomp(); musl src/regex/regerror.c; glibc posix/regcomp.c",
        messages,
    ),
    case(
        "regex.error.unknown",
        "regerror of an unknown code",
        "What does regerror write for a code that no function returns?",
        "POSIX.1-2017 regcomp(), which leaves such codes open; glibc posix/regcomp.c aborts",
        unknown,
    ),
    case(
        "regex.error.short-buffer",
        "regerror into four bytes",
        "How many bytes does regerror ask for, and what does it leave in a buffer of four?",
        "POSIX.1-2017 regcomp(): the string is truncated and terminated",
        short,
    ),
    case(
        "regex.offset-size",
        "size of regoff_t",
        "How many bytes has regoff_t in the headers of this C library?",
        "POSIX.1-2017 <regex.h>: able to hold the largest of ptrdiff_t and ssize_t; glibc bug 5945",
        |o| o.fact("bytes", offset_bytes()),
    ),
    case(
        "regex.functions-gnu",
        "GNU's own functions",
        "Are GNU's own functions for regular expressions there, in a dynamic program?",
        "glibc posix/regex.h; reliq#5, ibara/mg#27",
        gnu_functions,
    ),
];

fn messages(o: &mut Outcome) {
    for code in 0..=13 {
        let (_, text) = message(code, 128);
        o.fact(code_name(code).as_str(), text);
    }
}

fn unknown(o: &mut Outcome) {
    o.fact("message", message(core::hint::black_box(99), 128).1);
}

fn short(o: &mut Outcome) {
    let (needed, text) = message(libc::REG_EPAREN, 4);
    let (whole, full) = message(libc::REG_EPAREN, 128);
    o.fact("asks_for_the_same", needed == whole && whole == full.len() + 1);
    o.fact("written_bytes", text.len());
    o.fact("is_the_beginning", full.starts_with(text.as_str()));
}

fn gnu_functions(o: &mut Outcome) {
    const NAMES: [&CStr; 8] = [
        c"re_compile_pattern",
        c"re_search",
        c"re_match",
        c"re_set_syntax",
        c"re_set_registers",
        c"re_comp",
        c"re_exec",
        c"regcomp",
    ];
    if cfg!(target_feature = "crt-static") {
        return o.unsupported("a static program has no symbols to look up");
    }
    let there = NAMES.iter().map(|name| (text::bytes(name.to_bytes()), Value::Bool(present(name)))).collect();
    o.table("present", there);
}
