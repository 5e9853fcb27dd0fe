//! Expressions and patterns for a program that asks about a million of them: what is compiled is kept, what is allocated
//! is freed.

use core::ffi::{CStr, c_char, c_int};
use core::mem::MaybeUninit;
use heap::ffi::CString;
use heap::vec::Vec;

use super::{Execute, Found, PLACES};
use crate::newest;
use crate::sys::call::errno;
use crate::sys::kept::{Kept, Name};
use crate::sys::locale::kept::Characters;

/// Most bytes of a pattern.
const PATTERN_BYTES: usize = 512;

/// An expression and what it was made of.
struct Slot {
    pattern: Name<PATTERN_BYTES>,
    flags: i32,
    characters: Characters,
    /// What `regcomp` returned.
    code: i32,
    regex: MaybeUninit<libc::regex_t>,
}

const EMPTY: Slot =
    Slot { pattern: Name::NONE, flags: 0, characters: Characters::Plain, code: -1, regex: MaybeUninit::zeroed() };

/// Two of them, the one used last first: one for a run of inputs, and one for those in between that were changed.
static SLOTS: Kept<[Slot; 2]> = Kept::new([EMPTY; 2]);
static EXECUTE: Kept<Option<Execute>> = Kept::new(None);

/// What `regcomp` and `regexec` said of a pattern and a text.
pub struct Asked {
    /// What `regcomp` returned.
    pub compiled: i32,
    /// `re_nsub` and what `regexec` did, where the pattern was compiled.
    pub found: Option<(usize, Found)>,
}

/// `regcomp`, unless this very expression was compiled before, and `regexec`. The locale is the one that is set. `None`
/// where the pattern is too long to be kept.
pub fn ask(pattern: &CStr, flags: i32, characters: Characters, text: &CStr, how: i32) -> Option<Asked> {
    let name = Name::of(pattern.to_bytes())?;
    let execute = EXECUTE.with(|found| {
        if found.is_none() {
            // SAFETY: the signature is the one of the C headers.
            #[allow(unused_unsafe, reason = "only the look-up in glibc is unsafe")]
            let newest = unsafe { newest!(libc::regexec, c"regexec", Execute) };
            *found = newest;
        }
        *found
    })?;
    SLOTS.with(|slots| {
        let is = |slot: &Slot| slot.pattern == name && slot.flags == flags && slot.characters == characters;
        if !is(&slots[0]) {
            slots.swap(0, 1);
        }
        if !is(&slots[0]) {
            slots[0].compile(name, pattern, flags, characters);
        }
        let slot = &slots[0];
        let found = (slot.code == 0).then(|| (slot.subexpressions(), slot.execute(execute, text, how)));
        Some(Asked { compiled: slot.code, found })
    })
}

impl Slot {
    fn compile(&mut self, name: Name<PATTERN_BYTES>, pattern: &CStr, flags: i32, characters: Characters) {
        if self.code == 0 {
            // SAFETY: the expression was compiled, and is overwritten below.
            unsafe { libc::regfree(self.regex.as_mut_ptr()) };
        }
        self.regex = MaybeUninit::zeroed();
        // SAFETY: the pattern is terminated, the place is writable.
        self.code = unsafe { libc::regcomp(self.regex.as_mut_ptr(), pattern.as_ptr(), flags) };
        (self.pattern, self.flags, self.characters) = (name, flags, characters);
    }

    fn subexpressions(&self) -> usize {
        // SAFETY: the expression is compiled. Where the field is stands in `super::Regex`.
        unsafe { super::subexpressions(self.regex.as_ptr()) }
    }

    fn execute(&self, execute: Execute, text: &CStr, flags: i32) -> Found {
        let mut places = [libc::regmatch_t { rm_so: -7, rm_eo: -7 }; PLACES];
        // SAFETY: the expression is compiled, the text terminated, and there are as many places as said.
        let code = unsafe { execute(self.regex.as_ptr(), text.as_ptr(), PLACES, places.as_mut_ptr(), flags) };
        #[allow(clippy::unnecessary_cast, reason = "regoff_t has 32 bits in glibc and 64 in musl")]
        Found { code, places: places.map(|p| (p.rm_so as i64, p.rm_eo as i64)) }
    }
}

type Glob = unsafe extern "C" fn(
    *const c_char,
    c_int,
    Option<extern "C" fn(*const c_char, c_int) -> c_int>,
    *mut libc::glob_t,
) -> c_int;

static GLOB: Kept<Option<Glob>> = Kept::new(None);

/// `glob` of one pattern after the other into one list, which is freed: what the last call returned, and the paths where it
/// returned 0.
pub fn glob(patterns: &[CString], flags: i32) -> Option<(i32, Vec<Vec<u8>>)> {
    let glob = GLOB.with(|found| {
        if found.is_none() {
            // SAFETY: the signature is the one of the C headers.
            #[allow(unused_unsafe, reason = "only the look-up in glibc is unsafe")]
            let newest = unsafe { newest!(libc::glob, c"glob", Glob) };
            *found = newest;
        }
        *found
    })?;
    let mut list = MaybeUninit::<libc::glob_t>::zeroed();
    let mut code = 0;
    for (i, pattern) in patterns.iter().enumerate() {
        let flags = if i == 0 { flags } else { flags | libc::GLOB_APPEND };
        // SAFETY: the pattern is terminated; the list is zeroed or what the last call made.
        code = unsafe { glob(pattern.as_ptr(), flags, None, list.as_mut_ptr()) };
        if code != 0 {
            break;
        }
    }
    // SAFETY: the list was zeroed before the calls; after one that returned 0 it has so many terminated strings. It is
    // freed after the last use.
    unsafe {
        let about = list.assume_init_ref();
        let count = if code == 0 && !about.gl_pathv.is_null() { about.gl_pathc } else { 0 };
        let paths = (0..count).map(|i| CStr::from_ptr(*about.gl_pathv.add(i)).to_bytes().to_vec()).collect();
        libc::globfree(list.as_mut_ptr());
        Some((code, paths))
    }
}

/// Whether the files that patterns are to find were laid out.
static LAID: Kept<Option<bool>> = Kept::new(None);

/// Lays out files below the working directory, once in a process, and makes the working directory the one with most of
/// them: false where that fails. Above it are folders enough for patterns that go up.
pub fn lay() -> bool {
    LAID.with(|laid| *laid.get_or_insert_with(laid_out))
}

fn laid_out() -> bool {
    const ABOVE: [&CStr; 6] = [c"1", c"2", c"3", c"4", c"5", c"box"];
    const FOLDERS: [&CStr; 3] = [c"dir", c"dir/.deep", c"b.d"];
    const FILES: [&CStr; 13] = [
        c"a",
        c"b",
        c"B",
        c"ab",
        c"a.c",
        c"b.c",
        c".a",
        c"st*r",
        c"{a,b}",
        c"\xc3\xa9",
        c"\\",
        c"dir/a",
        c"dir/.hidden",
    ];
    const LINKS: [(&CStr, &CStr); 3] = [(c"link", c"dir"), (c"broken", c"gone-for-good"), (c"loop", c"loop")];
    // A child that ended early has laid them out for the next one.
    let fine = |result: c_int| result != -1 || errno() == libc::EEXIST;
    let folder = |name: &CStr| {
        // SAFETY: the name is terminated.
        fine(unsafe { libc::mkdir(name.as_ptr(), 0o755) })
    };
    let file = |name: &CStr| {
        // SAFETY: the name is terminated; the descriptor is this function's own.
        unsafe { libc::close(libc::open(name.as_ptr(), libc::O_CREAT | libc::O_WRONLY | libc::O_CLOEXEC, 0o644)) == 0 }
    };
    let link = |(name, to): &(&CStr, &CStr)| {
        // SAFETY: both names are terminated.
        fine(unsafe { libc::symlink(to.as_ptr(), name.as_ptr()) })
    };
    // SAFETY: the name is terminated.
    let inside = ABOVE.iter().all(|name| folder(name) && unsafe { libc::chdir(name.as_ptr()) } == 0);
    inside && FOLDERS.iter().all(|name| folder(name)) && FILES.iter().all(|name| file(name)) && LINKS.iter().all(link)
}
