//! The area `time` without a C library: chrono parses, formats and converts, and its `Local` reads `TZ` and zone files.
//!
//! The questions are the probes' own rows. Where chrono has no counterpart there is no answer: `tm_isdst` said by the
//! caller, buffer sizes, `tzname`, broken-down times with fields out of range that are to be formatted, locales.

use chrono::{DateTime, Datelike, FixedOffset, Local, MappedLocalTime, NaiveDate, NaiveDateTime, TimeZone};
use libcdiff_probes::Outcome;
use libcdiff_probes::time::convert::{self, Apart, Scale, Together};
use libcdiff_probes::time::tm::Fields;
use libcdiff_probes::time::zones::{self, Zone, offset_text};
use libcdiff_probes::time::{round, strftime, strptime};

mod text;

/// The answer to one case; `None` where there is none.
pub fn answer(case: &str, _arguments: &[String]) -> Option<Outcome> {
    if let Some(row) = find(case, &[strptime::directives::ROWS, strptime::forms::ROWS]) {
        return text::parse(row);
    }
    if let Some(row) = find(case, &[strftime::directives::ROWS, strftime::forms::ROWS]) {
        return text::format(row);
    }
    if let Some(row) = find(case, &[round::ROWS]) {
        return text::round(row);
    }
    if let Some(row) = find(case, &[convert::apart::ROWS]) {
        return Some(apart(row));
    }
    if let Some(row) = find(case, &[convert::together::ROWS]) {
        return together(row);
    }
    find(case, &[zones::strings::ROWS, zones::named::ROWS]).map(zone)
}

/// A row by its case id.
fn find<T>(case: &str, tables: &[&'static [(&'static str, T)]]) -> Option<&'static T> {
    tables.iter().copied().flatten().find(|(id, _)| *id == case).map(|(_, row)| row)
}

/// `2020-01-02 03:04:05`, as the probes write it: years are not padded.
fn date_time(time: &NaiveDateTime) -> String {
    let (date, clock) = (time.date(), time.time());
    format!("{}-{:02}-{:02} {clock}", date.year(), date.month(), date.day())
}

/// The lines of a broken-down time. Only universal time is known to have no daylight saving.
fn describe(time: &NaiveDateTime, offset: i64, universal: bool, o: &mut Outcome) {
    o.fact("date_time", date_time(time));
    o.fact("tm_wday", time.weekday().num_days_from_sunday());
    o.fact("tm_yday", time.ordinal0());
    if universal {
        o.fact("tm_isdst", 0);
    }
    o.fact("tm_gmtoff", offset);
}

fn apart(row: &Apart) -> Outcome {
    let mut o = Outcome::default();
    o.measured("seconds", row.seconds);
    match DateTime::from_timestamp(row.seconds, 0) {
        None => o.line("returned: NULL"),
        Some(time) if row.scale == Scale::Universal => describe(&time.naive_utc(), 0, true, &mut o),
        Some(time) => {
            let local = time.with_timezone(&Local);
            describe(&local.naive_local(), local.offset().local_minus_utc().into(), false, &mut o);
        }
    }
    o
}

/// chrono refuses fields out of range where C normalises them, and says of an hour that comes twice that it does.
fn together(row: &Together) -> Option<Outcome> {
    let mut o = Outcome::default();
    let Some(naive) = naive(&row.fields) else {
        o.line("returned: none, a field is out of range");
        return Some(o);
    };
    if row.scale == Scale::Universal {
        o.fact("returned", naive.and_utc().timestamp());
        describe(&naive, 0, true, &mut o);
        return Some(o);
    }
    if row.fields.isdst >= 0 {
        return None;
    }
    match Local.from_local_datetime(&naive) {
        MappedLocalTime::None => o.line("returned: none, there is no such local time"),
        MappedLocalTime::Ambiguous(first, second) => {
            o.line(format_args!("returned: {} or {}", first.timestamp(), second.timestamp()));
        }
        MappedLocalTime::Single(time) => {
            o.fact("returned", time.timestamp());
            describe(&naive, time.offset().local_minus_utc().into(), false, &mut o);
        }
    }
    Some(o)
}

/// The date and time of fields that are all in range.
fn naive(fields: &Fields) -> Option<NaiveDateTime> {
    let unsigned = |n: i32| u32::try_from(n).ok();
    let month = unsigned(fields.mon)?.checked_add(1)?;
    NaiveDate::from_ymd_opt(fields.year.checked_add(1900)?, month, unsigned(fields.mday)?)?.and_hms_opt(
        unsigned(fields.hour)?,
        unsigned(fields.min)?,
        unsigned(fields.sec)?,
    )
}

/// The lines of a zone, without names and without daylight saving, which `Local` does not tell.
fn zone(row: &Zone) -> Outcome {
    let mut o = Outcome::default();
    o.measured("TZ", row.tz);
    for (i, seconds) in row.instants.iter().enumerate() {
        let Some(time) = DateTime::from_timestamp(*seconds, 0) else {
            o.line(format_args!("{seconds}: none"));
            continue;
        };
        let local = time.with_timezone(&Local);
        let offset = i64::from(local.offset().local_minus_utc());
        o.line(format_args!("{seconds}: {} {}", date_time(&local.naive_local()), offset_text(offset)));
        if i == 0 {
            o.measured("utc_offset_seconds", offset);
        }
    }
    o
}

/// A time with the offset that its fields say.
fn with_offset(fields: &Fields) -> Option<DateTime<FixedOffset>> {
    let offset = FixedOffset::east_opt(i32::try_from(fields.gmtoff).ok()?)?;
    naive(fields)?.and_local_timezone(offset).single()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(case: &str) -> String {
        answer(case, &[]).map(|o| o.text().to_string()).unwrap_or_default()
    }

    #[test]
    fn the_founding_format_parses_without_a_c_library() {
        let expected = "consumed_bytes: 19\ntm_sec: 5\ntm_min: 4\ntm_hour: 3\ntm_mday: 2\ntm_mon: 0\ntm_year: 120\n\
                        tm_wday: 4\ntm_yday: 1";
        assert_eq!(text("time.strptime.F-T"), expected);
    }

    #[test]
    fn half_a_date_fills_what_it_says() {
        assert_eq!(text("time.strptime.m"), "consumed_bytes: 2\ntm_mon: 0");
        assert_eq!(text("time.strptime.y-69"), "consumed_bytes: 2\ntm_year: 169");
        assert_eq!(text("time.strptime.Q"), "consumed_bytes: none");
    }

    #[test]
    fn what_is_formatted_is_said_as_the_probes_say_it() {
        assert_eq!(text("time.strftime.P"), "length: 2\nresult: \"am\"");
        assert_eq!(text("time.strftime.Q"), "length: 0");
        assert_eq!(text("time.strftime.Y-987"), "length: 4\nresult: \"0987\"");
    }

    #[test]
    fn fields_out_of_range_are_refused() {
        assert_eq!(text("time.timegm.month-13"), "returned: none, a field is out of range");
        assert!(text("time.timegm.founding").starts_with("returned: 1577934245\n"));
    }

    #[test]
    fn questions_without_a_counterpart_have_no_answer() {
        for case in
            ["time.strftime.buffer-short", "time.strftime.z-unknown-dst", "time.mktime.gap-isdst-1", "time.tzset.dst"]
        {
            assert!(answer(case, &[]).is_none(), "{case}");
        }
    }
}
