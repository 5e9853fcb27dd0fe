//! Patterns of the C library: regular expressions, `glob`, `fnmatch`, `wordexp`, and `getopt`.
//!
//! Rows are data where only the pattern and the input differ; each is a question of its own with an id of its own.

use crate::case::{Case, File, Needs, count, join};
use crate::outcome::Outcome;
use crate::sys::regex::use_locale;

mod basic;
mod bracket;
mod escape;
mod extended;
mod fnmatch;
mod found;
mod glob;
mod invalid;
mod matching;
mod options;
mod place;
mod remedy;
mod words;

pub use matching::code_name;

/// The locale in which characters are UTF-8, with `ä`, `ö`, `ü` as letters (probes/locales); musl needs no file for it.
const LOCALE: &str = "de_DE.UTF-8";
const GERMAN: Needs = Needs::NOTHING.files(&[
    File { path: "/usr/lib/locale/de_DE.utf8/LC_CTYPE", content: include_bytes!("../../locales/german/LC_CTYPE") },
    File { path: "/usr/lib/locale/de_DE.utf8/LC_COLLATE", content: include_bytes!("../../locales/german/LC_COLLATE") },
]);

/// Takes the locale's characters and their order.
fn take_locale(o: &mut Outcome) -> bool {
    let taken = [libc::LC_CTYPE, libc::LC_COLLATE].iter().all(|category| use_locale(*category, LOCALE));
    if !taken {
        o.broke(format_args!("setlocale does not know {LOCALE}"));
    }
    taken
}

const TABLES: &[&[Case]] = &[
    escape::CASES,
    basic::CASES,
    extended::CASES,
    bracket::CASES,
    place::CASES,
    invalid::CASES,
    matching::CASES,
    fnmatch::CASES,
    glob::CASES,
    words::CASES,
    options::CASES,
    remedy::CASES,
    found::CASES,
];

/// Every case of the area.
pub static CASES: &[Case] = &join::<{ count(TABLES) }>(TABLES);
