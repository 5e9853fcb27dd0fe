//! The stand-in for a shell that the cases of `process` find at /bin/sh, where images have none or each another: it says
//! how it was called (`probes/src/sys/process/stand_in.rs`).
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "C's main is an exported symbol")]

libcdiff_probes::probe!(questions libcdiff_probes::sys::entry::Questions::Words(libcdiff_probes::sys::process::stand_in::run));
