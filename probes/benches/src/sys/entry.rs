//! C's `main`: no language runtime runs before the measurement, which for Rust's std would allocate with the C library.
//! And how the program ends when its work cannot go on.

use std::ffi::{CStr, c_char, c_int};
use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::streams;
use crate::answer;

/// The measurement was made.
pub const DESCRIBED: c_int = 0;
/// No such workload, or a wrong call.
pub const USAGE: c_int = 2;
/// The program itself failed.
pub const BROKE: c_int = 70;
/// The workload cannot run here.
pub const UNSUPPORTED: c_int = 77;

/// The case that runs, for those who end the program.
static CASE: OnceLock<String> = OnceLock::new();

/// The arguments after the program's name, as given to C's `main`.
///
/// # Safety
/// `argc` and `argv` must be what C's `main` was given.
pub unsafe fn arguments(argc: c_int, argv: *const *const c_char) -> Vec<String> {
    // SAFETY: the caller passes main's own arguments: `argc` terminated strings.
    let argument = |n: c_int| unsafe { CStr::from_ptr(*argv.add(n as usize)) }.to_string_lossy().into_owned();
    (1..argc).map(argument).collect()
}

/// Names the case that is answered from here on, also where the program fails.
pub fn answering(case: &str) {
    let _ = CASE.set(case.to_owned());
    std::panic::set_hook(Box::new(|info| failed(format!("the program panicked: {info}"))));
}

/// Ends the program where the allocator under test gave nothing: says so as the answer to the case, from any thread.
#[cold]
pub fn exhausted(bytes: usize) -> ! {
    let mut values = Map::new();
    values.insert("exhausted_bytes".into(), bytes.into());
    end(format!("the allocator gave no block of {bytes} bytes"), values)
}

/// Ends the program where it cannot do its work.
#[cold]
pub fn failed(reason: String) -> ! {
    end(reason, Map::new())
}

fn end(reason: String, values: Map<String, Value>) -> ! {
    let line = answer::broke(CASE.get().map_or("", String::as_str), reason, values);
    streams::answer(line.as_bytes());
    // SAFETY: ends the process without running anything else.
    unsafe { libc::_exit(BROKE) }
}

/// Makes a program out of a function that takes its arguments: Rust's allocator, and C's `main`.
#[macro_export]
macro_rules! program {
    ($run:path) => {
        #[global_allocator]
        static ARENA: $crate::sys::arena::Arena = $crate::sys::arena::arena();

        #[unsafe(no_mangle)]
        extern "C" fn main(argc: core::ffi::c_int, argv: *const *const core::ffi::c_char) -> core::ffi::c_int {
            // SAFETY: these are main's own arguments.
            let arguments = unsafe { $crate::sys::entry::arguments(argc, argv) };
            $run(&arguments)
        }
    };
}
