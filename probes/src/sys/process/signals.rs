//! Signals: what the functions accept, which signals the C library keeps to itself, and what an interrupted call answers.

use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicU32, Ordering};
use heap::string::String;
use heap::vec::Vec;

use super::{describe_child, say};
use crate::outcome::{Outcome, Value};
use crate::sys::call::{lookup, said, set_errno};
use crate::sys::optional::optional;
use crate::text;

type Set = libc::sigset_t;

fn empty() -> Set {
    // SAFETY: the set is initialised by the call.
    unsafe {
        let mut set = core::mem::zeroed();
        libc::sigemptyset(&mut set);
        set
    }
}

static SEEN: AtomicU32 = AtomicU32::new(0);

extern "C" fn handler(_: c_int) {
    SEEN.fetch_add(1, Ordering::Relaxed);
}

fn handler_address() -> usize {
    handler as extern "C" fn(c_int) as usize
}

/// The numbers that the questions about single signals ask about.
const NUMBERS: [c_int; 9] = [-1, 0, 1, 31, 32, 33, 34, 64, 65];

fn by_number(o: &mut Outcome, name: &str, ask: impl Fn(c_int) -> String) {
    let rows: Vec<(String, Value)> = NUMBERS.iter().map(|n| (heap::format!("{n}"), ask(*n).into())).collect();
    o.table(name, rows);
}

/// `SIGRTMIN` and `SIGRTMAX` as a running program gets them.
pub fn range(o: &mut Outcome) {
    o.fact("SIGRTMIN", libc::SIGRTMIN());
    o.fact("SIGRTMAX", libc::SIGRTMAX());
    o.fact("count", libc::SIGRTMAX() - libc::SIGRTMIN() + 1);
}

/// `sigaddset` of numbers at the edges.
pub fn add(o: &mut Outcome) {
    // SAFETY: the set is initialised.
    by_number(o, "sigaddset", |n| said(unsafe { libc::sigaddset(&mut empty(), n) }));
}

/// `sigismember` of numbers at the edges, in a full set.
pub fn member(o: &mut Outcome) {
    let mut set = empty();
    // SAFETY: the set is initialised.
    unsafe { libc::sigfillset(&mut set) };
    // SAFETY: as above.
    by_number(o, "sigismember", |n| said(unsafe { libc::sigismember(&set, n) }));
}

/// `sigaction` that asks for the action of numbers at the edges.
pub fn action(o: &mut Outcome) {
    // SAFETY: the structure is writable, and nothing is changed.
    by_number(o, "sigaction", |n| unsafe {
        let mut old: libc::sigaction = core::mem::zeroed();
        said(libc::sigaction(n, core::ptr::null(), &mut old))
    });
}

/// `signal` of numbers at the edges.
pub fn signal(o: &mut Outcome) {
    by_number(o, "signal", |n| {
        // SAFETY: a predefined action, the default.
        match unsafe { libc::signal(n, libc::SIG_DFL) } {
            libc::SIG_ERR => text::errno(crate::sys::call::errno()),
            _ => "set".into(),
        }
    });
}

/// `raise` and `kill` of no signal and of numbers that are none.
pub fn raise(o: &mut Outcome) {
    // SAFETY: signal 0 and numbers that are no signal are not sent.
    unsafe {
        for n in [0, -1, 65] {
            o.fact(&heap::format!("raise_{n}"), said(libc::raise(n)));
        }
        for n in [0, -1, 65] {
            o.fact(&heap::format!("kill_{n}"), said(libc::kill(libc::getpid(), n)));
            o.fact(&heap::format!("pthread_kill_{n}"), text::errno(libc::pthread_kill(libc::pthread_self(), n)));
        }
    }
}

/// Which signals stay unblocked when a program blocks all.
pub fn block_all(o: &mut Outcome) {
    let mut rows = Vec::new();
    // SAFETY: sets are initialised; the raw call reads and writes eight bytes.
    unsafe {
        let mut all = empty();
        libc::sigfillset(&mut all);
        libc::sigprocmask(libc::SIG_BLOCK, &all, core::ptr::null_mut());
        let mut now = 0u64;
        libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_BLOCK, 0usize, &raw mut now, 8usize);
        for n in (1..=64).filter(|n| now & (1u64 << (n - 1)) == 0) {
            rows.push(heap::format!("{n}"));
        }
    }
    o.fact("left_unblocked", rows.join(" "));
}

/// A function that installs a handler.
#[derive(Clone, Copy, Debug)]
pub enum Install {
    /// `signal`
    Signal,
    /// `sysv_signal` or `__sysv_signal`
    SystemV,
    /// `bsd_signal`
    Bsd,
    /// `sigset`
    Sigset,
    /// `sigaction` without flags.
    Action,
}

/// Installs a handler so; false where there is no such function.
unsafe fn install(way: Install) -> bool {
    type Call = unsafe extern "C" fn(c_int, usize) -> usize;
    // SAFETY: the signatures are those of signal.h; the handler does what a handler may do.
    unsafe {
        let call: Option<Call> = match way {
            Install::Signal => Some(core::mem::transmute::<*const c_void, Call>(libc::signal as *const c_void)),
            Install::SystemV => lookup(c"sysv_signal").or_else(|| lookup(c"__sysv_signal")),
            Install::Bsd => lookup(c"bsd_signal"),
            Install::Sigset => optional!(sigset(c_int, usize) -> usize),
            Install::Action => {
                let mut action: libc::sigaction = core::mem::zeroed();
                action.sa_sigaction = handler_address();
                libc::sigaction(libc::SIGUSR1, &action, core::ptr::null_mut());
                return true;
            }
        };
        call.map(|call| call(libc::SIGUSR1, handler_address())).is_some()
    }
}

/// What the flags of a handler are that was installed so: one shot, restarting, blocked meanwhile.
pub fn installed(o: &mut Outcome, way: Install) {
    // SAFETY: see `install`; the structure is writable.
    unsafe {
        if !install(way) {
            return o.fact("function", "absent");
        }
        let mut now: libc::sigaction = core::mem::zeroed();
        libc::sigaction(libc::SIGUSR1, core::ptr::null(), &mut now);
        o.fact("restarts_calls", now.sa_flags & libc::SA_RESTART != 0);
        o.fact("one_shot", now.sa_flags & libc::SA_RESETHAND != 0);
        o.fact("blocked_meanwhile", now.sa_flags & libc::SA_NODEFER == 0);
        libc::raise(libc::SIGUSR1);
        libc::sigaction(libc::SIGUSR1, core::ptr::null(), &mut now);
        o.fact("installed_afterwards", now.sa_sigaction == handler_address());
    }
}

/// A call that waits.
#[derive(Clone, Copy, Debug)]
pub enum Wait {
    /// `sem_wait`
    Semaphore,
    /// `sem_timedwait`, far in the future.
    SemaphoreTimed,
    /// `sigwait` for another signal.
    Sigwait,
    /// `sigwaitinfo` for another signal.
    Sigwaitinfo,
    /// `sigtimedwait` for another signal, for a minute.
    Sigtimedwait,
    /// `sleep`
    Sleep,
    /// `usleep`
    Usleep,
    /// `nanosleep`
    Nanosleep,
    /// `clock_nanosleep`
    ClockNanosleep,
    /// `pause`
    Pause,
    /// `wait` for a child that stays.
    Wait,
    /// `read` of an empty pipe.
    Read,
}

unsafe fn waited(wait: Wait) -> String {
    let minute = libc::timespec { tv_sec: 60, tv_nsec: 0 };
    // SAFETY: every pointer is to an initialised local of the type that is wanted.
    unsafe {
        match wait {
            Wait::Semaphore | Wait::SemaphoreTimed => {
                let mut semaphore: libc::sem_t = core::mem::zeroed();
                libc::sem_init(&mut semaphore, 0, 0);
                let far = libc::timespec { tv_sec: 4_000_000_000, tv_nsec: 0 };
                match wait {
                    Wait::Semaphore => said(libc::sem_wait(&mut semaphore)),
                    _ => said(libc::sem_timedwait(&mut semaphore, &far)),
                }
            }
            Wait::Sigwait | Wait::Sigwaitinfo | Wait::Sigtimedwait => {
                let mut set = empty();
                libc::sigaddset(&mut set, libc::SIGUSR2);
                libc::sigprocmask(libc::SIG_BLOCK, &set, core::ptr::null_mut());
                let mut signal = 0;
                match wait {
                    Wait::Sigwait => text::errno(libc::sigwait(&set, &mut signal)),
                    Wait::Sigwaitinfo => said(libc::sigwaitinfo(&set, core::ptr::null_mut())),
                    _ => said(libc::sigtimedwait(&set, core::ptr::null_mut(), &minute)),
                }
            }
            Wait::Sleep => heap::format!("{} seconds left", if libc::sleep(60) > 40 { "some" } else { "no" }),
            Wait::Usleep => said(libc::usleep(60_000_000)),
            Wait::Nanosleep => said(libc::nanosleep(&minute, core::ptr::null_mut())),
            Wait::ClockNanosleep => {
                text::errno(libc::clock_nanosleep(libc::CLOCK_MONOTONIC, 0, &minute, core::ptr::null_mut()))
            }
            Wait::Pause => said(libc::pause()),
            Wait::Wait => {
                let pid = libc::fork();
                if pid == 0 {
                    libc::sleep(60);
                    libc::_exit(0);
                }
                let answer = said(libc::waitpid(pid, core::ptr::null_mut(), 0));
                libc::kill(pid, libc::SIGKILL);
                answer
            }
            Wait::Read => {
                let mut pipe = [0; 2];
                libc::pipe(pipe.as_mut_ptr());
                let mut byte = 0u8;
                said(libc::read(pipe[0], (&raw mut byte).cast(), 1) as i64)
            }
        }
    }
}

/// Ticks after which a call that goes on waiting is given up.
const TICKS: u32 = 15;

/// The handler of an interrupted call: it does nothing, and after the last tick the next one ends the process.
extern "C" fn tick(_: c_int) {
    if SEEN.fetch_add(1, Ordering::Relaxed) + 2 == TICKS {
        // SAFETY: may be called from a handler.
        unsafe { libc::signal(libc::SIGALRM, libc::SIG_DFL) };
    }
}

/// What a waiting call answers when a handler has run, installed by `sigaction` with or without SA_RESTART. SIGALRM comes
/// every tenth of a second, since one that came before the call waits would be lost; a call that it does not end, it kills.
pub fn interrupted(o: &mut Outcome, wait: Wait, restart: bool) {
    describe_child(o, || {
        // SAFETY: the handler counts; the timer is readable; see `waited`.
        unsafe {
            let mut action: libc::sigaction = core::mem::zeroed();
            action.sa_sigaction = tick as extern "C" fn(c_int) as usize;
            action.sa_flags = if restart { libc::SA_RESTART } else { 0 };
            libc::sigaction(libc::SIGALRM, &action, core::ptr::null_mut());
            let every = libc::timeval { tv_sec: 0, tv_usec: 100_000 };
            let timer = libc::itimerval { it_interval: every, it_value: every };
            libc::setitimer(libc::ITIMER_REAL, &timer, core::ptr::null_mut());
            set_errno(0);
            say(format_args!("answer: {}", waited(wait)));
        }
        0
    });
}

/// `sigwait` and its relatives when the signal is there, or never comes.
pub fn waiting(o: &mut Outcome) {
    // SAFETY: the set is initialised; structures are writable.
    unsafe {
        let mut set = empty();
        libc::sigaddset(&mut set, libc::SIGUSR2);
        libc::sigprocmask(libc::SIG_BLOCK, &set, core::ptr::null_mut());
        let mut signal = 0;
        libc::raise(libc::SIGUSR2);
        o.fact("sigwait", text::errno(libc::sigwait(&set, &mut signal)));
        o.fact("signal", text::signal(signal));
        let mut info: libc::siginfo_t = core::mem::zeroed();
        libc::raise(libc::SIGUSR2);
        o.fact("sigwaitinfo", text::signal(libc::sigwaitinfo(&set, &mut info)));
        o.fact("raise_code", info.si_code);
        libc::kill(libc::getpid(), libc::SIGUSR2);
        libc::sigwaitinfo(&set, &mut info);
        o.fact("kill_code", info.si_code);
        let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        o.fact("sigtimedwait_none", said(libc::sigtimedwait(&set, &mut info, &now)));
        let value = libc::sigval { sival_ptr: 7 as *mut c_void };
        o.fact("sigqueue", said(libc::sigqueue(libc::getpid(), libc::SIGUSR2, value)));
        libc::sigwaitinfo(&set, &mut info);
        o.fact("sigqueue_code", info.si_code);
    }
}

/// `sigaltstack` with flags that are none, and while it is in use.
pub fn alternate(o: &mut Outcome) {
    // SAFETY: the stacks named are never used, since no handler runs on them.
    unsafe {
        let mut room = [0u8; 65536];
        let ss_sp = room.as_mut_ptr().cast();
        let stack = |ss_flags, ss_size| libc::stack_t { ss_sp, ss_flags, ss_size };
        o.fact("flags_99", said(libc::sigaltstack(&stack(99, 65536), core::ptr::null_mut())));
        o.fact("onstack_flag", said(libc::sigaltstack(&stack(libc::SS_ONSTACK, 65536), core::ptr::null_mut())));
        o.fact("size_0", said(libc::sigaltstack(&stack(0, 0), core::ptr::null_mut())));
        o.fact("disable_size_0", said(libc::sigaltstack(&stack(libc::SS_DISABLE, 0), core::ptr::null_mut())));
    }
}

/// The old functions on single signals and what they answer.
pub fn old(o: &mut Outcome) {
    // SAFETY: the signatures are those of signal.h.
    unsafe {
        let numbered = [
            ("sighold", optional!(sighold(c_int) -> c_int)),
            ("sigignore", optional!(sigignore(c_int) -> c_int)),
            ("sigrelse", optional!(sigrelse(c_int) -> c_int)),
        ];
        for (name, call) in numbered {
            o.fact(name, call.map_or("absent".into(), |call| said(call(libc::SIGUSR1))));
            o.fact(&heap::format!("{name}_65"), call.map_or("absent".into(), |call| said(call(65))));
        }
        let interrupt = optional!(siginterrupt(c_int, c_int) -> c_int);
        o.fact("siginterrupt", interrupt.map_or("absent".into(), |call| said(call(libc::SIGUSR1, 1))));
        o.fact("siginterrupt_65", interrupt.map_or("absent".into(), |call| said(call(65, 1))));
        let sigset = optional!(sigset(c_int, usize) -> usize);
        let answer = sigset.map_or("absent".into(), |call| said(call(libc::SIGUSR2, 2) as i64));
        o.fact("sigset_hold", answer);
    }
}
