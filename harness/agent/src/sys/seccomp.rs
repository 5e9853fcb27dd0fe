//! Filters of system calls: seccomp(2), Linux 3.17.

use std::ptr::null;

use libc::{SECCOMP_FILTER_FLAG_SPEC_ALLOW, SECCOMP_SET_MODE_FILTER, SYS_seccomp, c_long, sock_filter, sock_fprog};
use nix::errno::Errno;

/// Whether this kernel has filters: it then misses the program that is not given, and otherwise the whole operation.
pub fn available() -> bool {
    // SAFETY: the kernel reads a program at no address, which it refuses.
    let asked = Errno::result(unsafe {
        libc::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER as c_long, 0 as c_long, null::<sock_fprog>())
    });
    asked == Err(Errno::EFAULT)
}

/// Puts the calling thread behind a filter, for good. Without the flag, kernels before 5.16 would slow it down for the
/// filter's sake, and engines leave it out for the same reason.
pub fn install(program: &[sock_filter]) -> nix::Result<()> {
    let len = u16::try_from(program.len()).map_err(|_| Errno::EINVAL)?;
    // The kernel copies it and does not write to it.
    let program = sock_fprog { len, filter: program.as_ptr().cast_mut() };
    let flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW as c_long;
    // SAFETY: the structure and the program in it live until the call returns, and `len` is the program's length.
    Errno::result(unsafe { libc::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER as c_long, flags, &program) }).map(drop)
}

/// What system calls come back with after `confine`, in a process of their own: 0 or an error number each. `None` where it
/// was ended. For tests: what a program could do is tried as a program would.
#[cfg(test)]
pub fn trial(confine: impl FnOnce() -> nix::Result<()>, calls: &[(c_long, [c_long; 2])]) -> Option<Vec<i32>> {
    use std::io::{Read, Write};
    let (mut answers, mut told) = super::pipe().expect("a pipe");
    match super::fork().expect("a process") {
        super::Side::Child => {
            let none: c_long = 0;
            let confined = confine().is_ok();
            for (number, [first, second]) in calls.iter().filter(|_| confined) {
                // SAFETY: tests name calls that read or write no memory with the arguments given, or are refused.
                let result = unsafe { libc::syscall(*number, *first, *second, none, none, none, none) };
                let answer = if result < 0 { Errno::last_raw() } else { 0 };
                let _ = told.write_all(&answer.to_ne_bytes());
            }
            super::exit_now(i32::from(!confined))
        }
        super::Side::Parent(pid) => {
            drop(told);
            let mut bytes = Vec::new();
            answers.read_to_end(&mut bytes).expect("readable");
            let end = nix::sys::wait::waitpid(pid, None).expect("a child");
            let (numbers, _) = bytes.as_chunks();
            (end == nix::sys::wait::WaitStatus::Exited(pid, 0))
                .then(|| numbers.iter().map(|bytes| i32::from_ne_bytes(*bytes)).collect())
        }
    }
}

/// Whether a process that has been confined survives a call by the gate of 32-bit programs.
#[cfg(all(test, target_arch = "x86_64"))]
pub fn survives_i386(confine: impl FnOnce() -> nix::Result<()>) -> bool {
    match super::fork().expect("a process") {
        super::Side::Child => {
            if confine().is_ok() {
                const GETPID: u64 = 20;
                // SAFETY: asks for the process's number, and changes nothing but the register that takes it.
                unsafe {
                    std::arch::asm!("int 0x80", inlateout("rax") GETPID => _, out("r8") _, out("r9") _, out("r10") _, out("r11") _)
                };
            }
            super::exit_now(0)
        }
        super::Side::Parent(pid) => {
            let end = nix::sys::wait::waitpid(pid, None).expect("a child");
            matches!(end, nix::sys::wait::WaitStatus::Exited(_, 0))
        }
    }
}
