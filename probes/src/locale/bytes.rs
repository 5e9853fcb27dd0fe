//! Functions of whole strings and single bytes.

use core::ffi::CStr;
use heap::string::String;
use heap::vec::Vec;

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::call::Errno;
use crate::sys::locale::characters::{
    count_bytes, count_characters, decode_bytewise, from_byte, length, text_width, to_byte,
};
use crate::sys::locale::longest_character;
use crate::text;

use super::Place::{self, German, Plain};
use super::{CHARACTERS, NOTHING};

const SOURCE: &str = "POSIX.1-2017 mbstowcs(), wcstombs(), mblen(), btowc(), wctob(); musl src/multibyte; glibc wcsmbs";

const fn case(
    id: &'static str,
    title: &'static str,
    question: &'static str,
    needs: Needs,
    run: fn(&mut Outcome),
) -> Case {
    Case { id, title, question, source: SOURCE, needs, run }
}

fn counted(result: Result<usize, Errno>, o: &mut Outcome) {
    o.fact("returned", result.map_or_else(|e| heap::format!("-1, {}", text::errno(e.0)), |n| heap::format!("{n}")));
}

fn characters(place: Place, input: &CStr, with_place: bool, o: &mut Outcome) {
    if place.take(libc::LC_CTYPE, o) {
        counted(count_characters(input, with_place), o);
    }
}

/// The cases of this table.
pub const CASES: &[Case] = &[
    case(
        "locale.count.c-high",
        "mbstowcs of high bytes in C",
        "How many characters has a text of high bytes in the C locale?",
        NOTHING,
        |o| {
            characters(Plain, c"f\xfcr", true, o);
        },
    ),
    case(
        "locale.count.c-high-asked",
        "mbstowcs without a place in C",
        "How many characters would mbstowcs write in the C locale?",
        NOTHING,
        |o| {
            characters(Plain, c"f\xc3\xbcr", false, o);
        },
    ),
    case("locale.count.valid", "mbstowcs of UTF-8", "How many characters has a text of UTF-8?", CHARACTERS, |o| {
        characters(German, c"f\xc3\xbcr", true, o);
    }),
    case(
        "locale.count.invalid",
        "mbstowcs of a wrong byte",
        "What does mbstowcs return for a byte that is no character?",
        CHARACTERS,
        |o| {
            characters(German, c"f\xfcr", true, o);
        },
    ),
    case(
        "locale.count.cut",
        "mbstowcs of a character cut off",
        "What does mbstowcs return for a text that ends within a character?",
        CHARACTERS,
        |o| {
            characters(German, c"f\xc3", true, o);
        },
    ),
    case(
        "locale.count.bytes-c",
        "wcstombs in C",
        "How many bytes has a word with an umlaut in the C locale?",
        NOTHING,
        |o| {
            counted(count_bytes(&[0x66, 0xfc, 0x72]), o);
        },
    ),
    case(
        "locale.count.bytes",
        "wcstombs of UTF-8",
        "How many bytes has a word with an umlaut in UTF-8?",
        CHARACTERS,
        |o| {
            if German.take(libc::LC_CTYPE, o) {
                counted(count_bytes(&[0x66, 0xfc, 0x72]), o);
            }
        },
    ),
    case(
        "locale.byte.c",
        "btowc in C",
        "Which bytes above 127 have a wide character by themselves in the C locale?",
        NOTHING,
        |o| {
            alone(Plain, o);
        },
    ),
    case(
        "locale.byte.utf8",
        "btowc in UTF-8",
        "Which bytes above 127 have a wide character by themselves in UTF-8?",
        CHARACTERS,
        |o| {
            alone(German, o);
        },
    ),
    case(
        "locale.byte.back-c",
        "wctob in C",
        "Which byte is U+00E4, and which are musl's code units, in the C locale?",
        NOTHING,
        |o| back(Plain, o),
    ),
    case("locale.byte.back-utf8", "wctob in UTF-8", "Is there a byte for U+00E4 in UTF-8?", CHARACTERS, |o| {
        back(German, o)
    }),
    case("locale.length.c", "mblen in C", "What does mblen return for a high byte in the C locale?", NOTHING, |o| {
        o.fact("returned", length(b"\xe4"));
    }),
    case(
        "locale.length.invalid",
        "mblen of a wrong byte",
        "What does mblen return for a wrong byte and for half a character?",
        CHARACTERS,
        |o| {
            if German.take(libc::LC_CTYPE, o) {
                o.fact("wrong", length(b"\xff"));
                o.fact("half", length(b"\xc3"));
                o.fact("whole", length(b"\xc3\xa4"));
            }
        },
    ),
    case(
        "locale.bytewise.valid",
        "mbrtowc byte by byte",
        "Is a character put together from single bytes?",
        CHARACTERS,
        |o| bytewise(b"\xe2\x82\xac", o),
    ),
    case(
        "locale.bytewise.beyond",
        "mbrtowc byte by byte, beyond Unicode",
        "At which byte is a number beyond Unicode refused?",
        CHARACTERS,
        |o| bytewise(b"\xf4\x90\x80\x80", o),
    ),
    case(
        "locale.bytewise.five",
        "mbrtowc byte by byte, five bytes",
        "At which byte are five bytes refused?",
        CHARACTERS,
        |o| bytewise(b"\xf8\x88\x80\x80\x80", o),
    ),
    case(
        "locale.longest.c",
        "MB_CUR_MAX in C",
        "How many bytes has the longest character in the C locale?",
        NOTHING,
        |o| {
            o.fact("bytes", longest_character());
        },
    ),
    case(
        "locale.longest.utf8",
        "MB_CUR_MAX in UTF-8",
        "How many bytes has the longest character in UTF-8?",
        CHARACTERS,
        |o| {
            if German.take(libc::LC_CTYPE, o) {
                o.fact("bytes", longest_character());
            }
        },
    ),
    case(
        "locale.text-width.control",
        "wcswidth with a control character",
        "What is the width of a text that holds a tab?",
        CHARACTERS,
        |o| {
            if German.take(libc::LC_CTYPE, o) {
                o.fact("columns", text_width("a\tb"));
            }
        },
    ),
];

fn alone(place: Place, o: &mut Outcome) {
    if place.take(libc::LC_CTYPE, o) {
        let known = (128..=255u8).filter_map(|b| from_byte(b).map(|w| (b, w))).collect::<Vec<_>>();
        o.fact("known", known.len());
        o.fact("first", known.first().map(|(b, w)| heap::format!("{b:02x} is U+{w:04X}")));
    }
}

fn back(place: Place, o: &mut Outcome) {
    if place.take(libc::LC_CTYPE, o) {
        for wide in [0xe4, 0xdf80, 0xdfff] {
            let byte = to_byte(wide).map_or_else(|| "EOF".into(), |b| heap::format!("{:02x}", b & 0xff));
            o.fact(&heap::format!("U+{wide:04X}"), byte);
        }
    }
}

fn bytewise(bytes: &[u8], o: &mut Outcome) {
    if German.take(libc::LC_CTYPE, o) {
        let steps: Vec<String> = decode_bytewise(bytes).iter().map(|n| heap::format!("{n}")).collect();
        o.fact("returned", steps.join(", "));
    }
}
