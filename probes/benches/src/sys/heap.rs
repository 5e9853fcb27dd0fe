//! The functions under test, as a table of pointers that the compiler cannot see through, and blocks made with them.
//!
//! A block is owned: it is freed once, by the function that takes it, and one that is dropped is leaked. The size asked
//! for stands in its first four bytes: the first touch that any program makes, and how workloads know what is live.

use std::ffi::{c_int, c_void};
use std::hint::black_box;
use std::ptr::{self, NonNull};

use super::entry;

/// Bytes of a page.
const PAGE: usize = 4096;

/// The C library's allocator, by pointers.
#[derive(Clone, Copy)]
pub struct Heap {
    pub(super) malloc: unsafe extern "C" fn(usize) -> *mut c_void,
    pub(super) calloc: unsafe extern "C" fn(usize, usize) -> *mut c_void,
    pub(super) realloc: unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void,
    pub(super) free: unsafe extern "C" fn(*mut c_void),
    pub(super) aligned: unsafe extern "C" fn(*mut *mut c_void, usize, usize) -> c_int,
}

impl Heap {
    /// Whatever this program's `malloc` and its companions are bound to.
    pub fn bound() -> Self {
        black_box(Self {
            malloc: libc::malloc,
            calloc: libc::calloc,
            realloc: libc::realloc,
            free: libc::free,
            aligned: libc::posix_memalign,
        })
    }

    /// A block of at least four bytes, its size written into it.
    #[inline]
    pub fn allocate(&self, bytes: usize) -> Block {
        debug_assert!(bytes >= size_of::<u32>());
        // SAFETY: any size may be asked for.
        let mut block = Block::of(unsafe { (self.malloc)(bytes) }, bytes);
        block.mark(bytes);
        block
    }

    /// A block in which nothing is written, not even its size.
    #[inline]
    pub fn allocate_untouched(&self, bytes: usize) -> Block {
        // SAFETY: any size may be asked for.
        Block::of(unsafe { (self.malloc)(bytes) }, bytes)
    }

    /// A block of zeroes, in which nothing is written.
    #[inline]
    pub fn allocate_zeroed(&self, bytes: usize) -> Block {
        // SAFETY: any size may be asked for.
        Block::of(unsafe { (self.calloc)(1, bytes) }, bytes)
    }

    /// A block at a multiple of `alignment`, which is a power of two and a multiple of eight; its size written into it.
    #[inline]
    pub fn allocate_aligned(&self, alignment: usize, bytes: usize) -> Block {
        debug_assert!(alignment.is_power_of_two() && alignment >= size_of::<usize>() && bytes >= size_of::<u32>());
        let mut place = ptr::null_mut();
        // SAFETY: the place is writable; a wrong alignment would be an error, which leaves it null.
        unsafe { (self.aligned)(&raw mut place, alignment, bytes) };
        let mut block = Block::of(place, bytes);
        block.mark(bytes);
        block
    }

    /// The block with another size, its content kept; the new size written into it.
    #[inline]
    pub fn resize(&self, block: Block, bytes: usize) -> Block {
        debug_assert!(bytes >= size_of::<u32>());
        // SAFETY: the block is a live one of this allocator, and is not used again under its old address.
        let mut block = Block::of(unsafe { (self.realloc)(block.0.as_ptr().cast(), bytes) }, bytes);
        block.mark(bytes);
        block
    }

    /// Gives a block back.
    #[inline]
    pub fn free(&self, block: Block) {
        // SAFETY: the block is a live one of this allocator, and is taken here for good.
        unsafe { (self.free)(block.0.as_ptr().cast()) };
    }

    /// Gives back what may be a block; `free` is called in any case.
    #[inline]
    pub fn free_any(&self, block: Option<Block>) {
        let place = block.map_or(ptr::null_mut(), |block| block.0.as_ptr());
        // SAFETY: null, or a live block of this allocator that is taken here for good.
        unsafe { (self.free)(place.cast()) };
    }
}

/// A live block of the heap under test.
#[derive(Debug)]
#[repr(transparent)]
pub struct Block(NonNull<u8>);

// SAFETY: a block belongs to whoever holds it, and every thread may free what another has allocated.
unsafe impl Send for Block {}

impl Block {
    #[inline]
    fn of(pointer: *mut c_void, bytes: usize) -> Self {
        match NonNull::new(pointer.cast()) {
            Some(pointer) => Self(pointer),
            None => entry::exhausted(bytes),
        }
    }

    #[inline]
    fn mark(&mut self, bytes: usize) {
        // SAFETY: the block is writable for four bytes: no allocator's smallest block is smaller. Volatile, since nothing
        // may read it again.
        unsafe { self.0.as_ptr().cast::<u32>().write_volatile(bytes as u32) };
    }

    /// The bytes that were asked for, of a block that carries its size.
    #[inline]
    pub fn bytes(&self) -> usize {
        // SAFETY: `mark` has written it, or the block is zeroed and readable.
        unsafe { self.0.as_ptr().cast::<u32>().read_volatile() as usize }
    }

    /// Writes the first byte, reads it, and writes the second one, of a block of at least two bytes.
    #[inline]
    pub fn begin(&mut self) {
        let start = self.0.as_ptr();
        // SAFETY: the block is writable for two bytes: no allocator's smallest block is smaller.
        unsafe {
            start.write_volatile(b'a');
            start.read_volatile();
            start.add(1).write_volatile(b'b');
        }
    }

    /// Writes into each of the first `count` pages of a block of `bytes`, behind its size.
    #[inline]
    pub fn touch(&mut self, bytes: usize, count: usize) {
        self.write(size_of::<u32>(), bytes, count);
    }

    /// Writes all of a block of `bytes` from its `start` on, a word at a time, both of them multiples of eight. No function
    /// of the C library does it, whose own speed would be measured along.
    #[inline]
    pub fn fill_from(&mut self, start: usize, bytes: usize) {
        debug_assert!(start.is_multiple_of(8) && bytes.is_multiple_of(8));
        for at in (start..bytes).step_by(8) {
            // SAFETY: the caller names the size that was asked for, the offset is eight or more below it, and blocks of
            // any allocator lie at multiples of eight.
            unsafe { self.0.as_ptr().add(at).cast::<u64>().write_volatile(1) };
        }
    }

    #[inline]
    fn write(&mut self, mut at: usize, bytes: usize, count: usize) {
        for _ in 0..count {
            if at >= bytes {
                break;
            }
            // SAFETY: the callers name the size that was asked for, and the offset is below it.
            unsafe { self.0.as_ptr().add(at).write_volatile(1) };
            at += PAGE;
        }
    }

    /// Whether the block lies at a multiple of this power of two.
    pub fn is_aligned(&self, alignment: usize) -> bool {
        (self.0.as_ptr() as usize).is_multiple_of(alignment)
    }
}
