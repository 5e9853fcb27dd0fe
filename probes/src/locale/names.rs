//! `setlocale`: names, categories, variables of the environment, and what it returns.

use crate::case::Needs;
use crate::outcome::Outcome;
use crate::sys::locale::{langinfo, longest_character, set};

use super::{GERMAN, NOTHING, WHOLE};

const SOURCE: &str = "POSIX.1-2017 setlocale(); Base Definitions 8.2; musl src/locale/setlocale.c, locale_map.c; glibc locale/setlocale.c, findlocale.c";

const ALL: i32 = libc::LC_ALL;
const CTYPE: i32 = libc::LC_CTYPE;
const NUMERIC: i32 = libc::LC_NUMERIC;
const TIME: i32 = libc::LC_TIME;
const COLLATE: i32 = libc::LC_COLLATE;
const MONETARY: i32 = libc::LC_MONETARY;
const MESSAGES: i32 = libc::LC_MESSAGES;
const UNKNOWN: i32 = 99;
const NEGATIVE: i32 = -1;

/// Looks at the locales of the image.
const SHIPPED: Needs = Needs::as_shipped(Some("locale.set.german"));
const FILES: Needs = NOTHING.files(WHOLE);
const LONG: &str = "loooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooong";

/// Sets, and says what is in force afterwards.
fn ask(category: i32, name: &str, o: &mut Outcome) {
    o.fact("setlocale", set(category, Some(name)).unwrap_or_else(|| "NULL".into()));
    o.fact("LC_ALL", set(ALL, None).unwrap_or_else(|| "NULL".into()));
    o.fact("LC_CTYPE", set(CTYPE, None).unwrap_or_else(|| "NULL".into()));
    o.fact("CODESET", langinfo(libc::CODESET));
    o.fact("MB_CUR_MAX", longest_character());
}

macro_rules! sets {
    ($($id:literal, $title:literal, $needs:expr, $category:ident $name:expr;)*) => {
        /// The cases of this table.
        pub const CASES: &[crate::case::Case] = &[$(crate::case::Case {
            id: $id,
            title: $title,
            question: concat!(
                "What does setlocale (", stringify!($category), ", ", stringify!($name), ") return, and what holds then: ", $title, "?"
            ),
            source: SOURCE,
            needs: $needs,
            run: |outcome| ask($category, $name, outcome),
        }),*];
    };
}

sets! {
    "locale.set.german", "a locale whose files are there", FILES, ALL GERMAN;
    "locale.set.german-alias", "the same in another spelling", FILES, ALL "de_DE.utf8";
    "locale.set.german-upper", "the same, with capitals", FILES, ALL "DE_DE.UTF-8";
    "locale.set.german-no-codeset", "the same without its encoding", FILES, ALL "de_DE";
    "locale.set.german-codeset", "the same in another encoding", FILES, ALL "de_DE.ISO-8859-1";
    "locale.set.german-modifier", "the same with a modifier", FILES, ALL "de_DE.UTF-8@euro";
    "locale.set.german-ctype", "its characters alone", FILES, CTYPE GERMAN;
    "locale.set.german-numeric", "its numbers alone", FILES, NUMERIC GERMAN;
    "locale.set.german-time", "its times alone", FILES, TIME GERMAN;
    "locale.set.german-collate", "its order alone", FILES, COLLATE GERMAN;
    "locale.set.german-monetary", "its money alone", FILES, MONETARY GERMAN;
    "locale.set.german-messages", "its messages alone", FILES, MESSAGES GERMAN;
    "locale.set.german-variable", "LANG names it", FILES.env(&[("LANG", "de_DE.UTF-8")]), ALL "";
    "locale.set.german-locpath", "LOCPATH names a folder without it", FILES.env(&[("LOCPATH", "/opt/nothing")]), ALL GERMAN;
    "locale.set.none", "no variable and no name", NOTHING, ALL "";
    "locale.set.c", "the name C", NOTHING, ALL "C";
    "locale.set.posix", "the name POSIX", NOTHING, ALL "POSIX";
    "locale.set.c-lower", "the name c", SHIPPED, ALL "c";
    "locale.set.c-utf8", "C.UTF-8", SHIPPED, ALL "C.UTF-8";
    "locale.set.c-utf8-alias", "C.utf8", SHIPPED, ALL "C.utf8";
    "locale.set.c-utf8-plain", "C.UTF8", SHIPPED, ALL "C.UTF8";
    "locale.set.posix-utf8", "POSIX.UTF-8", SHIPPED, ALL "POSIX.UTF-8";
    "locale.set.c-utf8-ctype", "C.UTF-8 for characters alone", SHIPPED, CTYPE "C.UTF-8";
    "locale.set.c-utf8-variable", "LC_ALL=C.UTF-8", SHIPPED.env(&[("LC_ALL", "C.UTF-8")]), ALL "";
    "locale.set.english", "en_US.UTF-8, which images do not have", SHIPPED, ALL "en_US.UTF-8";
    "locale.set.english-ctype", "the characters of en_US.UTF-8", SHIPPED, CTYPE "en_US.UTF-8";
    "locale.set.english-variable", "LANG=en_US.UTF-8", SHIPPED.env(&[("LANG", "en_US.UTF-8")]), ALL "";
    "locale.set.unknown", "a name that nobody has", SHIPPED, ALL "xx_YY.UTF-8";
    "locale.set.unknown-latin1", "a name with another encoding", SHIPPED, ALL "xx_YY.ISO-8859-1";
    "locale.set.garbage", "a word that is no name", SHIPPED, ALL "garbage";
    "locale.set.slash", "a name with a slash", SHIPPED, ALL "a/b";
    "locale.set.dots", "a name that climbs", SHIPPED, ALL "../C";
    "locale.set.dot", "a dot", SHIPPED, ALL ".";
    "locale.set.long", "a name of more than 255 letters", SHIPPED, ALL LONG;
    "locale.set.composite", "categories by name", NOTHING, ALL "LC_CTYPE=C;LC_NUMERIC=C;LC_TIME=C;LC_COLLATE=C;LC_MONETARY=C;LC_MESSAGES=C";
    "locale.set.composite-short", "one name for each category", NOTHING, ALL "C;C;C;C;C;C";
    "locale.set.composite-two", "two names", SHIPPED, ALL "C.UTF-8;C";
    "locale.set.composite-slash", "names with slashes, as BSD has them", SHIPPED, ALL "C/C/C/C/C/C";
    "locale.set.category-unknown", "a category that is not there", NOTHING, UNKNOWN "C";
    "locale.set.category-negative", "a negative category", NOTHING, NEGATIVE "C";
    "locale.set.variable-unknown", "LC_ALL names nothing known", SHIPPED.env(&[("LC_ALL", "xx_YY.UTF-8")]), ALL "";
    "locale.set.variable-empty", "LC_ALL is empty, LANG is C", NOTHING.env(&[("LC_ALL", ""), ("LANG", "C")]), ALL "";
    "locale.set.variable-posix", "LC_ALL=POSIX", NOTHING.env(&[("LC_ALL", "POSIX")]), ALL "";
    "locale.set.variable-category", "LC_NUMERIC names the locale, LANG is C", FILES.env(&[("LC_NUMERIC", "de_DE.UTF-8"), ("LANG", "C")]), ALL "";
    "locale.set.variable-slash", "LANG with a slash", SHIPPED.env(&[("LANG", "/etc/passwd")]), ALL "";
}
