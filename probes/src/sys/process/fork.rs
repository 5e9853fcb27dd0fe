//! `fork` and its relatives: handlers, threads, and what runs them.

use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use super::{describe_child, say, write_all};
use crate::outcome::Outcome;
use crate::sys::call::{lookup, said};

/// Where the child's handlers write, so that what they say and what the parent's say cannot mix.
static CHILDREN: AtomicI32 = AtomicI32::new(-1);

macro_rules! handlers {
    ($($name:ident $word:literal $to:expr),* $(,)?) => {
        $(unsafe extern "C" fn $name() {
            write_all($to, concat!($word, "\n").as_bytes());
        })*
    };
}
handlers! {
    before_1 "before 1" 1, parent_1 "parent 1" 1, child_1 "child 1" CHILDREN.load(Ordering::Relaxed),
    before_2 "before 2" 1, parent_2 "parent 2" 1, child_2 "child 2" CHILDREN.load(Ordering::Relaxed),
}

type Handler = Option<unsafe extern "C" fn()>;

/// `pthread_atfork`: glibc's is a piece of each program that calls what is asked for here.
unsafe fn at_fork(before: Handler, parent: Handler, child: Handler) -> c_int {
    #[cfg(target_env = "gnu")]
    unsafe extern "C" {
        fn __register_atfork(before: Handler, parent: Handler, child: Handler, object: *mut c_void) -> c_int;
    }
    // SAFETY: the handlers live as long as the program; a null object is never unloaded.
    #[cfg(target_env = "gnu")]
    let code = unsafe { __register_atfork(before, parent, child, core::ptr::null_mut()) };
    // SAFETY: as above.
    #[cfg(not(target_env = "gnu"))]
    let code = unsafe { libc::pthread_atfork(before, parent, child) };
    code
}

/// What is started after handlers were set up.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// `fork`
    Fork,
    /// `_Fork`
    Bare,
    /// `vfork`
    Vfork,
    /// `system`
    System,
    /// `popen`
    Popen,
    /// `posix_spawn`
    Spawn,
}

/// Which fork handlers run, in what order, when a process is started so.
pub fn handlers(o: &mut Outcome, way: Way) {
    describe_child(o, || {
        let mut pipe = [0; 2];
        // SAFETY: the array holds two descriptors; the handlers only write.
        unsafe {
            if libc::pipe2(pipe.as_mut_ptr(), libc::O_CLOEXEC) != 0 {
                return 9;
            }
            CHILDREN.store(pipe[1], Ordering::Relaxed);
            at_fork(Some(before_1), Some(parent_1), Some(child_1));
            at_fork(Some(before_2), Some(parent_2), Some(child_2));
        }
        // SAFETY: one thread; strings are terminated; a child ends at once. The descriptors are this process's own.
        unsafe {
            started(way);
            libc::close(pipe[1]);
            let mut said = [0u8; 256];
            let length = libc::read(pipe[0], said.as_mut_ptr().cast(), said.len());
            write_all(1, said.get(..usize::try_from(length).unwrap_or(0)).unwrap_or_default());
        }
        0
    });
}

unsafe fn started(way: Way) {
    // SAFETY: see `handlers`; the signature of `_Fork` is that of unistd.h.
    unsafe {
        match way {
            Way::Fork => ended(libc::fork()),
            Way::Bare => match lookup::<unsafe extern "C" fn() -> i32>(c"_Fork") {
                Some(call) => ended(call()),
                None => say("absent"),
            },
            Way::Vfork => {
                // A child that shares memory and stack must not return from here, so only exec's failure is asked.
                let mut status = 0;
                let pid = vfork_and_exit();
                libc::waitpid(pid, &mut status, 0);
            }
            Way::System => {
                libc::system(c"exit 0".as_ptr());
            }
            Way::Popen => {
                let stream = libc::popen(c"exit 0".as_ptr(), c"r".as_ptr());
                libc::pclose(stream);
            }
            Way::Spawn => {
                let argv = [c"sh".as_ptr(), c"-c".as_ptr(), c"exit 0".as_ptr(), core::ptr::null()];
                let (mut pid, null) = (0, core::ptr::null());
                let environment = argv[3..].as_ptr().cast();
                libc::posix_spawn(&mut pid, c"/bin/sh".as_ptr(), null, null.cast(), argv.as_ptr().cast(), environment);
                libc::waitpid(pid, core::ptr::null_mut(), 0);
            }
        }
    }
}

unsafe extern "C" {
    fn vfork() -> c_int;
}

/// `vfork` whose child ends at once, in one place where nothing else can use the stack that both share.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
unsafe extern "C" fn vfork_and_exit() -> c_int {
    core::arch::naked_asm!(
        "sub rsp, 8",
        "call qword ptr [rip + {vfork}@GOTPCREL]",
        "test eax, eax",
        "jnz 2f",
        "xor edi, edi",
        "call qword ptr [rip + {exit}@GOTPCREL]",
        "2: add rsp, 8",
        "ret",
        vfork = sym vfork,
        exit = sym libc::_exit,
    )
}

/// `vfork` whose child ends at once, in one place where nothing else can use the stack that both share.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
unsafe extern "C" fn vfork_and_exit() -> c_int {
    core::arch::naked_asm!(
        "stp x29, x30, [sp, #-16]!",
        "mov x29, sp",
        "bl {vfork}",
        "cbnz w0, 2f",
        "bl {exit}",
        "2: ldp x29, x30, [sp], #16",
        "ret",
        vfork = sym vfork,
        exit = sym libc::_exit,
    )
}

unsafe fn ended(pid: c_int) {
    // SAFETY: the child ends without running anything; the parent waits for it.
    unsafe {
        if pid == 0 {
            libc::_exit(0);
        }
        libc::waitpid(pid, core::ptr::null_mut(), 0);
    }
}

static STOP: AtomicBool = AtomicBool::new(false);

extern "C" fn busy(_: *mut c_void) -> *mut c_void {
    while !STOP.load(Ordering::Relaxed) {
        // SAFETY: allocates and frees; what locks this takes may be held at any moment.
        unsafe { libc::free(core::hint::black_box(libc::malloc(core::hint::black_box(3000)))) };
    }
    core::ptr::null_mut()
}

/// How often the process forks: each time is another chance to meet the lock held.
const FORKS: u32 = 200;

/// Forks while another thread allocates; each child allocates.
pub fn among_threads(o: &mut Outcome) {
    describe_child(o, || {
        // SAFETY: the thread touches nothing but the heap; children do what POSIX does not promise, which is the question.
        unsafe {
            let mut other = core::mem::zeroed();
            if libc::pthread_create(&mut other, core::ptr::null(), busy, core::ptr::null_mut()) != 0 {
                return 9;
            }
            let well = (0..FORKS).all(|_| {
                let pid = libc::fork();
                if pid == 0 {
                    super::end_after(2000);
                    let block = libc::malloc(core::hint::black_box(3000));
                    libc::free(core::hint::black_box(block));
                    libc::_exit(0);
                }
                let mut status = 0;
                libc::waitpid(pid, &mut status, 0);
                status == 0
            });
            STOP.store(true, Ordering::Relaxed);
            say(if well { "every child did" } else { "a child did not" });
        }
        0
    });
}

/// What becomes of a process that calls `daemon`.
pub fn daemon(o: &mut Outcome) {
    unsafe extern "C" {
        fn daemon(nochdir: c_int, noclose: c_int) -> c_int;
    }
    describe_child(o, || {
        // SAFETY: one thread; the calls take and give numbers.
        unsafe {
            let (pid, session) = (libc::getpid(), libc::getsid(0));
            let answer = daemon(1, 1);
            say(format_args!("daemon: {}", said(answer)));
            say(format_args!("another process: {}", if libc::getpid() == pid { "no" } else { "yes" }));
            say(format_args!("another session: {}", if libc::getsid(0) == session { "no" } else { "yes" }));
            say(format_args!("leads it: {}", if libc::getsid(0) == libc::getpid() { "yes" } else { "no" }));
        }
        0
    });
}
