//! `strptime`: how much of an input a format matches, and which fields of `struct tm` it fills.
//!
//! Filled means: whatever the structure held before. Every row is asked from two different backgrounds; a field that
//! keeps both was not touched, one that ends equal was filled, and one that ends different was computed from what the
//! caller had left there. Computed fields are in the values, not in the text, but for the rows that start from a zeroed
//! structure, where they are the question.

use heap::string::String;
use heap::vec::Vec;

use super::tm::{NAMES, map};
use crate::case::Case;
use crate::outcome::{Outcome, Value};
use crate::sys::time::{Tm, read_zone, strptime};

pub mod directives;
pub mod forms;

/// What `struct tm` holds before the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Numbers that no field can have; the answer is what the input alone determines.
    Unset,
    /// Zeros, as most programs have it; the answer is every field that is not zero afterwards.
    Zeroed,
}

/// One question to `strptime`.
#[derive(Clone, Copy, Debug)]
pub struct Parse {
    /// The format.
    pub format: &'static str,
    /// The text to be read.
    pub input: &'static str,
    /// The structure before.
    pub start: Start,
    /// Whether the program calls `tzset` first, as one does that cares for zones.
    pub zone_read: bool,
}

/// Two numbers that no field of a sensible broken-down time has.
const BACKGROUNDS: [i64; 2] = [-77_777, -88_888];

impl Parse {
    /// Asks, and describes.
    pub fn ask(&self, o: &mut Outcome) {
        o.measured("format", self.format);
        o.measured("input", self.input);
        if self.zone_read {
            read_zone();
        }
        let zero = self.run(0);
        let [first, second] = BACKGROUNDS.map(|background| self.run(background));
        o.fact("consumed_bytes", first.consumed);
        let fields = Fields::compare(&first.tm, &second.tm);
        let zeroed = zero.tm.numbers();
        let touched = match self.start {
            Start::Unset => fields.filled,
            Start::Zeroed => zeroed.map(|n| (n != 0).then_some(n)),
        };
        let zone = if first.tm.zone().as_deref() == Some("untouched") { None } else { first.tm.zone() };
        if first.consumed.is_some() {
            for (name, value) in NAMES.iter().zip(touched).filter_map(|(name, value)| Some((name, value?))) {
                o.line(format_args!("{name}: {value}"));
            }
            if let Some(zone) = &zone {
                o.line(format_args!("tm_zone: {zone}"));
            }
        }
        o.measured("tm", map(if self.start == Start::Zeroed { zeroed.map(Some) } else { touched }));
        o.measured("tm_zone", zone);
        o.measured("computed", fields.computed);
        o.measured("from_zeroed_tm", map(zeroed));
    }

    fn run(&self, background: i64) -> Parsed {
        let mut tm = Tm::new([background; 10], Some(c"untouched"));
        let consumed = strptime(self.input, self.format, &mut tm);
        Parsed { consumed, tm }
    }
}

struct Parsed {
    consumed: Option<usize>,
    tm: Tm,
}

/// The same call from both backgrounds, field by field.
struct Fields {
    /// The value, where it does not depend on the background.
    filled: [Option<i64>; 10],
    /// The names of those that do.
    computed: Vec<String>,
}

impl Fields {
    fn compare(first: &Tm, second: &Tm) -> Self {
        let [first, second] = [first.numbers(), second.numbers()];
        let filled = core::array::from_fn(|i| (first[i] == second[i]).then_some(first[i]));
        let computed = |i: &usize| first[*i] != second[*i] && [first[*i], second[*i]] != BACKGROUNDS;
        let computed = (0..NAMES.len()).filter(computed).map(|i| NAMES[i].into()).collect();
        Self { filled, computed }
    }
}

/// Rows of `id, title, source, "format" <- "input"`, with `from Start` and `in TZ` where they differ from the rest.
macro_rules! parses {
    ($($id:literal, $title:literal, $source:expr, $format:literal <- $input:literal
        $(from $start:expr)? $(, in $tz:literal)?;)*) => {
        $crate::time::table! { Parse; $(
            $id, $title,
            concat!("What does strptime make of ", stringify!($input), " by ", stringify!($format), " (", $title, ")?"),
            $source,
            $crate::time::or!($crate::time::UTC $(, $crate::case::Needs::NOTHING.env(&[("TZ", $tz)]))?),
            Parse {
                format: $format,
                input: $input,
                start: $crate::time::or!($crate::time::strptime::Start::Unset $(, $start)?),
                zone_read: $crate::time::given!($($tz)?),
            };
        )* }
    };
}
use parses;

/// What is left where `strptime` fails half-way, which POSIX leaves open.
pub const CASES: &[Case] = &[Case {
    id: "time.strptime.mismatch",
    title: "strptime that fails half-way",
    question: "Which fields has strptime filled where it finds a mismatch in the middle?",
    source: super::source::POSIX_PARSE,
    needs: super::UTC,
    run: left_after_mismatch,
}];

fn left_after_mismatch(o: &mut Outcome) {
    let row = Parse { format: "%Y-%m-%d", input: "2020-02-xx", start: Start::Unset, zone_read: false };
    let parsed = row.run(BACKGROUNDS[0]);
    o.measured("format", row.format);
    o.measured("input", row.input);
    o.fact("consumed_bytes", parsed.consumed);
    for (name, n) in NAMES.iter().zip(parsed.tm.numbers()) {
        o.fact(name, if n == BACKGROUNDS[0] { Value::Null } else { n.into() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_filled_computed_or_left_alone() {
        let [first, second] = BACKGROUNDS;
        let with = |hour, wday| {
            move |background: i64| {
                let mut numbers = [background; 10];
                (numbers[2], numbers[6]) = (hour, wday);
                Tm::new(numbers, None)
            }
        };
        let fields = Fields::compare(&with(3, 1)(first), &with(3, 5)(second));
        assert_eq!(fields.filled.iter().flatten().collect::<Vec<_>>(), [&3]);
        assert_eq!(fields.filled[2], Some(3));
        assert_eq!(fields.computed, ["tm_wday"]);
    }
}
