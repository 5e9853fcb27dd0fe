//! Names of temporary files: their letters, their folders, and what makes them fail.

use heap::string::String;

use super::case;
use super::source::TEMPORARY as SOURCE;
use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::stdio::descriptor;
use crate::sys::stdio::stream;
use crate::sys::stdio::temporary::{self, Made, own_folder};
use crate::text;

/// Which letters there are among what replaced the Xs of many names.
fn alphabet(mut name: impl FnMut() -> Option<String>) -> Option<String> {
    let (mut lower, mut upper, mut digits, mut late) = (false, false, false, false);
    for _ in 0..400 {
        for letter in name()?.bytes().rev().take(6) {
            lower |= letter.is_ascii_lowercase();
            upper |= letter.is_ascii_uppercase();
            digits |= letter.is_ascii_digit();
            late |= letter.to_ascii_lowercase() > b'p';
        }
    }
    let letters = match (lower, upper, digits) {
        (true, true, true) => "upper and lower case, digits",
        (true, true, false) => "upper and lower case",
        (true, false, true) => "lower case, digits",
        _ => "others",
    };
    Some(heap::format!("{letters}{}", if late { ", up to z" } else { ", up to p" }))
}

/// A template's result, with what replaced the Xs written as X again.
fn describe(o: &mut Outcome, made: Made, template: &str) {
    let same = made.name.len() == template.len();
    // A letter may be replaced by itself, so that it is asked of all of them at once.
    let replaced = made.name != template;
    let shape: String = template
        .chars()
        .zip(made.name.chars())
        .map(|(was, is)| if was == 'X' && replaced { '?' } else { is })
        .collect();
    o.fact("name", if same { shape } else { heap::format!("{} bytes", made.name.len()) });
    o.fact("result", made.result.unwrap_or_else(|e| text::errno(e.0)));
}

/// Rows of `id, title, template, suffix, flags`, for mkostemps.
macro_rules! templates {
    ($($id:literal, $title:literal, $template:literal, $suffix:literal, $flags:expr;)*) => {
        const MADE: &[Case] = &[$(case(
            $id,
            $title,
            concat!("What does mkostemps make of ", stringify!($template), " (", $title, ")?"),
            SOURCE,
            |o| {
                own_folder();
                describe(o, temporary::file($template, $suffix, $flags), $template.to_str().unwrap_or_default());
            },
        )),*];
    };
}

templates! {
    "stdio.temporary.template", "six Xs", c"/tmp/libcdiff/aXXXXXX", 0, 0;
    "stdio.temporary.template-suffix", "a suffix", c"/tmp/libcdiff/aXXXXXX.txt", 4, 0;
    "stdio.temporary.template-five", "five Xs", c"/tmp/libcdiff/aXXXXX", 0, 0;
    "stdio.temporary.template-ten", "ten Xs", c"/tmp/libcdiff/aXXXXXXXXXX", 0, 0;
    "stdio.temporary.template-late", "Xs not at the end", c"/tmp/libcdiff/XXXXXXa", 0, 0;
    "stdio.temporary.template-short", "a suffix longer than the name", c"XXXXXX", 3, 0;
    "stdio.temporary.template-missing", "a folder that is not there", c"/no/such/folder/aXXXXXX", 0, 0;
    "stdio.temporary.template-cloexec", "O_CLOEXEC", c"/tmp/libcdiff/aXXXXXX", 0, libc::O_CLOEXEC;
    "stdio.temporary.template-append", "O_APPEND", c"/tmp/libcdiff/aXXXXXX", 0, libc::O_APPEND;
    "stdio.temporary.template-access", "an access mode", c"/tmp/libcdiff/aXXXXXX", 0, libc::O_WRONLY;
}

const OTHERS: &[Case] = &[
    case(
        "stdio.temporary.alphabet",
        "letters of mkstemp",
        "Which letters do the names of mkstemp have?",
        SOURCE,
        |o| {
            own_folder();
            o.fact("letters", alphabet(|| Some(temporary::plain_file(c"/tmp/libcdiff/aXXXXXX").name)));
        },
    ),
    case(
        "stdio.temporary.alphabet-tmpnam",
        "letters of tmpnam",
        "Which letters do the names of tmpnam have?",
        SOURCE,
        |o| o.fact("letters", alphabet(temporary::any_name)),
    ),
    case("stdio.temporary.tmpnam", "tmpnam", "How does a name of tmpnam begin, and how long is it?", SOURCE, |o| {
        let name = temporary::any_name().unwrap_or_default();
        o.fact("length", name.len());
        o.fact("begins", name.get(..name.len().saturating_sub(6)).unwrap_or_default());
    }),
    Case {
        needs: Needs::NOTHING.env(&[("TMPDIR", "/tmp/libcdiff/elsewhere")]),
        ..case(
            "stdio.temporary.tempnam-environment",
            "tempnam and TMPDIR",
            "Does tempnam look at TMPDIR?",
            "tempnam(3)",
            |o| {
                own_folder();
                named(o, None, c"pre");
            },
        )
    },
    case(
        "stdio.temporary.tempnam",
        "tempnam in a folder",
        "Does tempnam take the folder and five letters of a prefix?",
        "tempnam(3)",
        |o| {
            own_folder();
            named(o, Some(c"/tmp/libcdiff"), c"abcdefgh");
        },
    ),
    case(
        "stdio.temporary.tempnam-missing",
        "tempnam in a folder that is not there",
        "Does tempnam fall back to /tmp for a folder that is not there?",
        "tempnam(3)",
        |o| named(o, Some(c"/no/such"), c"abc"),
    ),
    case("stdio.temporary.folder", "mkdtemp", "What does mkdtemp make of six Xs?", SOURCE, |o| {
        own_folder();
        let made = temporary::folder(c"/tmp/libcdiff/dXXXXXX");
        o.fact("made", made.map_or_else(|e| text::errno(e.0), |name| heap::format!("{} bytes", name.len())));
    }),
    case(
        "stdio.temporary.folder-bad",
        "mkdtemp without Xs",
        "Which error does mkdtemp give without six Xs?",
        SOURCE,
        |o| {
            o.fact("made", temporary::folder(c"/tmp/dXXX").map_err(|e| text::errno(e.0)).err());
        },
    ),
    case(
        "stdio.temporary.name",
        "mktemp without Xs",
        "What does mktemp leave of a template without six Xs?",
        SOURCE,
        |o| {
            let (name, itself, errno) = temporary::name(c"/tmp/abc");
            o.fact("name", name);
            o.fact("itself", itself);
            o.fact("errno", text::errno(errno.0));
        },
    ),
    case(
        "stdio.temporary.tmpfile",
        "tmpfile",
        "How is the file of tmpfile opened, and can it be written and read back?",
        SOURCE,
        |o| match stream::temporary() {
            Ok(stream) => {
                o.fact("opened", descriptor::flags(stream.number().value as i32));
                stream.puts(c"abc");
                stream.rewind();
                o.fact("bytes", text::bytes(&stream.read(1, 10).1));
            }
            Err(e) => o.fact("refused", text::errno(e.0)),
        },
    ),
    case(
        "stdio.temporary.terminal",
        "ctermid",
        "What does ctermid call the terminal?",
        "POSIX.1-2017 ctermid()",
        |o| o.fact("name", temporary::terminal()),
    ),
];

fn named(o: &mut Outcome, folder: Option<&core::ffi::CStr>, prefix: &core::ffi::CStr) {
    let name = temporary::name_in(folder, prefix).unwrap_or_default();
    o.fact("begins", name.get(..name.len().saturating_sub(6)).unwrap_or_default());
}

const TABLES: &[&[Case]] = &[MADE, OTHERS];
/// The cases of this table.
pub const CASES: &[Case] = &crate::case::join::<{ crate::case::count(TABLES) }>(TABLES);
