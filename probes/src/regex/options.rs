//! `getopt`, `getopt_long` and `getopt_long_only`: the order of arguments, abbreviations, and what is said to the user.

use crate::case::Needs;
use crate::outcome::Outcome;
use crate::sys::regex::options::Reader::{self, Long, LongOnly, Short};
use crate::sys::regex::options::read;
use crate::text;

const POSIX: &str = "POSIX.1-2017 getopt(); XBD 12.2";
const GNU: &str = "getopt(3); glibc posix/getopt.c; musl src/misc/getopt.c, getopt_long.c";

const STRICT: Needs = Needs::NOTHING.env(&[("POSIXLY_CORRECT", "1")]);
const NOTHING: Needs = Needs::NOTHING;

fn ask(reader: Reader, arguments: &[&str], short: &str, errors: bool, again: Option<i32>, o: &mut Outcome) {
    match read(reader, arguments, short, errors, again) {
        Err(e) => o.broke(format_args!("catching standard error: {}", text::errno(e.0))),
        Ok(read) => {
            for step in &read.steps {
                let name = |code: i32| match u8::try_from(code) {
                    Ok(byte @ 33..127) => heap::format!("'{}'", byte as char),
                    _ => heap::format!("{code}"),
                };
                let argument = step.argument.as_deref().map_or_else(|| "null".into(), |a| heap::format!("\"{a}\""));
                let which = if step.code == i32::from(b'?') || step.code == i32::from(b':') {
                    heap::format!(", optopt {}", name(step.option))
                } else {
                    "".into()
                };
                o.line(format_args!("{}, optarg {argument}{which}", name(step.code)));
            }
            o.fact("optind", read.index);
            o.fact("arguments", read.arguments.join(" "));
            if errors {
                o.fact("message", read.messages.trim_end());
            }
        }
    }
}

macro_rules! options {
    ($($id:literal, $title:literal, $source:expr, $needs:expr, $reader:ident, $short:literal of
        [$($argument:literal),*] $(, $errors:literal)? $(again $again:literal)?;)*) => {
        /// The cases of this table.
        pub const CASES: &[crate::case::Case] = &[$(crate::case::Case {
            id: $id,
            title: $title,
            question: concat!(
                "What does getopt (", stringify!($reader), ") read by ", stringify!($short), " from [",
                $($argument, " ",)* "]: ", $title, "?"
            ),
            source: $source,
            needs: $needs,
            run: |outcome| {
                let errors = super::matching::or!(false $(, $errors)?);
                let again = super::matching::or!(None $(, Some($again))?);
                ask($reader, &[$($argument),*], $short, errors, again, outcome)
            },
        }),*];
    };
}

options! {
    "regex.getopt.operand-first", "an operand before an option", GNU, NOTHING, Short, "ab:" of ["file", "-a", "-b", "x"];
    "regex.getopt.operand-first-strict", "an operand first, with POSIXLY_CORRECT", GNU, STRICT, Short, "ab:" of ["file", "-a"];
    "regex.getopt.operand-first-plus", "an operand first, and + in the options", GNU, NOTHING, Short, "+ab:" of ["file", "-a"];
    "regex.getopt.operand-minus", "operands as options of their own, by -", GNU, NOTHING, Short, "-a" of ["file", "-a", "more"];
    "regex.getopt.operand-end", "operands and -- in the middle", GNU, NOTHING, Short, "a" of ["file", "--", "-a"];
    "regex.getopt.operand-first-long", "an operand before a long option", GNU, NOTHING, Long, "a" of ["file", "--all", "-a"];
    "regex.getopt.operand-first-long-strict", "an operand before a long option, with POSIXLY_CORRECT", GNU, STRICT, Long, "a" of ["file", "--all"];
    "regex.getopt.operand-argument-long", "operands around an option with an argument", GNU, NOTHING, Long, "" of ["one", "--size", "5", "two", "--all"];
    "regex.getopt.together", "options written together", POSIX, NOTHING, Short, "abc:" of ["-abcx", "file"];
    "regex.getopt.missing", "an argument that is missing", POSIX, NOTHING, Short, "b:" of ["-b"], true;
    "regex.getopt.missing-colon", "an argument that is missing, and : in the options", POSIX, NOTHING, Short, ":b:" of ["-b"], true;
    "regex.getopt.unknown", "an unknown option", POSIX, NOTHING, Short, "a" of ["-x"], true;
    "regex.getopt.unknown-colon", "an unknown option, and : in the options", POSIX, NOTHING, Short, ":a" of ["-x"], true;
    "regex.getopt.unknown-umlaut", "an unknown option of two bytes", POSIX, NOTHING, Short, "a" of ["-ä"];
    "regex.getopt.colon", "-: as an option", POSIX, NOTHING, Short, "a:" of ["-:"];
    "regex.getopt.semicolon", "-; as an option", GNU, NOTHING, Short, "a;" of ["-;"];
    "regex.getopt.minus", "a minus sign alone", POSIX, NOTHING, Short, "a" of ["-a", "-", "-a"];
    "regex.getopt.optional", "an optional argument", GNU, NOTHING, Short, "a::" of ["-ax", "-a", "y"];
    "regex.getopt.argument-minus", "an argument that looks like an option", POSIX, NOTHING, Short, "a:b" of ["-a", "-b"];
    "regex.getopt.W", "-W name, for a long option", "getopt(3), W;; glibc posix/getopt.c", NOTHING, Long, "W;" of ["-W", "all"];
    "regex.getopt.again-one", "reading once more from 1", POSIX, NOTHING, Short, "ab" of ["-ab"] again 1;
    "regex.getopt.again-zero", "reading once more from 0", GNU, NOTHING, Short, "ab" of ["-ab"] again 0;
    "regex.getopt.long-abbreviated", "an abbreviated long option", GNU, NOTHING, Long, "" of ["--siz=4"];
    "regex.getopt.long-ambiguous", "an abbreviation of two long options", GNU, NOTHING, Long, "" of ["--al"], true;
    "regex.getopt.long-exact", "a long option that begins another", GNU, NOTHING, Long, "" of ["--all"];
    "regex.getopt.long-unknown", "an unknown long option", GNU, NOTHING, Long, "" of ["--nothing"], true;
    "regex.getopt.long-missing", "a long option without its argument", GNU, NOTHING, Long, "" of ["--size"], true;
    "regex.getopt.long-missing-colon", "a long option without its argument, and :", GNU, NOTHING, Long, ":" of ["--size"], true;
    "regex.getopt.long-unwanted", "a long option with an argument that it does not take", GNU, NOTHING, Long, "" of ["--all=1"], true;
    "regex.getopt.long-optional", "an optional argument of a long option", GNU, NOTHING, Long, "" of ["--color", "x", "--color=y"];
    "regex.getopt.long-empty", "an empty argument of a long option", GNU, NOTHING, Long, "" of ["--size="];
    "regex.getopt.long-only", "a long option with one minus sign", GNU, NOTHING, LongOnly, "s" of ["-size", "3"];
    "regex.getopt.long-only-short", "a short option that begins a long one", GNU, NOTHING, LongOnly, "s" of ["-s"];
    "regex.getopt.long-only-two", "two short options together", GNU, NOTHING, LongOnly, "xy" of ["-xy"];
}
