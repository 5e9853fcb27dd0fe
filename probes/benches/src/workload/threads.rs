//! Threads that do nothing, made and joined one after the other.

use super::Work;
use crate::sys::heap::Heap;
use crate::sys::team;

/// Threads in one iteration.
pub const OPERATIONS: u64 = 10;

struct Threads;

/// With default attributes.
pub fn create(_thread: usize) -> Box<dyn Work> {
    Box::new(Threads)
}

impl Work for Threads {
    fn run(&mut self, _heap: &Heap, iterations: u64) {
        for _ in 0..iterations * OPERATIONS {
            team::in_new_thread(|| {});
        }
    }
}
