//! Blocks that grow: by doubling, as vectors and strings do, and in small steps.

use super::Work;
use crate::sys::heap::{Block, Heap};

/// Where growth begins.
const LEAST: usize = 64;

/// Steps of 64 bytes to 64 KiB.
const STEPS: u64 = 1023;

/// Steps in one iteration.
pub const STEP_OPERATIONS: u64 = STEPS;

struct Doubling;
struct Stepping;

/// From 64 bytes to 16 MiB, every byte written as it comes.
pub fn double(_thread: usize) -> Box<dyn Work> {
    Box::new(Doubling)
}

/// From 64 bytes to 64 KiB.
pub fn step(_thread: usize) -> Box<dyn Work> {
    Box::new(Stepping)
}

impl Work for Doubling {
    fn run(&mut self, heap: &Heap, iterations: u64) {
        for _ in 0..iterations {
            let mut bytes = LEAST;
            let mut block = heap.allocate(bytes);
            while bytes < 16 << 20 {
                let old = bytes;
                bytes *= 2;
                block = heap.resize(block, bytes);
                block.fill_from(old, bytes);
            }
            heap.free(block);
        }
    }
}

impl Work for Stepping {
    fn run(&mut self, heap: &Heap, iterations: u64) {
        for _ in 0..iterations {
            let mut block: Block = heap.allocate(LEAST);
            for step in 1..=STEPS as usize {
                block = heap.resize(block, LEAST + step * 64);
            }
            heap.free(block);
        }
    }
}
