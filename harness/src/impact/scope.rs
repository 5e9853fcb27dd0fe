//! What is loaded with a program, breadth first as loaders do it, and which symbol comes from where.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::loader::Loader;
use super::object::Import;
use super::place::{File, Place};

/// A program and all that is loaded with it.
#[derive(Debug)]
pub struct Scope {
    /// The files, the program first.
    pub files: Vec<Rc<File>>,
    /// Libraries that are not found, each with the file that needs it.
    pub missing: Vec<(String, String)>,
}

/// More files than any program loads at start.
const MOST: usize = 4096;

impl Scope {
    /// Loads a file as its first one.
    pub fn of(place: &Place<'_>, loader: &Loader, first: &Rc<File>) -> Self {
        let mut files: Vec<(Rc<File>, Option<usize>)> = vec![(first.clone(), None)];
        let mut missing: Vec<(String, String)> = Vec::new();
        if let Some(preload) = &loader.preload {
            match place.file(preload, false) {
                Some(file) => files.push((file, None)),
                None => missing.push((preload.clone(), first.path.clone())),
            }
        }
        let mut at = 0;
        while at < files.len().min(MOST) {
            let file = files[at].0.clone();
            for name in &file.object.needed {
                let known = |(one, _): &(Rc<File>, Option<usize>)| {
                    one.soname() == name || one.asked.ends_with(&format!("/{name}"))
                };
                if files.iter().any(known) {
                    continue;
                }
                match loader.find(place, name, &chain(&files, at)) {
                    Some(found) if files.iter().any(|(one, _)| (one.own, &one.path) == (found.own, &found.path)) => {}
                    Some(found) => files.push((found, Some(at))),
                    None if missing.iter().any(|(one, _)| one == name) => {}
                    None => missing.push((name.clone(), file.path.clone())),
                }
            }
            at += 1;
        }
        Self { files: files.into_iter().map(|(file, _)| file).collect(), missing }
    }

    /// The file that a symbol comes from.
    pub fn source(&self, loader: &Loader, import: &Import) -> Option<&Rc<File>> {
        let by_name = |name: &str| {
            self.files.iter().skip(usize::from(import.copied)).find(|file| {
                let exports = file.object.exports.get(name);
                exports.is_some_and(|all| all.iter().any(|export| loader.answers(import, export, file)))
            })
        };
        by_name(&import.name).or_else(|| by_name(loader.other_name(&import.name)?))
    }

    /// The symbols that the loader would look for in vain, each with the file that asks: those that a relocation asks for and that
    /// the program cannot do without.
    pub fn unresolved<'s>(&'s self, loader: &Loader) -> Vec<(&'s Rc<File>, &'s Import)> {
        // A copy of a variable that is weak, as tables of virtual functions are: musl wants one all the same.
        let can_do_without = |import: &&Import| import.weak && !(import.copied && loader.is_musl());
        let asks = |import: &&Import| import.relocated && (loader.is_musl() || !import.own_ifunc);
        let of_file = |file: &'s Rc<File>| {
            let imports = file.object.imports.iter();
            let imports = imports.filter(asks).filter(|import| !can_do_without(import));
            imports.filter(|import| self.source(loader, import).is_none()).map(move |i| (file, i))
        };
        self.files.iter().flat_map(of_file).collect()
    }

    /// The versions that a library in the scope has to define, and does not: (file, library, version). glibc's loader alone asks.
    pub fn unversioned(&self) -> BTreeSet<(String, String, String)> {
        let mut found = BTreeSet::new();
        for file in &self.files {
            for need in file.object.versions.iter().filter(|need| !need.weak) {
                let library = self.files.iter().find(|one| one.soname() == need.library);
                let defines = library.and_then(|library| library.object.defines.as_ref());
                if defines.is_some_and(|defines| !defines.contains(&need.version)) {
                    found.insert((file.path.clone(), need.library.clone(), need.version.clone()));
                }
            }
        }
        found
    }
}

/// A file, and those that led to it.
fn chain(files: &[(Rc<File>, Option<usize>)], at: usize) -> Vec<&File> {
    let mut chain = Vec::new();
    let mut next = Some(at);
    while let Some(at) = next {
        chain.push(files[at].0.as_ref());
        next = files[at].1;
    }
    chain
}
