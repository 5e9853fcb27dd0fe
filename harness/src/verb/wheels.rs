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
use crate::wheels::needs::{Needs, name};
use crate::wheels::requirements::Requirements;
use crate::wheels::resolver::{Resolution, ResolverError, Uv};
use crate::wheels::tags::Known;
use crate::wheels::{sdist, table, target};

/// What was found out of source, by its address.
type Read = HashMap<String, Needs>;

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Wheels) -> Result<(), Failure> {
    if request.requirements.is_empty() && request.file.is_empty() {
        return Err(Failure::request("nothing to install: name requirements, or a file of them with -r"));
    }
    let folder = tempfile::tempdir()?;
    let uv = Uv::find(request.uv.as_deref(), request.index_url.as_deref()).map_err(unresolved)?;
    let version = uv.version().map_err(unresolved)?;
    let mut requirements =
        Requirements::read(&request.requirements, &request.file, &uv, folder.path()).map_err(Failure::request)?;
    requirements.asked.constraints.clone_from(&request.constraint);
    requirements.asked.before = request.at.map(end_of);
    let images = find(&request.image, &store(cli, &request.registries)?.with_abroad(anywhere))?;
    let mut answer = answer::empty(version, request.at.map(|day| day.to_string()), Known::at(request.at));
    answer.notes.clone_from(&requirements.notes);
    let mut read = Read::default();
    for image in &images {
        let installed = install(cli, request, &uv, &requirements, image, &mut answer.failed, &mut read)?;
        answer.images.push(installed);
    }
    tell(request, &answer)?;
    match answer.failed.as_slice() {
        [] => Ok(()),
        failed => {
            let names: Vec<_> = failed.iter().map(|failed| failed.name.as_str()).collect();
            Err(Failure::request(format!("there is no answer for {}; for the rest there is", names.join(", "))))
        }
    }
}

/// The first moment after a day, in UTC.
fn end_of(day: NaiveDate) -> String {
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
    failed: &mut Vec<Failed>,
    read: &mut Read,
) -> Result<Installed, Failure> {
    let target = target::of(image, request.python).map_err(Failure::request)?;
    let tags = target.tags(Known::at(request.at));
    let fits = |package: &crate::wheels::lock::Locked| Choice::of(package, &tags).verdict != Verdict::Nothing;
    let mut resolved = uv.resolve(&requirements.asked, &target, fits).map_err(unresolved)?;
    keep_locked(&mut resolved, requirements);
    for refused in resolved.refused.iter().filter(|refused| !refused.unfit) {
        match failed.iter_mut().find(|known| known.name == refused.name) {
            Some(known) => known.images.push(image.id.clone()),
            None => failed.push(Failed {
                name: refused.name.clone(),
                images: vec![image.id.clone()],
                why: refused.why.clone(),
            }),
        }
    }
    let fetch = Fetch::new();
    let packages = Package::all(&resolved, &tags, &mut |choice| needs(cli, &fetch, choice, read));
    Ok(Installed::new(image, &target, request.python.is_none(), packages))
}

/// A lock says which files there are; the resolver only said which of its packages are wanted.
fn keep_locked(resolved: &mut Resolution, requirements: &Requirements) {
    for package in &mut resolved.lock.packages {
        let same = |locked: &&crate::wheels::lock::Locked| {
            name(&locked.name) == package.name && locked.version == package.version
        };
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
