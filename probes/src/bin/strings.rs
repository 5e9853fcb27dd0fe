//! The probe program of the area `strings`; its cases are in `probes/src/strings`.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "C's main is an exported symbol")]

libcdiff_probes::probe!(libcdiff_probes::strings::CASES);
