//! `sscanf`: sets, widths, suppressed and allocated conversions, numbers of all kinds, and where it stops.
//!
//! A format is read here before it is asked, and what C leaves undefined is not asked: a conversion or length that it does not
//! know, a number too large for its place.

use heap::string::String;
use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, Put, PutText, Random, Target};
use crate::sys::kept::Kept;
use crate::sys::stdio::varied::{PLACE, PLACES, UNTOUCHED, allocated, scan};

/// `sscanf` as C99 has it, and as C23.
pub const TARGET: Target = Target {
    id: "stdio.sscanf",
    what: "sscanf of C99 and C23: the return value and what was assigned",
    functions: &["sscanf", "__isoc99_sscanf", "__isoc23_sscanf"],
    fields: &["format", "text", "flags (n: C23)"],
    told: true,
    inputs: Inputs::Grammar(make),
    ask,
    ..Target::PLAIN
};

fn make(random: &mut Random) -> Input {
    let (mut format, mut text) = (String::new(), String::new());
    piece(random, &mut format, &mut text);
    if random.one_in(3) {
        let same = random.pick(&[" ", ",", "x", "%%"]);
        format.put(same);
        text.put(if same == "%%" { "%" } else { same });
    }
    format.put(random.pick(&["", "", "%n"]));
    let flags = if random.one_in(3) { "n" } else { "" };
    Input(heap::vec![format.into_bytes(), text.into_bytes(), flags.into()])
}

fn piece(random: &mut Random, format: &mut String, text: &mut String) {
    if random.one_in(4) {
        let same = random.pick(&[" ", ",", "x", "%%", "-"]);
        format.put(same);
        text.put(if same == "%%" { "%" } else { same });
    }
    if random.one_in(5) {
        text.push(' ');
    }
    format.push('%');
    if random.one_in(8) {
        format.push('*');
    }
    let kind = random.below(8);
    if kind < 3 && random.one_in(5) {
        format.push('m');
    }
    if random.one_in(3) {
        format.put(random.pick(&["1", "2", "3", "4", "5", "10", "20"]));
    }
    match kind {
        0..=1 => {
            format.put(random.pick(&[
                "[a-z]", "[^,]", "[]a]", "[^]a]", "[z-a]", "[a-]", "[-a]", "[0-9a-f]", "[%]", "[^a-c]", "l[a-z]",
                "[a-cx-z]", "[abc",
            ]));
            text.put(random.pick(&["abc", "xyz,", "]a", "a-b", "09af", "%", "ABC", "b", ""]));
        }
        2 => {
            format.put(random.pick(&["s", "c", "ls", "lc", "S", "C"]));
            text.put(random.pick(&["word ", "a", "two words", " ", "\u{e9}", "abcdefghijkl"]));
        }
        3..=4 => {
            format.put(random.pick(&["", "", "l", "h", "hh", "ll", "j", "z", "t", "L", "q"]));
            format.push(random.byte(b"diouxXdi").into());
            text.put(random.pick(&["", "-", "+", "0x", "0X", "0b", "0", "0x-", "--"]));
            text.put(random.pick(&["1", "12", "7f", "077", "0", "g", "", "10 ", "9,", "101", "1_0"]));
        }
        5..=6 => {
            format.put(random.pick(&["", "l", "l", "L"]));
            format.push(random.byte(b"aefgAEFG").into());
            text.put(random.pick(&[
                "1.5", "-2", "0x1.8p1", "0x", "0x.p", "1e", "1e+", "1e5x", "inf", "infinit", "INFINITY", "nan",
                "nan(12)", "nan(", ".5", ".", "5.", "1.e2", "0x1p", "+", "1.2.3", "na", "1e-3",
            ]));
        }
        _ => {
            format.put(random.pick(&["n", "hhn", "ln", "p", "n", "p"]));
            text.put(random.pick(&["", "0x10", "(nil)", "12", "x"]));
        }
    }
}

/// What a conversion stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An integer of so many bytes.
    Integer(usize),
    Float,
    Double,
    Long,
    /// Letters without an end, so many at most.
    Letters(usize),
    /// Wide letters without an end, so many at most.
    WideLetters(usize),
    Text,
    WideText,
    /// A string of the C library's own.
    Allocated,
    /// How far it read: not counted in the return value.
    Count(usize),
    /// A pointer.
    Pointer,
}

/// A conversion that stores something: what, and what its kind is called.
type Stored = (Kind, &'static str);

/// Reads a format; the error says why it is not asked. There is one conversion, and counts: what differs is about that one.
fn read(format: &[u8], text: &[u8]) -> Result<(Vec<Stored>, &'static str), &'static str> {
    let (mut all, mut at, mut which, mut count) = (Vec::with_capacity(PLACES), format, "%n", 0);
    while let Some(percent) = at.iter().position(|byte| *byte == b'%') {
        at = &at[percent + 1..];
        if let Some(name) = conversion(&mut at, text, &mut all)? {
            which = name;
            count += 1;
        }
    }
    if all.len() > PLACES {
        return Err("more conversions than places");
    }
    if count > 1 { Err("several conversions, of which each is asked alone") } else { Ok((all, which)) }
}

/// What conversions are called that read the same.
fn named(letter: u8, wide: bool) -> &'static str {
    match (letter, wide) {
        (b'd' | b'u', _) => "%d",
        (b'o', _) => "%o",
        (b'x' | b'X', _) => "%x",
        (b'i', _) => "%i",
        (b'p', _) => "%p",
        (b'n', _) => "%n",
        (b's', false) => "%s",
        (b'c', false) => "%c",
        (b'[', false) => "%[",
        (b's' | b'S', _) => "%ls",
        (b'c' | b'C', _) => "%lc",
        (b'[', _) => "%l[",
        _ => "%f",
    }
}

/// Reads one; says what it is called, unless it is one that reads nothing.
fn conversion(at: &mut &[u8], text: &[u8], all: &mut Vec<Stored>) -> Result<Option<&'static str>, &'static str> {
    let take = |at: &mut &[u8], letter: u8| match at.split_first() {
        Some((first, rest)) if *first == letter => {
            *at = rest;
            true
        }
        _ => false,
    };
    if take(at, b'%') {
        return Ok(None);
    }
    let suppressed = take(at, b'*');
    let digits = at.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let width = at[..digits].iter().fold(0usize, |all, digit| all.saturating_mul(10) + usize::from(digit - b'0'));
    *at = &at[digits..];
    if digits > 3 || digits > 0 && !(1..=60).contains(&width) {
        return Err("a width of nothing, or of very much");
    }
    // glibc takes the m before the width as well.
    let allocates = take(at, b'm');
    let lengths = at.iter().take_while(|byte| b"hlLjzt".contains(byte)).count();
    let (length, rest) = at.split_at(lengths);
    let (letter, rest) = rest.split_first().ok_or("an unfinished conversion")?;
    *at = rest;
    if *letter == b'[' {
        set(at)?;
    }
    let kind = kind(length, *letter, digits > 0, width).ok_or("what C does not know")?;
    let of_text = matches!(letter, b's' | b'c' | b'[');
    if allocates && (suppressed || !of_text || length == b"l" || *letter == b'c') {
        return Err("an allocation of something else than a string");
    }
    if suppressed && matches!(kind, Kind::Count(_)) {
        return Err("a count that is stored nowhere");
    }
    let room = match kind {
        // As many digits as fit for certain, whatever the base.
        Kind::Integer(1) => 2,
        Kind::Integer(2) => 4,
        Kind::Integer(4) => 8,
        Kind::Integer(_) | Kind::Pointer => 15,
        _ => usize::MAX,
    };
    if text.split(|byte| !byte.is_ascii_hexdigit()).any(|run| run.len() > room) {
        return Err("a number that may not fit");
    }
    let name = named(*letter, length == b"l");
    if !suppressed {
        all.push((if allocates { Kind::Allocated } else { kind }, name));
    }
    Ok((!matches!(kind, Kind::Count(_))).then_some(name))
}

/// Takes a set to its end off. Ranges are for each C library to define; a set without an end is nobody's.
fn set(at: &mut &[u8]) -> Result<(), &'static str> {
    let start = usize::from(at.first() == Some(&b'^'));
    let start = start + usize::from(at.get(start) == Some(&b']'));
    let end = at.get(start..).and_then(|rest| rest.iter().position(|byte| *byte == b']'));
    *at = &at[start + end.ok_or("a set without an end")? + 1..];
    Ok(())
}

fn kind(length: &[u8], letter: u8, wide_enough: bool, width: usize) -> Option<Kind> {
    let letters = if wide_enough { width } else { 1 };
    let integer = || match length {
        b"hh" => Some(1),
        b"h" => Some(2),
        b"" => Some(4),
        b"l" | b"ll" | b"j" | b"z" | b"t" => Some(8),
        _ => None,
    };
    Some(match (letter, length) {
        (b'd' | b'i' | b'o' | b'u' | b'x' | b'X', _) => Kind::Integer(integer()?),
        (b'n', _) if !wide_enough => Kind::Count(integer()?),
        (b'a' | b'A' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G', b"") => Kind::Float,
        (b'a' | b'A' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G', b"l") => Kind::Double,
        (b'a' | b'A' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G', b"L") => Kind::Long,
        (b's' | b'[', b"") => Kind::Text,
        (b's' | b'[', b"l") | (b'S', b"") => Kind::WideText,
        (b'c', b"") => Kind::Letters(letters),
        (b'c', b"l") | (b'C', b"") => Kind::WideLetters(letters),
        (b'p', b"") => Kind::Pointer,
        _ => return None,
    })
}

fn ask(input: &Input, answer: &mut Answer) {
    let (format, text) = (input.c(0), input.c(1));
    // A longer text would be larger than a place.
    if text.to_bytes().len() > super::super::FIELD_BYTES {
        return answer.line("not asked", "a long text");
    }
    let (stored, which) = match read(format.to_bytes(), text.to_bytes()) {
        Ok(read) => read,
        Err(why) => return answer.line("not asked", why),
    };
    ROOM.with(|places| {
        places.iter_mut().zip(&stored).for_each(|(place, _)| place[..BEFORE].fill(UNTOUCHED));
        let count = scan(input.has(2, b'n'), &text, &format, places);
        answer.number(("returned for ", which), count.into());
        told(answer, count, places, &stored);
    });
}

/// Where conversions store; nothing of what an earlier one stored behind [`BEFORE`] is looked at.
static ROOM: Kept<[[u8; PLACE]; PLACES]> = Kept::new([[0; PLACE]; PLACES]);
/// Bytes of a place that are prepared: what the widest `%lc` may be short of.
const BEFORE: usize = 256;

/// What was stored.
fn told(answer: &mut Answer, count: i32, places: &[[u8; PLACE]; PLACES], stored: &[Stored]) {
    let mut left = count;
    for (place, (kind, name)) in places.iter().zip(stored) {
        let touched = place[..4].iter().any(|byte| *byte != UNTOUCHED);
        if let Kind::Count(bytes) = kind {
            // It is reached where everything before it was assigned, and may be where it was not touched.
            match left >= 0 && touched_integer(place, *bytes) {
                true => answer.number("%n", integer(place, *bytes)),
                false => answer.line("%n", "not reached"),
            }
            continue;
        }
        if left <= 0 {
            break;
        }
        left -= 1;
        match touched || matches!(kind, Kind::Letters(_)) {
            true => show(answer, name, *kind, place),
            false => answer.line(*name, "counted and not assigned"),
        }
    }
}

fn touched_integer(place: &[u8; PLACE], bytes: usize) -> bool {
    place[..bytes].iter().any(|byte| *byte != UNTOUCHED)
}

fn integer(place: &[u8; PLACE], bytes: usize) -> i64 {
    let word = core::array::from_fn(|i| if i < bytes { place[i] } else { 0 });
    let shift = 64 - 8 * bytes as u32;
    (u64::from_le_bytes(word) << shift) as i64 >> shift
}

fn show(answer: &mut Answer, name: &str, kind: Kind, place: &[u8; PLACE]) {
    match kind {
        Kind::Integer(bytes) | Kind::Count(bytes) => answer.number(name, integer(place, bytes)),
        Kind::Pointer => answer.number(name, integer(place, 8)),
        Kind::Float => answer.line(name, heap::format!("{:?}", f32::from_bits(integer(place, 4) as u32))),
        Kind::Double => answer.line(name, heap::format!("{:?}", f64::from_bits(integer(place, 8) as u64))),
        Kind::Long => answer.bytes(name, &place[..if cfg!(target_arch = "x86_64") { 10 } else { 16 }]),
        Kind::Letters(count) => answer.bytes(name, &place[..count]),
        Kind::Text => answer.bytes(name, &place[..place.iter().position(|byte| *byte == 0).unwrap_or(PLACE)]),
        Kind::WideLetters(count) => show_wide(answer, name, &place[..4 * count]),
        Kind::WideText => {
            let words = place.as_chunks::<4>().0;
            show_wide(answer, name, &place[..4 * words.iter().position(|word| *word == [0; 4]).unwrap_or(words.len())]);
        }
        Kind::Allocated => {
            if allocated(place, |text| answer.bytes(name, text)).is_none() {
                answer.line(name, "null");
            }
        }
    }
}

fn show_wide(answer: &mut Answer, name: &str, place: &[u8]) {
    let mut words = Vec::new();
    for word in place.as_chunks::<4>().0 {
        words.put_number(u32::from_le_bytes(*word).into());
        words.push(b' ');
    }
    answer.bytes(name, &words);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_read_as_c_reads_them() {
        let kinds = |format: &str| {
            read(format.as_bytes(), b"1").map(|(all, _)| all.iter().map(|(kind, _)| *kind).collect::<Vec<_>>())
        };
        assert_eq!(kinds("%d%%"), Ok(std::vec![Kind::Integer(4)]));
        assert_eq!(kinds("%*f%hhn"), Ok(std::vec![Kind::Count(1)]));
        assert_eq!(kinds("%[^]a]%hhn"), Ok(std::vec![Kind::Text, Kind::Count(1)]));
        assert_eq!(kinds("%ms"), Ok(std::vec![Kind::Allocated]));
        assert_eq!(read(b"%lX", b"1").map(|(_, which)| which), Ok("%x"));
        for format in ["%", "%d%d", "%[a", "%hs", "%*n", "%0d", "%md", "%d%d%d%d%d", "%Q", "%mc"] {
            assert!(kinds(format).is_err(), "{format}");
        }
        assert!(read(b"%d", b"1234567890").is_err());
    }

    #[test]
    fn most_formats_of_the_grammar_are_asked() {
        let made: Vec<Input> = (0..2000).map(|n| make(&mut Random::new(1, "x", n))).collect();
        let asked = made.iter().filter(|input| read(input.field(0), input.field(1)).is_ok()).count();
        assert!(asked > 1200, "{asked}");
    }
}
