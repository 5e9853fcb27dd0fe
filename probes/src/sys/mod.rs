//! The only unsafe code of the probes: calls into the C library under test, one module an area, and the few things that
//! every area needs. Whatever leaves this module is a safe value.
#![allow(unsafe_code, reason = "calling the C library is what a probe is for; every block names its invariant")]

pub mod alloc;
pub mod arena;
pub mod call;
pub mod dns;
pub mod entry;
pub mod iconv;
pub mod locale;
pub mod optional;
pub mod pages;
pub mod process;
pub mod regex;
pub mod threads;
pub mod time;
