//! The families of `strtol`: what a number is, where it ends, and what happens beyond its range.

use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, Random, Target};
use crate::sys::strings::numbers::{self, Converted};
use crate::text;

/// `strtol`, `strtoul` and their relatives.
pub const STRTOL: Target = Target {
    id: "strings.strtol",
    what: "strtol, strtoul, strtoimax, wcstol: value, end and errno, in every base",
    functions: &["strtol", "strtoul"],
    fields: &["text", "base"],
    inputs: Inputs::Grammar(integer),
    ask: ask_integer,
    ..Target::PLAIN
};

fn integer(random: &mut Random) -> Input {
    let mut text = Vec::new();
    if random.one_in(4) {
        text.push(random.byte(b" \t\n\x0b\x0c\r0"));
    }
    text.extend_from_slice(random.pick(&["", "", "-", "+", "+-"]).as_bytes());
    text.extend_from_slice(random.pick(&["", "", "", "0x", "0X", "0b", "0B", "0o", "0"]).as_bytes());
    for _ in 0..random.below(20) {
        text.push(random.byte(b"0123456789abcdefgzAFZ10017"));
    }
    text.extend_from_slice(random.pick(&["", "", "", ",", ".", " ", "L", "_1"]).as_bytes());
    let base = heap::format!("{}", random.pick(&["0", "10", "16", "8", "2", "36", "1", "-1", "37", "3"]));
    Input(heap::vec![text, base.into_bytes()])
}

fn ask_integer(input: &Input, answer: &mut Answer) {
    let (text, base) = (input.c(0), input.number(1) as i32);
    said(answer, ["strtol end", "strtol value", "strtol errno"], &numbers::long(&text, base), |value| value);
    said(answer, ["strtoul end", "strtoul value", "strtoul errno"], &numbers::unsigned(&text, base), |value| {
        value as i64
    });
}

fn said<T: Copy>(answer: &mut Answer, [end, value, errno]: [&str; 3], done: &Converted<T>, number: fn(T) -> i64) {
    match done.taken {
        Some(taken) => answer.number(end, taken as i64),
        None => answer.line(end, "not stored"),
    }
    answer.number(value, number(done.value));
    answer.line(errno, text::errno(done.errno.0));
}
