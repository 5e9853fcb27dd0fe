//! The probe program of the area `alloc` with an allocator of its own in place of the C library's: the cases
//! `alloc.interposition.*` ask which functions of the C library use it.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "C's main and malloc are exported symbols")]

libcdiff_probes::probe!(libcdiff_probes::alloc::CASES);
libcdiff_probes::interpose!();
