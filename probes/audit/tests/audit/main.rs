//! The audit, tried on programs that break each of its rules, and on right ones.

mod built;
mod compile;
mod program;
mod rules;
