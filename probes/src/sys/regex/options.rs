//! `getopt` and its relatives, with what they say on standard error.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;
use heap::ffi::CString;
use heap::string::String;
use heap::vec::Vec;

use super::c;
use crate::sys::call::{Errno, check};
use crate::sys::kept::Kept;
use crate::text;

unsafe extern "C" {
    static mut optind: c_int;
    static mut opterr: c_int;
    static mut optopt: c_int;
    static mut optarg: *mut c_char;
    fn getopt_long(n: c_int, argv: *const *mut c_char, short: *const c_char, long: *const Row, i: *mut c_int) -> c_int;
    fn getopt_long_only(
        n: c_int,
        argv: *const *mut c_char,
        short: *const c_char,
        long: *const Row,
        i: *mut c_int,
    ) -> c_int;
}

/// `struct option`.
#[repr(C)]
struct Row {
    name: *const c_char,
    argument: c_int,
    flag: *mut c_int,
    value: c_int,
}

/// Which function reads the arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// `getopt`
    Short,
    /// `getopt_long`
    Long,
    /// `getopt_long_only`
    LongOnly,
}

/// One call's answer.
pub struct Step {
    /// What it returned.
    pub code: i32,
    /// `optarg`, where it is not null.
    pub argument: Option<String>,
    /// `optopt`.
    pub option: i32,
}

/// All calls until -1 and what is there afterwards.
pub struct Read {
    /// The calls before the one that returned -1.
    pub steps: Vec<Step>,
    /// `optind`.
    pub index: i32,
    /// The arguments in the order in which they were left, without the program's name.
    pub arguments: Vec<String>,
    /// What came on standard error.
    pub messages: String,
}

/// The long options that every case has: `--all`, `--alter`, `--size=N`, `--color[=WHEN]`, values 1 to 4.
const LONG: [(&CStr, c_int); 4] = [(c"all", 0), (c"alter", 0), (c"size", 1), (c"color", 2)];

/// Reads these arguments to their end; `errors` is `opterr`, `again` sets `optind` to this and reads once more.
pub fn read(reader: Reader, arguments: &[&str], short: &str, errors: bool, again: Option<i32>) -> Result<Read, Errno> {
    let owned: Vec<CString> = ["probe"].iter().chain(arguments).map(|a| c(a.as_bytes())).collect();
    let mut argv: Vec<*mut c_char> = owned.iter().map(|a| a.as_ptr().cast_mut()).collect();
    argv.push(ptr::null_mut());
    let short = c(short.as_bytes());
    let mut long: Vec<Row> = (1..)
        .zip(LONG)
        .map(|(value, (name, argument))| Row { name: name.as_ptr(), argument, flag: ptr::null_mut(), value })
        .collect();
    long.push(Row { name: ptr::null(), argument: 0, flag: ptr::null_mut(), value: 0 });
    let capture = Capture::start()?;
    // SAFETY: the program has one thread.
    unsafe { opterr = c_int::from(errors) };
    let mut steps = Vec::new();
    for start in [None, again].into_iter().take(if again.is_some() { 2 } else { 1 }) {
        if let Some(start) = start {
            // SAFETY: the program has one thread.
            unsafe { optind = start };
        }
        // More calls than any list of arguments here has letters: a C library that never ends would show.
        for _ in 0..32 {
            match step(reader, &argv, &short, &long) {
                Step { code: -1, .. } => break,
                step => steps.push(step),
            }
        }
    }
    let messages = capture.end();
    // SAFETY: getopt only moves the pointers, all of them to terminated strings that still live.
    let left = argv[1..argv.len() - 1].iter().map(|a| text::bytes(unsafe { CStr::from_ptr(*a) }.to_bytes())).collect();
    // SAFETY: the program has one thread.
    Ok(Read { steps, index: unsafe { optind }, arguments: left, messages })
}

fn step(reader: Reader, argv: &[*mut c_char], short: &CStr, long: &[Row]) -> Step {
    let count = argv.len() as c_int - 1;
    let (short, none) = (short.as_ptr(), ptr::null_mut());
    // SAFETY: the arguments end with a null pointer, the long options with a row of zeros; the strings are terminated.
    let code = unsafe {
        match reader {
            Reader::Short => libc::getopt(count, argv.as_ptr(), short),
            Reader::Long => getopt_long(count, argv.as_ptr(), short, long.as_ptr(), none),
            Reader::LongOnly => getopt_long_only(count, argv.as_ptr(), short, long.as_ptr(), none),
        }
    };
    // SAFETY: the program has one thread; the argument is null or within one of the strings.
    unsafe {
        let argument = optarg;
        let argument = (!argument.is_null()).then(|| text::bytes(CStr::from_ptr(argument).to_bytes()));
        Step { code, argument, option: optopt }
    }
}

/// A long option.
pub struct Long {
    /// Its name.
    pub name: CString,
    /// 0: it takes no argument, 1: it takes one, 2: it may.
    pub argument: i32,
    /// Whether its value goes to a flag, and 0 is returned.
    pub flagged: bool,
    /// What is returned, or written to the flag.
    pub value: i32,
}

/// One call's answer, with what a long option leaves.
pub struct LongStep {
    /// What it returned.
    pub code: i32,
    /// `optarg`, where it is not null.
    pub argument: Option<Vec<u8>>,
    /// `optopt`.
    pub option: i32,
    /// The number of the long option, where one was written.
    pub long: Option<i32>,
    /// The flag, where it was written.
    pub flag: Option<i32>,
}

/// All calls, and what is there afterwards.
pub struct LongRead {
    /// The calls before the one that returned -1.
    pub steps: Vec<LongStep>,
    /// Whether one returned -1.
    pub ended: bool,
    /// `optind`.
    pub index: i32,
    /// Where each argument was at first, in the order in which they were left.
    pub order: Vec<usize>,
}

/// More calls than any input has letters.
const CALLS: usize = 600;

/// Whether POSIXLY_CORRECT is set; a program starts without.
static POSIXLY: Kept<bool> = Kept::new(false);

fn set_posixly(wanted: bool) {
    POSIXLY.with(|set| {
        if *set != wanted {
            // SAFETY: the strings are terminated and live as long as the program; it has one thread.
            unsafe {
                match wanted {
                    true => libc::putenv(c"POSIXLY_CORRECT=1".as_ptr().cast_mut()),
                    false => libc::unsetenv(c"POSIXLY_CORRECT".as_ptr()),
                };
            }
            *set = wanted;
        }
    });
}

/// Reads arguments to their end, from the beginning as both families know it (`optind` 0) and without messages.
pub fn kept(reader: Reader, arguments: &[CString], short: &CStr, long: &[Long], posixly: bool) -> LongRead {
    set_posixly(posixly);
    let mut argv: Vec<*mut c_char> = [c"probe"].iter().map(|name| name.as_ptr().cast_mut()).collect();
    argv.extend(arguments.iter().map(|argument| argument.as_ptr().cast_mut()));
    let first = argv.clone();
    argv.push(ptr::null_mut());
    let mut flag = UNTOUCHED;
    let flag = &raw mut flag;
    let mut rows: Vec<Row> = long
        .iter()
        .map(|long| Row {
            name: long.name.as_ptr(),
            argument: long.argument,
            flag: if long.flagged { flag } else { ptr::null_mut() },
            value: long.value,
        })
        .collect();
    rows.push(Row { name: ptr::null(), argument: 0, flag: ptr::null_mut(), value: 0 });
    // SAFETY: the program has one thread.
    unsafe {
        (optind, opterr, optopt) = (0, 0, 0);
        optarg = ptr::null_mut();
    }
    let mut read = LongRead { steps: Vec::new(), ended: false, index: 0, order: Vec::new() };
    while read.steps.len() < CALLS && !read.ended {
        match long_step(reader, &argv, short, &rows, flag) {
            LongStep { code: -1, .. } => read.ended = true,
            step => read.steps.push(step),
        }
    }
    // SAFETY: as above.
    read.index = unsafe { optind };
    let place = |pointer: &*mut c_char| first.iter().position(|first| first == pointer).unwrap_or(usize::MAX);
    read.order = argv[..first.len()].iter().map(place).collect();
    read
}

/// What no option sets a number or a flag to.
const UNTOUCHED: c_int = -7;

fn long_step(reader: Reader, argv: &[*mut c_char], short: &CStr, rows: &[Row], flag: *mut c_int) -> LongStep {
    let (count, short, rows) = (argv.len() as c_int - 1, short.as_ptr(), rows.as_ptr());
    let mut index = UNTOUCHED;
    // SAFETY: the arguments end with a null pointer, the long options with a row of zeros; the strings are terminated, and
    // the number and the flag live in this function and its caller. `optarg` is null or within one of the strings.
    unsafe {
        *flag = UNTOUCHED;
        let code = match reader {
            Reader::Short => libc::getopt(count, argv.as_ptr(), short),
            Reader::Long => getopt_long(count, argv.as_ptr(), short, rows, &mut index),
            Reader::LongOnly => getopt_long_only(count, argv.as_ptr(), short, rows, &mut index),
        };
        let fails = code == -1 || code == c_int::from(b'?') || code == c_int::from(b':');
        let argument = if fails { ptr::null_mut() } else { optarg };
        LongStep {
            code,
            argument: (!argument.is_null()).then(|| CStr::from_ptr(argument).to_bytes().to_vec()),
            option: optopt,
            long: (index != UNTOUCHED).then_some(index),
            flag: (*flag != UNTOUCHED).then_some(*flag),
        }
    }
}

/// Standard error led into a pipe, which holds what a few messages need.
struct Capture {
    reader: c_int,
    saved: c_int,
}

impl Capture {
    fn start() -> Result<Self, Errno> {
        let mut ends = [0; 2];
        // SAFETY: two descriptors fit; the others were just made or are this program's own standard error.
        unsafe {
            check(libc::pipe2(ends.as_mut_ptr(), libc::O_NONBLOCK))?;
            let saved = check(libc::dup(2))?;
            check(libc::dup2(ends[1], 2))?;
            check(libc::close(ends[1]))?;
            Ok(Self { reader: ends[0], saved })
        }
    }

    fn end(self) -> String {
        let mut buffer = [0u8; 4096];
        // SAFETY: these descriptors are this capture's own; the buffer is as long as said.
        let length = unsafe {
            libc::dup2(self.saved, 2);
            libc::read(self.reader, buffer.as_mut_ptr().cast(), buffer.len())
        };
        text::bytes(&buffer[..usize::try_from(length).unwrap_or(0)])
    }
}
