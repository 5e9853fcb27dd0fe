//! Time: parsing, formatting, conversion and zones, as calls that return safe values.
//!
//! [`Tm`] is C's `struct tm` with its pointer hidden: musl answers by the identity of `tm_zone`, so a broken-down time
//! that the library made must go back to it as it is. No probe changes `TZ` while it holds one.

use core::ffi::{CStr, c_char, c_int, c_long};
use core::ptr;
use heap::ffi::CString;
use heap::string::String;
use heap::vec::Vec;

use super::call::{Errno, errno, set_errno};
use crate::text;

unsafe extern "C" {
    static tzname: [*const c_char; 2];
    static timezone: c_long;
    static daylight: c_int;
    static getdate_err: c_int;
    fn tzset();
    fn asctime(tm: *const libc::tm) -> *const c_char;
    fn ctime(seconds: *const i64) -> *const c_char;
    fn getdate(input: *const c_char) -> *const libc::tm;
    fn wcsftime(to: *mut libc::wchar_t, size: usize, format: *const libc::wchar_t, tm: *const libc::tm) -> usize;
    fn timespec_get(ts: *mut libc::timespec, base: c_int) -> c_int;
}

/// A broken-down time as the C library reads and writes it.
#[derive(Clone, Copy)]
pub struct Tm(libc::tm);

impl Tm {
    /// With these numbers, in the order of [`Tm::numbers`], and this zone name.
    pub fn new(numbers: [i64; 10], zone: Option<&'static CStr>) -> Self {
        let [tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst] =
            core::array::from_fn(|i| numbers[i] as c_int);
        let tm_zone = zone.map_or(ptr::null(), CStr::as_ptr);
        let tm_gmtoff = numbers[9];
        Self(libc::tm {
            tm_sec,
            tm_min,
            tm_hour,
            tm_mday,
            tm_mon,
            tm_year,
            tm_wday,
            tm_yday,
            tm_isdst,
            tm_gmtoff,
            tm_zone,
        })
    }

    /// With other numbers, and the zone name of this one: it stays the C library's own.
    pub fn with(self, numbers: [i64; 10]) -> Self {
        Self(libc::tm { tm_zone: self.0.tm_zone, ..Self::new(numbers, None).0 })
    }

    /// `tm_sec`, `tm_min`, `tm_hour`, `tm_mday`, `tm_mon`, `tm_year`, `tm_wday`, `tm_yday`, `tm_isdst`, `tm_gmtoff`.
    pub fn numbers(&self) -> [i64; 10] {
        let tm = &self.0;
        let ints =
            [tm.tm_sec, tm.tm_min, tm.tm_hour, tm.tm_mday, tm.tm_mon, tm.tm_year, tm.tm_wday, tm.tm_yday, tm.tm_isdst];
        core::array::from_fn(|i| ints.get(i).map_or(tm.tm_gmtoff, |n| i64::from(*n)))
    }

    /// `tm_zone`; `None` where it is null.
    pub fn zone(&self) -> Option<String> {
        // SAFETY: the pointer comes from `new` (a static string) or from the C library, which keeps its zone names
        // until `TZ` changes.
        (!self.0.tm_zone.is_null()).then(|| text::bytes(unsafe { CStr::from_ptr(self.0.tm_zone) }.to_bytes()))
    }

    /// A result of the C library, copied; the error number where it is null.
    ///
    /// # Safety
    /// The pointer must be null or what a function of `<time.h>` returned last.
    unsafe fn copied(result: *const libc::tm) -> Result<Self, Errno> {
        // SAFETY: the caller vouches for the pointer.
        if result.is_null() { Err(Errno(errno())) } else { Ok(Self(unsafe { *result })) }
    }
}

/// A string of a table, for C.
fn c(text: &str) -> CString {
    CString::new(text).expect("strings of tables hold no NUL")
}

/// A string of the C library, as canonical text; `None` for null.
///
/// # Safety
/// The pointer must be null or point to a terminated string.
unsafe fn string(pointer: *const c_char) -> Option<String> {
    // SAFETY: the caller vouches for the pointer.
    (!pointer.is_null()).then(|| text::bytes(unsafe { CStr::from_ptr(pointer) }.to_bytes()))
}

/// `strptime`: the number of bytes that were read; `None` where it returned null.
pub fn strptime(input: &str, format: &str, tm: &mut Tm) -> Option<usize> {
    parse(&c(input), &c(format), tm)
}

/// [`strptime`] of any bytes.
pub fn parse(input: &CStr, format: &CStr, tm: &mut Tm) -> Option<usize> {
    // SAFETY: both strings are terminated and outlive the call; the structure is complete.
    let end = unsafe { libc::strptime(input.as_ptr(), format.as_ptr(), &mut tm.0) };
    (!end.is_null()).then(|| end as usize - input.as_ptr() as usize)
}

/// What a formatting function left behind.
pub struct Written {
    /// The return value.
    pub length: usize,
    /// The buffer up to its first NUL: what a program sees that does not look at the return value. It was all NUL before.
    pub buffer: String,
}

/// `strftime` into a buffer of `size` bytes.
pub fn strftime(size: usize, format: &str, tm: &Tm) -> Written {
    let format = c(format);
    let mut buffer = heap::vec![0u8; size + 1];
    // SAFETY: the buffer is one byte longer than said, the format is terminated, the structure is complete.
    let length = unsafe { libc::strftime(buffer.as_mut_ptr().cast(), size, format.as_ptr(), &tm.0) };
    let end = buffer.iter().position(|b| *b == 0).unwrap_or(size);
    Written { length, buffer: text::bytes(&buffer[..end]) }
}

/// `strftime` of any format: what it wrote, and nothing where it returned 0.
pub fn format<'a>(buffer: &'a mut [u8], format: &CStr, tm: &Tm) -> &'a [u8] {
    // SAFETY: the buffer has the size that is said, the format is terminated, the structure is complete.
    let length = unsafe { libc::strftime(buffer.as_mut_ptr().cast(), buffer.len(), format.as_ptr(), &tm.0) };
    &buffer[..length.min(buffer.len())]
}

/// Bytes that `TZ` may have in [`set_zone`].
pub const ZONE_BYTES: usize = 512;

/// Sets `TZ` in a place of its own in the environment, as often as one likes: `setenv` would keep each value for ever.
/// Values longer than [`ZONE_BYTES`] are cut.
pub fn set_zone(zone: &CStr) {
    struct Place(core::cell::UnsafeCell<[u8; ZONE_BYTES + 4]>);
    // SAFETY: the program has one thread.
    unsafe impl Sync for Place {}
    static PLACE: Place = Place(core::cell::UnsafeCell::new([0; ZONE_BYTES + 4]));
    let zone = &zone.to_bytes()[..zone.to_bytes().len().min(ZONE_BYTES)];
    let place: *mut u8 = PLACE.0.get().cast();
    // SAFETY: the place has room for the name, the value and a NUL, and lives as long as the environment that it becomes
    // part of; the program has one thread.
    unsafe {
        let known = *place != 0;
        place.copy_from_nonoverlapping(c"TZ=".as_ptr().cast(), 3);
        place.add(3).copy_from_nonoverlapping(zone.as_ptr(), zone.len());
        place.add(3 + zone.len()).write(0);
        if !known {
            libc::putenv(place.cast());
        }
    }
}

/// `wcsftime` into a buffer of 256 wide characters.
pub fn wide_strftime(format: &str, tm: &Tm) -> Written {
    const SIZE: usize = 256;
    let format: Vec<libc::wchar_t> = format.chars().chain(['\0']).map(|ch| ch as libc::wchar_t).collect();
    let mut buffer = [0 as libc::wchar_t; SIZE];
    // SAFETY: the buffer has the size that is said, the format is terminated, the structure is complete.
    let length = unsafe { wcsftime(buffer.as_mut_ptr(), SIZE, format.as_ptr(), &tm.0) };
    let wide = buffer.iter().take_while(|w| **w != 0);
    Written { length, buffer: wide.map(|w| char::from_u32(*w as u32).unwrap_or('\u{fffd}')).collect() }
}

/// `gmtime_r`.
pub fn gmtime(seconds: i64) -> Result<Tm, Errno> {
    let mut tm = Tm::new([0; 10], None);
    set_errno(0);
    // SAFETY: both places are valid; the result is null or the second of them.
    unsafe { Tm::copied(libc::gmtime_r(&seconds, &mut tm.0)) }
}

/// `localtime_r`, without a call of `tzset` before it.
pub fn localtime_r(seconds: i64) -> Result<Tm, Errno> {
    let mut tm = Tm::new([0; 10], None);
    set_errno(0);
    // SAFETY: as in `gmtime`.
    unsafe { Tm::copied(libc::localtime_r(&seconds, &mut tm.0)) }
}

/// `localtime`, which acts as if it called `tzset`.
pub fn localtime(seconds: i64) -> Result<Tm, Errno> {
    set_errno(0);
    // SAFETY: the argument is a valid place; the result is null or the library's own structure, copied at once.
    unsafe { Tm::copied(libc::localtime(&seconds)) }
}

/// `mktime`: its return value, and `errno` (0 before the call).
pub fn mktime(tm: &mut Tm) -> (i64, Errno) {
    set_errno(0);
    // SAFETY: the structure is complete; its zone is null, static or the library's own.
    let seconds = unsafe { libc::mktime(&mut tm.0) };
    (seconds, Errno(errno()))
}

/// `timegm`: its return value, and `errno` (0 before the call).
pub fn timegm(tm: &mut Tm) -> (i64, Errno) {
    set_errno(0);
    // SAFETY: as in `mktime`.
    let seconds = unsafe { libc::timegm(&mut tm.0) };
    (seconds, Errno(errno()))
}

/// What `<time.h>` says about the zone in global variables.
pub struct Globals {
    /// `tzname[0]` and `tzname[1]`; `None` where null.
    pub names: [Option<String>; 2],
    /// `timezone`: seconds west of Greenwich.
    pub timezone: i64,
    /// `daylight`.
    pub daylight: i32,
}

/// Reads `tzname`, `timezone` and `daylight` as they are now.
pub fn globals() -> Globals {
    // SAFETY: the program has one thread, so nobody writes these; names are null or terminated.
    unsafe { Globals { names: [string(tzname[0]), string(tzname[1])], timezone, daylight } }
}

/// `tzset`.
pub fn read_zone() {
    // SAFETY: the program has one thread.
    unsafe { tzset() }
}

/// `tm_gmtoff` that `localtime_r` gives for the same instant before and after the program sets `TZ` to `zone`, and once
/// more after `tzset`.
pub fn offsets_around_setenv(zone: &str, seconds: i64) -> Result<[i64; 3], Errno> {
    let offset = || localtime_r(seconds).map(|tm| tm.numbers()[9]);
    let before = offset()?;
    // SAFETY: both strings are terminated and copied by the call; the program has one thread.
    unsafe { libc::setenv(c"TZ".as_ptr(), c(zone).as_ptr(), 1) };
    let after = offset()?;
    read_zone();
    Ok([before, after, offset()?])
}

/// `asctime`. May end the process, so call it in a child.
pub fn ascii(tm: &Tm) -> Result<String, Errno> {
    set_errno(0);
    // SAFETY: the structure is complete; the result is null or a terminated string of the library's own.
    unsafe { string(asctime(&tm.0)) }.ok_or_else(|| Errno(errno()))
}

/// `ctime`. May end the process, so call it in a child.
pub fn ascii_of(seconds: i64) -> Result<String, Errno> {
    set_errno(0);
    // SAFETY: the argument is a valid place; the result is as in `ascii`.
    unsafe { string(ctime(&seconds)) }.ok_or_else(|| Errno(errno()))
}

/// `getdate`, which reads the templates of the file that DATEMSK names; `getdate_err` where it returned null.
pub fn parse_by_templates(input: &str) -> Result<Tm, i32> {
    let input = c(input);
    // SAFETY: the string is terminated; the result is null or the library's own structure, copied at once; nobody else
    // writes the error number.
    unsafe { Tm::copied(getdate(input.as_ptr())).map_err(|_| getdate_err) }
}

/// `setlocale(LC_ALL, "")`: takes the locale from the environment. `None` where it returned null.
pub fn set_locale() -> Option<String> {
    // SAFETY: the string is terminated; the result is null or a terminated string, copied at once.
    unsafe { string(libc::setlocale(libc::LC_ALL, c"".as_ptr())) }
}

/// `nl_langinfo`.
pub fn langinfo(item: libc::nl_item) -> String {
    // SAFETY: any item is allowed; the result is a terminated string, copied at once.
    unsafe { string(libc::nl_langinfo(item)) }.unwrap_or_default()
}

/// `timespec_get` with any base: its return value.
pub fn timespec(base: i32) -> i32 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is writable.
    unsafe { timespec_get(&mut now, base) }
}

/// `clock_getres` with any clock number: 0 or the error number.
pub fn resolution(clock: i32) -> Errno {
    let mut step = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is writable; any clock number may be asked.
    let result = unsafe { libc::clock_getres(clock, &mut step) };
    Errno(if result == -1 { errno() } else { 0 })
}

/// `clock_nanosleep` of no time at all, or of so many nanoseconds: what it returned.
pub fn sleep(clock: i32, nanoseconds: i64) -> Errno {
    let request = libc::timespec { tv_sec: 0, tv_nsec: nanoseconds };
    // SAFETY: the request is readable; no remainder is asked for.
    Errno(unsafe { libc::clock_nanosleep(clock, 0, &request, ptr::null_mut()) })
}
