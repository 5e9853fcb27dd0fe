//! What there is in an image without gconv modules, and what programs can do that must not depend on them.

use heap::string::String;

use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::iconv::Conversion;
use crate::text;

use super::convert::{describe, shown};
use super::{BARE, names};

const SOURCE: &str = "glibc iconv/gconv_builtin.h, the conversions that need no module; Debian libc-bin and libc-gconv-modules-extra; musl src/locale/iconv.c";

const fn case(id: &'static str, title: &'static str, question: &'static str, run: fn(&mut Outcome)) -> Case {
    Case { id, title, question, source: SOURCE, needs: BARE, run }
}

/// The cases of this table.
pub const CASES: &[Case] = &[
    case(
        "iconv.bare.open",
        "character sets without modules",
        "Which usual character sets are there in an image without gconv modules?",
        open,
    ),
    case(
        "iconv.bare.latin1",
        "Latin 1 without modules",
        "Can Latin 1 be read in an image without gconv modules?",
        |o| one("UTF-8", "ISO-8859-1", b"\xe4", o),
    ),
    case("iconv.bare.utf16", "UTF-16 without modules", "Can UTF-16LE be written without gconv modules?", |o| {
        one("UTF-16LE", "UTF-8", "ä".as_bytes(), o);
    }),
    case("iconv.bare.ascii", "ASCII without modules", "Can ASCII be written without gconv modules?", |o| {
        one("ASCII", "UTF-8", b"ab", o);
    }),
    case(
        "iconv.bare.translit",
        "//TRANSLIT without modules",
        "Does //TRANSLIT to ASCII work without gconv modules?",
        |o| one("ASCII//TRANSLIT", "UTF-8", "a\u{201c}".as_bytes(), o),
    ),
    case(
        "iconv.remedy.checked",
        "remedy: both signs of loss checked",
        "Does a program see every loss everywhere that looks for -1 and for a count above 0?",
        |o| checked("a\u{e4}b".as_bytes(), o),
    ),
    case(
        "iconv.remedy.checked-lossless",
        "remedy: both signs of loss, none there",
        "Does a program that looks for both signs of loss see none everywhere where nothing is lost?",
        |o| checked(b"ab", o),
    ),
    case(
        "iconv.remedy.wide-order",
        "remedy: the byte order named",
        "Is UTF-32 written alike everywhere, without modules, when it is asked for as UCS-4LE?",
        |o| one("UCS-4LE", "UTF-8", "aä".as_bytes(), o),
    ),
    case(
        "iconv.remedy.transliterated",
        "remedy: characters replaced before they are converted",
        "Does a text convert to ASCII alike everywhere once the program has replaced what ASCII has not?",
        |o| {
            let mut replaced = String::new();
            for letter in "„ä“ 5 €".chars() {
                match letter {
                    'ä' => replaced.push_str("ae"),
                    '€' => replaced.push_str("EUR"),
                    '„' | '“' => replaced.push('"'),
                    other => replaced.push(other),
                }
            }
            one("ASCII", "UTF-8", replaced.as_bytes(), o);
        },
    ),
];

fn open(o: &mut Outcome) {
    for name in ["UTF-8", "ASCII", "WCHAR_T", "UCS-2", "UCS-4", "UCS-4LE", "UTF-16", "UTF-32", "ISO-8859-1", "CP1252"] {
        o.line(name);
        names::ask(name, o);
    }
}

fn one(to: &str, from: &str, input: &[u8], o: &mut Outcome) {
    o.measured("input", shown(input));
    match Conversion::open(to, from) {
        Err(e) => o.fact("iconv_open", text::errno(e.0)),
        Ok(mut conversion) => describe(&conversion.convert(input, 64), o),
    }
}

fn checked(input: &[u8], o: &mut Outcome) {
    match Conversion::open("ASCII", "UTF-8") {
        Err(e) => o.fact("iconv_open", text::errno(e.0)),
        Ok(mut conversion) => o.fact("lost_something", conversion.convert(input, 64).result.map_or(true, |n| n > 0)),
    }
}
