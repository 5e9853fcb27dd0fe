//! Rust's allocator in a probe: a region of its own that is handed out from the bottom up and never given back.
//!
//! Were it the C library's `malloc`, the strings of the answer would sit among the blocks under test and move them.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicUsize, Ordering};

/// Enough for the longest answer by two orders of magnitude; untouched pages cost nothing.
const BYTES: usize = 8 << 20;

/// Rust's allocator in every probe, set up by [`probe!`](crate::probe).
pub static ARENA: Arena = Arena::new();

/// The region, in `.bss`.
pub struct Arena {
    memory: UnsafeCell<[u8; BYTES]>,
    used: AtomicUsize,
}

// SAFETY: `alloc` reserves disjoint ranges through the atomic counter; nothing else touches the memory.
unsafe impl Sync for Arena {}

impl Arena {
    /// An unused region.
    #[allow(clippy::new_without_default, reason = "it is a static, built in a constant")]
    pub const fn new() -> Self {
        Self { memory: UnsafeCell::new([0; BYTES]), used: AtomicUsize::new(0) }
    }

    /// How much is in use, to go [`back`](Self::back) to.
    pub fn mark(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Hands out again what was handed out since the mark: for a program that asks a million questions in one process.
    ///
    /// # Safety
    /// Nothing that was allocated since the mark may be in use, and no other thread may allocate.
    pub unsafe fn back(&self, mark: usize) {
        self.used.store(mark, Ordering::Relaxed);
    }
}

/// [`ARENA`], where the compiler looks for a global allocator.
pub struct Global;

// SAFETY: all is passed on to an allocator that keeps the rules.
unsafe impl GlobalAlloc for Global {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are passed on.
        unsafe { ARENA.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { ARENA.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        // SAFETY: as above.
        unsafe { ARENA.realloc(block, layout, bytes) }
    }
}

// SAFETY: blocks are disjoint, aligned as asked, inside the region, and never reused; the last one grows into what nobody has.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let base = self.memory.get() as usize;
        let mut start = 0;
        let reserve = |used: usize| {
            start = (base + used).next_multiple_of(layout.align()) - base;
            start.checked_add(layout.size()).filter(|end| *end <= BYTES)
        };
        match self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, reserve) {
            Ok(_) => (base + start) as *mut u8,
            Err(_) => core::ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    /// The block that was handed out last grows where it is: most of what grows is that one.
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        if bytes <= layout.size() {
            return block;
        }
        let start = block as usize - self.memory.get() as usize;
        let (end, wanted) = (start + layout.size(), start.saturating_add(bytes));
        let last =
            |used, wanted| self.used.compare_exchange(used, wanted, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if wanted <= BYTES && last(end, wanted) {
            return block;
        }
        // SAFETY: the caller has the block by this layout and wants a larger one of the same alignment.
        unsafe {
            let larger = self.alloc(Layout::from_size_align_unchecked(bytes, layout.align()));
            if !larger.is_null() {
                core::ptr::copy_nonoverlapping(block, larger, layout.size());
            }
            larger
        }
    }
}
