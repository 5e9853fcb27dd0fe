//! A constant number of live bytes whose sizes change from phase to phase, so that what one phase leaves free is of the
//! wrong size for the next.

use super::{Plan, Step, Work};
use crate::random::Random;
use crate::sys::heap::{Block, Heap};

/// Phases after the first.
const PHASES: usize = 20;

/// The first phase and the others.
pub const STEPS: usize = 1 + PHASES;

/// The sizes of a phase, one after the other, and again from the first.
const RANGES: [(usize, usize); 4] = [(16, 256), (512, 4096), (64, 1024), (2048, 16 << 10)];

/// Shares of the plan's bytes that are live.
const SHARE: usize = 4;

struct Cache {
    bytes: u64,
    random: Random,
    blocks: Vec<Block>,
    live: u64,
}

/// A quarter of the plan's bytes is live.
pub fn cache(plan: &Plan) -> Vec<Box<dyn Work>> {
    let random = Random::of_thread(0);
    vec![Box::new(Cache { bytes: (plan.bytes / SHARE) as u64, random, blocks: Vec::new(), live: 0 })]
}

impl Cache {
    fn grow(&mut self, heap: &Heap, (least, most): (usize, usize), into: &mut Vec<Block>) {
        while self.live < self.bytes {
            let bytes = self.random.between(least, most);
            let mut block = heap.allocate(bytes);
            block.touch(bytes, usize::MAX);
            into.push(block);
            self.live += bytes as u64;
        }
    }

    /// Replaces every block, chosen at random, by ones of the phase's sizes.
    fn phase(&mut self, heap: &Heap, number: usize) {
        let range = RANGES[number % RANGES.len()];
        let mut new = Vec::new();
        while !self.blocks.is_empty() {
            let block = self.blocks.swap_remove(self.random.below(self.blocks.len()));
            self.live -= block.bytes() as u64;
            heap.free(block);
            self.grow(heap, range, &mut new);
        }
        self.grow(heap, range, &mut new);
        self.blocks = new;
    }
}

impl Work for Cache {
    fn run(&mut self, heap: &Heap, iterations: u64) {
        super::whole(self, heap, STEPS, iterations);
    }

    fn step(&mut self, heap: &Heap, step: Step) {
        self.phase(heap, step.number);
    }

    fn live_bytes(&self) -> u64 {
        self.live
    }

    fn release(&mut self, heap: &Heap) {
        self.blocks.drain(..).for_each(|block| heap.free(block));
        self.live = 0;
    }
}
