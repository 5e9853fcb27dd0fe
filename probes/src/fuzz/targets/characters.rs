//! Every character there is: classes, case, width and bytes of each code point, in C and in C.UTF-8; every byte.

use heap::ffi::CString;

use super::super::{Answer, Input, Inputs, Target, decimal};
use crate::sys::locale::characters::{
    CLASSES, byte_cases, byte_is, cases, classes, encode, from_byte, mapped, orders, to_byte, width,
};
use crate::sys::locale::kept::{Characters, use_characters};
use crate::text;

/// What is asked beyond the last code point.
const BEYOND: [u32; 8] = [0x11_0000, 0x11_ffff, 0x1f_ffff, 0x20_0000, 0x3ff_ffff, 0x400_0000, 0x7fff_ffff, 0xffff_ffff];
/// How many code points are asked about in each locale.
const POINTS: u64 = 0x11_0000 + BEYOND.len() as u64;
const BYTES: u64 = 257;

const EVERY: Target =
    Target { fields: &["flags", "code point"], inputs: Inputs::All(2 * POINTS, point), told: true, ..Target::PLAIN };

/// Those of the classes in the order of [`classes`], and `iswctype`.
const CLASS_FUNCTIONS: [&str; 13] = [
    "iswalpha",
    "iswupper",
    "iswlower",
    "iswdigit",
    "iswxdigit",
    "iswalnum",
    "iswpunct",
    "iswspace",
    "iswblank",
    "iswcntrl",
    "iswprint",
    "iswgraph",
    "iswctype",
];

/// `iswalpha` and its eleven relatives, and `iswctype`.
pub const CLASS: Target = Target {
    id: "locale.iswctype",
    what: "iswalpha and its relatives, and iswctype, of every code point in C and C.UTF-8",
    functions: &CLASS_FUNCTIONS,
    ask: ask_class,
    ..EVERY
};

/// `towupper`, `towlower` and `towctrans`.
pub const CASE: Target = Target {
    id: "locale.towctrans",
    what: "towupper, towlower and towctrans of every code point in C and C.UTF-8",
    functions: &["towupper", "towlower", "towctrans"],
    ask: ask_case,
    ..EVERY
};

/// `wcwidth`.
pub const WIDTH: Target = Target {
    id: "locale.wcwidth",
    what: "wcwidth of every code point in C and C.UTF-8",
    functions: &["wcwidth"],
    ask: ask_width,
    ..EVERY
};

/// `wcrtomb` and `wctob`.
pub const ENCODE: Target = Target {
    id: "locale.wcrtomb",
    what: "wcrtomb and wctob of every code point in C and C.UTF-8",
    functions: &["wcrtomb", "wctob"],
    ask: ask_encode,
    ..EVERY
};

/// `isalpha` and its relatives.
pub const BYTE: Target = Target {
    id: "locale.isalpha",
    what: "isalpha and its relatives, toupper, tolower and btowc, of every byte and EOF in C and C.UTF-8",
    functions: &[
        "isalpha", "isupper", "islower", "isdigit", "isxdigit", "isalnum", "ispunct", "isspace", "isblank", "iscntrl",
        "isprint", "isgraph", "toupper", "tolower", "btowc",
    ],
    fields: &["flags", "byte"],
    told: true,
    inputs: Inputs::All(2 * BYTES, |n| numbered(n / BYTES, (n % BYTES) as i64 - 1)),
    ask: ask_byte,
    ..Target::PLAIN
};

/// `strcoll` and `strcasecmp`.
pub const ORDER: Target = Target {
    id: "locale.strcoll",
    what: "strcoll and strcasecmp of every two bytes in C and C.UTF-8",
    functions: &["strcoll", "strcasecmp"],
    fields: &["flags", "one", "other"],
    told: true,
    inputs: Inputs::All(2 << 16, pair),
    ask: ask_order,
    ..Target::PLAIN
};

/// A number in C, the first of the locales, or in C.UTF-8.
fn numbered(locale: u64, number: i64) -> Input {
    let flags = if locale == 0 { "" } else { "u" };
    Input(heap::vec![flags.into(), decimal(number)])
}

fn point(n: u64) -> Input {
    let number = n % POINTS;
    let beyond = number.checked_sub(0x11_0000).map(|beyond| i64::from(BEYOND[beyond as usize]));
    numbered(n / POINTS, beyond.unwrap_or(number as i64))
}

fn pair(n: u64) -> Input {
    let flags = if n >> 16 == 0 { "" } else { "u" };
    Input(heap::vec![flags.into(), heap::vec![(n >> 8) as u8], heap::vec![n as u8]])
}

/// Takes the locale that the flags name; false, and an answer, where it is not there.
fn taken(input: &Input, answer: &mut Answer) -> bool {
    let taken = use_characters(if input.has(0, b'u') { Characters::Utf8 } else { Characters::Plain });
    if !taken {
        answer.line("locale", "absent");
    }
    taken
}

fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

fn ask_class(input: &Input, answer: &mut Answer) {
    /// From the class with the fewest members to the one with most: the first that differs is the most telling.
    const ORDER: [usize; 12] = [3, 4, 8, 7, 9, 1, 2, 0, 6, 5, 11, 10];
    if !taken(input, answer) {
        return;
    }
    let all = classes(input.number(1) as u32);
    ORDER.iter().for_each(|n| answer.line(CLASS_FUNCTIONS[*n], yes(all[*n].0)));
    let same = all.iter().all(|(function, class)| function == class);
    answer.line("iswctype", if same { "as the functions" } else { "not as the functions" });
}

/// What a character becomes: itself, or another.
fn becomes(answer: &mut Answer, name: &str, from: u32, to: u32) {
    match from == to {
        true => answer.line(name, "itself"),
        false => answer.number(name, to.into()),
    }
}

fn ask_case(input: &Input, answer: &mut Answer) {
    if !taken(input, answer) {
        return;
    }
    let wide = input.number(1) as u32;
    let (upper, lower) = cases(wide);
    becomes(answer, "towupper", wide, upper);
    becomes(answer, "towlower", wide, lower);
    answer.line("towctrans", if mapped(wide) == (upper, lower) { "as the functions" } else { "not as the functions" });
}

fn ask_width(input: &Input, answer: &mut Answer) {
    if !taken(input, answer) {
        return;
    }
    answer.line(
        "wcwidth",
        match width(input.number(1) as u32) {
            -1 => "minus one",
            0 => "none",
            1 => "one",
            2 => "two",
            _ => "another",
        },
    );
}

fn ask_encode(input: &Input, answer: &mut Answer) {
    if !taken(input, answer) {
        return;
    }
    let wide = input.number(1) as u32;
    match encode(wide) {
        Err(error) => answer.line("wcrtomb", text::errno(error.0)),
        Ok(bytes) => {
            answer.line(
                "wcrtomb",
                ["nothing", "one byte", "two bytes", "three bytes", "four bytes"].get(bytes.len()).unwrap_or(&"more"),
            );
            bytes.iter().for_each(|byte| answer.number("byte", (*byte).into()));
        }
    }
    match to_byte(wide) {
        None => answer.line("wctob", "EOF"),
        Some(byte) => answer.number("wctob", byte.into()),
    }
}

fn ask_byte(input: &Input, answer: &mut Answer) {
    if !taken(input, answer) {
        return;
    }
    let byte = input.number(1).clamp(-1, 255) as i32;
    for (n, name) in CLASSES.iter().enumerate() {
        answer.line(("is", name.to_str().unwrap_or_default()), yes(byte_is(n, byte)));
    }
    let (upper, lower) = byte_cases(byte);
    becomes(answer, "toupper", byte as u32, upper as u32);
    becomes(answer, "tolower", byte as u32, lower as u32);
    if let Ok(byte) = u8::try_from(byte) {
        match from_byte(byte) {
            None => answer.line("btowc", "WEOF"),
            Some(wide) => becomes(answer, "btowc", byte.into(), wide),
        }
    }
}

fn ask_order(input: &Input, answer: &mut Answer) {
    if !taken(input, answer) {
        return;
    }
    let said = |order| match order {
        core::cmp::Ordering::Less => "less",
        core::cmp::Ordering::Equal => "equal",
        core::cmp::Ordering::Greater => "greater",
    };
    let (a, b): (CString, CString) = (input.c(1), input.c(2));
    let (by_locale, by_letter) = orders(&a, &b);
    answer.line("strcoll", said(by_locale));
    answer.line("strcasecmp", said(by_letter));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_point_comes_in_both_locales() {
        let fields =
            |n| point(n).0.into_iter().map(|field| String::from_utf8(field).expect("text")).collect::<Vec<_>>();
        assert_eq!(fields(0), ["", "0"]);
        assert_eq!(fields(0x10_ffff), ["", "1114111"]);
        assert_eq!(fields(POINTS - 1), ["", "4294967295"]);
        assert_eq!(fields(POINTS + 65), ["u", "65"]);
    }

    #[test]
    fn every_pair_of_bytes_comes_once_in_each_locale() {
        assert_eq!(pair(0x1_41ff).0, [b"u".to_vec(), vec![0x41], vec![0xff]]);
    }
}
