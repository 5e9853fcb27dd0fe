//! Workloads on the C library of an image: how long they take, and how much memory they hold.
//!
//! One process measures one workload once: a block. It is started by the agent inside an image, and the harness compares
//! many blocks of many images. From a shell: `bench --list` prints the workloads, `bench bench.churn --threads 2` measures
//! one and prints one JSON line. Exit codes are those of the probes: 0 measured, 77 cannot run here, 2 wrong call, 70 broke.
//!
//! The functions under test are the C library's own, called through pointers; Rust's allocator is another ([`sys::arena`]),
//! and C's `main` is the entry, so that nothing but the workload touches the heap under test.

use std::ffi::c_int;

pub mod allocator;
pub mod answer;
pub mod block;
pub mod crew;
pub mod live;
pub mod options;
pub mod random;
pub mod replay;
pub mod sys;
pub mod timing;
pub mod watching;
pub mod workload;

use answer::Refusal;
use options::Request;
use serde_json::{Map, Value};
use sys::{entry, streams};

/// Does what the arguments say, and returns the exit code.
pub fn run(arguments: &[String]) -> c_int {
    match options::parse(arguments) {
        Err(mistake) => {
            streams::complain(&format!("bench: {mistake}\n{}", options::USAGE));
            entry::USAGE
        }
        Ok(Request::List) => {
            if streams::answer(answer::list().as_bytes()) {
                entry::DESCRIBED
            } else {
                entry::BROKE
            }
        }
        Ok(Request::Block(block)) => {
            let case = block.case();
            measured(&case, block.workload.name, || block::run(&block))
        }
        Ok(Request::Replay(replay)) => measured(&replay.case, replay.name(), || replay::run(&replay)),
    }
}

/// Answers with what `measure` finds, and returns the exit code.
fn measured(case: &str, name: &str, measure: impl FnOnce() -> Result<Map<String, Value>, Refusal>) -> c_int {
    entry::answering(case);
    streams::silence();
    let (line, code) = answer::line(case, name, measure());
    if streams::answer(line.as_bytes()) { code } else { entry::BROKE }
}
