//! Classes of single bytes, `isalpha` and its relatives, and classes by name.

use core::ffi::CStr;
use heap::string::String;

use crate::case::{Case, Needs};
use crate::outcome::{Outcome, Value};
use crate::sys::locale::characters::{byte_is, class_known, mapping_known};
use crate::text;

use super::Place::{self, German, Plain};
use super::{CHARACTERS, NOTHING};

const SOURCE: &str = "POSIX.1-2017, Base Definitions 7.3.1, LC_CTYPE; musl src/ctype; glibc locale/C-ctype.c";

/// The bytes of a class, as ranges, and EOF.
fn ask(class: usize, place: Place, o: &mut Outcome) {
    if !place.take(libc::LC_CTYPE, o) {
        return;
    }
    let (mut ranges, mut start) = (String::new(), None);
    for byte in 0..=256 {
        match (byte < 256 && byte_is(class, byte), start) {
            (true, None) => start = Some(byte),
            (false, Some(first)) => {
                ranges.push_str(&heap::format!("{first:02x}-{:02x} ", byte - 1));
                start = None;
            }
            _ => {}
        }
    }
    o.fact("bytes", ranges.trim_end());
    o.fact("EOF", byte_is(class, -1));
}

macro_rules! classes {
    ($($word:literal $number:literal;)*) => {
        const ROWS: &[Case] = &[$(
            Case {
                id: concat!("locale.class.", $word),
                title: concat!("is", $word, " in the C locale"),
                question: concat!("Which bytes are of the class ", $word, " in the C locale?"),
                source: SOURCE,
                needs: NOTHING,
                run: |outcome| ask($number, Plain, outcome),
            }
        ),*];
    };
}

classes! {
    "alpha" 0; "upper" 1; "lower" 2; "digit" 3; "xdigit" 4; "alnum" 5; "punct" 6; "space" 7; "blank" 8; "cntrl" 9;
    "print" 10; "graph" 11;
}

const fn case(
    id: &'static str,
    title: &'static str,
    question: &'static str,
    needs: Needs,
    run: fn(&mut Outcome),
) -> Case {
    Case { id, title, question, source: SOURCE, needs, run }
}

const OTHERS: &[Case] = &[
    case("locale.class.alpha-utf8", "isalpha in UTF-8", "Is any byte above 127 a letter in UTF-8?", CHARACTERS, |o| {
        ask(0, German, o)
    }),
    case("locale.class.print-utf8", "isprint in UTF-8", "Is any byte above 127 printable in UTF-8?", CHARACTERS, |o| {
        ask(10, German, o)
    }),
    case(
        "locale.class.names",
        "names that wctype knows",
        "Which names of classes does wctype know?",
        CHARACTERS,
        |o| {
            if German.take(libc::LC_CTYPE, o) {
                const NAMES: [&CStr; 6] = [c"alpha", c"blank", c"word", c"combining", c"jdigit", c"nothing"];
                o.table(
                    "known",
                    NAMES.iter().map(|n| (text::bytes(n.to_bytes()), Value::Bool(class_known(n)))).collect(),
                );
            }
        },
    ),
    case(
        "locale.class.mappings",
        "names that wctrans knows",
        "Which names of mappings does wctrans know?",
        NOTHING,
        |o| {
            const NAMES: [&CStr; 4] = [c"toupper", c"tolower", c"totitle", c"nothing"];
            o.table(
                "known",
                NAMES.iter().map(|n| (text::bytes(n.to_bytes()), Value::Bool(mapping_known(n)))).collect(),
            );
        },
    ),
];

const TABLES: &[&[Case]] = &[ROWS, OTHERS];

/// The cases of this table.
pub const CASES: &[Case] = &crate::case::join::<{ crate::case::count(TABLES) }>(TABLES);
