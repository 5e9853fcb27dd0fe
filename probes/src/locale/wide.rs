//! Wide characters: classes, case and width, in `C.UTF-8`, whose tables glibc reads from the image and musl has built in.

use heap::string::String;

use crate::case::Needs;
use crate::outcome::Outcome;
use crate::sys::locale::characters::{CLASSES, cases, is, width};
use crate::text;

use super::Place::{self, German, Plain, Unicode};
use super::{CHARACTERS, NOTHING};

const SOURCE: &str = "POSIX.1-2017 iswctype(), towupper(), wcwidth(); the Unicode Character Database, UnicodeData.txt and EastAsianWidth.txt; musl src/ctype; glibc localedata/locales/i18n_ctype, charmaps/UTF-8";
/// No twin: a locale that is brought along shows nothing of the tables of either.
const SHIPPED: Needs = Needs::as_shipped(None);

/// One character on the lines of the outcome.
fn ask(place: Place, wide: u32, o: &mut Outcome) {
    if !place.take(libc::LC_CTYPE, o) {
        return;
    }
    let names = CLASSES.iter().filter(|class| is(wide, class)).map(|class| text::bytes(class.to_bytes()));
    let classes: heap::vec::Vec<String> = names.collect();
    let (upper, lower) = cases(wide);
    o.fact("classes", classes.join(" "));
    o.fact("upper", heap::format!("U+{upper:04X}"));
    o.fact("lower", heap::format!("U+{lower:04X}"));
    o.fact("width", width(wide));
}

macro_rules! characters {
    ($($code:literal $number:literal $title:literal;)*) => {
        const ROWS: &[crate::case::Case] = &[$(crate::case::Case {
            id: concat!("locale.wide.", $code),
            title: $title,
            question: concat!("Of which classes, cases and width is U+", $code, ", ", $title, "?"),
            source: SOURCE,
            needs: SHIPPED,
            run: |outcome| ask(Unicode, $number, outcome),
        }),*];
    };
}

const OTHERS: &[crate::case::Case] = &[
    crate::case::Case {
        id: "locale.wide.brought",
        title: "characters of a locale that is brought along",
        question: "Of which classes, cases and width are three letters, where the locale file is the case's own?",
        source: SOURCE,
        needs: CHARACTERS,
        run: |o| {
            for wide in [0xe4, 0x1e9e, 0x20ac] {
                ask(German, wide, o);
            }
        },
    },
    crate::case::Case {
        id: "locale.wide.plain-umlaut",
        title: "a letter of Latin 1 in the C locale",
        question: "Of which classes, cases and width is U+00E4 in the C locale?",
        source: SOURCE,
        needs: NOTHING,
        run: |o| ask(Plain, 0xe4, o),
    },
    crate::case::Case {
        id: "locale.wide.plain-ideograph",
        title: "an ideograph in the C locale",
        question: "Of which classes, cases and width is U+4E00 in the C locale?",
        source: SOURCE,
        needs: NOTHING,
        run: |o| ask(Plain, 0x4e00, o),
    },
    crate::case::Case {
        id: "locale.wide.plain-letter",
        title: "a letter of ASCII in the C locale",
        question: "Of which classes, cases and width is U+0041 in the C locale?",
        source: SOURCE,
        needs: NOTHING,
        run: |o| ask(Plain, 0x41, o),
    },
];

const TABLES: &[&[crate::case::Case]] = &[ROWS, OTHERS];

/// The cases of this table.
pub const CASES: &[crate::case::Case] = &crate::case::join::<{ crate::case::count(TABLES) }>(TABLES);

characters! {
    "0041" 0x0041 "a letter of ASCII";
    "00E4" 0x00e4 "a letter of Latin 1";
    "00DF" 0x00df "the sharp s";
    "1E9E" 0x1e9e "the capital sharp s";
    "0130" 0x0130 "the capital I with a dot";
    "0131" 0x0131 "the small i without a dot";
    "01C5" 0x01c5 "a letter that is a title";
    "00AA" 0x00aa "the feminine ordinal";
    "00B2" 0x00b2 "a raised two";
    "00BD" 0x00bd "a half";
    "00A0" 0x00a0 "a space that does not break";
    "00AD" 0x00ad "a soft hyphen";
    "00D7" 0x00d7 "a multiplication sign";
    "0085" 0x0085 "a control character of Latin 1";
    "02B0" 0x02b0 "a modifier letter";
    "0301" 0x0301 "a combining accent";
    "0378" 0x0378 "a place without a character";
    "0590" 0x0590 "a place without a character among Hebrew letters";
    "05D0" 0x05d0 "a Hebrew letter";
    "0660" 0x0660 "an Arabic digit";
    "0E01" 0x0e01 "a Thai letter";
    "0E31" 0x0e31 "a Thai vowel above";
    "10D0" 0x10d0 "a Georgian letter, with a capital since Unicode 11";
    "1C90" 0x1c90 "a Georgian capital, of Unicode 11";
    "1100" 0x1100 "the start of a Korean syllable";
    "1160" 0x1160 "the middle of a Korean syllable";
    "13A0" 0x13a0 "a Cherokee capital";
    "AB70" 0xab70 "a Cherokee small letter, of Unicode 8";
    "2007" 0x2007 "a space as wide as a digit";
    "200B" 0x200b "a space of no width";
    "200D" 0x200d "the joiner of emoji";
    "2028" 0x2028 "a line separator";
    "202F" 0x202f "a narrow space that does not break";
    "20AC" 0x20ac "the euro";
    "20DD" 0x20dd "an enclosing circle";
    "231A" 0x231a "a watch, wide since Unicode 9";
    "2640" 0x2640 "a sign of Venus, narrow as text";
    "2C2F" 0x2c2f "a Glagolitic capital, of Unicode 14";
    "3000" 0x3000 "an ideographic space";
    "4E00" 0x4e00 "an ideograph";
    "A7C0" 0xa7c0 "a Latin capital, of Unicode 14";
    "AC00" 0xac00 "a Korean syllable";
    "E000" 0xe000 "a private character";
    "FE0F" 0xfe0f "the selector of emoji";
    "FEFF" 0xfeff "the byte order mark";
    "FF21" 0xff21 "a wide A";
    "FFFD" 0xfffd "the replacement character";
    "FFFE" 0xfffe "a noncharacter";
    "10428" 0x0001_0428 "a Deseret small letter";
    "1E4D0" 0x0001_e4d0 "a letter of Nag Mundari, of Unicode 15";
    "10D50" 0x0001_0d50 "a Garay capital, of Unicode 16";
    "1F1E6" 0x0001_f1e6 "a regional indicator";
    "1F600" 0x0001_f600 "an emoji";
    "1F9FF" 0x0001_f9ff "an emoji of Unicode 11";
    "1FAE0" 0x0001_fae0 "an emoji of Unicode 14";
    "1FAE8" 0x0001_fae8 "an emoji of Unicode 15";
    "1FADF" 0x0001_fadf "an emoji of Unicode 16";
    "20000" 0x0002_0000 "an ideograph of the second plane";
    "2FFFF" 0x0002_ffff "the last place of the second plane";
    "10FFFF" 0x0010_ffff "the last place of Unicode";
}
