//! The C library's own `rand`, for the one benchmark whose sizes are drawn with it. Each C library has another sequence.

use std::ffi::c_int;
use std::hint::black_box;

/// `rand` from the beginning of its sequence: the C standard's seed of a program that sets none is 1. The state is the
/// C library's, one for the whole process.
pub fn from_the_beginning() -> impl FnMut() -> u32 {
    let rand: unsafe extern "C" fn() -> c_int = black_box(libc::rand);
    // SAFETY: any seed may be set.
    unsafe { libc::srand(1) };
    // SAFETY: takes nothing, and no number is negative.
    move || unsafe { rand() as u32 }
}
