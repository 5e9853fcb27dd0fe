//! Numbers and money as a locale writes them.

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::locale::{conventions, print_money, print_real, print_whole, read_real};
use crate::text;

use super::Place::{self, German, Plain};
use super::{NOTHING, german};

const PRINT: &str = "POSIX.1-2017 fprintf(), the apostrophe; Base Definitions 7.3.4, LC_NUMERIC; musl wiki, Functional differences, locale; glibc stdio-common";
const READ: &str = "POSIX.1-2017 strtod(): the radix character of the locale; musl src/stdlib/strtod.c";
const MONEY: &str =
    "POSIX.1-2017 strfmon(); Base Definitions 7.3.3, LC_MONETARY; musl src/locale/strfmon.c; glibc stdlib/strfmon_l.c";
const FILES: Needs = NOTHING.files(german!["LC_CTYPE", "LC_NUMERIC", "LC_MONETARY"]);

/// Takes the locale's numbers and money.
fn take(place: Place, o: &mut Outcome) -> bool {
    [libc::LC_CTYPE, libc::LC_NUMERIC, libc::LC_MONETARY].iter().all(|category| place.take(*category, o))
}

fn real(place: Place, format: &str, value: f64, o: &mut Outcome) {
    if take(place, o) {
        o.fact("text", print_real(format, value));
    }
}

fn whole(place: Place, format: &str, value: i32, o: &mut Outcome) {
    if take(place, o) {
        o.fact("text", print_whole(format, value));
    }
}

fn money(place: Place, format: &str, value: f64, o: &mut Outcome) {
    if take(place, o) {
        o.fact("text", print_money(format, value).unwrap_or_else(|e| text::errno(e.0)));
    }
}

fn read(place: Place, input: &str, o: &mut Outcome) {
    if take(place, o) {
        let (hundredths, used) = read_real(input);
        o.fact("hundredths", hundredths);
        o.fact("used_bytes", used);
    }
}

fn convention(place: Place, o: &mut Outcome) {
    if take(place, o) {
        for (name, value) in conventions() {
            o.fact(name, value.trim_end());
        }
    }
}

macro_rules! numbers {
    ($($id:literal, $title:literal, $source:ident, $needs:ident, $function:ident $place:ident ($($value:expr),*);)*) => {
        /// The cases of this table.
        pub const CASES: &[Case] = &[$(Case {
            id: $id,
            title: $title,
            question: concat!("What is ", $title, " (", stringify!($($value),*), ", ", stringify!($place), " locale)?"),
            source: $source,
            needs: $needs,
            run: |outcome| $function($place, $($value,)* outcome),
        }),*];
    };
}

numbers! {
    "locale.number.real", "a number with decimals, printed", PRINT, FILES, real German ("%.2f", 1234.5);
    "locale.number.real-grouped", "a number with decimals, printed in groups", PRINT, FILES, real German ("%'.2f", 1234567.5);
    "locale.number.real-scientific", "a number printed with an exponent", PRINT, FILES, real German ("%.1e", 1234.5);
    "locale.number.real-hexadecimal", "a number printed in hexadecimal", PRINT, FILES, real German ("%.1a", 1.5);
    "locale.number.whole-grouped", "a whole number, printed in groups", PRINT, FILES, whole German ("%'d", 1234567);
    "locale.number.whole-width", "a whole number in groups, with a width", PRINT, FILES, whole German ("[%'12d]", 1234567);
    "locale.number.whole-plain", "a whole number, printed", PRINT, FILES, whole German ("%d", 1234567);
    "locale.number.c-real", "a number with decimals, printed", PRINT, NOTHING, real Plain ("%.2f", 1234.5);
    "locale.number.c-grouped", "a whole number, printed in groups", PRINT, NOTHING, whole Plain ("%'d", 1234567);
    "locale.number.c-digits", "a whole number with the locale's digits", PRINT, NOTHING, whole Plain ("%Id", 12);
    "locale.number.read-comma", "a text with a comma, read", READ, FILES, read German ("1,5");
    "locale.number.read-point", "a text with a point, read", READ, FILES, read German ("1.5");
    "locale.number.read-grouped", "a text in groups, read", READ, FILES, read German ("1.234,5");
    "locale.number.c-read-comma", "a text with a comma, read", READ, NOTHING, read Plain ("1,5");
    "locale.number.conventions", "what localeconv says", MONEY, FILES, convention German ();
    "locale.number.c-conventions", "what localeconv says", MONEY, NOTHING, convention Plain ();
    "locale.money.national", "an amount", MONEY, FILES, money German ("%n", 1234.5);
    "locale.money.international", "an amount with the international sign", MONEY, FILES, money German ("%i", 1234.5);
    "locale.money.negative", "a negative amount", MONEY, FILES, money German ("%n", -1234.5);
    "locale.money.bare", "an amount without a sign of currency", MONEY, FILES, money German ("%!n", 1234.5);
    "locale.money.filled", "an amount with fill and width", MONEY, FILES, money German ("%=*#8.0n", 1234.5);
    "locale.money.c", "an amount", MONEY, NOTHING, money Plain ("%n", 1234.5);
    "locale.money.c-precision", "an amount with three decimals", MONEY, NOTHING, money Plain ("%.3n", 1234.5);
    "locale.money.c-width", "an amount within a width", MONEY, NOTHING, money Plain ("[%10.2n]", 1234.5);
    "locale.money.c-left", "an amount to the left of a width", MONEY, NOTHING, money Plain ("[%-10.2n]", 1234.5);
    "locale.money.c-percent", "a percent sign", MONEY, NOTHING, money Plain ("%%", 1.0);
    "locale.money.c-negative", "a negative amount in parentheses", MONEY, NOTHING, money Plain ("%(.2n", -5.0);
    "locale.money.c-unknown", "a format that is not there", MONEY, NOTHING, money Plain ("%d", 1.0);
}
