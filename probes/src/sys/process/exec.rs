//! The exec family: files that are no programs, and where a name is looked for.

use core::ffi::{CStr, c_char};

use super::{describe_child, say};
use crate::outcome::Outcome;
use crate::sys::call::{Errno, errno, set_errno};
use crate::sys::optional::optional;
use crate::sys::place::Place;
use crate::text;

unsafe extern "C" {
    static mut environ: *const *const c_char;
}

/// A function that starts a program.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// `execv`
    Execv,
    /// `execl`
    Execl,
    /// `execvp`
    Execvp,
    /// `execlp`
    Execlp,
    /// `execvpe`
    Execvpe,
    /// `posix_spawn`
    Spawn,
    /// `posix_spawnp`
    Spawnp,
}

/// What lies somewhere.
#[derive(Clone, Copy, Debug)]
pub enum Thing {
    /// A script that names its shell.
    Program,
    /// An executable file of this content.
    Content(&'static [u8]),
    /// A script that names its shell and may not be executed.
    Forbidden,
    /// An empty folder.
    Folder,
    /// A symbolic link to this.
    Link(&'static CStr),
}

/// Puts a thing into the case's folder.
pub fn put(place: &Place, name: &CStr, thing: Thing) -> Result<(), Errno> {
    const PROGRAM: &[u8] = b"#!/bin/sh\n";
    match thing {
        Thing::Program => place.file(name, PROGRAM, 0o755),
        Thing::Content(content) => place.file(name, content, 0o755),
        Thing::Forbidden => place.file(name, PROGRAM, 0o644),
        Thing::Folder => place.folder(name),
        Thing::Link(target) => place.link(name, target),
    }
}

/// Starts `file` with one argument; the error number where that failed. For the exec functions there is no other return.
fn start(way: Way, file: &CStr) -> i32 {
    let file = file.as_ptr();
    let one = c"one".as_ptr();
    let null = core::ptr::null::<c_char>();
    let arguments = [file, one, null];
    let argv = arguments.as_ptr();
    set_errno(0);
    // SAFETY: the strings are terminated and the lists end in null; the environment is the process's own.
    unsafe {
        match way {
            Way::Execv => libc::execv(file, argv),
            Way::Execl => libc::execl(file, file, one, null),
            Way::Execvp => libc::execvp(file, argv),
            Way::Execlp => libc::execlp(file, file, one, null),
            Way::Execvpe => libc::execvpe(file, argv, environ.cast()),
            Way::Spawn | Way::Spawnp => {
                let mut pid = 0;
                let call = if matches!(way, Way::Spawn) { libc::posix_spawn } else { libc::posix_spawnp };
                let code = call(&mut pid, file, core::ptr::null(), core::ptr::null(), argv.cast(), environ.cast());
                if code == 0 {
                    let mut status = 0;
                    libc::waitpid(pid, &mut status, 0);
                    libc::_exit(libc::WEXITSTATUS(status));
                }
                return code;
            }
        }
    };
    errno()
}

/// Starts a file of this content in the case's folder, by a path with a slash in it.
pub fn file(o: &mut Outcome, way: Way, content: &'static [u8]) {
    attempt(o, way, c"./prog", Ok(None), &[(c"prog", Thing::Content(content))]);
}

/// Looks for `name` with this `PATH`, or with none, after these things were put into the case's folder.
pub fn search(o: &mut Outcome, name: &CStr, path: Option<&CStr>, things: &[(&CStr, Thing)]) {
    attempt(o, Way::Execvp, name, path.ok_or(()).map(Some), things);
}

/// As [`search`], by another way than `execvp`.
pub fn search_by(o: &mut Outcome, way: Way, path: &CStr, things: &[(&CStr, Thing)]) {
    attempt(o, way, c"prog", Ok(Some(path)), things);
}

/// `path`: the variable's value, `Ok(None)` to leave it as it is, and an error to unset it.
fn attempt(o: &mut Outcome, way: Way, name: &CStr, path: Result<Option<&CStr>, ()>, things: &[(&CStr, Thing)]) {
    let Some(place) = o.need("making a folder", Place::enter()) else { return };
    for (at, thing) in things {
        if o.need("laying out files", put(&place, at, *thing)).is_none() {
            return;
        }
    }
    describe_child(o, || {
        // SAFETY: the child has one thread, and the strings are terminated.
        unsafe {
            match path {
                Ok(Some(path)) => libc::setenv(c"PATH".as_ptr(), path.as_ptr(), 1),
                Ok(None) => 0,
                Err(()) => libc::unsetenv(c"PATH".as_ptr()),
            };
        }
        say(format_args!("error: {}", text::errno(start(way, name))));
        1
    });
}

/// `execvpe` with another `PATH` in the new environment than in this one: which of the two is searched.
pub fn two_paths(o: &mut Outcome) {
    let Some(place) = o.need("making a folder", Place::enter()) else { return };
    for (at, thing) in [
        (c"a", Thing::Folder),
        (c"b", Thing::Folder),
        (c"a/prog", Thing::Content(b"#!/bin/sh a\n")),
        (c"b/prog", Thing::Content(b"#!/bin/sh b\n")),
    ] {
        if o.need("laying out files", put(&place, at, thing)).is_none() {
            return;
        }
    }
    describe_child(o, || {
        let arguments = [c"prog".as_ptr(), core::ptr::null()];
        let variables = [c"PATH=b".as_ptr(), core::ptr::null()];
        // SAFETY: the child has one thread; strings are terminated and lists end in null.
        unsafe {
            libc::setenv(c"PATH".as_ptr(), c"a".as_ptr(), 1);
            libc::execvpe(c"prog".as_ptr(), arguments.as_ptr(), variables.as_ptr());
        }
        say(format_args!("error: {}", text::errno(errno())));
        1
    });
}

/// The remedy for files that name no shell: the program names it.
pub fn by_shell(o: &mut Outcome) {
    let Some(place) = o.need("making a folder", Place::enter()) else { return };
    if o.need("writing a file", place.file(c"prog", b"echo\n", 0o755)).is_none() {
        return;
    }
    describe_child(o, || {
        let arguments = [c"sh", c"./prog", c"one"].map(CStr::as_ptr);
        let arguments = [arguments[0], arguments[1], arguments[2], core::ptr::null()];
        // SAFETY: strings are terminated and the list ends in null.
        unsafe {
            libc::execvp(c"./prog".as_ptr(), arguments[1..].as_ptr());
            if errno() == libc::ENOEXEC || errno() == 0 {
                libc::execv(c"/bin/sh".as_ptr(), arguments.as_ptr());
            }
        }
        say(format_args!("error: {}", text::errno(errno())));
        1
    });
}

/// `fexecve` of a descriptor that cannot be executed, and of none.
pub fn by_descriptor(o: &mut Outcome) {
    let arguments = [c"prog".as_ptr(), core::ptr::null()];
    for (name, fd) in [("descriptor -1", -1), ("descriptor 99", 99)] {
        set_errno(0);
        // SAFETY: the lists end in null; no such descriptor is open, so nothing is executed.
        unsafe { libc::fexecve(fd, arguments.as_ptr(), arguments[1..].as_ptr()) };
        o.fact(name, text::errno(errno()));
    }
}

/// `execveat` where the C library has it: a descriptor that is none.
pub fn at_descriptor(o: &mut Outcome) {
    type Call = unsafe extern "C" fn(i32, *const c_char, *const *const c_char, *const *const c_char, i32) -> i32;
    let arguments = [c"prog".as_ptr(), core::ptr::null()];
    // SAFETY: the signature is that of glibc's unistd.h.
    let Some(call) = (unsafe { crate::sys::call::lookup::<Call>(c"execveat") }) else {
        return o.fact("execveat", "absent");
    };
    // SAFETY: the strings are terminated and the lists end in null.
    unsafe { call(99, c"".as_ptr(), arguments.as_ptr(), arguments[1..].as_ptr(), libc::AT_EMPTY_PATH) };
    o.fact("execveat", text::errno(errno()));
}

/// `closefrom` and `close_range`: whether they are there, and close.
pub fn close_many(o: &mut Outcome) {
    // SAFETY: the signatures are those of both families' unistd.h; nothing above descriptor 50 is in use.
    unsafe {
        let open = |fd: i32| if libc::fcntl(fd, libc::F_GETFD) == -1 { "closed" } else { "open" };
        libc::dup2(0, 60);
        let from = crate::sys::call::lookup::<unsafe extern "C" fn(i32)>(c"closefrom");
        from.inspect(|call| call(50));
        o.fact("closefrom", from.map_or("absent", |_| open(60)));
        libc::dup2(0, 60);
        let range = crate::sys::call::lookup::<unsafe extern "C" fn(u32, u32, i32) -> i32>(c"close_range");
        range.map(|call| call(50, 70, 0));
        o.fact("close_range", range.map_or("absent", |_| open(60)));
        libc::syscall(libc::SYS_close_range, 50u64, 70u64, 0u64);
        o.fact("by_number", open(60));
    }
}

/// Whether the C library has `gettid`, and whether it says what the kernel says.
pub fn thread_id(o: &mut Outcome) {
    let call = optional!(gettid() -> i32);
    // SAFETY: takes nothing, gives a number.
    let same = call.map(|call| unsafe { i64::from(call()) == libc::syscall(libc::SYS_gettid) });
    o.fact("gettid", same.map_or("absent", |same| if same { "the kernel's" } else { "another" }));
    // SAFETY: takes and gives numbers.
    o.fact("by_number_is_pid", unsafe { libc::syscall(libc::SYS_gettid) == i64::from(libc::getpid()) });
}
