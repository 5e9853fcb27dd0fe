//! The probe program of the area `stdio`; its cases are in `probes/src/stdio`.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "C's main is an exported symbol")]

libcdiff_probes::probe!(libcdiff_probes::stdio::CASES);
