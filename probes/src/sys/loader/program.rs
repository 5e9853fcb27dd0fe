//! A program that the image's loader starts: one of the objects, in a child, with an environment of its own.

use core::ffi::c_char;
use heap::ffi::CString;
use heap::string::String;
use heap::vec::Vec;

use super::script::copy;
use super::{c, canonical, enter_objects, inside};
use crate::outcome::Outcome;
use crate::sys::call::{Errno, errno};
use crate::sys::process::{Child, End, in_child, write_all};
use crate::text;

/// The loader of this family, as a program.
pub const LOADER: &str = if cfg!(target_env = "gnu") { GLIBC_LOADER } else { MUSL_LOADER };
/// glibc's loader.
pub const GLIBC_LOADER: &str =
    if cfg!(target_arch = "x86_64") { "/lib64/ld-linux-x86-64.so.2" } else { "/lib/ld-linux-aarch64.so.1" };
/// musl's loader.
pub const MUSL_LOADER: &str =
    if cfg!(target_arch = "x86_64") { "/lib/ld-musl-x86_64.so.1" } else { "/lib/ld-musl-aarch64.so.1" };

/// What is started, and how.
#[derive(Clone, Copy)]
pub struct Start {
    /// The program and its arguments.
    pub command: &'static [&'static str],
    /// Its whole environment.
    pub env: &'static [(&'static str, &'static str)],
    /// Objects that are copied into folders of the image before.
    pub copies: &'static [(&'static str, &'static str)],
}

/// Starts the program and returns how it ended.
pub fn start(start: &Start) -> Result<Child, Errno> {
    run(start.command, start.env, start.copies)
}

fn run(command: &[&str], env: &[(&str, &str)], copies: &[(&str, &str)]) -> Result<Child, Errno> {
    in_child(10, || {
        if let Err(e) = enter_objects() {
            write_all(1, heap::format!("the folder of objects: {}\n", text::errno(e.0)).as_bytes());
            return 70;
        }
        for (from, to) in copies {
            make_folders(to);
            copy(from, to);
        }
        let arguments: Vec<CString> = command.iter().map(|s| c(s)).collect();
        let variables: Vec<CString> = env.iter().map(|(k, v)| c(&heap::format!("{k}={v}"))).collect();
        let list = |strings: &[CString]| -> Vec<*const c_char> {
            strings.iter().map(|s| s.as_ptr()).chain([core::ptr::null()]).collect()
        };
        let (argv, envp) = (list(&arguments), list(&variables));
        // SAFETY: the strings are terminated and the lists end with a null pointer; both outlive the call.
        unsafe { libc::execve(argv[0], argv.as_ptr(), envp.as_ptr()) };
        write_all(1, heap::format!("exec: {}\n", text::errno(errno())).as_bytes());
        126
    })
}

/// Makes every folder above a path.
fn make_folders(path: &str) {
    for (end, _) in path.match_indices('/').filter(|(end, _)| *end > 0) {
        // SAFETY: the path is terminated. One that exists already is as good.
        unsafe { libc::mkdir(c(&path[..end]).as_ptr(), 0o755) };
    }
}

/// The lines of the program, and its end, as the answer.
pub fn told(o: &mut Outcome, what: &Start) {
    let Some(child) = begun(o, what) else { return };
    for line in canonical(&child.text()).lines() {
        o.line(line);
    }
    o.fact("end", heap::format!("{}", child.end));
}

/// Whether the program ran to its end, and whether anything but its own lines was written: for output that is long or varies.
pub fn summed(o: &mut Outcome, what: &Start) {
    let Some(child) = begun(o, what) else { return };
    let text = child.text();
    let own = text.lines().filter(|line| *line == "main").count();
    o.fact("main_ran", own > 0);
    o.fact("more_output", text.lines().count() > own);
    o.fact("end", heap::format!("{}", child.end));
}

/// Whether a library was found: a line of its own was written.
pub fn found(o: &mut Outcome, what: &Start, line: &str) {
    let Some(child) = begun(o, what) else { return };
    o.fact("found", child.text().lines().any(|l| l == line));
}

/// One place after the other: whether a library that is put there, and nowhere else, is found.
pub fn found_in(o: &mut Outcome, command: &'static [&'static str], line: &str, folders: &[&str]) {
    if unable(o, true) {
        return;
    }
    let mut rows = Vec::new();
    for folder in folders {
        let path = heap::format!("{folder}/libdep.so");
        let child = in_child(10, || {
            if enter_objects().is_err() {
                return 70;
            }
            make_folders(&path);
            copy("sub/libdep.so", &path);
            0
        });
        if o.need("copying a library", child).is_none() {
            return;
        }
        let child = start(&Start { command, env: &[], copies: &[] });
        let Some(child) = o.need("starting a child", child) else { return };
        rows.push((String::from(*folder), child.text().lines().any(|l| l == line).into()));
        // SAFETY: the path is terminated; the file is the case's own.
        unsafe { libc::unlink(c(&path).as_ptr()) };
    }
    o.table("found", rows);
}

fn begun(o: &mut Outcome, what: &Start) -> Option<Child> {
    if unable(o, !what.copies.is_empty()) {
        return None;
    }
    let child = o.need("starting a child", start(what))?;
    if child.end == End::Exited(70) {
        o.broke(child.text());
        return None;
    }
    Some(child)
}

/// Whether the case cannot be asked: in a static program, or outside of an image where it would write to folders of it.
fn unable(o: &mut Outcome, writes: bool) -> bool {
    if cfg!(target_feature = "crt-static") {
        o.unsupported("a static program loads no libraries");
        return true;
    }
    if writes && !inside() {
        o.unsupported("it writes to the system's own folders, so it runs in an image alone");
        return true;
    }
    false
}

/// Writes a file of the image; does nothing outside of one.
pub fn write(path: &str, content: &str) {
    if !inside() {
        return;
    }
    make_folders(path);
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC | libc::O_CLOEXEC;
    // SAFETY: the path is terminated.
    let fd = unsafe { libc::open(c(path).as_ptr(), flags, 0o644) };
    if fd >= 0 {
        write_all(fd, content.as_bytes());
        // SAFETY: the descriptor is this function's own.
        unsafe { libc::close(fd) };
    }
}

/// Removes a file of the image; does nothing outside of one.
pub fn remove(path: &str) {
    if inside() {
        // SAFETY: the path is terminated.
        unsafe { libc::unlink(c(path).as_ptr()) };
    }
}

/// Whether the image has a program of this path.
pub fn has(path: &str) -> bool {
    // SAFETY: the path is terminated.
    unsafe { libc::access(c(path).as_ptr(), libc::X_OK) == 0 }
}

/// Lets the image's ldconfig read a folder of our own, and asks whether a library is found there before and after.
pub fn cached(o: &mut Outcome, tool: &'static str, line: &str) {
    if unable(o, true) {
        return;
    }
    write("/etc/ld.so.conf", "/opt/lib\n");
    let placed = [("sub/libdep.so", "/opt/lib/libdep.so")];
    let starts = [(&placed[..], "./needs-dep"), (&[][..], tool), (&[][..], "./needs-dep")]
        .map(|(copies, command)| run(&[command], &[], copies));
    let names = ["before", "ldconfig", "after"];
    for (name, child) in names.into_iter().zip(starts) {
        let Some(child) = o.need("starting a child", child) else { return };
        match name {
            "ldconfig" => o.fact(name, heap::format!("{}", child.end)),
            _ => o.fact(name, child.text().lines().any(|l| l == line)),
        }
    }
}
