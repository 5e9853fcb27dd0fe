//! `scanf`: what is read, what is stored, and how the end of the input is told from what does not fit, by `sscanf`.

use crate::outcome::{Outcome, Value};
use crate::sys::stdio::scan::{Scanned, scan};
use crate::text;

pub mod c23;
pub mod letters;
pub mod numbers;

/// Describes what a call did.
fn describe(scanned: Option<Scanned>, o: &mut Outcome) {
    let Some(scanned) = scanned else {
        return o.line("no such function");
    };
    o.fact("count", scanned.count);
    if scanned.errno.0 != 0 {
        o.fact("errno", text::errno(scanned.errno.0));
    }
    let rows = scanned.values.into_iter().enumerate();
    o.table("stored", rows.map(|(i, value)| (heap::format!("{}", i + 1), Value::from(value))).collect());
}

/// Rows of `id, title, source, language, input, format, [places]`.
macro_rules! scans {
    ($($id:literal, $title:literal, $source:expr, $language:expr, $input:literal, $format:literal, [$($place:expr),*];)*) => {
        /// The cases of this table.
        pub const CASES: &[$crate::case::Case] = &[$($crate::stdio::case(
            $id,
            $title,
            concat!("What does sscanf read from ", stringify!($input), " by ", stringify!($format), " (", $title, ")?"),
            $source,
            |o| $crate::stdio::scanf::describe(scan($language, $input, $format, &[$($place),*]), o),
        )),*];
    };
}
use scans;
