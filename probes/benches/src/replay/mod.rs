//! `bench bench.trace --file FILE`: what a recorded program asked of its allocator, asked of the one in this image.
//!
//! Two modes that are never mixed. Time: nothing of a block is touched but its ends, and the same is done with no
//! allocator at all, which shows what replaying takes by itself. Memory: every page is touched, all threads stop at the 256
//! points of the trace's curve, and what is resident is set beside what is live.

use std::fs;

use libcdiff_trace::Trace;
use serde_json::{Map, Value, json};

use crate::allocator::Bound;
use crate::answer::Refusal;
use crate::live;
use crate::options::Mode;
use crate::sys::replay::Stage;
use crate::sys::{clock, cpus};
use crate::timing::Sampling;

mod memory;
#[cfg(test)]
mod tests;
mod time;

/// One replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The id of the case, as it was given.
    pub case: String,
    /// The trace's file.
    pub file: String,
    /// What is measured.
    pub mode: Mode,
    /// How many samples are taken, in time mode.
    pub samples: usize,
    /// How long each shall be: milliseconds.
    pub sample_ms: u64,
    /// The allocator that must be live.
    pub expect: Option<String>,
}

impl Replay {
    /// The case without its area.
    pub fn name(&self) -> &str {
        self.case.strip_prefix("bench.").unwrap_or(&self.case)
    }

    fn sampling(&self, threads: usize) -> Sampling {
        Sampling::new(self.name(), threads, self.samples, self.sample_ms)
    }
}

/// Replays; the values of the answer.
pub fn run(replay: &Replay) -> Result<Map<String, Value>, Refusal> {
    let bound = Bound::now();
    let allocator = live::find(replay.expect.as_deref())?;
    let trace = read(&replay.file)?;
    let (shape, source) = (trace.shape().clone(), trace.source().clone());
    let threads = shape.threads as usize;
    let cpus = processors(threads)?;
    let most = largest(&trace);
    let stage = Stage::new(trace.into_streams(), shape.slots, shape.syncs, cpus.clone());
    cpus::pin(cpus[0]);
    let figures = match replay.mode {
        Mode::Time => time::measure(&stage, &replay.sampling(threads), most)?,
        Mode::Memory => memory::watch(&stage, &shape.curve, shape.peak_live_bytes),
    };
    let mut values = object(json!({
        "workload": replay.name(), "threads": threads, "mode": replay.mode.name(), "ops_per_iteration": shape.operations,
        "bound": bound, "allocator": allocator, "cpus": cpus,
        "environment": { "clock_ns": clock::clock_ns(), "cpuid_ns": clock::cpuid_ns() },
        "trace": {
            "command": source.command, "libc": format!("{} {}", source.family, source.version), "arch": source.arch,
            "left_out": source.left_out, "slots": shape.slots, "syncs": shape.syncs,
            "peak_live_bytes": shape.peak_live_bytes,
        },
    }));
    values.extend(figures);
    Ok(values)
}

fn read(path: &str) -> Result<Trace, Refusal> {
    let failed = |why: String| Refusal::Broke(format!("the trace {path}: {why}"));
    let file = fs::read(path).map_err(|e| failed(e.to_string()))?;
    Trace::decode(&file).map_err(|damage| failed(damage.to_string()))
}

/// The processors that the threads are held to, in turn.
fn processors(threads: usize) -> Result<Vec<usize>, Refusal> {
    let allowed = cpus::allowed();
    if allowed.is_empty() {
        return Err(Refusal::Broke("the kernel does not say which processors this process may use".into()));
    }
    if threads > 1 && allowed.len() < 2 {
        let reason =
            format!("the trace has {threads} threads, which need two processors, and this process may use one");
        return Err(Refusal::Unsupported(reason));
    }
    Ok((0..threads).map(|thread| allowed[thread % allowed.len()]).collect())
}

/// Bytes of the largest block.
fn largest(trace: &Trace) -> u64 {
    // The histogram knows it to a power of two.
    1 << trace.shape().histogram.len()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
