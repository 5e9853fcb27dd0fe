//! The C library's mutex with default attributes, and the number that it guards.

use std::cell::UnsafeCell;
use std::ffi::c_int;
use std::hint::black_box;

/// A mutex and a number.
pub struct Mutex {
    lock: unsafe extern "C" fn(*mut libc::pthread_mutex_t) -> c_int,
    unlock: unsafe extern "C" fn(*mut libc::pthread_mutex_t) -> c_int,
    mutex: UnsafeCell<libc::pthread_mutex_t>,
    count: UnsafeCell<u64>,
}

// SAFETY: the number is touched under the mutex alone, and the mutex is made for several threads.
unsafe impl Sync for Mutex {}
// SAFETY: a mutex that nobody holds may be moved, and one is only moved before it is shared.
unsafe impl Send for Mutex {}

impl Mutex {
    /// An open one.
    pub fn new() -> Self {
        Self {
            lock: black_box(libc::pthread_mutex_lock),
            unlock: black_box(libc::pthread_mutex_unlock),
            mutex: UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER),
            count: UnsafeCell::new(0),
        }
    }

    /// Takes the lock, adds one, and lets it go.
    #[inline]
    pub fn count_up(&self) {
        // SAFETY: the mutex is initialised and does not move while it is shared; the thread that locks it unlocks it.
        unsafe {
            (self.lock)(self.mutex.get());
            let count = self.count.get();
            count.write_volatile(count.read_volatile() + 1);
            (self.unlock)(self.mutex.get());
        }
    }

    /// How often it was taken, once nobody takes it any more.
    pub fn count(&mut self) -> u64 {
        *self.count.get_mut()
    }
}

impl Default for Mutex {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn nothing_is_lost_between_two_threads() {
        let mut mutex = Mutex::new();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..1000).for_each(|_| mutex.count_up()));
            }
        });
        assert_eq!(mutex.count(), 2000);
    }
}
