//! What the kernel says of this process: memory, faults and switches, read raw into buffers of the stack. The C
//! library's stdio is never used for it: a buffer taken at the peak would pin the heap that is measured.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ops::{Add, Sub};

use serde::Serialize;

/// Bytes of a page, as `/proc/self/statm` counts.
const PAGE: u64 = 4096;

/// What a stretch of work cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Microseconds in the program.
    pub user_us: u64,
    /// Microseconds in the kernel.
    pub system_us: u64,
    /// Pages that were found without reading from a disk.
    pub minor_faults: u64,
    /// Pages that had to be read.
    pub major_faults: u64,
    /// Times that a thread waited for something.
    pub voluntary_switches: u64,
    /// Times that a thread was made to wait.
    pub involuntary_switches: u64,
}

impl Usage {
    /// What the process has used so far, all of its threads together.
    pub fn now() -> Self {
        let mut usage = MaybeUninit::<libc::rusage>::zeroed();
        // SAFETY: the structure is writable, and zeroes are a valid one where the call fails.
        let usage = unsafe {
            libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
            usage.assume_init()
        };
        let micros = |time: libc::timeval| time.tv_sec as u64 * 1_000_000 + time.tv_usec as u64;
        Self {
            user_us: micros(usage.ru_utime),
            system_us: micros(usage.ru_stime),
            minor_faults: usage.ru_minflt as u64,
            major_faults: usage.ru_majflt as u64,
            voluntary_switches: usage.ru_nvcsw as u64,
            involuntary_switches: usage.ru_nivcsw as u64,
        }
    }

    fn with(self, other: Self, join: fn(u64, u64) -> u64) -> Self {
        Self {
            user_us: join(self.user_us, other.user_us),
            system_us: join(self.system_us, other.system_us),
            minor_faults: join(self.minor_faults, other.minor_faults),
            major_faults: join(self.major_faults, other.major_faults),
            voluntary_switches: join(self.voluntary_switches, other.voluntary_switches),
            involuntary_switches: join(self.involuntary_switches, other.involuntary_switches),
        }
    }
}

impl Add for Usage {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.with(other, u64::saturating_add)
    }
}

impl Sub for Usage {
    type Output = Self;
    fn sub(self, earlier: Self) -> Self {
        self.with(earlier, u64::saturating_sub)
    }
}

/// Bytes of this process that are in memory now; 0 where there is no `/proc`.
pub fn resident_bytes() -> u64 {
    let mut buffer = [0; 128];
    let text = read(c"/proc/self/statm", &mut buffer);
    let pages = text.split(|b| *b == b' ').nth(1).map_or(0, number);
    pages * PAGE
}

/// The most bytes of this process that were in memory at one time; 0 where there is no `/proc`.
pub fn peak_bytes() -> u64 {
    let mut buffer = [0; 4096];
    let text = read(c"/proc/self/status", &mut buffer);
    let line = text.split(|b| *b == b'\n').find_map(|line| line.strip_prefix(b"VmHWM:"));
    line.map_or(0, number) * 1024
}

/// The first number in a text.
fn number(text: &[u8]) -> u64 {
    let digits = text.iter().skip_while(|b| !b.is_ascii_digit()).take_while(|b| b.is_ascii_digit());
    digits.fold(0, |value, digit| value * 10 + u64::from(digit - b'0'))
}

fn read<'a>(path: &CStr, buffer: &'a mut [u8]) -> &'a [u8] {
    // SAFETY: the path is terminated, the buffer is writable for its length, and the descriptor is closed once.
    let read = unsafe {
        let descriptor = libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
        if descriptor < 0 {
            return &[];
        }
        let read = libc::read(descriptor, buffer.as_mut_ptr().cast(), buffer.len());
        libc::close(descriptor);
        read
    };
    buffer.get(..usize::try_from(read).unwrap_or(0)).unwrap_or_default()
}

/// Calls `work` while this process can open no file, so that nothing in it can start a program.
pub fn without_files<T>(work: impl FnOnce() -> T) -> T {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is writable.
    let known = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } == 0;
    let none = libc::rlimit { rlim_cur: 0, ..limit };
    // SAFETY: the structures are readable; lowering a soft limit and setting it back needs no privilege.
    let set = |limit: &libc::rlimit| unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, limit) };
    if known {
        set(&none);
    }
    let result = work();
    if known {
        set(&limit);
    }
    result
}

/// The number of this process.
pub fn id() -> i32 {
    // SAFETY: asks for a number.
    unsafe { libc::getpid() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_behind_blanks_and_before_units() {
        assert_eq!(number(b"\t  4711 kB"), 4711);
        assert_eq!(number(b"none"), 0);
    }

    #[test]
    fn this_process_has_memory() {
        assert!(resident_bytes() > 0 && peak_bytes() > 0);
    }

    #[test]
    fn usage_is_a_difference() {
        let earlier = Usage { user_us: 5, minor_faults: 1, ..Usage::default() };
        let later = Usage { user_us: 7, minor_faults: 1, ..Usage::default() };
        assert_eq!(later - earlier, Usage { user_us: 2, ..Usage::default() });
    }
}
