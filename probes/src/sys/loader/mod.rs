//! The loader: scripts of `dlopen` and its relatives, and little programs that it starts.
//!
//! What is loaded are objects of our own (`probes/build/objects`), in a folder beside the probes. Every script runs in a
//! child with that folder as its working directory, so that paths, and with them messages, are the same everywhere.

pub mod inquiry;
pub mod library;
pub mod program;
pub mod script;

use heap::ffi::CString;
use heap::string::String;
use heap::vec::Vec;

use super::call::{Errno, check, errno};

/// The family whose objects are used: they differ in the loader that programs ask for.
const FAMILY: &str = if cfg!(target_env = "gnu") { "gnu" } else { "musl" };

/// Where an image has the probes.
const INSIDE: &str = "/.libcdiff/";

/// A string of a table, for C.
fn c(text: &str) -> CString {
    CString::new(text).expect("strings of tables hold no NUL")
}

/// What `/proc/self/exe` names.
fn executable() -> Result<String, Errno> {
    let mut path = [0u8; 4096];
    // SAFETY: the buffer is writable for its length.
    let length = unsafe { libc::readlink(c"/proc/self/exe".as_ptr(), path.as_mut_ptr().cast(), path.len()) };
    let length = usize::try_from(length).map_err(|_| Errno(errno()))?;
    Ok(String::from_utf8_lossy(&path[..length]).into_owned())
}

/// Whether this program runs inside an image, whose folders are a case's own to write to.
pub fn inside() -> bool {
    executable().is_ok_and(|path| path.starts_with(INSIDE))
}

/// The folder of the objects: `../objects/FAMILY`, seen from the program's folder.
fn objects() -> Result<String, Errno> {
    let path = executable()?;
    let mut folders: Vec<&str> = path.split('/').collect();
    folders.truncate(folders.len().saturating_sub(2));
    Ok(heap::format!("{}/objects/{FAMILY}", folders.join("/")))
}

/// Enters the folder of the objects.
pub fn enter_objects() -> Result<(), Errno> {
    let folder = objects()?;
    // SAFETY: the string is terminated.
    check(unsafe { libc::chdir(c(&folder).as_ptr()) }).map(drop)
}

/// A text without what varies from run to run: addresses, the path of this program, and that of the objects.
fn canonical(text: &str) -> String {
    let text = match (executable(), objects()) {
        (Ok(path), Ok(folder)) => text.replace(&path, "PROGRAM").replace(&folder, "OBJECTS"),
        _ => text.into(),
    };
    let mut parts = text.split("0x");
    let mut out = String::from(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str("ADDRESS");
        out.push_str(part.trim_start_matches(|ch: char| ch.is_ascii_hexdigit()));
    }
    out
}
