//! Blocks of zeroes: small, and large ones that are used in part or whole.

use super::Work;
use crate::sys::heap::Heap;

/// Small blocks in one iteration.
pub const SMALL_OPERATIONS: u64 = 1000;

/// Large blocks in one iteration.
pub const LARGE_OPERATIONS: u64 = 10;

struct Zeroed {
    bytes: usize,
    pages: usize,
    operations: u64,
}

/// 4 KiB, its first page used.
pub fn small(_thread: usize) -> Box<dyn Work> {
    Box::new(Zeroed { bytes: 4096, pages: 1, operations: SMALL_OPERATIONS })
}

/// 1 MiB, one page of it used.
pub fn large(_thread: usize) -> Box<dyn Work> {
    Box::new(Zeroed { bytes: 1 << 20, pages: 1, operations: LARGE_OPERATIONS })
}

/// 1 MiB, every page of it used.
pub fn touched(_thread: usize) -> Box<dyn Work> {
    Box::new(Zeroed { bytes: 1 << 20, pages: usize::MAX, operations: LARGE_OPERATIONS })
}

impl Work for Zeroed {
    fn run(&mut self, heap: &Heap, iterations: u64) {
        for _ in 0..iterations * self.operations {
            let mut block = heap.allocate_zeroed(self.bytes);
            block.touch(self.bytes, self.pages);
            heap.free(block);
        }
    }
}
