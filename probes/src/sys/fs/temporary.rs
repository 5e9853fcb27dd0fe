//! Temporary names: which templates are accepted, and what is made of them.

use core::ffi::{CStr, c_char, c_int};
use heap::string::String;
use heap::vec::Vec;

use crate::outcome::{Outcome, Value};
use crate::sys::call::{errno, said, set_errno};
use crate::sys::place::Place;
use crate::text;

/// A function that fills a template.
#[derive(Clone, Copy, Debug)]
pub enum Make {
    /// `mkstemp`
    File,
    /// `mkstemps` with a suffix of two letters.
    Suffixed,
    /// `mkdtemp`
    Folder,
    /// `mktemp`
    Name,
}

unsafe extern "C" {
    fn mktemp(template: *mut c_char) -> *mut c_char;
    fn tempnam(folder: *const c_char, prefix: *const c_char) -> *mut c_char;
}

/// Fills these templates and tells the answer, and the template where it was refused.
pub fn templates(o: &mut Outcome, make: Make, templates: &[&CStr]) {
    let Some(_place) = o.need("making a folder", Place::enter()) else { return };
    let mut rows: Vec<(String, Value)> = Vec::new();
    for template in templates {
        let mut buffer = [0u8; 64];
        buffer[..template.to_bytes().len()].copy_from_slice(template.to_bytes());
        let at: *mut c_char = buffer.as_mut_ptr().cast();
        set_errno(0);
        // SAFETY: the template is writable and terminated.
        let answer = unsafe {
            match make {
                Make::File => made(libc::mkstemp(at) >= 0),
                Make::Suffixed => made(libc::mkstemps(at, 2) >= 0),
                Make::Folder => made(!libc::mkdtemp(at).is_null()),
                Make::Name if *mktemp(at) == 0 => heap::format!("empty {}", text::errno(errno())),
                Make::Name => "made".into(),
            }
        };
        let kept = buffer.starts_with(template.to_bytes());
        let suffix = if answer == "made" || kept { "" } else { ", template changed" };
        rows.push((heap::format!("`{}`", template.to_string_lossy()), heap::format!("{answer}{suffix}").into()));
    }
    o.table("answers", rows);
}

fn made(well: bool) -> String {
    if well { "made".into() } else { text::errno(errno()) }
}

/// Which kinds of characters a hundred names of `mkstemp` are made of, and the mode of the file.
pub fn letters(o: &mut Outcome) {
    let Some(_place) = o.need("making a folder", Place::enter()) else { return };
    let (mut digits, mut upper, mut lower, mut beyond_p) = (false, false, false, false);
    for _ in 0..100 {
        let mut template = *b"XXXXXX\0";
        // SAFETY: the template is writable and terminated; the descriptor is closed once.
        unsafe {
            let fd = libc::mkstemp(template.as_mut_ptr().cast());
            libc::fchmod(fd, 0o600);
            libc::close(fd);
        }
        for byte in &template[..6] {
            digits |= byte.is_ascii_digit();
            upper |= byte.is_ascii_uppercase();
            lower |= byte.is_ascii_lowercase();
            beyond_p |= byte.is_ascii_alphabetic() && byte.to_ascii_lowercase() > b'p';
        }
    }
    o.fact("digits", digits);
    o.fact("upper_case", upper);
    o.fact("lower_case", lower);
    o.fact("letters_beyond_p", beyond_p);
}

/// `mkostemp` with flags, and whether the file is closed on exec.
pub fn flags(o: &mut Outcome) {
    let Some(_place) = o.need("making a folder", Place::enter()) else { return };
    for (name, flags) in [
        ("none", 0),
        ("O_CLOEXEC", libc::O_CLOEXEC),
        ("O_APPEND", libc::O_APPEND),
        ("O_RDONLY_and_O_TRUNC", libc::O_TRUNC),
    ] {
        let mut template = *b"XXXXXX\0";
        set_errno(0);
        // SAFETY: the template is writable and terminated.
        unsafe {
            let fd = libc::mkostemp(template.as_mut_ptr().cast(), flags);
            if fd < 0 {
                o.fact(name, said(fd));
                continue;
            }
            let closed: c_int = libc::fcntl(fd, libc::F_GETFD) & libc::FD_CLOEXEC;
            let append = libc::fcntl(fd, libc::F_GETFL) & libc::O_APPEND;
            o.fact(name, heap::format!("closed on exec: {}, appends: {}", closed != 0, append != 0));
        }
    }
}

/// `tempnam`: which folder it takes, of TMPDIR, its argument and /tmp. TMPDIR is the folder `by-variable`, which exists.
pub fn names(o: &mut Outcome) {
    let Some(place) = o.need("making a folder", Place::enter()) else { return };
    let made = place.folder(c"by-variable").and_then(|()| place.folder(c"by-argument"));
    if o.need("making folders", made).is_none() {
        return;
    }
    // SAFETY: the process has one thread; strings are terminated; results are read at once.
    unsafe {
        libc::setenv(c"TMPDIR".as_ptr(), c"by-variable".as_ptr(), 1);
        for (name, folder) in [
            ("folder_named", c"by-argument".as_ptr()),
            ("folder_missing", c"nowhere".as_ptr()),
            ("no_folder", core::ptr::null()),
        ] {
            set_errno(0);
            let found = tempnam(folder, c"pre".as_ptr());
            let found =
                if found.is_null() { text::errno(errno()) } else { text::bytes(CStr::from_ptr(found).to_bytes()) };
            let (folder, file) = found.rsplit_once('/').unwrap_or((&found, ""));
            o.fact(
                name,
                heap::format!("{folder}, {}", if file.starts_with("pre") { "with the prefix" } else { "without it" }),
            );
        }
    }
}
