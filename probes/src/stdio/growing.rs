//! `open_memstream`: a stream into memory that grows.

use super::case;
use super::source::GROWING as SOURCE;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::stdio::memory::Growing;
use crate::sys::stdio::stream::{SEEK_CUR, SEEK_END, SEEK_SET, Stream};

/// Rows of `id, title, question, what is done`; size and content are compared before and after the stream is closed.
macro_rules! grown {
    ($($id:literal, $title:literal, $question:literal, $work:expr;)*) => {
        /// The cases of this table.
        pub const CASES: &[Case] = &[$(case($id, $title, $question, SOURCE, |o| {
            let mut memory = Growing::new();
            let Some(stream) = o.need("open_memstream", memory.open()) else { return };
            let work: fn(&Stream, &mut Outcome) = $work;
            work(&stream, o);
            o.fact("size", memory.bytes());
            o.fact("close", stream.close());
            o.fact("size_closed", memory.bytes());
            if let Some((content, terminated)) = memory.content() {
                o.fact("content", if content.len() > 40 { heap::format!("{} bytes", content.len()) } else { heap::format!("{content:?}") });
                o.fact("terminated", terminated);
            }
        })),*];
    };
}

grown! {
    "stdio.memstream.empty", "nothing written", "Is there memory of no bytes with a NUL when nothing was written?", |_, _| ();
    "stdio.memstream.unflushed", "before a flush", "Is the size up to date before fflush?", |s, o| o.fact("puts", s.puts(c"abc"));
    "stdio.memstream.flushed", "after a flush", "Is the size up to date after fflush?", |s, o| { s.puts(c"abc"); o.fact("flush", s.flush()); };
    "stdio.memstream.back", "written over", "Which size is told after writing over the start?", |s, o| { s.puts(c"abcdef"); o.fact("seek", s.seek(0, SEEK_SET)); s.puts(c"XY"); s.flush(); };
    "stdio.memstream.back-unwritten", "moved to the start", "Which size is told after moving to the start and flushing?", |s, o| { s.puts(c"abcdef"); o.fact("seek", s.seek(0, SEEK_SET)); s.flush(); };
    "stdio.memstream.beyond", "written beyond the end", "What is between the end and what was written beyond it?", |s, o| { s.puts(c"ab"); o.fact("seek", s.seek(5, SEEK_SET)); s.puts(c"Z"); };
    "stdio.memstream.beyond-unwritten", "moved beyond the end", "Does moving beyond the end alone change the size?", |s, o| { s.puts(c"ab"); o.fact("seek", s.seek(10, SEEK_SET)); s.flush(); };
    "stdio.memstream.end", "SEEK_END", "Where is the end after moving back?", |s, o| { s.puts(c"abcdef"); s.seek(2, SEEK_SET); o.fact("seek", s.seek(0, SEEK_END)); o.fact("tell", s.tell()); };
    "stdio.memstream.negative", "before the start", "Which error does fseek give before the start?", |s, o| { s.puts(c"ab"); o.fact("seek", s.seek(-5, SEEK_CUR)); o.fact("tell", s.tell()); };
    "stdio.memstream.nul", "a NUL written", "Does the size count bytes after a NUL?", |s, _| { s.write(b"a\0b", 1, 3); };
    "stdio.memstream.read", "reading", "What does fgetc say on such a stream?", |s, o| { s.puts(c"ab"); o.fact("get", s.get()); };
    "stdio.memstream.large", "100,000 bytes", "Is all of 100,000 bytes there?", |s, _| for _ in 0..100 { s.write(&[b'x'; 1000], 1, 1000); };
    "stdio.memstream.number", "fileno", "What does fileno say about such a stream?", |s, o| o.fact("number", s.number());
    "stdio.memstream.wide", "wide characters", "Does such a stream take wide characters?", |s, o| { o.fact("wide", s.wide(0).value.signum()); o.fact("put", s.put_wide(97)); };
}
