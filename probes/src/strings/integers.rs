//! `strtol` and its relatives: what is taken, where it ends, and what is too large.

use super::asks;
use crate::outcome::{Outcome, Value};
use crate::sys::strings::numbers::{
    Converted, from_radix_64, int, long, long_by_c23, long_long, maximal, to_radix_64, unsigned,
};
use crate::text;

const C: &str = "ISO C11 7.22.1.4; POSIX.1-2017 strtol()";
const BASE: &str = "POSIX.1-2017 strtol(): EINVAL may be set where the base is not supported or nothing is converted";
const C23: &str = "ISO C23 7.24.1.7: 0b; glibc NEWS 2.38";
const ATOI: &str = "ISO C11 7.22.1.2: undefined where the value cannot be represented";
const A64: &str = "POSIX.1-2017 a64l()";

fn say<T: Into<Value>>(o: &mut Outcome, converted: Converted<T>) {
    o.fact("value", converted.value);
    o.fact("taken", converted.taken);
    o.fact("errno", text::errno(converted.errno.0));
}

asks! {
    "strings.strtol.plain", "a number", "What does strtol make of blanks, a sign and digits?", C, |o| say(o, long(c" \t-42x", 10));
    "strings.strtol.plus", "a plus sign", "What does strtol make of +7?", C, |o| say(o, long(c"+7", 10));
    "strings.strtol.empty", "an empty text", "What does strtol make of an empty text, and is errno set?", BASE, |o| say(o, long(c"", 10));
    "strings.strtol.blank", "blanks alone", "What does strtol make of blanks alone, and is errno set?", BASE, |o| say(o, long(c"   ", 10));
    "strings.strtol.letters", "letters", "What does strtol make of letters in base 10, and is errno set?", BASE, |o| say(o, long(c"abc", 10));
    "strings.strtol.sign-alone", "a sign alone", "What does strtol make of a minus sign alone?", BASE, |o| say(o, long(c"-", 10));
    "strings.strtol.two-signs", "two signs", "What does strtol make of two signs?", C, |o| say(o, long(c"+-5", 10));
    "strings.strtol.sign-blank", "a blank after the sign", "What does strtol make of a sign, a blank and a digit?", C, |o| say(o, long(c"- 5", 10));
    "strings.strtol.base-0", "base 0, octal", "What does strtol make of 0777 in base 0?", C, |o| say(o, long(c"0777", 0));
    "strings.strtol.base-0-8", "base 0, 08", "What does strtol make of 08 in base 0?", C, |o| say(o, long(c"08", 0));
    "strings.strtol.base-0-hex", "base 0, hexadecimal", "What does strtol make of 0x1F in base 0?", C, |o| say(o, long(c"0x1F", 0));
    "strings.strtol.base-1", "base 1", "What does strtol say to base 1, and is the end stored?", BASE, |o| say(o, long(c"11", 1));
    "strings.strtol.base-37", "base 37", "What does strtol say to base 37, and is the end stored?", BASE, |o| say(o, long(c"11", 37));
    "strings.strtol.base-negative", "base -1", "What does strtol say to base -1, and is the end stored?", BASE, |o| say(o, long(c"11", -1));
    "strings.strtol.base-36", "base 36", "What does strtol make of zZ in base 36?", C, |o| say(o, long(c"zZ!", 36));
    "strings.strtol.base-2", "base 2", "What does strtol make of 1012 in base 2?", C, |o| say(o, long(c"1012", 2));
    "strings.strtol.hex-alone", "0x alone", "Where does strtol stop in 0x in base 16?", C, |o| say(o, long(c"0x", 16));
    "strings.strtol.hex-letter", "0x and no digit", "Where does strtol stop in 0xg in base 0?", C, |o| say(o, long(c"0xg", 0));
    "strings.strtol.hex-negative", "negative hexadecimal", "What does strtol make of -0xff in base 16?", C, |o| say(o, long(c"-0xff", 16));
    "strings.strtol.hex-twice", "0x twice", "Where does strtol stop in 0x0x1 in base 16?", C, |o| say(o, long(c"0x0x1", 16));
    "strings.strtol.binary", "0b in base 0", "What does strtol make of 0b101 in base 0?", C23, |o| say(o, long(c"0b101", 0));
    "strings.strtol.binary-2", "0b in base 2", "What does strtol make of 0b101 in base 2?", C23, |o| say(o, long(c"0b101", 2));
    "strings.strtol.c23-binary", "0b in base 0 by C23", "What does strtol make of 0b101 in base 0 in a program compiled by C23?", C23, |o| say(o, long_by_c23(c"0b101", 0));
    "strings.strtol.c23-binary-2", "0b in base 2 by C23", "What does strtol make of 0b101 in base 2 in a program compiled by C23?", C23, |o| say(o, long_by_c23(c"0b101", 2));
    "strings.strtol.c23-binary-alone", "0b and no digit by C23", "Where does strtol stop in 0b2 in base 0 in a program compiled by C23?", C23, |o| say(o, long_by_c23(c"0b2", 0));
    "strings.strtol.max", "the largest number", "What does strtol make of LONG_MAX?", C, |o| say(o, long(c"9223372036854775807", 10));
    "strings.strtol.overflow", "one more than the largest", "What does strtol make of LONG_MAX + 1?", C, |o| say(o, long(c"9223372036854775808", 10));
    "strings.strtol.underflow", "one less than the smallest", "What does strtol make of LONG_MIN - 1?", C, |o| say(o, long(c"-9223372036854775809x", 10));
    "strings.strtol.overflow-far", "many digits", "Does strtol take all of 40 digits that are too many?", C, |o| say(o, long(c"1234567890123456789012345678901234567890z", 10));
    "strings.strtol.zeros", "many zeros", "What does strtol make of 40 zeros and a digit?", C, |o| say(o, long(c"00000000000000000000000000000000000000007", 10));
    "strings.strtol.control", "control characters before", "Which control characters does strtol skip before a number?", C, |o| say(o, long(c"\x0b\x0c\r\n7", 10));
    "strings.strtol.no-break-space", "a no-break space before", "Does strtol skip the byte A0 in the C locale?", C, |o| say(o, long(c"\xa07", 10));
    "strings.strtol.separator", "a separator", "Where does strtol stop in 1_000?", C, |o| say(o, long(c"1_000", 10));
    "strings.strtoul.negative", "strtoul of a negative number", "What does strtoul make of -1?", C, |o| say(o, unsigned(c"-1", 10));
    "strings.strtoul.negative-overflow", "strtoul of a large negative number", "What does strtoul make of -18446744073709551616?", C, |o| say(o, unsigned(c"-18446744073709551616", 10));
    "strings.strtoul.overflow", "strtoul of too large a number", "What does strtoul make of ULONG_MAX + 1?", C, |o| say(o, unsigned(c"18446744073709551616", 10));
    "strings.strtoul.max", "strtoul of the largest number", "What does strtoul make of ULONG_MAX?", C, |o| say(o, unsigned(c"18446744073709551615", 10));
    "strings.strtoll.overflow", "strtoll", "What does strtoll make of LLONG_MAX + 1?", C, |o| say(o, long_long(c"9223372036854775808", 10));
    "strings.strtoimax.negative", "strtoimax", "What does strtoimax make of -0x10 in base 0?", C, |o| say(o, maximal(c"-0x10", 0));
    "strings.atoi.plain", "atoi", "What does atoi make of blanks, a number and letters?", C, |o| o.fact("value", int(c" 42abc"));
    "strings.atoi.overflow", "atoi of too large a number", "What does atoi make of 4294967297?", ATOI, |o| o.fact("value", int(c"4294967297"));
    "strings.atoi.overflow-far", "atoi of 20 digits", "What does atoi make of 99999999999999999999?", ATOI, |o| o.fact("value", int(c"99999999999999999999"));
    "strings.atoi.empty", "atoi of nothing", "What does atoi make of an empty text?", ATOI, |o| o.fact("value", int(c""));
    "strings.a64l.plain", "a64l", "What does a64l make of six digits of radix 64?", A64, |o| o.fact("value", from_radix_64(c"./09Az"));
    "strings.a64l.large", "a64l above 2^31", "Does a64l sign-extend a value of 32 bits?", A64, |o| o.fact("value", from_radix_64(c"zzzzzz"));
    "strings.a64l.invalid", "a64l of a stranger", "Where does a64l stop at a character that is no digit?", A64, |o| o.fact("value", from_radix_64(c"1!2"));
    "strings.a64l.seven", "a64l of seven digits", "Does a64l read more than six digits?", A64, |o| o.fact("value", from_radix_64(c"zzzzzz1"));
    "strings.l64a.plain", "l64a", "What does l64a make of 123456789?", A64, |o| o.fact("text", to_radix_64(123_456_789));
    "strings.l64a.zero", "l64a of 0", "What does l64a make of 0?", A64, |o| o.fact("text", to_radix_64(0));
    "strings.l64a.negative", "l64a of -1", "What does l64a make of -1?", A64, |o| o.fact("text", to_radix_64(-1));
}
