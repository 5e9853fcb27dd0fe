//! The end of a process by its own will: `exit`, `quick_exit`, and the handlers that run then.

use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::{describe_child, say};
use crate::outcome::Outcome;
use crate::sys::call::lookup;

type Handler = extern "C" fn();

/// `atexit`: glibc's is a piece of each program that calls what is called here; musl has both.
unsafe fn at_exit(handler: Handler) -> c_int {
    unsafe extern "C" {
        fn __cxa_atexit(handler: extern "C" fn(*mut c_void), argument: *mut c_void, object: *mut c_void) -> c_int;
    }
    extern "C" fn call(argument: *mut c_void) {
        // SAFETY: the argument is the handler that was registered with it.
        let handler: Handler = unsafe { core::mem::transmute(argument) };
        handler();
    }
    // SAFETY: handlers live as long as the program; a null object is never unloaded.
    unsafe { __cxa_atexit(call, handler as *mut c_void, core::ptr::null_mut()) }
}

/// `at_quick_exit`, likewise.
unsafe fn at_quick_exit(handler: Handler) -> c_int {
    #[cfg(target_env = "gnu")]
    unsafe extern "C" {
        fn __cxa_at_quick_exit(handler: Handler, object: *mut c_void) -> c_int;
    }
    #[cfg(not(target_env = "gnu"))]
    unsafe extern "C" {
        fn at_quick_exit(handler: Handler) -> c_int;
    }
    // SAFETY: handlers live as long as the program.
    #[cfg(target_env = "gnu")]
    let code = unsafe { __cxa_at_quick_exit(handler, core::ptr::null_mut()) };
    // SAFETY: as above.
    #[cfg(not(target_env = "gnu"))]
    let code = unsafe { at_quick_exit(handler) };
    code
}

type Quick = unsafe extern "C" fn(c_int) -> !;

/// `quick_exit` by its newest version.
unsafe fn quick_exit(status: c_int) -> ! {
    #[cfg(not(target_env = "gnu"))]
    unsafe extern "C" {
        fn quick_exit(status: c_int) -> !;
    }
    // SAFETY: the signature is that of stdlib.h; every C library here has it.
    unsafe {
        match crate::newest!(quick_exit, c"quick_exit", Quick) {
            Some(call) => call(status),
            None => libc::_exit(70),
        }
    }
}

extern "C" fn first() {
    say("first");
}
extern "C" fn second() {
    say("second");
}
extern "C" fn adds_another() {
    say("adds another");
    // SAFETY: the handler lives as long as the program.
    let code = unsafe { at_exit(first) };
    if code != 0 {
        say("refused");
    }
}
extern "C" fn adds_quick() {
    say("adds another");
    // SAFETY: as above.
    let code = unsafe { at_quick_exit(first) };
    if code != 0 {
        say("refused");
    }
}
extern "C" fn exits_again() {
    say("exits again");
    // SAFETY: undefined by the standards, which is the question.
    unsafe { libc::exit(9) }
}
extern "C" fn quick_exits_again() {
    say("exits again");
    // SAFETY: as above.
    unsafe { quick_exit(9) }
}
extern "C" fn ends_at_once() {
    say("ends at once");
    // SAFETY: ends the process.
    unsafe { libc::_exit(9) }
}

/// A question about the end of a process.
#[derive(Clone, Copy, Debug)]
pub enum Ending {
    /// Two handlers.
    Order,
    /// A handler that registers another.
    Adding,
    /// A handler that calls `exit`, between two others.
    Again,
    /// A handler that calls `_exit`, between two others.
    AtOnce,
    /// `quick_exit` with handlers of both kinds.
    Quick,
    /// `quick_exit` with a handler that registers another.
    QuickAdding,
    /// `quick_exit` with a handler that calls it again.
    QuickAgain,
    /// `quick_exit` from a handler of `exit`.
    QuickInExit,
    /// `_Exit`, with handlers.
    Immediate,
    /// `exit(256 + 7)`
    Large,
    /// Text left in a stdio buffer, at `exit`.
    Flushed,
    /// Text left in a stdio buffer, at `quick_exit`.
    FlushedQuick,
}

/// Ends a child so.
pub fn end(o: &mut Outcome, ending: Ending) {
    // SAFETY: the child has one thread and ends; handlers live as long as the program.
    describe_child(o, || unsafe { ended(ending) });
}

fn taken(code: c_int) {
    if code != 0 {
        say("a handler was refused");
    }
}

/// # Safety
/// To be called in a child of its own.
unsafe fn ended(ending: Ending) -> ! {
    // SAFETY: see `end`. The file's address stays on this stack until the process has ended.
    unsafe {
        let handlers: &[Handler] = match ending {
            Ending::Order | Ending::Immediate | Ending::Large => &[first, second],
            Ending::Adding => &[second, adds_another],
            Ending::Again => &[first, exits_again, second],
            Ending::AtOnce => &[first, ends_at_once, second],
            Ending::QuickInExit => &[first, quick_exits_again],
            Ending::Quick => &[first],
            _ => &[],
        };
        handlers.iter().map(|handler| at_exit(*handler)).for_each(taken);
        let handlers: &[Handler] = match ending {
            Ending::Quick => &[second, second],
            Ending::QuickAdding => &[second, adds_quick],
            Ending::QuickAgain => &[second, quick_exits_again, second],
            Ending::QuickInExit => &[second],
            _ => &[],
        };
        handlers.iter().map(|handler| at_quick_exit(*handler)).for_each(taken);
        match ending {
            Ending::Immediate => libc::_exit(7),
            Ending::Large => libc::exit(256 + 7),
            Ending::Quick | Ending::QuickAdding | Ending::QuickAgain => quick_exit(7),
            Ending::Flushed | Ending::FlushedQuick => {
                let stream = libc::fdopen(1, c"w".as_ptr());
                libc::fputs(c"left in a buffer\n".as_ptr(), stream);
                if matches!(ending, Ending::Flushed) { libc::exit(7) } else { quick_exit(7) }
            }
            _ => libc::exit(7),
        }
    }
}

static RAN: AtomicU32 = AtomicU32::new(0);

extern "C" fn counted() {
    RAN.fetch_add(1, Ordering::Relaxed);
}
extern "C" fn tells() {
    say(format_args!("handlers that ran: {}", RAN.load(Ordering::Relaxed)));
}

/// How many of so many handlers are accepted and run.
pub fn many(o: &mut Outcome, quick: bool) {
    describe_child(o, || {
        // SAFETY: the handlers count and write.
        unsafe {
            let register = if quick { at_quick_exit } else { at_exit };
            register(tells);
            let taken = (0..1000).take_while(|_| register(counted) == 0).count();
            say(format_args!("handlers that were accepted: {taken}"));
            if quick { quick_exit(0) } else { libc::exit(0) }
        }
    });
}

/// `on_exit`, which only some C libraries have, among handlers of `atexit`.
pub fn with_argument(o: &mut Outcome) {
    type Call = unsafe extern "C" fn(extern "C" fn(c_int, *mut c_void), *mut c_void) -> c_int;
    extern "C" fn handler(status: c_int, _: *mut c_void) {
        say(format_args!("on_exit with status {status}"));
    }
    describe_child(o, || {
        // SAFETY: the signature is that of glibc's stdlib.h; handlers live as long as the program.
        unsafe {
            let Some(on_exit) = lookup::<Call>(c"on_exit") else {
                say("absent");
                return 0;
            };
            at_exit(first);
            on_exit(handler, core::ptr::null_mut());
            at_exit(second);
            libc::exit(7)
        }
    });
}

static EXITING: AtomicBool = AtomicBool::new(false);

extern "C" fn slow() {
    EXITING.store(true, Ordering::SeqCst);
    // SAFETY: waits.
    unsafe { libc::usleep(900_000) };
    say("the first exit's handler is done");
}

extern "C" fn exits_meanwhile(_: *mut c_void) -> *mut c_void {
    while !EXITING.load(Ordering::SeqCst) {
        // SAFETY: waits.
        unsafe { libc::usleep(1000) };
    }
    // SAFETY: undefined before POSIX 2024, which is the question.
    unsafe { libc::exit(2) }
}

/// Two threads call `exit`, the second while the handler of the first one runs: whose status is it in the end?
pub fn by_two_threads(o: &mut Outcome) {
    describe_child(o, || {
        // SAFETY: the thread uses nothing of this one's.
        unsafe {
            at_exit(slow);
            let mut other = core::mem::zeroed();
            if libc::pthread_create(&mut other, core::ptr::null(), exits_meanwhile, core::ptr::null_mut()) != 0 {
                return 9;
            }
            libc::exit(1)
        }
    });
}
