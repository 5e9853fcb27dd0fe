//! The probe program of the area `dns`; what it asks is said by its arguments.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "C's main is an exported symbol")]

libcdiff_probes::probe!(ask libcdiff_probes::dns::ask);
