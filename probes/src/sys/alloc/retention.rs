//! What the process still holds after blocks were freed, and what random frees cost: as the kernel counts it.
//!
//! Each measurement has a child of its own, so it starts from the heap that the C library made at start. Addresses are kept in
//! the probe's arena, whose pages are touched before the first reading.

use core::sync::atomic::Ordering;
use heap::vec::Vec;

use super::calls::{Block, begin, malloc};
use crate::sys::call::{self, Errno};
use crate::sys::pages::{memory, without_huge_pages};
use crate::sys::process::{End, Shared, in_child};

/// Bytes that are allocated in each measurement.
pub const TOTAL: usize = 64 << 20;

/// Which blocks are freed.
#[derive(Clone, Copy, Debug)]
pub enum Freed {
    /// All, in the order in which they were allocated.
    All,
    /// All, the last one first.
    AllBackwards,
    /// All but every sixteenth.
    FifteenOfSixteen,
    /// All but the last one.
    AllButLast,
}

/// Resident memory of a child, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Resident {
    /// Before the first block.
    pub before: u64,
    /// With all blocks allocated and written to.
    pub full: u64,
    /// After the frees.
    pub after: u64,
    /// After a further step: `malloc_trim`, or the second round of allocations.
    pub last: u64,
    /// Bytes of the blocks that were not freed.
    pub live: u64,
}

impl Resident {
    /// What is left of what was taken, in percent.
    pub fn kept_percent(&self) -> u64 {
        percent(self.after, self.before, self.full)
    }
    /// What is left of what was taken after the further step, in percent.
    pub fn kept_percent_last(&self) -> u64 {
        percent(self.last, self.before, self.full)
    }
}

fn percent(now: u64, before: u64, full: u64) -> u64 {
    now.saturating_sub(before) * 100 / full.saturating_sub(before).max(1)
}

/// `malloc_trim`, where the C library has it.
pub fn trim() -> Option<unsafe extern "C" fn(usize) -> i32> {
    // SAFETY: the signature is that of malloc.h.
    unsafe { call::lookup(c"malloc_trim") }
}

/// Allocates [`TOTAL`] bytes in blocks of this size, frees these, and trims where that is wanted.
pub fn after_free(bytes: usize, freed: Freed, trims: bool) -> Result<Resident, Errno> {
    measured(|shared| {
        let count = TOTAL / bytes;
        let mut blocks = touched(count);
        shared[0].store(memory()?.resident, Ordering::Relaxed);
        for _ in 0..count {
            blocks.push(Some(filled(bytes)?));
        }
        shared[1].store(memory()?.resident, Ordering::Relaxed);
        let mut order: Vec<usize> = touched(count);
        order.extend(0..count);
        if matches!(freed, Freed::AllBackwards) {
            order.reverse();
        }
        for i in order {
            let kept = match freed {
                Freed::All | Freed::AllBackwards => false,
                Freed::FifteenOfSixteen => i % 16 == 15,
                Freed::AllButLast => i == count - 1,
            };
            if !kept && let Some(block) = blocks[i].take() {
                block.free();
            }
        }
        shared[2].store(memory()?.resident, Ordering::Relaxed);
        if let Some(trim) = trim().filter(|_| trims) {
            // SAFETY: takes a number.
            unsafe { trim(0) };
        }
        shared[3].store(memory()?.resident, Ordering::Relaxed);
        let live = blocks.iter().flatten().count() * bytes;
        shared[4].store(live as u64, Ordering::Relaxed);
        Ok(())
    })
}

/// Allocates blocks of 16 to 4,096 bytes until there are [`TOTAL`] bytes, frees every second one by chance, then allocates
/// what was freed again in blocks of 5,000 bytes. Chance is a fixed sequence, the same in every run.
pub fn after_random_frees() -> Result<Resident, Errno> {
    measured(|shared| {
        let mut chance = Chance(88);
        let mut blocks = touched(TOTAL / 1024);
        let (mut asked, mut live) = (0, 0);
        shared[0].store(memory()?.resident, Ordering::Relaxed);
        while asked < TOTAL {
            let bytes = 16 + (chance.next() % 4081) as usize;
            blocks.push(Some((filled(bytes)?, bytes)));
            asked += bytes;
        }
        shared[1].store(memory()?.resident, Ordering::Relaxed);
        for slot in &mut blocks {
            if chance.next().is_multiple_of(2) {
                slot.take().into_iter().for_each(|(block, _)| block.free());
            }
        }
        live += blocks.iter().flatten().map(|(_, bytes)| bytes).sum::<usize>();
        shared[2].store(memory()?.resident, Ordering::Relaxed);
        shared[4].store(live as u64, Ordering::Relaxed);
        while live < TOTAL {
            filled(5000)?;
            live += 5000;
        }
        shared[3].store(memory()?.resident, Ordering::Relaxed);
        Ok(())
    })
}

/// Xorshift: a sequence that is the same everywhere, unlike any C library's `rand`.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 33
    }
}

fn filled(bytes: usize) -> Result<Block, Errno> {
    let block = malloc(bytes)?;
    block.fill(0x5a);
    Ok(block)
}

/// An empty list with room for so many items, every page of which is in memory already.
fn touched<T>(count: usize) -> Vec<T> {
    let mut list: Vec<T> = Vec::with_capacity(count);
    let room = list.spare_capacity_mut();
    // SAFETY: writes bytes into room that holds no items yet.
    unsafe { core::ptr::write_bytes(room.as_mut_ptr().cast::<u8>(), 1, core::mem::size_of_val(room)) };
    core::hint::black_box(room.as_mut_ptr());
    list
}

fn measured(body: impl FnOnce(&Shared) -> Result<(), Errno>) -> Result<Resident, Errno> {
    let shared = Shared::new()?;
    let child = in_child(30, || {
        without_huge_pages();
        begin();
        body(&shared).map_or_else(|e| e.0, |()| 0)
    })?;
    match child.end {
        End::Exited(0) => {}
        End::Exited(code) => return Err(Errno(code)),
        _ => return Err(Errno(libc::ECHILD)),
    }
    let [before, full, after, last, live] = [0, 1, 2, 3, 4].map(|n: usize| shared[n].load(Ordering::Relaxed));
    Ok(Resident { before, full, after, last, live })
}
