//! Locales: taking them, asking what they say, and numbers, money and order as they write them.

use core::ffi::{CStr, c_char, c_int};
use heap::ffi::CString;
use heap::string::String;
use heap::vec::Vec;

use super::call::{Errno, errno, set_errno};
use crate::text;

pub mod characters;
pub mod kept;
pub mod messages;
pub mod objects;

unsafe extern "C" {
    fn strfmon(to: *mut c_char, size: usize, format: *const c_char, ...) -> isize;
    fn __ctype_get_mb_cur_max() -> usize;
    fn wcscoll(a: *const libc::wchar_t, b: *const libc::wchar_t) -> c_int;
}

/// A string of a table, for C.
pub(super) fn c(text: &str) -> CString {
    CString::new(text).expect("strings of tables hold no NUL")
}

/// A string of the C library, as canonical text; `None` for null.
///
/// # Safety
/// The pointer must be null or point to a terminated string.
pub(super) unsafe fn string(pointer: *const c_char) -> Option<String> {
    // SAFETY: the caller vouches for the pointer.
    (!pointer.is_null()).then(|| text::bytes(unsafe { CStr::from_ptr(pointer) }.to_bytes()))
}

/// `setlocale`; without a name it only asks. `None` where it returned null.
pub fn set(category: i32, name: Option<&str>) -> Option<String> {
    let name = name.map(c);
    // SAFETY: the name is null or terminated; the result is null or terminated, and copied at once.
    unsafe { string(libc::setlocale(category, name.as_ref().map_or(core::ptr::null(), |n| n.as_ptr()))) }
}

/// `MB_CUR_MAX`.
pub fn longest_character() -> usize {
    // SAFETY: reads a value of the C library's own.
    unsafe { __ctype_get_mb_cur_max() }
}

/// `nl_langinfo`.
pub fn langinfo(item: i32) -> String {
    // SAFETY: any item is allowed; the result is a terminated string, copied at once.
    unsafe { string(libc::nl_langinfo(item)) }.unwrap_or_else(|| "null".into())
}

/// `localeconv`, as names and values; the strings of bytes as numbers.
pub fn conventions() -> Vec<(&'static str, String)> {
    // SAFETY: the structure is the C library's own and complete; its strings are terminated.
    unsafe {
        let l = &*libc::localeconv();
        let text = |p: *mut c_char| string(p).unwrap_or_else(|| "null".into());
        let sizes = |p: *mut c_char| CStr::from_ptr(p).to_bytes().iter().map(|b| heap::format!("{b} ")).collect();
        heap::vec![
            ("decimal_point", text(l.decimal_point)),
            ("thousands_sep", text(l.thousands_sep)),
            ("grouping", sizes(l.grouping)),
            ("currency_symbol", text(l.currency_symbol)),
            ("int_curr_symbol", text(l.int_curr_symbol)),
            ("mon_decimal_point", text(l.mon_decimal_point)),
            ("mon_grouping", sizes(l.mon_grouping)),
            ("negative_sign", text(l.negative_sign)),
            ("frac_digits", heap::format!("{}", l.frac_digits)),
            ("p_cs_precedes", heap::format!("{}", l.p_cs_precedes)),
        ]
    }
}

/// `snprintf` of one floating-point number.
pub fn print_real(format: &str, value: f64) -> String {
    let format = c(format);
    let mut buffer = [0u8; 128];
    // SAFETY: the buffer is as long as said; the format takes one double.
    unsafe { libc::snprintf(buffer.as_mut_ptr().cast(), buffer.len(), format.as_ptr(), value) };
    until_nul(&buffer)
}

/// `snprintf` of one integer.
pub fn print_whole(format: &str, value: i32) -> String {
    let format = c(format);
    let mut buffer = [0u8; 128];
    // SAFETY: the buffer is as long as said; the format takes one int.
    unsafe { libc::snprintf(buffer.as_mut_ptr().cast(), buffer.len(), format.as_ptr(), value as c_int) };
    until_nul(&buffer)
}

/// `strfmon` of one number: the text, or the error number.
pub fn print_money(format: &str, value: f64) -> Result<String, Errno> {
    let format = c(format);
    let mut buffer = [0u8; 128];
    set_errno(0);
    // SAFETY: the buffer is as long as said; the format takes one double.
    let length = unsafe { strfmon(buffer.as_mut_ptr().cast(), buffer.len(), format.as_ptr(), value) };
    if length < 0 { Err(Errno(errno())) } else { Ok(until_nul(&buffer)) }
}

fn until_nul(buffer: &[u8]) -> String {
    let end = buffer.iter().position(|b| *b == 0).unwrap_or(buffer.len());
    text::bytes(&buffer[..end])
}

/// `strtod`: the number in hundredths, and how many bytes were read.
pub fn read_real(input: &str) -> (i64, usize) {
    let input = c(input);
    let mut end: *mut c_char = core::ptr::null_mut();
    // SAFETY: the input is terminated; the end is writable.
    let value = unsafe { libc::strtod(input.as_ptr(), &mut end) };
    ((value * 100.0) as i64, end as usize - input.as_ptr() as usize)
}

/// `strcoll`: less, equal or greater.
pub fn compare(a: &str, b: &str) -> core::cmp::Ordering {
    let (a, b) = (c(a), c(b));
    // SAFETY: both strings are terminated.
    unsafe { libc::strcoll(a.as_ptr(), b.as_ptr()) }.cmp(&0)
}

/// `wcscoll`: less, equal or greater.
pub fn compare_wide(a: &str, b: &str) -> core::cmp::Ordering {
    let [a, b] = [a, b].map(|text| text.chars().chain(['\0']).map(|ch| ch as libc::wchar_t).collect::<Vec<_>>());
    // SAFETY: both strings are terminated.
    unsafe { wcscoll(a.as_ptr(), b.as_ptr()) }.cmp(&0)
}

/// `strxfrm`: the key.
pub fn key(input: &str) -> Vec<u8> {
    let input = c(input);
    let mut buffer = [0u8; 512];
    // SAFETY: the input is terminated, the buffer as long as said.
    let length = unsafe { libc::strxfrm(buffer.as_mut_ptr().cast(), input.as_ptr(), buffer.len()) };
    buffer[..length.min(buffer.len())].to_vec()
}

/// Whether a function of this name is there.
pub fn present(name: &CStr) -> bool {
    super::call::exists(name)
}
