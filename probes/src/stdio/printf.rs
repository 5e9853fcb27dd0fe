//! `printf`: what a format and its arguments become, by `snprintf` into a buffer that is long enough unless a row says
//! otherwise. Where the call fails, what the buffer holds is not compared.

use heap::string::String;

use super::case;
use super::source::{C_PRINT, GNU_PRINT, NO_PRINT};
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::stdio::descriptor;
use crate::sys::stdio::format::{Printed, Word, from_double, print, print_allocated, print_to};
use crate::text;

pub mod floats;
pub mod integers;
pub mod letters;
pub mod limits;
pub mod wide;

/// Describes what a call did.
pub(super) fn describe(printed: Printed, o: &mut Outcome) {
    o.fact("length", printed.length);
    if printed.length < 0 {
        o.fact("errno", text::errno(printed.errno.0));
    } else {
        let result = printed.text.as_deref().map_or("not terminated".into(), quoted);
        o.fact("result", result);
    }
    if let Some(counted) = printed.counted {
        o.fact("counted", counted);
    }
}

/// Bytes in quotes; long runs of one byte are counted.
pub(super) fn quoted(bytes: &[u8]) -> String {
    heap::format!("{:?}", text::bytes(bytes))
}

/// Rows of `id, title, source, format, [words], [doubles]`.
macro_rules! prints {
    ($($id:literal, $title:literal, $source:expr, $format:literal, [$($word:expr),*] $(, [$($float:expr),*])?;)*) => {
        /// The cases of this table.
        pub const CASES: &[$crate::case::Case] = &[$($crate::stdio::case(
            $id,
            $title,
            concat!("What does snprintf write for ", stringify!($format), " (", $title, "), and what does it return?"),
            $source,
            |o| {
                let floats: &[f64] = &[$($($float),*)?];
                $crate::stdio::printf::describe(print(2048, $format, &[$($word),*], floats), o);
            },
        )),*];
    };
}
use prints;

const DPRINTF: &str = "POSIX.1-2017 dprintf()";
const ASPRINTF: &str = "asprintf(3): on error the contents are undefined; glibc 2.43 NEWS; FreeBSD sets a null pointer";
const STRFROMD: &str = "ISO C23 7.24.1.3 strfromd(); glibc 2.25";

/// The cases about other functions of the family.
pub const CASES: &[Case] = &[
    case(
        "stdio.dprintf.closed",
        "dprintf to no descriptor",
        "What does dprintf return for a descriptor that is not open?",
        DPRINTF,
        |o| {
            let (length, errno) = print_to(-1, c"%s", &[Word::S(c"text")]);
            o.fact("length", length);
            o.fact("errno", text::errno(errno.0));
        },
    ),
    case(
        "stdio.dprintf.writes",
        "writes of dprintf",
        "In how many writes does dprintf put 2,000 bytes out?",
        DPRINTF,
        |o| {
            let Some([here, there]) = o.need("a socket pair", descriptor::messages()) else { return };
            let (length, _) = print_to(there.number(), c"%2000d", &[Word::N(5)]);
            o.fact("length", length);
            o.fact("writes", here.writes());
        },
    ),
    case(
        "stdio.dprintf.empty",
        "dprintf of nothing",
        "Does dprintf with an empty format write anything?",
        DPRINTF,
        |o| {
            let Some([here, there]) = o.need("a socket pair", descriptor::messages()) else { return };
            let (length, _) = print_to(there.number(), c"", &[]);
            o.fact("length", length);
            o.fact("writes", here.writes().len());
        },
    ),
    case("stdio.asprintf.text", "asprintf", "What does asprintf allocate and return for a number?", ASPRINTF, |o| {
        let (length, _, text, _) = print_allocated(c"<%d>", &[Word::N(42)]);
        o.fact("length", length);
        o.fact("result", text.map(|text| quoted(&text)));
    }),
    case(
        "stdio.asprintf.failure",
        "asprintf that fails",
        "What does asprintf leave in the pointer when a wide character cannot be converted?",
        ASPRINTF,
        |o| {
            let (length, errno, _, null) = print_allocated(c"%ls", &[Word::W(&[0x7fff_fff0, 0])]);
            o.fact("length", length);
            o.fact("errno", text::errno(errno.0));
            o.fact("pointer_null", null);
        },
    ),
    case(
        "stdio.strfromd.exists",
        "strfromd",
        "Is there strfromd, and what does it write for %.3g of pi?",
        STRFROMD,
        |o| match from_double(c"%.3g", core::f64::consts::PI) {
            Some((length, text)) => {
                o.fact("length", length);
                o.fact("result", quoted(&text));
            }
            None => o.line("no strfromd"),
        },
    ),
    case(
        "stdio.printf.truncated",
        "a buffer that is too small",
        "What does snprintf return, and how does the buffer end, when 4 bytes are told and 10 would be needed?",
        C_PRINT,
        |o| describe(print(4, c"%d", &[Word::N(123_456_789)], &[]), o),
    ),
    case(
        "stdio.printf.size-1",
        "a buffer of one byte",
        "What does snprintf leave in a buffer of one byte?",
        C_PRINT,
        |o| describe(print(1, c"%s", &[Word::S(c"text")], &[]), o),
    ),
    case(
        "stdio.printf.size-0",
        "a buffer of no bytes",
        "Does snprintf leave a buffer alone whose size is told as 0?",
        C_PRINT,
        |o| describe(print(0, c"%s", &[Word::S(c"text")], &[]), o),
    ),
    case(
        "stdio.printf.failed-buffer",
        "what a failed call leaves",
        "What does snprintf leave in the buffer when a conversion in the middle fails?",
        GNU_PRINT,
        |o| {
            let printed = print(64, c"abc%lsdef", &[Word::W(&[0x7fff_fff0, 0])], &[]);
            o.fact("length", printed.length);
            o.fact("buffer", printed.text.as_deref().map_or("not terminated".into(), quoted));
        },
    ),
    case(
        "stdio.printf.huge-width-small-buffer",
        "a large width and a small buffer",
        "What does snprintf return for a width of 100,000 in a buffer of 8 bytes?",
        NO_PRINT,
        |o| describe(print(8, c"%100000d", &[Word::N(1)], &[]), o),
    ),
];
