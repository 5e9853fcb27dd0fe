//! Clocks that are asked for what they cannot do, and which functions of `<time.h>` there are beyond POSIX.1-2017. What
//! the clocks show is no subject here: it varies.

use core::ffi::CStr;

use super::UTC;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::call::exists;
use crate::sys::time::{resolution, sleep, timespec};
use crate::text;

const CLOCKS: &str = "POSIX.1-2017 clock_getres(), clock_nanosleep()";

const fn case(
    id: &'static str,
    title: &'static str,
    question: &'static str,
    source: &'static str,
    run: fn(&mut Outcome),
) -> Case {
    Case { id, title, question, source, needs: UTC, run }
}

/// The cases of this table.
pub const CASES: &[Case] = &[
    case("time.clock.unknown", "a clock that does not exist", "What does clock_getres say of clock 99?", CLOCKS, |o| {
        o.fact("errno", text::errno(resolution(99).0))
    }),
    case(
        "time.clock.sleep-range",
        "a sleep of 1,000,000,000 ns",
        "What does clock_nanosleep say of a whole second in tv_nsec?",
        CLOCKS,
        |o| o.fact("returned", text::errno(sleep(libc::CLOCK_MONOTONIC, 1_000_000_000).0)),
    ),
    case(
        "time.clock.sleep-thread",
        "a sleep by the thread's CPU time",
        "What does clock_nanosleep say of CLOCK_THREAD_CPUTIME_ID?",
        CLOCKS,
        |o| o.fact("returned", text::errno(sleep(libc::CLOCK_THREAD_CPUTIME_ID, 0).0)),
    ),
    case(
        "time.clock.timespec-get",
        "timespec_get",
        "What does timespec_get return for TIME_UTC and for base 0?",
        "ISO C11 7.27.2.5",
        |o| {
            o.fact("utc", timespec(1));
            o.fact("base_0", timespec(0));
        },
    ),
    case(
        "time.functions",
        "functions beyond POSIX.1-2017",
        "Which functions of time can a program look up?",
        "glibc manual, Date and Time; ISO C23 7.29; NEWS of glibc 2.31 and 2.34; tzalloc(3) of NetBSD",
        functions,
    ),
];

fn functions(o: &mut Outcome) {
    const NAMES: [(&str, &CStr); 12] = [
        ("timespec_getres", c"timespec_getres"),
        ("getdate_r", c"getdate_r"),
        ("strptime_l", c"strptime_l"),
        ("strftime_l", c"strftime_l"),
        ("wcsftime_l", c"wcsftime_l"),
        ("timelocal", c"timelocal"),
        ("dysize", c"dysize"),
        ("stime", c"stime"),
        ("ftime", c"ftime"),
        ("adjtime", c"adjtime"),
        ("clock_adjtime", c"clock_adjtime"),
        ("tzalloc", c"tzalloc"),
    ];
    if !exists(c"strftime") {
        return o.unsupported("a static program has no symbols to look up");
    }
    for (name, symbol) in NAMES {
        o.fact(name, exists(symbol));
    }
}
