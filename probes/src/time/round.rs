//! Round trips: what `strptime` reads back of what `strftime` wrote by the same format.

use super::source::{C_FORMAT as C, GNU_FORMAT as GNU, ISSUE8_PARSE as ISSUE8};
use super::tm::{FOUNDING, NAMES};
use crate::outcome::Outcome;
use crate::sys::time::{Tm, strftime, strptime};

/// One format, for the founding time.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// The format.
    pub format: &'static str,
}

impl Round {
    /// Writes, reads back into zeros, and says which fields came back otherwise.
    pub fn ask(&self, o: &mut Outcome) {
        let tm = FOUNDING.tm();
        let written = strftime(256, self.format, &tm);
        let mut back = Tm::new([0; 10], None);
        o.measured("format", self.format);
        o.fact("length", written.length);
        if written.length == 0 {
            return;
        }
        o.line(format_args!("written: {:?}", written.buffer));
        let consumed = strptime(&written.buffer, self.format, &mut back);
        o.measured("written", written.buffer);
        o.fact("consumed_bytes", consumed);
        if consumed.is_none() {
            return;
        }
        for ((name, there), back) in NAMES.iter().zip(tm.numbers()).zip(back.numbers()) {
            if there != back {
                o.line(format_args!("{name}: {there} came back as {back}"));
            }
        }
    }
}

macro_rules! rounds {
    ($($id:literal, $source:expr, $format:literal;)*) => {
        super::table! { Round; $(
            $id, concat!("there and back by ", $format),
            concat!("Does strptime read back what strftime wrote by \"", $format, "\"?"),
            $source, super::UTC, Round { format: $format };
        )* }
    };
}

rounds! {
    "time.round.c", C, "%c";
    "time.round.F-T", ISSUE8, "%F %T";
    "time.round.Y-m-d-H-M-S", C, "%Y-%m-%d %H:%M:%S";
    "time.round.mail", C, "%a, %d %b %Y %H:%M:%S %z";
    "time.round.Y-j-T", C, "%Y %j %T";
    "time.round.week", C, "%Y %U %a %T";
    "time.round.iso-week", ISSUE8, "%G-W%V-%u";
    "time.round.s", GNU, "%s";
    "time.round.flags", GNU, "%-d %_m %-H";
    "time.round.width", C, "%6Y-%m-%d";
    "time.round.zone", ISSUE8, "%F %T %Z";
}
