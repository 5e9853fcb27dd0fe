//! Modes of `fopen`, `fdopen` and `freopen`: which are taken, and what they make of the descriptor.

use core::ffi::CStr;

use super::case;
use super::source::MODES as SOURCE;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::stdio::descriptor;
use crate::sys::stdio::stream::{self, Stream};
use crate::sys::stdio::temporary;
use crate::text;

/// Rows of `id, mode, title`, for a file that is there.
macro_rules! modes {
    ($($id:literal, $mode:literal, $title:literal;)*) => {
        const OPENED: &[Case] = &[$(case(
            $id,
            $title,
            concat!("Does fopen take the mode ", stringify!($mode), " (", $title, ") for a file that is there, and what becomes of the file?"),
            SOURCE,
            |o| opened(o, $mode, true),
        )),*];
    };
}

/// Opens a file of the case's own by a path below /tmp/libcdiff.
fn opened(o: &mut Outcome, mode: &CStr, there: bool) {
    const PATH: &CStr = c"/tmp/libcdiff/stdio-modes";
    temporary::own_folder();
    temporary::remove(PATH);
    if there {
        let made = stream::open(PATH, c"w").map(|stream| (stream.puts(c"abc"), stream.close()));
        if o.need("making a file", made).is_none() {
            return;
        }
    }
    describe(o, stream::open(PATH, mode));
    let size = stream::open(PATH, c"r").map(|stream| stream.read(1, 100).1.len());
    o.fact("size_afterwards", size.ok());
    temporary::remove(PATH);
}

fn describe(o: &mut Outcome, result: Result<Stream, crate::sys::call::Errno>) {
    match result {
        Ok(stream) => o.fact("opened", descriptor::flags(stream.number().value as i32)),
        Err(e) => o.fact("refused", text::errno(e.0)),
    }
}

modes! {
    "stdio.fopen.r", c"r", "read";
    "stdio.fopen.r-plus", c"r+", "read and write";
    "stdio.fopen.w", c"w", "write";
    "stdio.fopen.w-plus", c"w+", "write and read";
    "stdio.fopen.a", c"a", "append";
    "stdio.fopen.a-plus", c"a+", "append and read";
    "stdio.fopen.rb-plus", c"rb+", "binary in the middle";
    "stdio.fopen.r-plus-b", c"r+b", "binary at the end";
    "stdio.fopen.e", c"re", "close on exec";
    "stdio.fopen.b-e", c"rbe", "binary, close on exec";
    "stdio.fopen.x", c"wx", "exclusive, and there";
    "stdio.fopen.x-plus", c"w+x", "exclusive last, and there";
    "stdio.fopen.x-read", c"rx", "exclusive reading";
    "stdio.fopen.m", c"rm", "mapped";
    "stdio.fopen.c", c"rc", "no cancellation";
    "stdio.fopen.t", c"rt", "text, of other systems";
    "stdio.fopen.w-t", c"wt", "text for writing";
    "stdio.fopen.n", c"wn", "no commit, of other systems";
    "stdio.fopen.rw", c"rw", "read and write by letters";
    "stdio.fopen.rw-plus", c"rw+", "read, write, plus";
    "stdio.fopen.plus-r", c"+r", "plus first";
    "stdio.fopen.b", c"b", "binary alone";
    "stdio.fopen.empty", c"", "an empty mode";
    "stdio.fopen.unknown", c"q", "an unknown letter";
    "stdio.fopen.upper", c"R", "upper case";
    "stdio.fopen.blank", c" r", "a blank first";
    "stdio.fopen.late-plus", c"rbxyzt+", "plus after many letters";
    "stdio.fopen.e-late", c"rbbbbbbe", "close on exec after many letters";
    "stdio.fopen.ccs", c"r,ccs=UTF-8", "a character set";
    "stdio.fopen.ccs-unknown", c"r,ccs=NO-SUCH", "an unknown character set";
    "stdio.fopen.ccs-write", c"w,ccs=ISO-8859-1", "a character set for writing";
}

/// Rows of `id, title, access of the descriptor, mode`.
macro_rules! over {
    ($($id:literal, $title:literal, $access:expr, $mode:literal;)*) => {
        const OVER: &[Case] = &[$(case(
            $id,
            $title,
            concat!("Does fdopen take the mode ", stringify!($mode), " (", $title, "), and what becomes of the descriptor?"),
            "POSIX.1-2017 fdopen(): EINVAL may be set where the mode is not allowed for the descriptor",
            |o| {
                let Some(file) = o.need("a file in memory", descriptor::file(b"abc")) else { return };
                let Some(fd) = o.need("the file again", descriptor::reopened(&file, $access)) else { return };
                describe(o, stream::over(fd, $mode).map_err(|(e, _)| e));
                o.fact("size_afterwards", file.content().len());
            },
        )),*];
    };
}

over! {
    "stdio.fdopen.r", "read on read", libc::O_RDONLY, c"r";
    "stdio.fdopen.w-on-read", "write on read", libc::O_RDONLY, c"w";
    "stdio.fdopen.plus-on-read", "read and write on read", libc::O_RDONLY, c"r+";
    "stdio.fdopen.r-on-write", "read on write", libc::O_WRONLY, c"r";
    "stdio.fdopen.plus-on-write", "read and write on write", libc::O_WRONLY, c"w+";
    "stdio.fdopen.w", "write: not cut", libc::O_RDWR, c"w";
    "stdio.fdopen.a", "append", libc::O_RDWR, c"a";
    "stdio.fdopen.x", "exclusive", libc::O_RDWR, c"wx";
    "stdio.fdopen.e", "close on exec", libc::O_RDWR, c"re";
    "stdio.fdopen.empty", "an empty mode", libc::O_RDWR, c"";
    "stdio.fdopen.unknown", "an unknown letter", libc::O_RDWR, c"z";
}

const OTHERS: &[Case] = &[
    case(
        "stdio.fopen.x-new",
        "exclusive, and not there",
        "Does the mode wx make a file that is not there?",
        SOURCE,
        |o| opened(o, c"wx", false),
    ),
    case(
        "stdio.fopen.r-new",
        "read, and not there",
        "Which error does fopen give for a file that is not there?",
        SOURCE,
        |o| opened(o, c"r", false),
    ),
    case("stdio.fopen.a-new", "append, and not there", "Does the mode a make a file that is not there?", SOURCE, |o| {
        opened(o, c"a", false)
    }),
    case(
        "stdio.fopen.unknown-new",
        "an unknown mode, and not there",
        "Does fopen look at the mode before it looks at the path?",
        SOURCE,
        |o| opened(o, c"q", false),
    ),
    case(
        "stdio.fdopen.closed",
        "fdopen of no descriptor",
        "Does fdopen notice that 99 is no descriptor?",
        "POSIX.1-2017 fdopen(): EBADF may be set",
        |o| describe(o, stream::over_number(99, c"r")),
    ),
    case(
        "stdio.fdopen.negative",
        "fdopen of -1",
        "Does fdopen notice that -1 is no descriptor?",
        "POSIX.1-2017 fdopen(): EBADF may be set",
        |o| describe(o, stream::over_number(-1, c"w")),
    ),
    case(
        "stdio.freopen.mode",
        "freopen without a path",
        "Can freopen without a path change a stream from reading to writing?",
        "POSIX.1-2017 freopen(): which changes are permitted is implementation-defined",
        |o| reopened(o, c"r", None, c"w"),
    ),
    case(
        "stdio.freopen.mode-same",
        "freopen without a path, same mode",
        "Does freopen without a path put a stream back to the start?",
        "POSIX.1-2017 freopen()",
        |o| reopened(o, c"r", None, c"r"),
    ),
    case(
        "stdio.freopen.mode-plus",
        "freopen without a path, plus",
        "Can freopen without a path add writing to a stream?",
        "POSIX.1-2017 freopen()",
        |o| reopened(o, c"r", None, c"r+"),
    ),
    case(
        "stdio.freopen.mode-append",
        "freopen without a path, append",
        "Can freopen without a path make a stream append?",
        "POSIX.1-2017 freopen()",
        |o| reopened(o, c"r+", None, c"a"),
    ),
    case(
        "stdio.freopen.mode-unknown",
        "freopen without a path, unknown mode",
        "What does freopen say to an unknown mode?",
        "POSIX.1-2017 freopen()",
        |o| reopened(o, c"r", None, c"q"),
    ),
    case(
        "stdio.freopen.missing",
        "freopen of a missing file",
        "Which error does freopen give for a path that is not there?",
        "POSIX.1-2017 freopen()",
        |o| reopened(o, c"r", Some(c"/no/such/file"), c"r"),
    ),
    case(
        "stdio.freopen.folder",
        "freopen of a folder",
        "Does freopen keep the descriptor's number when it opens another path?",
        "POSIX.1-2017 freopen()",
        |o| reopened(o, c"r", Some(c"/"), c"r"),
    ),
];

fn reopened(o: &mut Outcome, first: &CStr, path: Option<&CStr>, mode: &CStr) {
    let Some((stream, watched)) = super::buffers::file(o, b"abc", first) else { return };
    let before = stream.number().value;
    stream.get();
    match stream.reopen(path, mode) {
        Ok(stream) => {
            o.fact("reopened", descriptor::flags(stream.number().value as i32));
            o.fact("number_kept", stream.number().value == before);
            o.fact("tell", stream.tell());
            o.fact("get", stream.get());
        }
        Err(e) => {
            o.fact("refused", text::errno(e.0));
            o.fact("descriptor", descriptor::flags(before as i32));
        }
    }
    o.fact("size_afterwards", watched.content().len());
}

const TABLES: &[&[Case]] = &[OPENED, OVER, OTHERS];
/// The cases of this table.
pub const CASES: &[Case] = &crate::case::join::<{ crate::case::count(TABLES) }>(TABLES);
