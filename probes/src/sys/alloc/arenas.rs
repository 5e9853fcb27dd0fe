//! How many heaps there are when several threads allocate, and what address space they take.

use core::sync::atomic::{AtomicU64, Ordering};

use super::calls::{malloc, settle};
use crate::sys::call::Errno;
use crate::sys::pages::memory;
use crate::sys::process::{End, Shared, in_child};
use crate::sys::threads::attributes::Attributes;
use crate::sys::threads::thread::{Thread, pause};

/// Threads that allocate beside main. Few enough for glibc's limit of arenas on a machine with one CPU, which is eight.
pub const THREADS: usize = 4;

/// Bytes of a thread's stack, so that stacks add the same in every C library.
const STACK: usize = 256 << 10;

/// What was found while the threads were still there.
#[derive(Clone, Copy, Debug)]
pub struct Heaps {
    /// Groups of blocks that lie further than 32 MiB from each other; main's block is one of them.
    pub groups: u64,
    /// Bytes of address space that came with the threads' first blocks, beyond their stacks.
    pub mapped: u64,
}

const BEFORE: usize = 0;
const AFTER: usize = 1;
const DONE: usize = 2;
const BLOCKS: usize = 8;

/// Lets [`THREADS`] threads, one after the other and all still there at the end, allocate 1,000 bytes each.
pub fn of_threads() -> Result<Heaps, Errno> {
    let shared = Shared::new()?;
    let child = in_child(10, || allocate(&shared).map_or_else(|e| e.0, |()| 0))?;
    match child.end {
        End::Exited(0) => {}
        End::Exited(code) => return Err(Errno(code)),
        _ => return Err(Errno(libc::ECHILD)),
    }
    let mut blocks = [0; THREADS + 1];
    for (block, figure) in blocks.iter_mut().zip(&shared[BLOCKS..]) {
        *block = figure.load(Ordering::Relaxed);
    }
    blocks.sort_unstable();
    let groups = 1 + blocks.windows(2).filter(|pair| pair[1] - pair[0] > 32 << 20).count() as u64;
    let grown = shared[AFTER].load(Ordering::Relaxed) - shared[BEFORE].load(Ordering::Relaxed);
    Ok(Heaps { groups, mapped: grown.saturating_sub((THREADS * STACK) as u64) })
}

fn allocate(shared: &Shared) -> Result<(), Errno> {
    let attributes = Attributes::with_stack(STACK)?;
    settle(1000);
    shared[BLOCKS].store(malloc(1000)?.address() as u64, Ordering::Relaxed);
    shared[BEFORE].store(memory()?.mapped, Ordering::Relaxed);
    for n in 1..=THREADS {
        Thread::start(Some(&attributes), one_block, &raw const shared[BLOCKS + n] as usize)?;
        while shared[BLOCKS + n].load(Ordering::Acquire) == 0 {
            pause(1);
        }
    }
    shared[AFTER].store(memory()?.mapped, Ordering::Relaxed);
    shared[DONE].store(1, Ordering::Relaxed);
    Ok(())
}

fn one_block(figure: usize) -> usize {
    // SAFETY: the figure is one of the shared page, which lives as long as the process.
    let figure = unsafe { &*(figure as *const AtomicU64) };
    // 1 is no block: main goes on, and the groups show that something is wrong.
    let address = malloc(1000).map_or(1, |block| block.address() as u64);
    figure.store(address, Ordering::Release);
    loop {
        pause(1000);
    }
}
