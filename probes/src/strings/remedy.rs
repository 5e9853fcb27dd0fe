//! Remedies: the portable way to what other cases show to differ. Each of these answers alike in every C library.

use heap::vec::Vec;

use super::asks;
use crate::sys::strings::addresses::from_text;
use crate::sys::strings::numbers::long;
use crate::sys::strings::paths::last;
use crate::sys::strings::random::lrand48;
use crate::sys::strings::sort::{items, sort};
use crate::sys::strings::texts;
use crate::text;

const ERRNO: &str = "POSIX.1-2017 errno.h: names and meanings are fixed, texts and numbers are not";

asks! {
    "strings.remedy.error-name", "remedy: the name of the error", "Does a message read alike everywhere that names the error itself?", ERRNO, |o| o.fact("message", heap::format!("open: {}", text::errno(libc::EIO)));
    "strings.remedy.error-into", "remedy: strerror_r of POSIX", "Does strerror_r of POSIX return 0 and terminate the text everywhere for a known error?", "POSIX.1-2017 strerror_r()", |o| {
        let (code, text) = texts::error_into(libc::ENOENT, 128);
        o.fact("return_code", code);
        o.fact("text", text);
    };
    "strings.remedy.number-checked", "remedy: the end instead of errno", "Is text without a number told everywhere by where strtol stopped?", "POSIX.1-2017 strtol()", |o| {
        for (name, input) in [("number", c"42"), ("letters", c"abc"), ("empty", c"")] {
            o.fact(name, long(input, 10).taken.unwrap_or_default() > 0);
        }
    };
    "strings.remedy.binary-by-hand", "remedy: base 2 without prefix", "Does strtol read binary digits everywhere in base 2 when the program skips the prefix?", "ISO C11 7.22.1.4", |o| {
        let read = long(c"101", 2);
        o.fact("value", read.value);
        o.fact("taken", read.taken);
    };
    "strings.remedy.sort-places", "remedy: the place breaks ties", "Is the order of equal items the same everywhere when the comparison looks at their place as well?", "ISO C11 7.22.5.2", |o| {
        let keys = [3, 1, 3, 2, 1, 3, 2, 1];
        let unique = keys.iter().enumerate().map(|(place, key)| key * 8 + place as i32);
        let (sorted, _) = sort(items(unique));
        o.fact("order", sorted.iter().map(|item| item.place).collect::<Vec<_>>());
    };
    "strings.remedy.random-48", "remedy: lrand48", "Is the sequence of lrand48 after srand48 the same everywhere?", "POSIX.1-2017 drand48(): the formula is given", |o| o.fact("numbers", lrand48(Some(1), 5));
    "strings.remedy.basename-posix", "remedy: basename of libgen.h", "Does basename of libgen.h answer alike everywhere?", "POSIX.1-2017 basename()", |o| {
        o.fact("trailing", last(Some(c"/usr/")));
        o.fact("root", last(Some(c"/")));
    };
    "strings.remedy.address-strict", "remedy: inet_pton", "Does inet_pton refuse text behind an address everywhere?", "POSIX.1-2017 inet_pton()", |o| {
        o.fact("plain", from_text(libc::AF_INET, c"192.0.2.1").0);
        o.fact("blank_behind", from_text(libc::AF_INET, c"192.0.2.1 text").0);
        o.fact("octal", from_text(libc::AF_INET, c"010.0.0.1").0);
    };
}
