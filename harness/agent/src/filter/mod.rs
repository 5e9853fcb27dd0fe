//! The filter of system calls that every program runs behind: what container engines refuse a container without privileges
//! is refused here too, so that an answer is the one that a program gets in a container, and the kernel shows a hostile
//! image as little of itself as an engine would.
//!
//! It is a list of what is refused and not of what is allowed: a system call that is newer than this list is one that a C
//! library may have begun to use, and the answer is the kernel's to give. A program can neither remove the filter nor leave
//! it behind, and what it starts has it too. Calls that are not in the list cost nothing: since Linux 5.11 the kernel
//! remembers which numbers a filter always allows.

use nix::errno::Errno;

use crate::sys::seccomp;

mod program;
pub mod table;

/// The name of the filter in a run file; the number grows whenever the table says something else.
pub const NAME: &str = "engines/1";

/// The filter's name where this kernel has filters for this architecture, and so every program has it.
pub fn in_force() -> Option<&'static str> {
    (program::NATIVE.is_some() && seccomp::available()).then_some(NAME)
}

/// Puts the calling thread, and all that it starts, behind the filter. It must have given up gaining privileges. Does nothing
/// where [`in_force`] says that there is none to be had.
///
/// # Errors
/// What the kernel came back with.
pub fn install() -> Result<(), Errno> {
    match (program::NATIVE, in_force()) {
        (Some(native), Some(_)) => seccomp::install(&program::assemble(native)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys;

    /// What came back for some system calls behind the filter, made in a process of their own; `None` where it died.
    fn behind(calls: &[(libc::c_long, [libc::c_long; 2])]) -> Option<Vec<i32>> {
        sys::seccomp::trial(|| sys::drop_privileges().and_then(|()| install()), calls)
    }

    fn supported() -> bool {
        let supported = in_force().is_some();
        if !supported {
            eprintln!("unsupported: this kernel has no filters of system calls");
        }
        supported
    }

    #[test]
    fn every_call_of_the_table_is_refused_with_its_answer() {
        if !supported() {
            return;
        }
        let rows: Vec<_> = table::refused().collect();
        let calls: Vec<_> = rows.iter().map(|call| (call.number, [-1, -1])).collect();
        let answers = behind(&calls).expect("alive");
        for (call, answer) in rows.iter().zip(answers) {
            assert_eq!(Errno::from_raw(answer), call.answer, "{}: {}", call.name, call.why);
        }
    }

    #[test]
    fn arguments_decide_where_only_some_are_refused() {
        if !supported() {
            return;
        }
        let [new_user, new_files] = [libc::CLONE_NEWUSER, libc::CLONE_NEWNS].map(libc::c_long::from);
        // Sharing handlers without sharing memory is invalid: the kernel says so before it makes a process.
        let invalid = libc::c_long::from(libc::CLONE_SIGHAND);
        let calls = [
            (libc::SYS_clone, [new_user | invalid, 0]),
            (libc::SYS_clone, [new_files | invalid, 0]),
            (libc::SYS_clone, [invalid, 0]),
            (libc::SYS_socket, [libc::AF_VSOCK.into(), libc::SOCK_STREAM.into()]),
            (libc::SYS_socket, [libc::AF_ALG.into(), libc::SOCK_SEQPACKET.into()]),
            (libc::SYS_socket, [libc::AF_INET.into(), libc::SOCK_DGRAM.into()]),
            (libc::SYS_socket, [libc::AF_UNIX.into(), libc::SOCK_STREAM.into()]),
            (libc::SYS_socket, [libc::AF_NETLINK.into(), libc::SOCK_RAW.into()]),
            (libc::SYS_personality, [libc::ADDR_NO_RANDOMIZE.into(), 0]),
            (libc::SYS_personality, [0xffff_ffff, 0]),
            (libc::SYS_personality, [0x0008, 0]),
        ];
        let (eperm, einval) = (libc::EPERM, libc::EINVAL);
        let expected = [eperm, eperm, einval, eperm, eperm, 0, 0, 0, eperm, 0, 0];
        assert_eq!(behind(&calls).expect("alive"), expected);
    }

    #[test]
    fn what_a_c_library_needs_is_allowed() {
        if !supported() {
            return;
        }
        let calls = [
            (libc::SYS_getpid, [0, 0]),
            (libc::SYS_kill, [0, 0]),
            (libc::SYS_name_to_handle_at, [-1, 0]),
            (libc::SYS_memfd_create, [0, 0]),
            (libc::SYS_semget, [0, 1]),
            // A number that no kernel has yet: its own answer.
            (2000, [0, 0]),
        ];
        let answers = behind(&calls).expect("alive");
        assert_eq!(answers, [0, 0, libc::EFAULT, libc::EFAULT, 0, libc::ENOSYS]);
    }

    /// The numbers of x32, a second set of a 64-bit processor's, would lead around the table.
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn the_other_numbers_of_the_same_processor_are_refused() {
        if !supported() {
            return;
        }
        const X32: libc::c_long = 0x4000_0000;
        let calls = [(X32 + libc::SYS_mount, [0, 0]), (X32 + libc::SYS_getpid, [0, 0])];
        assert_eq!(behind(&calls).expect("alive"), [libc::ENOSYS; 2]);
    }

    /// So would those of i386, for which the kernel has a gate of their own.
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn the_gate_of_another_processor_ends_the_program() {
        if !supported() {
            return;
        }
        assert!(!sys::seccomp::survives_i386(|| sys::drop_privileges().and_then(|()| install())));
    }
}
