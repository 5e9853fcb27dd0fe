//! The audit, tried on programs that break each of its rules, and on right ones.

mod allocators;
mod built;
mod compile;
mod objects;
mod program;
mod recorder;
mod rules;
