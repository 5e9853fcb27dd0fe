//! Tables of mounts: how a line is read and written.

use core::ffi::{CStr, c_char, c_int};
use heap::string::String;

use crate::outcome::Outcome;
use crate::sys::place::Place;
use crate::text;

#[repr(C)]
struct Entry {
    strings: [*mut c_char; 4],
    numbers: [c_int; 2],
}

unsafe extern "C" {
    fn setmntent(path: *const c_char, mode: *const c_char) -> *mut libc::FILE;
    fn getmntent(stream: *mut libc::FILE) -> *const Entry;
    fn getmntent_r(stream: *mut libc::FILE, entry: *mut Entry, buffer: *mut c_char, length: c_int) -> *const Entry;
    fn addmntent(stream: *mut libc::FILE, entry: *const Entry) -> c_int;
    fn endmntent(stream: *mut libc::FILE) -> c_int;
    fn hasmntopt(entry: *const Entry, option: *const c_char) -> *const c_char;
}

unsafe fn string(at: *const c_char) -> String {
    if at.is_null() {
        return "null".into();
    }
    // SAFETY: the caller passes null or a terminated string.
    heap::format!("`{}`", text::bytes(unsafe { CStr::from_ptr(at) }.to_bytes()))
}

unsafe fn told(entry: *const Entry) -> String {
    // SAFETY: the caller passes null or an entry whose strings are terminated.
    unsafe {
        let Some(entry) = entry.as_ref() else { return "none".into() };
        let strings: heap::vec::Vec<String> = entry.strings.iter().map(|s| string(*s)).collect();
        heap::format!("{} {} {}", strings.join(" "), entry.numbers[0], entry.numbers[1])
    }
}

/// `getmntent` of this table, to its end or six entries.
pub fn read(o: &mut Outcome, content: &[u8]) {
    let Some(place) = o.need("making a folder", Place::enter()) else { return };
    if o.need("writing a table", place.file(c"table", content, 0o644)).is_none() {
        return;
    }
    // SAFETY: strings are terminated; an entry is read before the next is asked for.
    unsafe {
        let stream = setmntent(c"table".as_ptr(), c"r".as_ptr());
        for n in 1..=6 {
            let entry = told(getmntent(stream));
            o.fact(&heap::format!("entry_{n}"), entry.as_str());
            if entry == "none" {
                break;
            }
        }
        endmntent(stream);
    }
}

/// `getmntent` of a line of 5,000 bytes, and of the one after it.
pub fn read_long(o: &mut Outcome) {
    let mut content = [b'o'; 5040];
    content[..13].copy_from_slice(b"dev /mnt ext4");
    content[13] = b' ';
    content[5000..5026].copy_from_slice(b" 1 2\nnext /next ext4 rw 0 ");
    content[5026] = b'0';
    content[5027] = b'\n';
    let Some(place) = o.need("making a folder", Place::enter()) else { return };
    if o.need("writing a table", place.file(c"table", &content[..5028], 0o644)).is_none() {
        return;
    }
    // SAFETY: as in `read`.
    unsafe {
        let stream = setmntent(c"table".as_ptr(), c"r".as_ptr());
        let first = getmntent(stream).as_ref();
        o.fact("options_bytes", first.map(|entry| CStr::from_ptr(entry.strings[3]).to_bytes().len()));
        o.fact("numbers", first.map(|entry| heap::format!("{} {}", entry.numbers[0], entry.numbers[1])));
        o.fact("next", told(getmntent(stream)));
    }
}

/// `getmntent_r` with a buffer of 20 bytes.
pub fn read_short(o: &mut Outcome) {
    let Some(place) = o.need("making a folder", Place::enter()) else { return };
    let laid = place.file(c"table", b"device /mount/point ext4 rw 1 2\nnext /next ext4 rw 0 0\n", 0o644);
    if o.need("writing a table", laid).is_none() {
        return;
    }
    let mut buffer = [0 as c_char; 24];
    // SAFETY: as in `read`; the buffer is writable for its length.
    unsafe {
        let stream = setmntent(c"table".as_ptr(), c"r".as_ptr());
        let mut entry: Entry = core::mem::zeroed();
        o.fact("first", told(getmntent_r(stream, &mut entry, buffer.as_mut_ptr(), 24)));
        o.fact("next", told(getmntent_r(stream, &mut entry, buffer.as_mut_ptr(), 24)));
    }
}

/// `addmntent` of names with blanks, a tab and a backslash.
pub fn write(o: &mut Outcome) {
    let Some(place) = o.need("making a folder", Place::enter()) else { return };
    let strings = [c"a b", c"/c\td\\e#f", c"ext4", c"rw"].map(|s| s.as_ptr().cast_mut());
    let mut buffer = [0u8; 256];
    // SAFETY: strings are terminated and only read; the descriptor is this function's own.
    unsafe {
        let stream = setmntent(c"table".as_ptr(), c"a".as_ptr());
        o.fact("addmntent", addmntent(stream, &Entry { strings, numbers: [1, 2] }));
        endmntent(stream);
        let fd = libc::open(c"table".as_ptr(), libc::O_RDONLY);
        let length = libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len());
        libc::close(fd);
        let line = buffer.get(..usize::try_from(length).unwrap_or(0)).unwrap_or_default();
        o.fact("line", heap::format!("{:?}", text::bytes(line)));
    }
    drop(place);
}

/// `hasmntopt` of these, in `rw,noatime,size=10,user_xattr`.
pub fn option(o: &mut Outcome) {
    let strings = [c"d", c"/m", c"ext4", c"rw,noatime,size=10,user_xattr"].map(|s| s.as_ptr().cast_mut());
    let entry = Entry { strings, numbers: [0, 0] };
    for name in [c"rw", c"atime", c"size", c"size=10", c"user", c"user_xattr", c"w", c""] {
        // SAFETY: strings are terminated and only read.
        let found = unsafe { string(hasmntopt(&entry, name.as_ptr())) };
        o.fact(&name.to_string_lossy(), found);
    }
}

/// `setmntent` of a file that is not there, and `endmntent` of no stream.
pub fn missing(o: &mut Outcome) {
    // SAFETY: the strings are terminated; a null stream is what glibc's manual allows.
    unsafe {
        let stream = setmntent(c"/nowhere".as_ptr(), c"r".as_ptr());
        o.fact("setmntent", if stream.is_null() { text::errno(crate::sys::call::errno()) } else { "opened".into() });
        o.fact("endmntent_null", endmntent(core::ptr::null_mut()));
    }
}
