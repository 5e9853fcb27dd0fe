//! Recordings of real programs: which recorder fits a program, running it, and making a trace of what it did.
//!
//! The recorder (`probes/recorder`) writes files that only this machine reads; a trace is what is kept of them. Nothing here
//! judges a program or an allocator. `libcdiff alloc` is the one who calls.

pub mod convert;
mod order;
pub mod program;
pub mod raw;
pub mod record;
pub mod task;

pub use program::{Program, ProgramError};
pub use raw::{RawError, Recording};
pub use record::{Ran, RecordError};
