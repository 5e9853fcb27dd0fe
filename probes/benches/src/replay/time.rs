//! Time mode: the first pass, on a heap that nobody has used; then as many as Criterion wants, each on the heap that the
//! ones before have left; then some without an allocator.

use serde_json::{Map, Value, json};

use super::object;
use crate::answer::Refusal;
use crate::sys::heap::Heap;
use crate::sys::replay::{Manner, Stage, Touch};
use crate::sys::{bump, process};
use crate::timing::{self, Sampling};

/// Passes without an allocator, of which the fastest counts.
const EMPTY: usize = 5;

/// Measures.
pub fn measure(stage: &Stage, sampling: &Sampling, largest: u64) -> Result<Map<String, Value>, Refusal> {
    let manner = Manner { heap: Heap::bound(), touch: Touch::Ends, sample: None };
    let pass = |manner: &Manner<'_>| {
        let elapsed = stage.pass(manner);
        stage.clear(&manner.heap);
        elapsed
    };
    let first_ns = pass(&manner);
    let samples = timing::measure(sampling, &mut |iterations| (0..iterations).map(|_| pass(&manner)).sum())?;
    let (peak_bytes, after_bytes) = (process::peak_bytes(), process::resident_bytes());
    let empty_ns = bump::heap(largest).and_then(|heap| {
        let empty = Manner { heap, ..manner };
        (0..EMPTY).map(|_| pass(&empty)).min()
    });
    Ok(object(json!({
        "iters": samples.iterations, "times_ns": samples.times_ns, "usage": samples.usage,
        "first_ns": first_ns, "empty_ns": empty_ns,
        "memory": { "peak_bytes": peak_bytes, "after_bytes": after_bytes },
    })))
}
