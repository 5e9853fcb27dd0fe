//! The allocators that are measured beside a C library's own, as a package to depend on: a program that does, with one of
//! the features, holds that allocator in place of its C library's `malloc`.
//!
//! `build.sh` beside this file compiles them, from the C sources that well-kept crates carry, with the compiler of each C
//! library; `build.rs` links one. There is no Rust interface: what is measured is `malloc` as the C library's callers get it.
#![no_std]

/// The allocator that this program was linked with, by its name on the command line; `None` where `malloc` is the C library's.
pub const LINKED: Option<&str> = if cfg!(feature = "mimalloc") {
    Some("mimalloc")
} else if cfg!(feature = "mimalloc-secure") {
    Some("mimalloc-secure")
} else if cfg!(feature = "jemalloc") {
    Some("jemalloc")
} else {
    None
};
