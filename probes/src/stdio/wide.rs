//! Wide orientation: what it forbids, and what cannot be written in the C locale.

use super::buffers::file;
use super::case;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::stdio::stream::Stream;
use crate::text;

const SOURCE: &str = "ISO C11 7.21.2, 4; POSIX.1-2017 fwide(), fputwc(): EILSEQ";

/// Rows of `id, title, question, content, mode, what is done`.
macro_rules! wide {
    ($($id:literal, $title:literal, $question:literal, $content:literal, $mode:literal, $work:expr;)*) => {
        /// The cases of this table.
        pub const CASES: &[Case] = &[$(case($id, $title, $question, SOURCE, |o| {
            let Some((stream, watched)) = file(o, $content, $mode) else { return };
            let work: fn(&Stream, &mut Outcome) = $work;
            work(&stream, o);
            stream.flush();
            o.fact("content", text::bytes(&watched.content()));
        })),*];
    };
}

wide! {
    "stdio.wide.unset", "fwide of a fresh stream", "What does fwide say about a stream that nothing was done with?", b"", c"w", |s, o| o.fact("wide", s.wide(0).value.signum());
    "stdio.wide.set", "fwide asked for wide", "What does fwide say once it was asked for wide, and then for bytes?", b"", c"w", |s, o| { o.fact("first", s.wide(1).value.signum()); o.fact("then", s.wide(-1).value.signum()); };
    "stdio.wide.bytes", "fwide after bytes", "What does fwide say after fputc?", b"", c"w", |s, o| { s.put(65); o.fact("wide", s.wide(1).value.signum()); };
    "stdio.wide.bytes-on-wide", "bytes on a wide stream", "What does fputs say on a wide stream?", b"", c"w", |s, o| { s.put_wide(97); o.fact("puts", s.puts(c"bc")); };
    "stdio.wide.print-on-wide", "fprintf on a wide stream", "What does fprintf say on a wide stream?", b"", c"w", |s, o| { s.put_wide(97); o.fact("print", s.print(c"%d", 5, c"")); };
    "stdio.wide.wide-on-bytes", "wide on a stream of bytes", "What does fputwc say on a stream of bytes?", b"", c"w", |s, o| { s.put(97); o.fact("put", s.put_wide(98)); };
    "stdio.wide.read-bytes-on-wide", "reading bytes of a wide stream", "What does fgetc say on a wide stream?", b"abc", c"r", |s, o| { s.get_wide(); o.fact("get", s.get()); };
    "stdio.wide.put-high", "a character beyond ASCII", "What does fputwc say to U+00E9 in the C locale?", b"", c"w", |s, o| { o.fact("put", s.put_wide(0xe9)); o.fact("state", s.state()); };
    "stdio.wide.put-invalid", "no such character", "What does fputwc say to 0x7ffffff0?", b"", c"w", |s, o| { o.fact("put", s.put_wide(0x7fff_fff0)); o.fact("state", s.state()); };
    "stdio.wide.get-high", "a byte above 127", "What does fgetwc make of the byte E9 in the C locale?", b"\xe9a", c"r", |s, o| { o.fact("get", s.get_wide()); o.fact("state", s.state()); o.fact("next", s.get_wide()); };
}
