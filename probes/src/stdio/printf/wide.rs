//! `swprintf`, which returns no length where the buffer is too small.

use super::super::source::{C_PRINT as C, GNU_PRINT as GNU};
use crate::case::Case;
use crate::stdio::case;
use crate::sys::stdio::format::Word::{N, Null, S, W};
use crate::sys::stdio::format::print_wide;
use crate::text;

/// Rows of `id, title, source, size, format, [words], [doubles]`.
macro_rules! wide {
    ($($id:literal, $title:literal, $source:expr, $size:literal, $format:literal, [$($word:expr),*], [$($float:expr),*];)*) => {
        /// The cases of this table.
        pub const CASES: &[Case] = &[$(case(
            $id,
            $title,
            concat!("What does swprintf write for ", stringify!($format), " (", $title, "), and what does it return?"),
            $source,
            |o| {
                let (length, errno, result) = print_wide($size, $format, &[$($word),*], &[$($float),*]);
                o.fact("length", length);
                if length < 0 {
                    o.fact("errno", text::errno(errno.0));
                } else {
                    o.fact("result", heap::format!("{result:?}"));
                }
                o.measured("buffer", result);
            },
        )),*];
    };
}

wide! {
    "stdio.swprintf.d", "a number", C, 64, "%d %5d|", [N(5), N(-5)], [];
    "stdio.swprintf.f", "a double", C, 64, "%.2f %e", [], [1.005, 1.5];
    "stdio.swprintf.exact", "a buffer that is just long enough", C, 6, "%d", [N(12345)], [];
    "stdio.swprintf.short", "a buffer one too short", C, 5, "%d", [N(12345)], [];
    "stdio.swprintf.size-0", "a buffer of none", C, 0, "%d", [N(5)], [];
    "stdio.swprintf.s", "a string of bytes", C, 64, "[%s][%5s]", [S(c"ab"), S(c"ab")], [];
    "stdio.swprintf.s-high", "bytes above 127 in the C locale", C, 64, "<%s>", [S(c"\xe9")], [];
    "stdio.swprintf.s-null", "a null string", GNU, 64, "<%s>", [Null], [];
    "stdio.swprintf.ls", "a wide string", C, 64, "[%ls][%.1ls]", [W(&[0xe9, 98, 0]), W(&[0xe9, 98, 0])], [];
    "stdio.swprintf.lc", "a wide character", C, 64, "<%lc>", [N(0x20ac)], [];
    "stdio.swprintf.p-null", "a null pointer", C, 64, "<%p>", [Null], [];
    "stdio.swprintf.b", "binary", GNU, 64, "<%b>", [N(5)], [];
    "stdio.swprintf.Ld", "L with an integer", GNU, 64, "<%Ld>", [N(1 << 40)], [];
    "stdio.swprintf.positions", "arguments by position", GNU, 64, "%2$d %1$d", [N(1), N(2)], [];
    "stdio.swprintf.m", "the text of errno 0", GNU, 64, "<%m>", [], [];
    "stdio.swprintf.unknown", "an unknown letter", GNU, 64, "<%k>", [N(1)], [];
}
