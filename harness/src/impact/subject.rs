//! What is asked about: one program, or the ELF files of a folder or an image. Links are not followed, and nothing is run.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::libc_files::is_of_libc;
use super::object::Object;
use super::owned;
use super::place::Luggage;
use crate::image::View;

/// What is asked about.
#[derive(Debug)]
pub struct Subject {
    /// Its name, as it was given.
    pub name: String,
    /// The root that its paths start at.
    pub view: View,
    /// The paths of its ELF files, sorted.
    pub paths: Vec<String>,
    /// Files of packages that were left out.
    pub packaged: usize,
    /// Whether it is one program.
    pub single: bool,
    owned: HashSet<String>,
}

/// Folders whose files an image has of its own.
const SYSTEM: [&str; 8] =
    ["/lib", "/lib32", "/lib64", "/libx32", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32"];
/// More files than an image has.
const MOST_FILES: usize = 4_000_000;

impl Subject {
    /// One program, at a path below a root.
    ///
    /// # Errors
    /// A root that cannot be read, in words.
    pub fn program(name: &str, root: &Path, path: &str) -> Result<Self, String> {
        let view = View::open(root).map_err(|error| format!("reading {name}: {error}"))?;
        let Some(found) = view.file(path) else {
            return Err(format!("{name}: there is no such file, or it cannot be read"));
        };
        let path = found.path.to_string_lossy().into_owned();
        let bytes = found.bytes(1 << 30).unwrap_or_default();
        if Object::read(&bytes).is_none() {
            return Err(not_elf(name, &bytes));
        }
        let owned = owned::by_packages(&view);
        Ok(Self { name: name.to_owned(), view, paths: vec![path], packaged: 0, single: true, owned })
    }

    /// The ELF files below a root: those that no package brought, or all of them if `packages` says so or if packages brought them
    /// all. The C library's own are left out.
    ///
    /// # Errors
    /// A root that cannot be read, in words, or one without ELF files.
    pub fn folder(name: &str, root: &Path, packages: bool) -> Result<Self, String> {
        let view = View::open(root).map_err(|error| format!("reading {name}: {error}"))?;
        let owned = owned::by_packages(&view);
        let all = elf_files(root).map_err(|error| format!("reading {name}: {error}"))?;
        let all: Vec<String> = all.into_iter().filter(|path| !is_of_libc(path)).collect();
        let own: Vec<String> = all.iter().filter(|path| !owned.contains(*path)).cloned().collect();
        let paths = if packages || own.is_empty() { all.clone() } else { own };
        if paths.is_empty() {
            return Err(format!("{name} has no programs or libraries (ELF files), so nothing that asks a C library"));
        }
        let packaged = all.len() - paths.len();
        Ok(Self { name: name.to_owned(), view, paths, packaged, single: false, owned })
    }

    /// What of it travels to another image: the files that no package brought; of a single program, those in folders that it names
    /// itself, and itself.
    pub fn luggage(&self) -> Luggage<'_> {
        let travels = move |path: &str, named: bool| {
            let system = is_of_system(path);
            let own = self.paths.first().is_some_and(|own| own == path);
            match self.single {
                true => own || (named && !system && !self.owned.contains(path)),
                false => !(self.owned.contains(path) || system && is_of_libc(path)),
            }
        };
        Luggage { view: &self.view, travels: Box::new(travels) }
    }
}

/// Whether a file lies in a folder in which distributions put libraries.
pub fn is_of_system(path: &str) -> bool {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    SYSTEM.iter().any(|system| folder == *system || is_triplet(folder, system))
}

/// Whether a folder is that of a machine's libraries below a system folder: `/usr/lib/x86_64-linux-gnu`.
fn is_triplet(folder: &str, system: &str) -> bool {
    let below = folder.strip_prefix(system).and_then(|rest| rest.strip_prefix('/'));
    below.is_some_and(|name| !name.contains('/') && name.contains("-linux-"))
}

fn not_elf(name: &str, bytes: &[u8]) -> String {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match bytes.starts_with(b"#!") {
        true => format!(
            "{name} is a script, which {} runs: ask about that program",
            String::from_utf8_lossy(&line[2..]).trim()
        ),
        false => format!("{name} is no program or library of Linux (ELF), or it is damaged"),
    }
}

/// The paths of all ELF files below a folder, each file once; other file systems in it are left out.
fn elf_files(root: &Path) -> io::Result<Vec<String>> {
    use std::os::unix::fs::MetadataExt;
    let device = fs::metadata(root)?.dev();
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    let mut folders = vec![(root.to_owned(), PathBuf::from("/"))];
    let mut left = MOST_FILES;
    while let Some((folder, inside)) = folders.pop() {
        // What may not be read, or has gone meanwhile, holds nothing.
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let mut entries: Vec<_> = entries.flatten().collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            left = left.saturating_sub(1);
            let Ok(meta) = entry.metadata() else { continue };
            let path = inside.join(entry.file_name());
            if meta.is_dir() && meta.dev() == device {
                folders.push((entry.path(), path));
            } else if meta.is_file()
                && left > 0
                && seen.insert((meta.dev(), meta.ino()))
                && begins_as_elf(&entry.path())
            {
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn begins_as_elf(path: &Path) -> bool {
    use std::io::Read;
    let mut first = [0; 18];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut first));
    let kind = match first[5] {
        2 => u16::from_be_bytes([first[16], first[17]]),
        _ => u16::from_le_bytes([first[16], first[17]]),
    };
    read.is_ok() && first.starts_with(b"\x7fELF") && matches!(kind, 2 | 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_names_its_interpreter() {
        assert!(not_elf("run", b"#!/usr/bin/env python3\nimport os\n").contains("/usr/bin/env python3 runs"));
        assert!(not_elf("x", b"text").contains("ELF"));
    }

    #[test]
    fn machine_folders_are_the_system_s() {
        assert!(is_triplet("/usr/lib/x86_64-linux-gnu", "/usr/lib"));
        assert!(!is_triplet("/usr/lib/python3.11", "/usr/lib"));
        assert!(!is_triplet("/opt/lib", "/usr/lib"));
    }

    #[test]
    fn elf_files_are_found_once_and_links_are_not_followed() {
        let root = tempfile::tempdir().expect("a folder");
        let program = std::env::current_exe().expect("this test");
        fs::create_dir(root.path().join("bin")).expect("made");
        fs::copy(program, root.path().join("bin/a")).expect("copied");
        fs::hard_link(root.path().join("bin/a"), root.path().join("bin/b")).expect("linked");
        std::os::unix::fs::symlink("/bin", root.path().join("out")).expect("linked");
        fs::write(root.path().join("text"), "text").expect("written");
        assert_eq!(elf_files(root.path()).expect("read"), ["/bin/a"]);
        let empty = tempfile::tempdir().expect("a folder");
        assert!(Subject::folder("x", empty.path(), false).is_err_and(|e| e.contains("no programs")));
    }

    #[test]
    fn a_program_that_is_cut_off_is_refused() {
        let root = tempfile::tempdir().expect("a folder");
        let whole = fs::read(std::env::current_exe().expect("this test")).expect("read");
        let told = |bytes: &[u8]| {
            fs::write(root.path().join("x"), bytes).expect("written");
            Subject::program("x", root.path(), "/x")
        };
        assert!(told(&whole).is_ok());
        for length in [5, 64, 70, 5_000, 100_000] {
            assert!(told(&whole[..length]).is_err_and(|e| e.contains("damaged")), "{length}");
        }
    }
}
