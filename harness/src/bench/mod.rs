//! Benchmarks: workloads run in subjects (image, flavour, allocator), one fresh process for each block, and are compared
//! by paired ratios.
//!
//! What a benchmark on a small, shared machine gets wrong is left to nobody's care: subjects are interleaved in random order
//! and back ([`schedule`]), the baseline stands in twice so that the noise is seen in every run ([`subject`]), blocks on
//! a busy machine are repeated ([`machine`]), and a ratio inside the noise is no difference ([`verdict`]). The programs
//! inside the image measure and never judge; `verb::bench` calls this and `report::bench` shows it.

pub mod allocator;
pub mod block;
pub mod diagnosis;
pub mod environment;
pub mod estimate;
pub mod file;
pub mod layout;
pub mod machine;
pub mod measure;
pub mod memory;
pub mod random;
pub mod rounds;
pub mod schedule;
pub mod statistics;
pub mod subject;
pub mod summary;
pub mod survival;
pub mod verdict;
pub mod workload;

#[cfg(test)]
mod double;
#[cfg(test)]
mod simulation;
