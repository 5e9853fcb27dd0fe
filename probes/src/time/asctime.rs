//! `asctime` and `ctime`, whose result is made for 26 bytes. Either may end the process, so the
//! call is made in a child.

use heap::string::String;

use super::source::ASCTIME;
use super::tm::{FOUNDING, Fields, map};
use crate::outcome::Outcome;
use crate::sys::call::Errno;
use crate::sys::process::{End, in_child, write_all};
use crate::sys::time::{ascii, ascii_of};
use crate::text;

/// What is to be written.
#[derive(Clone, Copy, Debug)]
pub enum Ascii {
    /// A broken-down time, by `asctime`.
    Fields(Fields),
    /// An instant, by `ctime`.
    Seconds(i64),
}

impl Ascii {
    /// Asks, and describes the string, the null, or the end of the process.
    pub fn ask(&self, o: &mut Outcome) {
        match self {
            Self::Fields(fields) => o.measured("tm", map(fields.tm().numbers())),
            Self::Seconds(seconds) => o.measured("seconds", *seconds),
        }
        let child = in_child(5, || {
            let answer = match self.call() {
                Ok(text) => heap::format!("result: {text:?}"),
                Err(e) => heap::format!("result: NULL\nerrno: {}", text::errno(e.0)),
            };
            i32::from(!write_all(1, answer.as_bytes()))
        });
        match child {
            Ok(child) if child.end == End::Exited(0) => o.line(child.text()),
            Ok(child) => o.fact("ended", heap::format!("{}", child.end)),
            Err(e) => o.broke(format_args!("starting a child: {}", text::errno(e.0))),
        }
    }

    fn call(&self) -> Result<String, Errno> {
        match self {
            Self::Fields(fields) => ascii(&fields.tm()),
            Self::Seconds(seconds) => ascii_of(*seconds),
        }
    }
}

macro_rules! ascii {
    ($($id:literal, $call:literal, $title:literal, $row:expr;)*) => {
        super::table! { Ascii; $(
            $id, concat!($call, ", ", $title), concat!("What does ", $call, " make of ", $title, "?"), ASCTIME, super::UTC, $row;
        )* }
    };
}

ascii! {
    "time.asctime.founding", "asctime", "an ordinary time", Ascii::Fields(FOUNDING);
    "time.asctime.year-987", "asctime", "the year 987", Ascii::Fields(Fields { year: 987 - 1900, ..FOUNDING });
    "time.asctime.year-10000", "asctime", "the year 10000", Ascii::Fields(Fields { year: 10_000 - 1900, ..FOUNDING });
    "time.asctime.year-max", "asctime", "the last year of tm", Ascii::Fields(Fields { year: i32::MAX, ..FOUNDING });
    "time.asctime.month-12", "asctime", "month 12 and weekday 7 of tm", Ascii::Fields(Fields { mon: 12, wday: 7, ..FOUNDING });
    "time.asctime.day-123", "asctime", "day 123 of tm", Ascii::Fields(Fields { mday: 123, ..FOUNDING });
    "time.ctime.max", "ctime", "the largest number of 64 bits", Ascii::Seconds(i64::MAX);
}
