//! A ring between one thread that puts blocks in and one that takes them out, without a lock.

use std::cell::UnsafeCell;
use std::hint;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::heap::Block;
use super::team;

/// Places in the ring.
const PLACES: usize = 1024;

/// A counter on cache lines of its own.
#[repr(align(128))]
struct Counter(AtomicUsize);

/// The ring. Its two ends are for one thread each; with more, blocks would be lost, which the counters below rule out only
/// between two.
pub struct Ring {
    places: [UnsafeCell<MaybeUninit<Block>>; PLACES],
    pushed: Counter,
    popped: Counter,
}

// SAFETY: a place is written by the one that pushes while it is empty, and read by the one that pops while it is full;
// the counters, stored with release and loaded with acquire order, tell which it is. `queue::ends` gives each end to one.
unsafe impl Sync for Ring {}
// SAFETY: blocks may be freed by any thread.
unsafe impl Send for Ring {}

impl Ring {
    /// An empty ring.
    pub fn new() -> Self {
        Self {
            places: [const { UnsafeCell::new(MaybeUninit::uninit()) }; PLACES],
            pushed: Counter(AtomicUsize::new(0)),
            popped: Counter(AtomicUsize::new(0)),
        }
    }

    /// Puts a block in, when there is room.
    #[inline]
    pub fn push(&self, block: Block) {
        let place = self.pushed.0.load(Ordering::Relaxed);
        wait_until(|| place - self.popped.0.load(Ordering::Acquire) < PLACES);
        // SAFETY: the place is empty, and only this thread pushes.
        unsafe { (*self.places[place % PLACES].get()).write(block) };
        self.pushed.0.store(place + 1, Ordering::Release);
    }

    /// Takes a block out, when there is one.
    #[inline]
    pub fn pop(&self) -> Block {
        let place = self.popped.0.load(Ordering::Relaxed);
        wait_until(|| self.pushed.0.load(Ordering::Acquire) > place);
        // SAFETY: the place is full, and only this thread pops; the counter makes it empty right after.
        let block = unsafe { (*self.places[place % PLACES].get()).assume_init_read() };
        self.popped.0.store(place + 1, Ordering::Release);
        block
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self::new()
    }
}

#[inline]
fn wait_until(ready: impl Fn() -> bool) {
    let mut turns = 0u32;
    while !ready() {
        turns = turns.wrapping_add(1);
        if turns.is_multiple_of(1 << 12) {
            team::give_way();
        } else {
            hint::spin_loop();
        }
    }
}
