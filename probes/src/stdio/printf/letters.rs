//! Characters, strings, wide strings, error texts, and letters that are no conversion.

use super::prints;
use crate::stdio::source::{C_PRINT as C, GNU_PRINT as GNU, NO_PRINT as NO, XSI_PRINT as XSI};
use crate::sys::stdio::format::Word::{N, Null, S, W};
use crate::sys::stdio::format::print;

prints! {
    "stdio.printf.s", "a string", C, c"[%s][%5s][%-5s]", [S(c"ab"), S(c"ab"), S(c"ab")];
    "stdio.printf.s-precision", "a string cut", C, c"[%.2s][%.0s][%5.1s]", [S(c"abc"), S(c"abc"), S(c"abc")];
    "stdio.printf.s-precision-unterminated", "a precision that ends the reading", C, c"%.*s", [N(3), S(c"abcdef")];
    "stdio.printf.s-zero", "a string padded by zeros", NO, c"[%05s]", [S(c"ab")];
    "stdio.printf.s-null", "a null string", GNU, c"[%s]", [Null];
    "stdio.printf.s-null-short", "a null string cut below 6", GNU, c"[%.3s][%.6s]", [Null, Null];
    "stdio.printf.s-null-width", "a null string in a field", GNU, c"[%10s]", [Null];
    "stdio.printf.s-high", "bytes above 127", C, c"%s", [S(c"\xff\xe9")];
    "stdio.printf.c", "a character", C, c"[%c][%3c][%-3c]", [N(65), N(65), N(65)];
    "stdio.printf.c-large", "a character above 255", C, c"%c", [N(0x141)];
    "stdio.printf.c-nul", "NUL in the middle", C, c"a%cb", [N(0)];
    "stdio.printf.c-zero", "a character padded by zeros", NO, c"[%05c]", [N(65)];
    "stdio.printf.ls", "a wide string of ASCII", C, c"[%ls][%5ls][%.1ls]", [W(&[97, 98, 0]), W(&[97, 98, 0]), W(&[97, 98, 0])];
    "stdio.printf.ls-null", "a null wide string", GNU, c"[%ls]", [Null];
    "stdio.printf.ls-null-short", "a null wide string cut below 6", GNU, c"[%.3ls]", [Null];
    "stdio.printf.ls-high", "a wide string beyond ASCII in the C locale", C, c"<%ls>", [W(&[0xe9, 0])];
    "stdio.printf.ls-precision-before", "a wide string cut before what cannot be converted", C, c"<%.1ls>", [W(&[97, 0xe9, 0])];
    "stdio.printf.ls-invalid", "a wide string with no such character", C, c"<%ls>", [W(&[0x7fff_fff0, 0])];
    "stdio.printf.lc", "a wide character of ASCII", C, c"[%lc][%3lc]", [N(97), N(97)];
    "stdio.printf.lc-nul", "wide NUL", C, c"a%lcb", [N(0)];
    "stdio.printf.lc-high", "a wide character beyond ASCII in the C locale", C, c"<%lc>", [N(0xe9)];
    "stdio.printf.lc-invalid", "no such wide character", C, c"<%lc>", [N(0x7fff_fff0)];
    "stdio.printf.C", "%C", XSI, c"<%C>", [N(97)];
    "stdio.printf.S", "%S", XSI, c"<%S>", [W(&[97, 98, 0])];
    "stdio.printf.m", "the text of errno 0", GNU, c"[%m]", [];
    "stdio.printf.m-width", "the text of errno in a field", GNU, c"[%30m][%.3m]", [];
    "stdio.printf.m-alternative", "the name of errno", GNU, c"[%#m]", [];
    "stdio.printf.percent", "a percent sign", C, c"%%", [];
    "stdio.printf.percent-width", "a percent sign in a field", NO, c"[%5%][%-5%]", [];
    "stdio.printf.lone-percent", "a format that ends in a percent sign", NO, c"abc%", [];
    "stdio.printf.lone-flag", "a format that ends in a flag", NO, c"abc%-", [];
    "stdio.printf.lone-width", "a format that ends in a width", NO, c"abc%5", [];
    "stdio.printf.lone-length", "a format that ends in a length", NO, c"abc%l", [];
    "stdio.printf.unknown-k", "an unknown letter", NO, c"[%k]", [N(1)];
    "stdio.printf.unknown-width", "an unknown letter with width and flag", NO, c"[%-05y]", [N(1)];
    "stdio.printf.unknown-bang", "an unknown sign", NO, c"[%!]", [N(1)];
    "stdio.printf.D", "old %D", NO, c"[%D]", [N(5)];
    "stdio.printf.U", "old %U", NO, c"[%U]", [N(5)];
    "stdio.printf.hs", "h before s", NO, c"[%hs]", [S(c"ab")];
    "stdio.printf.lls", "ll before s", NO, c"[%lls]", [W(&[97, 98, 0])];
    "stdio.printf.format-high", "bytes above 127 in the format", C, c"\xff%d", [N(1)];
    "stdio.printf.empty", "an empty format", C, c"", [];
}
