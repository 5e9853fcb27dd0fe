//! A lock of the C library's, taken and let go: by a thread that is alone, and by two that want it at once.

use std::sync::Arc;

use super::{Plan, Work};
use crate::sys::heap::Heap;
use crate::sys::mutex::Mutex;

/// Times that the lock is taken in one iteration.
pub const OPERATIONS: u64 = 1000;

struct Locks(Arc<Mutex>, u64);

/// One lock for all threads, which count up under it.
pub fn one_lock(plan: &Plan) -> Vec<Box<dyn Work>> {
    let mutex = Arc::new(Mutex::new());
    let share = OPERATIONS / plan.threads as u64;
    (0..plan.threads).map(|_| Box::new(Locks(mutex.clone(), share)) as Box<dyn Work>).collect()
}

impl Work for Locks {
    fn run(&mut self, _heap: &Heap, iterations: u64) {
        for _ in 0..iterations * self.1 {
            self.0.count_up();
        }
    }
}
