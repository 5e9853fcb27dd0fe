//! A block that is freed at once: warm, where others of its size are live, and cold, where it is the only one.

use super::Work;
use crate::sys::heap::{Block, Heap};

/// Pairs in one iteration.
pub const OPERATIONS: u64 = 1000;

/// The size of a small temporary.
const BYTES: usize = 64;

/// How many blocks are live in the warm class.
const LIVE: usize = 100;

struct Pairs {
    neighbours: Vec<Block>,
    live: usize,
}

/// Pairs in a size class that is in use.
pub fn warm(_thread: usize) -> Box<dyn Work> {
    Box::new(Pairs { neighbours: Vec::with_capacity(LIVE), live: LIVE })
}

/// Pairs in a size class that is empty before and after each.
pub fn cold(_thread: usize) -> Box<dyn Work> {
    Box::new(Pairs { neighbours: Vec::new(), live: 0 })
}

impl Work for Pairs {
    fn prepare(&mut self, heap: &Heap) {
        self.neighbours.extend((0..self.live).map(|_| heap.allocate(BYTES)));
    }

    fn run(&mut self, heap: &Heap, iterations: u64) {
        for _ in 0..iterations * OPERATIONS {
            heap.free(heap.allocate(BYTES));
        }
    }

    fn live_bytes(&self) -> u64 {
        (self.neighbours.len() * BYTES) as u64
    }

    fn release(&mut self, heap: &Heap) {
        self.neighbours.drain(..).for_each(|block| heap.free(block));
    }
}
