//! Rows of blocks of one size, made one after the other and freed in the same order, untouched: as glibc's
//! bench-malloc-simple, in each of the three states of a process that it has. Before any measurement comes what the
//! benchmark does before that one.

use super::Work;
use crate::sys::heap::{Block, Heap};
use crate::sys::team;

/// Bytes of a block.
const BYTES: usize = 16;

/// How many blocks are made in a row: all of them above what glibc's cache for each thread holds.
const COUNTS: [usize; 4] = [25, 100, 400, 1600];

/// Blocks made and freed with one count in one iteration: the least common multiple of the counts, ten times.
pub const OPERATIONS: u64 = 16_000;

/// The same with all counts.
pub const ALL_OPERATIONS: u64 = COUNTS.len() as u64 * OPERATIONS;

/// Which thread works, and which others there were.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The first, in a process that never had another.
    First,
    /// The first, after another did the same and ended.
    FirstAgain,
    /// Another, which the first waits for.
    Other,
}

struct Rows {
    counts: &'static [usize],
    state: State,
    blocks: Vec<Block>,
}

fn rows(counts: &'static [usize], state: State) -> Box<dyn Work> {
    Box::new(Rows { counts, state, blocks: Vec::with_capacity(COUNTS[3]) })
}

/// Every count, one after the other.
pub fn all(_thread: usize) -> Box<dyn Work> {
    rows(&COUNTS, State::First)
}

/// Rows of 25.
pub fn short(_thread: usize) -> Box<dyn Work> {
    rows(&COUNTS[..1], State::First)
}

/// Rows of 400.
pub fn middle(_thread: usize) -> Box<dyn Work> {
    rows(&COUNTS[2..3], State::First)
}

/// Rows of 1600.
pub fn long(_thread: usize) -> Box<dyn Work> {
    rows(&COUNTS[3..], State::First)
}

/// Every count, after a thread.
pub fn again(_thread: usize) -> Box<dyn Work> {
    rows(&COUNTS, State::FirstAgain)
}

/// Every count, in a thread.
pub fn other(_thread: usize) -> Box<dyn Work> {
    rows(&COUNTS, State::Other)
}

impl Rows {
    fn each(&mut self, heap: &Heap, counts: &[usize], iterations: u64) {
        for count in counts {
            for _ in 0..iterations * OPERATIONS / *count as u64 {
                self.blocks.extend((0..*count).map(|_| heap.allocate_untouched(BYTES)));
                self.blocks.drain(..).for_each(|block| heap.free(block));
            }
        }
    }
}

impl Work for Rows {
    fn prepare(&mut self, heap: &Heap) {
        self.each(heap, &COUNTS, 1);
        if self.state == State::FirstAgain {
            team::in_new_thread(|| self.each(heap, &COUNTS, 1));
        }
    }

    fn run(&mut self, heap: &Heap, iterations: u64) {
        let counts = self.counts;
        if self.state == State::Other {
            team::in_new_thread(|| self.each(heap, counts, iterations));
        } else {
            self.each(heap, counts, iterations);
        }
    }
}
