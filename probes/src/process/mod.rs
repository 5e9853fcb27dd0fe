//! Processes: starting and ending them, what they inherit, signals, the environment, and what the C library says of the
//! system. Where a shell is run, it is a stand-in that the case lays to /bin/sh ([`crate::sys::process::stand_in`]).

use crate::case::{Case, File, Needs, count, join};
use crate::sys::process::stand_in::SCRIPT;

mod ends;
mod environment;
mod exec;
mod fork;
mod found;
mod names;
mod presence;
mod shell;
mod signals;
mod spawn;
mod terminal;
mod texts;

const AT_SHELL: File = File { path: "/bin/sh", content: SCRIPT };
const PROGRAM: &[u8] = b"#!/bin/sh\n";

/// With the stand-in as shell.
const SHELL: Needs = Needs::NOTHING.files(&[AT_SHELL]);
/// With a program in /usr/bin as well.
const SHELL_AND_PROGRAM: Needs =
    Needs::NOTHING.files(&[AT_SHELL, File { path: "/usr/bin/libcdiff-prog", content: PROGRAM }]);
/// With a program in /usr/local/bin as well.
const PROGRAM_IN_LOCAL: [File; 2] = [AT_SHELL, File { path: "/usr/local/bin/libcdiff-prog", content: PROGRAM }];
/// With a shell that nobody may execute.
const NO_SHELL: Needs = Needs::NOTHING.files(&[File { path: "/bin/sh", content: b"no program\n" }]);

const TABLES: &[&[Case]] = &[
    exec::CASES,
    spawn::CASES,
    shell::CASES,
    fork::CASES,
    ends::CASES,
    signals::CASES,
    environment::CASES,
    names::CASES,
    texts::CASES,
    terminal::CASES,
    presence::CASES,
    found::CASES,
];

/// Every case of the area.
pub static CASES: &[Case] = &join::<{ count(TABLES) }>(TABLES);
