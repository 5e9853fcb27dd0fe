//! The dynamic loaders of both families, as far as it matters what they find: where each looks for libraries, which symbol it takes
//! for which, and what it knows nothing of. Read from the loader's own bytes wherever it says so itself.
//!
//! musl: `ldso/dynlink.c` (`load_library`, `find_sym2`, `get_lfs64`, `do_relocs`). glibc: `elf/dl-load.c`, `elf/dl-lookup.c`,
//! `elf/dl-version.c`, `elf/dl-cache.c`.

use std::collections::HashMap;
use std::rc::Rc;

use memchr::memmem;

use super::cache;
use super::object::{Export, Import};
use super::place::{File, Place};
use crate::image::{Arch, Family, Libc, View, loader_at};

/// A loader in an image.
#[derive(Debug)]
pub struct Loader {
    /// Whose it is, its version, and the path that programs name.
    pub libc: Libc,
    /// What it was made for.
    pub arch: &'static Arch,
    /// The file.
    pub file: Rc<File>,
    /// The folders that it looks into by itself.
    folders: Vec<String>,
    /// What glibc's cache says of a library.
    cached: HashMap<String, String>,
    /// Names with `64` at the end that musl's loader takes for those without.
    large_files: Vec<String>,
    /// What is loaded in front of every program: gcompat's library.
    pub preload: Option<String>,
}

/// More folders than any file names.
const MOST_FOLDERS: usize = 64;
/// Bytes of a loader that are looked into.
const LOADER_BYTES: u64 = 64 << 20;
/// Names of libraries that musl takes for itself, whatever follows the dot.
const MUSL_ITSELF: [&str; 7] = ["libc.", "libpthread.", "librt.", "libm.", "libdl.", "libutil.", "libxnet."];
/// Where musl looks if no file tells it.
const MUSL_FOLDERS: [&str; 3] = ["/lib", "/usr/local/lib", "/usr/lib"];

impl Loader {
    /// The loader at the path that a program names; `None` where there is none.
    pub fn at(place: &Place<'_>, interpreter: &str, arch: &'static Arch) -> Option<Self> {
        let view = place.image;
        let libc = loader_at(view, interpreter, arch)?;
        let bytes = view.read(interpreter, LOADER_BYTES)?;
        let file = place.file(interpreter, false)?;
        let gcompat = memmem::find(&bytes, b"libgcompat.so.0").is_some();
        if gcompat && !matches!(libc.family, Family::Glibc | Family::Musl) {
            // It starts musl's loader, with its own library in front.
            let musl = Self::at(place, arch.musl, arch)?;
            let preload = Some("/lib/libgcompat.so.0".to_owned());
            return Some(Self { libc: Libc { family: Family::Musl, ..musl.libc }, preload, ..musl });
        }
        let musl = libc.family == Family::Musl;
        Some(Self {
            folders: if musl { musl_folders(view, interpreter) } else { glibc_folders(&bytes) },
            cached: if musl { HashMap::new() } else { cache::read(view) },
            large_files: if musl { large_files(&bytes) } else { Vec::new() },
            preload: None,
            libc,
            arch,
            file,
        })
    }

    /// Whether it is musl's.
    pub fn is_musl(&self) -> bool {
        self.libc.family == Family::Musl
    }

    /// The library of this name that a chain of files, each needed by the next, asks for.
    pub fn find(&self, place: &Place<'_>, name: &str, chain: &[&File]) -> Option<Rc<File>> {
        let itself = match self.is_musl() {
            true => MUSL_ITSELF.iter().any(|own| name.starts_with(own)),
            false => name == self.file.soname(),
        };
        if itself {
            return Some(self.file.clone());
        }
        let fits = |file: &Rc<File>| file.object.arch == Some(self.arch);
        if name.contains('/') {
            return place.file(name, true).filter(fits);
        }
        let named = self.named_folders(chain);
        let mut by_program = named.iter().filter_map(|folder| place.file(&format!("{folder}/{name}"), true));
        by_program.find(fits).or_else(|| {
            let cached = self.cached.get(name).and_then(|path| place.file(path, false)).filter(fits);
            let mut rest = self.folders.iter().filter_map(|folder| place.file(&format!("{folder}/{name}"), false));
            cached.or_else(|| rest.find(fits))
        })
    }

    /// The folders that the files themselves name. musl takes either entry, and those of all that led to the file; glibc takes
    /// `DT_RUNPATH` of the file alone, and `DT_RPATH` of all where the file has no `DT_RUNPATH`.
    fn named_folders(&self, chain: &[&File]) -> Vec<String> {
        let own = |file: &File| file.object.runpath.as_ref().or(file.object.rpath.as_ref()).cloned();
        let old = |file: &File| file.object.rpath.clone().filter(|_| file.object.runpath.is_none());
        let first_has_runpath = chain.first().is_some_and(|file| file.object.runpath.is_some());
        let paths: Vec<(Option<String>, &File)> = match (self.is_musl(), first_has_runpath) {
            (true, _) => chain.iter().map(|file| (own(file), *file)).collect(),
            (false, true) => chain.iter().take(1).map(|file| (file.object.runpath.clone(), *file)).collect(),
            (false, false) => chain.iter().map(|file| (old(file), *file)).collect(),
        };
        let expand = |(path, file): (Option<String>, &File)| {
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
            let path = path.unwrap_or_default();
            let parts = path.split(':').filter(|part| !part.is_empty()).take(MOST_FOLDERS);
            parts.map(|part| part.replace("${ORIGIN}", &folder).replace("$ORIGIN", &folder)).collect::<Vec<_>>()
        };
        paths.into_iter().flat_map(expand).collect()
    }

    /// Whether what a file offers answers what another asks for.
    pub fn answers(&self, import: &Import, export: &Export, file: &File) -> bool {
        match self.is_musl() {
            // It looks at no version, and knows no functions that are chosen at load time.
            true => !export.hidden && !export.ifunc,
            false => match (&import.version, &export.version) {
                _ if file.object.defines.is_none() => true,
                (Some(wanted), Some(given)) => wanted == given,
                (Some(_), None) => !export.hidden,
                (None, _) => !export.hidden,
            },
        }
    }

    /// Another name that the loader tries for one that nobody has.
    pub fn other_name<'a>(&self, name: &'a str) -> Option<&'a str> {
        if name == "readdir64_r" && !self.large_files.is_empty() {
            return Some("readdir_r");
        }
        // Its buffer holds 16 letters: posix_fallocate64 is in the list, and never found.
        let short = name.strip_suffix("64").filter(|_| name.len() <= 16);
        short.filter(|short| self.large_files.iter().any(|known| known == short))
    }

    /// Whether it understands packed relocations: musl does from 1.2.4 on, glibc from 2.36 on.
    pub fn reads_packed(&self) -> Option<bool> {
        let since: &[u32] = if self.is_musl() { &[1, 2, 4] } else { &[2, 36] };
        let version = self.libc.version.as_deref()?;
        let parts: Option<Vec<u32>> =
            version.split(['.', '-']).take(since.len()).map(|part| part.parse().ok()).collect();
        parts.map(|parts| parts.as_slice() >= since)
    }
}

/// The folders that musl's loader looks into: a file beside it says so, or it has three of its own.
fn musl_folders(view: &View, interpreter: &str) -> Vec<String> {
    let name = interpreter.rsplit('/').next().unwrap_or_default();
    let arch = name.trim_start_matches("ld-musl-").trim_end_matches(".so.1");
    let told = view.read(format!("/etc/ld-musl-{arch}.path"), 1 << 20);
    let told = told.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    match told {
        Some(text) => text.split([':', '\n']).filter(|part| !part.is_empty()).map(str::to_owned).collect(),
        None => MUSL_FOLDERS.map(str::to_owned).to_vec(),
    }
}

/// The folders that glibc's loader was built to look into: a row of paths, each with a slash at its end, in its own bytes.
fn glibc_folders(bytes: &[u8]) -> Vec<String> {
    let is_folder = |text: &[u8]| {
        text.len() > 4 && text.starts_with(b"/") && text.ends_with(b"/") && memmem::find(text, b"lib").is_some()
    };
    let texts = bytes.split(|byte| *byte == 0).filter(|text| is_folder(text) && text.is_ascii());
    let folder = |text: &[u8]| String::from_utf8_lossy(text).trim_end_matches('/').to_owned();
    let found: Vec<String> = texts.map(folder).collect();
    match found.is_empty() {
        true => ["/lib64", "/usr/lib64", "/lib", "/usr/lib"].map(str::to_owned).to_vec(),
        false => found,
    }
}

/// The names of musl's list of functions for large files (from 1.2.4 on), which end at an empty one.
fn large_files(bytes: &[u8]) -> Vec<String> {
    let Some(at) = memmem::find(bytes, b"aio_cancel\0aio_error\0aio_fsync\0") else { return Vec::new() };
    let names = bytes[at..].split(|byte| *byte == 0).take_while(|name| !name.is_empty());
    names.map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_names_are_read_from_the_loader() {
        let bytes = b"\0x\0/lib/x86_64-linux-gnu/\0/usr/lib/x86_64-linux-gnu/\0/lib/\0/usr/lib/\0/proc/sys/kernel/\0";
        assert_eq!(glibc_folders(bytes), ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib"]);
        let names = large_files(b"\0aio_cancel\0aio_error\0aio_fsync\0stat\0\0after\0");
        assert_eq!(names, ["aio_cancel", "aio_error", "aio_fsync", "stat"]);
        assert_eq!(large_files(b"aio_cancel\0"), Vec::<String>::new());
    }
}
