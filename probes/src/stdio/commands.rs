//! `popen`: modes that it refuses. What a command answers is the image's shell's affair.

use core::ffi::CStr;

use super::case;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::process::in_child;
use crate::sys::stdio::descriptor;
use crate::sys::stdio::stream;
use crate::text;

const SOURCE: &str = "POSIX.1-2017 popen(): r and w; popen(3): e";

/// Rows of `id, mode, title`.
macro_rules! modes {
    ($($id:literal, $mode:literal, $title:literal;)*) => {
        /// The cases of this table.
        pub const CASES: &[Case] = &[$(case(
            $id,
            $title,
            concat!("Does popen take the mode ", stringify!($mode), " (", $title, "), and is its descriptor closed on exec?"),
            SOURCE,
            |o| opened(o, $mode),
        )),*];
    };
}

/// In a child, for the command may find no shell. The image's shell plays no part: whether it exists is told apart.
fn opened(o: &mut Outcome, mode: &CStr) {
    let child = in_child(10, || {
        let answer = match stream::command(c":", mode) {
            Ok(stream) => descriptor::flags(stream.number().value as i32),
            // Without a shell the command cannot be started, which says nothing about the mode.
            Err(e) if e.0 == libc::ENOENT => "no shell".into(),
            Err(e) => heap::format!("refused, {}", text::errno(e.0)),
        };
        i32::from(!crate::sys::process::write_all(1, answer.as_bytes()))
    });
    let Some(child) = o.need("a child", child) else { return };
    match child.text().as_str() {
        "no shell" => o.unsupported("the image has no /bin/sh"),
        answer => o.fact("answer", answer),
    }
}

modes! {
    "stdio.popen.plus", c"r+", "both ways, of BSD";
    "stdio.popen.rw", c"rw", "both letters";
    "stdio.popen.empty", c"", "an empty mode";
    "stdio.popen.unknown", c"x", "an unknown letter";
    "stdio.popen.e-first", c"er", "close on exec first";
}
