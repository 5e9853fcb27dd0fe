//! `getdate`, which tries the formats of a file that `DATEMSK` names.

use super::tm::describe;
use crate::case::{File, Needs};
use crate::outcome::Outcome;
use crate::sys::time::parse_by_templates;

const TEMPLATES: &[File] = &[File { path: "/etc/datemsk", content: b"%d.%m.%Y %H:%M:%S\n%Y-%m-%d %H:%M:%S\n" }];
const DATEMSK: Needs = Needs::NOTHING.env(&[("TZ", "UTC0"), ("DATEMSK", "/etc/datemsk")]).files(TEMPLATES);

/// An input for `getdate`.
#[derive(Clone, Copy, Debug)]
pub struct Getdate {
    /// The input.
    pub input: &'static str,
}

impl Getdate {
    /// Asks, and describes.
    pub fn ask(&self, o: &mut Outcome) {
        o.measured("input", self.input);
        match parse_by_templates(self.input) {
            Ok(tm) => describe(&tm, o),
            Err(e) => {
                o.line("returned: NULL");
                o.fact("getdate_err", e);
            }
        }
    }
}

macro_rules! getdate {
    ($($id:literal, $title:literal, $question:literal, $needs:expr, $input:literal;)*) => {
        super::table! { Getdate; $(
            $id, $title, $question, "POSIX.1-2017 getdate()", $needs, Getdate { input: $input };
        )* }
    };
}

getdate! {
    "time.getdate.second", "getdate, second template", "Does getdate read an input by the second template of its file?",
        DATEMSK, "2020-01-02 03:04:05";
    "time.getdate.none", "getdate, no template fits", "What does getdate say where no template fits?",
        DATEMSK, "2 January";
    "time.getdate.no-file", "getdate without DATEMSK", "What does getdate say where DATEMSK is not set?",
        super::UTC, "2020-01-02 03:04:05";
}
