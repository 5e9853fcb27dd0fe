//! The families of `printf`: flags, widths, precisions, lengths and positions, with arguments that fit.
//!
//! A format is read here before it is asked, and what would take an argument that is not there is not asked.

use heap::string::String;
use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, Put, PutText, Random, Target, decimal, field};
use crate::sys::call::Errno;
use crate::sys::stdio::varied::{Argument, Arguments, FLOATS, LONG_DOUBLES, REGISTERS, WORDS, print, print_wide};
use crate::text;

/// `snprintf`.
pub const SNPRINTF: Target = Target {
    id: "stdio.snprintf",
    what: "snprintf: every conversion with flags, widths, precisions, lengths and positions, and %m",
    functions: &["snprintf"],
    ask: narrow,
    ..BASE
};

/// `swprintf`.
pub const SWPRINTF: Target = Target {
    id: "stdio.swprintf",
    what: "swprintf: as snprintf, with a wide format",
    functions: &["swprintf"],
    batch: 50_000,
    ask: wide,
    ..BASE
};

const BASE: Target = Target {
    fields: &["format", "a", "b", "c", "x", "y", "string", "errno"],
    told: true,
    inputs: Inputs::Grammar(make),
    ..Target::PLAIN
};

/// Characters of output that are asked for at most; what is longer is cut by the function.
const ROOM: usize = 1500;
/// A width or precision beyond this takes long, unless it is too large for any output.
const WIDE: u64 = 600;

fn make(random: &mut Random) -> Input {
    let mut format = String::new();
    if random.one_in(10) {
        format = heap::format!(
            "%{}${} %{}$d",
            1 + random.below(3),
            random.pick(&["d", "5d", "x", "*2$d"]),
            1 + random.below(3)
        );
    } else {
        conversion(random, &mut format);
    }
    let number = |random: &mut Random| {
        decimal(match random.below(6) {
            0 => [i64::MAX, i64::MIN, -1, 0, 4_294_967_295, i64::from(i32::MIN)][random.below(6)],
            1 => random.next() as i64,
            _ => random.between(-20, 300),
        })
    };
    let string = random.pick(&["", "a", "text", "a longer text", "\u{e9}", "\u{ff}\u{100}", "%d"]);
    Input(heap::vec![
        format.into_bytes(),
        number(random),
        number(random),
        number(random),
        double(random),
        double(random),
        field(string),
        decimal(random.between(-1, 135)),
    ])
}

fn double(random: &mut Random) -> Vec<u8> {
    match random.below(8) {
        0 => random
            .pick(&[
                "0",
                "-0",
                "inf",
                "-inf",
                "NaN",
                "1e308",
                "5e-324",
                "-1.7976931348623157e308",
                "0.5",
                "2.5",
                "1e15",
                "123456789",
            ])
            .as_bytes()
            .to_vec(),
        1 if random.one_in(4) => heap::format!("{:e}", f64::from_bits(random.next())).into_bytes(),
        which => {
            let mut number = decimal(random.between(-1000, 1000));
            number.push(if which == 2 { b'e' } else { b'.' });
            number.put_number(if which == 2 { random.between(-20, 20) } else { random.between(0, 99_999) });
            number
        }
    }
}

fn conversion(random: &mut Random, format: &mut String) {
    if random.one_in(5) {
        format.put(random.pick(&["a", " ", "%%", "\u{e9}", "-"]));
    }
    format.push('%');
    while random.one_in(3) {
        format.push(random.byte(b"-+ #0'I").into());
    }
    if random.one_in(3) {
        format.put(random.pick(&["1", "5", "20", "33", "*", "600", "2147483648", "9999999999"]));
    }
    if random.one_in(3) {
        format.push('.');
        format.put(random.pick(&["", "0", "1", "3", "10", "40", "*", "-1", "2147483648"]));
    }
    match random.below(12) {
        0..=3 => {
            format.put(random.pick(&["", "", "hh", "h", "l", "ll", "j", "z", "t", "q", "L", "Z", "w8", "w32", "wf16"]));
            format.push(random.byte(b"diouxXbB").into());
        }
        4..=6 => {
            format.put(random.pick(&["", "", "L", "l"]));
            format.push(random.byte(b"aAeEfFgG").into());
        }
        7 => format.put(random.pick(&["s", "ls", "S", "s"])),
        8 => format.put(random.pick(&["c", "lc", "C"])),
        9 => format.push('p'),
        10 => format.push('m'),
        _ => format.push(random.byte(b"DOUkKrRvVwWyYHJMNPQT%").into()),
    }
}

/// What a conversion takes that is no double.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    /// A width or a precision.
    Size,
    Letter,
    Text,
    Wide,
}

/// What a format takes, in the order of its arguments.
#[derive(Debug, Default)]
struct Reading {
    words: Vec<Option<Kind>>,
    floats: usize,
    longs: usize,
    conversions: usize,
    /// The letters of the last conversion.
    last: Vec<u8>,
    /// Whether one is no conversion of C, so that nobody knows what arguments it takes.
    odd: bool,
    /// Whether one has the flag `I`, which is glibc's own.
    digits: bool,
    /// Whether there are letters beyond ASCII in it.
    foreign: bool,
    /// Whether a width or a precision is larger than any output.
    beyond: bool,
    positions: usize,
    /// Conversions, widths and precisions that name no position: the two never mix.
    plain: usize,
}

/// Takes digits off; `None` where there are none.
fn digits(at: &mut &[u8]) -> Option<u64> {
    let count = at.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = at.split_at(count);
    *at = rest;
    (count > 0).then(|| {
        number.iter().fold(0, |all: u64, digit| all.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
    })
}

/// Takes `n$` off.
fn position(at: &mut &[u8]) -> Option<u64> {
    let mut ahead = *at;
    let number = digits(&mut ahead)?;
    *at = ahead.strip_prefix(b"$")?;
    Some(number)
}

impl Reading {
    /// Reads a format; the error says why it is not asked.
    fn of(format: &[u8]) -> Result<Self, &'static str> {
        let (mut reading, mut at) = (Self { foreign: !format.is_ascii(), ..Self::default() }, format);
        while let Some(percent) = at.iter().position(|byte| *byte == b'%') {
            at = &at[percent + 1..];
            if let Some(rest) = at.strip_prefix(b"%") {
                at = rest;
                continue;
            }
            reading.conversion(&mut at)?;
        }
        if reading.conversions > 1 && reading.positions == 0 {
            return Err("several conversions, of which each is asked alone");
        }
        if reading.positions > 0 && reading.plain > 0 {
            return Err("some arguments by position");
        }
        if reading.words.contains(&None) {
            return Err("an argument that no conversion takes");
        }
        let words = if reading.longs > 0 { REGISTERS } else { WORDS };
        let fits = reading.words.len() <= words && reading.floats <= FLOATS && reading.longs <= FLOATS;
        if fits { Ok(reading) } else { Err("more arguments than are passed") }
    }

    fn take(&mut self, position: Option<u64>, kind: Kind) -> Result<(), &'static str> {
        let Some(position) = position else {
            self.plain += 1;
            self.words.push(Some(kind));
            return Ok(());
        };
        let position = usize::try_from(position).unwrap_or(0);
        if position == 0 || position > 3 {
            return Err("a position beyond the arguments");
        }
        self.positions += 1;
        if self.words.len() < position {
            self.words.resize(position, None);
        }
        match self.words[position - 1] {
            Some(other) if other != kind => Err("one argument of two types"),
            _ => {
                self.words[position - 1] = Some(kind);
                Ok(())
            }
        }
    }

    /// A width or a precision: digits or a star.
    fn size(&mut self, at: &mut &[u8]) -> Result<(), &'static str> {
        match at.strip_prefix(b"*") {
            Some(rest) => {
                *at = rest;
                let position = position(at);
                self.take(position, Kind::Size)
            }
            None => match digits(at) {
                Some(WIDE..=0x7fff_fffe) => Err("an output that is very long"),
                Some(0x7fff_ffff..) => {
                    self.beyond = true;
                    Ok(())
                }
                _ => Ok(()),
            },
        }
    }

    fn conversion(&mut self, at: &mut &[u8]) -> Result<(), &'static str> {
        let place = position(at);
        while let [b'-' | b'+' | b' ' | b'#' | b'0' | b'\'' | b'I', rest @ ..] = *at {
            self.digits |= at[0] == b'I';
            *at = rest;
        }
        self.size(at)?;
        if let Some(rest) = at.strip_prefix(b".") {
            *at = rest;
            self.size(at)?;
        }
        let start = *at;
        let length = at.iter().take_while(|byte| b"hlLqjzZtwf0123456789".contains(byte)).count();
        // The f of a double is no length, unless it is one of C23's.
        let length =
            if at.first() == Some(&b'w') { length } else { at[..length].iter().take_while(|b| **b != b'f').count() };
        let (length, rest) = at.split_at(length);
        let (letter, rest) = match rest.split_first() {
            Some((letter, rest)) => (*letter, rest),
            None => (0, rest),
        };
        *at = rest;
        self.conversions += 1;
        self.last = start[..start.len() - rest.len()].to_vec();
        let known = matches!(length, b"" | b"hh" | b"h" | b"l" | b"ll" | b"j" | b"z" | b"t");
        match (length, letter) {
            (_, b'n') => return Err("a conversion that stores"),
            (_, b'd' | b'i' | b'o' | b'u' | b'x' | b'X') if known => self.take(place, Kind::Number)?,
            (b"" | b"l" | b"L", b'a' | b'A' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G') => {
                if place.is_some() {
                    return Err("a double by position");
                }
                self.plain += 1;
                match length {
                    b"L" if !LONG_DOUBLES => return Err("a long double, which cannot be passed here"),
                    b"L" => self.longs += 1,
                    _ => self.floats += 1,
                }
            }
            (b"", b's') => self.take(place, Kind::Text)?,
            (b"l", b's') | (b"", b'S') => self.take(place, Kind::Wide)?,
            (b"", b'c' | b'C') | (b"l", b'c') => self.take(place, Kind::Letter)?,
            (b"", b'p') => self.take(place, Kind::Number)?,
            (b"", b'm') if place.is_none() => self.plain += 1,
            (_, b's' | b'S' | b'a' | b'A' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G') => {
                return Err("a length that does not go with the conversion");
            }
            _ if place.is_some() => return Err("an unknown conversion by position"),
            // Some begin a new conversion there.
            (_, b'%') => return Err("a percent sign inside a conversion"),
            // Where it is known it takes a number, and it is alone.
            _ => {
                self.odd = true;
                self.take(None, Kind::Number)?;
            }
        }
        Ok(())
    }

    /// Names the conversion where there is one alone, so that findings about it are together.
    fn name(&self) -> String {
        let letter = self.last.last().copied().unwrap_or(0);
        match self.conversions {
            _ if self.foreign => "letters beyond ASCII".into(),
            0 => "no conversion".into(),
            _ if self.digits => "flag I".into(),
            _ if self.beyond => "a width or precision beyond any output".into(),
            _ if self.positions > 0 => "by position".into(),
            _ if self.odd && self.last.first() == Some(&b'w') => "a width of C23".into(),
            _ if matches!(letter, b'b' | b'B') => "%b".into(),
            _ if self.odd && b"diouxX".contains(&letter) => "an integer with q, Z or L".into(),
            _ if self.odd => "unknown conversion".into(),
            // Where lengths of integers and upper case make no difference of their own.
            _ if b"diouxX".contains(&letter) => heap::format!("%{}", char::from(letter)),
            _ if b"aAeEfFgG".contains(&letter) => {
                let long = if self.longs > 0 { "L" } else { "" };
                heap::format!("%{long}{}", char::from(letter.to_ascii_lowercase()))
            }
            _ => heap::format!("%{}", self.last.escape_ascii()).replace(':', "colon"),
        }
    }
}

/// Reads the format and asks with what it takes.
fn with(input: &Input, answer: &mut Answer, call: impl FnOnce(&Reading, &Arguments<'_>, &mut Answer)) {
    let reading = match Reading::of(input.c(0).to_bytes()) {
        Ok(reading) => reading,
        Err(why) => return answer.line("not asked", why),
    };
    let string = input.c(6);
    let letters: Vec<i32> = string.to_bytes().iter().map(|byte| i32::from(*byte)).chain([0]).collect();
    let numbers = [1, 2, 3].map(|n| input.number(n));
    let words = reading.words.iter().zip(numbers.iter().cycle());
    let words = words.map(|(kind, number)| match kind {
        Some(Kind::Text) => Argument::Text(&string),
        Some(Kind::Wide) => Argument::Wide(&letters),
        Some(Kind::Size) => Argument::Number(number % WIDE as i64),
        Some(Kind::Letter) => Argument::Number(number & 0xff),
        _ => Argument::Number(*number),
    });
    let double = |n| core::str::from_utf8(input.field(n)).ok().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    let (x, y) = (double(4), double(5));
    let arguments = Arguments {
        words: words.collect(),
        floats: [x, y, x, y],
        longs: [y, x, y, x][..reading.longs].to_vec(),
        // What only `%m` reads is a number that no failure sets for the others.
        errno: if reading.last == b"m" { input.number(7).clamp(-1_000, 10_000) as i32 } else { 7777 },
    };
    call(&reading, &arguments, answer);
}

fn narrow(input: &Input, answer: &mut Answer) {
    with(input, answer, |reading, arguments, answer| {
        let mut buffer = [0u8; ROOM];
        let (length, errno) = print(&mut buffer, &input.c(0), arguments);
        match usize::try_from(length) {
            Ok(length) => {
                answer.bytes(&reading.name(), &buffer[..length.min(ROOM - 1)]);
                answer.number("returns", length as i64);
            }
            Err(_) => failed(answer, reading, arguments, errno),
        }
    });
}

/// Not every failure sets `errno`.
fn failed(answer: &mut Answer, reading: &Reading, arguments: &Arguments<'_>, errno: Errno) {
    match errno.0 == arguments.errno {
        true => answer.line(&reading.name(), "fails, errno as before"),
        false => answer.line(&reading.name(), heap::format!("fails, {}", text::errno(errno.0))),
    }
}

fn wide(input: &Input, answer: &mut Answer) {
    with(input, answer, |reading, arguments, answer| {
        let mut buffer = [0i32; ROOM];
        let format: Vec<i32> = input.c(0).to_bytes().iter().map(|byte| i32::from(*byte)).chain([0]).collect();
        let (length, errno) = print_wide(&mut buffer, &format, arguments);
        match usize::try_from(length) {
            Ok(length) => {
                let letters = buffer[..length.min(ROOM - 1)].iter().map(|letter| *letter as u32);
                let mut text = Vec::with_capacity(64);
                letters.for_each(|letter| match u8::try_from(letter) {
                    Ok(byte @ b' '..127) => text.push(byte),
                    _ => {
                        text.push(b'<');
                        text.put_hex(letter.into(), 0);
                        text.push(b'>');
                    }
                });
                answer.bytes(&reading.name(), &text);
                answer.number("returns", length as i64);
            }
            Err(_) => failed(answer, reading, arguments, errno),
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_read_as_c_reads_them() {
        let kinds = |format: &str| {
            Reading::of(format.as_bytes()).map(|r| (r.words.iter().flatten().copied().collect(), r.floats, r.longs))
        };
        assert_eq!(kinds("%5d%%"), Ok((std::vec![Kind::Number], 0, 0)));
        assert_eq!(kinds("%-*.*f"), Ok((std::vec![Kind::Size, Kind::Size], 1, 0)));
        assert_eq!(kinds("%2$d%1$s"), Ok((std::vec![Kind::Text, Kind::Number], 0, 0)));
        assert_eq!(kinds("%ls"), Ok((std::vec![Kind::Wide], 0, 0)));
        for format in [
            "%n",
            "%hs",
            "%Q%d",
            "%d%s",
            "%1$d%d",
            "%2$d",
            "%1$d%1$s",
            "%4$d",
            "%99999d",
            "%hhn",
            "%llf",
            "%w%s",
            "%1$*2$d%a",
            "%1$d%m",
        ] {
            assert!(kinds(format).is_err(), "{format}");
        }
    }

    #[test]
    fn most_formats_of_the_grammar_are_asked() {
        let made: Vec<Input> = (0..2000).map(|n| make(&mut Random::new(1, "x", n))).collect();
        let asked: Vec<Reading> = made.iter().filter_map(|input| Reading::of(input.field(0)).ok()).collect();
        assert!(asked.len() > 1200, "{}", asked.len());
        assert!(asked.iter().filter(|reading| reading.longs > 0).count() > 30 || !LONG_DOUBLES);
        assert!(asked.iter().filter(|reading| reading.positions > 0).count() > 20);
    }
}
