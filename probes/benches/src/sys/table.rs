//! Tables outside of every heap: memory of the kernel's own, in place before anything is measured, never given back.

use std::marker::PhantomData;
use std::ptr;

use super::entry;

/// Fresh memory, zero, which the kernel finds when it is touched; nothing where the kernel gives none.
pub fn map(bytes: usize) -> Option<*mut u8> {
    mapped(bytes, libc::MAP_NORESERVE)
}

fn mapped(bytes: usize, flags: libc::c_int) -> Option<*mut u8> {
    let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | flags);
    // SAFETY: asks for new pages at any place, so nothing that exists is touched.
    let base = unsafe { libc::mmap(ptr::null_mut(), bytes, protection, flags, -1, 0) };
    (base != libc::MAP_FAILED).then_some(base.cast())
}

/// So many values of zero bytes, which threads share.
pub struct Table<T> {
    base: *mut T,
    length: usize,
    own: PhantomData<T>,
}

// SAFETY: it gives out shared references alone, and addresses whose use is unsafe.
unsafe impl<T: Sync> Sync for Table<T> {}
// SAFETY: as above; the memory belongs to no thread.
unsafe impl<T: Sync> Send for Table<T> {}

/// A value that may consist of zero bytes alone.
///
/// # Safety
/// That must be a valid value of the type.
pub unsafe trait Zero {}

// SAFETY: zero is a number.
unsafe impl Zero for std::sync::atomic::AtomicU32 {}
// SAFETY: a null pointer is one.
unsafe impl Zero for std::sync::atomic::AtomicPtr<u8> {}

impl<T: Zero> Table<T> {
    /// A table whose pages are there from now on, so that using it costs nothing but memory accesses.
    pub fn new(length: usize) -> Self {
        let bytes = length.max(1) * size_of::<T>();
        match mapped(bytes, libc::MAP_POPULATE) {
            Some(base) => Self { base: base.cast(), length, own: PhantomData },
            None => entry::failed(format!("the kernel gives no {bytes} bytes for a table")),
        }
    }

    /// The value at a place.
    #[inline]
    pub fn get(&self, at: usize) -> &T {
        debug_assert!(at < self.length);
        // SAFETY: the place is in the table: callers have it from a trace that was checked, or from a loop over its
        // length. The memory is aligned to a page, stays for ever, and holds values that zeroes make valid.
        unsafe { &*self.base.add(at) }
    }

    /// How many values there are.
    pub fn length(&self) -> usize {
        self.length
    }
}
