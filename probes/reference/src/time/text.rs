//! Parsing and formatting by chrono, said in the words of the probes: the fields of `struct tm`, a length and a result.

use std::fmt::Write;

use chrono::format::{Item, ParseResult, Parsed, StrftimeItems, parse_and_remainder};
use chrono::{DateTime, Datelike, FixedOffset, Local, NaiveDateTime, Timelike};
use libcdiff_probes::Outcome;
use libcdiff_probes::time::round::Round;
use libcdiff_probes::time::strftime::{Format, Of};
use libcdiff_probes::time::strptime::{Parse, Start};
use libcdiff_probes::time::tm::{FOUNDING, NAMES, map};

/// The ten numbers of `struct tm`, those that chrono knows.
type Numbers = [Option<i64>; 10];

/// Parses as much of the input as the format asks for. A row that starts from a zeroed structure has no counterpart:
/// chrono's fields are set or not.
pub fn parse(row: &Parse) -> Option<Outcome> {
    if row.start == Start::Zeroed {
        return None;
    }
    let mut o = Outcome::default();
    o.measured("format", row.format);
    o.measured("input", row.input);
    match read(row.format, row.input) {
        Ok((consumed, numbers)) => {
            o.fact("consumed_bytes", consumed);
            for (name, number) in NAMES.iter().zip(numbers).filter_map(|(name, n)| Some((name, n?))) {
                o.line(format_args!("{name}: {number}"));
            }
            o.measured("tm", map(numbers));
        }
        Err(error) => {
            o.fact("consumed_bytes", None::<usize>);
            o.measured("error", error);
        }
    }
    Some(o)
}

/// How many bytes the format took of the input, and what they say.
fn read(format: &str, input: &str) -> Result<(usize, Numbers), String> {
    let mut parsed = Parsed::new();
    let rest = parse_and_remainder(&mut parsed, input, StrftimeItems::new(format)).map_err(|e| e.to_string())?;
    Ok((input.len() - rest.len(), numbers(&parsed)))
}

/// A full date is known by all its fields, as glibc has it too; half a date by those that were there.
fn numbers(parsed: &Parsed) -> Numbers {
    let offset = parsed.offset();
    if let Ok(time) = parsed.to_naive_datetime_with_offset(offset.unwrap_or(0)) {
        return whole(&time, offset);
    }
    let hour = match (parsed.hour_div_12(), parsed.hour_mod_12()) {
        (half, Some(hour)) => Some(i64::from(half.unwrap_or(0) * 12 + hour)),
        _ => None,
    };
    let clock = [parsed.second().map(i64::from), parsed.minute().map(i64::from), hour];
    let date = match parsed.to_naive_date() {
        Ok(date) => [
            Some(i64::from(date.day())),
            Some(i64::from(date.month0())),
            Some(i64::from(date.year()) - 1900),
            Some(i64::from(date.weekday().num_days_from_sunday())),
            Some(i64::from(date.ordinal0())),
        ],
        Err(_) => [
            parsed.day().map(i64::from),
            parsed.month().map(|m| i64::from(m) - 1),
            year(parsed).map(|y| y - 1900),
            parsed.weekday().map(|w| i64::from(w.num_days_from_sunday())),
            parsed.ordinal().map(|n| i64::from(n) - 1),
        ],
    };
    let [sec, min, hour] = clock;
    let [mday, mon, year, wday, yday] = date;
    [sec, min, hour, mday, mon, year, wday, yday, None, offset.map(i64::from)]
}

/// The year that chrono makes of the year fields alone, with its own turn of the century.
fn year(parsed: &Parsed) -> Option<i64> {
    let mut alone = Parsed::new();
    for (set, value) in [
        (Parsed::set_year as fn(&mut Parsed, i64) -> ParseResult<()>, parsed.year()),
        (Parsed::set_year_div_100, parsed.year_div_100()),
        (Parsed::set_year_mod_100, parsed.year_mod_100()),
    ] {
        value.map_or(Ok(()), |value| set(&mut alone, value.into())).ok()?;
    }
    alone.set_ordinal(1).ok()?;
    alone.to_naive_date().ok().map(|date| date.year().into())
}

fn whole(time: &NaiveDateTime, offset: Option<i32>) -> Numbers {
    let unsigned = |n: u32| Some(i64::from(n));
    [
        unsigned(time.second()),
        unsigned(time.minute()),
        unsigned(time.hour()),
        unsigned(time.day()),
        unsigned(time.month0()),
        Some(i64::from(time.year()) - 1900),
        unsigned(time.weekday().num_days_from_sunday()),
        unsigned(time.ordinal0()),
        None,
        offset.map(i64::from),
    ]
}

/// Formats. chrono grows its result, so a row about the buffer has no answer; neither has one about `tm_isdst`
/// or `tm_wday`, which chrono does not take from the caller.
pub fn format(row: &Format) -> Option<Outcome> {
    if row.size != Format::PLAIN.size {
        return None;
    }
    let time = match row.of {
        Of::Fields(fields) if fields.isdst != 0 || !(0..7).contains(&fields.wday) => return None,
        Of::Fields(fields) => super::with_offset(&fields)?,
        Of::Gmtime(seconds) => DateTime::from_timestamp(seconds, 0)?.fixed_offset(),
        Of::Localtime(seconds) => DateTime::from_timestamp(seconds, 0)?.with_timezone(&Local).fixed_offset(),
    };
    let mut o = Outcome::default();
    o.measured("format", row.format);
    match write(row.format, &time) {
        Some(result) => {
            o.fact("length", result.len());
            if !result.is_empty() {
                o.line(format_args!("result: {result:?}"));
            }
            o.measured("result", result);
        }
        None => {
            o.fact("length", 0);
            o.measured("error", "the format has a directive that chrono does not know");
        }
    }
    Some(o)
}

/// `None` where the format is refused.
fn write(format: &str, time: &DateTime<FixedOffset>) -> Option<String> {
    let items: Vec<Item<'_>> = StrftimeItems::new(format).collect();
    let mut result = String::new();
    write!(result, "{}", time.format_with_items(items.iter())).ok()?;
    Some(result)
}

/// Writes the founding time and reads it back.
pub fn round(row: &Round) -> Option<Outcome> {
    let time = super::with_offset(&FOUNDING)?;
    let mut o = Outcome::default();
    let Some(written) = write(row.format, &time) else {
        o.fact("length", 0);
        return Some(o);
    };
    o.fact("length", written.len());
    o.line(format_args!("written: {written:?}"));
    match read(row.format, &written) {
        Ok((consumed, back)) => {
            o.fact("consumed_bytes", consumed);
            for ((name, there), back) in NAMES.iter().zip(whole(&time.naive_local(), Some(0))).zip(back) {
                let (there, back) = (there.unwrap_or(0), back.unwrap_or(0));
                if there != back {
                    o.line(format_args!("{name}: {there} came back as {back}"));
                }
            }
        }
        Err(_) => o.fact("consumed_bytes", None::<usize>),
    }
    Some(o)
}
