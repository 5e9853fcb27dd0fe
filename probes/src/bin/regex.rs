//! The probe program of the area `regex`; its cases are in `probes/src/regex`.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "C's main is an exported symbol")]

libcdiff_probes::probe!(libcdiff_probes::regex::CASES);
