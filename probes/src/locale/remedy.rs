//! Remedies: the portable way to what other cases show to differ. Each of these answers alike in every C library, which
//! is the proof that the remedy works.

use heap::string::String;
use heap::vec::Vec;

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::locale::{compare, langinfo, longest_character, print_real, read_real, set};

use super::{CHARACTERS, GERMAN, NOTHING, WHOLE};

const SOURCE: &str = "POSIX.1-2017 setlocale(); Base Definitions 7";
const FILES: Needs = NOTHING.files(WHOLE);

const fn case(
    id: &'static str,
    title: &'static str,
    question: &'static str,
    needs: Needs,
    run: fn(&mut Outcome),
) -> Case {
    Case { id, title, question, source: SOURCE, needs, run }
}

/// The cases of this table.
pub const CASES: &[Case] = &[
    case(
        "locale.remedy.codeset",
        "remedy: the encoding asked for, not the name",
        "Does a program learn everywhere that text is UTF-8 when it asks nl_langinfo after setlocale?",
        CHARACTERS,
        |o| {
            set(libc::LC_CTYPE, Some(GERMAN));
            o.fact("utf8", langinfo(libc::CODESET) == "UTF-8" && longest_character() > 1);
        },
    ),
    case(
        "locale.remedy.codeset-c",
        "remedy: the encoding asked for, in the C locale",
        "Does a program learn everywhere that the C locale is not UTF-8 when it asks for the encoding?",
        NOTHING,
        |o| o.fact("utf8", langinfo(libc::CODESET) == "UTF-8" && longest_character() > 1),
    ),
    case(
        "locale.remedy.numbers",
        "remedy: LC_NUMERIC left at C",
        "Are numbers written and read alike everywhere when all categories but LC_NUMERIC are taken?",
        FILES,
        |o| {
            set(libc::LC_ALL, Some(GERMAN));
            set(libc::LC_NUMERIC, Some("C"));
            o.fact("text", print_real("%.2f", 1234.5));
            o.fact("hundredths", read_real("1.5").0);
        },
    ),
    case(
        "locale.remedy.decimals",
        "remedy: the comma written by the program",
        "Is a number with a comma written alike everywhere when the program replaces the point itself?",
        NOTHING,
        |o| o.fact("text", print_real("%.2f", 1234.5).replace('.', ",")),
    ),
    case(
        "locale.remedy.groups",
        "remedy: groups made by the program",
        "Is a number in groups written alike everywhere when the program makes the groups itself?",
        NOTHING,
        |o| {
            let digits: Vec<u8> = heap::format!("{}", 1_234_567).into_bytes();
            let groups: Vec<String> =
                digits.rchunks(3).rev().map(|part| part.iter().map(|b| char::from(*b)).collect()).collect();
            o.fact("text", groups.join("."));
        },
    ),
    case(
        "locale.remedy.order",
        "remedy: LC_COLLATE left at C",
        "Is the order of texts the same everywhere when LC_COLLATE is C, with characters of UTF-8?",
        FILES,
        |o| {
            set(libc::LC_ALL, Some(GERMAN));
            set(libc::LC_COLLATE, Some("C"));
            let mut words = ["ähre", "B", "a", "Z"];
            words.sort_by(|a, b| compare(a, b));
            o.fact("order", words.join(" "));
        },
    ),
    case(
        "locale.remedy.posix",
        "remedy: LC_ALL=POSIX",
        "Is the locale C everywhere, under one name, when LC_ALL is POSIX?",
        NOTHING.env(&[("LC_ALL", "POSIX")]),
        |o| {
            o.fact("setlocale", set(libc::LC_ALL, Some("")));
            o.fact("longest", longest_character());
        },
    ),
];
