//! The only unsafe code of the benches: calls into the C library under test, threads and their rounds, and what is read
//! of the process. Whatever leaves this module is a safe value.
#![allow(unsafe_code, reason = "calling the C library is what a bench is for; every block names its invariant")]

pub mod arena;
pub mod bound;
pub mod bump;
pub mod clock;
pub mod cpus;
pub mod entry;
#[cfg(test)]
pub mod fake;
pub mod functions;
pub mod futex;
pub mod heap;
pub mod live;
pub mod mutex;
pub mod process;
pub mod rand;
pub mod relay;
pub mod replay;
pub mod ring;
pub mod streams;
pub mod table;
pub mod team;
