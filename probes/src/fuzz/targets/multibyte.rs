//! Bytes into wide characters: `mbrtowc` and its relatives, in C and in C.UTF-8.

use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, Put, Random, Target};
use crate::sys::call::errno;
use crate::sys::locale::characters::{Converted, Decoder, length, one, string};
use crate::sys::locale::kept::{Characters, use_characters};
use crate::text;

/// `mbrtowc`, at once and byte by byte, `mbrlen`, `mblen`, `mbtowc`, `mbsrtowcs`, `mbsnrtowcs`.
pub const TARGET: Target = Target {
    id: "locale.mbrtowc",
    what: "mbrtowc, mbrlen, mblen, mbtowc, mbsrtowcs, mbsnrtowcs in C and C.UTF-8: characters, errors, states",
    functions: &["mbrtowc", "mbrlen", "mblen", "mbtowc", "mbsrtowcs", "mbsnrtowcs"],
    fields: &["flags", "bytes", "size"],
    told: true,
    inputs: Inputs::Grammar(make),
    ask,
    ..Target::PLAIN
};

fn make(random: &mut Random) -> Input {
    const PIECES: &[&[u8]] = &[
        b"a",
        b"Z",
        b" ",
        b"\x7f",
        b"\xc2\x80",
        b"\xc3\xa9",
        b"\xdf\xbf",
        b"\xe0\xa0\x80",
        b"\xe2\x82\xac",
        b"\xef\xbf\xbd",
        b"\xef\xbf\xbf",
        b"\xf0\x90\x8d\x88",
        b"\xf4\x8f\xbf\xbf",
        b"\xc0\x80",
        b"\xc1\xbf",
        b"\xe0\x80\x80",
        b"\xe0\x9f\xbf",
        b"\xed\x9f\xbf",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xee\x80\x80",
        b"\xf0\x80\x80\x80",
        b"\xf0\x8f\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80",
        b"\xf7\xbf\xbf\xbf",
        b"\xf8\x88\x80\x80\x80",
        b"\xfc\x84\x80\x80\x80\x80",
        b"\xfe",
        b"\xff",
        b"\x80",
        b"\xbf",
        b"\xc3",
        b"\xe2",
        b"\xe2\x82",
        b"\xf0",
        b"\xf0\x90",
        b"\xf0\x90\x8d",
        b"\xf4",
        b"\xf4\x90",
        b"\xed",
        b"\xed\xa0",
        b"\xe0",
        b"\xe0\x80",
        b"\xc2a",
        b"\xe2\x82a",
        b"\xf0\x90\x8da",
        b"\xf8",
        b"\xf8\x88",
        b"\xfc",
        b"\xdf\x80",
        b"\xed\xbe\x80",
    ];
    let mut bytes = Vec::new();
    for _ in 0..1 + random.below(4) {
        match random.one_in(8) {
            true => bytes.push(1 + random.below(255) as u8),
            false => bytes.put(PIECES[random.below(PIECES.len())]),
        }
    }
    let size = random.pick(&["", "", "0", "1", "2", "3", "4", "64"]);
    Input(heap::vec![random.pick(&["u", "u", "u", ""]).into(), bytes, size.into()])
}

fn said(answer: &mut Answer, name: &str, returned: isize) {
    match returned {
        -1 if errno() == 0 => answer.line(name, "an error without a number"),
        -1 => answer.line(name, text::errno(errno())),
        -2 => answer.line(name, "incomplete"),
        0 => answer.line(name, "0"),
        _ => answer.line(name, "a character"),
    }
}

fn ask(input: &Input, answer: &mut Answer) {
    let characters = if input.has(0, b'u') { Characters::Utf8 } else { Characters::Plain };
    if !use_characters(characters) {
        return answer.line("locale", "absent");
    }
    let text = input.c(1);
    let bytes = text.as_bytes();
    at_once(bytes, answer);
    bytewise(bytes, answer);
    said(answer, "mbrlen", Decoder::new().length(bytes));
    if !bytes.is_empty() {
        let (returned, wide) = one(bytes);
        said(answer, "mbtowc", returned as isize);
        if returned > 0 {
            answer.number("mbtowc length", returned.into());
            answer.number("mbtowc character", wide.into());
        }
        answer.line("mblen", if length(bytes) == returned { "as mbtowc" } else { "not as mbtowc" });
    }
    let size = if input.field(2).is_empty() { 64 } else { input.number(2).clamp(0, 64) as usize };
    whole(["mbsrtowcs", "mbsrtowcs read", "mbsrtowcs character"], string(&text, None, 64), answer);
    whole(["mbsrtowcs of a size", "its end", "its character"], string(&text, None, size), answer);
    // As many bytes as characters: both limits come up.
    whole(["mbsnrtowcs", "mbsnrtowcs read", "mbsnrtowcs character"], string(&text, Some(size), 64), answer);
}

fn at_once(bytes: &[u8], answer: &mut Answer) {
    let (mut decoder, mut at) = (Decoder::new(), 0);
    while at < bytes.len() {
        let (returned, wide) = decoder.step(&bytes[at..]);
        said(answer, "mbrtowc", returned);
        if returned < 0 {
            if returned == -2 {
                answer.line("mbsinit", if decoder.is_first() { "first" } else { "not first" });
            }
            // What the state is after an error is not defined.
            return;
        }
        answer.number("length", returned as i64);
        answer.number("character", wide.into());
        at += returned.max(1) as usize;
    }
}

fn bytewise(bytes: &[u8], answer: &mut Answer) {
    let mut decoder = Decoder::new();
    for byte in bytes {
        let (returned, wide) = decoder.step(core::slice::from_ref(byte));
        said(answer, "bytewise", returned);
        match returned {
            -1 => return,
            -2 => answer.line("bytewise mbsinit", if decoder.is_first() { "first" } else { "not first" }),
            _ => answer.number("bytewise character", wide.into()),
        }
    }
}

fn whole([count, read, character]: [&str; 3], converted: Converted, answer: &mut Answer) {
    match converted.count {
        None => answer.line(count, "an error"),
        Some(number) => {
            answer.number(count, number as i64);
            match converted.read {
                None => answer.line(read, "the end"),
                Some(bytes) => answer.number(read, bytes as i64),
            }
            converted.wide.iter().for_each(|wide| answer.number(character, (*wide).into()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_bytes_are_utf8_and_some_are_not() {
        let valid = (0..1000).filter(|n| core::str::from_utf8(&make(&mut Random::new(1, TARGET.id, *n)).0[1]).is_ok());
        assert!((50..600).contains(&valid.count()));
    }
}
