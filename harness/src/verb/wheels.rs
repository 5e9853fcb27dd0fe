//! `libcdiff wheels`: which requirements install from a wheel in each image, which must be compiled, and what that takes.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};

use super::{print, run::find, store};
use crate::cli::{self, Cli};
use crate::exit::{Exit, Failure};
use crate::image::{Image, anywhere};
use crate::report::visible::visible;
use crate::wheels::answer::{self, Answer, Failed, Installed, Package, Verdict};
use crate::wheels::choice::Choice;
use crate::wheels::fetch::Fetch;
use crate::wheels::lock::Locked;
use crate::wheels::needs::{Needs, name};
use crate::wheels::requirements::Requirements;
use crate::wheels::resolver::{Refused, Resolution, ResolverError, Uv};
use crate::wheels::tags::{Known, Target};
use crate::wheels::{pip, sdist, table, target};

/// What was found out of source, by its address.
type Read = HashMap<String, Needs>;

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Wheels) -> Result<(), Failure> {
    if !request.npm.is_empty() {
        return super::addons::run(cli, request);
    }
    if request.requirements.is_empty() && request.file.is_empty() {
        return Err(Failure::request("nothing to install: name requirements, or a file of them with -r"));
    }
    let folder = tempfile::tempdir()?;
    let uv = Uv::find(request.uv.as_deref(), request.index_url.as_deref()).map_err(unresolved)?;
    let version = uv.version().map_err(unresolved)?;
    let mut requirements =
        Requirements::read(&request.requirements, &request.file, &uv, folder.path()).map_err(Failure::request)?;
    requirements.limit(&request.constraint, request.at.map(end_of).as_ref());
    let images = find(&request.image, &store(cli, &request.registries)?.with_abroad(anywhere))?;
    let mut answer = answer::empty(version, request.at.map(|day| day.to_string()), Known::at(request.at));
    answer.notes.clone_from(&requirements.notes);
    let mut read = Read::default();
    for image in &images {
        install(cli, request, &uv, &requirements, image, &mut answer, &mut read)?;
    }
    tell(request, &answer)?;
    missing(&answer.failed)
}

/// How the verb ends where some had no answer.
pub(super) fn missing(failed: &[Failed]) -> Result<(), Failure> {
    if failed.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = failed.iter().map(|failed| failed.name.as_str()).collect();
    Err(Failure::request(format!("there is no answer for {}; for the rest there is", names.join(", "))))
}

/// The first moment after a day, in UTC.
pub(super) fn end_of(day: NaiveDate) -> String {
    format!("{}T00:00:00Z", day + TimeDelta::days(1))
}

fn unresolved(error: ResolverError) -> Failure {
    let exit = if error.is_request() { Exit::Request } else { Exit::Failed };
    Failure { exit, message: visible(&error.to_string()) }
}

/// What is installed in an image.
fn install(
    cli: &Cli,
    request: &cli::Wheels,
    uv: &Uv,
    requirements: &Requirements,
    image: &Image,
    answer: &mut Answer,
    read: &mut Read,
) -> Result<(), Failure> {
    let target = target::of(image, request.python).map_err(Failure::request)?;
    let found = request.python.is_none();
    // Another Python than the image's comes with another pip.
    let pip = if found { pip::of(image, target.python) } else { None };
    if !cli.quiet {
        eprintln!("libcdiff: asking what is installed in {}", visible(&image.id));
    }
    let tags = target.tags(Known::at(request.at).and(pip));
    let fits = |package: &Locked| Choice::of(package, &tags).verdict != Verdict::Nothing;
    let mut resolved = match uv.resolve(&requirements.asked, &target, fits) {
        Ok(resolved) => resolved,
        Err(error) => one_by_one(uv, requirements, &target, &fits, error)?,
    };
    keep_locked(&mut resolved, requirements);
    for refused in resolved.refused.iter().filter(|refused| !refused.unfit) {
        match answer.failed.iter_mut().find(|known| known.name == refused.name) {
            Some(known) => known.images.push(image.id.clone()),
            None => answer.failed.push(Failed {
                name: refused.name.clone(),
                images: vec![image.id.clone()],
                why: refused.why.clone(),
            }),
        }
    }
    let fetch = Fetch::new();
    let packages = Package::all(&resolved, &tags, &mut |choice| needs(cli, &fetch, choice, read));
    answer.images.push(Installed::new(image, &target, pip, packages, found));
    Ok(())
}

/// Each requirement by itself, where they cannot be met together; the error where there is but one, or none has an answer.
fn one_by_one(
    uv: &Uv,
    requirements: &Requirements,
    target: &Target,
    fits: &dyn Fn(&Locked) -> bool,
    error: ResolverError,
) -> Result<Resolution, Failure> {
    // What names its own address does not wait for the index.
    let elsewhere = requirements.alone.iter().any(|(requirement, _)| requirement.contains("://"));
    let apart = match error {
        ResolverError::Requirements(_) => true,
        ResolverError::Index(_) => elsewhere || !error.is_silence(),
        _ => false,
    };
    if !apart || requirements.alone.len() < 2 {
        return Err(unresolved(error));
    }
    let mut all = Resolution::default();
    let mut refused = Vec::new();
    for (requirement, asked) in &requirements.alone {
        match uv.resolve(asked, target, fits) {
            Ok(resolved) => all.merge(resolved),
            Err(error @ (ResolverError::Requirements(_) | ResolverError::Index(_))) => {
                refused.push(Refused { name: requirement.clone(), unfit: false, why: error.to_string() });
            }
            Err(error) => return Err(unresolved(error)),
        }
    }
    if refused.len() == requirements.alone.len() {
        return Err(unresolved(error));
    }
    if refused.is_empty() {
        let why = format!("each of them is answered by itself, so a package may be there in two versions. {error}");
        refused.push(Refused { name: "all requirements together".into(), unfit: false, why });
    }
    all.refused.extend(refused);
    Ok(all)
}

/// A lock says which files there are; the resolver only said which of its packages are wanted.
fn keep_locked(resolved: &mut Resolution, requirements: &Requirements) {
    for package in &mut resolved.lock.packages {
        let same = |locked: &&Locked| name(&locked.name) == package.name && locked.version == package.version;
        if let Some(locked) = requirements.locked.iter().find(same) {
            package.wheels.clone_from(&locked.wheels);
            package.sdist.clone_from(&locked.sdist);
        }
    }
}

/// What building a source takes; each is fetched once.
fn needs(cli: &Cli, fetch: &Fetch, choice: &Choice, read: &mut Read) -> Needs {
    let (Some(url), Some(file)) = (&choice.url, &choice.file) else {
        return Needs::unknown("its source is a repository or a folder, which is not looked into");
    };
    if let Some(known) = read.get(url) {
        return known.clone();
    }
    if !cli.quiet {
        eprintln!("libcdiff: reading {}", visible(&file.name));
    }
    let needs = match fetch.get(url, sdist::ARCHIVE).map(|bytes| sdist::read(&file.name, &bytes)) {
        Ok(Ok(contents)) => Needs::of(&contents),
        Ok(Err(error)) => Needs::unknown(error.to_string()),
        Err(error) => Needs::unknown(format!("its source could not be fetched: {error}")),
    };
    read.insert(url.clone(), needs.clone());
    needs
}

fn tell(request: &cli::Wheels, answer: &Answer) -> Result<(), Failure> {
    if request.json {
        return print(&(serde_json::to_string_pretty(answer)? + "\n"));
    }
    print(&visible(&table::render(answer, super::report::width())))
}
