//! The audit, tried on programs that break each of its rules, and on right ones.

mod compile;
mod program;
mod rules;
