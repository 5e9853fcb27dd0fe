//! stdio: formatting and scanning of strings, streams as owned objects, and what a stream does to the descriptor below it.

pub mod descriptor;
pub mod format;
pub mod memory;
pub mod scan;
pub mod stream;
pub mod syslog;
pub mod temporary;
pub mod varied;
