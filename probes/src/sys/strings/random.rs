//! Pseudo-random sequences.

use core::ffi::{c_int, c_long, c_uint};
use heap::vec::Vec;

use crate::sys::optional::required;

/// The first numbers of `rand` after `srand`, or without it.
pub fn rand(seed: Option<u32>, count: usize) -> Vec<i32> {
    if let Some(seed) = seed {
        // SAFETY: any seed may be set; the program has one thread, here and below.
        unsafe { required!(srand(c_uint) -> ())(seed) };
    }
    let call = required!(rand() -> c_int);
    // SAFETY: takes nothing.
    (0..count).map(|_| unsafe { call() }).collect()
}

/// The first numbers of `rand_r`.
pub fn rand_r(mut seed: u32, count: usize) -> Vec<i32> {
    let call = required!(rand_r(*mut c_uint) -> c_int);
    // SAFETY: the seed is writable.
    (0..count).map(|_| unsafe { call(&mut seed) }).collect()
}

/// The first numbers of `random` after `srandom`, or without it.
pub fn random(seed: Option<u32>, count: usize) -> Vec<i64> {
    if let Some(seed) = seed {
        // SAFETY: as in `rand`.
        unsafe { required!(srandom(c_uint) -> ())(seed) };
    }
    let call = required!(random() -> c_long);
    // SAFETY: takes nothing.
    (0..count).map(|_| unsafe { call() }).collect()
}

/// The first numbers of `random` with a state of so many bytes, of at most 256.
pub fn random_with_state(bytes: usize, count: usize) -> Option<Vec<i64>> {
    let memory: &'static mut [u64] = heap::vec![0u64; 32].leak();
    let set = required!(initstate(c_uint, *mut core::ffi::c_char, usize) -> *mut core::ffi::c_char);
    // SAFETY: the memory is never given back, and at least as large as said.
    let old = unsafe { set(1, memory.as_mut_ptr().cast(), bytes.min(256)) };
    (!old.is_null()).then(|| random(None, count))
}

/// The first numbers of `lrand48` after `srand48`, or without it.
pub fn lrand48(seed: Option<i64>, count: usize) -> Vec<i64> {
    seed48(seed);
    let call = required!(lrand48() -> c_long);
    // SAFETY: takes nothing.
    (0..count).map(|_| unsafe { call() }).collect()
}

/// The first numbers of `mrand48` after `srand48`.
pub fn mrand48(seed: i64, count: usize) -> Vec<i64> {
    seed48(Some(seed));
    let call = required!(mrand48() -> c_long);
    // SAFETY: takes nothing.
    (0..count).map(|_| unsafe { call() }).collect()
}

/// The first numbers of `drand48` after `srand48`, as bits.
pub fn drand48(seed: i64, count: usize) -> Vec<u64> {
    seed48(Some(seed));
    let call = required!(drand48() -> f64);
    // SAFETY: takes nothing.
    (0..count).map(|_| unsafe { call() }.to_bits()).collect()
}

fn seed48(seed: Option<i64>) {
    if let Some(seed) = seed {
        // SAFETY: as in `rand`.
        unsafe { required!(srand48(c_long) -> ())(seed) }
    }
}
