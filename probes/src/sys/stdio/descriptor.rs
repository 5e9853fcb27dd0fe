//! What lies below a stream: files in memory, pipes, and socket pairs that keep every write apart.

use core::ffi::c_int;
use heap::vec::Vec;

use crate::sys::call::{Errno, check, errno};

/// An open descriptor, closed at the end.
#[derive(Debug)]
pub struct Fd(c_int);

impl Fd {
    /// Its number.
    pub fn number(&self) -> i32 {
        self.0
    }

    /// Gives the descriptor to a stream, which closes it.
    pub fn into_number(self) -> i32 {
        let number = self.0;
        core::mem::forget(self);
        number
    }

    /// Another descriptor of the same open file.
    pub fn duplicate(&self) -> Result<Self, Errno> {
        // SAFETY: integers alone.
        check(unsafe { libc::fcntl(self.0, libc::F_DUPFD_CLOEXEC, 10) }).map(Self)
    }

    /// The offset that the kernel keeps; nothing where there is none.
    pub fn offset(&self) -> Option<i64> {
        // SAFETY: integers alone.
        let at = unsafe { libc::lseek(self.0, 0, libc::SEEK_CUR) };
        (at >= 0).then_some(at)
    }

    /// Everything that a file holds.
    pub fn content(&self) -> Vec<u8> {
        let mut all = heap::vec![0u8; 32 << 10];
        // SAFETY: the buffer is writable for its length.
        let read = unsafe { libc::pread(self.0, all.as_mut_ptr().cast(), all.len(), 0) };
        all.truncate(usize::try_from(read).unwrap_or(0));
        all
    }

    /// Writes, without stdio.
    pub fn write(&self, bytes: &[u8]) -> bool {
        crate::sys::process::write_all(self.0, bytes)
    }

    /// The lengths of the writes that arrived at this end of a socket pair so far.
    pub fn writes(&self) -> Vec<usize> {
        let mut buffer = [0u8; 32 << 10];
        let mut lengths = Vec::new();
        loop {
            // SAFETY: the buffer is writable for its length.
            match unsafe { libc::recv(self.0, buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_DONTWAIT) } {
                n if n > 0 => lengths.push(n as usize),
                _ => return lengths,
            }
        }
    }

    /// `O_APPEND`, `O_CLOEXEC` and the access mode, in words.
    pub fn flags(&self) -> heap::string::String {
        flags(self.0)
    }
}

impl Drop for Fd {
    fn drop(&mut self) {
        // SAFETY: the descriptor is this object's own.
        unsafe { libc::close(self.0) };
    }
}

/// What `fcntl` says about a descriptor, in words.
pub fn flags(fd: i32) -> heap::string::String {
    // SAFETY: integers alone.
    let (mode, close) = unsafe { (libc::fcntl(fd, libc::F_GETFL), libc::fcntl(fd, libc::F_GETFD)) };
    if mode == -1 {
        return "closed".into();
    }
    let access = match mode & libc::O_ACCMODE {
        libc::O_RDONLY => "read",
        libc::O_WRONLY => "write",
        _ => "read write",
    };
    let append = if mode & libc::O_APPEND != 0 { " append" } else { "" };
    let cloexec = if close & libc::FD_CLOEXEC != 0 { " cloexec" } else { "" };
    heap::format!("{access}{append}{cloexec}")
}

/// A file in memory that holds these bytes, at offset 0.
pub fn file(content: &[u8]) -> Result<Fd, Errno> {
    // SAFETY: the name is terminated. The call by its number, for the function is newer than the oldest glibc.
    let number = unsafe { libc::syscall(libc::SYS_memfd_create, c"probe".as_ptr(), libc::MFD_CLOEXEC) };
    let fd = Fd(check(number as c_int)?);
    if !fd.write(content) {
        return Err(Errno(errno()));
    }
    // SAFETY: integers alone.
    unsafe { libc::lseek(fd.0, 0, libc::SEEK_SET) };
    Ok(fd)
}

/// Opens such a file anew: another offset, and this access.
pub fn reopened(file: &Fd, flags: i32) -> Result<Fd, Errno> {
    let path = heap::format!("/proc/self/fd/{}\0", file.0);
    // SAFETY: the path is terminated.
    check(unsafe { libc::open(path.as_ptr().cast(), flags | libc::O_CLOEXEC) }).map(Fd)
}

/// A pipe: the end to read from, the end to write to.
pub fn pipe() -> Result<[Fd; 2], Errno> {
    let mut ends = [0; 2];
    // SAFETY: the array holds two descriptors.
    check(unsafe { libc::pipe(ends.as_mut_ptr()) })?;
    Ok(ends.map(Fd))
}

/// Two ends of a connection that keeps writes apart: each is one message.
pub fn messages() -> Result<[Fd; 2], Errno> {
    let mut ends = [0; 2];
    let kind = libc::SOCK_SEQPACKET | libc::SOCK_CLOEXEC;
    // SAFETY: the array holds two descriptors.
    check(unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, ends.as_mut_ptr()) })?;
    Ok(ends.map(Fd))
}

/// Puts a descriptor in the place of another; for a child of a case.
pub fn replace(number: i32, by: &Fd) -> Result<(), Errno> {
    // SAFETY: integers alone.
    check(unsafe { libc::dup2(by.0, number) }).map(drop)
}

/// Closes a descriptor by its number; for a child of a case.
pub fn close(number: i32) {
    // SAFETY: integers alone; the case is about a stream whose descriptor is gone.
    unsafe { libc::close(number) };
}

/// From now on the kernel refuses this process one system call, with EPERM.
pub fn refuse(system_call: i64) -> Result<(), Errno> {
    let answer = (libc::BPF_RET | libc::BPF_K) as u16;
    let step = |code, jt, jf, k| libc::sock_filter { code, jt, jf, k };
    let mut filter = [
        step((libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16, 0, 0, 0),
        step((libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16, 1, 0, system_call as u32),
        step(answer, 0, 0, libc::SECCOMP_RET_ALLOW),
        step(answer, 0, 0, libc::SECCOMP_RET_ERRNO | libc::EPERM as u32),
    ];
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: the program and its steps are readable during the call; the kernel copies them.
    unsafe {
        check(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))?;
        check(libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program))?;
    }
    Ok(())
}
