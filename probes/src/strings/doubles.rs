//! `strtod` and its relatives, in the rounding mode that a program starts with; `ecvt` and its relatives.

use super::asks;
use crate::outcome::Outcome;
use crate::sys::strings::numbers::{Converted, decimals, digits, double, float, general};
use crate::text;

const C: &str = "ISO C11 7.22.1.3; POSIX.1-2017 strtod()";
const ROUND: &str = "ISO C11 7.22.1.3, 9: correctly rounded is recommended; IEEE 754-2008 5.12";
const CVT: &str = "POSIX.1-2001 ecvt(), withdrawn in 2008; ecvt(3)";

fn say(o: &mut Outcome, converted: Converted<f64>) {
    o.fact("value", spelled(converted.value));
    o.fact("taken", converted.taken);
    o.fact("errno", text::errno(converted.errno.0));
}

/// A double by its bits where its decimals would hide something.
fn spelled(value: f64) -> heap::string::String {
    if value.is_nan() { heap::format!("nan, bits {:016x}", value.to_bits()) } else { heap::format!("{value:e}") }
}

fn converted(o: &mut Outcome, (text, point, negative): (Option<heap::string::String>, i32, bool)) {
    o.fact("digits", text);
    o.fact("point", point);
    o.fact("negative", negative);
}

asks! {
    "strings.strtod.plain", "a number", "What does strtod make of blanks, a sign, a fraction and an exponent?", C, |o| say(o, double(c" -1.5e3x"));
    "strings.strtod.empty", "an empty text", "What does strtod make of an empty text?", C, |o| say(o, double(c""));
    "strings.strtod.point", "a point alone", "What does strtod make of a point alone?", C, |o| say(o, double(c"."));
    "strings.strtod.point-first", "a point first", "What does strtod make of .5?", C, |o| say(o, double(c".5"));
    "strings.strtod.point-last", "a point last", "What does strtod make of 5.?", C, |o| say(o, double(c"5.e1"));
    "strings.strtod.point-exponent", "a point and an exponent", "What does strtod make of .e1?", C, |o| say(o, double(c".e1"));
    "strings.strtod.exponent-cut", "an exponent without digits", "Where does strtod stop in 1e+?", C, |o| say(o, double(c"1e+"));
    "strings.strtod.exponent-huge", "an exponent of 20 digits", "What does strtod make of 0e99999999999999999999?", C, |o| say(o, double(c"0e99999999999999999999"));
    "strings.strtod.exponent-minus-huge", "an exponent of -20 digits", "What does strtod make of 1e-99999999999999999999?", C, |o| say(o, double(c"1e-99999999999999999999"));
    "strings.strtod.overflow", "too large", "What does strtod make of 1e309?", C, |o| say(o, double(c"1e309"));
    "strings.strtod.overflow-negative", "too large and negative", "What does strtod make of -1e309?", C, |o| say(o, double(c"-1e309"));
    "strings.strtod.underflow", "too small", "What does strtod make of 1e-400?", C, |o| say(o, double(c"1e-400"));
    "strings.strtod.subnormal", "subnormal and inexact", "Does strtod set errno for 1e-310?", C, |o| say(o, double(c"1e-310"));
    "strings.strtod.subnormal-exact", "subnormal and exact", "Does strtod set errno for 0x1p-1074?", C, |o| say(o, double(c"0x1p-1074"));
    "strings.strtod.subnormal-half", "half the smallest", "What does strtod make of 2.4703282292062327e-324, just below half the smallest?", ROUND, |o| say(o, double(c"2.4703282292062327e-324"));
    "strings.strtod.subnormal-above", "above half the smallest", "What does strtod make of 2.4703282292062328e-324, just above half the smallest?", ROUND, |o| say(o, double(c"2.4703282292062328e-324"));
    "strings.strtod.smallest-normal", "just below the smallest normal", "Does strtod set errno for 2.2250738585072011e-308?", ROUND, |o| say(o, double(c"2.2250738585072011e-308"));
    "strings.strtod.tie", "exactly between two", "Does strtod round 9007199254740993 to even?", ROUND, |o| say(o, double(c"9007199254740993"));
    "strings.strtod.tie-above", "just above between two", "Does strtod see the 1 after 100 zeros behind a tie?", ROUND, |o| say(o, double(c"9007199254740993.00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001"));
    "strings.strtod.max", "the largest", "What does strtod make of 1.7976931348623158e308?", ROUND, |o| say(o, double(c"1.7976931348623158e308"));
    "strings.strtod.max-above", "just beyond the largest", "What does strtod make of 1.7976931348623159e308?", ROUND, |o| say(o, double(c"1.7976931348623159e308"));
    "strings.strtod.negative-zero", "negative zero", "Does strtod keep the sign of -0?", C, |o| say(o, double(c"-0"));
    "strings.strtod.hex", "hexadecimal", "What does strtod make of 0x1.8p1?", C, |o| say(o, double(c"0x1.8p1"));
    "strings.strtod.hex-no-exponent", "hexadecimal without exponent", "What does strtod make of 0xA.8?", C, |o| say(o, double(c"0xA.8"));
    "strings.strtod.hex-alone", "0x alone", "Where does strtod stop in 0x?", C, |o| say(o, double(c"0x"));
    "strings.strtod.hex-point", "0x and a point", "Where does strtod stop in 0x.?", C, |o| say(o, double(c"0x."));
    "strings.strtod.hex-exponent-cut", "p without digits", "Where does strtod stop in 0x1p?", C, |o| say(o, double(c"0x1p"));
    "strings.strtod.hex-round", "hexadecimal, rounded", "Does strtod round 0x1.00000000000008p0 to even?", ROUND, |o| say(o, double(c"0x1.00000000000008p0"));
    "strings.strtod.hex-round-sticky", "hexadecimal, just above a tie", "Does strtod round 0x1.000000000000080001p0 up?", ROUND, |o| say(o, double(c"0x1.000000000000080001p0"));
    "strings.strtod.hex-overflow", "hexadecimal, too large", "What does strtod make of 0x1p1024?", C, |o| say(o, double(c"0x1p1024"));
    "strings.strtod.infinity", "infinity", "What does strtod make of INFINITYx?", C, |o| say(o, double(c"INFINITYx"));
    "strings.strtod.infinity-cut", "infinity cut short", "Where does strtod stop in -infinit?", C, |o| say(o, double(c"-infinit"));
    "strings.strtod.nan", "nan", "Which bits does strtod give nan?", C, |o| say(o, double(c"nan"));
    "strings.strtod.nan-negative", "-nan", "Which bits does strtod give -nan?", C, |o| say(o, double(c"-nan"));
    "strings.strtod.nan-payload", "nan with a number", "Which bits does strtod give nan(123)?", C, |o| say(o, double(c"nan(123)"));
    "strings.strtod.nan-hex", "nan with a hexadecimal number", "Which bits does strtod give nan(0x7)?", C, |o| say(o, double(c"nan(0x7)"));
    "strings.strtod.nan-word", "nan with a word", "Which bits does strtod give nan(abc_1)?", C, |o| say(o, double(c"nan(abc_1)"));
    "strings.strtod.nan-empty", "nan with nothing", "Where does strtod stop in nan()?", C, |o| say(o, double(c"nan()"));
    "strings.strtod.nan-open", "nan with an open bracket", "Where does strtod stop in nan(12?", C, |o| say(o, double(c"nan(12"));
    "strings.strtod.nan-stranger", "nan with a stranger", "Where does strtod stop in nan(a-b)?", C, |o| say(o, double(c"nan(a-b)"));
    "strings.strtod.binary", "0b", "Where does strtod stop in 0b11?", C, |o| say(o, double(c"0b11"));
    "strings.strtod.many-digits", "800 digits", "Does strtod take all of 800 digits into account?", ROUND, |o| {
        let mut text = heap::vec![b'1'];
        text.extend([b'0'; 798]);
        text.extend(b"1e-799\0");
        say(o, double(core::ffi::CStr::from_bytes_until_nul(&text).unwrap_or(c"")));
    };
    "strings.strtof.double-rounding", "strtof rounds once", "Does strtof round 1.00000005960464484 once and not twice?", ROUND, |o| o.fact("bits", heap::format!("{:08x}", float(c"1.00000005960464484").value.to_bits()));
    "strings.strtof.overflow", "strtof, too large", "What does strtof make of 1e39, and what is errno?", C, |o| { let made = float(c"1e39"); o.fact("value", heap::format!("{:e}", made.value)); o.fact("errno", text::errno(made.errno.0)); };
    "strings.strtof.subnormal", "strtof, subnormal", "Does strtof set errno for 1e-40?", C, |o| { let made = float(c"1e-40"); o.fact("value", heap::format!("{:e}", made.value)); o.fact("errno", text::errno(made.errno.0)); };
    "strings.ecvt.plain", "ecvt", "What are 5 digits of 2.34567891 by ecvt?", CVT, |o| converted(o, digits(2.34567891, 5));
    "strings.ecvt.zero", "ecvt of 0", "What does ecvt say of 0?", CVT, |o| converted(o, digits(0.0, 3));
    "strings.ecvt.count-0", "ecvt of no digits", "What does ecvt say of 9.5 with no digits?", CVT, |o| converted(o, digits(9.5, 0));
    "strings.ecvt.many", "ecvt of 25 digits", "How many digits does ecvt give when 25 are asked for?", CVT, |o| converted(o, digits(0.1, 25));
    "strings.ecvt.small", "ecvt of a small number", "Where does ecvt put the point of 0.00123?", CVT, |o| converted(o, digits(0.00123, 3));
    "strings.fcvt.plain", "fcvt", "What are 2 decimals of -2.34567891 by fcvt?", CVT, |o| converted(o, decimals(-2.34567891, 2));
    "strings.fcvt.small", "fcvt of a small number", "What are 2 decimals of 0.00123 by fcvt?", CVT, |o| converted(o, decimals(0.00123, 2));
    "strings.fcvt.zero", "fcvt of 0", "What are 2 decimals of 0 by fcvt?", CVT, |o| converted(o, decimals(0.0, 2));
    "strings.gcvt.plain", "gcvt", "What does gcvt make of 1234567 with 3 digits?", CVT, |o| o.fact("text", general(1_234_567.0, 3));
    "strings.gcvt.small", "gcvt of a small number", "What does gcvt make of 0.00001 with 5 digits?", CVT, |o| o.fact("text", general(0.00001, 5));
    "strings.gcvt.many", "gcvt of 30 digits", "How many digits does gcvt give when 30 are asked for?", CVT, |o| o.fact("text", general(0.1, 30));
}
