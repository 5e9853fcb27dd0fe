//! Positions of streams over files: before the start, beyond the end, after appending.

use super::buffers::file;
use super::case;
use super::source::POSITION as SOURCE;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::stdio::descriptor;
use crate::sys::stdio::stream::{self, SEEK_CUR, SEEK_END, SEEK_SET, Stream};
use crate::text;

/// Rows of `id, title, question, mode, what is done with a stream over "abcdef"`.
macro_rules! positions {
    ($($id:literal, $title:literal, $question:literal, $mode:literal, $work:expr;)*) => {
        const OVER: &[Case] = &[$(case($id, $title, $question, SOURCE, |o| {
            let Some((stream, watched)) = file(o, b"abcdef", $mode) else { return };
            let work: fn(&Stream, &mut Outcome) = $work;
            work(&stream, o);
            stream.flush();
            o.fact("content", text::bytes(&watched.content()));
        })),*];
    };
}

positions! {
    "stdio.position.before-start", "before the start", "Which error does fseek give before the start?", c"r", |s, o| { o.fact("seek", s.seek(-1, SEEK_SET)); o.fact("tell", s.tell()); };
    "stdio.position.whence-unknown", "an unknown origin", "Which error does fseek give for origin 9?", c"r", |s, o| o.fact("seek", s.seek(0, 9));
    "stdio.position.beyond", "beyond the end", "Can a position beyond the end be taken, and what is read there?", c"r", |s, o| { o.fact("seek", s.seek(100, SEEK_SET)); o.fact("tell", s.tell()); o.fact("get", s.get()); };
    "stdio.position.hole", "a hole", "What is between the end and what is written beyond it?", c"r+", |s, o| { s.seek(8, SEEK_SET); o.fact("put", s.put(90)); };
    "stdio.position.huge", "the largest offset", "Does fseek take LONG_MAX?", c"r", |s, o| { o.fact("seek", s.seek(i64::MAX, SEEK_SET)); };
    "stdio.position.huge-sum", "an offset that overflows", "Which error does fseek give for LONG_MAX from position 3?", c"r", |s, o| { s.seek(3, SEEK_SET); o.fact("seek", s.seek(i64::MAX, SEEK_CUR)); o.fact("tell", s.tell()); };
    "stdio.position.end", "from the end", "What is read one before the end?", c"r", |s, o| { o.fact("seek", s.seek(-1, SEEK_END)); o.fact("get", s.get()); };
    "stdio.position.append-opened", "opened to append", "What does ftell say right after a file was opened to append?", c"a", |s, o| o.fact("tell", s.tell());
    "stdio.position.append-unflushed", "appended, not flushed", "What does ftell say after 2 characters were appended and not flushed?", c"a", |s, o| { s.puts(c"xy"); o.fact("tell", s.tell()); };
    "stdio.position.append-sought", "appended after a seek", "Where is a character appended after fseek to the start?", c"a", |s, o| { s.seek(0, SEEK_SET); o.fact("tell", s.tell()); s.put(90); o.fact("then", s.tell()); };
    "stdio.position.append-read", "a+ reads", "What does a+ read first, and where does it write then?", c"a+", |s, o| { o.fact("get", s.get()); s.seek(0, SEEK_CUR); s.put(90); o.fact("tell", s.tell()); };
    "stdio.position.written", "written, not flushed", "What does ftell say after 3 characters were written and not flushed?", c"r+", |s, o| { s.puts(c"xyz"); o.fact("tell", s.tell()); };
    "stdio.position.update", "read, sought, written", "Where does a character go that is written after reading and fseek by 0?", c"r+", |s, _| { s.get(); s.seek(0, SEEK_CUR); s.put(90); };
    "stdio.position.seek-clears", "fseek at the end", "Does fseek clear the end of file?", c"r", |s, o| { while s.get().value >= 0 {} s.seek(0, SEEK_SET); o.fact("state", s.state()); };
    "stdio.position.seek-keeps-error", "fseek after an error", "Does fseek clear an error?", c"r", |s, o| { s.put(65); s.seek(0, SEEK_SET); o.fact("state", s.state()); };
    "stdio.position.rewind-clears-error", "rewind after an error", "Does rewind clear an error?", c"r", |s, o| { s.put(65); s.rewind(); o.fact("state", s.state()); };
}

const OTHERS: &[Case] = &[
    case("stdio.position.pipe", "positions of a pipe", "Which error do ftell and fseek give on a pipe?", SOURCE, |o| {
        let Some([end, _kept]) = o.need("a pipe", descriptor::pipe()) else { return };
        let Some(stream) = o.need("fdopen", stream::over(end, c"r").map_err(|(e, _)| e)) else { return };
        o.fact("tell", stream.tell());
        o.fact("seek", stream.seek(0, SEEK_SET));
        o.fact("rewind", text::errno(stream.rewind().0));
    }),
    case(
        "stdio.position.offset-kept",
        "a descriptor not at its start",
        "What does ftell say when fdopen took a descriptor at offset 3?",
        SOURCE,
        |o| {
            let Some(file) = o.need("a file in memory", descriptor::file(b"abcdef")) else { return };
            let Some(fd) = o.need("the file again", descriptor::reopened(&file, libc::O_RDWR)) else { return };
            fd.write(b"xyz");
            let Some(stream) = o.need("fdopen", stream::over(fd, c"r+").map_err(|(e, _)| e)) else { return };
            o.fact("tell", stream.tell());
            o.fact("get", stream.get());
        },
    ),
];

const TABLES: &[&[Case]] = &[OVER, OTHERS];
/// The cases of this table.
pub const CASES: &[Case] = &crate::case::join::<{ crate::case::count(TABLES) }>(TABLES);
