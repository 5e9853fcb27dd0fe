//! The families of `strtol` and `strtod`: what a number is, where it ends, and what happens beyond its range.

use core::num::FpCategory;
use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, Put, Random, Target};
use crate::sys::strings::numbers::{self, Converted};
use crate::sys::strings::wide;
use crate::text;

/// `strtol`, `strtoul` and their relatives.
pub const STRTOL: Target = Target {
    id: "strings.strtol",
    what: "strtol, strtoul, strtoull, strtoimax, wcstol, strtol of C23: value, end and errno, in every base; atoi in its range",
    functions: &[
        "strtol",
        "strtoul",
        "strtoull",
        "strtoimax",
        "wcstol",
        "atoi",
        "__isoc23_strtol",
        "__isoc23_strtoull",
    ],
    fields: &["text", "base"],
    told: true,
    inputs: Inputs::Grammar(integer),
    ask: ask_integer,
    ..Target::PLAIN
};

/// `strtod`, `strtof` and `strtold`.
pub const STRTOD: Target = Target {
    id: "strings.strtod",
    what: "strtod, strtof, strtold: value to the last bit, end and errno",
    functions: &["strtod", "strtof", "strtold"],
    fields: &["text"],
    told: true,
    inputs: Inputs::Grammar(double),
    ask: ask_double,
    ..Target::PLAIN
};

fn integer(random: &mut Random) -> Input {
    let mut text = Vec::new();
    if random.one_in(4) {
        text.push(random.byte(b" \t\n\x0b\x0c\r0"));
    }
    text.put(random.pick(&["", "", "-", "+", "+-"]).as_bytes());
    text.put(random.pick(&["", "", "", "0x", "0X", "0b", "0B", "0o", "0"]).as_bytes());
    for _ in 0..random.below(20) {
        text.push(random.byte(b"0123456789abcdefgzAFZ10017"));
    }
    text.put(random.pick(&["", "", "", ",", ".", " ", "L", "_1"]).as_bytes());
    let base = random.pick(&["0", "10", "16", "8", "2", "36", "1", "-1", "37", "3"]);
    Input(heap::vec![text, base.into()])
}

fn ask_integer(input: &Input, answer: &mut Answer) {
    let (text, base) = (input.c(0), input.number(1) as i32);
    let long = numbers::long(&text, base);
    said(answer, "strtol", &long, |value| value);
    said(answer, "strtoul", &numbers::unsigned(&text, base), |value| value as i64);
    said(answer, "strtoull", &numbers::unsigned_long_long(&text, base), |value| value as i64);
    said(answer, "strtoimax", &numbers::maximal(&text, base), |value| value);
    said(answer, "strtol of C23", &numbers::long_by_c23(&text, base), |value| value);
    said(answer, "strtoull of C23", &numbers::unsigned_by_c23(&text, base), |value| value as i64);
    // A byte above 127 would be a wide character that no locale made.
    if text.to_bytes().is_ascii() {
        let (value, taken, errno) = wide::long(text.to_str().unwrap_or_default(), base);
        said(answer, "wcstol", &Converted { value, taken: Some(taken), errno }, |value| value);
    }
    // What atoi does with a number that fits in no int is undefined.
    if base == 10 && i32::try_from(long.value).is_ok() {
        answer.number("atoi value", numbers::int(&text).into());
    }
}

fn said<T: Copy>(answer: &mut Answer, function: &str, done: &Converted<T>, number: fn(T) -> i64) {
    ended(answer, function, done);
    answer.number((function, " value"), number(done.value));
    answer.line((function, " errno"), text::errno(done.errno.0));
}

fn ended<T>(answer: &mut Answer, function: &str, done: &Converted<T>) {
    match done.taken {
        Some(taken) => answer.number((function, " end"), taken as i64),
        None => answer.line((function, " end"), "not stored"),
    }
}

fn double(random: &mut Random) -> Input {
    let mut text = Vec::new();
    if random.one_in(8) {
        text.push(random.byte(b" \t\n\x0b\x0c\r"));
    }
    text.put(random.pick(&["", "", "", "-", "+", "+-"]).as_bytes());
    match random.below(8) {
        0 => text.put(
            random
                .pick(&[
                    "inf",
                    "INFINITY",
                    "infinit",
                    "infx",
                    "nan",
                    "NaN",
                    "nan(",
                    "nan()",
                    "nan(123)",
                    "nan(0x7f)",
                    "nan(a_1)",
                    "nan(-)",
                    "nan(4503599627370495)",
                    "na",
                    "in",
                ])
                .as_bytes(),
        ),
        1..=2 => hex(random, &mut text),
        _ => decimal(random, &mut text),
    }
    text.put(random.pick(&["", "", "", "", ",", ".", "f", "L", "e", "p1", "x"]).as_bytes());
    Input(heap::vec![text])
}

fn digits(random: &mut Random, text: &mut Vec<u8>, of: &[u8]) {
    let count = match random.below(10) {
        0 if random.one_in(8) => random.below(400),
        0..=3 => random.below(30),
        _ => random.below(6),
    };
    text.extend((0..count).map(|_| random.byte(of)));
}

fn hex(random: &mut Random, text: &mut Vec<u8>) {
    const OF: &[u8] = b"0123456789abcdefABCDEF0000008f";
    text.put(random.pick(&["0x", "0X", "0x1", "0x0"]).as_bytes());
    digits(random, text, OF);
    if random.one_in(2) {
        text.push(b'.');
        digits(random, text, OF);
    }
    if !random.one_in(4) {
        exponent(random, text, b"pP", &[-1074, -1022, 1023, -149, -126, 127, -16445, 16383, -1075, -16446]);
    }
}

fn decimal(random: &mut Random, text: &mut Vec<u8>) {
    // Halfway between two numbers, and the ends of the ranges.
    if random.one_in(24) {
        text.put(
            random
                .pick(&[
                    "9007199254740993",
                    "2.2250738585072011e-308",
                    "2.2250738585072014e-308",
                    "4.9406564584124654e-324",
                    "2.4703282292062327e-324",
                    "2.4703282292062328e-324",
                    "1.7976931348623158e308",
                    "1.7976931348623159e308",
                    "1.17549435e-38",
                    "1.4012984643e-45",
                    "7.0064923216e-46",
                    "3.4028235677973366e38",
                    "1.18973149535723176502e4932",
                    "3.6e-4951",
                    "0.1",
                    "16777217",
                ])
                .as_bytes(),
        );
        return;
    }
    digits(random, text, b"0123456789");
    if random.one_in(2) {
        text.push(b'.');
        digits(random, text, b"012345678900");
    }
    if random.one_in(2) {
        // Those of a long double take long in musl, which multiplies them out.
        let telling: &[i64] =
            if random.one_in(16) { &[4932, -4951] } else { &[308, -308, -324, 38, -45, -38, 309, 39] };
        exponent(random, text, b"eE", telling);
    }
}

fn exponent(random: &mut Random, text: &mut Vec<u8>, letters: &[u8], telling: &[i64]) {
    text.push(random.byte(letters));
    // The larger it is, the longer musl takes.
    let number = match random.below(48) {
        0..3 => telling[random.below(telling.len())] + random.between(-20, 20),
        3 => random.between(-400, 400),
        4 => [99_999, -99_999, 2_147_483_648, -2_147_483_649, i64::MAX, i64::MIN][random.below(6)],
        _ => random.between(-30, 30),
    };
    if number >= 0 && random.one_in(3) {
        text.push(b'+');
    }
    text.put_number(number);
}

fn ask_double(input: &Input, answer: &mut Answer) {
    let text = input.c(0);
    let double = numbers::double(&text);
    float(answer, "strtod", &double, (f64::classify(double.value), double.value.to_bits().to_be_bytes()));
    let single = numbers::float(&text);
    float(answer, "strtof", &single, (f32::classify(single.value), u64::from(single.value.to_bits()).to_be_bytes()));
    let long = numbers::long_double(&text);
    ended(answer, "strtold", &long);
    // Its format is the machine's own: only the same machine's are compared.
    let [low, high] = [0, 8].map(|at| core::array::from_fn(|i| long.value[at + i]));
    answer.number("strtold sign and exponent", i64::from_le_bytes(high));
    answer.number("strtold value", i64::from_le_bytes(low));
    answer.line("strtold errno", text::errno(long.errno.0));
}

/// The sign and the kind of a number in words, its bits in a decimal number: nothing is lost, and equal kinds look alike.
fn float<T>(answer: &mut Answer, function: &str, done: &Converted<T>, (kind, bits): (FpCategory, [u8; 8])) {
    ended(answer, function, done);
    answer.line(
        (function, " kind"),
        match kind {
            FpCategory::Nan => "not a number",
            FpCategory::Infinite => "infinite",
            FpCategory::Zero => "zero",
            FpCategory::Subnormal => "subnormal",
            FpCategory::Normal => "normal",
        },
    );
    answer.line((function, " errno"), text::errno(done.errno.0));
    answer.number((function, " bits"), i64::from_be_bytes(bits));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_numbers_of_all_kinds() {
        let made: Vec<Input> = (0..4000).map(|n| double(&mut Random::new(1, "x", n))).collect();
        for part in ["0x", "nan(", "inf", "e-", "p", "."] {
            let count =
                made.iter().filter(|input| input.field(0).windows(part.len()).any(|w| w == part.as_bytes())).count();
            assert!(count > 40, "{part}: {count}");
        }
    }

    #[test]
    fn a_long_double_is_taken_from_where_it_is_returned() {
        let one = numbers::long_double(c"1.5x");
        let expected: &[u8] = if cfg!(target_arch = "x86_64") {
            &[0, 0, 0, 0, 0, 0, 0, 0xc0, 0xff, 0x3f, 0, 0, 0, 0, 0, 0]
        } else {
            &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x3f]
        };
        assert_eq!((one.value.as_slice(), one.taken), (expected, Some(3)));
    }
}
