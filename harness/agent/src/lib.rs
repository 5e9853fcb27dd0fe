//! The agent: one static program that is put into every image and runs a plan there.

pub mod dns;
