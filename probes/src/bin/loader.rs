//! The probe program of the area `loader`; its cases are in `probes/src/loader`.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "C's main is an exported symbol")]

libcdiff_probes::probe!(libcdiff_probes::loader::CASES);
