//! A table of blocks, replaced in an order and with sizes that were drawn before: as glibc's bench-malloc-thread. Nothing
//! touches a block. Both tables come from the C library's `rand`, so that each library has sizes of its own, as it has there.

use std::sync::OnceLock;

use super::Work;
use crate::sys::heap::{Block, Heap};
use crate::sys::rand;

/// Replacements in one iteration.
pub const OPERATIONS: u64 = 1000;

/// Blocks of each thread.
const SLOTS: usize = 1024;

/// Slots drawn, from which one is taken after the other.
const OFFSETS: usize = 4 * SLOTS;

/// Sizes drawn.
const SIZES: usize = 8000;

/// The least and the greatest size.
const RANGE: (f32, f32) = (4.0, 32768.0);

/// What `rand` gives at most, in every C library here.
const RAND_MAX: u32 = 0x7FFF_FFFF;

/// What is drawn: once, for all threads.
struct Tables {
    sizes: [u32; SIZES],
    offsets: [u32; OFFSETS],
}

impl Tables {
    fn drawn(mut draw: impl FnMut() -> u32) -> Self {
        let sizes = [(); SIZES].map(|()| inverse_square(draw()));
        Self { sizes, offsets: [(); OFFSETS].map(|()| draw() % SLOTS as u32) }
    }
}

/// A size; how many there are of it falls with its square. Each step is rounded as C's `float` is.
fn inverse_square(drawn: u32) -> u32 {
    let share = drawn as f32 / RAND_MAX as f32;
    let (least, most) = (1.0 / RANGE.0, 1.0 / RANGE.1);
    (1.0 / ((most - least) * share + least)) as u32
}

struct Table {
    tables: &'static Tables,
    slots: Vec<Option<Block>>,
    /// Replacements so far.
    done: u64,
}

/// The table of one thread; all threads have the same sequence.
pub fn table(_thread: usize) -> Box<dyn Work> {
    Box::new(new())
}

fn new() -> Table {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    let tables = TABLES.get_or_init(|| Tables::drawn(rand::from_the_beginning()));
    Table { tables, slots: (0..SLOTS).map(|_| None).collect(), done: 0 }
}

/// The place after this one in a table of so many.
#[inline]
fn next(place: usize, count: usize) -> usize {
    if place >= count - 1 { 0 } else { place + 1 }
}

impl Work for Table {
    fn run(&mut self, heap: &Heap, iterations: u64) {
        let Tables { sizes, offsets } = self.tables;
        let mut offset = (self.done % OFFSETS as u64) as usize;
        let mut size = (self.done % SIZES as u64) as usize;
        for _ in 0..iterations * OPERATIONS {
            offset = next(offset, OFFSETS);
            size = next(size, SIZES);
            let slot = &mut self.slots[offsets[offset] as usize];
            heap.free_any(slot.take());
            *slot = Some(heap.allocate_untouched(sizes[size] as usize));
        }
        self.done += iterations * OPERATIONS;
    }

    /// No block carries its size. Each slot was last filled in the latest turn through the offsets, if ever.
    fn live_bytes(&self) -> u64 {
        let mut slots = [0; SLOTS];
        for number in self.done.saturating_sub(OFFSETS as u64)..self.done {
            let place = |count: usize| ((number + 1) % count as u64) as usize;
            slots[self.tables.offsets[place(OFFSETS)] as usize] = u64::from(self.tables.sizes[place(SIZES)]);
        }
        slots.iter().sum()
    }

    fn release(&mut self, heap: &Heap) {
        self.slots.iter_mut().filter_map(Option::take).for_each(|block| heap.free(block));
        self.done = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::fnv;
    use crate::sys::fake::recorded;

    /// glibc's `rand`: an additive feedback generator of 31 words, begun with a multiplicative one.
    fn glibc() -> impl FnMut() -> u32 {
        let mut words: Vec<u32> = vec![1];
        for n in 1..31 {
            words.push((16807 * u64::from(words[n - 1]) % 2_147_483_647) as u32);
        }
        words.extend_from_within(..3);
        let mut add = move || {
            let word = words[words.len() - 31].wrapping_add(words[words.len() - 3]);
            words.push(word);
            word
        };
        for _ in 0..310 {
            add();
        }
        move || add() >> 1
    }

    /// musl's `rand`: a linear congruential generator.
    fn musl() -> impl FnMut() -> u32 {
        let mut state = 0_u64;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as u32
        }
    }

    /// A table's beginning, sum and hash; made by the benchmark itself, once with each C library.
    fn check(tables: &Tables, [first, sum, sizes, offsets]: [u64; 4]) {
        let words = |table: &[u32]| fnv(table.iter().flat_map(|word| word.to_le_bytes()).map(u64::from));
        assert_eq!(u64::from(tables.sizes[0]), first);
        assert_eq!(tables.sizes.iter().map(|size| u64::from(*size)).sum::<u64>(), sum);
        assert_eq!([words(&tables.sizes), words(&tables.offsets)], [sizes, offsets]);
    }

    const GLIBC: [u64; 4] = [25, 311_130, 0x631c_84fc_8cbf_572d, 0x093a_dfd3_da6c_5a11];
    const MUSL: [u64; 4] = [4, 242_146, 0x9be9_42bf_9d2f_eba5, 0xa76f_0432_b356_dc5a];

    #[test]
    fn tables_are_those_of_the_benchmark_with_either_sequence() {
        check(&Tables::drawn(glibc()), GLIBC);
        check(&Tables::drawn(musl()), MUSL);
    }

    #[test]
    fn this_machines_c_library_draws_its_own() {
        check(new().tables, if cfg!(target_env = "musl") { MUSL } else { GLIBC });
    }

    #[test]
    fn a_table_starts_with_the_second_place_of_both_tables() {
        let mut table = new();
        let log = recorded(|heap, _| {
            table.run(heap, 9);
            table.release(heap);
        });
        let expected: Vec<usize> = (1..=9000).map(|n| table.tables.sizes[n % SIZES] as usize).collect();
        assert!(log.sizes == expected && log.live.is_empty() && log.wrong.is_empty());
    }
}
