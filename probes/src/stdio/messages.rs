//! `perror` and `psignal`: what they write to standard error.

use super::case;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::process::in_child;
use crate::sys::stdio::stream;

/// Rows of `id, title, question, what is done`; what arrives at standard error is compared.
macro_rules! messages {
    ($($id:literal, $title:literal, $question:literal, $source:literal, $work:expr;)*) => {
        /// The cases of this table.
        pub const CASES: &[Case] = &[$(case($id, $title, $question, $source, |o| {
            let work: fn() = $work;
            said(o, work);
        })),*];
    };
}

fn said(o: &mut Outcome, work: fn()) {
    let child = in_child(10, || {
        work();
        0
    });
    let Some(child) = o.need("a child", child) else { return };
    o.fact("output", heap::format!("{:?}", child.text()));
}

messages! {
    "stdio.perror.prefix", "perror with a prefix", "What does perror write for ENOENT with a prefix?", "POSIX.1-2017 perror()", || stream::describe_error(Some(c"program"), 2);
    "stdio.perror.null", "perror with a null pointer", "What does perror write for ENOENT with a null pointer?", "POSIX.1-2017 perror()", || stream::describe_error(None, 2);
    "stdio.perror.empty", "perror with an empty prefix", "What does perror write for ENOENT with an empty prefix?", "POSIX.1-2017 perror()", || stream::describe_error(Some(c""), 2);
    "stdio.perror.zero", "perror without an error", "What does perror write when errno is 0?", "POSIX.1-2017 perror()", || stream::describe_error(Some(c"x"), 0);
    "stdio.perror.unknown", "perror of an unknown error", "What does perror write for error 9999?", "POSIX.1-2017 perror()", || stream::describe_error(Some(c"x"), 9999);
    "stdio.perror.negative", "perror of a negative error", "What does perror write for error -1?", "POSIX.1-2017 perror()", || stream::describe_error(Some(c"x"), -1);
    "stdio.psignal.prefix", "psignal with a prefix", "What does psignal write for SIGSEGV with a prefix?", "POSIX.1-2017 psignal()", || stream::describe_signal(Some(c"program"), 11);
    "stdio.psignal.null", "psignal with a null pointer", "What does psignal write for SIGSEGV with a null pointer?", "POSIX.1-2017 psignal()", || stream::describe_signal(None, 11);
    "stdio.psignal.empty", "psignal with an empty prefix", "What does psignal write for SIGSEGV with an empty prefix?", "POSIX.1-2017 psignal()", || stream::describe_signal(Some(c""), 11);
    "stdio.psignal.zero", "psignal of 0", "What does psignal write for signal 0?", "POSIX.1-2017 psignal()", || stream::describe_signal(Some(c"x"), 0);
    "stdio.psignal.unknown", "psignal of an unknown signal", "What does psignal write for signal 999?", "POSIX.1-2017 psignal()", || stream::describe_signal(Some(c"x"), 999);
    "stdio.psignal.realtime", "psignal of a real-time signal", "What does psignal write for signal 40?", "POSIX.1-2017 psignal()", || stream::describe_signal(Some(c"x"), 40);
}
