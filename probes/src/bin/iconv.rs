//! The probe program of the area `iconv`; its cases are in `probes/src/iconv`.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "C's main is an exported symbol")]

libcdiff_probes::probe!(libcdiff_probes::iconv::CASES);
