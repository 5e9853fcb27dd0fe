//! Walking a tree with `ftw` and `nftw`: what each entry is called, in which order, and what stops the walk.
//!
//! The tree is a chain, with one entry in each folder, since the order of entries in a folder is the file system's.

use core::cell::RefCell;
use core::ffi::{CStr, c_char, c_int, c_void};
use heap::string::String;
use heap::vec::Vec;

use crate::outcome::Outcome;
use crate::sys::call::{said, set_errno};
use crate::sys::place::Place;
use crate::text;

#[repr(C)]
struct Position {
    base: c_int,
    level: c_int,
}

type Visit = unsafe extern "C" fn(*const c_char, *const c_void, c_int, *const Position) -> c_int;

unsafe extern "C" {
    fn nftw(path: *const c_char, visit: Visit, descriptors: c_int, flags: c_int) -> c_int;
    fn ftw(
        path: *const c_char,
        visit: unsafe extern "C" fn(*const c_char, *const c_void, c_int) -> c_int,
        n: c_int,
    ) -> c_int;
}

/// FTW_PHYS, FTW_CHDIR, FTW_DEPTH, FTW_ACTIONRETVAL: alike in both families, except for the last, which is glibc's.
pub const PHYS: c_int = 1;
/// See [`PHYS`].
pub const CHDIR: c_int = 4;
/// See [`PHYS`].
pub const DEPTH: c_int = 8;
/// See [`PHYS`].
pub const ACTION: c_int = 16;

/// What the visitor says, and has seen. A case has one thread.
struct Walk {
    seen: Vec<String>,
    answer: c_int,
    at: &'static str,
}

struct Only(RefCell<Walk>);
// SAFETY: the probe has one thread.
unsafe impl Sync for Only {}
static WALK: Only = Only(RefCell::new(Walk { seen: Vec::new(), answer: 0, at: "" }));

/// The names of what an entry can be. The numbers are not alike in the two families.
const KINDS: [&str; 8] = {
    #[cfg(target_env = "gnu")]
    let kinds = ["FTW_F", "FTW_D", "FTW_DNR", "FTW_NS", "FTW_SL", "FTW_DP", "FTW_SLN", "7"];
    #[cfg(not(target_env = "gnu"))]
    let kinds = ["0", "FTW_F", "FTW_D", "FTW_DNR", "FTW_NS", "FTW_SL", "FTW_DP", "FTW_SLN"];
    kinds
};

unsafe extern "C" fn visit(path: *const c_char, _: *const c_void, kind: c_int, position: *const Position) -> c_int {
    // SAFETY: the walk passes a terminated path and a position.
    let (path, position) = unsafe { (text::bytes(CStr::from_ptr(path).to_bytes()), &*position) };
    note(path, kind, Some(position))
}

unsafe extern "C" fn visit_plain(path: *const c_char, _: *const c_void, kind: c_int) -> c_int {
    // SAFETY: as above.
    note(unsafe { text::bytes(CStr::from_ptr(path).to_bytes()) }, kind, None)
}

fn note(path: String, kind: c_int, position: Option<&Position>) -> c_int {
    let kind = usize::try_from(kind).ok().and_then(|n| KINDS.get(n)).unwrap_or(&"?");
    let place = position.map_or(String::new(), |p| heap::format!(" base {} level {}", p.base, p.level));
    let mut walk = WALK.0.borrow_mut();
    let answer = if path == walk.at { walk.answer } else { 0 };
    // A walk that never ends is cut off.
    if walk.seen.len() >= 20 {
        return 99;
    }
    walk.seen.push(heap::format!("{path} {kind}{place}"));
    answer
}

/// What is in the tree.
#[derive(Clone, Copy, Debug)]
pub enum Tree {
    /// `top/middle/file`
    Chain,
    /// `top/link`, which leads to nothing.
    Dangling,
    /// `top/link`, which leads to a folder beside it that holds a file.
    Link,
    /// `top/link`, which leads back to `top`.
    Back,
    /// `top/shut`, a folder that cannot be read.
    Shut,
    /// Nothing at all.
    Missing,
    /// `top` is a file.
    File,
}

fn lay(tree: Tree) -> Result<Place, crate::sys::call::Errno> {
    let place = Place::enter()?;
    if matches!(tree, Tree::File) {
        place.file(c"top", b"", 0o644)?;
    } else if !matches!(tree, Tree::Missing) {
        place.folder(c"top")?;
    }
    match tree {
        Tree::Chain => {
            place.folder(c"top/middle")?;
            place.file(c"top/middle/file", b"", 0o644)?;
        }
        Tree::Dangling => place.link(c"top/link", c"nowhere")?,
        Tree::Link => {
            place.folder(c"beside")?;
            place.file(c"beside/file", b"", 0o644)?;
            place.link(c"top/link", c"../beside")?;
        }
        Tree::Back => place.link(c"top/link", c"../top")?,
        Tree::Shut => {
            place.folder(c"top/shut")?;
            // SAFETY: the path is terminated.
            unsafe { libc::chmod(c"top/shut".as_ptr(), 0) };
        }
        Tree::Missing | Tree::File => {}
    }
    Ok(place)
}

/// `nftw` of a tree with these flags; at the path `at`, the visitor answers `answer`.
pub fn tree(o: &mut Outcome, tree: Tree, flags: c_int, at: &'static str, answer: c_int) {
    // SAFETY: the path is terminated, and the visitor has the signature of ftw.h.
    walked(o, tree, at, answer, || unsafe { nftw(c"top".as_ptr(), visit, 10, flags) });
}

/// `ftw` of a tree.
pub fn plain(o: &mut Outcome, tree: Tree) {
    // SAFETY: as above.
    walked(o, tree, "", 0, || unsafe { ftw(c"top".as_ptr(), visit_plain, 10) });
}

/// `nftw` with so many descriptors.
pub fn descriptors(o: &mut Outcome, count: c_int) {
    // SAFETY: as above.
    walked(o, Tree::Chain, "", 0, || unsafe { nftw(c"top".as_ptr(), visit, count, PHYS) });
}

fn walked(o: &mut Outcome, tree: Tree, at: &'static str, answer: c_int, call: impl FnOnce() -> c_int) {
    let Some(_place) = o.need("laying out a tree", lay(tree)) else { return };
    *WALK.0.borrow_mut() = Walk { seen: Vec::new(), answer, at };
    set_errno(0);
    let returned = said(call());
    for line in &WALK.0.borrow().seen {
        o.line(line);
    }
    o.fact("returned", returned);
}
