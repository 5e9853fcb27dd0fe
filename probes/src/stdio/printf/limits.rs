//! Widths, precisions and sizes near the end of what an `int` holds.

use super::describe;
use crate::case::Case;
use crate::stdio::case;
use crate::stdio::source::{LIMITS, NO_PRINT};
use crate::sys::stdio::format::Word::{N, S};
use crate::sys::stdio::format::print;

/// Rows of `id, title, source, size, format, [words], [doubles]`.
macro_rules! sized {
    ($($id:literal, $title:literal, $source:expr, $size:expr, $format:literal, [$($word:expr),*], [$($float:expr),*];)*) => {
        /// The cases of this table.
        pub const CASES: &[Case] = &[$(case(
            $id,
            $title,
            concat!("What does snprintf return and leave for ", stringify!($format), " (", $title, ")?"),
            $source,
            |o| describe(print($size, $format, &[$($word),*], &[$($float),*]), o),
        )),*];
    };
}

/// INT_MAX, as a size.
const INT_MAX: usize = i32::MAX as usize;

sized! {
    "stdio.printf.size-int-max", "n of INT_MAX", LIMITS, INT_MAX, c"%d", [N(5)], [];
    "stdio.printf.size-above", "n of INT_MAX + 1", LIMITS, INT_MAX + 1, c"%d", [N(5)], [];
    "stdio.printf.size-minus-1", "n of SIZE_MAX", LIMITS, usize::MAX, c"%d", [N(5)], [];
    "stdio.printf.width-above", "a width of INT_MAX + 1", LIMITS, 16, c"%2147483648d", [N(5)], [];
    "stdio.printf.width-far-above", "a width of 20 digits", LIMITS, 16, c"%99999999999999999999d", [N(5)], [];
    "stdio.printf.precision-above", "a precision of INT_MAX + 1", LIMITS, 16, c"%.2147483648d", [N(5)], [];
    "stdio.printf.precision-int-max", "a precision of INT_MAX for a string", LIMITS, 16, c"%.2147483647s", [S(c"ab")], [];
    "stdio.printf.position-above", "a position of INT_MAX + 1", NO_PRINT, 16, c"%2147483648$d", [N(5)], [];
    "stdio.printf.f-precision-large", "5,000 decimals", LIMITS, 16, c"%.5000f", [], [0.1];
    "stdio.printf.e-precision-large", "5,000 digits before the exponent", LIMITS, 16, c"%.5000e", [], [0.1];
    "stdio.printf.a-precision-large", "5,000 hexadecimal digits", LIMITS, 16, c"%.5000a", [], [0.1];
}
