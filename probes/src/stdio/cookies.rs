//! `fopencookie`: a stream whose calls the program answers.

use super::case;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::stdio::memory::{Cookie, of_cookie};
use crate::sys::stdio::stream::{SEEK_SET, Stream};
use crate::text;

const SOURCE: &str = "fopencookie(3); musl src/stdio/fopencookie.c; glibc libio/iofopncook.c";

/// Rows of `id, title, question, what write, read, seek and close return, mode, what is done`.
macro_rules! cookies {
    ($($id:literal, $title:literal, $question:literal, [$write:literal, $read:literal, $seek:literal, $close:literal], $mode:literal, $work:expr;)*) => {
        /// The cases of this table.
        pub const CASES: &[Case] = &[$(case($id, $title, $question, SOURCE, |o| {
            static COOKIE: Cookie = Cookie { write: $write, read: $read, seek: $seek, close: $close };
            let work: fn(&Stream, &mut Outcome) = $work;
            match of_cookie(&COOKIE, $mode) {
                Some(Ok(stream)) => {
                    work(&stream, o);
                    o.fact("close", stream.close());
                }
                Some(Err(e)) => o.fact("refused", text::errno(e.0)),
                None => o.line("no fopencookie"),
            }
        })),*];
    };
}

cookies! {
    "stdio.cookie.write", "writing", "Does a stream of a cookie write?", [100, 0, 0, 0], c"w", |s, o| { o.fact("puts", s.puts(c"abc").value >= 0); o.fact("flush", s.flush()); };
    "stdio.cookie.write-zero", "a write of nothing", "Is a write that returns 0 an error?", [0, 0, 0, 0], c"w", |s, o| { s.puts(c"abc"); o.fact("flush", s.flush().value); o.fact("state", s.state()); };
    "stdio.cookie.write-negative", "a write that fails", "Is a write that returns -1 an error?", [-1, 0, 0, 0], c"w", |s, o| { s.puts(c"abc"); o.fact("flush", s.flush().value); o.fact("state", s.state()); };
    "stdio.cookie.read-end", "a read of nothing", "Is a read that returns 0 the end of the file?", [0, 0, 0, 0], c"r", |s, o| { o.fact("get", s.get().value); o.fact("state", s.state()); };
    "stdio.cookie.read-negative", "a read that fails", "Is a read that returns -1 an error?", [0, -1, 0, 0], c"r", |s, o| { o.fact("get", s.get().value); o.fact("state", s.state()); };
    "stdio.cookie.seek", "a seek that fails", "Does fseek fail when the cookie's seek does?", [0, 0, -1, 0], c"r", |s, o| o.fact("seek", s.seek(5, SEEK_SET).value);
    "stdio.cookie.close", "a close that fails", "Does fclose fail when the cookie's close does?", [0, 0, 0, -1], c"r", |_, _| ();
    "stdio.cookie.mode", "an unknown mode", "What does fopencookie say to an unknown mode?", [0, 0, 0, 0], c"q", |_, _| ();
    "stdio.cookie.number", "fileno", "What does fileno say about a stream of a cookie?", [0, 0, 0, 0], c"r", |s, o| o.fact("number", s.number());
}
