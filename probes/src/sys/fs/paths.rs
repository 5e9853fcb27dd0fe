//! Names of files: what they resolve to, where the process is, and how long they may be.

use core::ffi::{CStr, c_char, c_int};
use heap::string::String;
use heap::vec::Vec;

use crate::outcome::{Outcome, Value};
use crate::sys::call::{errno, said, set_errno};
use crate::sys::optional::optional;
use crate::sys::place::Place;
use crate::text;

/// A folder with `file`, `dir/inner`, `dir/file`, links `link` (to the file), `dirlink`, `dangling` and `loop`.
pub fn tree() -> Result<Place, crate::sys::call::Errno> {
    let place = Place::enter()?;
    place.file(c"file", b"content\n", 0o644)?;
    place.folder(c"dir")?;
    place.folder(c"dir/inner")?;
    place.file(c"dir/file", b"content\n", 0o644)?;
    place.link(c"link", c"file")?;
    place.link(c"dirlink", c"dir")?;
    place.link(c"dangling", c"nowhere")?;
    place.link(c"loop", c"loop")?;
    Ok(place)
}

/// A path that a function returned, with the case's folder called `HERE`; or the error.
///
/// # Safety
/// `path` is null or a terminated string.
unsafe fn path(place: &Place, path: *const c_char) -> String {
    if path.is_null() {
        return text::errno(errno());
    }
    // SAFETY: the caller vouches for it.
    let found = text::bytes(unsafe { CStr::from_ptr(path) }.to_bytes());
    found.replace(&*place.path().to_string_lossy(), "HERE")
}

/// `realpath` of these paths, without a buffer.
pub fn real(o: &mut Outcome, paths: &[&CStr]) {
    let Some(place) = o.need("laying out files", tree()) else { return };
    let mut rows: Vec<(String, Value)> = Vec::new();
    for name in paths {
        set_errno(0);
        // SAFETY: the path is terminated; the result is the caller's and read at once.
        let answer = unsafe { path(&place, libc::realpath(name.as_ptr(), core::ptr::null_mut())) };
        rows.push((heap::format!("`{}`", name.to_string_lossy()), answer.into()));
    }
    o.table("realpath", rows);
}

/// `realpath` of a null pointer, of a path longer than PATH_MAX, and what a buffer holds where it failed.
pub fn real_odd(o: &mut Outcome) {
    let Some(place) = o.need("laying out files", tree()) else { return };
    let mut long = [b'/'; 5001];
    long[5000] = 0;
    let mut buffer = [0 as c_char; 4096];
    let call = core::hint::black_box(libc::realpath as unsafe extern "C" fn(*const c_char, *mut c_char) -> *mut c_char);
    // SAFETY: paths are terminated or null, which is the question; the buffer has PATH_MAX bytes.
    unsafe {
        set_errno(0);
        o.fact("null", path(&place, call(core::ptr::null(), core::ptr::null_mut())));
        set_errno(0);
        o.fact("slashes_5000", path(&place, call(long.as_ptr().cast(), core::ptr::null_mut())));
        set_errno(0);
        o.fact("missing", path(&place, call(c"dir/nowhere/more".as_ptr(), buffer.as_mut_ptr())));
        o.fact("buffer", path(&place, buffer.as_ptr()));
    }
    type Canonical = unsafe extern "C" fn(*const c_char) -> *mut c_char;
    // SAFETY: the signature is that of glibc's stdlib.h; the path is terminated.
    let canonical = unsafe {
        crate::sys::call::lookup::<Canonical>(c"canonicalize_file_name")
            .map(|call| path(&place, call(c"link".as_ptr())))
    };
    o.fact("canonicalize_file_name", canonical.unwrap_or("absent".into()));
}

/// `getcwd` with and without a buffer, with sizes that are too small, and in a folder that is gone.
pub fn working(o: &mut Outcome) {
    let Some(place) = o.need("laying out files", tree()) else { return };
    let mut buffer = [0 as c_char; 512];
    // SAFETY: the buffer is longer than the sizes that are told; results are read at once.
    unsafe {
        for (name, size) in [("allocated", 0), ("allocated_5", 5), ("allocated_512", 512)] {
            set_errno(0);
            o.fact(name, path(&place, libc::getcwd(core::ptr::null_mut(), size)));
        }
        for (name, size) in [("buffer_0", 0), ("buffer_1", 1), ("buffer_512", 512)] {
            set_errno(0);
            o.fact(name, path(&place, libc::getcwd(buffer.as_mut_ptr(), size)));
        }
        libc::chdir(c"dir/inner".as_ptr());
        libc::rmdir(place_inner(&place).as_ptr().cast());
        set_errno(0);
        o.fact("removed", path(&place, libc::getcwd(core::ptr::null_mut(), 0)));
    }
}

fn place_inner(place: &Place) -> String {
    heap::format!("{}/dir/inner\0", place.path().to_string_lossy())
}

/// `get_current_dir_name` where PWD names the folder by another way, and where it lies.
pub fn working_name(o: &mut Outcome) {
    let Some(place) = o.need("laying out files", tree()) else { return };
    let Some(call) = optional!(get_current_dir_name() -> *mut c_char) else {
        return o.fact("get_current_dir_name", "absent");
    };
    let link = heap::format!("{}/dirlink\0", place.path().to_string_lossy());
    // SAFETY: the process has one thread; strings are terminated; results are read at once.
    unsafe {
        libc::chdir(c"dir".as_ptr());
        libc::setenv(c"PWD".as_ptr(), link.as_ptr().cast(), 1);
        o.fact("pwd_by_link", path(&place, call()));
        libc::setenv(c"PWD".as_ptr(), c"/nowhere".as_ptr(), 1);
        o.fact("pwd_lies", path(&place, call()));
    }
}

/// What `pathconf` says to a number: a figure, `none` for -1 without an error, or the error.
fn limit(call: impl FnOnce() -> i64) -> String {
    set_errno(0);
    match call() {
        -1 if errno() == 0 => "none".into(),
        -1 => text::errno(errno()),
        n => heap::format!("{n}"),
    }
}

/// What `pathconf` says of a folder to a number.
pub fn limit_of(folder: &CStr, number: c_int) -> String {
    // SAFETY: the path is terminated; any number may be asked for.
    limit(|| unsafe { libc::pathconf(folder.as_ptr(), number) })
}

/// `pathconf` of a folder.
pub fn limits(o: &mut Outcome) {
    const NAMES: [(&str, c_int); 15] = [
        ("_PC_MAX_CANON", libc::_PC_MAX_CANON),
        ("_PC_MAX_INPUT", libc::_PC_MAX_INPUT),
        ("_PC_NAME_MAX", libc::_PC_NAME_MAX),
        ("_PC_PATH_MAX", libc::_PC_PATH_MAX),
        ("_PC_PIPE_BUF", libc::_PC_PIPE_BUF),
        ("_PC_CHOWN_RESTRICTED", libc::_PC_CHOWN_RESTRICTED),
        ("_PC_NO_TRUNC", libc::_PC_NO_TRUNC),
        ("_PC_VDISABLE", libc::_PC_VDISABLE),
        ("_PC_SYNC_IO", libc::_PC_SYNC_IO),
        ("_PC_ASYNC_IO", libc::_PC_ASYNC_IO),
        ("_PC_PRIO_IO", libc::_PC_PRIO_IO),
        ("_PC_SOCK_MAXBUF", libc::_PC_SOCK_MAXBUF),
        ("_PC_FILESIZEBITS", libc::_PC_FILESIZEBITS),
        ("_PC_SYMLINK_MAX", libc::_PC_SYMLINK_MAX),
        ("unknown 999", 999),
    ];
    let mut rows: Vec<(String, Value)> = Vec::new();
    for (name, number) in NAMES {
        // SAFETY: the path is terminated.
        rows.push((name.into(), limit(|| unsafe { libc::pathconf(c"/".as_ptr(), number) }).into()));
    }
    o.table("pathconf", rows);
}

/// `pathconf` and `fpathconf` of what is not there.
pub fn limits_missing(o: &mut Outcome) {
    // SAFETY: paths are terminated.
    unsafe {
        o.fact("missing", limit(|| libc::pathconf(c"/nowhere".as_ptr(), libc::_PC_NAME_MAX)));
        o.fact("empty", limit(|| libc::pathconf(c"".as_ptr(), libc::_PC_NAME_MAX)));
        o.fact("missing_link_max", limit(|| libc::pathconf(c"/nowhere".as_ptr(), libc::_PC_LINK_MAX)));
        o.fact("closed", limit(|| libc::fpathconf(99, libc::_PC_NAME_MAX)));
    }
}

/// `gethostname` into buffers that are too short or just long enough; the name has more than two letters.
pub fn host(o: &mut Outcome) {
    for length in [1usize, 2, 64] {
        let mut buffer = [b'#'; 65];
        set_errno(0);
        // SAFETY: the buffer is longer than what is told.
        let answer = said(unsafe { libc::gethostname(buffer.as_mut_ptr().cast(), length) });
        let ended = buffer[..length].contains(&0);
        o.fact(
            &heap::format!("length_{length}"),
            heap::format!("{answer}, {}", if ended { "ended" } else { "not ended" }),
        );
    }
}
