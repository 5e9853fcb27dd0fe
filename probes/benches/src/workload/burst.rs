//! Memory that a burst of work took and gives back: all of it, most of it at random, or one generation after the other.

use super::{Plan, Step, Work};
use crate::random::Random;
use crate::sys::heap::{Block, Heap};

/// Steps in which memory grows.
const GROWTH: usize = 16;

/// Steps in which it is freed.
const RETURN: usize = 16;

/// The last block of each step of growth: bytes. glibc gives the end of its heap back only when a free of 64 KiB or more
/// lets it look at the small ones beside; without one, whether it does would be left to chance.
const BUFFER: usize = 100 << 10;

/// Steps in all.
pub const STEPS: usize = GROWTH + RETURN;

/// In which order blocks are freed, and which stay.
#[derive(Clone, Copy)]
enum Order {
    /// The oldest first, until none is left.
    All,
    /// Those that stay are one in sixteen, anywhere.
    Most,
    /// What was made in one step of growth is freed in one step, the oldest first; the youngest stays.
    Generations,
}

struct Burst {
    order: Order,
    bytes: usize,
    random: Random,
    blocks: Vec<Option<Block>>,
    /// Where each step of growth ended.
    ends: Vec<usize>,
    live: u64,
}

/// Everything is freed.
pub fn all(plan: &Plan) -> Vec<Box<dyn Work>> {
    burst(plan, Order::All)
}

/// 15 in 16 are freed.
pub fn most(plan: &Plan) -> Vec<Box<dyn Work>> {
    burst(plan, Order::Most)
}

/// 15 of 16 generations are freed.
pub fn generations(plan: &Plan) -> Vec<Box<dyn Work>> {
    burst(plan, Order::Generations)
}

fn burst(plan: &Plan, order: Order) -> Vec<Box<dyn Work>> {
    let random = Random::of_thread(0);
    let (blocks, ends) = (Vec::new(), Vec::with_capacity(GROWTH));
    vec![Box::new(Burst { order, bytes: plan.bytes, random, blocks, ends, live: 0 })]
}

impl Burst {
    /// Seven in eight are small, the rest of up to 32 KiB, and the last one is a buffer.
    fn grow(&mut self, heap: &Heap, step: usize) {
        let height = self.bytes as u64 * (step as u64 + 1) / GROWTH as u64;
        while self.live < height - BUFFER as u64 {
            let most = if self.random.below(8) > 0 { 1024 } else { 32 << 10 };
            let bytes = self.random.between(16, most);
            self.make(heap, bytes);
        }
        self.make(heap, BUFFER);
        self.ends.push(self.blocks.len());
    }

    /// A block of which every page is used.
    fn make(&mut self, heap: &Heap, bytes: usize) {
        let mut block = heap.allocate(bytes);
        block.touch(bytes, usize::MAX);
        self.blocks.push(Some(block));
        self.live += bytes as u64;
    }

    fn shrink(&mut self, heap: &Heap, step: usize) {
        match self.order {
            Order::All => self.free(heap, step, |_| true),
            Order::Most => self.free(heap, step, |random| random.below(16) > 0),
            Order::Generations if step + 1 < RETURN => self.free(heap, step, |_| true),
            Order::Generations => {}
        }
    }

    /// Frees those of one step of growth that `goes` says.
    fn free(&mut self, heap: &Heap, step: usize, goes: impl Fn(&mut Random) -> bool) {
        let first = if step == 0 { 0 } else { self.ends[step - 1] };
        for place in &mut self.blocks[first..self.ends[step]] {
            if goes(&mut self.random)
                && let Some(block) = place.take()
            {
                self.live -= block.bytes() as u64;
                heap.free(block);
            }
        }
    }
}

impl Work for Burst {
    /// The whole of it, each time.
    fn run(&mut self, heap: &Heap, iterations: u64) {
        super::whole(self, heap, STEPS, iterations);
    }

    fn step(&mut self, heap: &Heap, step: Step) {
        match step.number.checked_sub(GROWTH) {
            None => self.grow(heap, step.number),
            Some(number) => self.shrink(heap, number),
        }
    }

    fn live_bytes(&self) -> u64 {
        self.live
    }

    fn release(&mut self, heap: &Heap) {
        self.blocks.drain(..).flatten().for_each(|block| heap.free(block));
        self.ends.clear();
        self.live = 0;
    }
}
