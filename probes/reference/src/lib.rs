//! The reference column: what a program gets that asks no C library. The programs take the same arguments as the probes
//! of the same name and print the same JSON lines, so that they stand beside them; they are never the expected value.

use std::process::ExitCode;

use libcdiff_probes::{Outcome, Status};

pub mod dns;
pub mod iconv;
pub mod time;

/// Answers one case and prints its line. `answer` gives `None` where the reference has nothing to say to a case.
pub fn run(answer: impl FnOnce(&str, &[String]) -> Option<Outcome>) -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(case) = arguments.next() else {
        eprintln!("usage: PROGRAM CASE [ARGUMENT...]");
        return ExitCode::from(2);
    };
    let rest: Vec<String> = arguments.collect();
    let outcome = answer(&case, &rest).unwrap_or_else(|| {
        let mut none = Outcome::default();
        none.unsupported("the reference does not answer this question");
        none
    });
    let code = match outcome.status() {
        Status::Described => 0,
        Status::Unsupported(_) => 77,
        Status::Broke(_) => 70,
    };
    print!("{}", outcome.into_line(&case));
    ExitCode::from(code)
}
