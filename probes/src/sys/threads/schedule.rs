//! Scheduling: the process-wide functions of POSIX and the thread-wide ones beside them.

use crate::sys::call::{check, check_code};

/// Each call on the calling process or thread that asks for what is so already, by name, with its error number.
pub fn answers() -> [(&'static str, i32); 8] {
    let mut param: libc::sched_param = zeroed();
    let mut interval: libc::timespec = zeroed();
    let mut policy = 0;
    let number = |result: i32| check(result).map_or_else(|e| e.0, |_| 0);
    // SAFETY: every pointer is to a local of the type that the function wants; 0 and `pthread_self` mean the caller.
    unsafe {
        [
            ("sched_getscheduler", number(libc::sched_getscheduler(0))),
            ("sched_getparam", number(libc::sched_getparam(0, &mut param))),
            ("sched_setscheduler", number(libc::sched_setscheduler(0, libc::SCHED_OTHER, &zeroed()))),
            ("sched_setparam", number(libc::sched_setparam(0, &zeroed()))),
            ("sched_rr_get_interval", number(libc::sched_rr_get_interval(0, &mut interval))),
            ("sched_get_priority_max", number(libc::sched_get_priority_max(libc::SCHED_FIFO))),
            ("pthread_getschedparam", code(libc::pthread_getschedparam(libc::pthread_self(), &mut policy, &mut param))),
            (
                "pthread_setschedparam",
                code(libc::pthread_setschedparam(libc::pthread_self(), libc::SCHED_OTHER, &zeroed())),
            ),
        ]
    }
}

fn code(result: i32) -> i32 {
    check_code(result).map_or_else(|e| e.0, |()| 0)
}

/// A C structure of numbers with all of them 0.
fn zeroed<T: Copy>() -> T {
    // SAFETY: only used for structures of integers, for which all-zero bytes are a value.
    unsafe { core::mem::zeroed() }
}
