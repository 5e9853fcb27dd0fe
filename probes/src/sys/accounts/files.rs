//! Records read from a stream and written to one.

use core::ffi::{c_char, c_int};
use core::ptr;
use heap::string::String;
use heap::vec::Vec;

use super::{MOST, c, groups, shadow, users};
use crate::sys::call::{errno, set_errno};
use crate::text;

unsafe extern "C" {
    fn fgetpwent(file: *mut libc::FILE) -> *mut libc::passwd;
    fn fgetgrent(file: *mut libc::FILE) -> *mut libc::group;
    fn putpwent(user: *const libc::passwd, file: *mut libc::FILE) -> c_int;
    fn putgrent(group: *const libc::group, file: *mut libc::FILE) -> c_int;
    fn open_memstream(text: *mut *mut c_char, bytes: *mut usize) -> *mut libc::FILE;
}

/// Which records a file holds.
#[derive(Clone, Copy)]
pub enum Kind {
    /// `fgetpwent`.
    User,
    /// `fgetgrent`.
    Group,
    /// `fgetspent`.
    Shadow,
}

/// Every record that is read from a file; `None` where it does not open.
pub fn records(path: &str, kind: Kind) -> Option<Vec<String>> {
    let mut all = Vec::new();
    // SAFETY: both strings are terminated; the stream is checked and closed once; results are read at once.
    unsafe {
        let file = libc::fopen(c(path).as_ptr(), c"r".as_ptr());
        if file.is_null() {
            return None;
        }
        while all.len() < MOST {
            let record = match kind {
                Kind::User => users::line(fgetpwent(file)),
                Kind::Group => groups::line(fgetgrent(file)),
                Kind::Shadow => shadow::next_of(file),
            };
            match record {
                Some(record) => all.push(record),
                None => break,
            }
        }
        libc::fclose(file);
    }
    Some(all)
}

/// What a function writes to a stream, its return value and `errno`.
pub(super) fn written(write: impl FnOnce(*mut libc::FILE) -> c_int) -> String {
    let (mut buffer, mut bytes) = (ptr::null_mut::<c_char>(), 0);
    // SAFETY: both places outlive the stream, which is closed before they are read.
    unsafe {
        let file = open_memstream(&mut buffer, &mut bytes);
        if file.is_null() {
            return "no stream".into();
        }
        set_errno(0);
        let result = write(file);
        let number = errno();
        libc::fclose(file);
        let content = text::bytes(core::slice::from_raw_parts(buffer.cast::<u8>(), bytes)).replace('\n', "\\n");
        libc::free(buffer.cast());
        match result {
            0 => content,
            _ => heap::format!("{content} (returned {result}, errno {})", text::errno(number)),
        }
    }
}

/// `putpwent` of a record; `None` is a null pointer.
pub fn user_written(name: Option<&str>, password: Option<&str>, gecos: Option<&str>) -> String {
    let strings = [name, password, gecos].map(|s| s.map(c));
    let [name, password, gecos] =
        [0, 1, 2].map(|n: usize| strings[n].as_ref().map_or(ptr::null_mut(), |s| s.as_ptr().cast_mut()));
    let user = libc::passwd {
        pw_name: name,
        pw_passwd: password,
        pw_uid: 1000,
        pw_gid: 100,
        pw_gecos: gecos,
        pw_dir: c"/home/a".as_ptr().cast_mut(),
        pw_shell: c"/bin/sh".as_ptr().cast_mut(),
    };
    // SAFETY: the record is complete; the stream is open.
    written(|file| unsafe { putpwent(&user, file) })
}

/// `putgrent` of a record with these members.
pub fn group_written(name: &str, password: Option<&str>, members: &[&str]) -> String {
    let (name, password) = (c(name), password.map(c));
    let members: Vec<_> = members.iter().map(|m| c(m)).collect();
    let mut list: Vec<*mut c_char> = members.iter().map(|m| m.as_ptr().cast_mut()).chain([ptr::null_mut()]).collect();
    let group = libc::group {
        gr_name: name.as_ptr().cast_mut(),
        gr_passwd: password.as_ref().map_or(ptr::null_mut(), |p| p.as_ptr().cast_mut()),
        gr_gid: 100,
        gr_mem: list.as_mut_ptr(),
    };
    // SAFETY: the record is complete; the stream is open.
    written(|file| unsafe { putgrent(&group, file) })
}
