//! The judge and the clock: images are resolved here, cases planned and run in them, observations compared and reported.
//!
//! The program `libcdiff` is a thin shell around this library, so that every part can be tested without it.
#![deny(unsafe_code)]

pub mod image;
