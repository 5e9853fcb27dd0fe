//! A table of blocks at the alignments that vectors, cache lines and pages want, replaced at random.

use super::Work;
use super::churn::{self, Maker};
use crate::random::Random;
use crate::sys::heap::{Block, Heap};

/// Three in four for a cache line, one in four for a page.
const ALIGNMENTS: [usize; 4] = [64, 64, 64, 4096];

struct Aligned;

/// 256 slots.
pub fn table(thread: usize) -> Box<dyn Work> {
    churn::table(256, thread, Aligned)
}

impl Maker for Aligned {
    /// Odd sizes, so that a block never ends where its alignment does.
    #[inline]
    fn make(&mut self, heap: &Heap, random: &mut Random) -> Block {
        let alignment = ALIGNMENTS[random.below(ALIGNMENTS.len())];
        heap.allocate_aligned(alignment, random.between(16, 4096) | 1)
    }
}
