//! A heap that counts: the real one of this machine behind functions that write down what was asked for. For tests.

use std::collections::HashMap;
use std::ffi::{c_int, c_void};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use super::heap::Heap;

/// What was asked for while a heap was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// Sizes of new blocks, in order; those of resized ones too.
    pub sizes: Vec<usize>,
    /// Sizes of blocks that are still live, by address.
    pub live: HashMap<usize, usize>,
    /// Addresses that were freed without being live.
    pub wrong: Vec<usize>,
    /// The most bytes that were live at one time.
    pub peak: usize,
}

impl Log {
    /// Bytes that are live.
    pub fn live_bytes(&self) -> usize {
        self.live.values().sum()
    }

    fn made(&mut self, block: *mut c_void, bytes: usize) -> *mut c_void {
        self.sizes.push(bytes);
        self.live.insert(block as usize, bytes);
        block
    }

    fn gone(&mut self, block: *mut c_void) {
        if self.live.remove(&(block as usize)).is_none() {
            self.wrong.push(block as usize);
        }
    }
}

static LOG: LazyLock<Mutex<Log>> = LazyLock::new(Mutex::default);

fn log() -> MutexGuard<'static, Log> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets `work` use a heap that counts, one test at a time. It may look at the log through the second argument.
pub fn recorded(work: impl FnOnce(&Heap, &(dyn Fn() -> Log + Sync))) -> Log {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    *log() = Log::default();
    work(&Heap { malloc, calloc, realloc, free, aligned }, &|| log().clone());
    log().clone()
}

unsafe extern "C" fn malloc(bytes: usize) -> *mut c_void {
    // SAFETY: any size may be asked for.
    log().made(unsafe { libc::malloc(bytes) }, bytes)
}

unsafe extern "C" fn calloc(count: usize, bytes: usize) -> *mut c_void {
    // SAFETY: any size may be asked for.
    log().made(unsafe { libc::calloc(count, bytes) }, count * bytes)
}

unsafe extern "C" fn realloc(block: *mut c_void, bytes: usize) -> *mut c_void {
    let mut log = log();
    log.gone(block);
    // SAFETY: the caller gives a live block and does not use it again.
    log.made(unsafe { libc::realloc(block, bytes) }, bytes)
}

unsafe extern "C" fn free(block: *mut c_void) {
    if block.is_null() {
        return;
    }
    log().gone(block);
    // SAFETY: the caller gives a live block and does not use it again.
    unsafe { libc::free(block) };
}

unsafe extern "C" fn aligned(place: *mut *mut c_void, alignment: usize, bytes: usize) -> c_int {
    // SAFETY: the caller gives a writable place.
    unsafe {
        let result = libc::posix_memalign(place, alignment, bytes);
        log().made(*place, bytes);
        result
    }
}
