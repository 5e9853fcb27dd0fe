//! Misuse of the heap: the mistakes that programs make, each in a child of its own whose end is the answer.
//!
//! The child's heap is as the C library left it at start, since the probe allocates elsewhere, but for some hundred blocks
//! ([`settle`]). Each mistake is made such that what follows does not depend on where the heap happens to lie.

use core::ffi::c_void;
use core::hint::black_box;

use super::calls::{begin, raw_free, raw_malloc, raw_realloc, settle};
use crate::sys::call::Errno;
use crate::sys::process::{Child, in_child, without_core};

/// A mistake.
#[derive(Clone, Copy, Debug)]
pub enum Mistake {
    /// A small block is freed twice in a row.
    DoubleFreeSmall,
    /// A small block is freed, then another, then the first again.
    DoubleFreeBetween,
    /// The same, with so many blocks freed before that a cache of seven is full.
    DoubleFreeMany,
    /// A block of 100,000 bytes is freed twice in a row, another block follows it in memory.
    DoubleFreeMedium,
    /// A block of 1 MiB is freed twice in a row.
    DoubleFreeLarge,
    /// A pointer 16 bytes into a block is freed.
    FreeInside,
    /// A pointer one byte into a block is freed.
    FreeUnaligned,
    /// A pointer to zeros on the stack is freed.
    FreeStack,
    /// A freed block is passed to `realloc`.
    ReallocFreed,
    /// A zero is written behind a block of 24 bytes, as by a terminator that was forgotten; then all is freed.
    OverflowZero,
    /// An `A` is written behind a block of 24 bytes; then all is freed.
    OverflowByte,
    /// An `A` is written behind a block of 25 bytes; then all is freed.
    OverflowSlack,
    /// 64 bytes of 0xff are written into a block of 24 bytes; then 100,000 are allocated and the block is freed.
    OverflowFar,
    /// A freed block's first word is changed; then three such blocks are allocated and written to.
    WriteFreed,
    /// A freed block of 1 MiB is written to.
    WriteFreedLarge,
}

/// Makes the mistake in a child.
pub fn make(mistake: Mistake) -> Result<Child, Errno> {
    in_child(10, || {
        without_core();
        begin();
        [24, 25, 64].into_iter().for_each(settle);
        // SAFETY: none: undefined behaviour of the heap is the question. It is this child's own heap, which nothing else in
        // the child uses, and the compiler sees none of the calls.
        unsafe { commit(mistake) }
        0
    })
}

unsafe fn malloc(bytes: usize) -> *mut u8 {
    // SAFETY: any size may be asked for.
    unsafe { raw_malloc()(bytes).cast() }
}

unsafe fn free(block: *mut u8) {
    // SAFETY: see `make`.
    unsafe { raw_free()(block.cast::<c_void>()) }
}

/// Writes so that the compiler cannot leave it out.
unsafe fn write(block: *mut u8, byte: u8, bytes: usize) {
    for i in 0..bytes {
        // SAFETY: see `make`.
        unsafe { block.add(i).write_volatile(byte) };
    }
}

unsafe fn commit(mistake: Mistake) {
    // SAFETY: see `make`.
    unsafe {
        match mistake {
            Mistake::DoubleFreeSmall => double_free(24),
            Mistake::DoubleFreeMedium => double_free(100_000),
            Mistake::DoubleFreeLarge => double_free(1 << 20),
            Mistake::DoubleFreeBetween => {
                let (first, second) = (malloc(24), malloc(24));
                free(first);
                free(second);
                free(first);
            }
            Mistake::DoubleFreeMany => {
                let blocks = [(); 8].map(|()| malloc(24));
                blocks.iter().for_each(|block| free(*block));
                free(blocks[7]);
            }
            Mistake::FreeInside => free_at(16),
            Mistake::FreeUnaligned => free_at(1),
            Mistake::FreeStack => {
                let mut zeros = Zeros([0; 64]);
                free(black_box(&raw mut zeros.0[32]).cast());
            }
            Mistake::ReallocFreed => {
                let block = malloc(24);
                malloc(24);
                free(block);
                black_box(raw_realloc()(block.cast(), 100));
            }
            Mistake::OverflowZero => overflow(24, 0, 1),
            Mistake::OverflowByte => overflow(24, b'A', 1),
            Mistake::OverflowSlack => overflow(25, b'A', 1),
            Mistake::OverflowFar => {
                let block = malloc(24);
                write(block, 0xff, 64);
                malloc(100_000);
                free(block);
            }
            Mistake::WriteFreed => write_freed(),
            Mistake::WriteFreedLarge => {
                let block = malloc(1 << 20);
                free(block);
                write(block, b'A', 8);
            }
        }
    }
}

/// Words of zeros, aligned as a block of the heap is.
#[repr(align(16))]
struct Zeros([u64; 64]);

unsafe fn double_free(bytes: usize) {
    // SAFETY: see `make`.
    unsafe {
        let block = malloc(bytes);
        malloc(24);
        free(block);
        free(block);
    }
}

unsafe fn free_at(offset: usize) {
    // SAFETY: see `make`.
    unsafe {
        let block = malloc(64);
        write(block, 0, 64);
        free(block.add(offset));
    }
}

unsafe fn overflow(bytes: usize, byte: u8, beyond: usize) {
    // SAFETY: see `make`.
    unsafe {
        let (first, second) = (malloc(bytes), malloc(bytes));
        write(first.add(bytes), byte, beyond);
        free(second);
        free(first);
    }
}

/// All bits that are changed are such as no address has, and no alignment: where the word was a pointer, hidden or not, it
/// is none any more, whatever it was.
unsafe fn write_freed() {
    // SAFETY: see `make`.
    unsafe {
        let (first, second, _) = (malloc(24), malloc(24), malloc(24));
        free(first);
        free(second);
        let word = second.cast::<u64>();
        word.write_volatile(word.read_volatile() ^ 0x4141_4141_4141_4141);
        for _ in 0..3 {
            let block = malloc(24);
            if !block.is_null() {
                write(block, b'B', 24);
            }
        }
    }
}
