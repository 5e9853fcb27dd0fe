//! Copying with a limit: what is written, what is filled, and what is returned.

use super::case;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::strings::search::{Copy, copy};

/// Rows of `id, title, function, content, from, limit`.
macro_rules! copies {
    ($($id:literal, $title:literal, $how:ident, $content:literal, $from:literal, $limit:literal;)*) => {
        /// The cases of this table.
        pub const CASES: &[Case] = &[$(case(
            $id,
            $title,
            concat!("What does ", stringify!($how), " with the limit ", $limit, " leave in a buffer, and what does it return (", $title, ")?"),
            "POSIX.1-2017 strncpy(), strncat(), memccpy(); POSIX.1-2024 strlcpy(); glibc NEWS 2.38",
            |o| copied(o, Copy::$how, $content, $from, $limit),
        )),*];
    };
}

fn copied(o: &mut Outcome, how: Copy, content: &core::ffi::CStr, from: &core::ffi::CStr, limit: usize) {
    match copy(how, content, from, limit) {
        Some(copied) => {
            o.fact("value", copied.value);
            o.fact("buffer", copied.buffer);
        }
        None => o.line("no such function"),
    }
}

copies! {
    "strings.strlcpy.plain", "room enough", Strlcpy, c"", c"abc", 8;
    "strings.strlcpy.cut", "cut", Strlcpy, c"", c"abcdef", 4;
    "strings.strlcpy.zero", "no room", Strlcpy, c"", c"abc", 0;
    "strings.strlcat.plain", "room enough", Strlcat, c"ab", c"cd", 8;
    "strings.strlcat.cut", "cut", Strlcat, c"ab", c"cdef", 4;
    "strings.strlcat.full", "no end within the limit", Strlcat, c"abcdef", c"xy", 3;
    "strings.strncpy.fill", "filled with NUL", Strncpy, c"", c"ab", 5;
    "strings.strncpy.cut", "cut without NUL", Strncpy, c"", c"abcdef", 3;
    "strings.strncat.cut", "cut with NUL", Strncat, c"ab", c"cdef", 2;
    "strings.stpncpy.fill", "the end of what was copied", Stpncpy, c"", c"ab", 5;
    "strings.stpncpy.cut", "the end of what was cut", Stpncpy, c"", c"abcdef", 3;
    "strings.memccpy.found", "up to a colon", Memccpy, c"", c"ab:cd", 5;
    "strings.memccpy.not-found", "no colon within the limit", Memccpy, c"", c"abcd:", 3;
}
