//! Zones by a POSIX string: rules, signs, quoted names, hours beyond a day, Julian days, and strings that are none.

use super::{SUMMER, WINTER, Zone};
use crate::case::Needs;
use crate::time::instant::at;
use crate::time::source::{BAD_TZ as BAD, POSIX_TZ as POSIX, RFC_TZ as RFC};

const NOON: &[i64] = &[WINTER];
const BOTH: &[i64] = &[WINTER, SUMMER];

macro_rules! strings {
    ($($id:literal, $title:literal, $source:expr, $tz:literal, $instants:expr;)*) => {
        crate::time::table! { Zone; $(
            $id, $title, concat!("What time is it where TZ is ", stringify!($tz), " (", $title, ")?"), $source,
            Needs::NOTHING.env(&[("TZ", $tz)]), Zone { tz: Some($tz), instants: $instants };
        )* }
    };
}

strings! {
    "time.zone.posix.utc", "universal time", POSIX, "UTC0", NOON;
    "time.zone.posix.east", "a zone to the east", POSIX, "JST-9", NOON;
    "time.zone.posix.sign", "a zone that looks eastern and is western", POSIX, "UTC+3", NOON;
    "time.zone.posix.rule", "a rule, at its edges in 2020", POSIX, "CET-1CEST,M3.5.0,M10.5.0/3",
        &[at(2020, 3, 29, 0, 59, 59), at(2020, 3, 29, 1, 0, 0), at(2020, 10, 25, 0, 59, 59), at(2020, 10, 25, 1, 0, 0)];
    "time.zone.posix.rule-far", "a rule, far from today", POSIX, "CET-1CEST,M3.5.0,M10.5.0/3",
        &[at(1900, 7, 15, 12, 0, 0), at(2500, 7, 15, 12, 0, 0), at(9999, 12, 31, 23, 30, 0), at(2_147_483_648, 7, 15, 12, 0, 0)];
    "time.zone.posix.new-year", "the turn of the year, local and universal", POSIX, "CET-1CEST,M3.5.0,M10.5.0/3",
        &[at(2019, 12, 31, 22, 59, 59), at(2019, 12, 31, 23, 0, 0), at(2020, 1, 1, 0, 0, 0)];
    "time.zone.posix.south", "summer at the turn of the year", POSIX, "NZST-12NZDT,M9.5.0,M4.1.0/3", BOTH;
    "time.zone.posix.half-hour", "an offset with minutes and half an hour of summer time",
        POSIX, "AAA-10:30BBB-11,M10.1.0,M4.1.0", BOTH;
    "time.zone.posix.seconds", "an offset with seconds", POSIX, "LMT-0:53:28", NOON;
    "time.zone.posix.dst-offset", "summer time of two hours", POSIX, "AAA-1BBB-3,M3.5.0,M10.5.0", BOTH;
    "time.zone.posix.quoted", "a quoted name", POSIX, "<+03>-3", NOON;
    "time.zone.posix.quoted-both", "two quoted names and hours below zero", RFC, "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
        &[at(2020, 3, 29, 0, 59, 59), at(2020, 3, 29, 1, 0, 0), at(2020, 10, 25, 0, 59, 59), at(2020, 10, 25, 1, 0, 0)];
    "time.zone.posix.hours-26", "a change at 26 o'clock", RFC, "IST-2IDT,M3.4.4/26,M10.5.0",
        &[at(2020, 3, 26, 23, 59, 59), at(2020, 3, 27, 0, 0, 0)];
    "time.zone.posix.hours-167", "a change at 167 o'clock", RFC, "AAA0BBB,M3.2.0/167,M10.5.0",
        &[at(2020, 3, 14, 22, 59, 59), at(2020, 3, 14, 23, 0, 0)];
    "time.zone.posix.negative", "daylight saving time in winter, below standard time",
        RFC, "IST-1GMT0,M10.5.0,M3.5.0/1", BOTH;
    "time.zone.posix.always", "daylight saving time all year",
        RFC, "EST5EDT4,0/0,J365/25", &[WINTER, SUMMER, at(2020, 12, 31, 23, 30, 0)];
    "time.zone.posix.julian", "a day counted without 29 February, in a leap year", POSIX, "AAA0BBB,J60,J300",
        &[at(2020, 2, 29, 12, 0, 0), at(2020, 3, 1, 1, 59, 59), at(2020, 3, 1, 2, 0, 0)];
    "time.zone.posix.julian-zero", "a day counted with 29 February, in a leap year", POSIX, "AAA0BBB,59,299",
        &[at(2020, 2, 29, 1, 59, 59), at(2020, 2, 29, 2, 0, 0), at(2021, 3, 1, 1, 59, 59), at(2021, 3, 1, 2, 0, 0)];
    "time.zone.posix.name-long", "a name of twenty letters", POSIX, "ABCDEFGHIJKLMNOPQRST-3", NOON;
    "time.zone.posix.offset-24", "an offset of 24 hours", POSIX, "AAA24", NOON;
    "time.zone.bad.offset-25", "an offset of 25 hours", BAD, "AAA25", NOON;
    "time.zone.bad.word", "a word", BAD, "garbage", NOON;
    "time.zone.bad.two-letters", "a name of two letters", BAD, "AA3", NOON;
    "time.zone.bad.no-name", "an offset alone", BAD, "-3", NOON;
    "time.zone.bad.tail", "text after a zone", BAD, "AAA-3 later", NOON;
    "time.zone.bad.rule-word", "a word for a rule", BAD, "AAA-1BBB,summer", BOTH;
    "time.zone.bad.rule-one", "one half of a rule", BAD, "AAA-1BBB,M3.5.0", BOTH;
    "time.zone.bad.month-13", "a rule with month 13", BAD, "AAA-1BBB,M13.1.0,M10.5.0", BOTH;
    "time.zone.bad.week-6", "a rule with week 6", BAD, "AAA-1BBB,M3.6.0,M10.5.0", BOTH;
    "time.zone.bad.julian-366", "a rule with day J366", BAD, "AAA-1BBB,J366,J1", BOTH;
    "time.zone.bad.colon", "a colon before a rule", BAD, ":AAA-3", NOON;
    "time.zone.bad.blank", "a blank", BAD, " ", NOON;
}
