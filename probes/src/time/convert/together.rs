//! Broken-down times put together: fields beyond their range, days that do not exist, hours that come twice or never,
//! and results that do not fit.

use super::Scale::{Local, Universal};
use super::Together;
use crate::case::Needs;
use crate::time::UTC;
use crate::time::source::{MKTIME, TIMEGM};
use crate::time::tm::{FOUNDING, Fields};

/// Central European time by a rule, without any file: the hour from 2 to 3 is left out on 29 March 2020 and comes twice
/// on 25 October 2020.
const CET: Needs = Needs::NOTHING.env(&[("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")]);
/// The same out of a zone file.
const BERLIN: Needs = crate::time::zones::files::BERLIN.env(&[("TZ", "Europe/Berlin")]);

const fn gap(isdst: i32) -> Fields {
    Fields::date(2020, 3, 29).at(2, 30, 0).isdst(isdst)
}

const fn overlap(isdst: i32) -> Fields {
    Fields::date(2020, 10, 25).at(2, 30, 0).isdst(isdst)
}

macro_rules! together {
    ($($id:literal, $title:literal, $source:expr, $scale:expr, $needs:expr, $fields:expr;)*) => {
        crate::time::table! { Together; $(
            $id, $title, concat!("Which instant is ", $title, ", and what does tm hold afterwards?"), $source, $needs,
            Together { scale: $scale, fields: $fields };
        )* }
    };
}

together! {
    "time.timegm.founding", "2020-01-02 03:04:05", TIMEGM, Universal, UTC, FOUNDING;
    "time.timegm.month-13", "1 of month 13", TIMEGM, Universal, UTC, Fields::date(2020, 13, 1);
    "time.timegm.month-0", "1 of month 0", TIMEGM, Universal, UTC, Fields::date(2020, 0, 1);
    "time.timegm.day-0", "0 March 2020", TIMEGM, Universal, UTC, Fields::date(2020, 3, 0);
    "time.timegm.leap-day", "29 February of a common year", TIMEGM, Universal, UTC, Fields::date(2021, 2, 29);
    "time.timegm.day-400", "day 400 of January 2020", TIMEGM, Universal, UTC, Fields::date(2020, 1, 400);
    "time.timegm.time-of-day", "25:61:61", TIMEGM, Universal, UTC, Fields::date(2020, 1, 1).at(25, 61, 61);
    "time.timegm.negative-time", "-1:-1:-1", TIMEGM, Universal, UTC, Fields::date(2020, 1, 1).at(-1, -1, -1);
    "time.timegm.leap-second", "31 December 2016, 23:59:60",
        TIMEGM, Universal, UTC, Fields::date(2016, 12, 31).at(23, 59, 60);
    "time.timegm.offset", "a time with an offset in tm_gmtoff",
        TIMEGM, Universal, UTC, Fields { gmtoff: 3600, ..FOUNDING };
    "time.timegm.minus-one", "the second before 1970",
        TIMEGM, Universal, UTC, Fields::date(1969, 12, 31).at(23, 59, 59);
    "time.timegm.year-max", "the last year of tm",
        TIMEGM, Universal, UTC, Fields { year: i32::MAX, mday: 1, ..Fields::date(1900, 1, 1) };
    "time.timegm.year-overflow", "month 13 of the last year of tm",
        TIMEGM, Universal, UTC, Fields { year: i32::MAX, ..Fields::date(1900, 13, 1) };
    "time.timegm.all-max", "the largest number in every field", TIMEGM, Universal, UTC,
        Fields { mon: i32::MAX, year: i32::MAX, mday: i32::MAX, ..FOUNDING.at(i32::MAX, i32::MAX, i32::MAX) };
    "time.mktime.winter", "a winter noon", MKTIME, Local, CET, Fields::date(2020, 1, 15).at(12, 0, 0).isdst(-1);
    "time.mktime.summer", "a summer noon", MKTIME, Local, CET, Fields::date(2020, 7, 15).at(12, 0, 0).isdst(-1);
    "time.mktime.winter-isdst-1", "a winter noon said to be daylight saving time",
        MKTIME, Local, CET, Fields::date(2020, 1, 15).at(12, 0, 0).isdst(1);
    "time.mktime.summer-isdst-0", "a summer noon said to be standard time",
        MKTIME, Local, CET, Fields::date(2020, 7, 15).at(12, 0, 0).isdst(0);
    "time.mktime.gap", "an hour that is left out, tm_isdst -1", MKTIME, Local, CET, gap(-1);
    "time.mktime.gap-isdst-0", "an hour that is left out, tm_isdst 0", MKTIME, Local, CET, gap(0);
    "time.mktime.gap-isdst-1", "an hour that is left out, tm_isdst 1", MKTIME, Local, CET, gap(1);
    "time.mktime.overlap", "an hour that comes twice, tm_isdst -1", MKTIME, Local, CET, overlap(-1);
    "time.mktime.overlap-isdst-0", "an hour that comes twice, tm_isdst 0", MKTIME, Local, CET, overlap(0);
    "time.mktime.overlap-isdst-1", "an hour that comes twice, tm_isdst 1", MKTIME, Local, CET, overlap(1);
    "time.mktime.gap-file", "an hour that is left out, tm_isdst -1, by a zone file", MKTIME, Local, BERLIN, gap(-1);
    "time.mktime.gap-file-isdst-1", "an hour that is left out, tm_isdst 1, by a zone file",
        MKTIME, Local, BERLIN, gap(1);
    "time.mktime.overlap-file", "an hour that comes twice, tm_isdst -1, by a zone file",
        MKTIME, Local, BERLIN, overlap(-1);
    "time.mktime.overlap-file-isdst-0", "an hour that comes twice, tm_isdst 0, by a zone file",
        MKTIME, Local, BERLIN, overlap(0);
    "time.mktime.double-summer", "noon in the double summer time of 1945",
        MKTIME, Local, BERLIN, Fields::date(1945, 6, 1).at(12, 0, 0).isdst(-1);
    "time.mktime.no-dst", "a noon said to be daylight saving time where there is none", MKTIME, Local,
        Needs::NOTHING.env(&[("TZ", "JST-9")]), Fields::date(2020, 7, 15).at(12, 0, 0).isdst(1);
    "time.mktime.year-max", "the last moment of tm",
        MKTIME, Local, CET, Fields { year: i32::MAX, mon: 11, mday: 31, ..FOUNDING }.at(23, 59, 59);
    "time.mktime.year-overflow", "month 13 of the last year of tm",
        MKTIME, Local, CET, Fields { year: i32::MAX, mon: 12, ..FOUNDING };
}
