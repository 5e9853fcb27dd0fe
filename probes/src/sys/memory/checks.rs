//! Checks that compilers put into programs, and what the C library says and does when one fails. Each is called in a child.

use core::ffi::{c_char, c_int, c_long, c_void};
use heap::string::String;

use crate::outcome::Outcome;
use crate::sys::call::lookup;
use crate::sys::process::{describe_child, run_again, say, without_core};

/// A check that fails.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// `__stack_chk_fail`
    Stack,
    /// `__memcpy_chk` of ten bytes to five.
    Memcpy,
    /// `__strcpy_chk` of ten bytes to five.
    Strcpy,
    /// `__sprintf_chk` of ten bytes to five.
    Sprintf,
    /// `__printf_chk` of a writable format with `%n`.
    PercentN,
    /// `__fdelt_chk` of descriptor 2000.
    Fdelt,
    /// `__read_chk` of ten bytes to five.
    Read,
    /// `__chk_fail` itself.
    Fail,
}

/// Lets a check fail in a child.
pub fn fail(o: &mut Outcome, check: Check) {
    if cfg!(target_feature = "crt-static") {
        return o.unsupported("a static program has no dynamic symbols to ask");
    }
    describe_child(o, || {
        without_core();
        // SAFETY: the buffers are longer than what is written; only the length that is told is too short. The signatures
        // are those of glibc's headers with _FORTIFY_SOURCE.
        match unsafe { called(check) } {
            Some(()) => say("goes on"),
            None => say("absent"),
        }
        0
    });
}

unsafe fn called(check: Check) -> Option<()> {
    let mut to = [0u8; 64];
    let from = c"nine char".as_ptr();
    // SAFETY: see `fail`.
    unsafe {
        match check {
            Check::Stack => lookup::<unsafe extern "C" fn()>(c"__stack_chk_fail")?(),
            Check::Fail => lookup::<unsafe extern "C" fn()>(c"__chk_fail")?(),
            Check::Memcpy => {
                type Call = unsafe extern "C" fn(*mut u8, *const c_char, usize, usize) -> *mut c_void;
                lookup::<Call>(c"__memcpy_chk")?(to.as_mut_ptr(), from, 10, 5);
            }
            Check::Strcpy => {
                type Call = unsafe extern "C" fn(*mut u8, *const c_char, usize) -> *mut c_void;
                lookup::<Call>(c"__strcpy_chk")?(to.as_mut_ptr(), from, 5);
            }
            Check::Sprintf => {
                type Call = unsafe extern "C" fn(*mut u8, c_int, usize, *const c_char, ...) -> c_int;
                lookup::<Call>(c"__sprintf_chk")?(to.as_mut_ptr(), 1, 5, c"%s".as_ptr(), from);
            }
            Check::PercentN => {
                type Call = unsafe extern "C" fn(c_int, *const c_char, ...) -> c_int;
                let (mut format, mut written) = (*b"%n\0", 0 as c_int);
                let call = lookup::<Call>(c"__printf_chk")?;
                call(1, core::hint::black_box(format.as_mut_ptr()).cast(), &raw mut written);
            }
            Check::Fdelt => {
                lookup::<unsafe extern "C" fn(c_long) -> c_long>(c"__fdelt_chk")?(2000);
            }
            Check::Read => {
                type Call = unsafe extern "C" fn(c_int, *mut u8, usize, usize) -> isize;
                lookup::<Call>(c"__read_chk")?(0, to.as_mut_ptr(), 10, 5);
            }
        }
    }
    Some(())
}

/// This process's canary.
#[cfg(target_arch = "x86_64")]
fn own_canary() -> u64 {
    let canary: u64;
    // SAFETY: reads the word at fs:0x28, which is in the thread's control block on x86-64 in every C library here.
    unsafe { core::arch::asm!("mov {}, fs:[0x28]", out(reg) canary, options(nostack, readonly)) };
    canary
}

/// This process's canary.
#[cfg(target_arch = "aarch64")]
fn own_canary() -> u64 {
    unsafe extern "C" {
        static __stack_chk_guard: u64;
    }
    // SAFETY: every C library here has the word, and sets it before the program starts.
    unsafe { (&raw const __stack_chk_guard).read() }
}

/// Which bytes of the stack protector's canary are zero in each of six processes. It is read where compilers look for it.
pub fn canary(o: &mut Outcome) {
    if crate::sys::process::inner() {
        o.fact("canary", heap::format!("{:016x}", own_canary()));
        return;
    }
    let (mut ever_set, mut values) = (0u64, heap::vec::Vec::new());
    for _ in 0..6 {
        let Some(child) = o.need("running again", run_again("memory.canary.bytes")) else { return };
        let text = child.text();
        let Some(at) = text.find("canary: ") else { return o.broke("the inner program said nothing") };
        let digits: String = text.get(at + 8..at + 24).unwrap_or_default().into();
        let value = u64::from_str_radix(&digits, 16).unwrap_or(0);
        ever_set |= value;
        values.push(value);
    }
    let zero = (0..8).filter(|byte| ever_set >> (8 * byte) & 0xff == 0).map(|byte| heap::format!("{byte}"));
    let zero: heap::vec::Vec<String> = zero.collect();
    o.fact("bytes_always_zero", if zero.is_empty() { "none".into() } else { zero.join(" ") });
    o.fact("another_each_time", values.windows(2).all(|pair| pair[0] != pair[1]));
}
