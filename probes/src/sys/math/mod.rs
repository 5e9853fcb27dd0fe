//! Mathematics: functions of doubles by name, what they leave in `errno` and in the exception flags, and the rounding mode.
//!
//! In glibc every function is looked up by name, so that it is the newest version: `exp`, `log`, `pow` and others have
//! several. The program needs `libm.so.6` (probes/src/bin/math.rs), as any does that is linked with `-lm`.

pub mod complex;
pub mod environment;
pub mod function;
pub mod integers;
