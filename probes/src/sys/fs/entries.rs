//! Entries of folders: `opendir` and its relatives, sorted lists, positions.

use core::ffi::{CStr, c_char, c_int, c_void};
use heap::string::String;
use heap::vec::Vec;

use super::paths::tree;
use crate::outcome::Outcome;
use crate::sys::call::{errno, said, set_errno};
use crate::sys::place::Place;
use crate::text;

/// `opendir`, `fdopendir` and `dirfd` of what is no folder.
pub fn open(o: &mut Outcome) {
    let Some(_place) = o.need("laying out files", tree()) else { return };
    // SAFETY: paths are terminated.
    unsafe {
        for (name, path) in [("file", c"file"), ("missing", c"nowhere"), ("empty", c""), ("loop", c"loop")] {
            set_errno(0);
            let stream = libc::opendir(path.as_ptr());
            o.fact(
                &heap::format!("opendir_{name}"),
                if stream.is_null() { text::errno(errno()) } else { "opened".into() },
            );
        }
        let file = libc::open(c"file".as_ptr(), libc::O_RDONLY);
        let only_path = libc::open(c"dir".as_ptr(), libc::O_PATH);
        for (name, fd) in [("file", file), ("closed", 99), ("path_only", only_path)] {
            set_errno(0);
            let stream = libc::fdopendir(fd);
            o.fact(
                &heap::format!("fdopendir_{name}"),
                if stream.is_null() { text::errno(errno()) } else { "opened".into() },
            );
        }
        let stream = libc::opendir(c"dir".as_ptr());
        o.fact("closed_on_exec", libc::fcntl(libc::dirfd(stream), libc::F_GETFD) & libc::FD_CLOEXEC != 0);
    }
}

/// Whether `readdir` at the end leaves `errno` alone, and whether a position can be gone back to.
pub fn positions(o: &mut Outcome) {
    let Some(_place) = o.need("laying out files", tree()) else { return };
    // SAFETY: the path is terminated; entries are read before the next is asked for.
    unsafe {
        let stream = libc::opendir(c".".as_ptr());
        let next = || libc::readdir(stream).as_ref().map(|e| text::bytes(CStr::from_ptr(e.d_name.as_ptr()).to_bytes()));
        next();
        let place = libc::telldir(stream);
        let second = next();
        next();
        libc::seekdir(stream, place);
        o.fact("seekdir_goes_back", next() == second);
        let mut count = 0;
        libc::rewinddir(stream);
        while next().is_some() {
            count += 1;
        }
        o.fact("entries", count);
        set_errno(77);
        o.fact("end_keeps_errno", next().is_none() && errno() == 77);
    }
}

type Compare = unsafe extern "C" fn(*mut *const libc::dirent, *mut *const libc::dirent) -> c_int;

/// A way to sort a list of entries.
#[derive(Clone, Copy, Debug)]
pub enum Sort {
    /// `alphasort`
    Letters,
    /// `versionsort`
    Versions,
}

/// `scandir` of a folder with these files, sorted so.
pub fn list(o: &mut Outcome, sort: Sort, names: &[&CStr]) {
    unsafe extern "C" {
        fn alphasort(a: *mut *const libc::dirent, b: *mut *const libc::dirent) -> c_int;
        fn versionsort(a: *mut *const libc::dirent, b: *mut *const libc::dirent) -> c_int;
        fn scandir(
            path: *const c_char,
            list: *mut *mut *mut libc::dirent,
            keep: Option<Keep>,
            sort: Option<Compare>,
        ) -> c_int;
    }
    type Keep = unsafe extern "C" fn(*const libc::dirent) -> c_int;
    unsafe extern "C" fn visible(entry: *const libc::dirent) -> c_int {
        // SAFETY: scandir passes an entry, whose name is terminated.
        unsafe { c_int::from((&raw const (*entry).d_name).cast::<u8>().read() != b'.') }
    }
    let Some(place) = o.need("making a folder", Place::enter()) else { return };
    for name in names {
        if o.need("making a file", place.file(name, b"", 0o644)).is_none() {
            return;
        }
    }
    let compare: Compare = match sort {
        Sort::Letters => alphasort,
        Sort::Versions => versionsort,
    };
    let mut found = core::ptr::null_mut();
    // SAFETY: the path is terminated; the list holds as many entries as were counted, which are never freed.
    let sorted: Vec<String> = unsafe {
        let count = scandir(c".".as_ptr(), &mut found, Some(visible), Some(compare));
        let entry = |n: usize| text::bytes(CStr::from_ptr((**found.add(n)).d_name.as_ptr()).to_bytes());
        (0..usize::try_from(count).unwrap_or(0)).map(entry).collect()
    };
    o.fact("sorted", sorted.join(" "));
    // SAFETY: as above.
    unsafe {
        set_errno(0);
        let mut none = core::ptr::null_mut();
        o.fact("of_a_missing_folder", said(scandir(c"nowhere".as_ptr(), &mut none, None, None)));
    }
}

/// `getdents64` where it is there.
pub fn raw(o: &mut Outcome) {
    type Call = unsafe extern "C" fn(c_int, *mut c_void, usize) -> isize;
    let Some(_place) = o.need("laying out files", tree()) else { return };
    // SAFETY: the signature is that of glibc's dirent.h; the buffer is writable for its length.
    unsafe {
        let Some(call) = crate::sys::call::lookup::<Call>(c"getdents64") else { return o.fact("getdents64", "absent") };
        let fd = libc::open(c".".as_ptr(), libc::O_RDONLY | libc::O_DIRECTORY);
        let mut buffer = [0u64; 128];
        o.fact("getdents64", if call(fd, buffer.as_mut_ptr().cast(), 1024) > 0 { "read" } else { "nothing" });
        set_errno(0);
        o.fact("short_buffer", said(call(fd, buffer.as_mut_ptr().cast(), 1) as i64));
    }
}
