//! A table of blocks at the alignments that vectors, cache lines and pages want, replaced at random.

use super::Work;
use crate::random::Random;
use crate::sys::heap::{Block, Heap};

/// Replacements in one iteration.
pub const OPERATIONS: u64 = 1000;

/// Three in four for a cache line, one in four for a page.
const ALIGNMENTS: [usize; 4] = [64, 64, 64, 4096];

struct Aligned {
    slots: Vec<Option<Block>>,
    random: Random,
}

/// 256 slots.
pub fn table(thread: usize) -> Box<dyn Work> {
    Box::new(Aligned { slots: (0..256).map(|_| None).collect(), random: Random::of_thread(thread) })
}

impl Aligned {
    /// Odd sizes, so that a block never ends where its alignment does.
    #[inline]
    fn make(&mut self, heap: &Heap) -> Block {
        let alignment = ALIGNMENTS[self.random.below(ALIGNMENTS.len())];
        heap.allocate_aligned(alignment, self.random.between(16, 4096) | 1)
    }
}

impl Work for Aligned {
    fn prepare(&mut self, heap: &Heap) {
        for slot in 0..self.slots.len() {
            self.slots[slot] = Some(self.make(heap));
        }
    }

    fn run(&mut self, heap: &Heap, iterations: u64) {
        for _ in 0..iterations * OPERATIONS {
            let slot = self.random.below(self.slots.len());
            if let Some(block) = self.slots[slot].take() {
                heap.free(block);
            }
            self.slots[slot] = Some(self.make(heap));
        }
    }

    fn live_bytes(&self) -> u64 {
        self.slots.iter().flatten().map(|block| block.bytes() as u64).sum()
    }

    fn release(&mut self, heap: &Heap) {
        self.slots.iter_mut().filter_map(Option::take).for_each(|block| heap.free(block));
    }
}
