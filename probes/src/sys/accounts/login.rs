//! Who is logged in, where, and what is recorded of it.

use core::ffi::{c_char, c_int};
use heap::string::String;
use heap::vec::Vec;

use super::{c, string};
use crate::sys::call::{Errno, check, errno, set_errno};
use crate::text;

unsafe extern "C" {
    fn getlogin() -> *mut c_char;
    fn getlogin_r(buffer: *mut c_char, bytes: usize) -> c_int;
    fn cuserid(buffer: *mut c_char) -> *mut c_char;
    fn ctermid(buffer: *mut c_char) -> *mut c_char;
    fn utmpname(path: *const c_char) -> c_int;
    fn setutxent();
    fn endutxent();
    fn getutxent() -> *mut libc::utmpx;
    fn pututxline(record: *const libc::utmpx) -> *mut libc::utmpx;
    fn updwtmpx(path: *const c_char, record: *const libc::utmpx);
}

/// Whether `getlogin` answers with what LOGNAME says.
pub fn is_logname(name: &str) -> bool {
    // SAFETY: the result is null or terminated, and read at once.
    unsafe { string(getlogin()) == name }
}

/// Whether `getlogin` returns null.
pub fn is_unknown() -> bool {
    // SAFETY: as above.
    unsafe { getlogin().is_null() }
}

/// `getlogin_r` with a buffer of so many bytes: its return value.
pub fn login_within(bytes: usize) -> Errno {
    let mut buffer = heap::vec![0u8; bytes + 1];
    // SAFETY: the buffer is as long as said.
    Errno(unsafe { getlogin_r(buffer.as_mut_ptr().cast(), bytes) })
}

/// `cuserid` into a buffer.
pub fn user_id() -> String {
    let mut buffer = [0u8; 256];
    // SAFETY: the buffer is longer than L_cuserid; the result is null or the buffer.
    unsafe { string(cuserid(buffer.as_mut_ptr().cast())) }
}

/// `ctermid` of null.
pub fn terminal() -> String {
    // SAFETY: null asks for the library's own buffer.
    unsafe { string(ctermid(core::ptr::null_mut())) }
}

/// `isatty` of a descriptor: its result and `errno`.
pub fn is_terminal(fd: i32) -> (i32, Errno) {
    set_errno(0);
    // SAFETY: any number may be asked.
    let result = unsafe { libc::isatty(fd) };
    (result, Errno(errno()))
}

/// `ttyname_r` of a descriptor, with a buffer of so many bytes: its return value.
pub fn terminal_name(fd: i32, bytes: usize) -> Errno {
    let mut buffer = heap::vec![0u8; bytes + 1];
    // SAFETY: the buffer is as long as said.
    Errno(unsafe { libc::ttyname_r(fd, buffer.as_mut_ptr().cast(), bytes) })
}

/// A descriptor of a pipe's reading end.
pub fn pipe() -> Result<i32, Errno> {
    let mut ends = [0; 2];
    // SAFETY: the array holds two descriptors.
    check(unsafe { libc::pipe(ends.as_mut_ptr()) }).map(|_| ends[0])
}

/// A descriptor of an opened file.
pub fn open(path: &str) -> Result<i32, Errno> {
    // SAFETY: the path is terminated.
    check(unsafe { libc::open(c(path).as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) })
}

/// `sysconf`: the value, or nothing where there is no limit or no such name.
pub fn limit(name: c_int) -> Option<i64> {
    // SAFETY: takes a number.
    let value = unsafe { libc::sysconf(name) };
    (value != -1).then_some(value)
}

/// A record of a log-in of `alice` on the line `pts/7`.
fn record() -> libc::utmpx {
    // SAFETY: numbers and arrays of them.
    let mut record: libc::utmpx = unsafe { core::mem::zeroed() };
    let put =
        |field: &mut [c_char], text: &[u8]| field.iter_mut().zip(text).for_each(|(to, byte)| *to = *byte as c_char);
    record.ut_type = libc::USER_PROCESS;
    record.ut_pid = 4711;
    put(&mut record.ut_line, b"pts/7");
    put(&mut record.ut_id, b"p7");
    put(&mut record.ut_user, b"alice");
    record
}

/// That record as glibc's files hold it: 384 bytes on x86-64, 400 on AArch64, whose times are not those of 32-bit programs;
/// whatever the library's own structure has.
pub fn record_bytes() -> Vec<u8> {
    let mut bytes = heap::vec![0u8; if cfg!(target_arch = "x86_64") { 384 } else { 400 }];
    for (place, field) in [(0, &[7u8, 0][..]), (4, &4711u32.to_le_bytes()), (8, b"pts/7"), (40, b"p7"), (44, b"alice")]
    {
        bytes[place..place + field.len()].copy_from_slice(field);
    }
    bytes
}

/// Makes a file with this content.
pub fn make(path: &str, content: &[u8]) -> Result<(), Errno> {
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC | libc::O_CLOEXEC;
    // SAFETY: the path is terminated; the descriptor is closed once.
    unsafe {
        let fd = check(libc::open(c(path).as_ptr(), flags, 0o644))?;
        crate::sys::process::write_all(fd, content);
        libc::close(fd);
    }
    Ok(())
}

/// A file's content, up to 4 KiB.
pub fn content(path: &str) -> Result<Vec<u8>, Errno> {
    let fd = open(path)?;
    let mut buffer = heap::vec![0u8; 4096];
    // SAFETY: the buffer is writable for its length; the descriptor is closed once.
    let n = unsafe {
        let n = libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len());
        libc::close(fd);
        n
    };
    buffer.truncate(n.max(0) as usize);
    Ok(buffer)
}

/// `utmpname`: its return value and `errno`.
pub fn take_file(path: &str) -> (i32, Errno) {
    set_errno(0);
    // SAFETY: the path is terminated.
    let result = unsafe { utmpname(c(path).as_ptr()) };
    (result, Errno(errno()))
}

/// `pututxline` of the record: whether it returned one, and `errno`.
pub fn put() -> (bool, Errno) {
    let record = record();
    set_errno(0);
    // SAFETY: the record is complete.
    unsafe {
        setutxent();
        let put = !pututxline(&record).is_null();
        let number = errno();
        endutxent();
        (put, Errno(number))
    }
}

/// `updwtmpx` of the record to a file.
pub fn append(path: &str) {
    let record = record();
    // SAFETY: the path is terminated; the record is complete.
    unsafe { updwtmpx(c(path).as_ptr(), &record) }
}

/// `getutxent` from the first record on: users and lines.
pub fn records() -> Vec<String> {
    let mut all = Vec::new();
    // SAFETY: the result is null or a record, read at once.
    unsafe {
        setutxent();
        while all.len() < super::MOST {
            let Some(record) = getutxent().as_ref() else { break };
            let text = |field: &[c_char]| {
                text::bytes(&field.iter().take_while(|ch| **ch != 0).map(|ch| *ch as u8).collect::<Vec<_>>())
            };
            all.push(heap::format!("{} on {}", text(&record.ut_user), text(&record.ut_line)));
        }
        endutxent();
    }
    all
}
