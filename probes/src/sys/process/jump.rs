//! `setjmp` and its relatives: whether a jump restores the signal mask.
//!
//! A function that returns twice cannot be called from Rust. The call is made in assembly whose frame stays until the jump
//! has landed; what it keeps in registers the jump restores.

use core::ffi::{c_int, c_void};

use crate::outcome::Outcome;
#[cfg(target_env = "gnu")]
use crate::sys::call::lookup;

/// Room for a `jmp_buf` of any C library here: 200 bytes in both on x86-64, 312 at most on AArch64.
#[repr(C, align(16))]
struct Buffer([u64; 64]);

/// Calls `set(buffer, save)`; where it returned directly, `body(buffer)`, which jumps; then returns.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
unsafe extern "C" fn around(
    set: *const c_void,
    buffer: *mut Buffer,
    save: c_int,
    body: unsafe extern "C" fn(*mut Buffer),
) {
    core::arch::naked_asm!(
        "push rbx",
        "push r12",
        "sub rsp, 8",
        "mov rbx, rsi",
        "mov r12, rcx",
        "mov rax, rdi",
        "mov rdi, rsi",
        "mov esi, edx",
        "call rax",
        "test eax, eax",
        "jnz 2f",
        "mov rdi, rbx",
        "call r12",
        "2: add rsp, 8",
        "pop r12",
        "pop rbx",
        "ret",
    )
}

/// Calls `set(buffer, save)`; where it returned directly, `body(buffer)`, which jumps; then returns.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
unsafe extern "C" fn around(
    set: *const c_void,
    buffer: *mut Buffer,
    save: c_int,
    body: unsafe extern "C" fn(*mut Buffer),
) {
    core::arch::naked_asm!(
        "stp x29, x30, [sp, #-32]!",
        "mov x29, sp",
        "stp x19, x20, [sp, #16]",
        "mov x19, x1",
        "mov x20, x3",
        "mov x9, x0",
        "mov x0, x1",
        "mov w1, w2",
        "blr x9",
        "cbnz w0, 2f",
        "mov x0, x19",
        "blr x20",
        "2: ldp x19, x20, [sp, #16]",
        "ldp x29, x30, [sp], #32",
        "ret",
    )
}

unsafe fn block(how: c_int) -> bool {
    // SAFETY: the sets are initialised before they are used.
    unsafe {
        let (mut set, mut old): (libc::sigset_t, libc::sigset_t) = (core::mem::zeroed(), core::mem::zeroed());
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, libc::SIGUSR1);
        libc::sigprocmask(how, &set, &mut old);
        libc::sigismember(&old, libc::SIGUSR1) == 1
    }
}

unsafe extern "C" fn blocks_and_jumps(buffer: *mut Buffer) {
    unsafe extern "C" {
        fn longjmp(buffer: *mut Buffer, value: c_int) -> !;
    }
    // SAFETY: the frame that was noted in the buffer is `around`'s, which is still there.
    unsafe {
        block(libc::SIG_BLOCK);
        longjmp(buffer, 1)
    }
}

/// A function that notes where to jump.
#[derive(Clone, Copy, Debug)]
pub enum Set {
    /// `setjmp` as a C program gets it: `_setjmp` in glibc's header.
    Setjmp,
    /// The function of the name `setjmp`, which a program gets that takes no header.
    SetjmpFunction,
    /// `_setjmp`
    Underscored,
    /// `sigsetjmp` with this for its second argument.
    Sigsetjmp(c_int),
}

unsafe extern "C" {
    fn _setjmp();
    #[cfg_attr(target_env = "gnu", link_name = "__sigsetjmp")]
    fn sigsetjmp();
    #[cfg(not(target_env = "gnu"))]
    fn setjmp();
}

/// Notes, blocks SIGUSR1, jumps, and tells whether it is blocked still.
pub fn mask(o: &mut Outcome, set: Set) {
    let save = if let Set::Sigsetjmp(save) = set { save } else { 0 };
    let function = match set {
        Set::Underscored => _setjmp as *const c_void,
        Set::Sigsetjmp(_) => sigsetjmp as *const c_void,
        #[cfg(not(target_env = "gnu"))]
        Set::Setjmp | Set::SetjmpFunction => setjmp as *const c_void,
        #[cfg(target_env = "gnu")]
        Set::Setjmp => _setjmp as *const c_void,
        // SAFETY: looked up as an address, of whatever signature.
        #[cfg(target_env = "gnu")]
        Set::SetjmpFunction => unsafe { lookup::<*const c_void>(c"setjmp") }.unwrap_or_default(),
    };
    let mut buffer = Buffer([0; 64]);
    // SAFETY: the function takes a buffer and perhaps a number; see `around`.
    let kept = unsafe {
        around(function, &mut buffer, save, blocks_and_jumps);
        block(libc::SIG_UNBLOCK)
    };
    o.fact("mask", if kept { "as before the jump" } else { "restored" });
}

/// Which functions there are to jump with.
pub fn functions(o: &mut Outcome) {
    super::names::present(
        o,
        &[
            c"_longjmp",
            c"_setjmp",
            c"__sigsetjmp",
            c"longjmp",
            c"setjmp",
            c"siglongjmp",
            c"sigsetjmp",
            c"__longjmp_chk",
        ],
    );
}
