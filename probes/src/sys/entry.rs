//! C's `main` for every probe program: find the case, run it, write its line.
//!
//! Most programs have a table of cases. Where cases are data and not code, the arguments after the case id say what to do.

use core::ffi::{CStr, c_char, c_int};
use heap::vec::Vec;

use super::process::{aside, write_all};
use crate::case::Case;
use crate::outcome::{Outcome, Status};

/// The case was described.
pub const DESCRIBED: c_int = 0;
/// No such case, or a wrong call.
pub const USAGE: c_int = 2;
/// The probe itself failed.
pub const BROKE: c_int = 70;
/// The case cannot be asked here, the number that glibc's own tests use.
pub const UNSUPPORTED: c_int = 77;

/// Where a program's questions are.
pub enum Questions {
    /// In its table.
    Table(&'static [Case]),
    /// In its arguments after the case id; the error says what is wrong with them.
    Arguments(fn(&[&str], &mut Outcome) -> Result<(), &'static str>),
    /// It has none: it is a program that cases start, and its arguments are all that it is told.
    Words(fn(&[&str]) -> c_int),
}

/// Runs a probe program.
///
/// # Safety
/// `argc` and `argv` must be what C's `main` was given.
pub unsafe fn run(questions: Questions, argc: c_int, argv: *const *const c_char) -> c_int {
    // SAFETY: the caller passes main's own arguments: `argc` terminated strings that live as long as the process.
    let argument = |n: c_int| unsafe { CStr::from_ptr(*argv.add(n as usize)) }.to_str();
    let Ok(arguments) = (1..argc).map(argument).collect::<Result<Vec<_>, _>>() else {
        return usage("an argument is not UTF-8");
    };
    match (&arguments[..], questions) {
        (words, Questions::Words(run)) => run(words),
        (["--list", ..], Questions::Table(cases)) => {
            // Each in a child: files that cases bring along are long, and the arena gives nothing back.
            let listed = |case: &Case| aside(|| i32::from(!write_all(1, case.describe().as_bytes())));
            if cases.iter().all(|case| listed(case) == Ok(0)) { DESCRIBED } else { BROKE }
        }
        (["--list", ..], Questions::Arguments(_)) => DESCRIBED,
        ([id, ..], Questions::Table(cases)) => match cases.iter().find(|case| case.id == *id) {
            Some(case) => answer(id, |outcome| {
                (case.run)(outcome);
                Ok(())
            }),
            None => usage("no such case; --list prints them"),
        },
        ([id, rest @ ..], Questions::Arguments(ask)) => answer(id, |outcome| ask(rest, outcome)),
        ([], _) => usage("usage: PROBE CASE [ARGUMENT...] | --list"),
    }
}

fn usage(message: &str) -> c_int {
    write_all(2, heap::format!("{message}\n").as_bytes());
    USAGE
}

fn answer(id: &str, run: impl FnOnce(&mut Outcome) -> Result<(), &'static str>) -> c_int {
    let mut outcome = Outcome::default();
    if let Err(message) = run(&mut outcome) {
        return usage(message);
    }
    let code = match outcome.status() {
        Status::Described => DESCRIBED,
        Status::Unsupported(_) => UNSUPPORTED,
        Status::Broke(_) => BROKE,
    };
    if write_all(1, outcome.into_line(id).as_bytes()) { code } else { BROKE }
}

/// A probe's panic: one line, and the code that says it was the probe.
pub fn panicked(info: &core::panic::PanicInfo<'_>) -> ! {
    let message = heap::format!("probe panicked: {info}\n");
    write_all(2, message.as_bytes());
    // SAFETY: ends the process without running anything else.
    unsafe { libc::_exit(BROKE) }
}

/// Makes a probe program out of a table of cases, or with `ask` out of a function that reads arguments: the arena, the
/// panic handler, and C's `main`.
#[macro_export]
macro_rules! probe {
    (ask $ask:path) => {
        $crate::probe!(questions $crate::sys::entry::Questions::Arguments($ask));
    };
    (questions $questions:expr) => {
        #[global_allocator]
        static ARENA: $crate::sys::arena::Global = $crate::sys::arena::Global;

        #[panic_handler]
        fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
            $crate::sys::entry::panicked(info)
        }

        // The precompiled core library names the unwinder's two hooks. Probes abort instead of unwinding, so that
        // neither is ever called, and no unwinder has to be linked in.
        #[unsafe(no_mangle)]
        extern "C" fn rust_eh_personality() {}
        #[unsafe(no_mangle)]
        extern "C" fn _Unwind_Resume() {}

        #[unsafe(no_mangle)]
        extern "C" fn main(argc: core::ffi::c_int, argv: *const *const core::ffi::c_char) -> core::ffi::c_int {
            // SAFETY: these are main's own arguments.
            unsafe { $crate::sys::entry::run($questions, argc, argv) }
        }
    };
    ($cases:expr) => {
        $crate::probe!(questions $crate::sys::entry::Questions::Table($cases));
    };
}
