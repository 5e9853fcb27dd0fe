//! The harness: resolves images, runs the plan in them, compares what came back, joins it with what is known, reports.
//!
//! Nothing here asks the host's own C library a question under test.

pub mod addons;
pub mod affects;
pub mod again;
pub mod anatomy;
pub mod bench;
pub mod book;
pub mod build;
pub mod bundle;
pub mod check;
pub mod cli;
pub mod compare;
pub mod cost;
pub mod demo;
pub mod deployed;
pub mod engine;
pub mod exit;
pub mod fuzz;
pub mod held;
pub mod image;
pub mod impact;
pub mod kubernetes;
pub mod machines;
pub mod pitfalls;
pub mod plan;
pub mod progress;
pub mod remedy;
pub mod report;
pub mod runfile;
pub mod runner;
pub mod text;
pub mod trace;
pub mod verb;
pub mod version;
pub mod wheels;
