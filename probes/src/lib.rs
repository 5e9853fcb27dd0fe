//! The probe contract: what a case is, what it may say, and how it says it.
//!
//! A probe is a small program that runs inside an image and asks the C library found there. It describes and never
//! judges. Its entry is C's `main`, no language runtime runs before the case, and Rust's own allocations come from an
//! arena ([`sys::arena`]), so the heap under test sees the case's calls alone.
//!
//! From a shell: `threads --list` prints the cases, `threads threads.stack.default` runs one and prints one JSON line.
//! Exit codes: 0 the case was described, 77 it cannot be asked here, 2 there is no such case, 70 the probe itself failed.
#![cfg_attr(not(test), no_std)]

extern crate alloc as heap;

pub mod accounts;
pub mod alloc;
pub mod case;
pub mod dns;
pub mod fs;
pub mod functions;
pub mod fuzz;
pub mod iconv;
pub mod json;
pub mod loader;
pub mod locale;
pub mod math;
pub mod memory;
pub mod outcome;
pub mod process;
pub mod regex;
pub mod stdio;
pub mod strings;
pub mod sys;
pub mod text;
pub mod threads;
pub mod time;

pub use case::{Case, File, Inputs, Needs, StackLimit};
pub use outcome::{Outcome, Status, Value};
