//! `iconv`: which charsets there are, what bytes become, and where a conversion stops.

use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, Put, Random, Target};
use crate::sys::iconv::Step;
use crate::sys::iconv::kept::with;
use crate::text;

/// `iconv`.
pub const TARGET: Target = Target {
    id: "iconv.iconv",
    what: "iconv between charsets that both families claim to have: result, bytes used, bytes written",
    functions: &["iconv_open", "iconv"],
    fields: &["to", "from", "bytes", "room"],
    told: true,
    inputs: Inputs::Grammar(make),
    batch: 40_000,
    ask,
    ..Target::PLAIN
};

/// Those that hold every character.
const UNICODE: &[&str] = &[
    "UTF-8", "UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32LE", "UTF-32BE", "UTF-32", "UCS-2", "UCS-2LE", "UCS-2BE",
    "UCS-4", "UCS-4LE", "UCS-4BE", "WCHAR_T",
];
/// Those of them whose names do not say which byte comes first.
const ORDERLESS: &[&str] = &["UTF-16", "UTF-32", "UCS-2", "UCS-4"];
/// Those that do not.
const LEGACY: &[&str] = &[
    "ASCII",
    "ISO-8859-1",
    "ISO-8859-2",
    "ISO-8859-5",
    "ISO-8859-6",
    "ISO-8859-7",
    "ISO-8859-8",
    "ISO-8859-9",
    "ISO-8859-10",
    "ISO-8859-11",
    "ISO-8859-13",
    "ISO-8859-14",
    "ISO-8859-15",
    "ISO-8859-16",
    "KOI8-R",
    "KOI8-U",
    "CP437",
    "CP850",
    "CP866",
    "CP1250",
    "CP1251",
    "CP1252",
    "CP1253",
    "CP1254",
    "CP1255",
    "CP1256",
    "CP1257",
    "CP1258",
    "TIS-620",
    "EUC-JP",
    "SHIFT_JIS",
    "ISO-2022-JP",
    "GB18030",
    "GBK",
    "GB2312",
    "BIG5",
    "EUC-KR",
    "UTF-7",
    "ISO-8859-3",
    "ISO-8859-4",
];
/// The same ones by other names.
const OTHER: &[&str] = &[
    "utf8",
    "UTF8",
    "utf-8",
    "U T F 8",
    "UTF_8",
    "u8",
    "US-ASCII",
    "ANSI_X3.4-1968",
    "646",
    "latin1",
    "LATIN-1",
    "L1",
    "ISO8859-1",
    "iso88591",
    "ISO_8859-1",
    "8859_1",
    "WINDOWS-1252",
    "windows1252",
    "CP-1252",
    "MS-ANSI",
    "SJIS",
    "CP932",
    "MS932",
    "EUCJP",
    "eucjp",
    "BIG5-HKSCS",
    "CP950",
    "CP949",
    "UHC",
    "CP936",
    "euckr",
    "EUC-CN",
    "GB-18030",
    "ISO-10646-UCS-2",
    "ISO-10646-UCS-4",
    "UCS2",
    "UCS4",
    "UTF16",
    "UTF32",
    "UNICODE",
    "CHAR",
    "",
    "NONE",
    "koi8r",
    "KOI8-T",
    "CP1125",
    "IBM437",
    "ISO2022JP",
    "TIS620",
    "wchar_t",
    "macintosh",
    "UTF-8//",
    "UTF-8/",
];

/// Characters of many scripts, and those that tables of one charset map in two ways.
const CHARACTERS: [char; 50] = [
    'a',
    'Z',
    '0',
    '9',
    ' ',
    '~',
    '\\',
    '\u{e9}',
    '\u{df}',
    '\u{a0}',
    '\u{a5}',
    '\u{a4}',
    '\u{131}',
    '\u{17f}',
    '\u{3a9}',
    '\u{416}',
    '\u{5d0}',
    '\u{627}',
    '\u{e01}',
    '\u{2013}',
    '\u{2019}',
    '\u{2026}',
    '\u{20ac}',
    '\u{2122}',
    '\u{2212}',
    '\u{2225}',
    '\u{301c}',
    '\u{ff5e}',
    '\u{3042}',
    '\u{65e5}',
    '\u{672c}',
    '\u{4e00}',
    '\u{9f98}',
    '\u{ac00}',
    '\u{d55c}',
    '\u{feff}',
    '\u{fffd}',
    '\u{fffe}',
    '\u{ffff}',
    '\u{e000}',
    '\u{10348}',
    '\u{20000}',
    '\u{10ffff}',
    '\u{fb01}',
    '\u{ff71}',
    '\u{203e}',
    '\u{2014}',
    '\u{2015}',
    '\u{ffe0}',
    '\u{e5e5}',
];

fn make(random: &mut Random) -> Input {
    let mut shared = random.shared();
    let mut names = [shared.pick(UNICODE), shared.pick(LEGACY)];
    match shared.below(8) {
        0 => names[1] = shared.pick(UNICODE),
        1 => names[1] = shared.pick(OTHER),
        _ => (),
    }
    if shared.one_in(2) {
        names.swap(0, 1);
    }
    let mut to = names[0].as_bytes().to_vec();
    if shared.one_in(8) {
        to.put(shared.pick(&["//TRANSLIT", "//IGNORE", "//TRANSLIT//IGNORE", "//translit", "//", "//NONE"]).as_bytes());
    }
    let from = names[1];
    let mut bytes = Vec::new();
    for _ in 0..random.below(6) {
        piece(random, from, &mut bytes);
    }
    let room = random.pick(&["", "", "", "", "", "0", "1", "2", "3", "4", "5", "7"]);
    Input(heap::vec![to, from.into(), bytes, room.into()])
}

/// A character or a part of one, in the charset that is read.
fn piece(random: &mut Random, from: &str, bytes: &mut Vec<u8>) {
    let character = CHARACTERS[random.below(CHARACTERS.len())];
    match from {
        _ if random.one_in(10) => raw(random, bytes),
        "UTF-8" | "utf8" => bytes.put(character.encode_utf8(&mut [0; 4]).as_bytes()),
        "UTF-16LE" | "UCS-2LE" | "UCS-2" => {
            character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| bytes.put(&unit.to_le_bytes()));
        }
        "UTF-16BE" | "UCS-2BE" | "UTF-16" => {
            if from == "UTF-16" && bytes.is_empty() && random.one_in(2) {
                bytes.put(&[0xfe, 0xff]);
            }
            character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| bytes.put(&unit.to_be_bytes()));
        }
        "UTF-32LE" | "UCS-4LE" | "WCHAR_T" => bytes.put(&u32::from(character).to_le_bytes()),
        "UTF-32BE" | "UCS-4BE" | "UTF-32" | "UCS-4" => bytes.put(&u32::from(character).to_be_bytes()),
        _ => raw(random, bytes),
    }
}

fn raw(random: &mut Random, bytes: &mut Vec<u8>) {
    const PIECES: &[&[u8]] = &[
        b"a",
        b"A",
        b"\\",
        b"~",
        b"\x80",
        b"\xa4",
        b"\xe9",
        b"\xff",
        b"\x1b$B",
        b"\x1b(B",
        b"\x1b(J",
        b"\x1b$@",
        b"\x1b(I",
        b"\x1b$(D",
        b"$\"",
        b"0l",
        b"\x82\xa0",
        b"\x93\xfa",
        b"\xa4\xa2",
        b"\xc6\xfc",
        b"\x8e\xb1",
        b"\x8f\xb0\xa1",
        b"\xb0\xa1",
        b"\xc4\xe3",
        b"\x81\x30\x81\x30",
        b"\x84\x31\xa4\x37",
        b"\x90\x30\x81\x30",
        b"\xa2\xe3",
        b"\xa1\x40",
        b"\xa4\x40",
        b"\xc9\x4a",
        b"\x88\x62",
        b"\xa2\xa1",
        b"\xfe\xfe",
        b"\xc2",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xc0\x80",
        b"\xd8\x00",
        b"\x00\xd8",
        b"\xfe\xff",
        b"\xff\xfe",
        b"+AGE-",
        b"+",
        b"\x0e",
        b"\x0f",
        b"\xa1\xc1",
        b"\x81\x60",
        b"\x81\x7c",
        b"\x87\x40",
        b"\xfa\x40",
    ];
    match random.below(3) {
        0 => bytes.push(random.below(256) as u8),
        1 => bytes.put(&[0x80 | random.below(128) as u8, 0x40 | random.below(192) as u8]),
        _ => bytes.put(PIECES[random.below(PIECES.len())]),
    }
}

/// What is asked of `iconv_open`: a suffix, or charsets of which one is the most telling, or one by another name.
fn opened(to: &[u8], from: &[u8]) -> (&'static str, &'static str) {
    if to.windows(2).any(|two| two == b"//") {
        return ("open with ", "a suffix");
    }
    match kind(to, from) {
        ("encoding", charset) => ("open to ", charset),
        ("decoding", charset) => ("open from ", charset),
        _ if UNICODE.iter().any(|name| name.as_bytes() == to) && UNICODE.iter().any(|name| name.as_bytes() == from) => {
            ("open ", "Unicode")
        }
        _ => ("open ", "another name"),
    }
}

/// What kind of conversion it is, and the charset that makes it one: the first lines say which table is meant.
fn kind(to: &[u8], from: &[u8]) -> (&'static str, &'static str) {
    let legacy = |name: &[u8]| LEGACY.iter().find(|legacy| legacy.as_bytes() == name);
    let unicode = |name: &[u8]| UNICODE.iter().any(|unicode| unicode.as_bytes() == name);
    match (legacy(to), legacy(from)) {
        (Some(to), None) if unicode(from) => ("encoding", to),
        (None, Some(from)) if unicode(to) => ("decoding", from),
        _ => ("recoding", "others"),
    }
}

fn ask(input: &Input, answer: &mut Answer) {
    const ROOM: usize = 4096;
    let (to, from) = (input.c(0), input.c(1));
    let room = if input.field(3).is_empty() { ROOM } else { input.number(3).clamp(0, ROOM as i64) as usize };
    let open = opened(to.as_bytes(), from.as_bytes());
    let orderless = |name: &[u8]| ORDERLESS.iter().any(|known| known.as_bytes() == name);
    let (kind, charset) = match orderless(to.as_bytes()) || orderless(from.as_bytes()) {
        true => ("recoding", "without a byte order"),
        false => kind(to.as_bytes(), from.as_bytes()),
    };
    let name = heap::format!("{kind} {charset}");
    let asked = with(&to, &from, |opened| {
        let conversion = match opened {
            Ok(conversion) => conversion,
            Err(error) => {
                answer.line(open, "failed");
                return answer.line("errno", text::errno(error.0));
            }
        };
        answer.line(open, "done");
        // With room enough first: where a short buffer is full follows from what is written.
        let step = conversion.convert(input.field(2), ROOM);
        said(answer, (if charset == "without a byte order" { &name } else { kind }, ""), &step);
        answer.line("charset", charset);
        answer.bytes(&name, &decimal(&step.output));
        if let Ok(count) = step.result {
            answer.number("substitutions", count as i64);
            let last = conversion.reset(Some(16));
            answer.line("reset", if last.result.is_ok() { "done" } else { "failed" });
            answer.bytes("reset writes", &decimal(&last.output));
        }
        if room < ROOM {
            conversion.reset(None);
            let step = conversion.convert(input.field(2), room);
            said(answer, (kind, " in a short buffer"), &step);
            answer.bytes((kind, " into a short buffer"), &decimal(&step.output));
        }
    });
    if asked.is_none() {
        answer.line("not asked", "a name that is too long");
    }
}

/// What a conversion returned, and how much it read.
fn said(answer: &mut Answer, name: (&str, &str), step: &Step) {
    match step.result {
        Ok(0) => answer.line(name, "converted"),
        Ok(_) => answer.line(name, "converted with substitutions"),
        Err(error) => answer.line(name, text::errno(error.0)),
    }
    answer.number("used", step.used as i64);
}

/// Bytes in decimal, so that groups of findings do not differ by letters.
fn decimal(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len() * 4);
    for byte in bytes {
        for (part, shown) in [(byte / 100, *byte >= 100), (byte / 10 % 10, *byte >= 10), (byte % 10, true)] {
            if shown {
                text.push(b'0' + part);
            }
        }
        text.push(b' ');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_inputs_convert_between_unicode_and_another() {
        let fields = |n| make(&mut Random::new(1, TARGET.id, n)).0;
        let kinds: Vec<_> = (0..16_000).map(fields).map(|fields| kind(&fields[0], &fields[1]).0).collect();
        let share = |wanted| kinds.iter().filter(|kind| **kind == wanted).count();
        assert!(share("encoding") > 4_000 && share("decoding") > 4_000, "{} {}", share("encoding"), share("decoding"));
    }

    #[test]
    fn bytes_are_decimal() {
        assert_eq!(decimal(&[0, 7, 42, 200]), b"0 7 42 200 ");
    }
}
