//! Numbers, and what does not fit into them.

use super::{scan, scans};
use crate::stdio::source::{C_SCAN as C, NO_SCAN as NO};
use crate::sys::stdio::scan::Language::C99;
use crate::sys::stdio::scan::Place::{Double, Float, Int, Text};

scans! {
    "stdio.scanf.d", "two numbers", C, C99, c" 12 -34", c"%d%d", [Int(4), Int(4)];
    "stdio.scanf.d-plus", "a plus sign", C, C99, c"+7", c"%d", [Int(4)];
    "stdio.scanf.d-sign-alone", "a sign alone", C, C99, c"- 5", c"%d", [Int(4)];
    "stdio.scanf.d-overflow", "more than an int holds", NO, C99, c"99999999999", c"%d", [Int(4)];
    "stdio.scanf.d-overflow-long", "more than a long holds", NO, C99, c"99999999999999999999", c"%d", [Int(4)];
    "stdio.scanf.ld-overflow", "more than a long holds, into one", NO, C99, c"99999999999999999999 1", c"%ld %d", [Int(8), Int(4)];
    "stdio.scanf.ld-underflow", "less than a long holds", NO, C99, c"-99999999999999999999", c"%ld", [Int(8)];
    "stdio.scanf.u-negative", "a negative number, unsigned", C, C99, c"-1", c"%u", [Int(4)];
    "stdio.scanf.hhd-overflow", "more than a byte holds", NO, C99, c"300", c"%hhd", [Int(1)];
    "stdio.scanf.hd-overflow", "more than 16 bits hold", NO, C99, c"70000", c"%hd", [Int(2)];
    "stdio.scanf.lld", "the smallest 64-bit number", C, C99, c"-9223372036854775808", c"%lld", [Int(8)];
    "stdio.scanf.jd-zd-td", "j, z and t", C, C99, c"1 2 3", c"%jd%zd%td", [Int(8), Int(8), Int(8)];
    "stdio.scanf.Ld", "L with an integer", NO, C99, c"5", c"%Ld", [Int(8)];
    "stdio.scanf.i-forms", "%i of three bases", C, C99, c"10 010 0x10", c"%i%i%i", [Int(4), Int(4), Int(4)];
    "stdio.scanf.i-08", "%i of 08", C, C99, c"08", c"%i%d", [Int(4), Int(4)];
    "stdio.scanf.x-prefix", "0x before hexadecimal", C, C99, c"0xfF", c"%x", [Int(4)];
    "stdio.scanf.x-prefix-alone", "0x alone", C, C99, c"0xg", c"%x%1[a-z]", [Int(4), Text];
    "stdio.scanf.x-prefix-end", "0x at the end", C, C99, c"0x", c"%x", [Int(4)];
    "stdio.scanf.o", "octal up to 8", C, C99, c"778", c"%o%d", [Int(4), Int(4)];
    "stdio.scanf.d-width", "digits by width", C, C99, c"12345", c"%2d%d", [Int(4), Int(4)];
    "stdio.scanf.d-width-sign", "a width that ends at the sign", C, C99, c"-5", c"%1d", [Int(4)];
    "stdio.scanf.x-width-2", "a width that ends after 0x", C, C99, c"0x1f", c"%2x%x", [Int(4), Int(4)];
    "stdio.scanf.d-width-0", "a width of 0", NO, C99, c"5", c"%0d", [Int(4)];
    "stdio.scanf.p", "a pointer as printed", C, C99, c"0xabc", c"%p", [Int(8)];
    "stdio.scanf.p-nil", "glibc's null pointer", C, C99, c"(nil)", c"%p", [Int(8)];
    "stdio.scanf.p-bare", "a pointer without 0x", C, C99, c"00000abc", c"%p", [Int(8)];
    "stdio.scanf.apostrophe", "grouping in the C locale", NO, C99, c"1,234", c"%'d", [Int(4)];
    "stdio.scanf.f", "decimals and exponent", C, C99, c"1.5e3 -.5", c"%f%lf", [Float, Double];
    "stdio.scanf.f-point-end", "a point at the end", C, C99, c"5. x", c"%lf%1s", [Double, Text];
    "stdio.scanf.f-hex", "hexadecimal", C, C99, c"0x1.8p1", c"%lf", [Double];
    "stdio.scanf.f-hex-bare", "hexadecimal without exponent", C, C99, c"0x1.8", c"%lf", [Double];
    "stdio.scanf.f-hex-prefix", "0x without a digit", C, C99, c"0xg", c"%lf%1s", [Double, Text];
    "stdio.scanf.f-hex-exponent-cut", "p without a digit", C, C99, c"0x1p", c"%lf", [Double];
    "stdio.scanf.f-exponent-cut", "e without a digit", C, C99, c"1e", c"%lf", [Double];
    "stdio.scanf.f-exponent-cut-x", "e before a letter", C, C99, c"100ergs", c"%lf%4s", [Double, Text];
    "stdio.scanf.f-exponent-sign", "e and a sign", C, C99, c"1e+x", c"%lf%1s", [Double, Text];
    "stdio.scanf.f-overflow", "more than a double holds", NO, C99, c"1e999 5", c"%lf %d", [Double, Int(4)];
    "stdio.scanf.f-underflow", "less than a double holds", NO, C99, c"1e-999", c"%lf", [Double];
    "stdio.scanf.f-float-overflow", "more than a float holds", NO, C99, c"1e99", c"%f", [Float];
    "stdio.scanf.f-infinity", "infinity", C, C99, c"inf INFINITY", c"%lf%lf", [Double, Double];
    "stdio.scanf.f-infinity-cut", "infinity cut short", C, C99, c"infin", c"%lf%s", [Double, Text];
    "stdio.scanf.f-infinity-width", "infinity in a width of 3", C, C99, c"infinity", c"%3lf%s", [Double, Text];
    "stdio.scanf.f-nan", "nan", C, C99, c"nan NAN", c"%lf%lf", [Double, Double];
    "stdio.scanf.f-nan-payload", "nan with a payload", C, C99, c"nan(123)x", c"%lf%s", [Double, Text];
    "stdio.scanf.f-nan-open", "nan with an open payload", C, C99, c"nan(12", c"%lf%s", [Double, Text];
    "stdio.scanf.f-nan-cut", "na", C, C99, c"na", c"%lf", [Double];
    "stdio.scanf.f-width", "a double by width", C, C99, c"1.2345", c"%4lf%lf", [Double, Double];
    "stdio.scanf.f-comma", "a decimal comma", C, C99, c"1,5", c"%lf%1[,]%d", [Double, Text, Int(4)];
}
