//! What is to be installed, from the files that projects have: requirements, projects, and locks of three tools.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::lines::Lines;
use super::lock::{Lock, Locked};
use super::resolver::{Asked, Uv};

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Requirements {
    /// What the resolver is asked.
    pub asked: Asked,
    /// The files of a lock, which count instead of those that the index has.
    pub locked: Vec<Locked>,
    /// What had to be left out, for people.
    pub notes: Vec<String>,
    /// Each requirement, with what the resolver is asked to answer it alone; none of a lock.
    pub alone: Vec<(String, Asked)>,
}

#[derive(Deserialize)]
struct PoetryLock {
    #[serde(default)]
    package: Vec<PoetryPackage>,
}

#[derive(Deserialize)]
struct PoetryPackage {
    name: String,
    version: String,
    #[serde(default)]
    optional: bool,
    category: Option<String>,
    groups: Option<Vec<String>>,
    markers: Option<toml::Value>,
    source: Option<toml::Table>,
}

impl Requirements {
    /// Reads files and names; what has to be written for the resolver goes into `folder`.
    pub fn read(names: &[String], files: &[PathBuf], uv: &Uv, folder: &Path) -> Result<Self, String> {
        let mut read = Self::default();
        let mut locks = 0;
        for file in files {
            if !file.is_file() {
                return Err(format!("there is no file {}", file.display()));
            }
            let text = || fs::read_to_string(file).map_err(|e| format!("{} cannot be read: {e}", file.display()));
            let pins = match file.file_name().and_then(|name| name.to_str()).unwrap_or_default() {
                "poetry.lock" => read.poetry(file, &text()?)?,
                "uv.lock" => {
                    let project = file.parent().filter(|parent| !parent.as_os_str().is_empty());
                    let text = uv.export(project.unwrap_or(Path::new("."))).map_err(|e| e.to_string())?;
                    read.pylock(file, &text)?
                }
                name if name.starts_with("pylock.") && name.ends_with(".toml") => read.pylock(file, &text()?)?,
                _ => {
                    read.asked.files.push(file.clone());
                    continue;
                }
            };
            locks += 1;
            let path = folder.join(format!("lock-{locks}.txt"));
            fs::write(&path, pins).map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
            read.asked.files.push(path);
        }
        if !names.is_empty() {
            let path = folder.join("requirements.txt");
            let text: String = names.iter().map(|name| name.clone() + "\n").collect();
            fs::write(&path, text).map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
            read.asked.files.push(path);
        }
        if locks > 0 && (locks, names.len()) != (files.len(), 0) {
            return Err("a lock says everything that is installed: give it alone, without requirements".into());
        }
        read.asked.no_deps = locks > 0;
        if locks == 0 {
            read.split(folder)?;
        }
        Ok(read)
    }

    /// Writes each requirement into a file of its own.
    fn split(&mut self, folder: &Path) -> Result<(), String> {
        let mut lines = Lines::default();
        self.asked.files.iter().for_each(|file| lines.take(file));
        let options: String = lines.options.iter().map(|option| option.clone() + "\n").collect();
        for (at, requirement) in lines.requirements.iter().enumerate() {
            let path = folder.join(format!("alone-{at}.txt"));
            let write = |e| format!("{} cannot be written: {e}", path.display());
            fs::write(&path, format!("{options}{requirement}\n")).map_err(write)?;
            let asked = Asked { files: vec![path], constraints: lines.constraints.clone(), ..Asked::default() };
            self.alone.push((requirement.clone(), asked));
        }
        Ok(())
    }

    /// Sets for all questions which constraints there are, and the moment of the index.
    pub fn limit(&mut self, constraints: &[PathBuf], before: Option<&String>) {
        for asked in std::iter::once(&mut self.asked).chain(self.alone.iter_mut().map(|(_, asked)| asked)) {
            asked.constraints.extend_from_slice(constraints);
            asked.before = before.cloned();
        }
    }

    /// One line for each package of a `pylock.toml` that an index has.
    fn pylock(&mut self, file: &Path, text: &str) -> Result<String, String> {
        let lock = Lock::parse(text).map_err(|e| format!("{} is no pylock.toml: {e}", file.display()))?;
        let mut lines = String::new();
        for package in lock.packages {
            let marker = package.marker.clone().unwrap_or_default();
            let elsewhere = package.vcs.is_some() || package.directory.is_some() || package.archive.is_some();
            let left_out = match &package.version {
                _ if elsewhere => Some("comes from no index"),
                None => Some("has no version"),
                _ if marker.contains("extras") || marker.contains("dependency_groups") => {
                    Some("belongs to an extra or a group")
                }
                Some(_) => None,
            };
            match (left_out, &package.version) {
                (None, Some(version)) => {
                    lines += &line(&package.name, version, &marker);
                    self.locked.push(package);
                }
                (why, _) => self.left_out(&package.name, why.unwrap_or_default()),
            }
        }
        Ok(lines)
    }

    /// One line for each package of a `poetry.lock` that a plain installation has.
    fn poetry(&mut self, file: &Path, text: &str) -> Result<String, String> {
        let lock: PoetryLock =
            toml::from_str(text).map_err(|e| format!("{} is no poetry.lock: {e}", file.display()))?;
        let mut lines = String::new();
        for package in lock.package {
            let main = package.groups.as_ref().is_none_or(|groups| groups.iter().any(|group| group == "main"))
                && package.category.as_deref().is_none_or(|category| category == "main");
            let legacy = package.source.as_ref().and_then(|source| source.get("type")).and_then(|kind| kind.as_str());
            let marker = match &package.markers {
                Some(toml::Value::String(marker)) => marker.as_str(),
                Some(toml::Value::Table(groups)) => groups.get("main").and_then(|m| m.as_str()).unwrap_or_default(),
                _ => "",
            };
            match (main, package.optional, legacy) {
                (false, _, _) | (_, true, _) => self.left_out(&package.name, "belongs to an extra or a group"),
                (_, _, Some("git" | "directory" | "file" | "url")) => {
                    self.left_out(&package.name, "comes from no index");
                }
                _ => lines += &line(&package.name, &package.version, marker),
            }
        }
        Ok(lines)
    }

    fn left_out(&mut self, name: &str, why: &str) {
        self.notes.push(format!("{name} of the lock is left out: it {why}"));
    }
}

fn line(name: &str, version: &str, marker: &str) -> String {
    match marker {
        "" => format!("{name}=={version}\n"),
        marker => format!("{name}=={version} ; {marker}\n"),
    }
}
