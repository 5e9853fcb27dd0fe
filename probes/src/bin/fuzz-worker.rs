//! The program that `libcdiff fuzz` keeps in every image; its targets are in `probes/src/fuzz`.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "C's main is an exported symbol")]

libcdiff_probes::probe!(questions libcdiff_probes::sys::entry::Questions::Words(libcdiff_probes::fuzz::worker::main));
