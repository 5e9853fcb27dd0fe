//! The dynamic loader: what it loads, from where, in what order, and what it says when it cannot. The objects are small ones of
//! our own (`probes/build/objects`), which speak by themselves; each table is about one noun.

mod close;
mod errors;
mod initial;
mod inquiry;
mod open;
mod programs;
mod relocate;
mod scope;
mod search;
mod symbol;
mod tls;
mod variables;

use crate::case::{Case, count, join};

const TABLES: &[&[Case]] = &[
    open::CASES,
    close::CASES,
    errors::CASES,
    scope::CASES,
    symbol::CASES,
    tls::CASES,
    relocate::CASES,
    initial::CASES,
    inquiry::CASES,
    programs::CASES,
    variables::CASES,
    search::CASES,
];

/// Every case of the area.
pub static CASES: &[Case] = &join::<{ count(TABLES) }>(TABLES);

/// A table of cases that each play a script in a child.
macro_rules! scripts {
    ($(($id:literal, $title:literal, $question:literal, $source:literal, [$($step:expr),* $(,)?])),* $(,)?) => {
        &[$($crate::case::Case {
            id: concat!("loader.", $id),
            title: $title,
            question: $question,
            source: $source,
            needs: $crate::case::Needs::NOTHING,
            run: |o| $crate::sys::loader::script::play(o, &[$($step),*]),
        }),*]
    };
}
use scripts;

/// A table of cases that each start a program; `told`, `summed` and so on say what of it is the answer.
macro_rules! starts {
    ($(($id:literal, $title:literal, $question:literal, $source:literal, $answer:ident, $command:expr, $env:expr, $copies:expr)),* $(,)?) => {
        &[$($crate::case::Case {
            id: concat!("loader.", $id),
            title: $title,
            question: $question,
            source: $source,
            needs: $crate::case::Needs::NOTHING,
            run: |o| $crate::sys::loader::program::$answer(
                o,
                &$crate::sys::loader::program::Start { command: &$command, env: &$env, copies: &$copies },
            ),
        }),*]
    };
}
use starts;
