//! Memory mode: fixed work, done once, and what the process holds after each step of it, when it is over, and later.
//!
//! Nothing is timed and Criterion has no part in it. The kernel is asked by plain reads into buffers of the stack.

use serde::Serialize;

use crate::crew::Crew;
use crate::sys::clock;
use crate::sys::heap::Heap;
use crate::sys::process::{self, Usage};
use crate::sys::team::Order;
use crate::workload::{Step, Steps};

/// How long is waited for an allocator that gives memory back late: milliseconds.
const IDLE_MS: u64 = 1000;

/// The block that is made after it, for an allocator that gives memory back when it is called.
const SMALL_BYTES: usize = 100;

/// Milliseconds since the work began, bytes resident, bytes live.
pub type Point = (u64, u64, u64);

/// What was held.
#[derive(Debug, Serialize)]
pub struct Memory {
    /// After each step.
    pub curve: Vec<Point>,
    /// Bytes resident before the workload's first block.
    pub base_bytes: u64,
    /// The most bytes resident at any time.
    pub peak_bytes: u64,
    /// The most bytes live after any step.
    pub live_peak_bytes: u64,
    /// Bytes resident after the last step, with what that leaves live.
    pub after_bytes: u64,
    /// Bytes live after the last step.
    pub after_live_bytes: u64,
    /// The same a second later.
    pub after_idle_bytes: u64,
    /// And when one small block was made and freed then.
    pub after_small_bytes: u64,
    /// When everything is freed.
    pub released_bytes: u64,
    /// What the steps cost.
    pub usage: Usage,
}

/// Does the work and watches it.
pub fn watch(steps: Steps, crew: &mut Crew) -> Memory {
    let mut curve = Vec::with_capacity(steps.count + 4);
    let base_bytes = process::resident_bytes();
    let start = clock::now_ns();
    let before = Usage::now();
    crew.round(Order::Prepare);
    for number in 0..steps.count {
        crew.round(Order::Step(Step { number, iterations: steps.iterations }));
        curve.push(point(start, crew));
    }
    let usage = Usage::now() - before;
    let (_, after_bytes, after_live_bytes) = point(start, crew);
    clock::sleep_ms(IDLE_MS);
    let idle = point(start, crew);
    let heap = Heap::bound();
    heap.free(heap.allocate(SMALL_BYTES));
    let small = point(start, crew);
    crew.round(Order::Release);
    let released = point(start, crew);
    let live_peak_bytes = curve.iter().map(|(_, _, live)| *live).max().unwrap_or(0);
    let peak_bytes = process::peak_bytes();
    curve.extend([idle, small, released]);
    Memory {
        curve,
        base_bytes,
        peak_bytes,
        live_peak_bytes,
        after_bytes,
        after_live_bytes,
        after_idle_bytes: idle.1,
        after_small_bytes: small.1,
        released_bytes: released.1,
        usage,
    }
}

/// What is held now. The kernel is asked before the workload, which reads its blocks to count them.
fn point(start: u64, crew: &mut Crew) -> Point {
    let (at, resident) = (clock::now_ns(), process::resident_bytes());
    ((at - start) / 1_000_000, resident, crew.round(Order::Count).answer)
}
