//! `strftime`: what a format becomes, and what is returned.
//!
//! The buffer is 256 bytes, all NUL, where a row says nothing else. Where 0 is returned the buffer's content is
//! indeterminate by the standard, so it is kept in the values and not compared.

use super::tm::{FOUNDING, Fields, map};
use crate::outcome::Outcome;
use crate::sys::time::{Tm, Written, gmtime, localtime, strftime};
use crate::text;

pub mod directives;
pub mod forms;
pub mod wide;

/// The broken-down time to format.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// Written down.
    Fields(Fields),
    /// What `gmtime_r` makes of this instant.
    Gmtime(i64),
    /// What `localtime` makes of this instant.
    Localtime(i64),
}

/// One question to `strftime`.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The format.
    pub format: &'static str,
    /// The time.
    pub of: Of,
    /// Size of the buffer in bytes.
    pub size: usize,
}

impl Format {
    /// `%Y` and the like, of the founding time: a row that says nothing else.
    pub const PLAIN: Self = Self { format: "", of: Of::Fields(FOUNDING), size: 256 };

    /// Asks, and describes.
    pub fn ask(&self, o: &mut Outcome) {
        let Some(tm) = self.tm(o) else { return };
        o.measured("format", self.format);
        o.measured("buffer_bytes", self.size);
        o.measured("tm", map(tm.numbers()));
        o.measured("tm_zone", tm.zone());
        describe(strftime(self.size, self.format, &tm), o);
    }

    fn tm(&self, o: &mut Outcome) -> Option<Tm> {
        let (call, seconds, tm) = match self.of {
            Of::Fields(fields) => return Some(fields.tm()),
            Of::Gmtime(seconds) => ("gmtime_r", seconds, gmtime(seconds)),
            Of::Localtime(seconds) => ("localtime", seconds, localtime(seconds)),
        };
        o.measured("tm_from", heap::format!("{call}({seconds})"));
        tm.map_err(|e| o.broke(format_args!("{call}({seconds}) before formatting: {}", text::errno(e.0)))).ok()
    }
}

fn describe(written: Written, o: &mut Outcome) {
    o.fact("length", written.length);
    if written.length > 0 {
        o.line(format_args!("result: {:?}", written.buffer));
    }
    o.measured("result", written.buffer);
}

/// Rows of `id, title, source, "format"`, with `of TIME`, `into BYTES` and `in ENVIRONMENT` where they differ.
macro_rules! formats {
    ($($id:literal, $title:literal, $source:expr, $format:literal
        $(of $of:expr)? $(, into $size:literal)? $(, in $environment:expr)?;)*) => {
        $crate::time::table! { Format; $(
            $id, $title,
            concat!("What does strftime write for ", stringify!($format), " (", $title, ")?"),
            $source,
            $crate::time::or!($crate::time::UTC $(, $crate::case::Needs::NOTHING.env($environment))?),
            Format {
                format: $format,
                of: $crate::time::or!(Format::PLAIN.of $(, $of)?),
                size: $crate::time::or!(Format::PLAIN.size $(, $size)?),
            };
        )* }
    };
}
use formats;
