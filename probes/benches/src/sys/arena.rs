//! Rust's own allocator: over a region of the program's, so that the bookkeeping of a measurement leaves the heap under
//! test alone. Calls of the C library's `malloc` are those of the workload and of no one else.

use std::hint;
use std::sync::atomic::{AtomicBool, Ordering};

use lock_api::{GuardNoSend, RawMutex};
use talc::TalcLock;
use talc::source::Claim;

/// Room for the tables of every workload and for Criterion; what is not used costs no memory.
const BYTES: usize = 64 << 20;

/// The allocator of the program.
pub type Arena = TalcLock<Spin, Claim>;

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
    TalcLock::new(unsafe { Claim::array(&raw mut MEMORY) })
}
