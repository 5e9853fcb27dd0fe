//! Inputs that `libcdiff fuzz` found and nobody had thought of, each asked as a case.

use crate::case::{Needs, cases};
use crate::fuzz::found;
use crate::fuzz::targets::printf::{SNPRINTF, SWPRINTF};

const HEX: &str =
    "ISO C11 7.21.6.1, %a: one digit before the point, nonzero for a normalized number, and otherwise open";
const ALTERNATIVE: &str = "ISO C11 7.21.6.1, the flag #: for %g, trailing zeros are not removed";
const POSITION: &str =
    "POSIX.1-2017 fprintf(): numbered arguments may be used as often as wanted; ISO C11 7.16.1.1: int and unsigned";
const PRECISION: &str = "POSIX.1-2017 fprintf(): EOVERFLOW where the value to be returned is greater than INT_MAX";
const NAME: &str = "glibc manual, Other Output Conversions; printf(3), %m";
const WIDE: &str =
    "ISO C11 7.29.2.1, %c: the argument is converted as if by btowc; 7.29.6.1.1: WEOF where there is no such";
const ZERO: &str = "ISO C11 7.21.6.1, the flag 0: for other conversions, the behaviour is undefined";

cases! {
    "stdio.found.printf-La", "%La of 2.1", "Which digit does snprintf set before the point for %La of 2.1?", HEX, Needs::NOTHING, |o| found(o, &SNPRINTF, &[b"%La", b"0", b"0", b"0", b"0", b"2.1", b"", b"0"]);
    "stdio.found.printf-La-rounded", "%.0La of 15.5", "Which number does snprintf write for 15.5 by %.0La?", HEX, Needs::NOTHING, |o| found(o, &SNPRINTF, &[b"%.0La", b"0", b"0", b"0", b"0", b"15.5", b"", b"0"]);
    "stdio.found.printf-g-alternative", "%#g of 999999.5", "Does snprintf keep the zeros of %#g where rounding makes an exponent?", ALTERNATIVE, Needs::NOTHING, |o| found(o, &SNPRINTF, &[b"%#g", b"0", b"0", b"0", b"999999.5", b"0", b"", b"0"]);
    "stdio.found.printf-g-alternative-3", "%#.3g of 999.5", "Does snprintf keep the zeros of %#.3g where rounding makes an exponent?", ALTERNATIVE, Needs::NOTHING, |o| found(o, &SNPRINTF, &[b"%#.3g", b"0", b"0", b"0", b"999.5", b"0", b"", b"0"]);
    "stdio.remedy.printf-e", "remedy: %e", "Does snprintf write 999999.5 alike everywhere by %.5e?", ALTERNATIVE, Needs::NOTHING, |o| found(o, &SNPRINTF, &[b"%.5e", b"0", b"0", b"0", b"999999.5", b"0", b"", b"0"]);
    "stdio.found.printf-s-precision", "%s with a precision above INT_MAX", "What does snprintf say to a precision of 2147483648 for a short string?", PRECISION, Needs::NOTHING, |o| found(o, &SNPRINTF, &[b"%.2147483648s", b"0", b"0", b"0", b"0", b"0", b"text", b"0"]);
    "stdio.found.printf-c-precision", "%c with a precision above INT_MAX", "What does snprintf say to a precision of 2147483648 for a character?", PRECISION, Needs::NOTHING, |o| found(o, &SNPRINTF, &[b"%.2147483648c", b"97", b"0", b"0", b"0", b"0", b"", b"0"]);
    "stdio.found.printf-positions-signs", "one negative number by %1$d and %1$x", "Does snprintf write -1 by %1$d where %1$x takes it as well?", POSITION, Needs::NOTHING, |o| found(o, &SNPRINTF, &[b"%1$d %1$x", b"-1", b"0", b"0", b"0", b"0", b"", b"0"]);
    "stdio.found.printf-positions-long", "one negative number by %1$x and %1$d", "How many digits does snprintf write of -1 by %1$x where %1$d takes it as well?", POSITION, Needs::NOTHING, |o| found(o, &SNPRINTF, &[b"%1$x %1$d", b"-1", b"0", b"0", b"0", b"0", b"", b"0"]);
    "stdio.remedy.printf-positions", "remedy: an argument for each conversion", "Does snprintf write -1 alike everywhere by %1$d and %2$x?", POSITION, Needs::NOTHING, |o| found(o, &SNPRINTF, &[b"%1$d %2$x", b"-1", b"-1", b"0", b"0", b"0", b"", b"0"]);
    "stdio.found.printf-m-alternative", "%#m of errno 2", "Does snprintf write the name of an error for %#m?", NAME, Needs::NOTHING, |o| found(o, &SNPRINTF, &[b"%#m", b"0", b"0", b"0", b"0", b"0", b"", b"2"]);
    "stdio.found.printf-ls-zero", "%05ls", "Does snprintf pad a wide string that has the flag 0?", ZERO, Needs::NOTHING, |o| found(o, &SNPRINTF, &[b"%05ls", b"0", b"0", b"0", b"0", b"0", b"ab", b"0"]);
    "stdio.found.printf-lc-zero", "%05lc", "Does snprintf pad a wide character that has the flag 0?", ZERO, Needs::NOTHING, |o| found(o, &SNPRINTF, &[b"%05lc", b"97", b"0", b"0", b"0", b"0", b"", b"0"]);
    "stdio.found.swprintf-c-high", "swprintf of %c above 127", "Which wide character does swprintf store for the byte 130?", WIDE, Needs::NOTHING, |o| found(o, &SWPRINTF, &[b"%c", b"130", b"0", b"0", b"0", b"0", b"", b"0"]);
    "stdio.found.swprintf-La", "%La of 2.1 in swprintf", "Which digit does swprintf set before the point for %La of 2.1?", HEX, Needs::NOTHING, |o| found(o, &SWPRINTF, &[b"%La", b"0", b"0", b"0", b"0", b"2.1", b"", b"0"]);
}
