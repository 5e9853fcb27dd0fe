//! Names of DNS messages, read and written in the process: `dn_expand`, `dn_skipname`, `dn_comp`.

use heap::string::String;
use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, PutText, Random, Target, decimal};
use crate::sys::dns::wire;

/// The three functions.
pub const TARGET: Target = Target {
    id: "dns.names",
    what: "dn_expand and dn_skipname of a message in hexadecimal digits, and dn_comp of the name that was found or given",
    functions: &["dn_expand", "dn_skipname", "dn_comp"],
    fields: &["message", "offset", "name", "size"],
    inputs: Inputs::Grammar(make),
    told: true,
    ask,
    ..Target::PLAIN
};

fn make(random: &mut Random) -> Input {
    let (mut message, mut starts) = (String::new(), Vec::new());
    for _ in 0..1 + random.below(3) {
        starts.push(message.len() / 2);
        for _ in 0..random.below(4) {
            label(random, &mut message);
        }
        match (random.below(3), random.below(starts.len())) {
            (0, n) => message.put_hex(0xc000 | starts[n] as u64, 4),
            (1, _) if random.one_in(4) => message.put_hex(random.below(65_536) as u64, 4),
            _ => message.put("00"),
        }
    }
    let offset = if random.one_in(8) { random.below(40) } else { starts[random.below(starts.len())] };
    let size = if random.one_in(3) { random.between(0, 39) } else { 255 };
    let name = written(random);
    Input(heap::vec![message.into_bytes(), decimal(offset as i64), name.into_bytes(), decimal(size)])
}

/// A label, its length in front: letters, and now and then what text has to escape.
fn label(random: &mut Random, message: &mut String) {
    let length = match random.below(12) {
        0 => 63,
        1 => 30 + random.below(34),
        _ => random.below(6),
    };
    let said = if random.one_in(20) { random.below(256) } else { length };
    message.put_hex(said as u64, 2);
    for _ in 0..length {
        let odd = random.one_in(12);
        let byte = random.byte(if odd { b"\x00.\\\"@$ ;()\x7f\xc3_-*" } else { b"abcdefgz019" });
        message.put_hex(byte.into(), 2);
    }
}

fn written(random: &mut Random) -> String {
    let mut name = String::new();
    for _ in 0..random.below(5) {
        let label = random
            .pick(&["a", "example", "org", "_tcp", "", "*", "\\.", "\\065", "\\300", "a\\", "x-y", "\\\\", "\u{e9}"]);
        name.put(label);
        if random.one_in(12) {
            (0..50 + random.below(20)).for_each(|_| name.push('l'));
        }
        name.put(random.pick(&[".", ".", ".", ""]));
    }
    name
}

fn ask(input: &Input, answer: &mut Answer) {
    let digits = input.field(0).iter().filter_map(|b| char::from(*b).to_digit(16)).map(|digit| digit as u8);
    let digits: Vec<u8> = digits.collect();
    let message: Vec<u8> = digits.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect();
    let offset = (input.number(1).max(0) as usize).min(message.len());
    let size = input.number(3).clamp(1, 255) as usize;
    let Some(functions) = wire::functions() else { return answer.line("dn_expand", "absent") };
    match functions.expand(&message, offset, size) {
        None => answer.line("dn_expand", "refused"),
        Some((taken, name)) => {
            answer.number("dn_expand takes", taken);
            answer.bytes("name", &name);
        }
    }
    match functions.skip(&message, offset) {
        None => answer.line("dn_skipname", "refused"),
        Some(taken) => answer.number("dn_skipname", taken),
    }
    match functions.compress(&input.c(2), size) {
        None => answer.line("dn_comp", "refused"),
        Some(bytes) => answer.bytes("dn_comp", &bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_whole_bytes_and_hold_pointers() {
        let all: Vec<Input> = (0..500).map(|n| make(&mut Random::new(1, "x", n))).collect();
        assert!(all.iter().all(|input| input.field(0).len().is_multiple_of(2)));
        assert!(all.iter().any(|input| input.field(0).windows(3).any(|digits| digits == b"c00")));
    }
}
