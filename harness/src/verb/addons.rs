//! `libcdiff wheels --npm`: which native add-ons of Node come ready-made for each image, and which do not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{print, run::find, store};
use crate::addons::answer::Installed;
use crate::addons::binary;
use crate::addons::judge::Judge;
use crate::addons::lock::Lock;
use crate::addons::npm::{Closure, Npm, NpmError};
use crate::addons::platform::Platform;
use crate::addons::registry::Registry;
use crate::addons::table;
use crate::cli::{self, Cli};
use crate::exit::{Exit, Failure};
use crate::image::anywhere;
use crate::report::visible::visible;
use crate::wheels::answer::{self, Failed};
use crate::wheels::tags::Known;

/// What `--npm` named, by kind.
#[derive(Default)]
struct Asked {
    names: Vec<String>,
    projects: Vec<PathBuf>,
    locks: Vec<PathBuf>,
}

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Wheels) -> Result<(), Failure> {
    let asked = Asked::of(&request.npm)?;
    let before = request.at.map(super::wheels::end_of);
    let npm = Npm::find(request.npm_program.as_deref(), request.index_url.as_deref(), before);
    let (closure, resolver) = asked.closure(&npm)?;
    let mut registry = Registry::new(places(&npm, request.index_url.as_deref())?, cli.quiet);
    let images = find(&request.image, &store(cli, &request.registries)?.with_abroad(anywhere))?;
    let mut answer = answer::empty(resolver, request.at.map(|day| day.to_string()), Known::at(None));
    answer.notes = closure.notes;
    if request.at.is_some() && !asked.locks.is_empty() {
        answer.notes.push("a lock says which versions there are, whatever the day of --at".into());
    }
    for image in &images {
        let platform = Platform::of(image, request.node).map_err(Failure::request)?;
        let exported = binary::exported(image);
        let judge = Judge { lock: &closure.lock, platform: &platform, exported: &exported, omit_dev: request.omit_dev };
        let (packages, installed) = judge.packages(&mut registry);
        answer.node.push(Installed::new(image, &platform, packages, installed));
    }
    let ids: Vec<_> = images.iter().map(|image| image.id.clone()).collect();
    let failed = closure.failed.into_iter().map(|(name, why)| Failed { name, images: ids.clone(), why });
    answer.failed = failed.collect();
    if request.json {
        print(&(serde_json::to_string_pretty(&answer)? + "\n"))?;
    } else {
        print(&visible(&table::render(&answer, super::report::width())))?;
    }
    super::wheels::missing(&answer.failed)
}

impl Asked {
    /// Files by what they are, all else by name.
    fn of(values: &[String]) -> Result<Self, Failure> {
        let mut asked = Self::default();
        for value in values {
            let path = Path::new(value);
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_file = path.is_file();
            match name {
                "pnpm-lock.yaml" | "bun.lock" | "bun.lockb" => {
                    return Err(Failure::request(format!(
                        "{value} is not read: give the package.json beside it, which npm resolves anew"
                    )));
                }
                "yarn.lock" if is_file => asked.projects.push(path.with_file_name("package.json")),
                "package.json" if is_file => asked.projects.push(path.into()),
                _ if name.ends_with(".json") && is_file => asked.locks.push(path.into()),
                _ if path.is_dir() && path.join("package.json").is_file() => {
                    asked.projects.push(path.join("package.json"))
                }
                _ if name.ends_with(".json") || name == "yarn.lock" => {
                    return Err(Failure::request(format!("there is no file {value}")));
                }
                _ => asked.names.push(value.clone()),
            }
        }
        Ok(asked)
    }

    /// What would be installed, and who said so.
    fn closure(&self, npm: &Result<Npm, NpmError>) -> Result<(Closure, String), Failure> {
        let needed = || npm.as_ref().map_err(unresolved);
        let mut closures = Vec::new();
        if !self.names.is_empty() {
            closures.push(needed()?.names(&self.names).map_err(|error| unresolved(&error))?);
        }
        for project in &self.projects {
            closures.push(needed()?.file(project).map_err(|error| unresolved(&error))?);
        }
        let resolver = match closures.is_empty() {
            true => "the lock".into(),
            false => needed()?.version().map_err(|error| unresolved(&error))?,
        };
        for lock in &self.locks {
            closures.push(Closure { lock: read(lock)?, ..Closure::default() });
        }
        if closures.len() == 1 {
            return Ok((closures.remove(0), resolver));
        }
        let mut all = Closure::default();
        for (at, closure) in closures.into_iter().enumerate() {
            all.lock.merge(&format!("{at}"), closure.lock);
            all.failed.extend(closure.failed);
            all.notes.extend(closure.notes);
        }
        Ok((all, resolver))
    }
}

fn read(file: &Path) -> Result<Lock, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|e| Failure::request(format!("{} cannot be read: {e}", file.display())))?;
    Lock::parse(&text).map_err(|e| Failure::request(visible(&format!("{} cannot be used: {e}", file.display()))))
}

/// Where packages are; without npm, only as far as the request or the lock says it.
fn places(npm: &Result<Npm, NpmError>, index: Option<&str>) -> Result<BTreeMap<String, String>, Failure> {
    match (npm, index) {
        (Ok(npm), _) => npm.places().map_err(|error| unresolved(&error)),
        (Err(_), Some(index)) => Ok([(String::new(), index.to_owned())].into()),
        (Err(_), None) => Ok(BTreeMap::new()),
    }
}

fn unresolved(error: &NpmError) -> Failure {
    let exit = if error.is_request() { Exit::Request } else { Exit::Failed };
    Failure { exit, message: visible(&error.to_string()) }
}
