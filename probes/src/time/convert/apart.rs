//! Instants taken apart: the ordinary, the first and last ones that fit, and leap years far away.

use super::Apart;
use super::Scale::{Local, Universal};
use crate::case::Needs;
use crate::time::UTC;
use crate::time::instant::at;
use crate::time::source::GMTIME;

/// A zone without daylight saving, east of Greenwich, without any file.
const EAST: Needs = Needs::NOTHING.env(&[("TZ", "JST-9")]);
/// The last second whose year fits `tm_year`, in 2,147,485,547.
const LAST: i64 = at(i32::MAX as i64 + 1900, 12, 31, 23, 59, 59);
/// The first one, in -2,147,481,748.
const FIRST: i64 = at(i32::MIN as i64 + 1900, 1, 1, 0, 0, 0);

macro_rules! apart {
    ($($id:literal, $title:literal, $scale:expr, $needs:expr, $seconds:expr;)*) => {
        crate::time::table! { Apart; $(
            $id, $title, concat!("Which broken-down time is ", $title, "?"), GMTIME, $needs,
            Apart { scale: $scale, seconds: $seconds };
        )* }
    };
}

apart! {
    "time.gmtime.zero", "the second 0", Universal, UTC, 0;
    "time.gmtime.negative", "the second -1", Universal, UTC, -1;
    "time.gmtime.leap-day", "29 February 2000", Universal, UTC, at(2000, 2, 29, 12, 0, 0);
    "time.gmtime.no-leap-day-2100", "the day after 28 February 2100", Universal, UTC, at(2100, 2, 28, 24, 0, 0);
    "time.gmtime.2038", "the first second beyond 32 bits", Universal, UTC, 1 << 31;
    "time.gmtime.year-10000", "the first second of the year 10000", Universal, UTC, at(10_000, 1, 1, 0, 0, 0);
    "time.gmtime.year-0", "the first second of the year 0", Universal, UTC, at(0, 1, 1, 0, 0, 0);
    "time.gmtime.last", "the last second whose year fits tm", Universal, UTC, LAST;
    "time.gmtime.after-last", "the second after the last whose year fits tm", Universal, UTC, LAST + 1;
    "time.gmtime.first", "the first second whose year fits tm", Universal, UTC, FIRST;
    "time.gmtime.before-first", "the second before the first whose year fits tm", Universal, UTC, FIRST - 1;
    "time.localtime.negative", "the second -1 in Tokyo", Local, EAST, -1;
    "time.localtime.over-last", "a second whose year fits tm in London but not in Tokyo", Local, EAST, LAST;
    "time.localtime.under-first", "a second whose year fits tm in Tokyo but not in London", Local, EAST, FIRST - 1;
    "time.localtime.max", "the largest number of 64 bits in Tokyo", Local, EAST, i64::MAX;
}
