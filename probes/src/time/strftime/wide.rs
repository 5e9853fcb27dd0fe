//! `wcsftime`: the same in wide characters, which is code of its own in some C libraries.

use crate::outcome::Outcome;
use crate::sys::time::wide_strftime;
use crate::time::source::{C_FORMAT as C, GNU_FORMAT as GNU, NOWHERE};
use crate::time::tm::FOUNDING;

/// A format for the founding time.
#[derive(Clone, Copy, Debug)]
pub struct Wide {
    /// The format.
    pub format: &'static str,
}

impl Wide {
    /// Asks, and describes.
    pub fn ask(&self, o: &mut Outcome) {
        o.measured("format", self.format);
        super::describe(wide_strftime(self.format, &FOUNDING.tm()), o);
    }
}

macro_rules! wide {
    ($($id:literal, $source:expr, $format:literal;)*) => {
        crate::time::table! { Wide; $(
            $id, concat!("wide, ", $format), concat!("What does wcsftime write for \"", $format, "\"?"),
            $source, crate::time::UTC, Wide { format: $format };
        )* }
    };
}

wide! {
    "time.wcsftime.F-T", C, "%F %T";
    "time.wcsftime.Q", NOWHERE, "%H-%Q";
    "time.wcsftime.P", GNU, "%P";
}
