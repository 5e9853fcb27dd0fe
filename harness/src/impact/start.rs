//! Whether a file starts in an image as it is: what its loader would say, without running it.

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use super::answer::{Missing, Obstacle, ObstacleKind, Start};
use super::asked::{Offered, is_for_libc};
use super::gcompat;
use super::loader::Loader;
use super::names::{base, inside};
use super::place::{File, Place};
use super::scope::Scope;
use crate::image::Arch;

/// The image that a file goes to.
pub struct Target<'a> {
    /// The image, with what travels.
    pub place: &'a Place<'a>,
    /// Its own loader, which is looked at where the one that a file asks for is not there.
    pub loader: Option<&'a Loader>,
    /// What it runs on.
    pub arch: &'static Arch,
    /// Names that the C libraries of both images offer.
    pub known: &'a Offered,
    /// Names that its own C library offers.
    pub offered: &'a Offered,
    /// Libraries that programs among the files bring in at their start.
    pub at_start: HashSet<String>,
}

/// The paths of the libraries that the programs among files bring in at their start.
pub fn at_start(files: &[Rc<File>], target: &Target<'_>) -> HashSet<String> {
    let programs = files.iter().filter(|file| file.object.program && file.object.dynamic);
    let scopes = programs.filter_map(|file| Some(Scope::of(target.place, target.loader?, file)));
    scopes.flat_map(|scope| scope.files).map(|file| file.path.clone()).collect()
}

/// Says whether a file starts, or can be loaded.
pub fn start(file: &Rc<File>, target: &Target<'_>) -> Start {
    let mut told = Start {
        file: file.path.clone(),
        starts: true,
        loader: None,
        assumed: false,
        obstacles: Vec::new(),
        missing_symbols: Vec::new(),
    };
    if file.object.arch != Some(target.arch) {
        let made_for = file.object.arch.map_or("an architecture that is not known".to_owned(), Arch::spoken);
        told.obstacles.push(obstacle(
            ObstacleKind::Architecture,
            file,
            &made_for,
            format!("it is made for {made_for}, and the image for {}", target.arch.spoken()),
        ));
    } else if file.object.dynamic && !file.object.is_static() {
        dynamic(file, target, &mut told);
    }
    told.starts = told.obstacles.is_empty() && told.missing_symbols.is_empty();
    told
}

fn obstacle(kind: ObstacleKind, file: &File, what: &str, told: String) -> Obstacle {
    Obstacle { kind, file: file.path.clone(), what: what.to_owned(), told }
}

fn dynamic(file: &Rc<File>, target: &Target<'_>, told: &mut Start) {
    let asked = file.object.interpreter.as_deref();
    let found = asked.and_then(|interpreter| Loader::at(target.place, interpreter, target.arch));
    if let (Some(interpreter), None) = (asked, &found) {
        told.assumed = true;
        told.obstacles.push(obstacle(
            ObstacleKind::Loader,
            file,
            interpreter,
            format!("the loader {interpreter} is not there"),
        ));
    }
    let Some(loader) = found.as_ref().or(target.loader) else { return };
    told.loader = Some(loader.libc.interpreter.clone());
    let scope = Scope::of(target.place, loader, file);
    for (library, needed_by) in &scope.missing {
        let what = format!("the library {library} is not there, which {needed_by} needs");
        told.obstacles.push(Obstacle {
            kind: ObstacleKind::Library,
            file: needed_by.clone(),
            what: library.clone(),
            told: what,
        });
    }
    if !loader.is_musl() {
        versions(&scope, told);
    }
    for one in scope.files.iter().filter(|one| !Rc::ptr_eq(one, &loader.file)) {
        let at_start = file.object.program || target.at_start.contains(&one.path);
        unknown_to(loader, one, at_start, told);
    }
    symbols(file, &scope, loader, target, told);
}

fn versions(scope: &Scope, told: &mut Start) {
    for (file, library, version) in scope.unversioned() {
        let what = format!("{file} asks for {version} of {library}, which is older than that");
        told.obstacles.push(Obstacle { kind: ObstacleKind::Version, file, what: version, told: what });
    }
}

/// What a file has that the loader knows nothing of. `at_start` is whether a program brings it in at its start, rather than a library
/// that is opened later.
fn unknown_to(loader: &Loader, file: &File, at_start: bool, told: &mut Start) {
    let object = &file.object;
    let version = loader.libc.version.as_deref().unwrap_or("of an unknown version");
    if loader.is_musl() && object.ifunc {
        let what = "a function of it is chosen when it is loaded (IFUNC), which musl does not know";
        told.obstacles.push(obstacle(ObstacleKind::Ifunc, file, "IFUNC", what.to_owned()));
    }
    if object.relr && loader.reads_packed() == Some(false) {
        let what = format!(
            "its relocations are packed (DT_RELR), which {} {version} passes over: it crashes",
            loader.libc.family
        );
        told.obstacles.push(obstacle(ObstacleKind::PackedRelocations, file, "DT_RELR", what));
    }
    if loader.is_musl() && !at_start && !object.program && object.tls_at_start {
        let what = "it has initial-exec thread-local storage of its own, with which musl opens no library while a program runs";
        told.obstacles.push(obstacle(ObstacleKind::StaticTls, file, "initial-exec", what.to_owned()));
    }
}

/// The symbols that are looked for in vain. Whoever opens a library may offer what it lacks, so that of a library those alone count
/// that the C library would have.
fn symbols(file: &File, scope: &Scope, loader: &Loader, target: &Target<'_>, told: &mut Start) {
    let mut seen = BTreeSet::new();
    for (asking, import) in scope.unresolved(loader) {
        let from_libc = is_for_libc(import, &scope.files, target.known);
        if (!file.object.program && !from_libc) || !seen.insert((&asking.path, &import.name, &import.version)) {
            continue;
        }
        let names = [Some(import.name.clone()), base(&import.name), inside(&import.name).map(str::to_owned)];
        let rebuilt = names.into_iter().flatten().find(|name| from_libc && target.offered.has(name));
        told.missing_symbols.push(Missing {
            symbol: import.name.clone(),
            version: import.version.clone(),
            file: asking.path.clone(),
            from_libc,
            gcompat: from_libc && loader.is_musl() && gcompat::has(&import.name),
            rebuilt,
        });
    }
    told.missing_symbols.sort_by(|a, b| (!a.from_libc, &a.file, &a.symbol).cmp(&(!b.from_libc, &b.file, &b.symbol)));
}
