//! Many blocks of one size made in a row, of which the older half is freed in order and the younger half in reverse.

use super::Work;
use crate::sys::heap::{Block, Heap};

/// Sizes of blocks.
const SIZES: [usize; 3] = [16, 32, 64];

/// How many blocks are made in a row: below, at and above what caches of free blocks hold.
const COUNTS: [usize; 4] = [25, 100, 400, 1600];

/// Blocks made and freed in one iteration: each count with each size.
pub const OPERATIONS: u64 = SIZES.len() as u64 * (25 + 100 + 400 + 1600);

struct Rows {
    blocks: Vec<Block>,
}

/// The rows, one after the other.
pub fn rows(_thread: usize) -> Box<dyn Work> {
    Box::new(Rows { blocks: Vec::with_capacity(1600) })
}

impl Work for Rows {
    fn run(&mut self, heap: &Heap, iterations: u64) {
        for _ in 0..iterations {
            for bytes in SIZES {
                for count in COUNTS {
                    self.blocks.extend((0..count).map(|_| heap.allocate(bytes)));
                    let mut blocks = self.blocks.drain(..);
                    blocks.by_ref().take(count / 2).for_each(|block| heap.free(block));
                    blocks.rev().for_each(|block| heap.free(block));
                }
            }
        }
    }
}
