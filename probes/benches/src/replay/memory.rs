//! Memory mode: one pass on a heap that nobody has used, and what is resident at each point of the trace's curve.
//!
//! The live bytes are the trace's own, as the program asked for them. Every page of a block is touched when it is handed
//! out: programs mostly use what they ask for; of one that does not, resident memory comes out larger than it was.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value, json};

use super::object;
use crate::sys::clock;
use crate::sys::heap::Heap;
use crate::sys::process::{self, Usage};
use crate::sys::replay::{Manner, Stage, Touch};

/// How long is waited for an allocator that gives memory back late: milliseconds.
const IDLE_MS: u64 = 1000;
/// The block that is made after it, for an allocator that gives memory back when it is called.
const SMALL_BYTES: usize = 100;

/// Milliseconds, bytes resident, bytes live.
type Point = (u64, u64, u64);

/// Watches.
pub fn watch(stage: &Stage, live: &[u64], live_peak_bytes: u64) -> Map<String, Value> {
    let places: Vec<[AtomicU64; 2]> = live.iter().map(|_| [const { AtomicU64::new(0) }; 2]).collect();
    let base_bytes = process::resident_bytes();
    let (start, before) = (clock::now_ns(), Usage::now());
    let now = || (clock::now_ns() - start) / 1_000_000;
    let sample = |mark: u32| {
        if let Some([at, resident]) = places.get(mark as usize - 1) {
            resident.store(process::resident_bytes(), Ordering::Relaxed);
            at.store(now(), Ordering::Relaxed);
        }
    };
    let heap = Heap::bound();
    stage.pass(&Manner { heap, touch: Touch::Pages, sample: Some(&sample) });
    let usage = Usage::now() - before;
    let after_live_bytes = live.last().copied().unwrap_or(0);
    let point = |live| -> Point { (now(), process::resident_bytes(), live) };
    let end = point(after_live_bytes);
    let peak_bytes = process::peak_bytes();
    clock::sleep_ms(IDLE_MS);
    let idle = point(after_live_bytes);
    heap.free(heap.allocate(SMALL_BYTES));
    let small = point(after_live_bytes);
    stage.clear(&heap);
    let released = point(0);
    // The last point is the end; threads may have ended before they came to a mark.
    let mut curve: Vec<Point> = Vec::with_capacity(live.len() + 3);
    for ([at, resident], live) in places.iter().zip(live) {
        let seen = (at.load(Ordering::Relaxed), resident.load(Ordering::Relaxed), *live);
        curve.push(if seen.1 == 0 { (end.0, end.1, *live) } else { seen });
    }
    let extra = curve.iter().map(|(_, resident, live)| resident.saturating_sub(base_bytes + live)).sum::<u64>();
    let mean_extra_bytes = extra / live.len().max(1) as u64;
    let per_live = (peak_bytes - base_bytes) as f64 / live_peak_bytes.max(1) as f64;
    curve.extend([idle, small, released]);
    object(json!({
        "curve": curve, "base_bytes": base_bytes, "peak_bytes": peak_bytes, "live_peak_bytes": live_peak_bytes,
        "peak_per_live": per_live, "mean_extra_bytes": mean_extra_bytes,
        "after_bytes": end.1, "after_live_bytes": after_live_bytes, "after_idle_bytes": idle.1,
        "after_small_bytes": small.1, "released_bytes": released.1, "usage": usage,
    }))
}
