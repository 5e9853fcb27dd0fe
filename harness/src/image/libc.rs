//! Which C libraries an image holds, and which of them its own programs use: found by looking, never by a name.
//!
//! A loader counts by what its bytes are. `/lib64/ld-linux-x86-64.so.2` may be glibc's, a link to musl's, or gcompat's; a
//! glibc distribution may carry the musl package, and an Alpine may carry glibc. Nothing of the image is run.

use std::{collections::HashMap, fmt, path::Path};

use memchr::memmem;
use serde::{Deserialize, Serialize};

use super::{
    arch::Arch,
    elf::Elf,
    view::{Found, View},
};

/// Whose C library it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(from = "String", into = "String")]
pub enum Family {
    /// The GNU C library.
    Glibc,
    /// musl.
    Musl,
    /// Another, by its name: `uclibc`, `bionic`, `gcompat`, or the file name of an unknown loader.
    Other(String),
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Glibc => "glibc",
            Self::Musl => "musl",
            Self::Other(name) => name,
        })
    }
}

impl From<String> for Family {
    fn from(name: String) -> Self {
        match name.as_str() {
            "glibc" => Self::Glibc,
            "musl" => Self::Musl,
            _ => Self::Other(name),
        }
    }
}

impl From<Family> for String {
    fn from(family: Family) -> Self {
        family.to_string()
    }
}

/// A C library that programs can be started with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Libc {
    /// Whose it is.
    pub family: Family,
    /// As it says itself: `2.36`, `1.2.5`; `None` where it does not say.
    pub version: Option<String>,
    /// The loader, by the path that programs name it.
    pub interpreter: String,
}

impl Libc {
    /// Whether its loader is where compilers tell programs to look; if not, only programs made for this very image start.
    pub fn is_where_programs_look(&self) -> bool {
        Arch::all().iter().any(|arch| arch.loader(&self.family) == Some(self.interpreter.as_str()))
    }
}

/// Why one of the C libraries is called the image's own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// The image's programs ask for it.
    Programs {
        /// How many ask for it.
        asking: usize,
        /// Out of how many that ask for any in the image.
        of: usize,
    },
    /// It is the only one, and no program asks for any.
    Only,
    /// There are several, no program asks for any, and it is the first of them.
    First,
    /// There is none: only static programs can run.
    Absent,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Programs { asking, of } => write!(f, "{asking} of {of} programs of the image ask for it"),
            Self::Only => f.write_str("it is the only C library in the image; no program asks for one"),
            Self::First => {
                f.write_str("the image holds several C libraries and no program that tells which is its own")
            }
            Self::Absent => f.write_str("the image holds no C library: only static programs can run in it"),
        }
    }
}

/// What looking into an image found.
#[derive(Debug)]
pub(crate) struct Libraries {
    /// Those for the architecture below.
    pub libcs: Vec<Libc>,
    /// The image's own among them.
    pub own: Option<usize>,
    /// Why that one.
    pub evidence: Evidence,
    /// The files that the verdict rests on, by their paths inside.
    pub files: Vec<String>,
    /// What the image's programs are for, this machine where it holds some for that: `None` where it holds neither a loader nor a program.
    pub arch: Option<Machine>,
}

/// What a program was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Machine {
    Known(&'static Arch),
    Unknown,
}

impl From<&Elf> for Machine {
    fn from(elf: &Elf) -> Self {
        elf.arch.map_or(Self::Unknown, Self::Known)
    }
}

/// Programs that speak for an image: what nearly every one has, and what each package manager brings.
const SPEAKERS: [&str; 15] = [
    "/bin/sh",
    "/bin/busybox",
    "/bin/ls",
    "/bin/cat",
    "/bin/bash",
    "/bin/mount",
    "/usr/bin/env",
    "/usr/bin/id",
    "/usr/bin/getent",
    "/usr/bin/dpkg",
    "/usr/bin/rpm",
    "/usr/bin/pacman",
    "/usr/bin/xbps-query",
    "/sbin/apk",
    "/usr/bin/apk",
];
/// Where programs lie in an image that has none of those.
const PROGRAM_FOLDERS: [&str; 8] =
    ["/", "/bin", "/usr/bin", "/sbin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/app"];
/// How many files of each such folder are looked at.
const PROGRAMS: usize = 200;
/// Where loaders lie beside the paths that compilers know.
const LOADER_FOLDERS: [&str; 7] =
    ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/glibc-compat/lib", "/system/bin"];
/// How the names of loaders begin.
const LOADER_NAMES: [&str; 7] = ["ld-linux", "ld-musl-", "ld64.so", "ld.so.1", "ld-uClibc", "ld64-uClibc", "linker"];
/// More than any loader or C library has.
const LIBRARY_BYTES: u64 = 64 << 20;

type FileId = (u64, u64);

/// A dynamic program or loader, and what it is called.
struct Seen {
    path: String,
    found: Found,
    elf: Elf,
}

/// Looks for the C libraries of `view`.
pub(crate) fn look(view: &View) -> Libraries {
    let programs = programs(view);
    let loaders = loaders(view, &programs);
    let machines: Vec<Machine> = loaders.iter().chain(&programs).map(|seen| Machine::from(&seen.elf)).collect();
    let native = machines.iter().find(|m| **m == Machine::Known(Arch::native()));
    let machine = native.or(machines.first()).copied();
    let arch = match machine {
        Some(Machine::Known(arch)) => arch,
        _ => Arch::native(),
    };
    let mut libcs = Vec::new();
    let mut files = Vec::new();
    let mut index = HashMap::new();
    for loader in loaders.iter().filter(|l| l.elf.arch == Some(arch)) {
        if let Some((libc, file)) = identify(view, loader, arch) {
            index.insert(id(&loader.found), libcs.len());
            libcs.push(libc);
            files.push(file);
        }
    }
    let programs: Vec<Seen> = programs.into_iter().filter(|p| p.elf.arch == Some(arch)).collect();
    let (own, evidence) = own(view, &programs, &index, libcs.len());
    Libraries { libcs, own, evidence, files, arch: machine }
}

/// The C library whose loader a program below `root` asks for by this path; `None` where nothing like a loader is there.
pub fn asked_for(root: &Path, interpreter: &str) -> Option<Libc> {
    loader_at(&View::open(root).ok()?, interpreter, Arch::native())
}

/// The same in a view, for programs of any architecture.
pub(crate) fn loader_at(view: &View, interpreter: &str, arch: &Arch) -> Option<Libc> {
    Some(identify(view, &see(view, interpreter.to_owned())?, arch)?.0)
}

fn id(found: &Found) -> FileId {
    use std::os::unix::fs::MetadataExt;
    (found.meta.dev(), found.meta.ino())
}

fn see(view: &View, path: String) -> Option<Seen> {
    let found = view.file(&path)?;
    let elf = Elf::read(&found.file).filter(|elf| elf.loadable)?;
    Some(Seen { path, found, elf })
}

/// Keeps the first name of each file.
fn distinct(seen: impl Iterator<Item = Seen>) -> Vec<Seen> {
    let mut known = std::collections::HashSet::new();
    seen.filter(|s| known.insert(id(&s.found))).collect()
}

/// The programs that speak for the image.
fn programs(view: &View) -> Vec<Seen> {
    let known = distinct(SPEAKERS.iter().filter_map(|path| see(view, (*path).into())));
    if !known.is_empty() {
        return known;
    }
    distinct(PROGRAM_FOLDERS.iter().flat_map(|folder| {
        let names = view.names(folder).into_iter().take(PROGRAMS);
        names.filter_map(move |name| see(view, Path::new(folder).join(name).to_string_lossy().into_owned()))
    }))
}

/// Every loader in the image, for any architecture, each under the path that programs name it by.
fn loaders(view: &View, programs: &[Seen]) -> Vec<Seen> {
    let native = Arch::native();
    let usual = [native.glibc, native.musl].map(String::from);
    let asked = programs.iter().filter_map(|p| p.elf.interpreter.clone()).filter(|path| path.starts_with('/'));
    let others = Arch::all().iter().flat_map(|arch| [arch.glibc, arch.musl].map(String::from));
    let folders = LOADER_FOLDERS.iter().map(|f| f.to_string());
    let triplets =
        Arch::all().iter().flat_map(|arch| ["/lib", "/usr/lib"].map(|lib| format!("{lib}/{}", arch.triplet)));
    let folders = folders.chain(triplets);
    let strays = folders.flat_map(|folder| {
        let names = view.names(&folder).into_iter().map(|name| name.to_string_lossy().into_owned());
        let names = names.filter(|name| LOADER_NAMES.iter().any(|start| name.starts_with(start)));
        names.map(move |name| format!("{folder}/{name}"))
    });
    let paths = usual.into_iter().chain(asked).chain(others).chain(strays);
    distinct(paths.filter_map(|path| see(view, path)))
}

/// Whose loader it is, of which version, and the file that says so. `None` for a glibc loader without its libc.so.6, which
/// starts nothing.
fn identify(view: &View, loader: &Seen, arch: &Arch) -> Option<(Libc, String)> {
    let bytes = loader.found.bytes(LIBRARY_BYTES)?;
    let has = |text: &str| memmem::find(&bytes, text.as_bytes()).is_some();
    let file_name = || loader.found.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let own_path = || loader.found.path.to_string_lossy().into_owned();
    let (family, version, file) = if has("musl libc") {
        (Family::Musl, musl_version(&bytes), own_path())
    } else if has("GLIBC_PRIVATE") {
        let libc = glibc_library(view, loader, arch)?;
        let version = glibc_version(&libc.bytes(LIBRARY_BYTES)?);
        (Family::Glibc, version, libc.path.to_string_lossy().into_owned())
    } else {
        let names = [("gcompat", "gcompat"), ("uClibc", "uclibc"), ("bionic", "bionic")];
        let name = names.iter().find(|(text, _)| has(text)).map(|(_, name)| (*name).into());
        (Family::Other(name.unwrap_or_else(file_name)), None, own_path())
    };
    // It may have been met under another's name first: packages for compatibility link glibc's to musl's loader.
    let is_same = |path: &&str| view.file(path).is_some_and(|found| id(&found) == id(&loader.found));
    let interpreter = arch.loader(&family).filter(is_same).unwrap_or(&loader.path).to_owned();
    Some((Libc { family, version, interpreter }, file))
}

/// The libc.so.6 that a glibc loader would load: beside the loader itself, or in the folders it is built to search.
fn glibc_library(view: &View, loader: &Seen, arch: &Arch) -> Option<Found> {
    let triplet = arch.triplet;
    let beside = [loader.found.path.as_path(), Path::new(&loader.path)].map(|path| path.with_file_name("libc.so.6"));
    let folders = [
        format!("/lib/{triplet}"),
        format!("/usr/lib/{triplet}"),
        "/lib64".into(),
        "/usr/lib64".into(),
        "/lib".into(),
        "/usr/lib".into(),
    ];
    let paths = beside.into_iter().chain(folders.iter().map(|folder| Path::new(folder).join("libc.so.6")));
    paths.filter_map(|path| view.file(path)).find(|found| {
        // A musl distribution's compatibility package may give its own library this name.
        let bytes = found.bytes(LIBRARY_BYTES).unwrap_or_default();
        Elf::read(&found.file).is_some_and(|elf| elf.arch == loader.elf.arch)
            && memmem::find(&bytes, b"GNU C Library").is_some()
    })
}

/// The version in glibc's banner: `GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.`
fn glibc_version(bytes: &[u8]) -> Option<String> {
    let banner = &bytes[memmem::find(bytes, b"GNU C Library")?..];
    let banner = &banner[..banner.len().min(256)];
    let words = b"release version ";
    let version = &banner[memmem::find(banner, words)? + words.len()..];
    let end = version.iter().position(|c| !matches!(c, b'0'..=b'9' | b'.')).unwrap_or(version.len());
    let version = String::from_utf8_lossy(&version[..end]);
    Some(version.trim_end_matches('.').to_owned()).filter(|v| !v.is_empty())
}

/// The version that musl keeps for its loader's usage message: digits and dots between two bytes that are no text.
fn musl_version(bytes: &[u8]) -> Option<String> {
    let is_start = |at: usize| at == 0 || !(b' '..=b'~').contains(&bytes[at - 1]);
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii_digit() && is_start(at) {
            let text = &bytes[at..bytes.len().min(at + 64)];
            let text = &text[..text.iter().position(|c| *c == 0).unwrap_or(0)];
            if is_version(text) {
                return Some(String::from_utf8_lossy(text).into_owned());
            }
        }
        at += 1;
    }
    None
}

/// `1.2.5`, or as built from a repository, `1.2.5-git-12-g0123abcd`.
fn is_version(text: &[u8]) -> bool {
    let (numbers, rest) = match memmem::find(text, b"-git-") {
        Some(at) => (&text[..at], &text[at + 5..]),
        None => (text, &b"0"[..]),
    };
    let parts: Vec<&[u8]> = numbers.split(|c| *c == b'.').collect();
    parts.len() == 3
        && parts.iter().all(|p| (1..=3).contains(&p.len()) && p.iter().all(u8::is_ascii_digit))
        && !rest.is_empty()
        && rest.iter().all(|c| c.is_ascii_alphanumeric() || *c == b'-')
}

/// Which of the C libraries most of the image's programs ask for; in a tie, the one asked for first (`/bin/sh` leads the list).
fn own(view: &View, programs: &[Seen], index: &HashMap<FileId, usize>, libcs: usize) -> (Option<usize>, Evidence) {
    let votes: Vec<usize> = programs
        .iter()
        .filter_map(|p| view.file(p.elf.interpreter.as_ref()?))
        .filter_map(|loader| index.get(&id(&loader)).copied())
        .collect();
    let count = |libc: usize| votes.iter().filter(|v| **v == libc).count();
    // The last of equals wins max_by_key, hence the reversal.
    match (votes.iter().rev().copied().max_by_key(|v| count(*v)), libcs) {
        (Some(most), _) => (Some(most), Evidence::Programs { asking: count(most), of: votes.len() }),
        (None, 0) => (None, Evidence::Absent),
        (None, 1) => (Some(0), Evidence::Only),
        (None, _) => (Some(0), Evidence::First),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glibc_says_its_version_in_its_banner() {
        for (banner, want) in [
            ("\0GNU C Library (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.\nCopyright", Some("2.36")),
            ("GNU C Library (GNU libc) development release version 2.39.9000.\n", Some("2.39.9000")),
            ("GNU C Library (Ubuntu EGLIBC 2.19-0ubuntu6) stable release version 2.19, by Roland", Some("2.19")),
            ("GNU C Library without a version", None),
            ("stable release version 2.36.", None),
        ] {
            assert_eq!(glibc_version(banner.as_bytes()).as_deref(), want, "{banner}");
        }
    }

    #[test]
    fn musl_s_version_stands_alone() {
        for (bytes, want) in [
            (&b"\x00127.0.0.1\0\0\x001.2.3\0\0"[..], Some("1.2.3")),
            (b"GCC: (Alpine 9.3.0) 9.3.0\0\x021.1.24\0", Some("1.1.24")),
            (b"\x001.2.5-git-12-g0123abcd\0", Some("1.2.5-git-12-g0123abcd")),
            (b"\x001.2.5-rc1\0", None),
            (b"v1.2.5\0", None),
            (b"\x001.2\0\x001.2.3.4\0\x001..3\0", None),
            (b"\x001.2.5", None),
        ] {
            assert_eq!(musl_version(bytes).as_deref(), want, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_family_keeps_its_name_in_json() {
        for (family, json) in
            [(Family::Glibc, "\"glibc\""), (Family::Musl, "\"musl\""), (Family::Other("uclibc".into()), "\"uclibc\"")]
        {
            assert_eq!(serde_json::to_string(&family).expect("serialises"), json);
            assert_eq!(serde_json::from_str::<Family>(json).expect("parses"), family);
        }
    }
}
