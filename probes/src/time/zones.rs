//! Zones: what `TZ` and zone files mean. Each row sets `TZ` (or leaves it unset) and asks `localtime` about a few
//! instants; others ask for the global variables that `tzset` fills.

use super::instant::at;
use super::tm::date_time;
use crate::outcome::{Outcome, Value};
use crate::sys::time::{Globals, globals, localtime, localtime_r, offsets_around_setenv, read_zone};
use crate::text;

pub mod files;
pub mod named;
pub mod strings;
pub mod variables;

/// Noon UTC on 15 January 2020.
pub const WINTER: i64 = at(2020, 1, 15, 12, 0, 0);
/// Noon UTC on 15 July 2020.
pub const SUMMER: i64 = at(2020, 7, 15, 12, 0, 0);

/// Instants to ask a zone about. The zone itself is in the environment.
#[derive(Clone, Copy, Debug)]
pub struct Zone {
    /// `TZ`, as the case sets it.
    pub tz: Option<&'static str>,
    /// Seconds since 1970.
    pub instants: &'static [i64],
}

impl Zone {
    /// Asks, and describes: a line for each instant, and the first one's figures by name.
    pub fn ask(&self, o: &mut Outcome) {
        o.measured("TZ", self.tz);
        for (i, seconds) in self.instants.iter().enumerate() {
            match localtime(*seconds) {
                Ok(tm) => {
                    let [.., isdst, offset] = tm.numbers();
                    let name = tm.zone();
                    o.line(format_args!(
                        "{seconds}: {} {} {:?} isdst={isdst}",
                        date_time(&tm),
                        offset_text(offset),
                        name.as_deref().unwrap_or("none"),
                    ));
                    if i == 0 {
                        o.measured("seconds", *seconds);
                        o.measured("utc_offset_seconds", offset);
                        o.measured("abbreviation", name);
                        o.measured("tm_isdst", isdst);
                    }
                }
                Err(e) => o.line(format_args!("{seconds}: {}", text::errno(e.0))),
            }
        }
        o.measured("instants", Value::List(self.instants.iter().map(|s| (*s).into()).collect()));
    }
}

/// `+01:00`, with seconds where there are some.
pub fn offset_text(offset: i64) -> heap::string::String {
    let (sign, size) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
    let (hours, minutes, seconds) = (size / 3600, size / 60 % 60, size % 60);
    let tail = if seconds == 0 { heap::string::String::new() } else { heap::format!(":{seconds:02}") };
    heap::format!("{sign}{hours:02}:{minutes:02}{tail}")
}

/// `tzname`, `timezone` and `daylight` after `tzset`.
fn variables(o: &mut Outcome) {
    read_zone();
    let Globals { names: [standard, summer], timezone, daylight } = globals();
    o.fact("tzname_0", standard);
    o.fact("tzname_1", summer);
    o.fact("timezone", timezone);
    o.fact("daylight", daylight);
}

/// `tzname` before any call, and after each function that may fill it.
fn when_names_are_read(o: &mut Outcome) {
    let names = || {
        let [standard, summer] = globals().names;
        let word = |name: Option<_>| name.unwrap_or_else(|| "null".into());
        heap::format!("{:?} {:?}", word(standard), word(summer))
    };
    o.fact("at_start", names());
    let ended = localtime_r(SUMMER).map(drop).and_then(|()| {
        o.fact("after_localtime_r", names());
        localtime(SUMMER).map(drop)
    });
    o.fact("after_localtime", names());
    if let Err(e) = ended {
        o.broke(format_args!("taking apart {SUMMER}: {}", text::errno(e.0)));
    }
}

/// `localtime_r` after the program has changed `TZ`.
fn changed_zone(o: &mut Outcome) {
    match offsets_around_setenv("JST-9", WINTER) {
        Ok([before, after, read]) => {
            o.fact("offset_before_setenv", before);
            o.fact("offset_after_setenv", after);
            o.fact("offset_after_tzset", read);
        }
        Err(e) => o.broke(format_args!("taking apart {WINTER}: {}", text::errno(e.0))),
    }
}

#[cfg(test)]
mod tests {
    use super::offset_text;

    #[test]
    fn offsets_show_seconds_only_where_there_are_some() {
        assert_eq!(offset_text(3600), "+01:00");
        assert_eq!(offset_text(-1800), "-00:30");
        assert_eq!(offset_text(3208), "+00:53:28");
    }
}
