//! Conversions of several calls: shift states, resets, and what a call without input does.

use crate::case::{Case, File, Needs};
use crate::outcome::Outcome;
use crate::sys::iconv::{Conversion, Step, use_locale};
use crate::text;

use super::SHIPPED;
use super::convert::{describe, shown};

const POSIX: &str = "POSIX.1-2017 iconv(): a null input resets the state, and writes what the shift needs";
const SUFFIX: &str = "iconv_open(3), //TRANSLIT; glibc locale/iso-4217, localedata/locales, translit_start";

const fn case(id: &'static str, title: &'static str, question: &'static str, run: fn(&mut Outcome)) -> Case {
    Case { id, title, question, source: POSIX, needs: SHIPPED, run }
}

/// The cases of this table.
pub const CASES: &[Case] = &[
    case(
        "iconv.state.iso-2022-jp-written",
        "ISO-2022-JP written, then reset",
        "Does iconv write the escape into the second set, and the one back only when it is reset?",
        |o| written("ISO-2022-JP", "あ".as_bytes(), Some(16), o),
    ),
    case(
        "iconv.state.iso-2022-jp-no-room",
        "a reset without room",
        "What does a reset return where the escape back does not fit?",
        |o| written("ISO-2022-JP", "あ".as_bytes(), Some(1), o),
    ),
    case(
        "iconv.state.iso-2022-jp-forgotten",
        "a reset that writes nothing",
        "What does a reset without output return, and does the next text begin with an escape?",
        |o| {
            written("ISO-2022-JP", "あ".as_bytes(), None, o);
        },
    ),
    case(
        "iconv.state.iso-2022-jp-read-parts",
        "ISO-2022-JP read in parts",
        "Is the shift state kept from one call to the next?",
        |o| {
            parts("UTF-8", "ISO-2022-JP", &[b"\x1b$B", b"$\"", b"\x1b(B!"], o);
        },
    ),
    case(
        "iconv.state.utf16-parts",
        "UTF-16 written in parts",
        "Is a byte order mark written in the first call alone?",
        |o| {
            parts("UTF-16", "UTF-8", &[b"a", b"b"], o);
        },
    ),
    case(
        "iconv.state.utf16-after-reset",
        "UTF-16 written after a reset",
        "Is a byte order mark written once more after a reset?",
        |o| {
            if let Some(mut conversion) = open("UTF-16", "UTF-8", o) {
                line("first", &conversion.convert(b"a", 64), o);
                line("reset", &conversion.reset(None), o);
                line("second", &conversion.convert(b"b", 64), o);
            }
        },
    ),
    case(
        "iconv.state.utf16-read-parts",
        "UTF-16 read in parts",
        "Does the byte order of the mark hold in the next call?",
        |o| parts("UTF-8", "UTF-16", &[b"\xfe\xff\x00a", b"\x00b"], o),
    ),
    case(
        "iconv.state.utf8-split",
        "a character split between two calls",
        "Is a character that is cut off left to the caller?",
        |o| parts("UTF-16LE", "UTF-8", &[b"a\xc3", b"\xa4"], o),
    ),
    case(
        "iconv.state.after-error",
        "a call after an error",
        "Does a conversion go on after a wrong byte that the caller skips?",
        |o| parts("UTF-16LE", "UTF-8", &[b"a\xff", b"b"], o),
    ),
    case(
        "iconv.state.nothing",
        "no input, no state",
        "What does a reset of a conversion without states write and return?",
        |o| {
            if let Some(mut conversion) = open("UTF-16LE", "UTF-8", o) {
                line("reset", &conversion.reset(Some(16)), o);
                line("empty", &conversion.convert(b"", 16), o);
            }
        },
    ),
    case("iconv.state.utf7-written", "UTF-7 written, then reset", "Does a reset end what UTF-7 began?", |o| {
        written("UTF-7", "ä".as_bytes(), Some(16), o);
    }),
    case("iconv.state.close", "iconv_close", "What does iconv_close return?", |o| {
        if let Some(conversion) = open("UTF-16LE", "UTF-8", o) {
            o.fact("returned", conversion.close());
        }
    }),
    Case {
        id: "iconv.translit.locale",
        title: "//TRANSLIT by the locale",
        question: "Does //TRANSLIT write ae for an umlaut where the locale's file says so?",
        source: SUFFIX,
        needs: Needs::NOTHING.files(&[File {
            path: "/usr/lib/locale/de_DE.utf8/LC_CTYPE",
            content: include_bytes!("../../locales/german/LC_CTYPE"),
        }]),
        run: |o| {
            if !use_locale("de_DE.UTF-8") {
                return o.broke("setlocale does not know de_DE.UTF-8");
            }
            if let Some(mut conversion) = open("ASCII//TRANSLIT", "UTF-8", o) {
                describe(&conversion.convert("ä €".as_bytes(), 64), o);
            }
        },
    },
];

fn open(to: &str, from: &str, o: &mut Outcome) -> Option<Conversion> {
    Conversion::open(to, from).map_err(|e| o.fact("iconv_open", text::errno(e.0))).ok()
}

/// One call on one line.
fn line(name: &str, step: &Step, o: &mut Outcome) {
    let returned = match &step.result {
        Ok(count) => heap::format!("{count}"),
        Err(e) => heap::format!("-1, {}", text::errno(e.0)),
    };
    o.line(format_args!("{name}: returned {returned}, used {}, output {}", step.used, shown(&step.output)));
}

/// Writes a text, resets into so much room, and writes once more.
fn written(to: &str, input: &[u8], room: Option<usize>, o: &mut Outcome) {
    if let Some(mut conversion) = open(to, "UTF-8", o) {
        line("text", &conversion.convert(input, 64), o);
        line("reset", &conversion.reset(room), o);
        line("again", &conversion.convert(input, 64), o);
    }
}

/// Converts one part after the other; what a call did not use is lost, as in a program that does not look.
fn parts(to: &str, from: &str, inputs: &[&[u8]], o: &mut Outcome) {
    if let Some(mut conversion) = open(to, from, o) {
        for input in inputs {
            line(&shown(input), &conversion.convert(input, 64), o);
        }
    }
}
