//! Time: text into broken-down time and back, broken-down time into instants and back, and zones.
//!
//! The tables are data: the reference column reads the same rows and answers them without a C library. A case whose
//! subject is no zone runs with `TZ=UTC0`, which is read from no file.

use crate::case::{Case, Needs, count, join};

pub mod asctime;
pub mod clocks;
pub mod convert;
mod found;
pub mod getdate;
pub mod instant;
mod locale;
mod remedy;
pub mod round;
mod source;
pub mod strftime;
pub mod strptime;
pub mod tm;
pub mod zones;

/// Universal time by a string alone, so that no zone file of the image is read.
const UTC: Needs = Needs::NOTHING.env(&[("TZ", "UTC0")]);

/// Makes two tables out of one list: `ROWS`, the questions as data, by id, and `CASES`, which ask them.
macro_rules! table {
    ($kind:ident; $($id:expr, $title:expr, $question:expr, $source:expr, $needs:expr, $row:expr;)*) => {
        /// The questions of this table as data, by id.
        pub static ROWS: &[(&str, $kind)] = &[$(($id, $row)),*];
        /// The cases of this table.
        pub const CASES: &[$crate::case::Case] = &[$($crate::case::Case {
            id: $id,
            title: $title,
            question: $question,
            source: $source,
            needs: $needs,
            run: |outcome| {
                const ROW: $kind = $row;
                ROW.ask(outcome)
            },
        }),*];
    };
}
use table;

/// The second of two expressions, where there is a second.
macro_rules! or {
    ($usual:expr) => {
        $usual
    };
    ($usual:expr, $given:expr) => {
        $given
    };
}
use or;

/// Whether there is an expression.
macro_rules! given {
    () => {
        false
    };
    ($given:expr) => {
        true
    };
}
use given;

const TABLES: &[&[Case]] = &[
    strptime::directives::CASES,
    strptime::forms::CASES,
    strptime::CASES,
    strftime::directives::CASES,
    strftime::forms::CASES,
    strftime::wide::CASES,
    round::CASES,
    asctime::CASES,
    getdate::CASES,
    convert::apart::CASES,
    convert::together::CASES,
    convert::CASES,
    zones::strings::CASES,
    zones::named::CASES,
    zones::variables::CASES,
    locale::CASES,
    clocks::CASES,
    found::CASES,
    remedy::CASES,
];

/// Every case of the area.
pub static CASES: &[Case] = &join::<{ count(TABLES) }>(TABLES);
