//! No allocator at all: addresses that follow each other, in a window of each thread's own that comes round again, and
//! nothing to free. What a replay takes with it is what replaying itself takes.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use super::heap::Heap;
use super::table;

/// Bytes after which a thread begins anew.
const WINDOW: usize = 64 << 10;
/// Windows; with more threads, some share one.
const WINDOWS: usize = 16;

static BASE: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());
static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Where the thread's next block is; no window yet at first.
    static PLACE: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Its functions, for blocks of at most so many bytes; nothing where the kernel gives no room for that.
pub fn heap(most: u64) -> Option<Heap> {
    let room = usize::try_from(most).ok()?.checked_add(2 * WINDOW * WINDOWS)?;
    BASE.store(table::map(room)?, Ordering::Relaxed);
    Some(std::hint::black_box(Heap { malloc, calloc, realloc, free, aligned }))
}

#[inline]
fn block(bytes: usize, alignment: usize) -> *mut c_void {
    let place = PLACE.with(|place| {
        let mut at = place.get();
        if at == usize::MAX {
            at = NEXT.fetch_add(1, Ordering::Relaxed) % WINDOWS * WINDOW;
        }
        let (window, offset) = (at / WINDOW * WINDOW, (at % WINDOW).next_multiple_of(alignment) % WINDOW);
        place.set(window + (offset + bytes.next_multiple_of(16)) % WINDOW);
        window + offset
    });
    // SAFETY: windows and the largest block behind them are inside of what was mapped.
    unsafe { BASE.load(Ordering::Relaxed).add(place).cast() }
}

unsafe extern "C" fn malloc(bytes: usize) -> *mut c_void {
    block(bytes, 16)
}

unsafe extern "C" fn calloc(_: usize, bytes: usize) -> *mut c_void {
    block(bytes, 16)
}

unsafe extern "C" fn realloc(_: *mut c_void, bytes: usize) -> *mut c_void {
    block(bytes, 16)
}

unsafe extern "C" fn free(_: *mut c_void) {}

unsafe extern "C" fn aligned(place: *mut *mut c_void, alignment: usize, bytes: usize) -> c_int {
    // SAFETY: the caller gives a writable place.
    unsafe { *place = block(bytes, alignment) };
    0
}
