//! What streams say when the descriptor below them does not do what they ask.

use super::buffers::file;
use super::case;
use super::source::FAILURES as SOURCE;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::process::{in_child, write_all};
use crate::sys::stdio::descriptor;
use crate::sys::stdio::stream::{self, BUFFER_NONE, SEEK_SET, Stream};

/// Rows of `id, title, question, what is done with a stream whose descriptor was closed behind its back`.
macro_rules! broken {
    ($($id:literal, $title:literal, $question:literal, $mode:literal, $work:expr;)*) => {
        const BROKEN: &[Case] = &[$(case($id, $title, $question, SOURCE, |o| {
            let Some((stream, _)) = file(o, b"content", $mode) else { return };
            descriptor::close(stream.number().value as i32);
            let work: fn(Stream, &mut Outcome) = $work;
            work(stream, o);
        })),*];
    };
}

broken! {
    "stdio.failures.flush", "fflush that fails", "What do fputs and then fflush say when the descriptor is gone, and is the error kept?", c"w",
        |s, o| { o.fact("puts", s.puts(c"abc")); o.fact("flush", s.flush()); o.fact("state", s.state()); };
    "stdio.failures.flush-twice", "fflush after a failure", "Does a second fflush fail as well, or is what was in the buffer gone?", c"w",
        |s, o| { s.puts(c"abc"); s.flush(); o.fact("pending", s.pending()); o.fact("flush", s.flush()); };
    "stdio.failures.put-after", "fputc after a failure", "Does fputc go on after a failed fflush?", c"w",
        |s, o| { s.puts(c"abc"); s.flush(); o.fact("put", s.put(65)); o.fact("pending", s.pending()); };
    "stdio.failures.close", "fclose that fails", "What does fclose say when the descriptor is gone and there is something to write?", c"w",
        |s, o| { s.puts(c"abc"); o.fact("close", s.close()); };
    "stdio.failures.close-clean", "fclose of nothing", "What does fclose say when the descriptor is gone and there is nothing to write?", c"w",
        |s, o| o.fact("close", s.close());
    "stdio.failures.unbuffered", "unbuffered output", "What does fputs on an unbuffered stream say when the descriptor is gone?", c"w",
        |s, o| { s.set_buffer(None, BUFFER_NONE, 0); o.fact("puts", s.puts(c"abc")); o.fact("state", s.state()); };
    "stdio.failures.unbuffered-print", "fprintf, unbuffered", "What does fprintf on an unbuffered stream say when the descriptor is gone?", c"w",
        |s, o| { s.set_buffer(None, BUFFER_NONE, 0); o.fact("print", s.print(c"%d %s", 1, c"x")); };
    "stdio.failures.block", "a block that does not fit", "What does fwrite of 10,000 bytes return when the descriptor is gone?", c"w",
        |s, o| { o.fact("items", s.write(&[65; 10_000], 1, 10_000)); o.fact("state", s.state()); };
    "stdio.failures.read", "reading", "What does fgetc say when the descriptor is gone?", c"r",
        |s, o| { o.fact("get", s.get()); o.fact("state", s.state()); };
    "stdio.failures.read-again", "reading after an error", "Does clearerr make an error go away that fgetc met?", c"r",
        |s, o| { s.get(); s.clear(); o.fact("state", s.state()); o.fact("get", s.get()); };
    "stdio.failures.seek", "fseek", "What does fseek say when the descriptor is gone?", c"r", |s, o| o.fact("seek", s.seek(1, SEEK_SET));
    "stdio.failures.tell", "ftell", "What does ftell say when the descriptor is gone?", c"r", |s, o| o.fact("tell", s.tell());
}

const OTHERS: &[Case] = &[
    case(
        "stdio.failures.put-read-only",
        "fputc on an input stream",
        "What does fputc say on a stream that was opened for reading?",
        SOURCE,
        |o| {
            let Some((stream, _)) = file(o, b"abc", c"r") else { return };
            o.fact("put", stream.put(65));
            o.fact("state", stream.state());
            o.fact("get", stream.get());
        },
    ),
    case(
        "stdio.failures.print-read-only",
        "fprintf on an input stream",
        "What does fprintf say on a stream that was opened for reading?",
        SOURCE,
        |o| {
            let Some((stream, _)) = file(o, b"abc", c"r") else { return };
            o.fact("print", stream.print(c"%d %s", 1, c"x"));
            o.fact("state", stream.state());
        },
    ),
    case(
        "stdio.failures.write-read-only",
        "fwrite on an input stream",
        "What does fwrite return on a stream that was opened for reading?",
        SOURCE,
        |o| {
            let Some((stream, _)) = file(o, b"abc", c"r") else { return };
            o.fact("items", stream.write(b"abc", 1, 3));
            o.fact("state", stream.state());
        },
    ),
    case(
        "stdio.failures.get-write-only",
        "fgetc on an output stream",
        "What does fgetc say on a stream that was opened for writing?",
        SOURCE,
        |o| {
            let Some((stream, _)) = file(o, b"abc", c"w") else { return };
            o.fact("get", stream.get());
            o.fact("state", stream.state());
            o.fact("put", stream.put(65));
        },
    ),
    case(
        "stdio.failures.scan-write-only",
        "fscanf on an output stream",
        "What does fscanf say on a stream that was opened for writing?",
        SOURCE,
        |o| {
            let Some((stream, _)) = file(o, b"abc", c"w") else { return };
            o.fact("scan", stream.scan_int(c"%d").0);
            o.fact("state", stream.state());
        },
    ),
    case(
        "stdio.failures.get-after-put",
        "reading straight after writing",
        "What does fgetc read right after fputc, with no seek between?",
        "ISO C11 7.21.5.3, 7: undefined without a seek",
        |o| {
            let Some((stream, watched)) = file(o, b"abcdef", c"r+") else { return };
            stream.put(65);
            o.fact("get", stream.get());
            o.fact("tell", stream.tell());
            stream.flush();
            o.fact("content", crate::text::bytes(&watched.content()));
        },
    ),
    case(
        "stdio.failures.put-after-get",
        "writing straight after reading",
        "Where does fputc write right after fgetc, with no seek between?",
        "ISO C11 7.21.5.3, 7: undefined without a seek",
        |o| {
            let Some((stream, watched)) = file(o, b"abcdef", c"r+") else { return };
            stream.get();
            o.fact("put", stream.put(65));
            stream.flush();
            o.fact("content", crate::text::bytes(&watched.content()));
        },
    ),
    case(
        "stdio.failures.folder",
        "a folder",
        "Can a folder be opened for reading, and what does fgetc say then?",
        "POSIX.1-2017 fopen(), fgetc(): EISDIR",
        |o| match stream::open(c"/", c"r") {
            Ok(stream) => o.fact("get", stream.get()),
            Err(e) => o.fact("open", crate::text::errno(e.0)),
        },
    ),
    case(
        "stdio.failures.folder-write",
        "a folder to write to",
        "What does fopen say when a folder is to be written?",
        "POSIX.1-2017 fopen(): EISDIR",
        |o| {
            o.fact("open", stream::open(c"/", c"w").err().map(|e| crate::text::errno(e.0)));
        },
    ),
    case(
        "stdio.failures.empty-path",
        "an empty path",
        "What does fopen say to an empty path?",
        "POSIX.1-2017 fopen(): ENOENT",
        |o| {
            o.fact("open", stream::open(c"", c"r").err().map(|e| crate::text::errno(e.0)));
        },
    ),
    case(
        "stdio.failures.close-input",
        "fclose of standard input",
        "Can standard input be closed, and what does its descriptor's next owner read through stdin?",
        "POSIX.1-2017 fclose(): further use is undefined",
        |o| {
            let child = in_child(10, || {
                let input = stream::input();
                let closed = input.close();
                let text = heap::format!("close: {closed}\ndescriptor: {}", descriptor::flags(0));
                i32::from(!write_all(1, text.as_bytes()))
            });
            let Some(child) = o.need("a child", child) else { return };
            o.line(child.text());
            o.fact("end", heap::format!("{}", child.end));
        },
    ),
    case(
        "stdio.failures.close-all",
        "fcloseall",
        "Is there fcloseall, and does it close standard input's descriptor?",
        "fcloseall(3)",
        |o| {
            let child = in_child(10, || {
                let text = match stream::close_all() {
                    Some(value) => heap::format!("fcloseall: {value}\ndescriptor: {}", descriptor::flags(0)),
                    None => "no fcloseall".into(),
                };
                i32::from(!write_all(1, text.as_bytes()))
            });
            let Some(child) = o.need("a child", child) else { return };
            o.line(child.text());
        },
    ),
];

const TABLES: &[&[Case]] = &[BROKEN, OTHERS];
/// The cases of this table.
pub const CASES: &[Case] = &crate::case::join::<{ crate::case::count(TABLES) }>(TABLES);
