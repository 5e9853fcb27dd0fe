//! A script: steps that a child takes one after the other, each of which says what came of it. The objects write their own
//! lines in between, so that the text shows the order of things.

use core::ffi::{c_int, c_void};
use core::ptr::NonNull;
use heap::string::String;
use heap::vec::Vec;

use super::library::{self, From, Library, find, find_version};
use super::{c, canonical, enter_objects};
use crate::outcome::Outcome;
use crate::sys::process::{End, in_child, write_all};
use crate::text;

/// One step.
#[derive(Clone, Copy)]
pub enum Step {
    /// `dlopen` of a path, with flags. The first library opened is number 0.
    Open(&'static str, c_int),
    /// `dlopen` of the null pointer.
    OpenProgram(c_int),
    /// `dlclose` of a library by number.
    Close(usize),
    /// Finds a function `int f(void)` in a library, calls it, and says its result.
    Call(usize, &'static str),
    /// The same, for a function whose result means nothing.
    Do(usize, &'static str),
    /// Finds a function and keeps its address.
    Keep(usize, &'static str),
    /// Calls the function that was kept.
    CallKept,
    /// Leaves the function that was kept to `atexit`.
    AtExit,
    /// `dlsym`: found or null, and the message.
    Find(From, &'static str),
    /// `dlsym`: the address as a number, for symbols that are one.
    Number(usize, &'static str),
    /// `dlvsym`, and a call of what it found.
    CallVersion(usize, &'static str, &'static str),
    /// `dlerror` by itself.
    Error,
    /// Whether two libraries have one handle.
    Same(usize, usize),
    /// How often `dl_iterate_phdr` lists a name that ends so.
    Listed(&'static str),
    /// Copies an object to a path.
    Copy(&'static str, &'static str),
    /// Makes a path a symbolic link to an object.
    Link(&'static str, &'static str),
    /// Goes on only where there is an object of this name; the linkers of some machines cannot make each.
    Made(&'static str),
    /// Says so, to mark a place in the order.
    Say(&'static str),
    /// `exit`, which runs destructors and handlers.
    Exit,
}

/// Writes a line of the answer.
fn say(line: impl core::fmt::Display) {
    write_all(1, heap::format!("{line}\n").as_bytes());
}

/// Plays the steps in a child, and makes what was said the answer.
pub fn play(o: &mut Outcome, steps: &[Step]) {
    if cfg!(target_feature = "crt-static") {
        return o.unsupported("a static program loads no libraries");
    }
    for step in steps {
        if let (Step::Made(name), Ok(folder)) = (step, super::objects())
            && !super::program::has(&heap::format!("{folder}/{name}"))
        {
            return o.unsupported("the linker that built the probes for this machine cannot make such a library");
        }
    }
    let child = in_child(10, || {
        if let Err(e) = enter_objects() {
            say(format_args!("the folder of objects: {}", text::errno(e.0)));
            return 70;
        }
        let mut state = State::default();
        for step in steps {
            state.take(step);
        }
        0
    });
    let Some(child) = o.need("starting a child", child) else { return };
    let text = canonical(&child.text());
    if text.starts_with("the folder of objects") {
        return o.broke(text);
    }
    for line in text.lines() {
        o.line(line);
    }
    o.fact("end", heap::format!("{}", child.end));
}

/// Whether a library opens; how it does not, by a message or by a crash, varies by itself and is measured alone.
pub fn opens(o: &mut Outcome, path: &str) {
    if cfg!(target_feature = "crt-static") {
        return o.unsupported("a static program loads no libraries");
    }
    let child = in_child(10, || match enter_objects() {
        Err(_) => 70,
        Ok(()) => match Library::open(Some(path), libc::RTLD_NOW) {
            Ok(_) => 0,
            Err(message) => {
                say(message);
                1
            }
        },
    });
    let Some(child) = o.need("starting a child", child) else { return };
    if child.end == End::Exited(70) {
        return o.broke("the folder of objects");
    }
    o.fact("opened", child.end == End::Exited(0));
    o.measured("message", child.text());
    o.measured("end", heap::format!("{}", child.end));
}

#[derive(Default)]
struct State {
    opened: Vec<Option<Library>>,
    kept: Option<NonNull<c_void>>,
}

impl State {
    fn take(&mut self, step: &Step) {
        match *step {
            Step::Open(path, flags) => self.open(Some(path), flags),
            Step::OpenProgram(flags) => self.open(None, flags),
            Step::Close(n) => self.with(n, |library| match library.close() {
                Ok(_) => say("close: 0"),
                Err(message) => say(format_args!("close: {message}")),
            }),
            Step::Call(n, name) => self.call(n, name, true),
            Step::Do(n, name) => self.call(n, name, false),
            Step::Keep(n, name) => self.kept = self.opened[n].and_then(|library| find(library.0, name).0),
            Step::CallKept => self.call_kept(),
            Step::AtExit => self.at_exit(),
            Step::Find(from, name) => self.find(from, name),
            Step::Number(n, name) => self.with(n, |library| number(library, name)),
            Step::CallVersion(n, name, version) => self.with(n, |library| call_version(library, name, version)),
            Step::Error => say(format_args!("dlerror: {}", library::error().as_deref().unwrap_or("null"))),
            Step::Same(a, b) => {
                say(format_args!("same handle: {}", if self.opened[a] == self.opened[b] { "yes" } else { "no" }))
            }
            Step::Listed(name) => say(format_args!("listed: {}", super::inquiry::listed(name))),
            Step::Made(_) => {}
            Step::Copy(from, to) => copy(from, to),
            Step::Link(from, to) => link(from, to),
            Step::Say(line) => say(line),
            // SAFETY: the child has one thread; handlers that were left are functions of the objects.
            Step::Exit => unsafe { libc::exit(0) },
        }
    }

    fn open(&mut self, path: Option<&str>, flags: c_int) {
        let opened = Library::open(path, flags);
        match &opened {
            Ok(_) => say(format_args!("open {}: done", path.unwrap_or("null"))),
            Err(message) => say(format_args!("open {}: {message}", path.unwrap_or("null"))),
        }
        self.opened.push(opened.ok());
    }

    fn with(&self, n: usize, act: impl FnOnce(Library)) {
        if let Some(library) = self.opened[n] {
            act(library);
        }
    }

    fn call(&self, n: usize, name: &str, said: bool) {
        self.with(n, |library| match find(library.0, name) {
            (Some(function), _) => {
                // SAFETY: scripts name functions of this type.
                let result = unsafe { library::call(function) };
                if said {
                    say(format_args!("{name}: {result}"));
                }
            }
            (None, message) => say(format_args!("{name}: {}", message.as_deref().unwrap_or("null"))),
        });
    }

    fn call_kept(&self) {
        if let Some(function) = self.kept {
            // SAFETY: it was a function of this type when it was found; what a call does once its library is closed is the
            // question.
            say(format_args!("kept: {}", unsafe { library::call(function) }));
        }
    }

    fn at_exit(&self) {
        if let Some(function) = self.kept {
            // SAFETY: it was a function without arguments when it was found; what becomes of it later is the question.
            unsafe { libc::atexit(core::mem::transmute::<NonNull<c_void>, extern "C" fn()>(function)) };
        }
    }

    fn find(&self, from: From, name: &str) {
        let handle = match from {
            From::Handle(n) => match self.opened[n] {
                Some(library) => library.0,
                None => return,
            },
            From::Default => libc::RTLD_DEFAULT,
            From::Next => libc::RTLD_NEXT,
        };
        let (address, message) = find(handle, name);
        let found = if address.is_some() { "found" } else { "null" };
        say(format_args!("{name}: {found}, dlerror: {}", message.as_deref().unwrap_or("null")));
    }
}

fn number(library: Library, name: &str) {
    match find(library.0, name) {
        (Some(address), _) if (address.as_ptr() as usize) < 0x10000 => {
            say(format_args!("{name}: {:#x}", address.as_ptr() as usize));
        }
        (Some(_), _) => say(format_args!("{name}: an address in the library")),
        (None, message) => say(format_args!("{name}: null, dlerror: {}", message.as_deref().unwrap_or("null"))),
    }
}

fn call_version(library: Library, name: &str, version: &str) {
    let said = match find_version(library, name, version) {
        None => return say("dlvsym: there is no such function"),
        // SAFETY: scripts name functions of this type.
        Some((Some(function), _)) => heap::format!("{}", unsafe { library::call(function) }),
        Some((None, message)) => message.unwrap_or_else(|| "null".into()),
    };
    say(format_args!("{name}, version {version}: {said}"));
}

/// Copies a file of the objects' folder, in place of what is there; says so where it fails.
pub(super) fn copy(from: &str, to: &str) {
    let done = (|| {
        let from = c(from);
        // SAFETY: the path is terminated.
        let source = crate::sys::call::check(unsafe { libc::open(from.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) })?;
        // SAFETY: the path is terminated. What is there may be mapped, so it is taken away and not overwritten.
        unsafe { libc::unlink(c(to).as_ptr()) };
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC | libc::O_CLOEXEC;
        // SAFETY: as above.
        let target = crate::sys::call::check(unsafe { libc::open(c(to).as_ptr(), flags, 0o755) })?;
        let mut buffer = [0u8; 16 << 10];
        loop {
            // SAFETY: the buffer is writable for its length; both descriptors are open.
            let n = unsafe { libc::read(source, buffer.as_mut_ptr().cast(), buffer.len()) };
            if n <= 0 || !write_all(target, &buffer[..n as usize]) {
                break;
            }
        }
        // SAFETY: both are this function's own.
        unsafe { libc::close(source) };
        // SAFETY: as above.
        crate::sys::call::check(unsafe { libc::close(target) })
    })();
    if let Err(e) = done {
        say(format_args!("copying {from} to {to}: {}", text::errno(e.0)));
    }
}

/// Makes `to` a symbolic link to an object of the folder.
fn link(from: &str, to: &str) {
    let mut folder = [0u8; 4096];
    // SAFETY: the buffer is writable for its length; the strings are terminated.
    let result = unsafe {
        if libc::getcwd(folder.as_mut_ptr().cast(), folder.len()).is_null() {
            return say("no working directory");
        }
        let end = folder.iter().position(|byte| *byte == 0).unwrap_or(0);
        let target: String = heap::format!("{}/{from}", String::from_utf8_lossy(&folder[..end]));
        libc::unlink(c(to).as_ptr());
        libc::symlink(c(&target).as_ptr(), c(to).as_ptr())
    };
    if result != 0 {
        say(format_args!("linking {to}: {}", text::errno(crate::sys::call::errno())));
    }
}
