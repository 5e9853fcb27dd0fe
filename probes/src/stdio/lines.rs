//! Lines: `getline`, `getdelim` and `fgets`, and the return values of their opposites.

use super::buffers::file;
use super::case;
use super::source::LINES as SOURCE;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::process::{in_child, without_core, write_all};
use crate::sys::stdio::stream::{Buffer, Stream};

/// Rows of `id, title, question, content, mode, what is done`.
macro_rules! lines {
    ($($id:literal, $title:literal, $question:literal, $content:expr, $mode:literal, $work:expr;)*) => {
        const READ: &[Case] = &[$(case($id, $title, $question, SOURCE, |o| {
            let Some((stream, _)) = file(o, $content, $mode) else { return };
            let work: fn(&Stream, &mut Outcome) = $work;
            work(&stream, o);
        })),*];
    };
}

fn delimited(s: &Stream, o: &mut Outcome, mut buffer: Buffer, delimiter: i32) {
    let (length, line, _) = s.delimited(&mut buffer, delimiter);
    o.fact("length", length);
    o.fact("line", line.map(|line| heap::format!("{line:?}")));
}

fn allocated(s: &Stream, o: &mut Outcome, mut buffer: Buffer) {
    let (length, _, bytes) = s.delimited(&mut buffer, 10);
    o.fact("length", length);
    o.fact("buffer_bytes", bytes);
}

lines! {
    "stdio.lines.getline", "a line", "What does getline return for a line?", b"abc\ndef\n", c"r", |s, o| delimited(s, o, Buffer::none(0), 10);
    "stdio.lines.getline-last", "a last line without end", "What does getline return for a last line without a new line?", b"abc", c"r", |s, o| delimited(s, o, Buffer::none(0), 10);
    "stdio.lines.getline-nul", "a line with NUL", "Does getline read on after a NUL?", b"a\0b\n", c"r", |s, o| delimited(s, o, Buffer::none(0), 10);
    "stdio.lines.getline-end", "no line", "What does getline return at the end, and what is errno?", b"", c"r", |s, o| { delimited(s, o, Buffer::none(0), 10); o.fact("state", s.state()); };
    "stdio.lines.getline-write-only", "getline on an output stream", "What does getline say on a stream that was opened for writing?", b"abc", c"w", |s, o| { delimited(s, o, Buffer::none(0), 10); o.fact("state", s.state()); };
    "stdio.lines.getdelim", "getdelim by a colon", "What does getdelim return up to a colon?", b"abc:def", c"r", |s, o| delimited(s, o, Buffer::none(0), 58);
    "stdio.lines.getdelim-eof", "getdelim by EOF", "Does getdelim read everything when the delimiter is EOF?", b"abc\ndef", c"r", |s, o| delimited(s, o, Buffer::none(0), -1);
    "stdio.lines.getdelim-nul", "getdelim by NUL", "What does getdelim return up to a NUL?", b"abc\0def", c"r", |s, o| delimited(s, o, Buffer::none(0), 0);
    "stdio.lines.allocation", "the buffer for a short line", "How large a buffer does getline allocate for a line of 3 characters?", b"ab\n", c"r", |s, o| allocated(s, o, Buffer::none(0));
    "stdio.lines.allocation-grown", "the buffer for a line of 200", "How large a buffer does getline allocate for a line of 200 characters?", &[b'x'; 200], c"r", |s, o| allocated(s, o, Buffer::none(0));
    "stdio.lines.allocation-given", "a buffer of 100", "Does getline keep a buffer of 100 bytes for a line of 3 characters?", b"ab\n", c"r", |s, o| allocated(s, o, Buffer::of(100));
    "stdio.lines.allocation-small", "a buffer of 2", "How large does getline make a buffer of 2 bytes for a line of 3 characters?", b"ab\n", c"r", |s, o| allocated(s, o, Buffer::of(2));
    "stdio.lines.allocation-end", "the buffer at the end", "Does getline allocate a buffer when there is no line?", b"", c"r", |s, o| allocated(s, o, Buffer::none(0));
    "stdio.lines.size-nonsense", "no buffer with a size", "Does getline allocate when there is no buffer but the size says 50?", b"ab\n", c"r", |s, o| delimited(s, o, Buffer::none(50), 10);
    "stdio.lines.fgets", "fgets", "What does fgets read of a line?", b"abc\ndef", c"r", |s, o| { o.fact("line", s.line(64)); o.fact("next", s.line(64)); };
    "stdio.lines.fgets-cut", "fgets of a long line", "What does fgets read into 3 bytes?", b"abcdef\n", c"r", |s, o| { o.fact("line", s.line(3)); o.fact("next", s.line(3)); };
    "stdio.lines.fgets-1", "fgets into one byte", "What does fgets do with a buffer of one byte?", b"abc\n", c"r", |s, o| { o.fact("line", s.line(1)); o.fact("tell", s.tell()); };
    "stdio.lines.fgets-1-end", "fgets into one byte at the end", "What does fgets do with a buffer of one byte at the end of the file?", b"", c"r", |s, o| { o.fact("line", s.line(1)); o.fact("state", s.state()); };
    "stdio.lines.fgets-0", "fgets into no bytes", "What does fgets do with a buffer of no bytes?", b"abc\n", c"r", |s, o| o.fact("line", s.line(0));
    "stdio.lines.fgets-negative", "fgets into fewer than no bytes", "What does fgets do with a size of -1?", b"abc\n", c"r", |s, o| o.fact("line", s.line(-1));
    "stdio.lines.fgets-nul", "fgets of NUL", "What does a program see of a line with a NUL that fgets read?", b"a\0b\nc", c"r", |s, o| { o.fact("line", s.line(64)); o.fact("tell", s.tell()); };
    "stdio.lines.puts-value", "the value of fputs", "What does fputs return for 3 characters?", b"", c"w", |s, o| o.fact("puts", s.puts_value(c"abc"));
    "stdio.lines.puts-value-empty", "the value of fputs of nothing", "What does fputs return for an empty string?", b"", c"w", |s, o| o.fact("puts", s.puts_value(c""));
    "stdio.lines.put-value", "the value of fputc", "What does fputc return for 0x1ff?", b"", c"w", |s, o| o.fact("put", s.put(0x1ff));
    "stdio.lines.write-size-0", "fwrite of items of no bytes", "What does fwrite return for 3 items of 0 bytes?", b"", c"w", |s, o| o.fact("items", s.write(b"abc", 0, 3).value);
    "stdio.lines.write-count-0", "fwrite of no items", "What does fwrite return for no items?", b"", c"w", |s, o| o.fact("items", s.write(b"abc", 3, 0).value);
    "stdio.lines.read-size-0", "fread of items of no bytes", "What does fread return for 3 items of 0 bytes?", b"abc", c"r", |s, o| o.fact("items", s.read(0, 3).0.value);
    "stdio.lines.read-part", "fread of an incomplete item", "What does fread return for items of 4 bytes out of 6, and where is the position?", b"abcdef", c"r", |s, o| { o.fact("items", s.read(4, 2).0.value); o.fact("tell", s.tell()); };
}

const OTHERS: &[Case] = &[
    case(
        "stdio.lines.nowhere",
        "getline without a place",
        "What does getline say when the place for the buffer is a null pointer?",
        SOURCE,
        |o| nowhere(o, false, true),
    ),
    case(
        "stdio.lines.nowhere-size",
        "getline without a size",
        "What does getline say when the place for the size is a null pointer?",
        SOURCE,
        |o| nowhere(o, true, false),
    ),
    case(
        "stdio.lines.puts-line",
        "the value of puts",
        "What does puts return for 3 characters?",
        "POSIX.1-2017 puts(): a non-negative number",
        |o| {
            let child = in_child(10, || crate::sys::stdio::stream::put_line(c"abc").value as i32);
            let Some(child) = o.need("a child", child) else { return };
            o.fact("value", heap::format!("{}", child.end));
        },
    ),
];

fn nowhere(o: &mut Outcome, place: bool, size: bool) {
    let Some((stream, _)) = file(o, b"abc\n", c"r") else { return };
    let child = in_child(10, || {
        without_core();
        i32::from(!write_all(1, heap::format!("{}", stream.line_nowhere(place, size)).as_bytes()))
    });
    let Some(child) = o.need("a child", child) else { return };
    o.fact("answer", child.text());
    o.fact("end", heap::format!("{}", child.end));
}

const TABLES: &[&[Case]] = &[READ, OTHERS];
/// The cases of this table.
pub const CASES: &[Case] = &crate::case::join::<{ crate::case::count(TABLES) }>(TABLES);
