//! The probe program of the area `math`; its cases are in `probes/src/math`.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "C's main is an exported symbol")]

/// Makes the glibc program need `libm.so.6`, as one does that is linked with `-lm`: the functions are then found by name, each
/// in its newest version. musl has them in `libc.so`.
#[cfg(target_env = "gnu")]
#[used]
static LIBM: unsafe extern "C" fn(core::ffi::c_int) -> core::ffi::c_int = {
    unsafe extern "C" {
        fn feclearexcept(exceptions: core::ffi::c_int) -> core::ffi::c_int;
    }
    feclearexcept
};

libcdiff_probes::probe!(libcdiff_probes::math::CASES);
