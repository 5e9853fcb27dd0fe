//! `strptime`: every directive, alone and after another, on dates that fit and dates that do not.

use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, Random, Target};
use crate::sys::time::{Tm, parse};

/// A field that the call did not touch still holds this.
const UNTOUCHED: i64 = -7777;
const FIELDS: [&str; 10] = ["sec", "min", "hour", "mday", "mon", "year", "wday", "yday", "isdst", "gmtoff"];

/// `strptime` in the C locale.
pub const TARGET: Target = Target {
    id: "time.strptime",
    what: "strptime: what it accepts, how far it reads, which members it sets",
    functions: &["strptime"],
    fields: &["format", "text"],
    inputs: Inputs::Grammar(make),
    env: &[("TZ", "UTC0")],
    ask,
    ..Target::PLAIN
};

fn make(random: &mut Random) -> Input {
    let (mut format, mut text) = (Vec::new(), Vec::new());
    for _ in 0..1 + random.below(3) {
        piece(random, &mut format, &mut text);
    }
    Input(heap::vec![format, text])
}

/// A directive and a text for it, or the same bytes in both.
fn piece(random: &mut Random, format: &mut Vec<u8>, text: &mut Vec<u8>) {
    if random.one_in(4) {
        let same = random.pick(&["-", ":", " ", "/", "T", ".", "%%", ",", "x"]);
        format.extend_from_slice(same.as_bytes());
        text.extend_from_slice(if same == "%%" { b"%" } else { same.as_bytes() });
        return;
    }
    let directive = random.byte(b"aAbBcCdDeFgGhHIjklmMnNOpPqQrRsStTuUvVwWxXyYzZ+%EL");
    format.push(b'%');
    if random.one_in(6) {
        format.extend_from_slice(
            random.pick(&["E", "O", "_", "-", "0", "^", "#", "+", "1", "2", "4", "05", "+5", "E5"]).as_bytes(),
        );
    }
    format.push(directive);
    if random.one_in(8) {
        text.push(b' ');
    }
    text_for(random, directive, text);
}

fn text_for(random: &mut Random, directive: u8, text: &mut Vec<u8>) {
    let number = |random: &mut Random, text: &mut Vec<u8>| {
        let any = random.between(-1, 70);
        let number = match random.below(6) {
            0 => heap::format!("{:02}", any),
            1 => heap::format!("{}", random.between(0, 400)),
            2 => heap::format!("{:04}", random.between(0, 10_000)),
            3 => heap::format!(
                "{}",
                random.pick(&["0", "00", "60", "61", "24", "31", "366", "53", "12", "68", "69", "99", "+5"])
            ),
            _ => heap::format!("{}", any.unsigned_abs()),
        };
        text.extend_from_slice(number.as_bytes());
    };
    let fits: &[&str] = match directive {
        b'a' | b'A' => &["Mon", "monday", "SUNDAY", "Sat", "Wednesday", "Tues", "Thu"],
        b'b' | b'B' | b'h' => &["Jan", "january", "DECEMBER", "May", "Sept", "Jun"],
        b'c' => &["Thu Jan  1 00:00:00 1970", "Sat Feb 29 12:34:56 2020"],
        b'D' => &["01/02/03", "12/31/69", "1/2/3"],
        b'F' => &["2020-02-29", "1970-1-1", "-5-01-01", "+12345-01-01", "99999-12-31"],
        b'p' | b'P' => &["AM", "pm", "Pm", "a.m."],
        b'r' => &["01:02:03 PM", "12:00:00 am"],
        b'R' => &["12:34", "1:2", "24:00"],
        b'T' | b'X' => &["12:34:56", "1:2:3", "23:59:60"],
        b'x' => &["01/02/03", "12/31/99"],
        b's' => &["0", "1700000000", "-1", "99999999999", "2147483648"],
        b'z' => &["+0100", "-05:30", "Z", "+01", "+1", "z", "+2400", "-1260", "UTC", "+01:0"],
        b'Z' => &["UTC", "GMT", "CET", "EST", "Z", "a1"],
        b'n' | b't' => &[" ", "\n", "\t", "", "  "],
        b'%' => &["%", " %"],
        b'Y' => &["2020", "1", "-1", "10000", "99999", "+2020", "0069"],
        b'+' => &["Sat Feb 29 12:34:56 UTC 2020"],
        _ => return number(random, text),
    };
    match random.one_in(8) {
        true => number(random, text),
        false => text.extend_from_slice(random.pick(fits).as_bytes()),
    }
}

fn ask(input: &Input, answer: &mut Answer) {
    let mut tm = Tm::new([UNTOUCHED; 10], None);
    match parse(&input.c(1), &input.c(0), &mut tm) {
        None => answer.line("returns", "NULL"),
        // What a failed call leaves behind is nobody's business.
        Some(consumed) => {
            answer.number("returns", consumed as i64);
            for (name, value) in FIELDS.iter().zip(tm.numbers()) {
                match value {
                    UNTOUCHED => answer.line(name, "untouched"),
                    value => answer.number(name, value),
                }
            }
        }
    }
}
