//! How far a stream reads ahead, seen by the offset of the file below it, and what of that it gives back.

use super::buffers::file;
use super::case;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::process::{End, in_child};
use crate::sys::stdio::descriptor::{self, Fd};
use crate::sys::stdio::stream::{self, BUFFER_FULL, BUFFER_LINE, BUFFER_NONE, SEEK_SET, Stream};

const SOURCE: &str = "POSIX.1-2017 2.5.1 Interaction of file descriptors and standard I/O streams; \
    musl src/stdio/__stdio_read.c: readv; glibc libio/fileops.c";
const TIED: &str =
    "ISO C11 7.21.3, 3: output should go out when input is asked for; glibc libio/fileops.c, _IO_new_file_underflow";

/// Rows of `id, title, question, what is done`; the offset of the file afterwards is compared.
macro_rules! ahead {
    ($($id:literal, $title:literal, $question:literal, $work:expr;)*) => {
        const AHEAD: &[Case] = &[$(case($id, $title, $question, SOURCE, |o| {
            let Some((stream, watched)) = file(o, &[b'a'; 20_000], c"r") else { return };
            let work: fn(&Stream) = $work;
            work(&stream);
            o.fact("offset", watched.offset());
        })),*];
    };
}

ahead! {
    "stdio.reads.character", "one character", "How many bytes of a file are read for the first fgetc?", |s| { s.get(); };
    "stdio.reads.unbuffered", "one character, unbuffered", "How many bytes are read for an fgetc on an unbuffered stream?",
        |s| { s.set_buffer(None, BUFFER_NONE, 0); s.get(); };
    "stdio.reads.lines", "one character, line buffered", "How many bytes are read for an fgetc on a line buffered stream?",
        |s| { s.set_buffer(None, BUFFER_LINE, 0); s.get(); };
    "stdio.reads.buffer-64", "one character, a buffer of 64", "How many bytes are read for an fgetc when setvbuf gave 64 bytes?",
        |s| { s.set_buffer(Some(heap::vec![0; 64].leak()), BUFFER_FULL, 64); s.get(); };
    "stdio.reads.buffer-10000", "one character, a buffer of 10,000", "How many bytes are read for an fgetc when setvbuf gave 10,000 bytes?",
        |s| { s.set_buffer(Some(heap::vec![0; 10_000].leak()), BUFFER_FULL, 10_000); s.get(); };
    "stdio.reads.block-100", "a block of 100", "How many bytes are read for an fread of 100?", |s| { s.read(1, 100); };
    "stdio.reads.block-2000", "a block of 2,000", "How many bytes are read for an fread of 2,000?", |s| { s.read(1, 2000); };
    "stdio.reads.block-5000", "a block of 5,000", "How many bytes are read for an fread of 5,000?", |s| { s.read(1, 5000); };
    "stdio.reads.unbuffered-block", "a block, unbuffered", "How many bytes are read for an fread of 100 on an unbuffered stream?",
        |s| { s.set_buffer(None, BUFFER_NONE, 0); s.read(1, 100); };
    "stdio.reads.line", "a line of 9 characters", "How many bytes are read for an fgets of 10?", |s| { s.line(10); };
    "stdio.reads.scan", "fscanf of a mismatch", "How many bytes are read for an fscanf that fails at once?", |s| { s.scan_int(c"%d"); };
    "stdio.reads.after-flush", "fflush of an input stream", "Where is the file's offset after fgetc and fflush?",
        |s| { s.get(); s.flush(); };
    "stdio.reads.after-flush-all", "fflush(NULL) and an input stream", "Where is the file's offset after fgetc and fflush(NULL)?",
        |s| { s.get(); stream::flush_all(); };
    "stdio.reads.after-tell", "ftell of an input stream", "Where is the file's offset after fgetc and ftell?",
        |s| { s.get(); s.tell(); };
    "stdio.reads.after-seek", "fseek within the buffer", "Where is the file's offset after fgetc and fseek to 10?",
        |s| { s.get(); s.seek(10, SEEK_SET); };
    "stdio.reads.after-seek-far", "fseek beyond the buffer", "Where is the file's offset after fgetc and fseek to 15,000?",
        |s| { s.get(); s.seek(15_000, SEEK_SET); };
    "stdio.reads.after-seek-character", "fseek beyond the buffer, and a character", "Where is the file's offset after fgetc, fseek to 15,000 and fgetc?",
        |s| { s.get(); s.seek(15_000, SEEK_SET); s.get(); };
    "stdio.reads.after-rewind", "rewind", "Where is the file's offset after fgetc and rewind?", |s| { s.get(); s.rewind(); };
}

const OTHERS: &[Case] = &[
    case(
        "stdio.reads.after-close",
        "fclose of an input stream",
        "Where is the file's offset after fgetc and fclose?",
        SOURCE,
        |o| {
            let Some((stream, watched)) = file(o, &[b'a'; 20_000], c"r") else { return };
            stream.get();
            o.fact("close", stream.close());
            o.fact("offset", watched.offset());
        },
    ),
    case(
        "stdio.reads.after-exit",
        "exit with an input stream",
        "Where is the file's offset after fgetc on standard input and exit?",
        SOURCE,
        |o| {
            let Some(input) = o.need("a file in memory", descriptor::file(&[b'a'; 20_000])) else { return };
            let child = in_child(10, || {
                if descriptor::replace(0, &input).is_err() {
                    return 2;
                }
                stream::input().get();
                stream::exit(0)
            });
            if o.need("a child", child).is_some() {
                o.fact("offset", input.offset());
            }
        },
    ),
    case(
        "stdio.reads.pipe-partial",
        "what a pipe has",
        "Does fread of 10 from a pipe that holds 4 bytes wait for more, and fgetc not?",
        SOURCE,
        |o| {
            let Some([end, writer]) = o.need("a pipe", descriptor::pipe()) else { return };
            writer.write(b"abcd");
            let Some(stream) = o.need("fdopen", stream::over(end, c"r").map_err(|(e, _)| e)) else { return };
            o.fact("character", stream.get());
            drop(writer);
            let (answer, bytes) = stream.read(1, 10);
            o.fact("block", answer);
            o.fact("bytes", crate::text::bytes(&bytes));
            o.fact("state", stream.state());
        },
    ),
    case("stdio.reads.call", "the call that reads", "Can a stream read when the kernel refuses readv?", SOURCE, |o| {
        let Some((stream, _)) = file(o, b"abc", c"r") else { return };
        refused(o, libc::SYS_readv, &stream);
    }),
    case(
        "stdio.reads.call-read",
        "the other call that reads",
        "Can a stream read when the kernel refuses read?",
        SOURCE,
        |o| {
            let Some((stream, _)) = file(o, b"abc", c"r") else { return };
            refused(o, libc::SYS_read, &stream);
        },
    ),
    case(
        "stdio.reads.prompt",
        "a prompt before reading",
        "Does reading standard input write what a line buffered standard output holds?",
        TIED,
        |o| {
            prompt(o, BUFFER_LINE, BUFFER_FULL);
        },
    ),
    case(
        "stdio.reads.prompt-unbuffered",
        "a prompt before reading unbuffered",
        "Does reading an unbuffered standard input write what a line buffered standard output holds?",
        TIED,
        |o| {
            prompt(o, BUFFER_LINE, BUFFER_NONE);
        },
    ),
    case(
        "stdio.reads.prompt-lines",
        "a prompt before reading lines",
        "Does reading a line buffered standard input write what a line buffered standard output holds?",
        TIED,
        |o| {
            prompt(o, BUFFER_LINE, BUFFER_LINE);
        },
    ),
    case(
        "stdio.reads.prompt-full",
        "a prompt in a full buffer",
        "Does reading an unbuffered standard input write what a fully buffered standard output holds?",
        TIED,
        |o| {
            prompt(o, BUFFER_FULL, BUFFER_NONE);
        },
    ),
];

const TABLES: &[&[Case]] = &[AHEAD, OTHERS];
/// The cases of this table.
pub const CASES: &[Case] = &crate::case::join::<{ crate::case::count(TABLES) }>(TABLES);

fn refused(o: &mut Outcome, system_call: i64, stream: &Stream) {
    let child = in_child(10, || {
        if descriptor::refuse(system_call).is_err() {
            return 2;
        }
        i32::from(stream.get().value == i64::from(b'a'))
    });
    match o.need("a child", child).map(|child| child.end) {
        Some(End::Exited(2)) => o.unsupported("the kernel takes no seccomp filter"),
        Some(End::Exited(code)) => o.fact("read", code == 1),
        Some(end) => o.broke(heap::format!("the child: {end}")),
        None => {}
    }
}

/// Puts a prompt without a new line, reads a character, and looks what had been written by then.
fn prompt(o: &mut Outcome, output_mode: i32, input_mode: i32) {
    let Some([here, there]): Option<[Fd; 2]> = o.need("a socket pair", descriptor::messages()) else { return };
    let Some(input) = o.need("a file in memory", descriptor::file(b"answer\n")) else { return };
    let child = in_child(10, || {
        if descriptor::replace(1, &there).is_err() || descriptor::replace(0, &input).is_err() {
            return 2;
        }
        let (input, output) = (stream::input(), stream::output());
        output.set_buffer(None, output_mode, 0);
        input.set_buffer(None, input_mode, 0);
        output.puts(c"name: ");
        input.get();
        i32::from(!here.writes().is_empty())
    });
    match o.need("a child", child).map(|child| child.end) {
        Some(End::Exited(code @ (0 | 1))) => o.fact("prompt_written", code == 1),
        Some(end) => o.broke(heap::format!("the child: {end}")),
        None => {}
    }
}
