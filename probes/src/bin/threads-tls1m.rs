//! The probe program of the area `threads` with one mebibyte of thread-local storage: the case `threads.tls.small-stack`
//! asks what that leaves of a thread's stack. The block is never used; `build.rs` tells the linker to keep it.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "C's main is an exported symbol")]

libcdiff_probes::probe!(libcdiff_probes::threads::CASES);

core::arch::global_asm!(
    ".pushsection .tbss.libcdiff,\"awT\",@nobits",
    ".globl libcdiff_thread_block",
    ".type libcdiff_thread_block, @tls_object",
    ".size libcdiff_thread_block, 1048576",
    ".balign 16",
    "libcdiff_thread_block:",
    ".zero 1048576",
    ".popsection",
);
