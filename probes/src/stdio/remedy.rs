//! Remedies: the portable way to what other cases show to differ. Each of these answers alike in every C library, which
//! is the proof that the remedy works.

use super::buffers::{file, watched};
use super::case;
use crate::case::Case;
use crate::sys::stdio::descriptor;
use crate::sys::stdio::format::{Word, print};
use crate::sys::stdio::scan::{Language, Place, scan};
use crate::sys::stdio::stream::{self, BUFFER_FULL, BUFFER_NONE, Buffer, SEEK_SET};
use crate::text;

/// Memory that lives on.
fn memory(bytes: usize) -> &'static mut [u8] {
    heap::vec![0u8; bytes].leak()
}

/// The cases of this table.
pub const CASES: &[Case] = &[
    case(
        "stdio.remedy.long-long",
        "remedy: ll instead of L",
        "Does %lld print a number of 64 bits everywhere?",
        super::source::C_PRINT,
        |o| {
            super::printf::describe(print(64, c"%lld", &[Word::N(1 << 40)], &[]), o);
        },
    ),
    case(
        "stdio.remedy.pointer",
        "remedy: a pointer as a number",
        "Does a pointer print alike everywhere as %#lx?",
        super::source::C_PRINT,
        |o| {
            super::printf::describe(
                print(64, c"[%#lx][%#lx][%#20lx]", &[Word::N(0xabc), Word::N(0), Word::N(0xabc)], &[]),
                o,
            );
        },
    ),
    case(
        "stdio.remedy.null-string",
        "remedy: a word for null",
        "Does a string that the program chooses for null print alike everywhere?",
        super::source::C_PRINT,
        |o| {
            super::printf::describe(print(64, c"[%.3s]", &[Word::S(c"(null)")], &[]), o);
        },
    ),
    case(
        "stdio.remedy.count-separately",
        "remedy: the length instead of %n",
        "Does the return value tell what %n would?",
        super::source::C_PRINT,
        |o| {
            let first = print(64, c"%d", &[Word::N(12345)], &[]);
            o.fact("length", first.length);
        },
    ),
    case(
        "stdio.remedy.size-bounded",
        "remedy: the true size",
        "Does snprintf work everywhere when it is told the true size of the buffer?",
        super::source::LIMITS,
        |o| {
            super::printf::describe(print(2048, c"%d", &[Word::N(5)], &[]), o);
        },
    ),
    case(
        "stdio.remedy.buffer-given",
        "remedy: a buffer for setvbuf",
        "Are 15,000 characters written in pieces of 8 KiB or more when setvbuf is given a buffer of 16 KiB?",
        super::source::BUFFERS,
        |o| {
            let Some((stream, arrived)) = watched(o) else { return };
            stream.set_buffer(Some(memory(16 << 10)), BUFFER_FULL, 16 << 10);
            for _ in 0..15_000 {
                stream.put(65);
            }
            o.fact("before_flush", arrived.writes().len());
            stream.flush();
            let writes = arrived.writes();
            o.fact("writes", writes.len());
            o.fact("first_bytes", writes.first().copied().unwrap_or_default());
        },
    ),
    case(
        "stdio.remedy.prompt",
        "remedy: fflush before reading",
        "Is a prompt written before input is read when the program flushes it?",
        super::source::WRITES,
        |o| {
            let Some((stream, arrived)) = watched(o) else { return };
            stream.puts(c"name: ");
            stream.flush();
            o.fact("writes", arrived.writes());
        },
    ),
    case(
        "stdio.remedy.one-write",
        "remedy: one string, one write",
        "Does a line that was formatted first leave an unbuffered stream in one write?",
        super::source::WRITES,
        |o| {
            let Some((stream, arrived)) = watched(o) else { return };
            stream.set_buffer(None, BUFFER_NONE, 0);
            let printed = print(256, c"%d: %s\n", &[Word::N(5), Word::S(c"some text")], &[]);
            let text = printed.text.unwrap_or_default();
            stream.write(&text, 1, text.len());
            o.fact("writes", arrived.writes());
        },
    ),
    case(
        "stdio.remedy.hand-over",
        "remedy: lseek before handing on",
        "Is the file's offset where reading stopped when the program sets it by fseek and fflush?",
        "POSIX.1-2017 2.5.1",
        |o| {
            let Some((stream, watched)) = file(o, &[b'a'; 20_000], c"r") else { return };
            stream.get();
            let at = stream.tell().value;
            stream.seek(at, SEEK_SET);
            stream.flush();
            o.fact("offset", watched.offset());
        },
    ),
    case(
        "stdio.remedy.unget-one",
        "remedy: one character back",
        "Can one character that was read be pushed back everywhere, and does it come again?",
        super::source::PUSHBACK,
        |o| {
            let Some((stream, _)) = file(o, b"abc", c"r") else { return };
            let first = stream.get().value as i32;
            o.fact("unget", stream.unget(first));
            o.fact("get", stream.get());
        },
    ),
    case(
        "stdio.remedy.clear-end",
        "remedy: clearerr before reading on",
        "Does reading go on everywhere after clearerr when a file has grown?",
        super::source::ENDS,
        |o| {
            let Some(file) = o.need("a file in memory", descriptor::file(b"x")) else { return };
            let Some(reader) = o.need("the file again", descriptor::reopened(&file, libc::O_RDONLY)) else { return };
            let Some(stream) = o.need("fdopen", stream::over(reader, c"r").map_err(|(e, _)| e)) else { return };
            while stream.get().value >= 0 {}
            file.write(b"xy");
            stream.clear();
            o.fact("character", stream.get());
        },
    ),
    case(
        "stdio.remedy.mode-plain",
        "remedy: a mode of the standard",
        "Do r+ and w+ open alike everywhere where rw does not?",
        super::source::MODES,
        |o| {
            let Some((stream, _)) = file(o, b"abc", c"r+") else { return };
            o.fact("opened", descriptor::flags(stream.number().value as i32));
            o.fact("get", stream.get());
        },
    ),
    case(
        "stdio.remedy.getline-end",
        "remedy: feof tells the end",
        "Do feof and ferror tell the end from an error everywhere after getline?",
        super::source::LINES,
        |o| {
            let Some((stream, _)) = file(o, b"", c"r") else { return };
            let (answer, ..) = stream.delimited(&mut Buffer::none(0), 10);
            o.fact("length", answer.value);
            o.fact("state", stream.state());
        },
    ),
    case(
        "stdio.remedy.scan-by-hand",
        "remedy: a number read as text",
        "Does a word read as text, with a width, arrive alike everywhere, to be converted by strtol?",
        super::source::C_SCAN,
        |o| {
            let Some(scanned) = scan(Language::C99, c"0b101 99999999999", c"%31s%31s", &[Place::Text, Place::Text])
            else {
                return o.unsupported("no sscanf");
            };
            o.fact("count", scanned.count);
            for value in scanned.values {
                o.line(value.unwrap_or_default());
            }
        },
    ),
    case(
        "stdio.remedy.wide-locale",
        "remedy: a UTF-8 locale for wide output",
        "Does a wide string beyond ASCII print everywhere once the locale is C.UTF-8?",
        "POSIX.1-2017 setlocale(); glibc NEWS 2.35: C.UTF-8",
        |o| {
            o.fact("locale", crate::sys::stdio::format::set_locale(c"C.UTF-8"));
            super::printf::describe(print(64, c"<%ls>", &[Word::W(&[0xe9, 0x20ac, 0])], &[]), o);
        },
    ),
    case(
        "stdio.remedy.explicit-text",
        "remedy: the program's own text",
        "Does a message print alike everywhere that names the number instead of the text?",
        "POSIX.1-2017 strerror(): the text is the system's",
        |o| {
            o.fact(
                "message",
                text::bytes(&print(64, c"%s: error %d", &[Word::S(c"open"), Word::N(2)], &[]).text.unwrap_or_default()),
            );
        },
    ),
];
