//! `strftime`: every directive with flags and widths, on dates that are common and dates that are not.

use heap::string::String;

use super::super::{Answer, Input, Inputs, PutText, Random, Target, decimal};
use crate::sys::time::{format, localtime_r};

/// `strftime` in the C locale; the zone's name is the one that `localtime` gave.
pub const TARGET: Target = Target {
    id: "time.strftime",
    what: "strftime: directives, flags, widths and years of any size",
    inputs: Inputs::Grammar(make),
    ..BASE
};

/// Every directive, flag and width.
pub const ALL: Target = Target {
    id: "time.strftime-all",
    what: "strftime: every directive with every flag and several widths, on a few dates",
    inputs: Inputs::All(COUNT, element),
    ..BASE
};

const BASE: Target = Target {
    functions: &["strftime"],
    fields: &["format", "sec", "min", "hour", "mday", "mon", "year", "wday", "yday", "isdst", "gmtoff"],
    // glibc looks for a file by every zone, and is told a folder that is not there.
    env: &[("TZ", ZONE), ("TZDIR", "/nonexistent")],
    told: true,
    ask,
    ..Target::PLAIN
};

/// Written out, so that no file is read for it.
const ZONE: &str = "XST5XDT,M3.2.0,M11.1.0";

/// Most bytes of output.
const ROOM: usize = 256;

/// Broken-down times that C calls valid, but for the last two.
const DATES: [[i64; 10]; 8] = [
    [5, 4, 3, 2, 0, 120, 4, 1, 0, -18000],
    [59, 59, 23, 31, 11, 99, 5, 364, 0, -18000],
    [0, 0, 12, 4, 6, 76, 0, 185, 1, -14400],
    [60, 0, 0, 1, 0, 10100, 1, 0, 0, 19800],
    [0, 30, 13, 28, 1, -1905, 6, 58, 0, -30],
    [0, 0, 0, 1, 0, -1895, 3, 0, -1, 0],
    [7, 8, 9, 10, 12, 123, 7, 366, 0, 0],
    [0, 0, 0, 0, -1, 70, -1, -1, 0, 0],
];
const MODIFIERS: [&str; 18] =
    ["", "_", "-", "0", "^", "#", "+", "E", "O", "_^", "0+", "-E", "^O", "+E", "0E", "-_", "^#", "EO"];
const WIDTHS: [&str; 6] = ["", "1", "2", "5", "12", "012"];
const FIRST: u8 = b' ';
const LETTERS: u64 = (b'~' - FIRST) as u64 + 1;
const COUNT: u64 = LETTERS * MODIFIERS.len() as u64 * WIDTHS.len() as u64 * DATES.len() as u64;

fn element(number: u64) -> Input {
    let bases = [DATES.len(), WIDTHS.len(), MODIFIERS.len(), LETTERS as usize];
    let [date, width, modifier, letter] = super::digits(number, bases);
    let letter = char::from(FIRST + letter as u8);
    // A modifier letter stands behind the width, a flag before it.
    let (flags, letters) =
        MODIFIERS[modifier].split_at(MODIFIERS[modifier].find(['E', 'O']).unwrap_or(MODIFIERS[modifier].len()));
    input(heap::format!("%{flags}{}{letters}{}", WIDTHS[width], letter), &DATES[date])
}

fn input(format: String, date: &[i64; 10]) -> Input {
    let numbers = date.iter().map(|number| decimal(*number));
    Input(core::iter::once(format.into_bytes()).chain(numbers).collect())
}

fn make(random: &mut Random) -> Input {
    let mut format = String::new();
    for _ in 0..1 + random.below(2) {
        if random.one_in(5) {
            format.put(random.pick(&["-", "T", " ", "%%", "x", "%", "%n"]));
        }
        format.push('%');
        if random.one_in(4) {
            format.put(random.pick(&["_", "-", "0", "^", "#", "+", "_0", "^_", "#-"]));
        }
        if random.one_in(3) {
            format.put(random.pick(&["1", "2", "3", "4", "5", "8", "10", "020", "100", "300"]));
        }
        if random.one_in(6) {
            format.push(random.byte(b"EO").into());
        }
        format.push(
            random.byte(b"aAbBcCdDeFgGhHIjklmMnpPrRsSTtuUVwWxXyYzZ%+QaAbBcCdDeFgGhHIjmMnprRsSTtuUVwWxXyYzZ").into(),
        );
    }
    input(format, &date(random))
}

/// A date: most of them are consistent in themselves, since that is what programs have.
fn date(random: &mut Random) -> [i64; 10] {
    let mut date = DATES[random.below(6)];
    if random.one_in(2) {
        date[5] = random.between(-3, 400);
    }
    match random.below(12) {
        0 => date[5] = random.between(8000, 200_000),
        1 => date[5] = random.between(-12_000, -1800),
        2 => date[5] = random.byte(b"\x00\x01\x02").into(),
        3 => date[5] = [2_147_483_647, -2_147_483_648, 2_147_481_747, -1900, -1901, 8099, 8100][random.below(7)],
        4 => date[8] = random.between(-1, 1),
        5 => date[9] = random.between(-90_000, 90_000),
        6 => date[2] = random.between(0, 23),
        7 => (date[6], date[7]) = (random.between(0, 6), random.between(0, 365)),
        8 => (date[3], date[4]) = (random.between(1, 31), random.between(0, 11)),
        9 => date = DATES[random.below(DATES.len())],
        _ => (),
    }
    date
}

fn ask(input: &Input, answer: &mut Answer) {
    // The year may be any: what C allows. The others stay where no sum of two overflows.
    let numbers = core::array::from_fn(|i| match i {
        5 => input.number(i + 1).clamp(i32::MIN.into(), i32::MAX.into()),
        _ => input.number(i + 1).clamp(-1_000_000, 1_000_000),
    });
    let Ok(local) = localtime_r(0) else { return answer.line("localtime", "fails") };
    let mut buffer = heap::vec![0u8; ROOM];
    let text = format(&mut buffer, &input.c(0), &local.with(numbers));
    answer.bytes(&name(input.field(0)), text);
}

/// Names the directive, or what is before its letter, where there is one alone: so that findings about it are together.
fn name(format: &[u8]) -> String {
    const KNOWN: &[u8] = b"aAbBcCdDeFgGhHIjklmMnpPrRsSTtuUVwWxXyYzZ%";
    let before = format.iter().skip(1).take_while(|byte| b"_-0^#+123456789EO".contains(byte)).count();
    let mut letters = format.iter().skip(1 + before);
    let odd = format.get(1..1 + before).unwrap_or_default();
    match (format.first(), letters.next(), letters.next()) {
        (Some(b'%'), Some(letter), None) if KNOWN.contains(letter) => {
            match odd.iter().find(|byte| !b"EO".contains(byte)) {
                None if odd.is_empty() => heap::format!("%{}", char::from(*letter)),
                None => "E or O".into(),
                Some(b'1'..=b'9') => "width".into(),
                Some(flag) => heap::format!("flag {}", char::from(*flag)),
            }
        }
        (Some(b'%'), Some(_), None) => "unknown directive".into(),
        (Some(b'%'), None, None) => "unfinished directive".into(),
        _ => "text".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heap::vec::Vec;

    #[test]
    fn every_directive_is_asked_with_every_flag_and_width() {
        let formats: std::collections::BTreeSet<Vec<u8>> =
            (0..COUNT).map(|number| element(number).field(0).to_vec()).collect();
        for format in ["%Y", "%_5Y", "%-5EY", "%^12OB", "%+12F", "%0012s", "%Q"] {
            assert!(formats.contains(format.as_bytes()), "{format}");
        }
        assert_eq!((element(0).0.len(), element(0).field(6)), (11, b"120".as_slice()));
    }

    #[test]
    fn the_name_tells_the_directive() {
        let names = [name(b"%_5Y"), name(b"%Y-"), name(b"%"), name(b"%Q")];
        assert_eq!(names, ["flag _", "text", "unfinished directive", "unknown directive"]);
        assert_eq!([name(b"%Y"), name(b"%5Y"), name(b"%EY"), name(b"%E5Y")], ["%Y", "width", "E or O", "width"]);
    }
}
