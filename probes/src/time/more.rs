//! The rest of `<time.h>`: `asctime` and `ctime`, wide formatting, `getdate`, clocks, and which functions there are.

use core::ffi::CStr;
use core::fmt::Write;
use heap::string::String;

use super::UTC;
use super::tm::{FOUNDING, Fields, describe};
use crate::case::{Case, File, Needs};
use crate::outcome::Outcome;
use crate::sys::call::{Errno, exists};
use crate::sys::process::{in_child, write_all};
use crate::sys::time as sys;
use crate::text;

const ASCTIME: &str = "ISO C11 7.27.3.1; POSIX.1-2017 asctime(); musl src/time/__asctime.c";
const CLOCKS: &str = "POSIX.1-2017 clock_getres(), clock_nanosleep()";
const GETDATE: &str = "POSIX.1-2017 getdate()";
const TEMPLATES: &[File] = &[File { path: "/etc/datemsk", content: b"%d.%m.%Y %H:%M:%S\n%Y-%m-%d %H:%M:%S\n" }];
const DATEMSK: Needs = UTC.env(&[("TZ", "UTC0"), ("DATEMSK", "/etc/datemsk")]).files(TEMPLATES);

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
    case(
        "time.strptime.mismatch",
        "strptime that fails half-way",
        "Which fields has strptime filled where it finds a mismatch in the middle?",
        super::source::POSIX_PARSE,
        super::strptime::left_after_mismatch,
    ),
    case(
        "time.gmtime.zone-name",
        "the name of universal time",
        "How does gmtime_r name universal time in tm_zone?",
        super::source::GMTIME,
        super::convert::name_of_universal_time,
    ),
    case("time.asctime.founding", "asctime", "What does asctime write for an ordinary time?", ASCTIME, |o| {
        ascii(o, FOUNDING);
    }),
    case("time.asctime.year-987", "asctime, year 987", "What does asctime write for the year 987?", ASCTIME, |o| {
        ascii(o, Fields { year: 987 - 1900, ..FOUNDING });
    }),
    case(
        "time.asctime.year-10000",
        "asctime, year 10000",
        "What does asctime do with a year that does not fit?",
        ASCTIME,
        |o| {
            ascii(o, Fields { year: 10_000 - 1900, ..FOUNDING });
        },
    ),
    case(
        "time.asctime.year-max",
        "asctime, last year",
        "What does asctime do with the last year of tm?",
        ASCTIME,
        |o| {
            ascii(o, Fields { year: i32::MAX, ..FOUNDING });
        },
    ),
    case(
        "time.asctime.month-12",
        "asctime, month 12",
        "What does asctime do with a month that does not exist?",
        ASCTIME,
        |o| {
            ascii(o, Fields { mon: 12, wday: 7, ..FOUNDING });
        },
    ),
    case(
        "time.asctime.day-123",
        "asctime, day 123",
        "What does asctime do with a day of three digits?",
        ASCTIME,
        |o| {
            ascii(o, Fields { mday: 123, ..FOUNDING });
        },
    ),
    case(
        "time.ctime.max",
        "ctime of 64 bits",
        "What does ctime do with an instant whose year does not fit?",
        ASCTIME,
        |o| {
            apart(o, || sys::ascii_of(i64::MAX));
        },
    ),
    case(
        "time.wcsftime.F-T",
        "wcsftime %F %T",
        "What does wcsftime write for \"%F %T\"?",
        super::source::C_FORMAT,
        |o| {
            wide(o, "%F %T");
        },
    ),
    case(
        "time.wcsftime.Q",
        "wcsftime, unknown letter",
        "What does wcsftime write for \"%H-%Q\"?",
        super::source::NOWHERE,
        |o| {
            wide(o, "%H-%Q");
        },
    ),
    case("time.wcsftime.P", "wcsftime %P", "What does wcsftime write for \"%P\"?", super::source::GNU_FORMAT, |o| {
        wide(o, "%P");
    }),
    Case {
        needs: DATEMSK,
        ..case(
            "time.getdate.second",
            "getdate",
            "Does getdate read an input by the second template of its file?",
            GETDATE,
            |o| {
                by_templates(o, "2020-01-02 03:04:05");
            },
        )
    },
    Case {
        needs: DATEMSK,
        ..case(
            "time.getdate.none",
            "getdate, no template fits",
            "What does getdate say where no template fits?",
            GETDATE,
            |o| {
                by_templates(o, "2 January");
            },
        )
    },
    case(
        "time.getdate.no-file",
        "getdate without DATEMSK",
        "What does getdate say where DATEMSK is not set?",
        GETDATE,
        |o| {
            by_templates(o, "2020-01-02 03:04:05");
        },
    ),
    case("time.clock.unknown", "a clock that does not exist", "What does clock_getres say of clock 99?", CLOCKS, |o| {
        o.fact("errno", text::errno(sys::resolution(99).0));
    }),
    case(
        "time.clock.sleep-range",
        "a sleep of 1,000,000,000 ns",
        "What does clock_nanosleep say of a whole second in tv_nsec?",
        CLOCKS,
        |o| {
            o.fact("returned", text::errno(sys::sleep(libc::CLOCK_MONOTONIC, 1_000_000_000).0));
        },
    ),
    case(
        "time.clock.sleep-thread",
        "a sleep by the thread's CPU time",
        "What does clock_nanosleep say of CLOCK_THREAD_CPUTIME_ID?",
        CLOCKS,
        |o| {
            o.fact("returned", text::errno(sys::sleep(libc::CLOCK_THREAD_CPUTIME_ID, 0).0));
        },
    ),
    case(
        "time.clock.timespec-get",
        "timespec_get",
        "What does timespec_get return for TIME_UTC and for base 0?",
        "ISO C11 7.27.2.5",
        |o| {
            o.fact("utc", sys::timespec(1));
            o.fact("base_0", sys::timespec(0));
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

/// A call that may end the process, and what it gave.
fn apart(o: &mut Outcome, call: impl FnOnce() -> Result<String, Errno>) {
    let child = in_child(5, || {
        let answer = match call() {
            Ok(text) => heap::format!("result: {text:?}"),
            Err(e) => heap::format!("result: NULL\nerrno: {}", text::errno(e.0)),
        };
        i32::from(!write_all(1, answer.as_bytes()))
    });
    match child {
        Ok(child) if child.end == crate::sys::process::End::Exited(0) => o.line(child.text()),
        Ok(child) => o.fact("ended", heap::format!("{}", child.end)),
        Err(e) => o.broke(format_args!("starting a child: {}", text::errno(e.0))),
    }
}

fn ascii(o: &mut Outcome, fields: Fields) {
    o.measured("tm", super::tm::map(fields.tm().numbers()));
    apart(o, || sys::ascii(&fields.tm()));
}

fn wide(o: &mut Outcome, format: &str) {
    let written = sys::wide_strftime(format, &FOUNDING.tm());
    o.measured("format", format);
    o.fact("length", written.length);
    if written.length > 0 {
        o.line(format_args!("result: {:?}", written.buffer));
    }
    o.measured("result", written.buffer);
}

fn by_templates(o: &mut Outcome, input: &str) {
    o.measured("input", input);
    match sys::parse_by_templates(input) {
        Ok(tm) => describe(&tm, o),
        Err(e) => {
            o.line("returned: NULL");
            o.fact("getdate_err", e);
        }
    }
}

fn functions(o: &mut Outcome) {
    const NAMES: [&CStr; 12] = [
        c"timespec_getres",
        c"getdate_r",
        c"strptime_l",
        c"strftime_l",
        c"wcsftime_l",
        c"timelocal",
        c"dysize",
        c"stime",
        c"ftime",
        c"adjtime",
        c"clock_adjtime",
        c"tzalloc",
    ];
    if !exists(c"strftime") {
        return o.unsupported("a static program has no symbols to look up");
    }
    for name in NAMES {
        let mut key = String::new();
        let _ = write!(key, "{}", text::bytes(name.to_bytes()));
        o.fact(&key, exists(name));
    }
}
