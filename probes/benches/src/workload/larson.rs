//! Tables of blocks that outlive the threads which made them: each thread goes on where the last one stopped, makes the
//! next one, and ends. As larson in mimalloc-bench, with its generator, its sizes and its warm-up.

use std::hint::black_box;

use super::{Plan, Work};
use crate::sys::cpus;
use crate::sys::heap::{Block, Heap};
use crate::sys::relay::{Leg, Relay};

/// Blocks of a thread.
const CHUNKS: usize = 5000;

/// Replacements in one iteration.
pub const OPERATIONS: u64 = CHUNKS as u64;

/// The least size, and the one above the greatest.
const SIZES: (i64, i64) = (8, 1000);

/// Where the generator of the warm-up begins.
const SEED: i64 = 4141;

/// The benchmark's generator: a linear congruential one, its numbers shuffled through a table.
struct Shuffled {
    next: i64,
    last: i64,
    table: [i64; 97],
}

impl Shuffled {
    const MODULUS: i64 = 714_025;
    const ADDED: i64 = 150_889;

    fn new(seed: i64) -> Self {
        let mut next = ((Self::ADDED - seed) % Self::MODULUS).abs();
        let table = [(); 97].map(|()| {
            next = Self::after(next);
            next
        });
        next = Self::after(next);
        Self { next, last: next, table }
    }

    #[inline]
    fn after(number: i64) -> i64 {
        (1366 * number + Self::ADDED) % Self::MODULUS
    }

    #[inline]
    fn draw(&mut self) -> i64 {
        let place = (self.last % 97) as usize;
        self.last = self.table[place];
        self.next = Self::after(self.next);
        self.table[place] = self.next;
        self.last
    }

    /// Below a limit that is not known when this is compiled.
    #[inline]
    fn below(&mut self, limit: i64) -> i64 {
        self.draw() % limit
    }
}

/// A thread's table, and what goes with it from thread to thread.
struct Table {
    heap: Heap,
    blocks: Vec<Option<Block>>,
    sizes: Vec<usize>,
    random: Shuffled,
    /// How many blocks there are; a division by it takes its time, as in the benchmark.
    count: i64,
    /// How many sizes there are.
    range: i64,
}

impl Table {
    fn new(heap: &Heap, threads: usize, seed: i64) -> Self {
        let count = CHUNKS * threads;
        Self {
            heap: *heap,
            blocks: (0..count).map(|_| None).collect(),
            sizes: vec![0; count],
            random: Shuffled::new(seed),
            count: black_box(count as i64),
            range: black_box(SIZES.1 - SIZES.0),
        }
    }

    /// A new block in this slot, in place of one that may be there.
    #[inline]
    fn replace(&mut self, slot: usize) -> &mut Block {
        if let Some(block) = self.blocks[slot].take() {
            self.heap.free(block);
        }
        let bytes = (SIZES.0 + self.random.below(self.range)) as usize;
        self.sizes[slot] = bytes;
        self.blocks[slot].insert(self.heap.allocate_untouched(bytes))
    }

    /// Fills the table, shuffles it, and replaces blocks four times as often as there are any.
    fn warm_up(&mut self) {
        for slot in 0..self.blocks.len() {
            self.replace(slot);
        }
        for rest in (1..=self.blocks.len()).rev() {
            let slot = self.random.below(black_box(rest as i64)) as usize;
            self.blocks.swap(slot, rest - 1);
            self.sizes.swap(slot, rest - 1);
        }
        for _ in 0..4 * self.blocks.len() {
            let slot = self.random.below(self.count) as usize;
            self.replace(slot);
        }
    }

    fn live_bytes(&self) -> u64 {
        self.sizes.iter().map(|bytes| *bytes as u64).sum()
    }

    fn free_all(self) {
        self.blocks.into_iter().flatten().for_each(|block| self.heap.free(block));
    }
}

impl Leg for Table {
    /// A hundred times as many replacements as there are blocks.
    const LENGTH: u64 = 100 * CHUNKS as u64;

    fn run(&mut self, times: u64) {
        for _ in 0..times {
            let slot = self.random.below(self.count) as usize;
            self.replace(slot).begin();
        }
    }
}

struct Server {
    cpus: Vec<usize>,
    threads: usize,
    rows: Vec<Relay<Table>>,
}

/// The tables, each with its row of threads; the first thread fills them all, and waits then.
pub fn server(plan: &Plan) -> Box<dyn Work> {
    Box::new(Server { cpus: cpus::allowed(), threads: plan.threads, rows: Vec::with_capacity(plan.threads) })
}

/// The tables of so many threads, ready.
fn tables(heap: &Heap, threads: usize) -> Vec<Table> {
    let mut whole = Table::new(heap, threads, SEED);
    whole.warm_up();
    let part = |_| {
        let mut table = Table::new(heap, 1, whole.random.draw());
        table.blocks = whole.blocks.drain(..CHUNKS).collect();
        table.sizes = whole.sizes.drain(..CHUNKS).collect();
        table
    };
    (0..threads).map(part).collect()
}

impl Work for Server {
    fn prepare(&mut self, heap: &Heap) {
        for (thread, table) in tables(heap, self.threads).into_iter().enumerate() {
            self.rows.push(Relay::new(table, self.cpus[thread % self.cpus.len()]));
        }
    }

    fn run(&mut self, _heap: &Heap, iterations: u64) {
        self.rows.iter_mut().for_each(|row| row.begin(iterations * OPERATIONS));
        self.rows.iter().for_each(Relay::wait);
    }

    fn live_bytes(&self) -> u64 {
        self.rows.iter().filter_map(Relay::leg).map(Table::live_bytes).sum()
    }

    fn release(&mut self, _heap: &Heap) {
        self.rows.drain(..).filter_map(Relay::finish).for_each(Table::free_all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::fnv;
    use crate::sys::fake::recorded;

    #[test]
    fn the_generator_is_the_benchmarks() {
        let mut random = Shuffled::new(SEED);
        assert_eq!([(); 5].map(|()| random.draw()), [562_984, 514_304, 603_572, 409_634, 264_819]);
    }

    #[test]
    fn sizes_are_the_benchmarks() {
        let hash = |sizes: &[usize]| fnv(sizes.iter().map(|bytes| *bytes as u64));
        let log = recorded(|heap, log| {
            let mut tables = tables(heap, 2);
            assert_eq!(hash(&log().sizes), 0x1876_f2d3_6d5d_e5ac, "the warm-up");
            assert_eq!(tables.iter().map(Table::live_bytes).sum::<u64>(), log().live_bytes() as u64);
            tables.iter_mut().for_each(|table| table.run(1000));
            tables.into_iter().for_each(Table::free_all);
        });
        assert_eq!(log.sizes.len(), 52_000);
        assert_eq!(hash(&log.sizes[50_000..51_000]), 0xc100_c7d9_89e9_960f, "the first thread");
        assert_eq!(hash(&log.sizes[51_000..]), 0xbc5c_d44d_4cb3_67d3, "the second thread");
        assert!(log.live.is_empty() && log.wrong.is_empty());
    }
}
