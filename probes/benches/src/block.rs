//! One block: a fresh process that measures one workload, and says under which conditions it did.

use serde_json::{Map, Value, json};

use crate::allocator::Bound;
use crate::answer::Refusal;
use crate::crew::Crew;
use crate::options::{Block, Mode};
use crate::sys::team::Order;
use crate::sys::{clock, process};
use crate::{live, timing, watching};

/// Measures a block; the values of its answer.
pub fn run(block: &Block) -> Result<Map<String, Value>, Refusal> {
    let bound = Bound::now();
    let allocator = live::find(block.expect.as_deref())?;
    let mut crew = Crew::new(block.workload, &block.plan)?;
    let cpus = crew.cpus.clone();
    let figures = match block.mode {
        Mode::Time => time(block, &mut crew)?,
        Mode::Memory => memory(block, &mut crew)?,
    };
    crew.dismiss();
    let mut values = object(json!({
        "workload": block.workload.name, "threads": block.plan.threads, "mode": block.mode.name(),
        "bound": bound, "allocator": allocator, "cpus": cpus,
        "environment": { "clock_ns": clock::clock_ns(), "cpuid_ns": clock::cpuid_ns() },
    }));
    values.extend(figures);
    Ok(values)
}

fn time(block: &Block, crew: &mut Crew) -> Result<Map<String, Value>, Refusal> {
    crew.round(Order::Prepare);
    let samples = timing::measure(&block.sampling(), &mut |iterations| crew.round(Order::Run(iterations)).elapsed_ns)?;
    let peak_bytes = process::peak_bytes();
    crew.round(Order::Release);
    Ok(object(json!({
        "ops_per_iteration": block.workload.operations_of(block.plan.threads),
        "iters": samples.iterations, "times_ns": samples.times_ns, "usage": samples.usage,
        "memory": { "peak_bytes": peak_bytes, "after_bytes": process::resident_bytes() },
    })))
}

fn memory(block: &Block, crew: &mut Crew) -> Result<Map<String, Value>, Refusal> {
    let none = || Refusal::Unsupported(format!("{} is not about memory: measure its time", block.workload.name));
    let steps = block.workload.steps.ok_or_else(none)?;
    let memory = watching::watch(steps, crew);
    let mut values = object(json!(memory));
    values.insert("bytes".into(), block.plan.bytes.into());
    Ok(values)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
