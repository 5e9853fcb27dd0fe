//! `nl_langinfo` but for times, which the area `time` asks about.

use crate::case::Needs;
use crate::outcome::Outcome;
use crate::sys::locale::langinfo;

use super::Place::{self, German, Plain, Unicode};
use super::{NOTHING, WHOLE};

const SOURCE: &str = "POSIX.1-2017 nl_langinfo(), <langinfo.h>; musl src/locale/langinfo.c; glibc locale/C-*.c";
const FILES: Needs = NOTHING.files(WHOLE);
const SHIPPED: Needs = Needs::as_shipped(Some("locale.info.codeset-german"));

fn ask(place: Place, item: i32, o: &mut Outcome) {
    if place.take(libc::LC_ALL, o) {
        o.fact("text", langinfo(item));
    }
}

macro_rules! items {
    ($($id:literal, $needs:ident, $place:ident $item:expr;)*) => {
        /// The cases of this table.
        pub const CASES: &[crate::case::Case] = &[$(crate::case::Case {
            id: $id,
            title: concat!(stringify!($item), ", ", stringify!($place)),
            question: concat!("What does nl_langinfo say for ", stringify!($item), " (", stringify!($place), " locale)?"),
            source: SOURCE,
            needs: $needs,
            run: |outcome| ask($place, $item, outcome),
        }),*];
    };
}

use libc::{CODESET, CRNCYSTR, NOEXPR, NOSTR, RADIXCHAR, THOUSEP, YESEXPR, YESSTR};
/// A number that no category has.
const UNKNOWN: i32 = 0x00ff_ffff;

items! {
    "locale.info.codeset", NOTHING, Plain CODESET;
    "locale.info.codeset-unicode", SHIPPED, Unicode CODESET;
    "locale.info.codeset-german", FILES, German CODESET;
    "locale.info.radix", NOTHING, Plain RADIXCHAR;
    "locale.info.radix-german", FILES, German RADIXCHAR;
    "locale.info.thousands", NOTHING, Plain THOUSEP;
    "locale.info.thousands-german", FILES, German THOUSEP;
    "locale.info.yes", NOTHING, Plain YESEXPR;
    "locale.info.yes-german", FILES, German YESEXPR;
    "locale.info.no", NOTHING, Plain NOEXPR;
    "locale.info.yes-word", NOTHING, Plain YESSTR;
    "locale.info.no-word", NOTHING, Plain NOSTR;
    "locale.info.yes-word-german", FILES, German YESSTR;
    "locale.info.currency", NOTHING, Plain CRNCYSTR;
    "locale.info.currency-german", FILES, German CRNCYSTR;
    "locale.info.unknown", NOTHING, Plain UNKNOWN;
}
