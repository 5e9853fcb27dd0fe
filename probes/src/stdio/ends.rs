//! The end of a file: whether it stays one when more arrives, and what clears it.

use super::case;
use super::source::ENDS as SOURCE;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::stdio::descriptor::{self, Fd};
use crate::sys::stdio::stream::{Buffer, SEEK_CUR, Stream};

/// Rows of `id, title, question, what is done after the end was seen once and three bytes more were written`.
macro_rules! after_end {
    ($($id:literal, $title:literal, $question:literal, $work:expr;)*) => {
        const AFTER: &[Case] = &[$(case($id, $title, $question, SOURCE, |o| {
            let Some((stream, file)) = grown(o) else { return };
            let work: fn(&Stream, &mut Outcome) = $work;
            work(&stream, o);
            o.fact("state", stream.state());
            drop(file);
        })),*];
    };
}

/// A stream that has read its file to the end, after which the file grew by `abc` and a new line.
fn grown(o: &mut Outcome) -> Option<(Stream, Fd)> {
    let file = o.need("a file in memory", descriptor::file(b"x"))?;
    let reader = o.need("the file again", descriptor::reopened(&file, libc::O_RDONLY))?;
    let stream = o.need("fdopen", crate::sys::stdio::stream::over(reader, c"r").map_err(|(e, _)| e))?;
    while stream.get().value >= 0 {}
    file.write(b"xabc\n");
    Some((stream, file))
}

after_end! {
    "stdio.ends.character", "fgetc after the end", "Does fgetc read on after the end of a file that has grown?", |s, o| o.fact("character", s.get());
    "stdio.ends.line", "fgets after the end", "Does fgets read on after the end of a file that has grown?", |s, o| o.fact("line", s.line(32));
    "stdio.ends.block", "fread after the end", "Does fread read on after the end of a file that has grown?", |s, o| o.fact("items", s.read(1, 10).0);
    "stdio.ends.getline", "getline after the end", "Does getline read on after the end of a file that has grown?",
        |s, o| o.fact("line", s.delimited(&mut Buffer::none(0), 10).1);
    "stdio.ends.scan", "fscanf after the end", "Does fscanf read on after the end of a file that has grown?", |s, o| o.fact("count", s.scan_int(c"%*s%d").0);
    "stdio.ends.wide", "fgetwc after the end", "Does fgetwc read on after the end of a file that has grown?", |s, o| o.fact("character", s.get_wide());
    "stdio.ends.cleared", "clearerr", "Does fgetc read on after clearerr?", |s, o| { s.clear(); o.fact("character", s.get()); };
    "stdio.ends.sought", "fseek to where it is", "Does fgetc read on after fseek by 0?", |s, o| { s.seek(0, SEEK_CUR); o.fact("character", s.get()); };
    "stdio.ends.pushed", "ungetc at the end", "What does fgetc read, twice, after ungetc at the end of a file that has grown?",
        |s, o| { s.unget(90); o.fact("first", s.get()); o.fact("second", s.get()); };
    "stdio.ends.told", "ftell at the end", "What does ftell say at the end of a file that has grown?", |s, o| o.fact("position", s.tell());
}

const OTHERS: &[Case] = &[
    case(
        "stdio.ends.exact",
        "reading exactly to the end",
        "Is the end of a file seen when fread took exactly all of it?",
        SOURCE,
        |o| {
            let Some((stream, _)) = super::buffers::file(o, b"abc", c"r") else { return };
            o.fact("items", stream.read(1, 3).0);
            o.fact("state", stream.state());
            o.fact("next", stream.get());
            o.fact("then", stream.state());
        },
    ),
    case(
        "stdio.ends.scan-empty",
        "fscanf at the end",
        "What does fscanf return at the end of a file, and is errno left alone?",
        super::source::C_SCAN,
        |o| {
            let Some((stream, _)) = super::buffers::file(o, b" ", c"r") else { return };
            o.fact("count", stream.scan_int(c"%d").0);
            o.fact("state", stream.state());
        },
    ),
    case(
        "stdio.ends.scan-pushback",
        "what fscanf leaves",
        "Which character comes after fscanf of a number that ends in 0x?",
        super::source::C_SCAN,
        |o| {
            let Some((stream, _)) = super::buffers::file(o, b"0xz", c"r") else { return };
            let (answer, number) = stream.scan_int(c"%i");
            o.fact("count", answer);
            o.fact("number", number);
            o.fact("next", stream.get());
        },
    ),
    case(
        "stdio.ends.scan-sign",
        "what fscanf leaves of a sign",
        "Which character comes after fscanf of a sign without digits?",
        super::source::C_SCAN,
        |o| {
            let Some((stream, _)) = super::buffers::file(o, b"-z", c"r") else { return };
            o.fact("count", stream.scan_int(c"%d").0);
            o.fact("next", stream.get());
        },
    ),
];

const TABLES: &[&[Case]] = &[AFTER, OTHERS];
/// The cases of this table.
pub const CASES: &[Case] = &crate::case::join::<{ crate::case::count(TABLES) }>(TABLES);
