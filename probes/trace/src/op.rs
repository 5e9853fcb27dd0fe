//! What one thread of a trace does at one time. A slot is a place for one block; a block keeps its slot when it is resized.

/// One step of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// malloc of so many bytes, into an empty slot.
    Malloc {
        /// Where the block is kept.
        slot: u32,
        /// Its size.
        bytes: u64,
    },
    /// calloc of so many bytes in all.
    Calloc {
        /// Where the block is kept.
        slot: u32,
        /// Its size.
        bytes: u64,
    },
    /// posix_memalign and its kin.
    Aligned {
        /// Where the block is kept.
        slot: u32,
        /// Its size.
        bytes: u64,
        /// The alignment's logarithm to base 2.
        log2: u8,
    },
    /// realloc of the block in the slot.
    Realloc {
        /// Where the block is kept, before and after.
        slot: u32,
        /// Its new size; never 0.
        bytes: u64,
    },
    /// free of the block in the slot.
    Free {
        /// Where the block was kept.
        slot: u32,
    },
    /// Says that this point was reached; each number is posted once.
    Post {
        /// The number.
        sync: u32,
    },
    /// Waits until another thread has posted the number.
    Wait {
        /// The number.
        sync: u32,
    },
    /// Creates a thread: its stream begins.
    Start {
        /// The stream.
        thread: u32,
    },
    /// Waits for the end of a thread.
    Join {
        /// The stream.
        thread: u32,
    },
    /// The end of an epoch: no thread begins the next but one until all have reached this.
    Mark,
}

impl Op {
    /// Whether it asks something of the allocator.
    pub fn allocates_or_frees(self) -> bool {
        matches!(
            self,
            Self::Malloc { .. } | Self::Calloc { .. } | Self::Aligned { .. } | Self::Realloc { .. } | Self::Free { .. }
        )
    }
}
