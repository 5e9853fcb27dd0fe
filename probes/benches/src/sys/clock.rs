//! The clock that workloads are timed by, and what asking costs.

use std::hint::black_box;

/// Nanoseconds of `CLOCK_MONOTONIC`.
pub fn now_ns() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is writable; this clock is always there.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Sleeps for so many milliseconds, and longer where a signal comes.
pub fn sleep_ms(milliseconds: u64) {
    let end = now_ns() + milliseconds * 1_000_000;
    while now_ns() < end {
        let left = end.saturating_sub(now_ns());
        let wait = libc::timespec { tv_sec: (left / 1_000_000_000) as _, tv_nsec: (left % 1_000_000_000) as _ };
        // SAFETY: reads the structure; the time that is left is not asked for.
        unsafe { libc::nanosleep(&raw const wait, std::ptr::null_mut()) };
    }
}

/// Nanoseconds that one call takes, the least of ten tries of `calls` each.
fn cost_ns(calls: u32, call: impl Fn()) -> f64 {
    let once = |_| {
        let start = now_ns();
        for _ in 0..calls {
            call();
        }
        (now_ns() - start) as f64 / f64::from(calls)
    };
    (0..10).map(once).fold(f64::INFINITY, f64::min)
}

/// Nanoseconds of asking the clock.
pub fn clock_ns() -> f64 {
    cost_ns(200, || {
        black_box(now_ns());
    })
}

/// Nanoseconds of `cpuid`, which a virtual machine leaves to its host: it makes the start of a program slow there. 0 where
/// the processor has no such instruction.
pub fn cpuid_ns() -> f64 {
    #[cfg(target_arch = "x86_64")]
    let ns = cost_ns(4, || {
        black_box(std::arch::x86_64::__cpuid(black_box(0)));
    });
    #[cfg(not(target_arch = "x86_64"))]
    let ns = 0.0;
    ns
}
