//! stdio: what is printed and scanned, what streams do to the descriptors below them, and the texts of diagnostics.
//!
//! Strings are printed and scanned in memory. Streams stand on files in memory, pipes, and sockets that keep every write
//! apart; no case reads or writes a file of the image.

use crate::case::{Case, count, join};

mod buffers;
mod commands;
mod cookies;
mod ends;
mod failures;
mod found;
mod functions;
mod growing;
mod lines;
mod memory;
mod messages;
mod modes;
mod position;
mod printf;
mod pushback;
mod reads;
mod remedy;
mod scanf;
mod source;
mod syslog;
mod temporary;
mod wide;
mod writes;

/// A case without needs.
const fn case(
    id: &'static str,
    title: &'static str,
    question: &'static str,
    source: &'static str,
    run: fn(&mut crate::Outcome),
) -> Case {
    Case { id, title, question, source, needs: crate::Needs::NOTHING, run }
}

const TABLES: &[&[Case]] = &[
    printf::integers::CASES,
    printf::floats::CASES,
    printf::letters::CASES,
    printf::limits::CASES,
    printf::wide::CASES,
    printf::CASES,
    scanf::numbers::CASES,
    scanf::letters::CASES,
    scanf::c23::CASES,
    buffers::CASES,
    writes::CASES,
    reads::CASES,
    ends::CASES,
    failures::CASES,
    pushback::CASES,
    modes::CASES,
    memory::CASES,
    growing::CASES,
    cookies::CASES,
    temporary::CASES,
    lines::CASES,
    position::CASES,
    messages::CASES,
    syslog::CASES,
    commands::CASES,
    wide::CASES,
    found::CASES,
    functions::CASES,
    remedy::CASES,
];

/// Every case of the area.
pub static CASES: &[Case] = &join::<{ count(TABLES) }>(TABLES);
