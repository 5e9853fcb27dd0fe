//! The only unsafe code of the probes: calls into the C library under test, one module an area, and the few things that
//! every area needs. Whatever leaves this module is a safe value.
#![allow(unsafe_code, reason = "calling the C library is what a probe is for; every block names its invariant")]

pub mod accounts;
pub mod alloc;
pub mod arena;
pub mod call;
pub mod dns;
pub mod entry;
pub mod fs;
pub mod fuzz;
pub mod iconv;
pub mod kept;
pub mod loader;
pub mod locale;
pub mod math;
pub mod memory;
pub mod optional;
pub mod pages;
pub mod place;
pub mod process;
pub mod refuse;
pub mod regex;
pub mod stdio;
pub mod strings;
pub mod threads;
pub mod time;
