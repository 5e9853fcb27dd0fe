//! `libcdiff impact`: of all the differences between two images, which touch this program?

use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use libcdiff_protocol::CaseInfo;

use super::{print, run, store};
use crate::check::policy::Known;
use crate::cli::{self, Cli, RunnerName};
use crate::cost::Cost;
use crate::exit::{Exit, Failure};
use crate::image::{Image, Store};
use crate::impact::answer::{Impact, Side};
use crate::impact::subject::Subject;
use crate::impact::touched::{Between, between};
use crate::impact::{self, Reading, table};
use crate::pitfalls::{self, Pitfall};
use crate::plan::Selection;
use crate::report::visible::visible;
use crate::report::{Model, page};
use crate::runfile::{self, RunFile};
use crate::{bundle, compare};

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Impact) -> Result<(), Failure> {
    let (cases, pitfalls) = (bundle::cases()?, pitfalls::all()?);
    let store = store(cli, &request.registries)?;
    let names = [request.from.clone(), request.to.clone()];
    let images = run::find(&names, &store)?;
    let subject = subject(&request.program, request.packages, &images[0], &store)?;
    let reading = read(&subject, &images[0], &images[1])?;
    let run = match &request.run {
        Some(path) => Some(super::report::load(path)?),
        None => made(cli, request.runner, &store, &names, &reading, &pitfalls, &cases)?,
    };
    let known = Known { cases: &cases, pitfalls: &pitfalls, today: chrono::Utc::now().date_naive() };
    let impact = judge(reading, &subject, &images, run.as_ref(), request.run.is_some(), &known)?;
    if let Some(path) = &request.html {
        let mut run = run.unwrap_or_else(|| nothing_asked(&images));
        run.impact = Some(Box::new(impact.clone()));
        let model = Model::new(&run, &cases, &pitfalls);
        super::report::put(Some(path), |to| Ok(page::write(&model, None, &Cost::default(), to)?))?;
    }
    match request.json {
        true => print(&(serde_json::to_string_pretty(&impact)? + "\n")),
        false => print(&visible(&table::render(&impact, cli.verbose, super::report::width()))),
    }
}

/// What a name means: a program or a folder here, `IMAGE:/path`, or an image.
pub fn subject(name: &str, packages: bool, from: &Image, store: &Store) -> Result<Subject, Failure> {
    let path = Path::new(name);
    if path.is_file() && is_elf(path) {
        let absolute = fs::canonicalize(path)?;
        return Subject::program(name, Path::new("/"), &absolute.to_string_lossy()).map_err(Failure::request);
    }
    if path.is_dir() {
        return Subject::folder(name, path, packages).map_err(Failure::request);
    }
    // `from` is read already, and what is asked about is mostly in it.
    if let Some((image, inside)) = inside(name) {
        let root = if image == from.reference || image == from.id { from.root.clone() } else { root(image, store)? };
        return Subject::program(name, &root, inside).map_err(Failure::request);
    }
    if path.is_absolute() && !path.exists() && from.root.join(name.trim_start_matches('/')).symlink_metadata().is_ok() {
        return Subject::program(name, &from.root, name).map_err(Failure::request);
    }
    Subject::folder(name, &root(name, store)?, packages).map_err(Failure::request)
}

fn is_elf(path: &Path) -> bool {
    use std::io::Read;
    let mut first = [0; 4];
    let known = fs::File::open(path).and_then(|mut file| file.read_exact(&mut first)).is_ok();
    // An archive is an image; a script is told to be one.
    known && (first.starts_with(b"\x7fELF") || first.starts_with(b"#!"))
}

/// An image and a path in it. `dir:/x` is an image alone.
fn inside(name: &str) -> Option<(&str, &str)> {
    let (image, path) = name.rsplit_once(":/")?;
    let is_scheme = ["dir", "rootfs", "docker-archive", "oci-archive", "oci-dir"].contains(&image);
    (!is_scheme && !image.is_empty()).then(|| (image, &name[name.len() - path.len() - 1..]))
}

fn root(name: &str, store: &Store) -> Result<PathBuf, Failure> {
    let found = run::find(&[name.to_owned()], store)?;
    found.into_iter().next().map(|image| image.root).ok_or_else(|| Failure::request(format!("there is no {name}")))
}

/// Reads what the subject asks for, and whether it starts.
pub fn read(subject: &Subject, from: &Image, to: &Image) -> Result<Reading, Failure> {
    impact::read(subject, from, to).map_err(|error| {
        let exit = if error.kind() == ErrorKind::InvalidData { Exit::Request } else { Exit::Failed };
        Failure { exit, message: format!("reading {}: {error}", subject.name) }
    })
}

/// The run of a program that no case can matter to.
pub fn nothing_asked(images: &[Image]) -> RunFile {
    RunFile { images: images.iter().cloned().map(run::describe).collect(), ..run::empty() }
}

/// A run of the cases that may matter; none where none may.
fn made(
    cli: &Cli,
    runner: RunnerName,
    store: &Store,
    names: &[String; 2],
    reading: &Reading,
    pitfalls: &[Pitfall],
    cases: &[CaseInfo],
) -> Result<Option<RunFile>, Failure> {
    let wanted: Vec<String> = reading.cases(pitfalls, cases).into_iter().map(str::to_owned).collect();
    if wanted.is_empty() {
        return Ok(None);
    }
    let selection = Selection { areas: Vec::new(), cases: wanted, flavours: Vec::new() };
    run::perform(cli, runner, store, names, &selection, cases, None).map(Some)
}

fn judge(
    reading: Reading,
    subject: &Subject,
    images: &[Image],
    run: Option<&RunFile>,
    from_run: bool,
    known: &Known<'_>,
) -> Result<Impact, Failure> {
    let Some(run) = run else {
        let sides = [side(&images[0]), side(&images[1])];
        return Ok(reading.judge(subject, sides, None, known.pitfalls, known.cases));
    };
    let places = [placed(run, &images[0])?, placed(run, &images[1])?];
    let mut impact = of_run(reading, subject, images, run, places, known)?;
    impact.counts.from_run = from_run;
    Ok(impact)
}

/// Joins what was read with the differences of a run, in which the images have these places.
pub fn of_run(
    reading: Reading,
    subject: &Subject,
    images: &[Image],
    run: &RunFile,
    [from, to]: [&runfile::Image; 2],
    known: &Known<'_>,
) -> Result<Impact, Failure> {
    let all: Vec<Between<'_>> = between(run, from, to);
    let other: HashSet<&str> = answered(run, to).collect();
    let asked = answered(run, from).filter(|case| other.contains(case)).count();
    let sides = [named(from), side(&images[1])];
    Ok(reading.judge(subject, sides, Some((&all, asked)), known.pitfalls, known.cases))
}

fn named(image: &runfile::Image) -> Side {
    Side { image: image.id.clone(), reference: image.reference.clone(), libc: image.libc.clone() }
}

/// The cases that an image was asked with a program linked as its own are.
fn answered<'r>(run: &'r RunFile, image: &'r runfile::Image) -> impl Iterator<Item = &'r str> {
    let own = compare::own_flavour(image);
    run.observations.iter().filter(move |o| o.image == image.id && o.flavour == own).map(|o| o.case.as_str())
}

/// The image as a run has it: the same content, or the same name.
fn placed<'r>(run: &'r RunFile, image: &Image) -> Result<&'r runfile::Image, Failure> {
    let same = |one: &&runfile::Image| one.digest.is_some() && one.digest == image.digest;
    let named = |one: &&runfile::Image| one.reference == image.reference || one.id == image.id;
    run.images.iter().find(same).or_else(|| run.images.iter().find(named)).ok_or_else(|| {
        let known: Vec<_> = run.images.iter().map(|image| image.id.as_str()).collect();
        Failure::request(format!("the run has no image {}: it has {}", image.reference, known.join(", ")))
    })
}

fn side(image: &Image) -> Side {
    let libc = image.libc().map(|libc| runfile::Libc {
        family: libc.family.to_string(),
        version: libc.version.clone(),
        interpreter: libc.interpreter.clone(),
    });
    Side { image: image.id.clone(), reference: image.reference.clone(), libc }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_an_image_is_told_from_an_image() {
        assert_eq!(inside("alpine:3.20:/usr/bin/python3"), Some(("alpine:3.20", "/usr/bin/python3")));
        assert_eq!(inside("debian-13:/bin/ls"), Some(("debian-13", "/bin/ls")));
        assert_eq!(inside("dir:/srv/root:/bin/ls"), Some(("dir:/srv/root", "/bin/ls")));
        assert_eq!(inside("docker-archive:/tmp/x.tar"), None);
        assert_eq!(inside("alpine:3.20"), None);
    }
}
