//! `syslog`: the message that arrives at a socket of the probe's own, with numbers that vary written as 0.

use heap::string::String;

use super::case;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::process::in_child;
use crate::sys::stdio::syslog::{self, Log};
use crate::text;

const SOURCE: &str =
    "POSIX.1-2017 syslog(); RFC 3164; musl src/misc/syslog.c, WHATSNEW 1.2.5 (timestamps); glibc misc/syslog.c";

/// Rows of `id, title, question, what is done`; the next message is compared.
macro_rules! logged {
    ($($id:literal, $title:literal, $question:literal, $work:expr;)*) => {
        /// The cases of this table.
        pub const CASES: &[Case] = &[$(case($id, $title, $question, SOURCE, |o| {
            let work: fn() = $work;
            logged(o, work);
        })),*];
    };
}

/// The month's name and every digit after the priority are what varies: the time and the process.
fn canonical(message: &[u8]) -> String {
    let text = text::bytes(message);
    let Some((priority, rest)) = text.split_once('>') else { return text };
    let dated = rest.as_bytes().get(3) == Some(&b' ') && rest.as_bytes().get(6) == Some(&b' ');
    let (time, rest) = if dated && rest.len() >= 15 { (Some(&rest[..15]), &rest[15..]) } else { (None, rest) };
    let digits = |c: char| if c.is_ascii_digit() { '0' } else { c };
    let mut rest: String = rest.chars().map(digits).collect();
    while let Some(at) = rest.find("[00") {
        rest.remove(at + 1);
    }
    heap::format!("{priority}>{}{rest}", if time.is_some() { "TIME" } else { "" })
}

fn logged(o: &mut Outcome, work: fn()) {
    let log = match Log::open() {
        Ok(log) => log,
        Err(e) => return o.unsupported(heap::format!("no socket can be made at /dev/log: {}", text::errno(e.0))),
    };
    let child = in_child(10, || {
        work();
        0
    });
    let Some(child) = o.need("a child", child) else { return };
    let mut count = 0;
    while let Some(message) = log.message() {
        count += 1;
        if message.len() > 500 {
            o.fact("length", message.len() / 100 * 100);
        } else {
            o.fact("message", heap::format!("{:?}", canonical(&message)));
        }
    }
    o.fact("messages", count);
    if !child.output.is_empty() {
        o.fact("standard_error", heap::format!("{:?}", canonical(&[b">", &child.output[..]].concat())));
    }
}

/// A kibibyte and a half.
const LONG: &core::ffi::CStr = {
    const BYTES: [u8; 1501] = {
        let mut all = [b'x'; 1501];
        all[1500] = 0;
        all
    };
    match core::ffi::CStr::from_bytes_with_nul(&BYTES) {
        Ok(text) => text,
        Err(_) => unreachable!(),
    }
};

logged! {
    "stdio.syslog.plain", "a message", "What arrives of syslog without openlog?", || syslog::log(6, c"text %s", c"here");
    "stdio.syslog.opened", "after openlog", "What arrives after openlog with a name, LOG_PID and LOG_DAEMON?", || { syslog::open(Some(c"name"), 1, 3 << 3); syslog::log(4, c"%s", c"text"); };
    "stdio.syslog.no-name", "openlog without a name", "Which name does a message have when openlog was given a null pointer?", || { syslog::open(None, 0, 1 << 3); syslog::log(4, c"%s", c"text"); };
    "stdio.syslog.newline", "a new line at the end", "Is a new line at the end of a message kept?", || syslog::log(6, c"text\n", c"");
    "stdio.syslog.error-text", "%m", "What does %m become in a message?", || { crate::sys::call::set_errno(2); syslog::log(6, c"failed: %m", c""); };
    "stdio.syslog.long", "a long message", "How much arrives of a message of 1,500 characters?", || syslog::log(6, c"%s", LONG);
    "stdio.syslog.facility", "a facility in the priority", "Does a facility in the priority win over the one of openlog?", || { syslog::open(Some(c"name"), 0, 3 << 3); syslog::log((2 << 3) | 5, c"text", c""); };
    "stdio.syslog.priority-unknown", "an unknown priority", "What arrives for a priority with bits beyond the facility?", || syslog::log(0x7000 | 6, c"text", c"");
    "stdio.syslog.masked", "a masked priority", "Does setlogmask keep a message back?", || { syslog::mask(1 << 3); syslog::log(6, c"text", c""); };
    "stdio.syslog.perror", "LOG_PERROR", "What does LOG_PERROR write to standard error?", || { syslog::open(Some(c"name"), 0x20 | 1, 1 << 3); syslog::log(6, c"text", c""); };
}
