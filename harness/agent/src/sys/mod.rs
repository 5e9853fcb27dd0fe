//! System calls that the nix crate has no safe form of. The only unsafe code of the agent.
#![allow(unsafe_code, reason = "each block names its invariant; everything above this module is safe")]

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

pub mod rights;

use nix::errno::Errno;
use nix::sched::CloneFlags;
use nix::sys::wait::WaitStatus;
use nix::unistd::{ForkResult, Pid};

pub mod interface;
pub mod seccomp;

/// Which side of a fork this is.
pub enum Side {
    /// The new process.
    Child,
    /// The old one, with the child's id.
    Parent(Pid),
}

/// Forks. The agent has one thread wherever it forks, so the child may go on like any program.
pub fn fork() -> nix::Result<Side> {
    // SAFETY: called by single-threaded processes only: the session, and each case before its DNS servers start.
    Ok(match unsafe { nix::unistd::fork() }? {
        ForkResult::Child => Side::Child,
        ForkResult::Parent { child } => Side::Parent(child),
    })
}

/// Forks into new namespaces (clone(2)), the child being pid 1 of a new pid namespace.
pub fn fork_into(namespaces: CloneFlags) -> nix::Result<Side> {
    // With a null stack and no sharing, clone is fork. The session, which calls this, has one thread. The C library is not
    // told, so its idea of the thread's id is the session's, 1: which is also the child's.
    let none: libc::c_long = 0;
    let flags = libc::c_long::from(namespaces.bits() | libc::SIGCHLD);
    // SAFETY: see above; every argument has the width that the variadic function reads.
    let pid = Errno::result(unsafe { libc::syscall(libc::SYS_clone, flags, none, none, none, none) })?;
    Ok(if pid == 0 { Side::Child } else { Side::Parent(Pid::from_raw(pid as i32)) })
}

/// Forks, the child being in a cgroup of version 2 from its first moment on (clone3(2), Linux 5.7). Moving it there afterwards
/// would wait for every process of the machine.
pub fn fork_into_cgroup(folder: &File) -> nix::Result<Side> {
    /// `CLONE_INTO_CGROUP` of linux/sched.h.
    const INTO_CGROUP: u64 = 0x2_0000_0000;
    // SAFETY: the structure is plain data for which all zeroes is valid: no stack of its own and nothing shared, as fork has it.
    let mut arguments: libc::clone_args = unsafe { std::mem::zeroed() };
    arguments.flags = INTO_CGROUP;
    arguments.exit_signal = libc::SIGCHLD as u64;
    arguments.cgroup = folder.as_raw_fd() as u64;
    // SAFETY: called by a single-threaded process, as `fork` is; the kernel reads so many bytes of the structure. The C
    // library is not told of the new process's id, as in `fork_into`: nothing after this asks it for one.
    let pid = Errno::result(unsafe { libc::syscall(libc::SYS_clone3, &arguments, size_of::<libc::clone_args>()) })?;
    Ok(if pid == 0 { Side::Child } else { Side::Parent(Pid::from_raw(pid as i32)) })
}

/// Ends the process at once, without running anything that its parent had set up for its own end.
pub fn exit_now(code: i32) -> ! {
    // SAFETY: does not return and touches no memory.
    unsafe { libc::_exit(code) }
}

/// A descriptor that becomes readable when the process ends (pidfd_open(2), Linux 5.3).
pub fn pidfd_open(pid: Pid) -> nix::Result<OwnedFd> {
    // SAFETY: takes two numbers; a result that is not -1 is a new descriptor that nobody else owns.
    let fd = Errno::result(unsafe {
        libc::syscall(libc::SYS_pidfd_open, libc::c_long::from(pid.as_raw()), 0 as libc::c_long)
    })?;
    // SAFETY: as above.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Waits for a child: how it ended, and the most that it ever had resident, in bytes (wait4(2)).
pub fn wait_for(pid: Pid) -> nix::Result<(Option<WaitStatus>, u64)> {
    let mut status = 0;
    // SAFETY: the structure is plain data for which all zeroes is valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: room for the status and the usage.
        match Errno::result(unsafe { libc::wait4(pid.as_raw(), &mut status, 0, &mut usage) }) {
            Err(Errno::EINTR) => {}
            // The kernel counts in KiB.
            other => return other.map(|_| (WaitStatus::from_raw(pid, status).ok(), usage.ru_maxrss as u64 * 1024)),
        }
    }
}

/// Puts the loopback interface of this network namespace up.
pub fn loopback_up() -> io::Result<()> {
    // SAFETY: takes three numbers; the result is checked.
    let fd = Errno::result(unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) })?;
    // SAFETY: a new descriptor that nobody else owns.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: the structure is plain data for which all zeroes is valid.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    request.ifr_name[..2].copy_from_slice(&[b'l' as libc::c_char, b'o' as libc::c_char]);
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: SIOCSIFFLAGS reads an ifreq, which `request` is.
    Errno::result(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &request) })?;
    Ok(())
}

/// As [`drop_privileges`], for a process that may have too few of them even to give one up: then there is nothing that
/// exec could gain either.
pub fn drop_what_there_is() -> nix::Result<()> {
    match drop_privileges() {
        Err(Errno::EPERM) => forbid_gaining(),
        other => other,
    }
}

/// The kernel's structures of capset(2), in the version that has two words of each set.
const TWO_WORDS: u32 = 0x2008_0522;

/// Gives up every capability for good: empties all sets of them, the bounding set too, so that the program gets none although
/// it is uid 0 of its namespace, and forbids gaining any by exec.
pub fn drop_privileges() -> nix::Result<()> {
    for capability in 0..64 {
        // SAFETY: takes numbers only. EINVAL says that the kernel has no capability of this number.
        match Errno::result(unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) }) {
            Ok(_) => {}
            Err(Errno::EINVAL) => break,
            Err(e) => return Err(e),
        }
    }
    forbid_gaining()
}

fn forbid_gaining() -> nix::Result<()> {
    // SAFETY: takes numbers only.
    Errno::result(unsafe { libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) })?;
    let (header, none) = ([TWO_WORDS, 0], [0_u32; 6]);
    // SAFETY: a header of two words, with 0 for the calling thread, and effective, permitted and inheritable, twice.
    Errno::result(unsafe { libc::syscall(libc::SYS_capset, &header, &none) })?;
    // SAFETY: takes numbers only.
    Errno::result(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }).map(drop)
}

/// Closes every descriptor from `first` on (close_range(2), Linux 5.9).
pub fn close_from(first: u32) -> nix::Result<()> {
    // SAFETY: called just before exec or a pause: nothing uses these descriptors any more.
    Errno::result(unsafe {
        libc::syscall(libc::SYS_close_range, libc::c_long::from(first), libc::c_long::from(u32::MAX), 0 as libc::c_long)
    })
    .map(drop)
}

/// Lets every signal do what it does by default.
pub fn reset_signals() {
    for signal in 1..=64 {
        // SAFETY: a predefined action; signals that cannot be changed are refused, which is fine.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    // SAFETY: an emptied set is valid, and the mask belongs to this thread.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &none, std::ptr::null_mut());
    }
}

/// A pipe whose ends are closed by exec, as (reader, writer).
pub fn pipe() -> nix::Result<(File, File)> {
    nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).map(|(reader, writer)| (reader.into(), writer.into()))
}
