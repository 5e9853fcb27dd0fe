//! The calls themselves, and the block that they hand out. A block is freed by whoever holds it, or leaks.

use core::ffi::{c_int, c_void};
use core::hint::black_box;

use crate::sys::call::{Errno, errno, set_errno};
use crate::sys::optional::optional;

type Malloc = unsafe extern "C" fn(usize) -> *mut c_void;
type Calloc = unsafe extern "C" fn(usize, usize) -> *mut c_void;
type Realloc = unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void;
type Free = unsafe extern "C" fn(*mut c_void);

/// `malloc` itself, for the modules beside this one that misuse it. None of these pointers tells the compiler what it is.
pub(super) fn raw_malloc() -> Malloc {
    black_box(libc::malloc as Malloc)
}
/// `free` itself.
pub(super) fn raw_free() -> Free {
    black_box(libc::free as Free)
}
/// `realloc` itself.
pub(super) fn raw_realloc() -> Realloc {
    black_box(libc::realloc as Realloc)
}

/// A block of memory.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    address: *mut u8,
    bytes: usize,
}

/// A block, or the error number that came with a null pointer.
pub type Answer = Result<Block, Errno>;

fn block(address: *mut c_void, bytes: usize) -> Answer {
    if address.is_null() { Err(Errno(errno())) } else { Ok(Block { address: address.cast(), bytes }) }
}

/// `malloc`
pub fn malloc(bytes: usize) -> Answer {
    set_errno(0);
    // SAFETY: any size may be asked for.
    block(unsafe { raw_malloc()(bytes) }, bytes)
}

/// `calloc`
pub fn calloc(count: usize, bytes: usize) -> Answer {
    set_errno(0);
    // SAFETY: any size may be asked for.
    block(unsafe { black_box(libc::calloc as Calloc)(count, bytes) }, count.wrapping_mul(bytes))
}

/// `realloc` of a null pointer.
pub fn realloc_null(bytes: usize) -> Answer {
    set_errno(0);
    // SAFETY: a null pointer is allowed, with any size.
    block(unsafe { raw_realloc()(core::ptr::null_mut(), bytes) }, bytes)
}

/// `aligned_alloc`
pub fn aligned_alloc(alignment: usize, bytes: usize) -> Answer {
    set_errno(0);
    // SAFETY: what the function says to an odd alignment is the question.
    block(unsafe { black_box(libc::aligned_alloc as Calloc)(alignment, bytes) }, bytes)
}

/// `memalign`
pub fn memalign(alignment: usize, bytes: usize) -> Answer {
    set_errno(0);
    // SAFETY: as in `aligned_alloc`.
    block(unsafe { black_box(libc::memalign as Calloc)(alignment, bytes) }, bytes)
}

/// Whether the C library has `reallocarray`.
pub fn has_reallocarray() -> bool {
    optional!(reallocarray(*mut c_void, usize, usize) -> *mut c_void).is_some()
}

/// What `posix_memalign` did.
pub struct Aligned {
    /// What it returned.
    pub code: c_int,
    /// The block, where it returned 0.
    pub block: Option<Block>,
    /// It failed, and wrote to its result nevertheless.
    pub wrote: bool,
    /// `errno` afterwards, which was 0 before.
    pub errno: i32,
}

/// `posix_memalign`
pub fn posix_memalign(alignment: usize, bytes: usize) -> Aligned {
    let untouched = 16 as *mut c_void;
    let mut address = untouched;
    set_errno(0);
    let call = black_box(libc::posix_memalign as unsafe extern "C" fn(*mut *mut c_void, usize, usize) -> c_int);
    // SAFETY: the result is writable; what the function says to an odd alignment is the question.
    let code = unsafe { call(&mut address, alignment, bytes) };
    let errno = errno();
    let block = if code == 0 { block(address, bytes).ok() } else { None };
    Aligned { code, block, wrote: code != 0 && address != untouched, errno }
}

/// Frees a block, as every program has done long before it comes to what is asked here: the first free of a process makes
/// glibc 2.43 allocate its thread cache, above whatever there is by then.
pub fn begin() {
    if let Ok(block) = malloc(24) {
        block.free();
    }
}

/// Uses up what the heap has at start: 512 blocks of this size, which are never freed.
///
/// musl's loader hands the unused ends of every library's pages to the allocator, so that the first blocks of a dynamic
/// program lie where chance and the linker put those, and other groups of blocks follow at other counts.
pub fn settle(bytes: usize) {
    for _ in 0..512 {
        let _ = malloc(bytes);
    }
}

impl Block {
    /// Where it is.
    pub fn address(&self) -> usize {
        self.address as usize
    }

    /// The largest power of two that the address is a multiple of.
    pub fn alignment(&self) -> usize {
        1 << self.address().trailing_zeros()
    }

    /// `malloc_usable_size`
    pub fn usable(&self) -> usize {
        let call = black_box(libc::malloc_usable_size as unsafe extern "C" fn(*mut c_void) -> usize);
        // SAFETY: the block has not been freed.
        unsafe { call(self.address.cast()) }
    }

    /// Writes to every byte that was asked for.
    pub fn fill(&self, byte: u8) {
        // SAFETY: the block has not been freed and has this many bytes.
        unsafe { core::ptr::write_bytes(self.address, byte, self.bytes) };
        black_box(self.address);
    }

    /// Writes to so many bytes at either end, or to every one where there are fewer.
    pub fn fill_ends(&self, byte: u8, ends: usize) {
        let ends = ends.min(self.bytes);
        // SAFETY: the block has not been freed and has at least this many bytes, from its beginning and to its end.
        unsafe {
            core::ptr::write_bytes(self.address, byte, ends);
            core::ptr::write_bytes(self.address.add(self.bytes - ends), byte, ends);
        }
        black_box(self.address);
    }

    /// The bytes that were asked for; what they hold is whatever the allocator left there.
    pub fn content(&self) -> &[u8] {
        // SAFETY: the block has not been freed; its memory is mapped, and any bytes are a value.
        unsafe { core::slice::from_raw_parts(black_box(self.address), self.bytes) }
    }

    /// `free`
    pub fn free(self) {
        // SAFETY: the block came from the allocator and is consumed here.
        unsafe { raw_free()(self.address.cast()) }
    }

    /// `realloc` to a size other than 0; the block is still there where that failed.
    pub fn realloc(self, bytes: usize) -> Result<Block, (Errno, Block)> {
        set_errno(0);
        // SAFETY: the block came from the allocator; it is given back to the caller only where the call failed.
        let address = unsafe { raw_realloc()(self.address.cast(), bytes.max(1)) };
        block(address, bytes).map_err(|e| (e, self))
    }

    /// `realloc` to 0; a null pointer may mean that the block was freed, so it is gone in any case.
    pub fn realloc_to_zero(self) -> Answer {
        set_errno(0);
        // SAFETY: the block came from the allocator and is consumed here.
        block(unsafe { raw_realloc()(self.address.cast(), 0) }, 0)
    }

    /// `reallocarray`; nothing where the C library has no such function.
    pub fn reallocarray(self, count: usize, bytes: usize) -> Option<Result<Block, (Errno, Block)>> {
        let call = optional!(reallocarray(*mut c_void, usize, usize) -> *mut c_void)?;
        set_errno(0);
        // SAFETY: as in `realloc`; the cases ask for no size of 0.
        let address = unsafe { call(self.address.cast(), count, bytes) };
        Some(block(address, count.wrapping_mul(bytes)).map_err(|e| (e, self)))
    }
}

/// Whether `free` leaves `errno` as it was.
pub fn free_keeps_errno(block: Block) -> bool {
    const MARK: i32 = 77;
    set_errno(MARK);
    block.free();
    errno() == MARK
}

/// From now on the kernel refuses this process to give memory back, with ENOMEM, as it does when it runs out of map entries.
pub fn refuse_unmapping() -> Result<(), Errno> {
    crate::sys::refuse::refuse(&[libc::SYS_munmap, libc::SYS_madvise, libc::SYS_brk], libc::ENOMEM)
}
