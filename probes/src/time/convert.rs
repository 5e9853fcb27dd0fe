//! Instants into broken-down times and back: `gmtime_r`, `localtime_r`, `timegm`, `mktime`.

use super::tm::{Fields, describe, describe_nameless};
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::time::{Tm, gmtime, localtime_r, mktime, timegm};
use crate::text;

pub mod apart;
pub mod together;

/// Which time a conversion is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Universal time: `gmtime_r`, `timegm`.
    Universal,
    /// The zone of `TZ`: `localtime_r`, `mktime`.
    Local,
}

impl Scale {
    fn describe(self, tm: &Tm, o: &mut Outcome) {
        match self {
            Self::Universal => describe_nameless(tm, o),
            Self::Local => describe(tm, o),
        }
    }
}

/// An instant to be taken apart.
#[derive(Clone, Copy, Debug)]
pub struct Apart {
    /// The call.
    pub scale: Scale,
    /// The instant.
    pub seconds: i64,
}

impl Apart {
    /// Asks, and describes.
    pub fn ask(&self, o: &mut Outcome) {
        o.measured("seconds", self.seconds);
        let tm = match self.scale {
            Scale::Universal => gmtime(self.seconds),
            Scale::Local => localtime_r(self.seconds),
        };
        match tm {
            Ok(tm) => self.scale.describe(&tm, o),
            Err(e) => {
                o.line("returned: NULL");
                o.fact("errno", text::errno(e.0));
            }
        }
    }
}

/// A broken-down time to be put together.
#[derive(Clone, Copy, Debug)]
pub struct Together {
    /// The call.
    pub scale: Scale,
    /// The broken-down time.
    pub fields: Fields,
}

impl Together {
    /// Asks, and describes. -1 is also an instant: it means failure where the structure was left as it was, which is
    /// what POSIX tells programs to look at. The error number counts then alone.
    pub fn ask(&self, o: &mut Outcome) {
        let before = self.fields.tm();
        let mut tm = before;
        let (seconds, e) = match self.scale {
            Scale::Universal => timegm(&mut tm),
            Scale::Local => mktime(&mut tm),
        };
        o.measured("given", super::tm::map(before.numbers()));
        o.fact("returned", seconds);
        if seconds == -1 && tm.numbers() == before.numbers() {
            o.fact("errno", text::errno(e.0));
            o.line("tm: as it was");
        } else {
            self.scale.describe(&tm, o);
        }
    }
}

/// The name of universal time, which is why no other case compares it.
pub const CASES: &[Case] = &[Case {
    id: "time.gmtime.zone-name",
    title: "the name of universal time",
    question: "How does gmtime_r name universal time in tm_zone?",
    source: super::source::GMTIME,
    needs: super::UTC,
    run: name_of_universal_time,
}];

fn name_of_universal_time(o: &mut Outcome) {
    match gmtime(0) {
        Ok(tm) => o.fact("tm_zone", tm.zone()),
        Err(e) => o.broke(format_args!("taking apart the second 0: {}", text::errno(e.0))),
    }
}
