//! What files ask a C library for. A symbol that something else in the program offers, an allocator of its own for one, is not asked
//! of the C library.

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use super::libc_files::{LINKED, is_libc, is_of_libc};
use super::loader::Loader;
use super::object::Import;
use super::owned::by_packages;
use super::place::{File, Place};
use super::scope::Scope;
use super::subject::{Subject, is_of_system};

/// A symbol that a file imports from the C library, or a feature of the file that a loader does something about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// The file.
    pub file: String,
    /// The symbol, as the file spells it, or the feature (`elf:runpath`).
    pub symbol: String,
    /// The version that it asks for.
    pub version: Option<String>,
    /// Whether the file is one of those that were asked about, or a library that they bring along; else it is one that they load.
    pub own: bool,
}

/// The C library of an image, as far as its names go.
#[derive(Debug, Default)]
pub struct Offered(HashSet<String>);

impl Offered {
    /// Adds what an image's C library offers.
    pub fn add(&mut self, place: &Place<'_>, loader: &Loader) {
        let beside = LINKED.into_iter().filter(|_| !loader.is_musl());
        let files = beside.filter_map(|name| loader.find(place, name, &[]));
        for file in files.chain([loader.file.clone()]) {
            self.0.extend(file.object.exports.keys().cloned());
        }
    }

    /// All of them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether it offers this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// Whether a file's import is for the C library, given all that is loaded with the file.
pub fn is_for_libc(import: &Import, loaded: &[Rc<File>], offered: &Offered) -> bool {
    if import.own_ifunc {
        return false;
    }
    let others = loaded
        .iter()
        .skip(usize::from(import.copied))
        .filter(|file| !is_of_libc(&file.path) && !is_libc(file.soname()));
    let mut others = others.filter_map(|file| file.object.exports.get(&import.name));
    if others.any(|exports| exports.iter().any(|export| !export.hidden)) {
        return false;
    }
    match &import.library {
        Some(library) => is_libc(library),
        None => offered.has(&import.name),
    }
}

/// What the files of a subject, and the libraries that they load in an image, ask its C library for; and the libraries that they bring
/// along, without which they are little: CPython is mostly its libpython.
pub fn asked(
    subject: &Subject,
    place: &Place<'_>,
    loader: Option<&Loader>,
    offered: &Offered,
) -> (Vec<Asked>, Vec<Rc<File>>) {
    let own: HashSet<&String> = subject.paths.iter().collect();
    let packaged = by_packages(place.image);
    let mut seen: HashSet<String> = HashSet::new();
    let mut found = BTreeSet::new();
    let mut brought = Vec::new();
    for path in &subject.paths {
        let Some(file) = place.own(path) else { continue };
        let loaded = match loader {
            Some(loader) if file.object.dynamic => Scope::of(place, loader, &file).files,
            _ => vec![file.clone()],
        };
        found.extend(of_file(&file, &loaded, offered, true));
        for library in loaded.iter().skip(1) {
            let known =
                (library.own && own.contains(&library.path)) || is_of_libc(&library.path) || is_libc(library.soname());
            if !known && seen.insert(library.path.clone()) {
                let comes_along = library.own || is_unpackaged(&library.path, &packaged);
                // What stands in front of a library is in front of the program's imports as well.
                found.extend(of_file(library, &loaded, offered, comes_along));
                brought.extend(comes_along.then(|| library.clone()));
            }
        }
    }
    (found.into_iter().collect(), brought)
}

/// Whether no package brought a library of an image that knows of packages, and that lies where no distribution puts its own:
/// `/usr/local/lib/libpython3.12.so.1.0`.
fn is_unpackaged(path: &str, packaged: &HashSet<String>) -> bool {
    !packaged.is_empty() && !packaged.contains(path) && !is_of_system(path)
}

fn of_file(file: &File, loaded: &[Rc<File>], offered: &Offered, own: bool) -> Vec<Asked> {
    let one = |symbol: &str, version: Option<String>| Asked {
        file: file.path.clone(),
        symbol: symbol.to_owned(),
        version,
        own,
    };
    let imports = file.object.imports.iter().filter(|import| is_for_libc(import, loaded, offered));
    let symbols = imports.map(|import| one(&import.name, import.version.clone()));
    let features = file.object.features().into_iter().map(|feature| one(feature, None));
    symbols.chain(features).collect()
}
