//! The buffer of a stream: its size, whose memory it is, and what `setvbuf` makes of odd requests.

use super::case;
use super::source::BUFFERS as SOURCE;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::process::in_child;
use crate::sys::stdio::descriptor::{self, Fd};
use crate::sys::stdio::stream::{self, BUFFER_FULL, BUFFER_LINE, BUFFER_NONE, Stream};

/// A stream over a fresh file in memory.
pub(super) fn file(o: &mut Outcome, content: &[u8], mode: &core::ffi::CStr) -> Option<(Stream, Fd)> {
    let file = o.need("a file in memory", descriptor::file(content))?;
    let watched = o.need("another descriptor of it", file.duplicate())?;
    let stream = o.need("fdopen", stream::over(file, mode).map_err(|(e, _)| e))?;
    Some((stream, watched))
}

/// A stream whose writes stay apart, and the end at which they arrive.
pub(super) fn watched(o: &mut Outcome) -> Option<(Stream, Fd)> {
    let [here, there] = o.need("a socket pair", descriptor::messages())?;
    let stream = o.need("fdopen", stream::over(there, c"w").map_err(|(e, _)| e))?;
    Some((stream, here))
}

/// Memory that lives on.
fn memory(bytes: usize) -> &'static mut [u8] {
    heap::vec![b'~'; bytes].leak()
}

/// The cases of this table.
pub const CASES: &[Case] = &[
    case(
        "stdio.buffer.file",
        "the buffer of a file",
        "How large is the buffer of a file stream after the first write?",
        SOURCE,
        |o| {
            let Some((stream, _)) = file(o, b"", c"w") else { return };
            stream.put(65);
            o.fact("buffer_bytes", stream.buffer_bytes());
        },
    ),
    case(
        "stdio.buffer.pipe",
        "the buffer of a pipe",
        "How large is the buffer of a stream over a pipe after the first write?",
        SOURCE,
        |o| {
            let Some([kept, end]) = o.need("a pipe", descriptor::pipe()) else { return };
            let Some(stream) = o.need("fdopen", stream::over(end, c"w").map_err(|(e, _)| e)) else { return };
            stream.put(65);
            o.fact("buffer_bytes", stream.buffer_bytes());
            // Before the other end is closed: what is flushed at exit would end the program by SIGPIPE.
            stream.flush();
            drop(kept);
        },
    ),
    case(
        "stdio.buffer.unused",
        "the buffer before it is used",
        "How large is the buffer of a stream that nothing was done with?",
        SOURCE,
        |o| {
            let Some((stream, _)) = file(o, b"", c"w") else { return };
            o.fact("buffer_bytes", stream.buffer_bytes());
        },
    ),
    case(
        "stdio.buffer.given",
        "setvbuf with 64 bytes",
        "Does a stream use the 64 bytes that setvbuf was given, and all of them?",
        SOURCE,
        |o| {
            let Some((stream, arrived)) = watched(o) else { return };
            o.fact("setvbuf", stream.set_buffer(Some(memory(64)), BUFFER_FULL, 64));
            stream.puts(c"abc");
            o.fact("buffer_bytes", stream.buffer_bytes());
            o.fact("pending", stream.pending());
            for _ in 0..200 {
                stream.put(65);
            }
            o.fact("writes", arrived.writes());
        },
    ),
    case(
        "stdio.buffer.given-16",
        "setvbuf with 16 bytes",
        "What is written when 40 characters go through a buffer of 16 bytes?",
        SOURCE,
        |o| {
            given(o, 16);
        },
    ),
    case(
        "stdio.buffer.given-8",
        "setvbuf with 8 bytes",
        "What is written when 40 characters go through a buffer of 8 bytes?",
        SOURCE,
        |o| {
            given(o, 8);
        },
    ),
    case(
        "stdio.buffer.given-1",
        "setvbuf with 1 byte",
        "What is written when 40 characters go through a buffer of 1 byte?",
        SOURCE,
        |o| {
            given(o, 1);
        },
    ),
    case(
        "stdio.buffer.given-large",
        "setvbuf with 10,000 bytes",
        "What is written when 15,000 characters go through a buffer of 10,000 bytes?",
        SOURCE,
        |o| {
            let Some((stream, arrived)) = watched(o) else { return };
            o.fact("setvbuf", stream.set_buffer(Some(memory(10_000)), BUFFER_FULL, 10_000));
            for _ in 0..15_000 {
                stream.put(65);
            }
            o.fact("writes", arrived.writes());
            o.fact("buffer_bytes", stream.buffer_bytes());
        },
    ),
    case(
        "stdio.buffer.size-alone",
        "setvbuf with a size and no memory",
        "Does setvbuf allocate a buffer of 100 bytes when it is given a size and no memory?",
        SOURCE,
        |o| {
            let Some((stream, arrived)) = watched(o) else { return };
            o.fact("setvbuf", stream.set_buffer(None, BUFFER_FULL, 100));
            for _ in 0..500 {
                stream.put(65);
            }
            o.fact("writes", arrived.writes());
            o.fact("buffer_bytes", stream.buffer_bytes());
        },
    ),
    case(
        "stdio.buffer.size-large-alone",
        "setvbuf with 64 KiB and no memory",
        "Does setvbuf give a stream a buffer of 64 KiB when it is given the size alone?",
        SOURCE,
        |o| {
            let Some((stream, _)) = watched(o) else { return };
            o.fact("setvbuf", stream.set_buffer(None, BUFFER_FULL, 65_536));
            stream.put(65);
            o.fact("buffer_bytes", stream.buffer_bytes());
        },
    ),
    case(
        "stdio.buffer.none",
        "setvbuf without buffer",
        "What does __fbufsize say about an unbuffered stream?",
        SOURCE,
        |o| {
            let Some((stream, _)) = watched(o) else { return };
            o.fact("setvbuf", stream.set_buffer(None, BUFFER_NONE, 0));
            stream.put(65);
            o.fact("buffer_bytes", stream.buffer_bytes());
        },
    ),
    case(
        "stdio.buffer.zero",
        "setvbuf with memory of no bytes",
        "What does setvbuf make of full buffering with a size of 0?",
        SOURCE,
        |o| {
            let Some((stream, arrived)) = watched(o) else { return };
            o.fact("setvbuf", stream.set_buffer(Some(memory(16)), BUFFER_FULL, 0));
            stream.puts(c"abc");
            o.fact("writes", arrived.writes());
            o.fact("pending", stream.pending());
        },
    ),
    case(
        "stdio.buffer.mode-unknown",
        "setvbuf with an unknown mode",
        "What does setvbuf return for mode 77?",
        SOURCE,
        |o| {
            let Some((stream, _)) = watched(o) else { return };
            o.fact("setvbuf", stream.set_buffer(None, 77, 0));
        },
    ),
    case(
        "stdio.buffer.late",
        "setvbuf after output",
        "Does setvbuf take a buffer after something has been written to the old one, and is that kept?",
        SOURCE,
        |o| {
            let Some((stream, arrived)) = watched(o) else { return };
            stream.puts(c"abc");
            o.fact("setvbuf", stream.set_buffer(Some(memory(32)), BUFFER_FULL, 32));
            stream.puts(c"def");
            o.fact("flush", stream.flush());
            o.fact("writes", arrived.writes());
        },
    ),
    case("stdio.buffer.lines", "line buffering", "What does __flbf say after setvbuf asked for lines?", SOURCE, |o| {
        let Some((stream, _)) = watched(o) else { return };
        o.fact("before", stream.line_buffered());
        stream.set_buffer(None, BUFFER_LINE, 0);
        o.fact("after", stream.line_buffered());
    }),
    case(
        "stdio.buffer.error",
        "standard error",
        "Is standard error unbuffered, and what does __fbufsize say?",
        "POSIX.1-2017 stderr: not fully buffered",
        |o| {
            let child = in_child(10, || {
                let error = stream::error();
                error.puts(c"x");
                let size = error.buffer_bytes();
                i32::try_from(size).unwrap_or(99).min(99)
            });
            let Some(child) = o.need("a child", child) else { return };
            o.fact("buffer_bytes", heap::format!("{}", child.end));
        },
    ),
    case(
        "stdio.buffer.output",
        "standard output to a pipe",
        "How large is the buffer of standard output when it is a pipe?",
        SOURCE,
        |o| {
            let child = in_child(10, || {
                let output = stream::output();
                output.put(65);
                (output.buffer_bytes() / 1024) as i32
            });
            let Some(child) = o.need("a child", child) else { return };
            o.fact("buffer_kib", heap::format!("{}", child.end));
        },
    ),
];

fn given(o: &mut Outcome, bytes: usize) {
    let Some((stream, arrived)) = watched(o) else { return };
    o.fact("setvbuf", stream.set_buffer(Some(memory(64)), BUFFER_FULL, bytes));
    for _ in 0..40 {
        stream.put(65);
    }
    o.fact("writes", arrived.writes());
    o.fact("buffer_bytes", stream.buffer_bytes());
}
