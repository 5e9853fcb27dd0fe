//! Stack overflow: a recursion of a known frame size that runs until it dies, and what is left to be seen of it.
//!
//! The frame must not depend on the compiler, so the function is written in assembly. Each call takes 528 bytes: 512 of
//! locals, the saved frame pointer and the return address, which is what gcc makes of `volatile char locals[512]`.

use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicUsize, Ordering};

use super::attributes::Attributes;
use super::thread::Thread;
use crate::sys::call::Errno;
use crate::sys::process::{End, Shared, in_child, without_core};

/// Calls itself for ever; touches the lowest byte of its locals, then counts.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
extern "C" fn descend(count: *mut u64) {
    core::arch::naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "sub rsp, 512",
        "mov byte ptr [rsp], 1",
        "inc qword ptr [rdi]",
        "call {descend}",
        "leave",
        "ret",
        descend = sym descend,
    )
}

/// Calls itself for ever; touches the lowest byte of its locals, then counts.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
extern "C" fn descend(count: *mut u64) {
    core::arch::naked_asm!(
        "stp x29, x30, [sp, #-16]!",
        "mov x29, sp",
        "sub sp, sp, #512",
        "mov w1, #1",
        "strb w1, [sp]",
        "ldr x1, [x0]",
        "add x1, x1, #1",
        "str x1, [x0]",
        "bl {descend}",
        "add sp, sp, #512",
        "ldp x29, x30, [sp], #16",
        "ret",
        descend = sym descend,
    )
}

/// What an overflow left behind.
#[derive(Debug)]
pub struct Overflow {
    /// Frames that were counted.
    pub frames: u64,
    /// How the process ended.
    pub end: End,
    /// Where the fault was, as the handler saw it; nothing where no handler ran.
    pub fault: Option<Fault>,
}

/// A fault, seen from a signal handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// At the lowest address of the stack, give or take 64 KiB: C libraries differ in whether that counts the guard.
    AtTheEnd,
    /// Anywhere else.
    Elsewhere,
}

/// Who handles the signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handler {
    /// Nobody: the default action.
    None,
    /// A handler on the stack that overflowed.
    SameStack,
    /// A handler on an alternate stack.
    AlternateStack,
}

const FRAMES: usize = 0;
const FAULT: usize = 1;

/// Overflows the main thread's stack in a child.
pub fn in_main() -> Result<Overflow, Errno> {
    let shared = Shared::new()?;
    let child = in_child(20, || {
        without_core();
        descend(shared[FRAMES].as_ptr());
        0
    })?;
    Ok(Overflow { frames: shared[FRAMES].load(Ordering::Relaxed), end: child.end, fault: None })
}

/// Overflows the stack of a thread with these attributes, in a child.
pub fn in_thread(attributes: Option<&Attributes>, handler: Handler) -> Result<Overflow, Errno> {
    let shared = Shared::new()?;
    let child = in_child(20, || {
        without_core();
        SHARED.store(&raw const shared as usize, Ordering::Relaxed);
        match Thread::start(attributes, overflow, handler as usize).and_then(Thread::join) {
            Ok(_) => 0,
            Err(e) => e.0,
        }
    })?;
    if let End::Exited(code) = child.end
        && code != HANDLED
    {
        return Err(Errno(code));
    }
    let fault = match shared[FAULT].load(Ordering::Relaxed) {
        0 => None,
        1 => Some(Fault::AtTheEnd),
        _ => Some(Fault::Elsewhere),
    };
    Ok(Overflow { frames: shared[FRAMES].load(Ordering::Relaxed), end: child.end, fault })
}

/// The exit code of the handler. No error number is that large.
const HANDLED: i32 = 200;
/// The figures, for the thread and the handler of a child, and the lowest address of the thread's stack.
static SHARED: AtomicUsize = AtomicUsize::new(0);
static LOWEST: AtomicUsize = AtomicUsize::new(0);

fn shared() -> &'static Shared {
    // SAFETY: `in_thread` stored the address of an object that outlives the child.
    unsafe { &*(SHARED.load(Ordering::Relaxed) as *const Shared) }
}

fn overflow(handler: usize) -> usize {
    if handler != Handler::None as usize {
        let lowest = Attributes::of_this_thread().and_then(|a| a.whole_stack()).map_or(0, |s| s.lowest);
        LOWEST.store(lowest, Ordering::Relaxed);
        install(handler == Handler::AlternateStack as usize);
    }
    descend(shared()[FRAMES].as_ptr());
    0
}

fn install(alternate: bool) {
    static mut STACK: [u8; 64 << 10] = [0; 64 << 10];
    let stack = libc::stack_t { ss_sp: (&raw mut STACK).cast(), ss_flags: 0, ss_size: 64 << 10 };
    // SAFETY: the alternate stack is a static that nothing else uses; the action is fully set before it is installed.
    unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        action.sa_sigaction = handle as extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) as usize;
        action.sa_flags = libc::SA_SIGINFO;
        if alternate {
            libc::sigaltstack(&stack, core::ptr::null_mut());
            action.sa_flags |= libc::SA_ONSTACK;
        }
        libc::sigaction(libc::SIGSEGV, &action, core::ptr::null_mut());
    }
}

/// `sigaltstack` of so many bytes for the calling thread.
pub fn alternate_stack(bytes: usize) -> Result<(), Errno> {
    static mut STACK: [u8; 4096] = [0; 4096];
    let stack = libc::stack_t { ss_sp: (&raw mut STACK).cast(), ss_flags: 0, ss_size: bytes.min(4096) };
    // SAFETY: the memory is a static of at least this size; no handler of the process uses it.
    crate::sys::call::check(unsafe { libc::sigaltstack(&stack, core::ptr::null_mut()) }).map(drop)
}

extern "C" fn handle(_: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    // SAFETY: the kernel passes a valid siginfo to a handler that was installed with SA_SIGINFO.
    let address = unsafe { (*info).si_addr() } as usize;
    let lowest = LOWEST.load(Ordering::Relaxed);
    let at_the_end = address.abs_diff(lowest) <= 64 << 10;
    shared()[FAULT].store(if at_the_end { 1 } else { 2 }, Ordering::Relaxed);
    // SAFETY: ends the process without running anything else.
    unsafe { libc::_exit(HANDLED) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_takes_528_bytes() {
        // More than the test runner's own threads have, whose stacks glibc keeps and would hand out again.
        const STACK: u64 = 16 << 20;
        let attributes = Attributes::with_stack(STACK as usize).expect("attributes");
        let overflow = in_thread(Some(&attributes), Handler::None).expect("a thread");
        assert_eq!(overflow.end, End::Signal(libc::SIGSEGV));
        let used = overflow.frames * 528;
        assert!((STACK - (16 << 10)..=STACK).contains(&used), "{used} bytes of {STACK}");
    }
}
