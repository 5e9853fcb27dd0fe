//! `strptime`: every directive, alone and after another, on dates that fit and dates that do not.

use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, Put, Random, Target};
use crate::sys::time::{Tm, parse};

/// What stands in the structure before: a date that is one in every member, for some C libraries work out members from others.
/// A member that still holds its own number after both is one that the call did not touch.
const BEFORE: [[i64; 10]; 2] = [[6, 5, 4, 3, 1, 101, 6, 33, 0, 0], [36, 25, 14, 20, 9, 110, 3, 292, 1, 3600]];
const FIELDS: [&str; 10] = ["sec", "min", "hour", "mday", "mon", "year", "wday", "yday", "isdst", "gmtoff"];

/// `strptime` in the C locale.
pub const TARGET: Target = Target {
    id: "time.strptime",
    what: "strptime: what it accepts, how far it reads, which members it sets",
    inputs: Inputs::Grammar(make),
    ..BASE
};

/// Every directive, flag and width.
pub const ALL: Target = Target {
    id: "time.strptime-all",
    what: "strptime: every directive with every flag and several widths, on a few texts",
    inputs: Inputs::All(COUNT, element),
    ..BASE
};

const BASE: Target = Target {
    functions: &["strptime"],
    fields: &["format", "text"],
    env: &[("TZ", "UTC0")],
    // Which members are worked out from others is one question, whichever directives set those.
    telling: &["untouched"],
    ask,
    ..Target::PLAIN
};

const MODIFIERS: [&str; 10] = ["", "_", "-", "0", "^", "#", "+", "E", "O", "EO"];
const WIDTHS: [&str; 4] = ["", "1", "2", "5"];
/// At least one that each directive takes, and what is nearly one.
const TEXTS: [&str; 40] = [
    "",
    " ",
    "0",
    "1",
    "7",
    "12",
    "24",
    "53",
    "60",
    "61",
    "99",
    "366",
    "2020",
    "12345",
    "+5",
    "-1",
    " 3",
    "-0099",
    "Mon",
    "sunday",
    "jan",
    "December",
    "Thu Jan  1 00:00:00 1970",
    "12/31/69",
    "1/2/03",
    "2020-02-29",
    "+12345-01-01",
    "-5-1-1",
    "AM",
    "pm",
    "01:02:03 PM",
    "12:34",
    "23:59:60",
    "1700000000",
    "+0100",
    "-05:30",
    "Z",
    "UTC",
    "+01",
    "%",
];
const FIRST: u8 = b' ';
const LETTERS: u64 = (b'~' - FIRST) as u64 + 1;
const COUNT: u64 = LETTERS * MODIFIERS.len() as u64 * WIDTHS.len() as u64 * TEXTS.len() as u64;

fn element(number: u64) -> Input {
    let bases = [TEXTS.len(), WIDTHS.len(), MODIFIERS.len(), LETTERS as usize];
    let [text, width, modifier, letter] = super::digits(number, bases);
    let letter = char::from(FIRST + letter as u8);
    // A modifier letter stands behind the width, a flag before it.
    let (flag, letters) = match MODIFIERS[modifier] {
        letters if letters.starts_with(['E', 'O']) => ("", letters),
        flag => (flag, ""),
    };
    Input(heap::vec![
        heap::format!("%{flag}{}{letters}{letter}", WIDTHS[width]).into_bytes(),
        TEXTS[text].as_bytes().to_vec()
    ])
}

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
        format.put(same.as_bytes());
        text.put(if same == "%%" { b"%" } else { same.as_bytes() });
        return;
    }
    let directive = random.byte(b"aAbBcCdDeFgGhHIjklmMnNOpPqQrRsStTuUvVwWxXyYzZ+%EL");
    format.push(b'%');
    if random.one_in(6) {
        format.put(random.pick(&["E", "O", "_", "-", "0", "^", "#", "+", "1", "2", "4", "05", "+5", "E5"]).as_bytes());
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
            3 => random.pick(&["0", "00", "60", "61", "24", "31", "366", "53", "12", "68", "69", "99", "+5"]).into(),
            _ => heap::format!("{}", any.unsigned_abs()),
        };
        text.put(number.as_bytes());
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
        false => text.put(random.pick(fits).as_bytes()),
    }
}

fn ask(input: &Input, answer: &mut Answer) {
    let (text, format) = (input.c(1), input.c(0));
    let [mut tm, mut other] = BEFORE.map(|numbers| Tm::new(numbers, None));
    let Some(consumed) = parse(&text, &format, &mut tm) else {
        // What a failed call leaves behind is nobody's business.
        return answer.line("returns", "NULL");
    };
    answer.number("returns", consumed as i64);
    parse(&text, &format, &mut other);
    let (numbers, others) = (tm.numbers(), other.numbers());
    for (n, name) in FIELDS.iter().enumerate() {
        match [numbers[n], others[n]] == [BEFORE[0][n], BEFORE[1][n]] {
            true => answer.line(name, "untouched"),
            false => answer.number(name, numbers[n]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_directive_is_asked_with_every_flag_and_width() {
        let formats: std::collections::BTreeSet<Vec<u8>> =
            (0..COUNT).map(|number| element(number).field(0).to_vec()).collect();
        for format in ["%Y", "%_5Y", "%^2b", "%5EY", "%+5F", "%s"] {
            assert!(formats.contains(format.as_bytes()), "{format}");
        }
    }
}
