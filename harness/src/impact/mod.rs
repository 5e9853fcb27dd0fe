//! Of all the differences between two images, which touch a program? Read from its ELF files and from the loaders and C libraries of
//! the images; nothing of either is run for it. Differences are those of a run, which is made elsewhere.

use std::collections::{HashMap, HashSet};

use libcdiff_protocol::CaseInfo;

pub mod answer;
mod asked;
mod cache;
mod gcompat;
mod golang;
mod libc_files;
mod loader;
mod machine;
mod names;
pub mod object;
mod owned;
mod place;
mod scope;
mod start;
mod strings;
pub mod subject;
pub mod table;
pub mod touched;
mod versions;

use answer::{Counts, Facts, Impact, Kind, SCHEMA, Side, Start, Symbol, Touched};
use asked::{Asked, Offered};
use loader::Loader;
use object::Object;
use place::Place;
use start::Target;
use subject::Subject;
use touched::{Between, Index};

use crate::anatomy::Furniture;
use crate::image::{Arch, Image, View};
use crate::pitfalls::{Pitfall, of_case};
use crate::runfile::Tool;

pub use asked::Asked as AskedSymbol;
pub use names::spoken;

/// What files ask for, and whether they start: all that needs no run.
pub struct Reading {
    facts: Vec<Facts>,
    starts: Vec<Start>,
    own: Vec<Asked>,
    libraries: Vec<Asked>,
    notes: Vec<String>,
}

/// Reads what a subject asks the C library of `from` for, and whether it starts in `to`.
///
/// # Errors
/// An image's folder that cannot be read, or files that are all damaged.
pub fn read(subject: &Subject, from: &Image, to: &Image) -> std::io::Result<Reading> {
    let (from_view, to_view) = (View::open(&from.root)?, View::open(&to.root)?);
    let from_place = Place::new(&from_view, Some(subject.luggage()));
    let to_place = Place::new(&to_view, Some(subject.luggage()));
    let (from_loader, to_loader) = (own_loader(&from_place, from), own_loader(&to_place, to));
    let (mut known, mut offered) = (Offered::default(), Offered::default());
    for (place, loader) in [(&from_place, &from_loader), (&to_place, &to_loader)] {
        loader.iter().for_each(|loader| known.add(place, loader));
    }
    to_loader.iter().for_each(|loader| offered.add(&to_place, loader));
    let (asked, brought) = asked::asked(subject, &from_place, from_loader.as_ref(), &known);
    let (own, libraries): (Vec<_>, Vec<_>) = asked.into_iter().partition(|asked| asked.own);
    let arch = Arch::by_name(&to.arch).unwrap_or(Arch::native());
    let target = Target {
        place: &to_place,
        loader: to_loader.as_ref(),
        arch,
        known: &known,
        offered: &offered,
        at_start: HashSet::new(),
    };
    let files: Vec<_> = subject.paths.iter().filter_map(|path| to_place.own(path)).collect();
    let target = Target { at_start: start::at_start(&files, &target), ..target };
    let damaged = subject.paths.len() - files.len();
    if files.is_empty() {
        let what = format!("{damaged} ELF files, all damaged or of no kind that a loader takes");
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, what));
    }
    let facts: Vec<Facts> = files.iter().chain(&brought).map(|file| facts(&file.path, &file.object, &own)).collect();
    let starts = files.iter().map(|file| start::start(file, &target)).collect();
    let mut notes = notes(subject, &facts, &Furniture::of(&from_view), &Furniture::of(&to_view), to);
    if damaged > 0 {
        notes.push(match damaged {
            1 => "1 ELF file is damaged or of no kind that a loader takes: nothing is told of it".to_owned(),
            n => format!("{n} ELF files are damaged or of no kind that a loader takes: nothing is told of them"),
        });
    }
    Ok(Reading { facts, starts, own, libraries, notes })
}

/// The names that an image's C library offers.
///
/// # Errors
/// An image's folder that cannot be read.
pub fn exports(image: &Image) -> std::io::Result<Vec<String>> {
    let view = View::open(&image.root)?;
    let place = Place::new(&view, None);
    let mut offered = Offered::default();
    own_loader(&place, image).iter().for_each(|loader| offered.add(&place, loader));
    Ok(offered.names().map(str::to_owned).collect())
}

/// The loader of an image's own C library.
fn own_loader(place: &Place<'_>, image: &Image) -> Option<Loader> {
    let arch = Arch::by_name(&image.arch).unwrap_or(Arch::native());
    Loader::at(place, &image.libc()?.interpreter, arch)
}

fn facts(path: &str, object: &Object, own: &[Asked]) -> Facts {
    let imports = own.iter().filter(|asked| asked.file == path && !asked.symbol.starts_with("elf:"));
    Facts {
        path: path.to_owned(),
        kind: if object.program { Kind::Program } else { Kind::Library },
        is_static: object.is_static(),
        arch: object.arch.map(|arch| arch.name.to_owned()),
        interpreter: object.interpreter.clone(),
        needed: object.needed.clone(),
        imports: imports.map(|one| Symbol { name: one.symbol.clone(), version: one.version.clone() }).collect(),
        stack_bytes: object.stack_bytes,
        tls: object.tls.iter().copied().collect(),
        opens_libraries: object.opens_libraries(),
        go: object.go.clone(),
        allocators: object.allocators.iter().map(|name| (*name).to_owned()).collect(),
        packed_relocations: object.relr,
        ifunc: object.ifunc,
    }
}

/// What cannot be seen in imports, and has to be said.
fn notes(subject: &Subject, facts: &[Facts], from: &Furniture, to: &Furniture, image: &Image) -> Vec<String> {
    let mut notes = Vec::new();
    if subject.packaged > 0 {
        notes.push(match subject.packaged {
            1 => "1 file of the distribution's packages was left out; --packages takes it too".to_owned(),
            n => format!("{n} files of the distribution's packages were left out; --packages takes them too"),
        });
    }
    let fixed: Vec<&Facts> = facts.iter().filter(|facts| facts.is_static).collect();
    let go = fixed.iter().filter(|facts| facts.go.is_some()).count();
    if go > 0 {
        notes.push(match go {
            1 => "a static Go program asks no C library for anything: it looks names up, reads zones and starts threads by itself"
                .to_owned(),
            _ => format!(
                "{go} static Go programs ask no C library for anything: they look names up, read zones and start threads by themselves"
            ),
        });
    }
    if fixed.len() > go {
        notes.push(match fixed.len() - go {
            1 => "a static program brings its C library along: neither image's answers for it, whatever it does"
                .to_owned(),
            n => format!(
                "{n} static programs bring their C library along: neither image's answers for them, whatever it does"
            ),
        });
    }
    let lacks = [
        (from.shell.is_some() && to.shell.is_none(), "/bin/sh"),
        (from.zones.is_some() && to.zones.is_none(), "time zones (/usr/share/zoneinfo)"),
        (from.authorities.is_some() && to.authorities.is_none(), "certificate authorities"),
        (from.services && !to.services, "/etc/services and /etc/protocols"),
    ];
    let lacks: Vec<&str> = lacks.iter().filter(|(lacks, _)| *lacks).map(|(_, what)| *what).collect();
    if !lacks.is_empty() {
        notes.push(format!("files that programs read, static ones too, are not in {}: {}", image.id, lacks.join(", ")));
    }
    notes
}

impl Reading {
    /// The cases that may tell something about the files, or about the libraries that they load.
    pub fn cases<'c>(&self, pitfalls: &[Pitfall], cases: &'c [CaseInfo]) -> Vec<&'c str> {
        let (own, libraries) = (Index::of(&self.own), Index::of(&self.libraries));
        let matters = |case: &&CaseInfo| {
            of_case(pitfalls, &case.id).is_some_and(|p| own.may_touch(p, case) || libraries.may_touch(p, case))
        };
        // Where nothing is asked for, no answer about lists matters either.
        cases.iter().filter(|_| self.asks()).filter(matters).map(|case| case.id.as_str()).collect()
    }

    /// Whether anything is asked of a C library at all; nothing is by a static program.
    pub fn asks(&self) -> bool {
        !(self.own.is_empty() && self.libraries.is_empty())
    }

    /// Whether something keeps one of the files from starting or from being loaded as it is.
    pub fn stops(&self) -> Vec<&Start> {
        self.starts.iter().filter(|start| !start.starts).collect()
    }

    /// Whether each file starts, or can be loaded.
    pub fn starts(&self) -> &[Start] {
        &self.starts
    }

    /// Joins it with the differences between the images.
    pub fn judge(
        self,
        subject: &Subject,
        sides: [Side; 2],
        run: Option<(&[Between<'_>], usize)>,
        pitfalls: &[Pitfall],
        cases: &[CaseInfo],
    ) -> Impact {
        let (all, asked) = run.unwrap_or((&[], 0));
        let (started, own): (Vec<_>, Vec<_>) = self.own.iter().cloned().partition(|asked| asked.symbol == "elf:loader");
        let touched = touched::touched(all, &Index::of(&own), pitfalls, cases);
        let own: HashSet<&str> = touched.iter().flat_map(|t| &t.cases).map(String::as_str).collect();
        let libraries: Vec<_> = self.libraries.iter().filter(|asked| asked.symbol != "elf:loader").cloned().collect();
        let rest = |asked: &[Asked]| {
            let mut found = touched::touched(all, &Index::of(asked), pitfalls, cases);
            found.iter_mut().for_each(|touched| without(touched, &own));
            found.retain(|touched| !touched.cases.is_empty());
            found
        };
        let (by_libraries, by_loader) = (rest(&libraries), rest(&started));
        let counts = Counts {
            cases: asked,
            differences: all.len(),
            touching: own.len(),
            touching_libraries: by_libraries.iter().map(|touched| touched.cases.len()).sum(),
            unexplained: all.iter().filter(|one| of_case(pitfalls, &one.difference.case).is_none()).count(),
            from_run: false,
        };
        let [from, to] = sides;
        let sentence = sentence(subject, &self, &counts, &touched, &to);
        Impact {
            schema: SCHEMA.into(),
            tool: Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() },
            subject: subject.name.clone(),
            from,
            to,
            sentence,
            files: self.facts,
            starts: self.starts,
            touched,
            by_libraries,
            by_loader,
            counts,
            notes: self.notes,
        }
    }
}

/// Leaves out cases that touch the files themselves.
fn without(touched: &mut Touched, own: &HashSet<&str>) {
    touched.cases.retain(|case| !own.contains(case.as_str()));
    touched.evidence.iter_mut().for_each(|evidence| evidence.cases.retain(|case| !own.contains(case.as_str())));
    touched.evidence.retain(|evidence| !evidence.cases.is_empty());
}

fn sentence(subject: &Subject, reading: &Reading, counts: &Counts, touched: &[Touched], to: &Side) -> String {
    let name = subject.name.rsplit('/').next().unwrap_or(&subject.name);
    if reading.facts.iter().all(|facts| facts.is_static) && reading.stops().is_empty() {
        return format!(
            "Almost nothing applies: {name} is static and asks no C library, so that what the images' C libraries differ in does not \
             reach it."
        );
    }
    let stopped: HashMap<bool, usize> = reading.starts.iter().fold(HashMap::new(), |mut sum, start| {
        *sum.entry(start.starts).or_default() += 1;
        sum
    });
    let (not, all) = (stopped.get(&false).copied().unwrap_or(0), reading.starts.len());
    let libraries = reading.facts.iter().all(|facts| facts.kind == Kind::Library);
    let start = match (not, all, libraries) {
        (0, 1, false) => format!("{name} starts in {} as it is", to.image),
        (0, 1, true) => format!("{name} can be loaded in {} as it is", to.image),
        (0, n, false) => format!("All {n} files start in {} as they are", to.image),
        (0, n, true) => format!("All {n} libraries can be loaded in {} as they are", to.image),
        (_, 1, false) => format!("{name} does not start in {} as it is", to.image),
        (_, 1, true) => format!("{name} cannot be loaded in {} as it is", to.image),
        (n, all, false) => format!("{n} of {all} files do not start in {} as they are", to.image),
        (n, all, true) => format!("{n} of {all} libraries cannot be loaded in {} as they are", to.image),
    };
    let grave = touched.iter().filter(|t| t.severity <= crate::pitfalls::Severity::WrongResult).count();
    let touch = match counts.touching {
        0 => "no difference touches what it imports".to_owned(),
        n => format!(
            "{n} of {} differences touch what it imports: {} pitfalls, {grave} of them grave",
            counts.differences,
            touched.len()
        ),
    };
    format!("{start}; {touch}.")
}
