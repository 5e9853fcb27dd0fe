//! What the C library says of the system in numbers: `sysconf`, processors, limits, priorities.

use core::ffi::{c_int, c_long};
use heap::string::String;
use heap::vec::Vec;

use super::{describe_child, say};
use crate::outcome::{Outcome, Value};
use crate::sys::call::{errno, lookup, said, set_errno};
use crate::sys::optional::optional;
use crate::text;

/// What `sysconf` says to a number: a figure, `none` for -1 without an error, or the error.
pub fn answer(number: c_int) -> String {
    set_errno(0);
    // SAFETY: any number may be asked for.
    match unsafe { libc::sysconf(number) } {
        -1 if errno() == 0 => "none".into(),
        -1 => text::errno(errno()),
        n => heap::format!("{n}"),
    }
}

/// `sysconf` of these.
pub fn sysconf(o: &mut Outcome, names: &[(&str, c_int)]) {
    o.table("sysconf", names.iter().map(|(name, number)| ((*name).into(), answer(*number).into())).collect());
}

/// `sysconf` of these, whose figures depend on the machine: only whether there is one.
pub fn sysconf_known(o: &mut Outcome, names: &[(&str, c_int)]) {
    let mut rows: Vec<(String, Value)> = Vec::new();
    for (name, number) in names {
        let answer = answer(*number);
        let class = match answer.parse::<i64>() {
            Ok(0) => "0",
            Ok(..0) => "negative",
            Ok(_) => "a figure",
            Err(_) => &answer,
        };
        rows.push(((*name).into(), class.into()));
        o.measured(name, answer.as_str());
    }
    o.table("sysconf", rows);
}

/// How many numbers below 300 `sysconf` knows.
pub fn sysconf_count(o: &mut Outcome) {
    let known = (0..300).filter(|n| answer(*n) != "EINVAL");
    let known: Vec<String> = known.map(|n| heap::format!("{n}")).collect();
    o.fact("known", known.len());
    o.measured("numbers", known.join(" "));
}

/// What the C library says of processors in a process that may use one of several.
pub fn processors(o: &mut Outcome) {
    let Some(machine) = online() else { return o.unsupported("/proc/stat lists no processors") };
    if machine == 1 {
        return o.unsupported("this machine has one processor");
    }
    describe_child(o, || {
        // SAFETY: the set is plain data, and the calls write no more than its size.
        let mine = unsafe {
            let mut set: libc::cpu_set_t = core::mem::zeroed();
            libc::sched_getaffinity(0, size_of_val(&set), &mut set);
            let first = (0..libc::CPU_SETSIZE as usize).find(|n| libc::CPU_ISSET(*n, &set)).unwrap_or(0);
            libc::CPU_ZERO(&mut set);
            libc::CPU_SET(first, &mut set);
            libc::sched_setaffinity(0, size_of_val(&set), &set);
            let mut now: libc::cpu_set_t = core::mem::zeroed();
            libc::sched_getaffinity(0, size_of_val(&now), &mut now);
            libc::CPU_COUNT(&now)
        };
        let says = |count: i64| match count {
            1 => "the one that it may use",
            n if n >= machine => "those of the machine",
            _ => "another number",
        };
        say(format_args!("sched_getaffinity: {}", says(mine.into())));
        // SAFETY: the functions take and give numbers.
        unsafe {
            say(format_args!("_SC_NPROCESSORS_ONLN: {}", says(libc::sysconf(libc::_SC_NPROCESSORS_ONLN))));
            say(format_args!("_SC_NPROCESSORS_CONF: {}", says(libc::sysconf(libc::_SC_NPROCESSORS_CONF))));
            let named = [
                ("get_nprocs", optional!(get_nprocs() -> c_int)),
                ("get_nprocs_conf", optional!(get_nprocs_conf() -> c_int)),
            ];
            for (name, call) in named {
                say(format_args!("{name}: {}", call.map_or("absent", |call| says(call().into()))));
            }
        }
        0
    });
}

/// How many processors the kernel lists.
fn online() -> Option<i64> {
    let mut text = [0u8; 16384];
    // SAFETY: the path is terminated, the buffer writable for its length, and the descriptor closed once.
    let read = unsafe {
        let fd = libc::open(c"/proc/stat".as_ptr(), libc::O_RDONLY);
        let read = libc::read(fd, text.as_mut_ptr().cast(), text.len());
        libc::close(fd);
        usize::try_from(read).ok()?
    };
    let lines = text[..read].split(|b| *b == b'\n');
    let count = lines.filter(|l| l.starts_with(b"cpu") && l.get(3).is_some_and(u8::is_ascii_digit)).count();
    i64::try_from(count).ok().filter(|n| *n > 0)
}

/// The end of the range of niceness (setpriority(2)).
const LAST: i32 = 19;

/// `nice` and `getpriority`: what comes back, and at the end of the range. What the program was started with is not the
/// image's, so all below the end is told from there; one that starts near the end has no room for it.
pub fn nice(o: &mut Outcome) {
    // SAFETY: the function takes and gives numbers.
    let start = unsafe { libc::getpriority(libc::PRIO_PROCESS as _, 0) };
    if start > LAST - 3 {
        return o
            .unsupported("it was started at a niceness above 16, and nice(3) has no room: run libcdiff without nice");
    }
    describe_child(o, || {
        // SAFETY: the functions take and give numbers.
        unsafe {
            set_errno(0);
            say(format_args!("nice(0): {}", libc::nice(0) - start));
            say(format_args!("nice(3): {}", libc::nice(3) - start));
            say(format_args!("getpriority: {}", libc::getpriority(libc::PRIO_PROCESS as _, 0) - start));
            say(format_args!("nice(100): {}", libc::nice(100)));
            say(format_args!("getpriority: {}", libc::getpriority(libc::PRIO_PROCESS as _, 0)));
            set_errno(0);
            say(format_args!("nice(-1): {} {}", libc::nice(-1), text::errno(errno())));
            set_errno(0);
            say(format_args!("getpriority of 99: {}", said(libc::getpriority(99 as _, 0))));
        }
        0
    });
}

/// `getrlimit`, `setrlimit` and `prlimit` with odd arguments.
pub fn limits(o: &mut Outcome) {
    describe_child(o, || {
        // SAFETY: the structures are writable and initialised; the signature is that of sys/resource.h.
        unsafe {
            let mut limit: libc::rlimit = core::mem::zeroed();
            say(format_args!("getrlimit of 99: {}", said(libc::getrlimit(99 as _, &mut limit))));
            let swapped = libc::rlimit { rlim_cur: 5, rlim_max: 4 };
            say(format_args!("setrlimit soft above hard: {}", said(libc::setrlimit(libc::RLIMIT_NOFILE, &swapped))));
            let few = libc::rlimit { rlim_cur: 77, rlim_max: 100 };
            say(format_args!("setrlimit: {}", said(libc::setrlimit(libc::RLIMIT_NOFILE, &few))));
            say(format_args!("getdtablesize: {}", libc::getdtablesize()));
            say(format_args!("_SC_OPEN_MAX: {}", libc::sysconf(libc::_SC_OPEN_MAX)));
            say(format_args!(
                "getrlimit of pid 0 by prlimit: {}",
                said(libc::prlimit(0, libc::RLIMIT_NOFILE, core::ptr::null(), &mut limit))
            ));
            say(format_args!("soft: {}", limit.rlim_cur));
        }
        0
    });
}

/// `ulimit(3)`, the function.
pub fn ulimit(o: &mut Outcome) {
    unsafe extern "C" {
        fn ulimit(command: c_int, ...) -> c_long;
    }
    describe_child(o, || {
        // SAFETY: the second argument is a long where the first asks for one.
        unsafe {
            let limit = libc::rlimit { rlim_cur: 512 * 40, rlim_max: 512 * 50 };
            libc::setrlimit(libc::RLIMIT_FSIZE, &limit);
            say(format_args!("UL_GETFSIZE: {}", said(ulimit(1))));
            set_errno(0);
            say(format_args!("UL_SETFSIZE: {}", said(ulimit(2, 30 as c_long))));
            say(format_args!("UL_GETFSIZE: {}", said(ulimit(1))));
            for command in [0, 3, 4, 99] {
                set_errno(0);
                let answer = ulimit(command, 0 as c_long);
                let text = if answer > 0 { "a figure".into() } else { said(answer) };
                say(format_args!("command {command}: {text}"));
            }
        }
        0
    });
}

/// `getauxval` of what there is and what there is not.
pub fn auxiliary(o: &mut Outcome) {
    // SAFETY: takes and gives numbers.
    unsafe {
        for (name, kind) in [("AT_PAGESZ", 6), ("AT_SECURE", 23), ("AT_NULL", 0), ("type_9999", 9999)] {
            set_errno(0);
            let value = libc::getauxval(kind);
            o.fact(
                name,
                heap::format!(
                    "{} errno {}",
                    if kind == 6 { u64::from(value > 0) } else { value },
                    text::errno(errno())
                ),
            );
        }
    }
}

/// `getloadavg` of no, three and more figures.
pub fn load(o: &mut Outcome) {
    // SAFETY: the array holds at least as many figures as are asked for.
    unsafe {
        let mut figures = [0.0; 8];
        for count in [-1, 0, 2, 3, 5] {
            o.fact(&heap::format!("getloadavg_{count}"), libc::getloadavg(figures.as_mut_ptr(), count));
        }
    }
}

/// `times` without a buffer, `clock`, and `getrusage` of what there is not.
pub fn used(o: &mut Outcome) {
    // SAFETY: a null buffer is what Linux accepts; the structure is writable.
    unsafe {
        set_errno(0);
        o.fact("times_null", if libc::times(core::ptr::null_mut()) == -1 { "refused" } else { "ticks" });
        o.fact("clocks_per_second", libc::sysconf(libc::_SC_CLK_TCK));
        let mut usage: libc::rusage = core::mem::zeroed();
        set_errno(0);
        o.fact("getrusage_99", said(libc::getrusage(99, &mut usage)));
    }
}

/// `sched_setaffinity` and `sched_getaffinity` with odd sizes.
pub fn affinity(o: &mut Outcome) {
    // SAFETY: the kernel and the C library write no more than the size that is told.
    unsafe {
        let mut set: libc::cpu_set_t = core::mem::zeroed();
        for size in [0, 1, 128] {
            set_errno(0);
            o.fact(&heap::format!("sched_getaffinity_{size}"), said(libc::sched_getaffinity(0, size, &mut set)));
        }
        libc::CPU_ZERO(&mut set);
        o.fact("sched_setaffinity_none", said(libc::sched_setaffinity(0, size_of_val(&set), &set)));
        type Call = unsafe extern "C" fn() -> c_int;
        o.fact(
            "sched_getcpu",
            lookup::<Call>(c"sched_getcpu").map_or("absent", |call| if call() >= 0 { "a number" } else { "-1" }),
        );
    }
}

/// `getentropy` of as much as is allowed, and more.
pub fn entropy(o: &mut Outcome) {
    let Some(call) = optional!(getentropy(*mut u8, usize) -> c_int) else { return o.fact("getentropy", "absent") };
    let mut bytes = [0u8; 512];
    for size in [0, 256, 257] {
        set_errno(0);
        // SAFETY: the buffer is longer than what is asked for.
        let answer = unsafe { call(bytes.as_mut_ptr(), size) };
        let text = if matches!(answer, -1 | 0) { said(answer) } else { "a number left over".into() };
        o.fact(&heap::format!("getentropy_{size}"), text);
    }
}
