//! Measures one workload on the C library of the image that it runs in.
#![no_main]
#![allow(unsafe_code, reason = "C's main is an exported symbol")]

libcdiff_benches::program!(libcdiff_benches::run);
