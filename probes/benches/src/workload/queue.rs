//! One thread makes blocks and hands them to another, which frees them: every free is of another thread's block.

use std::sync::Arc;

use super::{Plan, Work};
use crate::sys::heap::Heap;
use crate::sys::ring::Ring;

/// Blocks that pass in one iteration.
pub const OPERATIONS: u64 = 1000;

/// The size of a message.
const BYTES: usize = 64;

struct Producer(Arc<Ring>);
struct Consumer(Arc<Ring>);

/// The two ends.
pub fn ends(_plan: &Plan) -> Vec<Box<dyn Work>> {
    let ring = Arc::new(Ring::new());
    vec![Box::new(Producer(ring.clone())), Box::new(Consumer(ring))]
}

impl Work for Producer {
    fn run(&mut self, heap: &Heap, iterations: u64) {
        for _ in 0..iterations * OPERATIONS {
            self.0.push(heap.allocate(BYTES));
        }
    }
}

impl Work for Consumer {
    fn run(&mut self, heap: &Heap, iterations: u64) {
        for _ in 0..iterations * OPERATIONS {
            heap.free(self.0.pop());
        }
    }
}
