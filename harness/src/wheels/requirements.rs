//! What is to be installed, from the files that projects have: requirements, projects, and locks.

use std::fs;
use std::path::{Path, PathBuf};

use super::lines::Lines;
use super::lock::{Lock, Locked};
use super::pins::{self, Pin};
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

/// Reads the text of a lock.
type Reader = fn(&str) -> Result<Vec<Pin>, String>;

/// Locks that pin versions and leave the files to the index, by their names.
const PINNING: [(&str, Reader); 3] =
    [("poetry.lock", pins::poetry), ("pdm.lock", pins::pdm), ("Pipfile.lock", pins::pipenv)];

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
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let pinning = PINNING.iter().find(|(known, _)| *known == name);
            let pins = match name {
                _ if let Some((name, pins)) = pinning => {
                    let pins = pins(&text()?);
                    read.pinned(pins.map_err(|e| format!("{} is no {name}: {}", file.display(), e.trim_end()))?)
                }
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
        read.asked.written = Some(folder.to_owned());
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
            let asked = Asked {
                files: vec![path],
                constraints: lines.constraints.clone(),
                written: Some(folder.to_owned()),
                ..Asked::default()
            };
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
        let lock = Lock::parse(text)
            .map_err(|e| format!("{} is no pylock.toml: {}", file.display(), e.to_string().trim_end()))?;
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
                    let (name, version) = (package.name.clone(), Some(version.clone()));
                    lines += &Pin { name, version, marker, left_out: None }.line();
                    self.locked.push(package);
                }
                (why, _) => self.left_out(&package.name, why.unwrap_or_default()),
            }
        }
        Ok(lines)
    }

    /// One line for each package of another lock that a plain installation has.
    fn pinned(&mut self, pins: Vec<Pin>) -> String {
        let mut lines = String::new();
        for pin in pins {
            match pin.left_out {
                Some(why) => self.left_out(&pin.name, why),
                None => lines += &pin.line(),
            }
        }
        lines
    }

    fn left_out(&mut self, name: &str, why: &str) {
        self.notes.push(format!("{name} of the lock is left out: it {why}"));
    }
}
