//! Files: space, modes, times, locks, and the wrappers that do something of their own before the kernel is asked.

use core::ffi::{CStr, c_char, c_int};

use super::paths::tree;
use crate::outcome::Outcome;
use crate::sys::call::{lookup, said, set_errno};
use crate::sys::optional::optional;
use crate::sys::refuse::refuse;
use crate::text;

fn named(o: &mut Outcome, name: &str, call: impl FnOnce() -> i64) {
    set_errno(0);
    let answer = said(call());
    o.fact(name, answer);
}

/// `posix_fallocate` on what cannot hold space.
pub fn space(o: &mut Outcome) {
    let Some(_place) = o.need("laying out files", tree()) else { return };
    // SAFETY: paths are terminated; the calls take numbers.
    unsafe {
        let mut pipe = [0; 2];
        libc::pipe(pipe.as_mut_ptr());
        let read_only = libc::open(c"file".as_ptr(), libc::O_RDONLY);
        let writable = libc::open(c"file".as_ptr(), libc::O_RDWR);
        let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
        for (name, fd, offset, length) in [
            ("file", writable, 0, 100),
            ("length_0", writable, 0, 0),
            ("offset_negative", writable, -1, 100),
            ("too_far", writable, i64::MAX, 100),
            ("read_only", read_only, 0, 100),
            ("pipe", pipe[1], 0, 100),
            ("device", null, 0, 100),
            ("closed", 99, 0, 100),
        ] {
            set_errno(0);
            let code = libc::posix_fallocate(fd, offset, length);
            o.fact(name, text::errno(code));
        }
    }
}

/// `posix_fallocate` where the kernel says EOPNOTSUPP, as it does for files on NFS, ZFS and other file systems; with `by_length`
/// the program sets the length itself then.
pub fn space_unsupported(o: &mut Outcome, by_length: bool) {
    let Some(_place) = o.need("laying out files", tree()) else { return };
    // SAFETY: the path is terminated; the descriptor is this function's own.
    let fd = unsafe { libc::open(c"file".as_ptr(), libc::O_RDWR) };
    if refuse(&[libc::SYS_fallocate], libc::EOPNOTSUPP).is_err() {
        return o.unsupported("the kernel takes no seccomp filter");
    }
    // SAFETY: as above.
    unsafe {
        named(o, "fallocate", || libc::fallocate(fd, 0, 0, 4096).into());
        let code = libc::posix_fallocate(fd, 0, 4096);
        o.line(format_args!("posix_fallocate: {}", text::errno(code)));
        if by_length && code == libc::EOPNOTSUPP {
            libc::ftruncate(fd, 4096);
        }
        o.fact("length", libc::lseek(fd, 0, libc::SEEK_END));
    }
}

/// `posix_fadvise` on what it is not for.
pub fn advice(o: &mut Outcome) {
    let Some(_place) = o.need("laying out files", tree()) else { return };
    // SAFETY: paths are terminated; the calls take numbers.
    unsafe {
        let mut pipe = [0; 2];
        libc::pipe(pipe.as_mut_ptr());
        let file = libc::open(c"file".as_ptr(), libc::O_RDONLY);
        o.fact("file", text::errno(libc::posix_fadvise(file, 0, 0, libc::POSIX_FADV_NORMAL)));
        o.fact("pipe", text::errno(libc::posix_fadvise(pipe[0], 0, 0, libc::POSIX_FADV_NORMAL)));
        o.fact("closed", text::errno(libc::posix_fadvise(99, 0, 0, libc::POSIX_FADV_NORMAL)));
        o.fact("unknown", text::errno(libc::posix_fadvise(file, 0, 0, 99)));
    }
}

/// `fchmodat` and `lchmod` that do not follow a link, of a file and of a link.
pub fn modes(o: &mut Outcome) {
    let Some(_place) = o.need("laying out files", tree()) else { return };
    // SAFETY: paths are terminated; the signature is that of sys/stat.h.
    unsafe {
        let no_follow = libc::AT_SYMLINK_NOFOLLOW;
        let at = libc::AT_FDCWD;
        named(o, "fchmodat_file", || libc::fchmodat(at, c"file".as_ptr(), 0o600, no_follow).into());
        named(o, "fchmodat_link", || libc::fchmodat(at, c"link".as_ptr(), 0o600, no_follow).into());
        named(o, "fchmodat_missing", || libc::fchmodat(at, c"nowhere".as_ptr(), 0o600, no_follow).into());
        named(o, "fchmodat_flags_unknown", || libc::fchmodat(at, c"file".as_ptr(), 0o600, 1 << 20).into());
        let call = optional!(lchmod(*const c_char, libc::mode_t) -> c_int);
        for (name, path) in [("lchmod_file", c"file"), ("lchmod_link", c"link")] {
            match call {
                Some(call) => named(o, name, || call(path.as_ptr(), 0o600).into()),
                None => o.fact(name, "absent"),
            }
        }
    }
}

/// `access` and its relatives: odd modes and flags, and effective ids.
pub fn access(o: &mut Outcome) {
    let Some(_place) = o.need("laying out files", tree()) else { return };
    // SAFETY: paths are terminated; the signatures are those of unistd.h.
    unsafe {
        let at = libc::AT_FDCWD;
        named(o, "access_mode_99", || libc::access(c"file".as_ptr(), 99).into());
        named(o, "faccessat_effective", || libc::faccessat(at, c"file".as_ptr(), libc::R_OK, libc::AT_EACCESS).into());
        named(o, "faccessat_execute", || libc::faccessat(at, c"file".as_ptr(), libc::X_OK, libc::AT_EACCESS).into());
        named(o, "faccessat_no_follow", || {
            libc::faccessat(at, c"dangling".as_ptr(), libc::F_OK, libc::AT_SYMLINK_NOFOLLOW).into()
        });
        named(o, "faccessat_flags_unknown", || libc::faccessat(at, c"file".as_ptr(), libc::F_OK, 1 << 20).into());
        type Call = unsafe extern "C" fn(*const c_char, c_int) -> c_int;
        for name in [c"eaccess", c"euidaccess"] {
            match lookup::<Call>(name) {
                Some(call) => named(o, &name.to_string_lossy(), || call(c"file".as_ptr(), libc::R_OK).into()),
                None => o.fact(&name.to_string_lossy(), "absent"),
            }
        }
    }
}

/// The functions that set times, with odd arguments.
pub fn times(o: &mut Outcome) {
    let Some(_place) = o.need("laying out files", tree()) else { return };
    let spec = |tv_nsec| libc::timespec { tv_sec: 1, tv_nsec };
    let val = |tv_usec| libc::timeval { tv_sec: 1, tv_usec };
    // SAFETY: paths are terminated or null, which is the question; arrays hold two times.
    unsafe {
        let at = libc::AT_FDCWD;
        let two = [spec(0), spec(0)];
        named(o, "utimensat_null_path", || libc::utimensat(at, core::ptr::null(), two.as_ptr(), 0).into());
        named(o, "utimensat_bad", || {
            libc::utimensat(at, c"file".as_ptr(), [spec(2_000_000_000), spec(0)].as_ptr(), 0).into()
        });
        named(o, "utimensat_link", || {
            libc::utimensat(at, c"dangling".as_ptr(), two.as_ptr(), libc::AT_SYMLINK_NOFOLLOW).into()
        });
        named(o, "futimens_closed", || libc::futimens(99, two.as_ptr()).into());
        named(o, "futimens_negative", || libc::futimens(-1, two.as_ptr()).into());
        named(o, "utimes_bad", || libc::utimes(c"file".as_ptr(), [val(1_000_000), val(0)].as_ptr()).into());
        named(o, "utimes_negative", || libc::utimes(c"file".as_ptr(), [val(-1), val(0)].as_ptr()).into());
        named(o, "lutimes_dangling", || libc::lutimes(c"dangling".as_ptr(), [val(0), val(0)].as_ptr()).into());
        named(o, "lutimes_bad", || libc::lutimes(c"dangling".as_ptr(), [val(1_000_000), val(0)].as_ptr()).into());
        named(o, "futimes_closed", || libc::futimes(99, [val(0), val(0)].as_ptr()).into());
    }
}

/// `lockf` with odd arguments.
pub fn locks(o: &mut Outcome) {
    let Some(_place) = o.need("laying out files", tree()) else { return };
    // SAFETY: paths are terminated; the calls take numbers.
    unsafe {
        let file = libc::open(c"file".as_ptr(), libc::O_RDWR);
        let read_only = libc::open(c"file".as_ptr(), libc::O_RDONLY);
        named(o, "lock", || libc::lockf(file, libc::F_TLOCK, 0).into());
        named(o, "test_own", || libc::lockf(file, libc::F_TEST, 0).into());
        named(o, "unlock", || libc::lockf(file, libc::F_ULOCK, 0).into());
        named(o, "read_only", || libc::lockf(read_only, libc::F_TLOCK, 0).into());
        named(o, "unknown", || libc::lockf(file, 99, 0).into());
        let pid = libc::fork();
        if pid == 0 {
            libc::lockf(file, libc::F_LOCK, 0);
            libc::_exit(0);
        }
        libc::waitpid(pid, core::ptr::null_mut(), 0);
        named(o, "test_left", || libc::lockf(file, libc::F_TEST, 0).into());
    }
}

/// `readlink` and `readlinkat` with a buffer of no bytes and of one.
pub fn links(o: &mut Outcome) {
    let Some(_place) = o.need("laying out files", tree()) else { return };
    let mut buffer = [0 as c_char; 16];
    // SAFETY: paths are terminated; the buffer is longer than what is told.
    unsafe {
        for length in [0usize, 1, 16] {
            let name = heap::format!("readlink_{length}");
            named(o, &name, || libc::readlink(c"link".as_ptr(), buffer.as_mut_ptr(), length) as i64);
        }
        named(o, "readlink_file", || libc::readlink(c"file".as_ptr(), buffer.as_mut_ptr(), 16) as i64);
        named(o, "readlinkat_0", || libc::readlinkat(libc::AT_FDCWD, c"link".as_ptr(), buffer.as_mut_ptr(), 0) as i64);
    }
}

/// `remove` and `rename` of what is in the way.
pub fn removal(o: &mut Outcome) {
    let Some(_place) = o.need("laying out files", tree()) else { return };
    // SAFETY: paths are terminated.
    unsafe {
        named(o, "remove_folder_full", || libc::remove(c"dir".as_ptr()).into());
        named(o, "remove_folder", || libc::remove(c"dir/inner".as_ptr()).into());
        named(o, "remove_link", || libc::remove(c"dangling".as_ptr()).into());
        named(o, "remove_missing", || libc::remove(c"nowhere".as_ptr()).into());
        named(o, "rename_file_to_folder", || libc::rename(c"file".as_ptr(), c"dir".as_ptr()).into());
        named(o, "unlink_folder", || libc::unlink(c"dir".as_ptr()).into());
    }
}

/// Wrappers that look at a number themselves: epoll, dup3, inotify, timers, signals by descriptor.
pub fn descriptors(o: &mut Outcome) {
    // SAFETY: the calls take numbers, and pointers to initialised locals.
    unsafe {
        named(o, "epoll_create_0", || libc::epoll_create(0).into());
        named(o, "epoll_create_negative", || libc::epoll_create(-1).into());
        named(o, "epoll_create1_unknown", || libc::epoll_create1(1).into());
        named(o, "dup3_same", || libc::dup3(0, 0, 0).into());
        named(o, "dup3_unknown", || libc::dup3(0, 50, 1).into());
        named(o, "dup2_same_closed", || libc::dup2(99, 99).into());
        named(o, "eventfd_unknown", || libc::eventfd(0, 1 << 20).into());
        named(o, "inotify_init1_unknown", || libc::inotify_init1(1).into());
        named(o, "timerfd_create_unknown", || libc::timerfd_create(libc::CLOCK_MONOTONIC, 1).into());
        let mut set: libc::sigset_t = core::mem::zeroed();
        libc::sigemptyset(&mut set);
        named(o, "signalfd_unknown", || libc::signalfd(-1, &set, 1).into());
        let mut pipe = [0; 2];
        named(o, "pipe2_unknown", || libc::pipe2(pipe.as_mut_ptr(), 1).into());
        named(o, "accept4_unknown", || libc::accept4(0, core::ptr::null_mut(), core::ptr::null_mut(), 1).into());
    }
}

/// Wrappers of newer calls: which are there, and whether they work.
pub fn newer(o: &mut Outcome) {
    type Copy = unsafe extern "C" fn(c_int, *mut i64, c_int, *mut i64, usize, u32) -> isize;
    type Rename = unsafe extern "C" fn(c_int, *const c_char, c_int, *const c_char, u32) -> c_int;
    type Statx = unsafe extern "C" fn(c_int, *const c_char, c_int, u32, *mut [u64; 32]) -> c_int;
    let Some(_place) = o.need("laying out files", tree()) else { return };
    let absent = |o: &mut Outcome, name: &CStr| o.fact(&name.to_string_lossy(), "absent");
    // SAFETY: the signatures are those of the headers; paths are terminated; the structure has 256 bytes.
    unsafe {
        let (from, to) =
            (libc::open(c"file".as_ptr(), libc::O_RDONLY), libc::open(c"dir/file".as_ptr(), libc::O_WRONLY));
        let null = core::ptr::null_mut();
        match lookup::<Copy>(c"copy_file_range") {
            Some(call) => named(o, "copy_file_range", || call(from, null, to, null, 8, 0) as i64),
            None => absent(o, c"copy_file_range"),
        }
        match lookup::<Statx>(c"statx") {
            Some(call) => named(o, "statx", || call(libc::AT_FDCWD, c"file".as_ptr(), 0, 0x7ff, &mut [0; 32]).into()),
            None => absent(o, c"statx"),
        }
        match lookup::<Rename>(c"renameat2") {
            Some(call) => named(o, "renameat2", || {
                call(libc::AT_FDCWD, c"file".as_ptr(), libc::AT_FDCWD, c"link".as_ptr(), 1).into()
            }),
            None => absent(o, c"renameat2"),
        }
        let number = libc::SYS_renameat2;
        named(o, "renameat2_by_number", || {
            libc::syscall(number, libc::AT_FDCWD, c"file".as_ptr(), libc::AT_FDCWD, c"link".as_ptr(), 1)
        });
    }
}

/// Reading and setting lengths with odd arguments.
pub fn lengths(o: &mut Outcome) {
    let Some(_place) = o.need("laying out files", tree()) else { return };
    let mut byte = 0u8;
    // SAFETY: paths are terminated; buffers are writable for what is told.
    unsafe {
        let file = libc::open(c"file".as_ptr(), libc::O_RDWR);
        named(o, "truncate_negative", || libc::truncate(c"file".as_ptr(), -1).into());
        named(o, "ftruncate_negative", || libc::ftruncate(file, -1).into());
        named(o, "pread_negative", || libc::pread(file, (&raw mut byte).cast(), 1, -1) as i64);
        named(o, "lseek_unknown", || libc::lseek(file, 0, 99));
        named(o, "sync_file_range_unknown", || libc::sync_file_range(file, 0, 1, 99).into());
        named(o, "fdatasync_closed", || libc::fdatasync(99).into());
        named(o, "sendfile_closed", || libc::sendfile(99, file, core::ptr::null_mut(), 1) as i64);
        let mut none: [libc::iovec; 1] = core::mem::zeroed();
        named(o, "readv_negative", || libc::readv(file, none.as_mut_ptr(), -1) as i64);
        named(o, "readv_2000", || libc::readv(file, none.as_mut_ptr(), 2000) as i64);
    }
}

/// `umask`, and what `mkfifo` and `open` make of it.
pub fn mask(o: &mut Outcome) {
    let Some(_place) = o.need("laying out files", tree()) else { return };
    // SAFETY: paths are terminated.
    unsafe {
        libc::umask(0o7777);
        o.fact("umask", heap::format!("{:o}", libc::umask(0o022)));
        named(o, "mkfifo", || libc::mkfifo(c"fifo".as_ptr(), 0o644).into());
        named(o, "mkfifo_again", || libc::mkfifo(c"fifo".as_ptr(), 0o644).into());
    }
}
