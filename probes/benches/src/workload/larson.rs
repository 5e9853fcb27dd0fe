//! Tables of blocks that outlive the threads which made them: each thread goes on where the last one stopped, and ends.

use super::Work;
use crate::random::Random;
use crate::sys::heap::{Block, Heap};
use crate::sys::team;

/// Blocks in a table, and replacements in one iteration.
const BLOCKS: usize = 5000;

/// Replacements in one iteration.
pub const OPERATIONS: u64 = BLOCKS as u64;

/// Iterations that one thread does before it hands its table on.
const ROUNDS: u64 = 100;

struct Larson {
    table: Table,
    /// Iterations left of the thread that has the table now.
    left: u64,
}

struct Table {
    blocks: Vec<Option<Block>>,
    random: Random,
}

/// One table, and the threads that have it one after the other.
pub fn server(thread: usize) -> Box<dyn Work> {
    let blocks = (0..BLOCKS).map(|_| None).collect();
    Box::new(Larson { table: Table { blocks, random: Random::of_thread(thread) }, left: ROUNDS })
}

impl Table {
    fn replace(&mut self, heap: &Heap, times: u64) {
        for _ in 0..times {
            let place = self.random.below(BLOCKS);
            if let Some(block) = self.blocks[place].take() {
                heap.free(block);
            }
            self.blocks[place] = Some(heap.allocate(self.random.between(8, 1000)));
        }
    }
}

impl Work for Larson {
    fn prepare(&mut self, heap: &Heap) {
        for place in &mut self.table.blocks {
            *place = Some(heap.allocate(self.table.random.between(8, 1000)));
        }
    }

    fn run(&mut self, heap: &Heap, mut iterations: u64) {
        while iterations > 0 {
            let now = iterations.min(self.left);
            team::in_new_thread(|| self.table.replace(heap, now * OPERATIONS));
            iterations -= now;
            self.left -= now;
            if self.left == 0 {
                self.left = ROUNDS;
            }
        }
    }

    fn live_bytes(&self) -> u64 {
        self.table.blocks.iter().flatten().map(|block| block.bytes() as u64).sum()
    }

    fn release(&mut self, heap: &Heap) {
        self.table.blocks.iter_mut().filter_map(Option::take).for_each(|block| heap.free(block));
    }
}
