//! The stand-in for a shell: it says with which words it was called, and obeys a few of its own.
//!
//! It is laid to /bin/sh as a script whose interpreter it is, so its first word is the name of that script. Its words after
//! `-c` (and `--`): `exit N`, `kill N`, `say WORD...`, `copy` (standard input to standard output), `signals` (which are
//! ignored or blocked), `files` (which descriptors are open), `place` (where it is, and whose group and session it is in).

use core::ffi::c_int;
use heap::string::String;
use heap::vec::Vec;

use super::say;
use crate::text;

/// What the cases lay to /bin/sh: the stand-in that holds a C library of its own is the same program in every image.
pub const SCRIPT: &[u8] = b"#!/.libcdiff/musl-static/process-shell\n";

/// Does what it is told; the exit code is 0 unless it is told another.
pub fn run(words: &[&str]) -> c_int {
    let words = words.get(1..).unwrap_or_default();
    let told = match words {
        ["-c", "--", told] | ["-c", told] => *told,
        ["-c", ..] => "",
        _ => {
            say(format_args!("shell runs{}", quoted(words)));
            return 0;
        }
    };
    let mut told_words = told.split(' ');
    let verb = told_words.next().unwrap_or("");
    let number = |word: Option<&str>| word.and_then(|w| w.parse::<c_int>().ok()).unwrap_or(0);
    match verb {
        "exit" => return number(told_words.next()),
        "kill" => {
            // SAFETY: sends a signal to this process.
            unsafe { libc::kill(libc::getpid(), number(told_words.next())) };
        }
        "say" => say(told_words.collect::<Vec<_>>().join(" ")),
        "copy" => copy(),
        "signals" => signals(),
        "files" => files(),
        "place" => place(),
        _ => say(format_args!("shell called with{}", quoted(words))),
    }
    0
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| heap::format!(" `{word}`")).collect()
}

fn copy() {
    let mut buffer = [0u8; 4096];
    loop {
        // SAFETY: the buffer is writable for its length.
        let n = unsafe { libc::read(0, buffer.as_mut_ptr().cast(), buffer.len()) };
        match usize::try_from(n) {
            Ok(n @ 1..) => super::write_all(1, &buffer[..n]),
            _ => return,
        };
    }
}

fn signals() {
    let (mut ignored, mut blocked) = (Vec::new(), Vec::new());
    // SAFETY: only asks, into structures of the right types, for which all zeroes is a value.
    unsafe {
        let mut mask: libc::sigset_t = core::mem::zeroed();
        libc::sigprocmask(libc::SIG_BLOCK, core::ptr::null(), &mut mask);
        for signal in 1..32 {
            let mut action: libc::sigaction = core::mem::zeroed();
            libc::sigaction(signal, core::ptr::null(), &mut action);
            if action.sa_sigaction == libc::SIG_IGN {
                ignored.push(text::signal(signal));
            }
            if libc::sigismember(&mask, signal) == 1 {
                blocked.push(text::signal(signal));
            }
        }
    }
    say(format_args!("ignored: {}; blocked: {}", ignored.join(" "), blocked.join(" ")));
}

fn files() {
    let mut found = Vec::new();
    for fd in 0..64 {
        let link = heap::format!("/proc/self/fd/{fd}\0");
        let mut target = [0u8; 256];
        // SAFETY: the name is terminated, the buffer writable for its length.
        let length = unsafe { libc::readlink(link.as_ptr().cast(), target.as_mut_ptr().cast(), target.len()) };
        if let Some(target) = usize::try_from(length).ok().and_then(|n| target.get(..n)) {
            // An inode number stands behind the colon.
            let kind = text::bytes(target.split(|b| *b == b':').next().unwrap_or_default());
            let kind = kind.rsplit('/').next().unwrap_or_default();
            found.push(heap::format!("{fd}={kind}"));
        }
    }
    say(found.join(" "));
}

fn place() {
    let mut path = [0u8; 256];
    // SAFETY: the buffer is writable for its length; the other calls take and give numbers.
    let (pid, group, session) = unsafe {
        libc::getcwd(path.as_mut_ptr().cast(), path.len());
        (libc::getpid(), libc::getpgrp(), libc::getsid(0))
    };
    let end = path.iter().position(|b| *b == 0).unwrap_or(0);
    let name = text::bytes(path[..end].rsplit(|b| *b == b'/').next().unwrap_or_default());
    let name = if name.starts_with("libcdiff-") { "the case's folder".into() } else { name };
    let yes = |own: bool| if own { "its own" } else { "inherited" };
    say(format_args!("folder: {name}; group: {}; session: {}", yes(group == pid), yes(session == pid)));
}
