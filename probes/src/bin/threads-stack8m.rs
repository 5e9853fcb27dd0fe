//! The program of the area `threads`, linked with a stack size of 8 MiB in its PT_GNU_STACK header (build.rs).
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "C's main is an exported symbol")]

libcdiff_probes::probe!(libcdiff_probes::threads::CASES);
