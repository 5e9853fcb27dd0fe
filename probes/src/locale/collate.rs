//! Order: `strcoll`, `wcscoll` and `strxfrm`, with an order brought along and without.

use core::cmp::Ordering;

use crate::case::Needs;
use crate::outcome::Outcome;
use crate::sys::locale::{compare, compare_wide, key};

use super::Place::{self, German, Plain, Unicode};
use super::{NOTHING, german};

const SOURCE: &str = "POSIX.1-2017 strcoll(), strxfrm(); Base Definitions 7.3.2, LC_COLLATE; musl src/locale/strcoll.c; glibc string/strcoll_l.c";
const FILES: Needs = NOTHING.files(german!["LC_COLLATE", "LC_CTYPE"]);
const SHIPPED: Needs = Needs::as_shipped(Some("locale.collate.case"));

fn word(order: Ordering) -> &'static str {
    match order {
        Ordering::Less => "less",
        Ordering::Equal => "equal",
        Ordering::Greater => "greater",
    }
}

fn ask(place: Place, a: &str, b: &str, o: &mut Outcome) {
    if place.take(libc::LC_COLLATE, o) && place.take(libc::LC_CTYPE, o) {
        o.fact("strcoll", word(compare(a, b)));
        o.fact("wcscoll", word(compare_wide(a, b)));
        o.fact("strxfrm", word(key(a).cmp(&key(b))));
        o.fact("key_is_text", key(a) == a.as_bytes());
    }
}

macro_rules! orders {
    ($($id:literal, $title:literal, $needs:ident, $place:ident $a:literal $b:literal;)*) => {
        /// The cases of this table.
        pub const CASES: &[crate::case::Case] = &[$(crate::case::Case {
            id: $id,
            title: $title,
            question: concat!(
                "Which is first, ", stringify!($a), " or ", stringify!($b), " (", stringify!($place), " locale): ", $title, "?"
            ),
            source: SOURCE,
            needs: $needs,
            run: |outcome| ask($place, $a, $b, outcome),
        }),*];
    };
}

orders! {
    "locale.collate.case", "small and capital letters", FILES, German "a" "B";
    "locale.collate.same-letter", "one letter, small and capital", FILES, German "a" "A";
    "locale.collate.umlaut", "an umlaut and a later letter", FILES, German "ä" "b";
    "locale.collate.umlaut-last", "an umlaut and the last letter", FILES, German "zebra" "ähre";
    "locale.collate.hyphen", "a hyphen that the order leaves out", FILES, German "a-b" "ab";
    "locale.collate.digits", "digits and letters", FILES, German "1" "a";
    "locale.collate.equal", "the same text", FILES, German "abc" "abc";
    "locale.collate.prefix", "a text that begins another", FILES, German "ab" "abc";
    "locale.collate.unknown", "a character that the order does not have", FILES, German "a\u{4e2d}" "a";
    "locale.collate.c-case", "small and capital letters, by bytes", NOTHING, Plain "a" "B";
    "locale.collate.c-high", "bytes above 127, by bytes", NOTHING, Plain "z" "ä";
    "locale.collate.unicode-case", "small and capital letters, by code points", SHIPPED, Unicode "a" "B";
    "locale.collate.unicode-planes", "characters of two planes, by code points", SHIPPED, Unicode "\u{ff21}" "\u{1f600}";
}
