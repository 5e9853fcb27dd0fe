//! The most that a trace may say of itself. Nothing that a real program does comes near; a file that does is damaged, or
//! made to use up memory.

/// Points of the curve of live bytes: one at the end of each epoch.
pub const POINTS: usize = 256;
/// Parts of a trace, with about the same number of operations in each.
pub const EPOCHS: usize = POINTS;
/// Marks that end an epoch; the last one ends with the trace.
pub(crate) const MARKS: u16 = (EPOCHS - 1) as u16;
/// Bytes of one block: 64 GiB.
pub const MOST_BYTES: u64 = 1 << 36;
/// Bytes that are live at one time: 1 TiB.
pub const MOST_LIVE: u64 = 1 << 40;
/// The largest alignment: 1 GiB.
pub(crate) const MOST_LOG2: u8 = 30;
/// Calls of the allocator.
pub const MOST_OPERATIONS: u64 = 1 << 24;
/// Steps of all threads, with those that ask nothing of the allocator.
pub(crate) const MOST_OPS: u64 = 2 * MOST_OPERATIONS;
/// Threads, one after the other or at one time.
pub const MOST_THREADS: u64 = 1024;
/// Bytes of a file's body when it is unpacked: 512 MiB.
pub(crate) const MOST_BODY: u64 = 512 << 20;
/// Bytes of a name in the header.
pub(crate) const MOST_TEXT: u64 = 256;
