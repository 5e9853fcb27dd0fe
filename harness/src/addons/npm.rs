//! The resolver is npm, as a program: it writes the lock that an installation would have, and installs nothing.
//!
//! It works in a folder of its own, beside copies of the project's files. What cannot be resolved together is asked again piece
//! by piece, so that one wrong name does not hide what the others need.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Map, Value, json};
use thiserror::Error;

use super::lock::{Lock, LockError};

/// Why there is no lock.
#[derive(Debug, Error)]
pub enum NpmError {
    /// The program is not here.
    #[error(
        "there is no npm, which finds out what would be installed: install Node, say where npm is (--npm-program FILE), or give a package-lock.json"
    )]
    Missing,
    /// It could not be started, or a file could not be written for it.
    #[error("running {0} failed: {1}")]
    Start(String, io::Error),
    /// A file that cannot be used.
    #[error("{0} cannot be used: {1}")]
    File(String, String),
    /// A name that is none.
    #[error("--npm takes NAME, NAME@VERSION, package.json, package-lock.json or yarn.lock, and {0} is none of them")]
    Name(String),
    /// What was asked for cannot be met.
    #[error("npm cannot resolve what was asked for: {0}")]
    Requirements(String),
    /// The index did not answer.
    #[error("the index did not answer; look at --index-url and at the network\n{0}")]
    Index(String),
    /// Something else.
    #[error("npm failed; libcdiff was tried with npm 11\n{0}")]
    Other(String),
}

impl NpmError {
    /// Whether the request was wrong, not the tool or the network.
    pub fn is_request(&self) -> bool {
        matches!(self, Self::File(..) | Self::Name(_) | Self::Requirements(_))
    }
}

/// What would be installed.
#[derive(Debug, Default)]
pub struct Closure {
    /// Every package.
    pub lock: Lock,
    /// Names that could not be resolved, and why.
    pub failed: Vec<(String, String)>,
    /// What else has to be said.
    pub notes: Vec<String>,
}

/// npm.
#[derive(Clone, Debug)]
pub struct Npm {
    program: PathBuf,
    index: Option<String>,
    before: Option<String>,
}

/// Dependencies of one project, each of which can be asked for alone.
#[derive(Clone, Debug)]
struct Project {
    manifest: Map<String, Value>,
    /// Files that lie beside it and count: locks, settings.
    beside: Vec<PathBuf>,
}

/// Kinds of dependencies that are installed.
const KINDS: [&str; 3] = ["dependencies", "optionalDependencies", "devDependencies"];
/// What beside a `package.json` changes what npm chooses.
const BESIDE: [&str; 4] = [".npmrc", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock"];

impl Npm {
    /// npm at `place`, else on PATH; with this index, else its own; the index as it was before a moment.
    pub fn find(place: Option<&Path>, index: Option<&str>, before: Option<String>) -> Result<Self, NpmError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = || std::env::split_paths(&path).map(|folder| folder.join("npm")).find(|file| file.is_file());
        let program = match place {
            Some(file) => Some(file.to_owned()).filter(|file| file.is_file()),
            None => on_path(),
        };
        Ok(Self { program: program.ok_or(NpmError::Missing)?, index: index.map(str::to_owned), before })
    }

    /// What it says of itself: `npm 11.4.2`.
    pub fn version(&self) -> Result<String, NpmError> {
        let out = self.run(Path::new("."), &["--version"])?;
        Ok(format!("npm {}", String::from_utf8_lossy(&out.stdout).trim()))
    }

    /// Where packages are, by scope; the empty one is for all that have none.
    pub fn places(&self) -> Result<BTreeMap<String, String>, NpmError> {
        let out = self.run(Path::new("."), &["config", "list", "--json"])?;
        let said: Map<String, Value> =
            serde_json::from_slice(&out.stdout).map_err(|e| NpmError::Other(e.to_string()))?;
        let places = said.into_iter().filter_map(|(key, value)| {
            let scope = if key == "registry" { "" } else { key.strip_suffix(":registry")? };
            Some((scope.to_owned(), value.as_str()?.to_owned()))
        });
        Ok(places.collect())
    }

    /// What these names stand for together; else each by itself.
    pub fn names(&self, names: &[String]) -> Result<Closure, NpmError> {
        let mut wanted = Map::new();
        for name in names {
            let (name, range) = named(name)?;
            if wanted.insert(name.into(), json!(range)).is_some() {
                return Err(NpmError::Name(format!("{name}, named twice,")));
            }
        }
        self.project(&Project {
            manifest: Map::from_iter([("dependencies".into(), wanted.into())]),
            beside: Vec::new(),
        })
    }

    /// What a `package.json` stands for, with the lock and the settings beside it.
    pub fn file(&self, file: &Path) -> Result<Closure, NpmError> {
        let wrong = |why: String| NpmError::File(file.display().to_string(), why);
        let text = fs::read_to_string(file).map_err(|e| wrong(e.to_string()))?;
        let manifest: Value = serde_json::from_str(&text).map_err(|e| wrong(format!("it is no package.json: {e}")))?;
        let Value::Object(manifest) = manifest else { return Err(wrong("it is no package.json".into())) };
        let folder = file.parent().unwrap_or(Path::new(""));
        let beside = BESIDE.iter().map(|name| folder.join(name)).filter(|file| file.is_file()).collect();
        let local = KINDS.iter().filter_map(|kind| manifest.get(*kind)?.as_object());
        let local = local.flatten().find(|(_, range)| {
            range
                .as_str()
                .is_some_and(|range| ["file:", "link:", "workspace:", ".", "/"].iter().any(|l| range.starts_with(l)))
        });
        if let Some((name, range)) = local {
            return Err(wrong(format!(
                "{name} is {range}, a folder of the project: give the project's package-lock.json"
            )));
        }
        if manifest.contains_key("workspaces") {
            return Err(wrong("it has workspaces: give the project's package-lock.json".into()));
        }
        self.project(&Project { manifest, beside })
    }

    fn project(&self, project: &Project) -> Result<Closure, NpmError> {
        let words = match self.lock(project, false) {
            Ok(lock) => return Ok(Closure { lock, ..Closure::default() }),
            Err(NpmError::Requirements(words)) => words,
            Err(error) => return Err(error),
        };
        let parts = project.parts();
        if parts.len() < 2 {
            return Err(NpmError::Requirements(words));
        }
        let mut closure = Closure::default();
        for (name, part) in parts {
            match self.lock(&part, false) {
                Ok(lock) => closure.lock.merge(&name, lock),
                Err(NpmError::Requirements(why)) => closure.failed.push((name, why)),
                Err(error) => return Err(error),
            }
        }
        let so = "each is answered by itself, so versions may differ from those of an installation";
        closure.notes.push(match closure.failed.is_empty() {
            true => format!("npm cannot install all of this together, and {so}. npm says: {words}"),
            false => format!("as not all can be resolved, {so}"),
        });
        Ok(closure)
    }

    /// One run. What is for no platform that npm knows of here is asked for by force: whether it fits an image is not for
    /// this machine to say.
    fn lock(&self, project: &Project, force: bool) -> Result<Lock, NpmError> {
        let folder = tempfile::tempdir().map_err(|e| self.start(e))?;
        project.write(folder.path()).map_err(|e| self.start(e))?;
        let mut arguments = vec!["install", "--package-lock-only", "--ignore-scripts", "--json", "--loglevel=error"];
        arguments.extend(["--no-audit", "--no-fund", "--no-progress", "--package-lock=true"]);
        arguments.extend(force.then_some("--force"));
        let out = self.run(folder.path(), &arguments)?;
        if !out.status.success() {
            return match refusal(&out) {
                Err(code) if code == "EBADPLATFORM" && !force => self.lock(project, true),
                Err(code) => Err(NpmError::Other(code)),
                Ok(error) => Err(error),
            };
        }
        let text = ["package-lock.json", "npm-shrinkwrap.json"]
            .iter()
            .find_map(|name| fs::read_to_string(folder.path().join(name)).ok());
        let lock = Lock::parse(&text.unwrap_or_default());
        lock.map_err(|e: LockError| NpmError::Other(format!("its package-lock.json: {e}")))
    }

    fn run(&self, folder: &Path, arguments: &[&str]) -> Result<Output, NpmError> {
        let mut command = Command::new(&self.program);
        command.args(arguments).arg("--no-update-notifier").current_dir(folder);
        if std::env::var_os("npm_config_fetch_retries").is_none() {
            command.args(["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]);
        }
        // npm itself waits for five minutes, each time.
        if std::env::var_os("npm_config_fetch_timeout").is_none() {
            command.arg("--fetch-timeout=30000");
        }
        if let Some(index) = &self.index {
            command.env("npm_config_registry", index);
        }
        if let Some(before) = &self.before {
            command.arg(format!("--before={before}"));
        }
        command.output().map_err(|e| self.start(e))
    }

    fn start(&self, error: io::Error) -> NpmError {
        NpmError::Start(self.program.display().to_string(), error)
    }
}

impl Project {
    /// Each dependency as a project of its own, in the order of names.
    fn parts(&self) -> Vec<(String, Self)> {
        let mut parts = BTreeMap::new();
        for kind in KINDS {
            for (name, range) in self.manifest.get(kind).and_then(Value::as_object).into_iter().flatten() {
                let mut manifest = self.manifest.clone();
                KINDS.iter().chain(&["peerDependencies"]).for_each(|kind| drop(manifest.remove(*kind)));
                manifest.insert(kind.into(), json!({name: range}));
                let settings = self.beside.iter().filter(|file| file.ends_with(".npmrc")).cloned().collect();
                parts.insert(name.clone(), Self { manifest, beside: settings });
            }
        }
        parts.into_iter().collect()
    }

    fn write(&self, folder: &Path) -> io::Result<()> {
        fs::write(folder.join("package.json"), serde_json::to_vec(&self.manifest)?)?;
        for file in &self.beside {
            fs::copy(file, folder.join(file.file_name().unwrap_or_default()))?;
        }
        Ok(())
    }
}

/// The name and the range of `NAME@RANGE`.
fn named(text: &str) -> Result<(&str, &str), NpmError> {
    let at = text.get(1..).and_then(|rest| rest.find('@')).map(|at| at + 1);
    let (name, range) = at.map_or((text, "latest"), |at| (&text[..at], &text[at + 1..]));
    let plain = |part: &str| {
        !part.is_empty() && !part.starts_with(['.', '-', '_']) && !part.contains(['/', ':', '\\', ' ', '@'])
    };
    let right = match name.strip_prefix('@').and_then(|scoped| scoped.split_once('/')) {
        Some((scope, bare)) => plain(scope) && plain(bare),
        None => plain(name),
    };
    match right && !range.contains([':', '/']) {
        true => Ok((name, range)),
        false => Err(NpmError::Name(text.into())),
    }
}

/// What npm says where it fails; `Err` with its code where the code alone says nothing of whose fault it is.
fn refusal(out: &Output) -> Result<NpmError, String> {
    let said: Value = serde_json::from_slice(&out.stdout).unwrap_or_default();
    let text = |name: &str| said.pointer(&format!("/error/{name}")).and_then(Value::as_str).unwrap_or_default();
    let (code, summary, detail) = (text("code"), text("summary").trim(), text("detail").trim());
    let words = if detail.is_empty() { summary.to_owned() } else { format!("{summary}\n{detail}") };
    match code {
        "EBADPLATFORM" => Err(code.into()),
        "E404" | "ETARGET" | "ERESOLVE" | "ENOVERSIONS" | "EOVERRIDE" | "EUNSUPPORTEDPROTOCOL" | "EJSONPARSE" => {
            Ok(NpmError::Requirements(words))
        }
        _ if code.starts_with("EINVALID") => Ok(NpmError::Requirements(words)),
        "ENOTFOUND" | "ECONNREFUSED" | "ECONNRESET" | "ETIMEDOUT" | "EAI_AGAIN" | "ENETUNREACH"
        | "ERR_SOCKET_TIMEOUT" | "FETCH_ERROR" => Ok(NpmError::Index(words)),
        _ if code.starts_with("E4") || code.starts_with("E5") => Ok(NpmError::Index(words)),
        _ if words.is_empty() => Err(String::from_utf8_lossy(&out.stderr).trim().to_owned()),
        _ => Err(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_ranges_and_nothing_else() {
        for (text, name, range) in [
            ("sharp", "sharp", "latest"),
            ("sharp@0.33", "sharp", "0.33"),
            ("@swc/core", "@swc/core", "latest"),
            ("@swc/core@^1.2", "@swc/core", "^1.2"),
        ] {
            assert_eq!(named(text).expect("a name"), (name, range));
        }
        for text in ["", "@", "@x", "--force", "a/b", "x@git+ssh://h/x", "x@file:../y", "../x", "https://h/x.tgz"] {
            assert!(named(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_project_falls_into_its_dependencies() {
        let manifest = json!({"name": "p", "overrides": {"x": "1"}, "dependencies": {"a": "1", "b": "2"}, "devDependencies": {"c": "3"}});
        let Value::Object(manifest) = manifest else { panic!("an object") };
        let parts = Project { manifest, beside: vec!["/p/.npmrc".into(), "/p/yarn.lock".into()] }.parts();
        assert_eq!(parts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
        let Project { manifest, beside } = &parts[2].1;
        assert_eq!(manifest.get("devDependencies"), Some(&json!({"c": "3"})));
        assert!(!manifest.contains_key("dependencies") && manifest.contains_key("overrides"));
        assert_eq!(beside, &[PathBuf::from("/p/.npmrc")]);
    }
}
