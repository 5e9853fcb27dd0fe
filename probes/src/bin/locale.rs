//! The probe program of the area `locale`; its cases are in `probes/src/locale`.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "C's main is an exported symbol")]

libcdiff_probes::probe!(libcdiff_probes::locale::CASES);
