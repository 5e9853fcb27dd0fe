//! Threads that take memory in turn: each grows while the others rest, and keeps a little of it when it shrinks again.

use super::{Plan, Step, Work};
use crate::random::Random;
use crate::sys::heap::{Block, Heap};

/// Threads that take turns.
pub const THREADS: usize = 8;

/// Each grows in one step and shrinks in the next.
pub const STEPS: usize = 2 * THREADS;

struct Turn {
    number: usize,
    bytes: usize,
    random: Random,
    blocks: Vec<Option<Block>>,
    live: u64,
}

/// One part for each thread; each holds an eighth of the plan's bytes at its height.
pub fn turns(plan: &Plan) -> Vec<Box<dyn Work>> {
    let turn = |number| {
        let random = Random::of_thread(number);
        Turn { number, bytes: plan.bytes / THREADS, random, blocks: Vec::new(), live: 0 }
    };
    (0..THREADS).map(|number| Box::new(turn(number)) as Box<dyn Work>).collect()
}

impl Turn {
    fn grow(&mut self, heap: &Heap) {
        while self.live < self.bytes as u64 {
            let bytes = self.random.between(16, 4096);
            let mut block = heap.allocate(bytes);
            block.touch(bytes, usize::MAX);
            self.blocks.push(Some(block));
            self.live += bytes as u64;
        }
    }

    /// Frees all but one in 64.
    fn shrink(&mut self, heap: &Heap) {
        for place in &mut self.blocks {
            if self.random.below(64) > 0
                && let Some(block) = place.take()
            {
                self.live -= block.bytes() as u64;
                heap.free(block);
            }
        }
    }
}

impl Work for Turn {
    fn run(&mut self, heap: &Heap, iterations: u64) {
        for _ in 0..iterations {
            self.grow(heap);
            self.shrink(heap);
            self.release(heap);
        }
    }

    fn step(&mut self, heap: &Heap, step: Step) {
        if step.number / 2 == self.number {
            if step.number.is_multiple_of(2) { self.grow(heap) } else { self.shrink(heap) }
        }
    }

    fn live_bytes(&self) -> u64 {
        self.live
    }

    fn release(&mut self, heap: &Heap) {
        self.blocks.drain(..).flatten().for_each(|block| heap.free(block));
        self.live = 0;
    }
}
