//! Wide strings, in the C locale.

use super::asks;
use crate::sys::strings::wide::{compare, compare_strings, copy, double, length_of, long, to_bytes, width};
use crate::text;

const C: &str = "ISO C11 7.29.4; POSIX.1-2017 wcstol(), wcswidth(), mbstowcs()";

asks! {
    "strings.wcstol.plain", "wcstol", "What does wcstol make of blanks, a number and a letter?", C, |o| { let (value, taken, errno) = long(" -42x", 10); o.fact("value", value); o.fact("taken", taken); o.fact("errno", text::errno(errno.0)); };
    "strings.wcstol.letters", "wcstol of letters", "What does wcstol make of letters, and is errno set?", C, |o| { let (value, taken, errno) = long("abc", 10); o.fact("value", value); o.fact("taken", taken); o.fact("errno", text::errno(errno.0)); };
    "strings.wcstol.base-1", "wcstol in base 1", "What does wcstol say to base 1?", C, |o| { let (value, _, errno) = long("11", 1); o.fact("value", value); o.fact("errno", text::errno(errno.0)); };
    "strings.wcstol.overflow", "wcstol of too large a number", "What does wcstol make of LONG_MAX + 1?", C, |o| { let (value, taken, errno) = long("9223372036854775808", 10); o.fact("value", value); o.fact("taken", taken); o.fact("errno", text::errno(errno.0)); };
    "strings.wcstol.hex-alone", "wcstol of 0x", "Where does wcstol stop in 0xg?", C, |o| { let (value, taken, _) = long("0xg", 16); o.fact("value", value); o.fact("taken", taken); };
    "strings.wcstol.wide-digits", "digits of other scripts", "Does wcstol read Arabic digits in the C locale?", C, |o| { let (value, taken, _) = long("\u{661}\u{662}", 10); o.fact("value", value); o.fact("taken", taken); };
    "strings.wcstod.plain", "wcstod", "What does wcstod make of 1.5e3x?", C, |o| { let (value, taken, errno) = double("1.5e3x"); o.fact("value", heap::format!("{value:e}")); o.fact("taken", taken); o.fact("errno", text::errno(errno.0)); };
    "strings.wcstod.overflow", "wcstod of too large a number", "What does wcstod make of 1e999?", C, |o| { let (value, taken, errno) = double("1e999"); o.fact("value", heap::format!("{value:e}")); o.fact("taken", taken); o.fact("errno", text::errno(errno.0)); };
    "strings.wmemcmp.sign", "wmemcmp of negative numbers", "Are wide characters compared as signed by wmemcmp?", C, |o| o.fact("sign", compare(-1, 1));
    "strings.wcscmp.sign", "wcscmp of negative numbers", "Are wide characters compared as signed by wcscmp?", C, |o| o.fact("sign", compare_strings(i32::MIN, i32::MAX));
    "strings.wcsncpy.fill", "wcsncpy", "Is the rest filled by wcsncpy?", C, |o| o.fact("wide", copy("ab", 5).to_vec());
    "strings.wcswidth.control", "wcswidth of a control character", "What does wcswidth say of a control character?", C, |o| o.fact("width", width("a\u{7}b", 3));
    "strings.wcswidth.high", "wcswidth beyond ASCII", "What does wcswidth say of e with an accent in the C locale?", C, |o| o.fact("width", width("\u{e9}", 1));
    "strings.mbstowcs.high", "mbstowcs of a high byte", "How long is the byte E9 as wide characters in the C locale?", C, |o| o.fact("length", length_of(c"\xe9"));
    "strings.mbstowcs.utf-8", "mbstowcs of UTF-8", "How long are two bytes of UTF-8 as wide characters in the C locale?", C, |o| o.fact("length", length_of(c"\xc3\xa9"));
    "strings.wcstombs.high", "wcstombs beyond ASCII", "Which bytes has U+00E9 in the C locale?", C, |o| { let (value, bytes) = to_bytes(0xe9); o.fact("value", value); o.fact("bytes", bytes); };
}
