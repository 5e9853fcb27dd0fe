//! `group`: by name, by number, one after the other, and the groups of a user.

use core::ffi::{c_char, c_int};
use core::ptr;
use heap::string::String;
use heap::vec::Vec;

use super::users::Reentrant;
use super::{answered, c, shortened, string, strings};
use crate::sys::call::{Errno, check, errno, set_errno};

/// A record as its line.
///
/// # Safety
/// The pointer must be null or what a function of `<grp.h>` returned last.
pub(super) unsafe fn line(group: *const libc::group) -> Option<String> {
    // SAFETY: the caller vouches for the pointer; the strings of a record are null or terminated, its list too.
    let line = unsafe {
        let group = group.as_ref()?;
        let members = strings(group.gr_mem.cast_const());
        heap::format!("{}:{}:{}:{members}", string(group.gr_name), string(group.gr_passwd), group.gr_gid)
    };
    Some(shortened(line))
}

/// `getgrnam`.
pub fn by_name(name: &str) -> String {
    let name = c(name);
    // SAFETY: the name is terminated; the result is read at once.
    answered(|| unsafe { line(libc::getgrnam(name.as_ptr())) })
}

/// `getgrgid`.
pub fn by_id(id: u32) -> String {
    // SAFETY: takes a number; the result is read at once.
    answered(|| unsafe { line(libc::getgrgid(id)) })
}

/// `getgrent`, once.
pub fn next() -> String {
    // SAFETY: the result is read at once.
    answered(|| unsafe { line(libc::getgrent()) })
}

/// `setgrent`.
pub fn rewind() {
    // SAFETY: no arguments.
    unsafe { libc::setgrent() }
}

/// `endgrent`.
pub fn end() {
    // SAFETY: no arguments.
    unsafe { libc::endgrent() }
}

/// `getgrnam_r` with a buffer of so many bytes.
pub fn by_name_within(name: &str, bytes: usize) -> Reentrant {
    let name = c(name);
    // SAFETY: numbers and null pointers.
    let mut group: libc::group = unsafe { core::mem::zeroed() };
    // Aligned for the list of members, which is put into it.
    let mut buffer = heap::vec![0u64; bytes / 8 + 1];
    let mut result = ptr::null_mut();
    let room = buffer.as_mut_ptr().cast::<c_char>();
    // SAFETY: the name is terminated; the buffer is as long as said; the other places are writable.
    let code = Errno(unsafe { libc::getgrnam_r(name.as_ptr(), &mut group, room, bytes, &mut result) });
    // SAFETY: the result is null or the record just filled, whose strings are in the buffer.
    Reentrant { code, record: unsafe { line(result) } }
}

/// What `getgrouplist` left.
pub struct Groups {
    /// The return value.
    pub result: c_int,
    /// The count that it wrote.
    pub count: c_int,
    /// The groups, as many as there was room for.
    pub groups: Vec<libc::gid_t>,
}

/// `getgrouplist` with room for so many groups.
pub fn of_user(user: &str, primary: libc::gid_t, room: usize) -> Groups {
    let user = c(user);
    let mut groups = heap::vec![0; room + 1];
    let mut count = room as c_int;
    // SAFETY: the name is terminated; the list holds as many as the count says.
    let result = unsafe { libc::getgrouplist(user.as_ptr(), primary, groups.as_mut_ptr(), &mut count) };
    groups.truncate(room.min(usize::try_from(count).unwrap_or(0)));
    Groups { result, count, groups }
}

/// `initgroups`: 0 or the error number.
pub fn take_those_of(user: &str, primary: libc::gid_t) -> Errno {
    let user = c(user);
    set_errno(0);
    // SAFETY: the name is terminated.
    match check(unsafe { libc::initgroups(user.as_ptr(), primary) }) {
        Ok(_) => Errno(0),
        Err(_) => Errno(errno()),
    }
}

/// `setgroups` of so many groups: 0 or the error number.
pub fn take(count: usize) -> Errno {
    let groups = heap::vec![1 as libc::gid_t; count + 1];
    // SAFETY: the list holds as many as the count says.
    match check(unsafe { libc::setgroups(count, groups.as_ptr()) }) {
        Ok(_) => Errno(0),
        Err(e) => e,
    }
}
