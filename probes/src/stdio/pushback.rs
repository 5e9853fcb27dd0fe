//! `ungetc`: how many characters can be pushed back, and what that does to the position.

use super::buffers::file;
use super::case;
use super::source::PUSHBACK as SOURCE;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::stdio::stream::{BUFFER_NONE, SEEK_CUR, Stream};

/// Rows of `id, title, question, what is done with a stream over "abcdef"`.
macro_rules! pushed {
    ($($id:literal, $title:literal, $question:literal, $work:expr;)*) => {
        /// The cases of this table.
        pub const CASES: &[Case] = &[$(case($id, $title, $question, SOURCE, |o| {
            let Some((stream, _)) = file(o, b"abcdef", c"r") else { return };
            let work: fn(&Stream, &mut Outcome) = $work;
            work(&stream, o);
        })),*];
    };
}

/// How many characters go back, up to 20,000.
fn depth(stream: &Stream) -> &'static str {
    match (0..20_000).take_while(|_| stream.unget(90).value == 90).count() {
        0 => "none",
        1 => "1",
        2..=7 => "2 to 7",
        8 => "8",
        9..=4000 => "9 to 4,000",
        4001..=19_999 => "4,001 to 19,999",
        _ => "20,000 or more",
    }
}

pushed! {
    "stdio.pushback.depth-start", "before anything is read", "How many characters can be pushed back before anything is read?", |s, o| o.fact("depth", depth(s));
    "stdio.pushback.depth", "after one was read", "How many characters can be pushed back after one was read?", |s, o| { s.get(); o.fact("depth", depth(s)); };
    "stdio.pushback.depth-3", "after three were read", "How many characters can be pushed back after three were read?", |s, o| { s.read(1, 3); o.fact("depth", depth(s)); };
    "stdio.pushback.depth-unbuffered", "unbuffered", "How many characters can be pushed back on an unbuffered stream?",
        |s, o| { s.set_buffer(None, BUFFER_NONE, 0); s.get(); o.fact("depth", depth(s)); };
    "stdio.pushback.order", "two characters", "In which order do two characters come back?",
        |s, o| { s.get(); s.unget(88); s.unget(89); o.fact("first", s.get()); o.fact("second", s.get()); o.fact("third", s.get()); };
    "stdio.pushback.eof", "EOF pushed back", "What does ungetc return for EOF, and is anything pushed back?", |s, o| { o.fact("unget", s.unget(-1)); o.fact("get", s.get()); };
    "stdio.pushback.high", "byte 255", "Does byte 255 come back as 255?", |s, o| { o.fact("unget", s.unget(255)); o.fact("get", s.get()); };
    "stdio.pushback.large", "a number above 255", "What does ungetc return for 0x141, and what comes back?", |s, o| { o.fact("unget", s.unget(0x141)); o.fact("get", s.get()); };
    "stdio.pushback.clears-end", "after the end", "Does ungetc clear the end of file?", |s, o| { while s.get().value >= 0 {} o.fact("before", s.state()); s.unget(90); o.fact("after", s.state()); o.fact("get", s.get()); };
    "stdio.pushback.tell", "ftell afterwards", "What does ftell say after one character was read and one pushed back?", |s, o| { s.get(); s.unget(90); o.fact("tell", s.tell()); };
    "stdio.pushback.tell-start", "ftell before the start", "What does ftell say after ungetc at position 0?", |s, o| { s.unget(90); o.fact("tell", s.tell()); };
    "stdio.pushback.seek", "fseek afterwards", "Does fseek by 0 drop what was pushed back?", |s, o| { s.get(); s.unget(90); o.fact("seek", s.seek(0, SEEK_CUR)); o.fact("get", s.get()); };
    "stdio.pushback.flush", "fflush afterwards", "Does fflush drop what was pushed back?", |s, o| { s.get(); s.unget(90); o.fact("flush", s.flush()); o.fact("get", s.get()); };
    "stdio.pushback.wide", "a wide character", "Does a wide character come back as it is in the C locale?", |s, o| { s.get_wide(); o.fact("unget", s.unget_wide(97)); o.fact("get", s.get_wide()); };
    "stdio.pushback.wide-high", "a wide character beyond ASCII", "Can a wide character beyond ASCII be pushed back in the C locale?", |s, o| { s.get_wide(); o.fact("unget", s.unget_wide(0x20ac)); o.fact("get", s.get_wide()); };
    "stdio.pushback.position", "fgetpos and fsetpos", "Which character comes after fsetpos to a remembered position?", |s, o| { s.get(); o.fact("get", s.remember(|s| { s.read(1, 3); })); };
}
