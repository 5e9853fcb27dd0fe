//! When a stream writes, and how much at a time: seen through a socket that keeps every write apart.

use core::ffi::CStr;

use super::buffers::{file, watched};
use super::case;
use super::source::WRITES as SOURCE;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::process::in_child;
use crate::sys::stdio::descriptor::{self, Fd};
use crate::sys::stdio::stream::{self, BUFFER_LINE, BUFFER_NONE, Stream};

/// Rows of `id, title, question, what is done`; the writes that arrived before and after a flush are compared.
macro_rules! written {
    ($($id:literal, $title:literal, $question:literal, $mode:expr, $work:expr;)*) => {
        const WRITTEN: &[Case] = &[$(case($id, $title, $question, SOURCE, |o| {
            let Some((stream, arrived)) = watched(o) else { return };
            if let Some(mode) = $mode {
                stream.set_buffer(None, mode, 0);
            }
            let work: fn(&Stream) = $work;
            work(&stream);
            o.fact("writes", arrived.writes());
            stream.flush();
            o.fact("then", arrived.writes());
        })),*];
    };
}

/// A thousand characters.
const LONG: &CStr = {
    const BYTES: [u8; 1001] = {
        let mut all = [b'x'; 1001];
        all[1000] = 0;
        all
    };
    match CStr::from_bytes_with_nul(&BYTES) {
        Ok(text) => text,
        Err(_) => unreachable!(),
    }
};

fn times(count: usize, mut work: impl FnMut()) {
    for _ in 0..count {
        work();
    }
}

written! {
    "stdio.writes.characters", "10,000 characters", "In what pieces do 10,000 characters of fputc arrive?", None,
        |s| times(10_000, || { s.put(65); });
    "stdio.writes.strings", "100 strings of 100", "In what pieces do 100 strings of 100 characters arrive?", None,
        |s| times(100, || { s.write(&[65; 100], 1, 100); });
    "stdio.writes.strings-1000", "10 strings of 1,000", "In what pieces do 10 strings of 1,000 characters arrive?", None,
        |s| times(10, || { s.puts(LONG); });
    "stdio.writes.block", "a block of 10,000", "In what pieces does one fwrite of 10,000 bytes arrive?", None,
        |s| { s.write(&[65; 10_000], 1, 10_000); };
    "stdio.writes.block-after-10", "10 bytes, then a block", "In what pieces do 10 bytes and then one fwrite of 5,000 arrive?", None,
        |s| { s.write(&[65; 10], 1, 10); s.write(&[66; 5000], 1, 5000); };
    "stdio.writes.block-1024", "a block of 1,024", "Is one fwrite of 1,024 bytes kept in the buffer?", None,
        |s| { s.write(&[65; 1024], 1, 1024); };
    "stdio.writes.block-4096", "a block of 4,096", "Is one fwrite of 4,096 bytes kept in the buffer?", None,
        |s| { s.write(&[65; 4096], 1, 4096); };
    "stdio.writes.format", "a long format", "In what pieces does one fprintf of 5,000 characters arrive?", None,
        |s| { s.print(c"%5000d", 1, c""); };
    "stdio.writes.unbuffered-characters", "unbuffered characters", "Does each fputc on an unbuffered stream arrive alone?", Some(BUFFER_NONE),
        |s| times(3, || { s.put(65); });
    "stdio.writes.unbuffered-string", "an unbuffered string", "Does one fputs on an unbuffered stream arrive in one piece?", Some(BUFFER_NONE),
        |s| { s.puts(c"some text\n"); };
    "stdio.writes.unbuffered-format", "an unbuffered format", "In what pieces does one fprintf on an unbuffered stream arrive?", Some(BUFFER_NONE),
        |s| { s.print(c"number %d, string %s\n", 5, c"text"); };
    "stdio.writes.unbuffered-format-long", "a long unbuffered format", "In what pieces does an fprintf of 500 characters on an unbuffered stream arrive?", Some(BUFFER_NONE),
        |s| { s.print(c"%250d%250s", 5, c"text"); };
    "stdio.writes.unbuffered-format-huge", "a very long unbuffered format", "In what pieces does an fprintf of 20,000 characters on an unbuffered stream arrive?", Some(BUFFER_NONE),
        |s| { s.print(c"%20000d", 5, c""); };
    "stdio.writes.lines", "a line and a half", "What of a line and a half goes out of a line buffered stream at once?", Some(BUFFER_LINE),
        |s| { s.puts(c"first\nsecond"); };
    "stdio.writes.lines-characters", "a line by characters", "When does a line that is put by characters leave a line buffered stream?", Some(BUFFER_LINE),
        |s| b"ab\ncd".iter().for_each(|byte| { s.put(i32::from(*byte)); });
    "stdio.writes.lines-many", "three lines in one string", "In what pieces do three lines of one fputs leave a line buffered stream?", Some(BUFFER_LINE),
        |s| { s.puts(c"a\nb\nc\n"); };
    "stdio.writes.lines-format", "lines of a format", "In what pieces do lines of one fprintf leave a line buffered stream?", Some(BUFFER_LINE),
        |s| { s.print(c"a %d\nb %s\nc", 5, c"x\ny"); };
    "stdio.writes.lines-long", "a long line", "In what pieces does a line of 3,000 characters leave a line buffered stream?", Some(BUFFER_LINE),
        |s| { times(3, || { s.puts(LONG); }); s.put(10); };
    "stdio.writes.lines-rest", "the rest of a line", "What leaves a line buffered stream when a line ends that was begun before?", Some(BUFFER_LINE),
        |s| { s.puts(c"begun "); s.puts(c"ended\nnext"); };
    "stdio.writes.empty", "nothing", "Does fputs of an empty string on an unbuffered stream write anything?", Some(BUFFER_NONE),
        |s| { s.puts(c""); };
}

const OTHERS: &[Case] = &[
    case(
        "stdio.writes.puts-unbuffered",
        "puts, unbuffered",
        "In how many pieces does puts write to an unbuffered standard output?",
        SOURCE,
        |o| {
            on_output(o, |output| {
                output.set_buffer(None, BUFFER_NONE, 0);
                stream::put_line(c"some text");
            });
        },
    ),
    case("stdio.writes.perror", "perror", "In how many pieces does perror write to standard error?", SOURCE, |o| {
        on_error(o, || stream::describe_error(Some(c"prefix"), 2));
    }),
    case(
        "stdio.writes.error-format",
        "fprintf to standard error",
        "In how many pieces does fprintf write two arguments to standard error?",
        SOURCE,
        |o| {
            on_error(o, || {
                stream::error().print(c"number %d, string %s\n", 5, c"text");
            });
        },
    ),
    case(
        "stdio.writes.error-character",
        "characters to standard error",
        "Does each fputc to standard error arrive alone?",
        SOURCE,
        |o| {
            on_error(o, || {
                b"abc".iter().for_each(|byte| {
                    stream::error().put(i32::from(*byte));
                })
            });
        },
    ),
    case(
        "stdio.writes.exit",
        "exit",
        "Is what is in buffers written at exit, and in how many pieces?",
        "ISO C11 7.22.4.4 exit()",
        |o| {
            on_output(o, |output| {
                output.puts(c"left in the buffer");
                stream::exit(0);
            });
        },
    ),
    case(
        "stdio.writes.append",
        "fflush of everything",
        "Does fflush(NULL) write what every stream holds?",
        "POSIX.1-2017 fflush()",
        |o| {
            let Some((first, at_first)) = watched(o) else { return };
            let Some((second, at_second)) = watched(o) else { return };
            first.puts(c"abc");
            second.puts(c"de");
            o.fact("flush", stream::flush_all());
            o.fact("first", at_first.writes());
            o.fact("second", at_second.writes());
        },
    ),
    case(
        "stdio.writes.call",
        "the call that writes",
        "Can a stream still flush 3 bytes when the kernel refuses writev?",
        "musl src/stdio/__stdio_write.c: writev; glibc libio/fileops.c: write; systemd and seccomp filters",
        |o| {
            refused(o, libc::SYS_writev, |s| {
                s.puts(c"abc");
            });
        },
    ),
    case(
        "stdio.writes.call-write",
        "the other call that writes",
        "Can a stream still flush 3 bytes when the kernel refuses write?",
        "musl src/stdio/__stdio_write.c: writev; glibc libio/fileops.c: write; seccomp filters",
        |o| {
            refused(o, libc::SYS_write, |s| {
                s.puts(c"abc");
            });
        },
    ),
];

const TABLES: &[&[Case]] = &[WRITTEN, OTHERS];
/// The cases of this table.
pub const CASES: &[Case] = &crate::case::join::<{ crate::case::count(TABLES) }>(TABLES);

/// Whether a flush works in a child to which one system call is refused. The child's exit code tells, for it cannot write.
fn refused(o: &mut Outcome, system_call: i64, work: fn(&Stream)) {
    let Some((stream, watched)) = file(o, b"", c"w") else { return };
    let child = in_child(10, || {
        work(&stream);
        if descriptor::refuse(system_call).is_err() {
            return 2;
        }
        i32::from(stream.flush().value == 0)
    });
    match o.need("a child", child).map(|child| child.end) {
        Some(crate::sys::process::End::Exited(2)) => o.unsupported("the kernel takes no seccomp filter"),
        Some(crate::sys::process::End::Exited(code)) => {
            o.fact("flushed", code == 1);
            o.fact("bytes", watched.content().len());
        }
        Some(end) => o.broke(heap::format!("the child: {end}")),
        None => {}
    }
}

/// Runs a child whose standard output is one end of a socket pair, and says what arrived.
fn on_output(o: &mut Outcome, work: impl FnOnce(&Stream)) {
    in_place(o, 1, || work(&stream::output()));
}

fn on_error(o: &mut Outcome, work: impl FnOnce()) {
    in_place(o, 2, work);
}

fn in_place(o: &mut Outcome, number: i32, work: impl FnOnce()) {
    let Some([here, there]): Option<[Fd; 2]> = o.need("a socket pair", descriptor::messages()) else { return };
    let child = in_child(10, || {
        if descriptor::replace(number, &there).is_err() {
            return 2;
        }
        work();
        i32::from(stream::output().flush().value != 0)
    });
    let Some(child) = o.need("a child", child) else { return };
    o.fact("writes", here.writes());
    o.fact("end", heap::format!("{}", child.end));
}
