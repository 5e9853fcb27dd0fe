//! Bytes into wide characters and back, one at a time.

use heap::string::String;
use heap::vec::Vec;

use crate::case::Needs;
use crate::outcome::Outcome;
use crate::sys::locale::characters::{Decoded, decode, encode};
use crate::text;

use super::Place::{self, German, Plain};
use super::{CHARACTERS, NOTHING};

const READ: &str = "POSIX.1-2017 mbrtowc(); RFC 3629; musl src/multibyte; glibc wcsmbs/mbrtowc.c, iconv/gconv_simple.c";
const BYTES: &str = "Austin Group defect 663: the C locale has one byte a character; musl src/multibyte/internal.h, CODEUNIT; glibc iconv/gconv_simple.c";
const WRITE: &str = "POSIX.1-2017 wcrtomb(); RFC 3629; musl src/multibyte/wcrtomb.c";

/// Bytes to be read, or a character to be written.
enum Row {
    Read(&'static [u8]),
    Write(u32),
}
use Row::{Read, Write};

impl Row {
    fn ask(&self, place: Place, o: &mut Outcome) {
        if !place.take(libc::LC_CTYPE, o) {
            return;
        }
        match self {
            Self::Read(bytes) => {
                let steps: Vec<String> = decode(bytes)
                    .into_iter()
                    .map(|step| match step {
                        Decoded::Character(wide, length) => heap::format!("U+{wide:04X} of {length}"),
                        Decoded::Invalid(number) => text::errno(number),
                        Decoded::Incomplete => "incomplete".into(),
                    })
                    .collect();
                o.fact("characters", steps.join(", "));
            }
            Self::Write(wide) => match encode(*wide) {
                Ok(bytes) => {
                    o.fact("bytes", bytes.iter().map(|b| heap::format!("{b:02x}")).collect::<Vec<_>>().join(" "));
                }
                Err(e) => o.fact("bytes", text::errno(e.0)),
            },
        }
    }
}

macro_rules! characters {
    ($($id:literal, $title:literal, $source:ident, $needs:ident, $place:ident $row:ident($value:literal);)*) => {
        /// The cases of this table.
        pub const CASES: &[crate::case::Case] = &[$(crate::case::Case {
            id: $id,
            title: $title,
            question: concat!(
                "What becomes of ", stringify!($value), " (", stringify!($row), ", ", stringify!($place), " locale): ", $title, "?"
            ),
            source: $source,
            needs: $needs,
            run: |outcome| $row($value).ask($place, outcome),
        }),*];
    };
}

const C: Needs = CHARACTERS;
const N: Needs = NOTHING;

characters! {
    "locale.read.c-ascii", "a letter in the C locale", READ, N, Plain Read(b"a");
    "locale.read.c-high", "a byte above 127 in the C locale", BYTES, N, Plain Read(b"\xe4");
    "locale.read.c-first-high", "byte 80 in the C locale", BYTES, N, Plain Read(b"\x80");
    "locale.read.c-last", "byte FF in the C locale", BYTES, N, Plain Read(b"\xff");
    "locale.read.c-utf8", "a character of UTF-8 in the C locale", BYTES, N, Plain Read(b"\xc3\xa4");
    "locale.read.c-nul", "a NUL in the C locale", READ, N, Plain Read(b"\0");
    "locale.read.two", "two bytes", READ, C, German Read(b"\xc3\xa4");
    "locale.read.three", "three bytes", READ, C, German Read(b"\xe2\x82\xac");
    "locale.read.four", "four bytes", READ, C, German Read(b"\xf0\x9f\x98\x80");
    "locale.read.five", "five bytes", READ, C, German Read(b"\xf8\x88\x80\x80\x80");
    "locale.read.six", "six bytes", READ, C, German Read(b"\xfc\x84\x80\x80\x80\x80");
    "locale.read.last", "the last character of Unicode", READ, C, German Read(b"\xf4\x8f\xbf\xbf");
    "locale.read.beyond", "the first number beyond Unicode", READ, C, German Read(b"\xf4\x90\x80\x80");
    "locale.read.surrogate-high", "a high surrogate", READ, C, German Read(b"\xed\xa0\x80");
    "locale.read.surrogate-low", "a low surrogate", READ, C, German Read(b"\xed\xbf\xbf");
    "locale.read.surrogate-pair", "a pair of surrogates, as CESU-8 has it", READ, C, German Read(b"\xed\xa0\xbd\xed\xb8\x80");
    "locale.read.overlong-two", "an ASCII letter in two bytes", READ, C, German Read(b"\xc1\xa1");
    "locale.read.overlong-nul", "a NUL in two bytes, as Java writes it", READ, C, German Read(b"\xc0\x80");
    "locale.read.overlong-three", "two bytes' worth in three", READ, C, German Read(b"\xe0\x83\xa4");
    "locale.read.overlong-four", "three bytes' worth in four", READ, C, German Read(b"\xf0\x82\x82\xac");
    "locale.read.continuation", "a continuation byte alone", READ, C, German Read(b"\x80");
    "locale.read.fe", "byte FE", READ, C, German Read(b"\xfe");
    "locale.read.ff", "byte FF", READ, C, German Read(b"\xff");
    "locale.read.latin1", "a word in Latin 1", READ, C, German Read(b"f\xfcr");
    "locale.read.cut-two", "half of two bytes", READ, C, German Read(b"\xc3");
    "locale.read.cut-three", "two thirds of three bytes", READ, C, German Read(b"\xe2\x82");
    "locale.read.cut-overlong", "the start of an overlong character", READ, C, German Read(b"\xe0\x80");
    "locale.read.cut-beyond", "the start of a number beyond Unicode", READ, C, German Read(b"\xf4\x90");
    "locale.read.cut-surrogate", "the start of a surrogate", READ, C, German Read(b"\xed\xa0");
    "locale.read.cut-five", "the start of five bytes", READ, C, German Read(b"\xf8\x88");
    "locale.read.broken", "a character that breaks off", READ, C, German Read(b"\xe2\x82a");
    "locale.read.noncharacter", "a noncharacter", READ, C, German Read(b"\xef\xbf\xbe");
    "locale.read.mark", "a byte order mark", READ, C, German Read(b"\xef\xbb\xbfa");
    "locale.write.c-high", "U+00E4 in the C locale", WRITE, N, Plain Write(0xe4);
    "locale.write.c-ascii", "a letter in the C locale", WRITE, N, Plain Write(0x61);
    "locale.write.c-unit", "the first of musl's code units for bytes, in the C locale", BYTES, N, Plain Write(0xdf80);
    "locale.write.c-unit-last", "the last of musl's code units for bytes, in the C locale", BYTES, N, Plain Write(0xdfff);
    "locale.write.c-euro", "U+20AC in the C locale", WRITE, N, Plain Write(0x20ac);
    "locale.write.two", "U+00E4", WRITE, C, German Write(0xe4);
    "locale.write.four", "U+1F600", WRITE, C, German Write(0x1f600);
    "locale.write.surrogate", "a surrogate", WRITE, C, German Write(0xd800);
    "locale.write.unit", "one of musl's code units for bytes", WRITE, C, German Write(0xdfff);
    "locale.write.beyond", "the first number beyond Unicode", WRITE, C, German Write(0x0011_0000);
    "locale.write.large", "the largest number that once had six bytes", WRITE, C, German Write(0x7fff_ffff);
    "locale.write.negative", "a negative number", WRITE, C, German Write(0xffff_ffff);
    "locale.write.nul", "a NUL", WRITE, C, German Write(0);
}
