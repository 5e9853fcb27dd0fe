//! Remedies: the portable way to what other cases show to differ. Each of these answers alike in every C library, which
//! is the proof that the remedy works.

use super::UTC;
use super::tm::{FOUNDING, date_time};
use super::zones::{SUMMER, WINTER, files};
use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::time::{Tm, gmtime, localtime, mktime, offsets_around_setenv, strftime, strptime, timegm};
use crate::text;

const CET: Needs = Needs::NOTHING.env(&[("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")]);

const fn case(
    id: &'static str,
    title: &'static str,
    question: &'static str,
    source: &'static str,
    needs: Needs,
    run: fn(&mut Outcome),
) -> Case {
    Case { id, title, question, source, needs, run }
}

/// The cases of this table.
pub const CASES: &[Case] = &[
    case(
        "time.remedy.parse",
        "remedy: spelled out, then timegm",
        "Does a date parse alike everywhere when its format is spelled out and timegm fills the rest?",
        super::source::POSIX_PARSE,
        UTC,
        parse,
    ),
    case(
        "time.remedy.parse-seconds",
        "remedy: seconds without strptime",
        "Do seconds since 1970 become the same broken-down time by gmtime_r, where strptime's %s does not?",
        super::source::GMTIME,
        UTC,
        seconds,
    ),
    case(
        "time.remedy.parse-offset",
        "remedy: the offset read by hand",
        "Does a date with an offset become the same instant everywhere when strptime stops before the offset?",
        super::source::POSIX_PARSE,
        UTC,
        offset,
    ),
    case(
        "time.remedy.parse-day-of-year",
        "remedy: timegm makes the date of a day of the year",
        "Does year and day of the year become the same date everywhere when timegm is given the day as one of January?",
        super::source::TIMEGM,
        UTC,
        day_of_year,
    ),
    case(
        "time.remedy.format",
        "remedy: directives of the C standard",
        "Does strftime write alike everywhere when only directives of the C standard are used?",
        super::source::C_FORMAT,
        UTC,
        format,
    ),
    case(
        "time.remedy.zone-rule",
        "remedy: a zone as a rule",
        "Does TZ mean the same everywhere, without zone files, when it is a full POSIX rule?",
        super::source::POSIX_TZ,
        CET,
        zone,
    ),
    case(
        "time.remedy.zone-file",
        "remedy: the zone file brought along",
        "Does TZ=Europe/Berlin mean the same everywhere once the image has its zone file?",
        super::source::NAMED,
        files::BERLIN.env(&[("TZ", "Europe/Berlin")]),
        zone,
    ),
    case(
        "time.remedy.tzset",
        "remedy: tzset after setenv",
        "Does localtime_r use a changed TZ everywhere once tzset has been called?",
        super::source::NAMED,
        CET,
        changed,
    ),
    case(
        "time.remedy.mktime",
        "remedy: tm_isdst said",
        "Is an hour that comes twice the same instant everywhere when tm_isdst says which one is meant?",
        super::source::MKTIME,
        CET,
        overlap,
    ),
];

fn parse(o: &mut Outcome) {
    let mut tm = Tm::new([0; 10], None);
    o.fact("consumed_bytes", strptime("2020-01-02 03:04:05", "%Y-%m-%d %H:%M:%S", &mut tm));
    let (seconds, _) = timegm(&mut tm);
    let [.., wday, yday, _, _] = tm.numbers();
    o.fact("seconds", seconds);
    o.fact("tm_wday", wday);
    o.fact("tm_yday", yday);
}

fn seconds(o: &mut Outcome) {
    match "1577934245".parse().map(gmtime) {
        Ok(Ok(tm)) => o.fact("date_time", date_time(&tm)),
        Ok(Err(e)) => o.fact("errno", text::errno(e.0)),
        Err(e) => o.broke(format_args!("reading a number: {e}")),
    }
}

/// The text up to the offset by strptime, the rest as a sign and four digits.
fn offset(o: &mut Outcome) {
    const INPUT: &str = "2020-01-02T03:04:05-0130";
    let mut tm = Tm::new([0; 10], None);
    let Some(consumed) = strptime(INPUT, "%Y-%m-%dT%H:%M:%S", &mut tm) else {
        return o.fact("consumed_bytes", None::<usize>);
    };
    o.fact("consumed_bytes", consumed);
    let (sign, digits) = INPUT[consumed..].split_at(1);
    match digits.parse::<i64>() {
        Ok(hhmm) => {
            let east = (hhmm / 100 * 60 + hhmm % 100) * if sign == "-" { -60 } else { 60 };
            o.fact("seconds", timegm(&mut tm).0 - east);
        }
        Err(e) => o.broke(format_args!("reading the offset {digits}: {e}")),
    }
}

fn day_of_year(o: &mut Outcome) {
    let mut tm = Tm::new([0; 10], None);
    o.fact("consumed_bytes", strptime("2020 060", "%Y %j", &mut tm));
    let [.., year, _, yday, _, _] = tm.numbers();
    let mut day = Tm::new([0, 0, 0, yday + 1, 0, year, 0, 0, 0, 0], None);
    timegm(&mut day);
    o.fact("date_time", date_time(&day));
}

/// The offset of Japan, after Central European time was in use.
fn changed(o: &mut Outcome) {
    match offsets_around_setenv("JST-9", WINTER) {
        Ok([_, _, read]) => o.fact("offset_after_tzset", read),
        Err(e) => o.broke(format_args!("taking apart {WINTER}: {}", text::errno(e.0))),
    }
}

fn format(o: &mut Outcome) {
    o.fact("result", strftime(256, "%a, %d %b %Y %I:%M:%S %p %z, week %G-W%V", &FOUNDING.tm()).buffer);
}

fn zone(o: &mut Outcome) {
    for seconds in [WINTER, SUMMER] {
        match localtime(seconds) {
            Ok(tm) => {
                let written = strftime(256, "%Y-%m-%d %H:%M:%S %z %Z", &tm).buffer;
                o.line(format_args!("{seconds}: {written}"));
            }
            Err(e) => o.line(format_args!("{seconds}: {}", text::errno(e.0))),
        }
    }
}

fn overlap(o: &mut Outcome) {
    for isdst in [1, 0] {
        let mut tm = super::tm::Fields::date(2020, 10, 25).at(2, 30, 0).isdst(isdst).tm();
        o.line(format_args!("tm_isdst {isdst}: {}", mktime(&mut tm).0));
    }
}
