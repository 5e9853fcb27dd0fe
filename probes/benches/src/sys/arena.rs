//! Rust's own allocator: over a region of the program's, and more of the kernel's where a large trace needs it, so that the
//! bookkeeping of a measurement leaves the heap under test alone. Calls of the C library's `malloc` are those of the
//! workload and of no one else.

use std::alloc::Layout;
use std::hint;
use std::sync::atomic::{AtomicBool, Ordering};

use lock_api::{GuardNoSend, RawMutex};
use talc::TalcLock;
use talc::base::Talc;
use talc::base::binning::Binning;
use talc::source::Source;

use super::table;

/// Room for the tables of every workload and for Criterion; what is not used costs no memory.
const BYTES: usize = 64 << 20;

/// The allocator of the program.
pub type Arena = TalcLock<Spin, Regions>;

/// Where the arena has its memory from.
#[derive(Debug)]
pub struct Regions {
    /// The region in `.bss`, until it is used.
    first: Option<Region>,
}

#[derive(Debug)]
struct Region(*mut u8);

// SAFETY: the region belongs to whoever holds the value, and nobody else knows it.
unsafe impl Send for Region {}

// SAFETY: what is claimed is the region that only this source knows, once, or fresh memory of the kernel's; no other
// allocator is called.
unsafe impl Source for Regions {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        let (base, bytes) = match talc.source.first.take() {
            Some(Region(base)) => (base, BYTES),
            None => {
                let wanted = layout.size().saturating_add(layout.align()).saturating_add(4096);
                let bytes = wanted.max(BYTES).checked_next_multiple_of(BYTES).ok_or(())?;
                (table::map(bytes).ok_or(())?, bytes)
            }
        };
        // SAFETY: nobody else uses the region; see above.
        unsafe { talc.claim(base, bytes) }.map(drop).ok_or(())
    }
}
/// A lock that waits without the C library. Only the first thread allocates while a workload runs, so nobody ever waits.
pub struct Spin(AtomicBool);

// SAFETY: the flag is taken by one holder at a time, with acquire and release order.
unsafe impl RawMutex for Spin {
    #[allow(clippy::declare_interior_mutable_const, reason = "the trait asks for a constant to begin with")]
    const INIT: Self = Self(AtomicBool::new(false));
    type GuardMarker = GuardNoSend;

    fn lock(&self) {
        while !self.try_lock() {
            hint::spin_loop();
        }
    }

    fn try_lock(&self) -> bool {
        !self.0.swap(true, Ordering::Acquire)
    }

    unsafe fn unlock(&self) {
        self.0.store(false, Ordering::Release);
    }
}

/// The allocator, over a region in `.bss`.
pub const fn arena() -> Arena {
    static mut MEMORY: [u8; BYTES] = [0; BYTES];
    // SAFETY: this function is called once, for the one static that is the program's allocator, and nothing else knows
    // the region.
    TalcLock::new(Regions { first: Some(Region((&raw mut MEMORY).cast())) })
}
