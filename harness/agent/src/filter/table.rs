//! What is refused, with which answer, and why. The measure is what Docker, containerd and Podman refuse a container that has
//! been given no capability, by their default profiles; they agree but for details. No C library calls any of it by itself,
//! except `clone3`, after whose answer it calls `clone`.
//!
//! What they allow is allowed: `ptrace` and `process_vm_readv` among a program's own processes, System V's shared memory,
//! `name_to_handle_at`. What is refused here and not there says so.

use libc::c_long;
use nix::errno::Errno;

/// One system call that is refused whatever its arguments.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    /// Its name in the kernel's table, behind `SYS_`.
    pub name: &'static str,
    /// Its number on this architecture.
    pub number: c_long,
    /// What a program gets.
    pub answer: Errno,
    /// Why.
    pub why: &'static str,
}

/// One system call that is refused for some values of its first argument, with EPERM.
#[derive(Clone, Copy, Debug)]
pub struct Partly {
    /// Its number on this architecture.
    pub number: c_long,
    /// Which values.
    pub refused: Values,
    /// Why.
    pub why: &'static str,
}

/// Values of an argument, of which the lower 32 bits count.
#[derive(Clone, Copy, Debug)]
pub enum Values {
    /// Those with any of these bits.
    AnyBitOf(u32),
    /// These.
    OneOf(&'static [u32]),
    /// All but these.
    NoneOf(&'static [u32]),
}

macro_rules! refused {
    ($($name:ident: $($why:literal $answer:ident $($call:ident)+;)+)+) => {
        $(const $name: &[Refused] = &[$($(
            Refused { name: stringify!($call), number: libc::$call, answer: Errno::$answer, why: $why },
        )+)+];)+
    };
}

refused! { EVERYWHERE:
    "changes what is mounted, or holds a mount by a descriptor"
        EPERM SYS_mount SYS_umount2 SYS_pivot_root SYS_open_tree SYS_move_mount SYS_mount_setattr
        SYS_fsopen SYS_fsconfig SYS_fsmount SYS_fspick;
    "changes what is the root of the file system, which is the first step out of one"
        EPERM SYS_chroot;
    "makes or enters a namespace, in which a program would have privileges"
        EPERM SYS_unshare SYS_setns;
    "makes namespaces too, by flags that no filter can see; this answer makes a C library take clone"
        ENOSYS SYS_clone3;
    "opens a file by its number, past the root of the file system"
        EPERM SYS_open_by_handle_at;
    "keys are kept for a user of the whole machine, not for a namespace"
        EPERM SYS_add_key SYS_request_key SYS_keyctl;
    "runs a program inside the kernel, or watches it from there"
        EPERM SYS_bpf SYS_perf_event_open SYS_lookup_dcookie SYS_fanotify_init;
    "lets a program hold up the kernel in the middle of a copy, which attacks on it build upon"
        EPERM SYS_userfaultfd;
    "calls the kernel by another way, which goes past this filter"
        EPERM SYS_io_uring_setup SYS_io_uring_enter SYS_io_uring_register;
    "reaches into another process"
        EPERM SYS_kcmp SYS_pidfd_getfd SYS_process_madvise;
    "moves memory between the nodes of the machine, also that of others"
        EPERM SYS_get_mempolicy SYS_set_mempolicy SYS_mbind SYS_migrate_pages SYS_move_pages
        SYS_set_mempolicy_home_node;
    "loads code into the kernel, or another kernel"
        EPERM SYS_init_module SYS_finit_module SYS_delete_module SYS_kexec_load;
    "sets what belongs to the whole machine: its clock, its names, its power, its swap, its quotas, its accounts"
        EPERM SYS_settimeofday SYS_clock_settime SYS_sethostname SYS_setdomainname SYS_reboot SYS_swapon SYS_swapoff
        SYS_quotactl SYS_quotactl_fd SYS_acct;
    "reads the kernel's log"
        EPERM SYS_syslog;
    "hangs up a terminal"
        EPERM SYS_vhangup;
    "has no caller and no use but to attack what is left of it"
        EPERM SYS_nfsservctl;
}

#[cfg(target_arch = "x86_64")]
refused! { HERE:
    "loads another kernel"
        EPERM SYS_kexec_file_load;
    "gives access to the processor's ports"
        EPERM SYS_iopl SYS_ioperm;
    "has no caller and no use but to attack what is left of it"
        EPERM SYS__sysctl SYS_sysfs SYS_uselib SYS_ustat;
}

#[cfg(target_arch = "aarch64")]
const HERE: &[Refused] = &[
    // Later than the others here, and not in the libc crate for every C library.
    Refused { name: "SYS_kexec_file_load", number: 294, answer: Errno::EPERM, why: "loads another kernel" },
];

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const HERE: &[Refused] = &[];

/// Every call that is refused, on this architecture.
pub fn refused() -> impl Iterator<Item = &'static Refused> {
    EVERYWHERE.iter().chain(HERE)
}

/// The flags of `clone` that make a namespace.
const NAMESPACES: u32 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET) as u32;

/// What is refused by its first argument.
pub const PARTLY: &[Partly] = &[
    Partly {
        number: libc::SYS_clone,
        refused: Values::AnyBitOf(NAMESPACES),
        why: "makes a namespace, in which a program would have privileges",
    },
    Partly {
        number: libc::SYS_socket,
        // Docker refuses the second since 29.4.2 (CVE-2026-31431).
        refused: Values::OneOf(&[libc::AF_VSOCK as u32, libc::AF_ALG as u32]),
        why: "sockets to the host of a virtual machine know no namespace, and those of the kernel's ciphers have been a way \
              to change files that can only be read",
    },
    Partly {
        number: libc::SYS_personality,
        // Linux, a 32-bit machine, and both with the numbering of versions 2.6; the last one only asks.
        refused: Values::NoneOf(&[0, 0x0008, 0x20000, 0x20008, 0xffff_ffff]),
        why: "switches on behaviour of other systems, and switches off the random layout of memory",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_has_one_row_and_one_answer() {
        let mut numbers: Vec<_> = refused().map(|call| call.number).chain(PARTLY.iter().map(|p| p.number)).collect();
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), count);
        assert!(refused().all(|call| call.name.starts_with("SYS_") && !call.why.is_empty()));
    }

    #[test]
    fn no_number_is_one_of_another_set() {
        assert!(refused().all(|call| (0..0x4000_0000).contains(&call.number)));
    }
}
