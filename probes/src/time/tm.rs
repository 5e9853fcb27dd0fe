//! Broken-down times: written down in tables, and described. Knows nothing of zones and calls nothing.

use core::ffi::CStr;
use heap::string::String;
use heap::vec::Vec;

use crate::outcome::{Outcome, Value};
use crate::sys::time::Tm;

/// The fields of `struct tm` that are numbers, in its order.
pub const NAMES: [&str; 10] =
    ["tm_sec", "tm_min", "tm_hour", "tm_mday", "tm_mon", "tm_year", "tm_wday", "tm_yday", "tm_isdst", "tm_gmtoff"];

/// A broken-down time as a table has it; every field as in C.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    /// Seconds, 0 to 60.
    pub sec: i32,
    /// Minutes.
    pub min: i32,
    /// Hours.
    pub hour: i32,
    /// Day of the month, from 1.
    pub mday: i32,
    /// Month, from 0.
    pub mon: i32,
    /// Year, less 1900.
    pub year: i32,
    /// Day of the week, Sunday is 0.
    pub wday: i32,
    /// Day of the year, from 0.
    pub yday: i32,
    /// Daylight saving time: yes, no, or unknown (negative).
    pub isdst: i32,
    /// Seconds east of Greenwich.
    pub gmtoff: i64,
    /// Name of the zone.
    pub zone: &'static CStr,
}

/// Thursday, 2 January 2020, 03:04:05 UTC: the time that is formatted wherever a row says nothing else.
pub const FOUNDING: Fields =
    Fields { sec: 5, min: 4, hour: 3, mday: 2, mon: 0, year: 120, wday: 4, yday: 1, isdst: 0, gmtoff: 0, zone: c"UTC" };

impl Fields {
    /// This date, year and month counted as people do, at midnight; day of the week and of the year are left 0.
    pub const fn date(year: i32, month: i32, day: i32) -> Self {
        Self::BLANK.with_date(year, month, day)
    }

    const BLANK: Self =
        Self { sec: 0, min: 0, hour: 0, mday: 0, mon: 0, year: 0, wday: 0, yday: 0, isdst: 0, gmtoff: 0, zone: c"" };

    const fn with_date(self, year: i32, month: i32, day: i32) -> Self {
        Self { year: year - 1900, mon: month - 1, mday: day, ..self }
    }

    /// At this time of day.
    pub const fn at(self, hour: i32, min: i32, sec: i32) -> Self {
        Self { hour, min, sec, ..self }
    }

    /// With this `tm_isdst`.
    pub const fn isdst(self, isdst: i32) -> Self {
        Self { isdst, ..self }
    }

    /// The structure for C.
    pub fn tm(&self) -> Tm {
        let Self { sec, min, hour, mday, mon, year, wday, yday, isdst, gmtoff, zone } = *self;
        let ints = [sec, min, hour, mday, mon, year, wday, yday, isdst];
        Tm::new(core::array::from_fn(|i| ints.get(i).map_or(gmtoff, |n| i64::from(*n))), Some(zone))
    }
}

/// Named numbers as a value.
pub fn map(numbers: [impl Into<Value>; 10]) -> Value {
    Value::Map(NAMES.iter().zip(numbers).map(|(name, n)| ((*name).into(), n.into())).collect::<Vec<_>>())
}

/// `2020-01-02 03:04:05`, from fields that may hold anything.
pub fn date_time(tm: &Tm) -> String {
    let [sec, min, hour, mday, mon, year, ..] = tm.numbers();
    heap::format!("{}-{:02}-{mday:02} {hour:02}:{min:02}:{sec:02}", year + 1900, mon + 1)
}

/// Says every field of a broken-down time but `tm_zone`, which is in the values alone: universal time goes by two names,
/// and one case asks for that (`time.gmtime.zone-name`).
pub fn describe_nameless(tm: &Tm, o: &mut Outcome) {
    let [.., wday, yday, isdst, gmtoff] = tm.numbers();
    o.fact("date_time", date_time(tm));
    o.fact("tm_wday", wday);
    o.fact("tm_yday", yday);
    o.fact("tm_isdst", isdst);
    o.fact("tm_gmtoff", gmtoff);
    o.measured("tm", map(tm.numbers()));
    o.measured("tm_zone", tm.zone());
}

/// Says every field of a broken-down time.
pub fn describe(tm: &Tm, o: &mut Outcome) {
    describe_nameless(tm, o);
    o.line(format_args!("tm_zone: {}", Value::from(tm.zone())));
}
