//! A table of blocks in which one after the other, chosen at random, is freed and made anew.

use super::Work;
use crate::random::Random;
use crate::sys::heap::{Block, Heap};

/// Replacements in one iteration.
pub const OPERATIONS: u64 = 1000;

struct Churn<M> {
    slots: Vec<Option<Block>>,
    random: Random,
    maker: M,
}

/// Who makes the next block.
pub trait Maker: Send + 'static {
    /// A new block, of a size that is drawn for it.
    fn make(&mut self, heap: &Heap, random: &mut Random) -> Block;
}

/// Every size in the range as likely as another.
struct Even(usize, usize);

impl Maker for Even {
    #[inline]
    fn make(&mut self, heap: &Heap, random: &mut Random) -> Block {
        heap.allocate(random.between(self.0, self.1))
    }
}

/// A few sizes, of which each block has one; its first page is used.
struct Few(&'static [usize]);

impl Maker for Few {
    #[inline]
    fn make(&mut self, heap: &Heap, random: &mut Random) -> Block {
        let bytes = self.0[random.below(self.0.len())];
        let mut block = heap.allocate(bytes);
        block.touch(bytes, 1);
        block
    }
}

/// A table that fits a processor's nearest cache.
pub fn small(thread: usize) -> Box<dyn Work> {
    table(1024, thread, Even(16, 515))
}

/// A table that fits no near cache.
pub fn large(thread: usize) -> Box<dyn Work> {
    table(100_000, thread, Even(16, 515))
}

/// Sizes around those at which allocators turn to the kernel.
pub fn middle(thread: usize) -> Box<dyn Work> {
    table(8, thread, Few(&[64 << 10, 100 << 10, 128 << 10, 256 << 10]))
}

/// A table of so many blocks of a maker's.
pub fn table(slots: usize, thread: usize, maker: impl Maker) -> Box<dyn Work> {
    Box::new(Churn { slots: (0..slots).map(|_| None).collect(), random: Random::of_thread(thread), maker })
}

impl<M: Maker> Work for Churn<M> {
    fn prepare(&mut self, heap: &Heap) {
        for slot in 0..self.slots.len() {
            self.slots[slot] = Some(self.maker.make(heap, &mut self.random));
        }
    }

    fn run(&mut self, heap: &Heap, iterations: u64) {
        for _ in 0..iterations * OPERATIONS {
            let slot = self.random.below(self.slots.len());
            if let Some(block) = self.slots[slot].take() {
                heap.free(block);
            }
            self.slots[slot] = Some(self.maker.make(heap, &mut self.random));
        }
    }

    fn live_bytes(&self) -> u64 {
        self.slots.iter().flatten().map(|block| block.bytes() as u64).sum()
    }

    fn release(&mut self, heap: &Heap) {
        self.slots.iter_mut().filter_map(Option::take).for_each(|block| heap.free(block));
    }
}
