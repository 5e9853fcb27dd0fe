//! `fmemopen`: a stream over memory of the program's.

use core::ffi::CStr;

use super::case;
use super::source::MEMORY as SOURCE;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::stdio::stream::{self, SEEK_CUR, SEEK_END, SEEK_SET, Stream};
use crate::text;

/// Rows of `id, title, question, content of the memory, its size as told, mode, what is done`.
macro_rules! memories {
    ($($id:literal, $title:literal, $question:literal, $content:literal, $size:literal, $mode:literal, $work:expr;)*) => {
        const OVER: &[Case] = &[$(case($id, $title, $question, SOURCE, |o| over(o, $content, $size, $mode, $work))),*];
    };
}

/// Runs `work` on a stream over 16 bytes that begin with the content, and shows the memory afterwards.
fn over(o: &mut Outcome, content: &[u8], size: usize, mode: &CStr, work: fn(&Stream, &mut Outcome)) {
    let memory: &'static mut [u8] = heap::vec![b'~'; 16].leak();
    memory[..content.len()].copy_from_slice(content);
    let look = memory.as_ptr();
    match stream::in_memory(Some(memory), size, mode) {
        Ok(stream) => {
            work(&stream, o);
            o.fact("close", stream.close());
            o.fact("memory", text::bytes(&crate::sys::stdio::stream::leaked::<16>(look)));
        }
        Err(e) => o.fact("refused", text::errno(e.0)),
    }
}

memories! {
    "stdio.fmemopen.read", "reading", "Where does reading of memory end that holds a NUL?", b"ab\0cd", 5, c"r",
        |s, o| { o.fact("bytes", text::bytes(&s.read(1, 10).1)); o.fact("state", s.state()); };
    "stdio.fmemopen.end-read", "the end for reading", "Where is SEEK_END of memory that holds a NUL, opened for reading?", b"ab\0cd", 5, c"r",
        |s, o| { o.fact("seek", s.seek(0, SEEK_END)); o.fact("tell", s.tell()); };
    "stdio.fmemopen.write", "writing", "What does writing 3 bytes leave in memory, and is a NUL added?", b"abcdefgh", 8, c"w",
        |s, o| { o.fact("puts", s.puts(c"xyz")); o.fact("flush", s.flush()); o.fact("tell", s.tell()); };
    "stdio.fmemopen.write-nothing", "opening for writing", "Is memory cut when it is opened for writing and nothing is written?", b"abcdefgh", 8, c"w", |_, _| ();
    "stdio.fmemopen.write-full", "writing all of it", "Is a NUL added when writing fills the memory?", b"abcdefgh", 4, c"w",
        |s, o| { o.fact("puts", s.puts(c"wxyz")); o.fact("flush", s.flush()); };
    "stdio.fmemopen.write-beyond", "writing beyond the end", "What do fputs and fflush say when more is written than there is room?", b"abcdefgh", 4, c"w",
        |s, o| { o.fact("puts", s.puts(c"stuvwxyz")); o.fact("flush", s.flush()); o.fact("state", s.state()); };
    "stdio.fmemopen.update", "reading and writing", "What does r+ leave of memory of which 2 bytes are written?", b"abcdefgh", 8, c"r+",
        |s, o| { o.fact("puts", s.puts(c"XY")); o.fact("flush", s.flush()); };
    "stdio.fmemopen.update-end", "the end of r+", "Where is SEEK_END of memory that holds a NUL, opened by r+?", b"ab\0def", 6, c"r+",
        |s, o| { o.fact("seek", s.seek(0, SEEK_END)); o.fact("tell", s.tell()); };
    "stdio.fmemopen.write-plus", "w+", "What is read back of what w+ wrote?", b"abcdefgh", 8, c"w+",
        |s, o| { s.puts(c"xyz"); s.rewind(); o.fact("bytes", text::bytes(&s.read(1, 10).1)); };
    "stdio.fmemopen.write-plus-end", "the end of w+", "Where is SEEK_END after w+ wrote 3 of 8 bytes?", b"abcdefgh", 8, c"w+",
        |s, o| { s.puts(c"xyz"); o.fact("seek", s.seek(0, SEEK_END)); o.fact("tell", s.tell()); };
    "stdio.fmemopen.append", "appending", "Where does appending to memory begin that holds a NUL?", b"ab\0def", 8, c"a",
        |s, o| { o.fact("tell", s.tell()); o.fact("puts", s.puts(c"XY")); o.fact("flush", s.flush()); };
    "stdio.fmemopen.append-full", "appending without NUL", "Where does appending begin when the memory holds no NUL?", b"abcdefgh", 8, c"a",
        |s, o| { o.fact("tell", s.tell()); o.fact("puts", s.puts(c"X")); o.fact("flush", s.flush()); };
    "stdio.fmemopen.append-plus", "a+", "Where does reading begin by a+?", b"ab\0def", 8, c"a+",
        |s, o| { o.fact("tell", s.tell()); o.fact("get", s.get()); };
    "stdio.fmemopen.seek-beyond", "fseek beyond the end", "What does fseek say to a position beyond the memory?", b"abcdefgh", 8, c"r",
        |s, o| { o.fact("seek", s.seek(9, SEEK_SET)); o.fact("tell", s.tell()); };
    "stdio.fmemopen.seek-to-end", "fseek to the end", "What does fgetc say after fseek to the very end?", b"abcdefgh", 8, c"r",
        |s, o| { o.fact("seek", s.seek(8, SEEK_SET)); o.fact("get", s.get()); };
    "stdio.fmemopen.seek-negative", "fseek before the start", "Which error does fseek give before the start?", b"abcdefgh", 8, c"r",
        |s, o| { s.get(); o.fact("seek", s.seek(-5, SEEK_CUR)); };
    "stdio.fmemopen.seek-write", "a hole", "What does w+ leave between what is written at 0 and at 6?", b"abcdefgh", 8, c"w+",
        |s, o| { s.puts(c"x"); o.fact("seek", s.seek(6, SEEK_SET)); o.fact("puts", s.puts(c"y")); };
    "stdio.fmemopen.binary", "binary", "Does the letter b change where SEEK_END is?", b"ab\0def", 6, c"rb+",
        |s, o| { o.fact("seek", s.seek(-1, SEEK_END)); o.fact("tell", s.tell()); };
    "stdio.fmemopen.size-0", "memory of no bytes", "Does fmemopen take a size of 0?", b"abc", 0, c"r", |s, o| o.fact("get", s.get());
    "stdio.fmemopen.size-0-write", "writing to no bytes", "Does fmemopen take a size of 0 for writing?", b"abc", 0, c"w", |s, o| { o.fact("put", s.put(65)); o.fact("flush", s.flush()); };
    "stdio.fmemopen.mode-unknown", "an unknown mode", "What does fmemopen say to an unknown mode?", b"abc", 3, c"q", |_, _| ();
    "stdio.fmemopen.number", "fileno", "What does fileno say about memory?", b"abc", 3, c"r", |s, o| o.fact("number", s.number());
    "stdio.fmemopen.unget", "ungetc at the start", "Can a character be pushed back before anything is read?", b"abc", 3, c"r",
        |s, o| { o.fact("unget", s.unget(90)); o.fact("get", s.get()); };
    "stdio.fmemopen.scan", "fscanf", "Does fscanf read a number at the end of memory?", b"12 34", 5, c"r",
        |s, o| { o.fact("count", s.scan_int(c"%d").0); o.fact("count_2", s.scan_int(c"%d").0); o.fact("count_3", s.scan_int(c"%d").0); };
}

const OTHERS: &[Case] = &[
    case(
        "stdio.fmemopen.none",
        "memory of its own",
        "Can what was written be read back when fmemopen was given no memory?",
        SOURCE,
        |o| match stream::in_memory(None, 8, c"w+") {
            Ok(stream) => {
                stream.puts(c"abc");
                stream.rewind();
                o.fact("bytes", text::bytes(&stream.read(1, 10).1));
            }
            Err(e) => o.fact("refused", text::errno(e.0)),
        },
    ),
    case(
        "stdio.fmemopen.none-read",
        "memory of its own, for reading",
        "Does fmemopen take no memory for reading alone?",
        SOURCE,
        |o| match stream::in_memory(None, 8, c"r") {
            Ok(stream) => o.fact("get", stream.get()),
            Err(e) => o.fact("refused", text::errno(e.0)),
        },
    ),
    case(
        "stdio.fmemopen.huge",
        "more memory than there is",
        "What does fmemopen say when it is to allocate 2^62 bytes?",
        SOURCE,
        |o| match stream::in_memory(None, 1 << 62, c"w+") {
            Ok(_) => o.line("opened"),
            Err(e) => o.fact("refused", text::errno(e.0)),
        },
    ),
];

const TABLES: &[&[Case]] = &[OVER, OTHERS];
/// The cases of this table.
pub const CASES: &[Case] = &crate::case::join::<{ crate::case::count(TABLES) }>(TABLES);
