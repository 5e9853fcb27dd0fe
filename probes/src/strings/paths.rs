//! The last part of a path, and its folder.

use super::case;
use crate::case::Case;
use crate::sys::strings::paths::{folder, last, last_plainly};

/// Rows of `word, path`: what each of the functions makes of it.
macro_rules! paths {
    ($($word:literal, $title:literal, $path:expr;)*) => {
        const POSIX: &[Case] = &[$(
            case(
                concat!("strings.basename.", $word),
                concat!("basename of ", $title),
                concat!("What does basename of libgen.h make of ", $title, "?"),
                "POSIX.1-2017 basename()",
                |o| o.fact("part", last($path)),
            ),
            case(
                concat!("strings.dirname.", $word),
                concat!("dirname of ", $title),
                concat!("What does dirname make of ", $title, "?"),
                "POSIX.1-2017 dirname()",
                |o| o.fact("part", folder($path)),
            )
        ),*];
    };
}

paths! {
    "plain", "/usr/lib", Some(c"/usr/lib");
    "trailing", "/usr/", Some(c"/usr/");
    "relative", "usr", Some(c"usr");
    "root", "/", Some(c"/");
    "two-slashes", "two slashes", Some(c"//");
    "three-slashes", "three slashes", Some(c"///");
    "two-slashes-name", "two slashes and a name", Some(c"//a");
    "inner-slashes", "many slashes inside", Some(c"a///b///");
    "dot", "a dot", Some(c".");
    "dots", "two dots after a slash", Some(c"/a/..");
    "empty", "an empty path", Some(c"");
    "null", "a null pointer", None;
}

const PLAIN: &str = "basename(3): GNU's in string.h under _GNU_SOURCE; musl WHATSNEW 1.2.5 (prototype dropped)";

const OTHERS: &[Case] = &[
    case(
        "strings.basename.gnu-trailing",
        "basename by name, of /usr/",
        "What does the function called basename make of /usr/?",
        PLAIN,
        |o| o.fact("part", last_plainly(c"/usr/")),
    ),
    case(
        "strings.basename.gnu-root",
        "basename by name, of /",
        "What does the function called basename make of /?",
        PLAIN,
        |o| o.fact("part", last_plainly(c"/")),
    ),
    case(
        "strings.basename.gnu-empty",
        "basename by name, of nothing",
        "What does the function called basename make of an empty path?",
        PLAIN,
        |o| o.fact("part", last_plainly(c"")),
    ),
    case(
        "strings.basename.gnu-plain",
        "basename by name, of /usr/lib",
        "What does the function called basename make of /usr/lib?",
        PLAIN,
        |o| o.fact("part", last_plainly(c"/usr/lib")),
    ),
];

const TABLES: &[&[Case]] = &[POSIX, OTHERS];
/// The cases of this table.
pub const CASES: &[Case] = &crate::case::join::<{ crate::case::count(TABLES) }>(TABLES);
