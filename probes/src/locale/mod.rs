//! Locales: which there are and by which names, characters and their classes, numbers, money, order, and messages.
//!
//! The locale that hermetic cases bring along is German in little (probes/locales): musl takes the name and needs no file.
//! Cases of `C.UTF-8` look at the image, since glibc reads that locale from a file even where it is its own.

use crate::case::{Case, File, Needs, count, join};
use crate::outcome::Outcome;
use crate::sys::locale::set;

mod bytes;
mod classes;
mod collate;
mod found;
mod information;
mod messages;
mod multibyte;
mod names;
mod numbers;
mod objects;
mod remedy;
mod wide;

/// The locale that is brought along.
const GERMAN: &str = "de_DE.UTF-8";

macro_rules! german {
    ($($category:literal),* $(,)?) => {
        &[$($crate::case::File {
            path: concat!("/usr/lib/locale/de_DE.utf8/", $category),
            content: include_bytes!(concat!("../../locales/german/", $category)),
        }),*]
    };
}
use german;

/// All categories, for LC_ALL.
const WHOLE: &[File] = german![
    "LC_ADDRESS",
    "LC_COLLATE",
    "LC_CTYPE",
    "LC_IDENTIFICATION",
    "LC_MEASUREMENT",
    "LC_MESSAGES/SYS_LC_MESSAGES",
    "LC_MONETARY",
    "LC_NAME",
    "LC_NUMERIC",
    "LC_PAPER",
    "LC_TELEPHONE",
    "LC_TIME",
];
/// Characters alone.
const CHARACTERS: Needs = Needs::NOTHING.files(german!["LC_CTYPE"]);
const NOTHING: Needs = Needs::NOTHING;

/// Which locale a case takes before it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// None: the C locale.
    Plain,
    /// The one that is brought along.
    German,
    /// `C.UTF-8`, as the image has it.
    Unicode,
}

impl Place {
    /// Takes it for one category; whether that was possible.
    fn take(self, category: i32, o: &mut Outcome) -> bool {
        let name = match self {
            Self::Plain => return true,
            Self::German => GERMAN,
            Self::Unicode => "C.UTF-8",
        };
        let taken = set(category, Some(name)).is_some();
        if !taken {
            o.fact("setlocale", "NULL");
        }
        taken
    }
}

const TABLES: &[&[Case]] = &[
    names::CASES,
    objects::CASES,
    information::CASES,
    multibyte::CASES,
    bytes::CASES,
    classes::CASES,
    wide::CASES,
    collate::CASES,
    numbers::CASES,
    messages::CASES,
    remedy::CASES,
    found::CASES,
];

/// Every case of the area.
pub static CASES: &[Case] = &join::<{ count(TABLES) }>(TABLES);
