//! C's `main` for every probe program: find the case, run it, write its line.

use core::ffi::{CStr, c_char, c_int};

use super::process::write_all;
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

/// Runs a probe program over its table.
///
/// # Safety
/// `argc` and `argv` must be what C's `main` was given.
pub unsafe fn run(cases: &[Case], argc: c_int, argv: *const *const c_char) -> c_int {
    // SAFETY: the caller passes main's own arguments: `argc` terminated strings that live as long as the process.
    let argument = |n: c_int| (n < argc).then(|| unsafe { CStr::from_ptr(*argv.add(n as usize)) }.to_bytes());
    match argument(1) {
        Some(b"--list") => {
            for case in cases {
                write_all(1, case.describe().as_bytes());
            }
            DESCRIBED
        }
        Some(id) => match cases.iter().find(|case| case.id.as_bytes() == id) {
            Some(case) => answer(case),
            None => {
                write_all(2, b"no such case; --list prints them\n");
                USAGE
            }
        },
        None => {
            write_all(2, b"usage: PROBE CASE | --list\n");
            USAGE
        }
    }
}

fn answer(case: &Case) -> c_int {
    let mut outcome = Outcome::default();
    (case.run)(&mut outcome);
    let code = match outcome.status() {
        Status::Described => DESCRIBED,
        Status::Unsupported(_) => UNSUPPORTED,
        Status::Broke(_) => BROKE,
    };
    if write_all(1, outcome.into_line(case.id).as_bytes()) { code } else { BROKE }
}

/// A probe's panic: one line, and the code that says it was the probe.
pub fn panicked(info: &core::panic::PanicInfo<'_>) -> ! {
    let message = heap::format!("probe panicked: {info}\n");
    write_all(2, message.as_bytes());
    // SAFETY: ends the process without running anything else.
    unsafe { libc::_exit(BROKE) }
}

/// Makes a probe program out of a table of cases: the arena, the panic handler, and C's `main`.
#[macro_export]
macro_rules! probe {
    ($cases:expr) => {
        #[global_allocator]
        static ARENA: $crate::sys::arena::Arena = $crate::sys::arena::Arena::new();

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
            unsafe { $crate::sys::entry::run($cases, argc, argv) }
        }
    };
}
