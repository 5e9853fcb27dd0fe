//! Measures one workload on the C library of the image that it runs in.
#![no_main]
#![allow(unsafe_code, reason = "C's main, and Rust's allocator")]

use std::ffi::{c_char, c_int};

use libcdiff_benches::sys::{arena, entry};

#[global_allocator]
static ARENA: arena::Arena = arena::arena();

#[unsafe(no_mangle)]
extern "C" fn main(argc: c_int, argv: *const *const c_char) -> c_int {
    // SAFETY: these are main's own arguments.
    let arguments = unsafe { entry::arguments(argc, argv) };
    libcdiff_benches::run(&arguments)
}
