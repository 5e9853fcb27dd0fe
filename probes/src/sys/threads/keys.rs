//! Thread-specific data: keys, their destructors, and how many of each there may be.

use core::ffi::c_void;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::thread;
use crate::sys::call::{Errno, check_code};

/// Makes keys until that fails, at most `most`; how many there were, and the error.
pub fn exhaust(most: u32) -> (u32, Option<Errno>) {
    for made in 0..most {
        let mut key = 0;
        // SAFETY: the key is writable; without a destructor nothing is called later.
        if let Err(e) = check_code(unsafe { libc::pthread_key_create(&mut key, None) }) {
            return (made, Some(e));
        }
    }
    (most, None)
}

static KEY: AtomicU32 = AtomicU32::new(0);
static CALLS: AtomicU64 = AtomicU64::new(0);

extern "C" fn again(value: *mut c_void) {
    CALLS.fetch_add(1, Ordering::Relaxed);
    // SAFETY: the key was made before the thread started and is never deleted.
    unsafe { libc::pthread_setspecific(KEY.load(Ordering::Relaxed), value) };
}

/// How often a destructor is called that sets its value again each time.
pub fn destructor_calls() -> Result<u64, Errno> {
    let mut key = 0;
    // SAFETY: the key is writable, and the destructor does not touch its value.
    check_code(unsafe { libc::pthread_key_create(&mut key, Some(again)) })?;
    KEY.store(key, Ordering::Relaxed);
    thread::run(None, || {
        // SAFETY: the key exists; the value is never followed.
        check_code(unsafe { libc::pthread_setspecific(key, core::ptr::dangling()) })
    })??;
    Ok(CALLS.load(Ordering::Relaxed))
}

/// `pthread_key_delete` on a key that was never made, and on one twice.
pub fn delete_twice() -> Result<[i32; 2], Errno> {
    let mut key = 0;
    // SAFETY: the key is writable; deleting a key that does not exist is what is asked.
    unsafe {
        check_code(libc::pthread_key_create(&mut key, None))?;
        Ok([libc::pthread_key_delete(key), libc::pthread_key_delete(key)])
    }
}
