//! The resolver is uv, as a program: it finds out what would be installed for a platform that is not this machine's, as pip
//! would, and writes that down as a `pylock.toml`.
//!
//! What it refuses is left out by name and asked again, so that one wrong requirement does not hide what the others need.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use thiserror::Error;

use super::lock::Lock;
use super::needs::name;
use super::tags::Target;
use crate::image::Family;

/// How often a resolution is asked for again, each time without one more package or version.
const ATTEMPTS: usize = 40;

/// Seconds for which the index may be silent, each of the four times that uv asks it: as long as pip waits.
const SILENCE: &str = "15";
/// What says it otherwise.
const PATIENCE: [&str; 3] = ["UV_HTTP_TIMEOUT", "UV_REQUEST_TIMEOUT", "HTTP_TIMEOUT"];

/// glibc's versions, 2 before each, that uv knows as platforms of x86_64 and aarch64.
const KNOWN: &[u32] = &[17, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40];

/// Why there is no resolution.
#[derive(Debug, Error)]
pub enum ResolverError {
    /// The program is not here.
    #[error("there is no uv, which finds out what would be installed: pip install uv, or say where it is (--uv FILE)")]
    Missing,
    /// It could not be started or read.
    #[error("running {0} failed: {1}")]
    Start(String, io::Error),
    /// It resolves for no such platform.
    #[error("uv resolves for no {0} on {1}: of glibc it knows x86_64, aarch64 and riscv64, of musl x86_64 and aarch64")]
    Platform(Family, String),
    /// The requirements cannot be met, or cannot be read.
    #[error("{0}")]
    Requirements(String),
    /// The index did not answer.
    #[error("the index did not answer; look at --index-url and at the network\n{0}")]
    Index(String),
    /// It does not keep when files came.
    #[error("the index does not say when files were uploaded, so --at cannot be answered from it\n{0}")]
    Undated(String),
    /// Something else.
    #[error("uv failed; libcdiff was tried with uv 0.13\n{0}")]
    Other(String),
}

impl ResolverError {
    /// Whether the request was wrong, not the tool or the network.
    pub fn is_request(&self) -> bool {
        matches!(self, Self::Requirements(_) | Self::Platform(..) | Self::Undated(_))
    }

    /// Whether the other side said nothing at all, so that there is no use in asking it for something else.
    pub fn is_silence(&self) -> bool {
        matches!(self, Self::Index(words) if !words.contains("HTTP status"))
    }
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Files of requirements.
    pub files: Vec<PathBuf>,
    /// Files of constraints.
    pub constraints: Vec<PathBuf>,
    /// The packages that are named and no others: everything is named already.
    pub no_deps: bool,
    /// The index as it was before this moment, RFC 3339.
    pub before: Option<String>,
    /// The folder of those files that were written for the resolver, whose names tell nobody anything.
    pub written: Option<PathBuf>,
}

/// A package that could not be resolved, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its name.
    pub name: String,
    /// Whether there are versions, but none with a wheel that fits or a source.
    pub unfit: bool,
    /// uv's words.
    pub why: String,
}

/// What would be installed.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// The packages.
    pub lock: Lock,
    /// What was left out.
    pub refused: Vec<Refused>,
    /// Packages whose dependencies nobody knows: they have source alone, and its build fails on this machine.
    pub unbuilt: BTreeMap<String, String>,
}

/// uv.
#[derive(Clone, Debug)]
pub struct Uv {
    program: PathBuf,
    index: Option<String>,
}

/// What makes another attempt different from the first.
#[derive(Default)]
struct Leave {
    out: Vec<Refused>,
    versions: BTreeSet<String>,
    unbuilt: BTreeMap<String, String>,
}

impl Uv {
    /// uv at `place`, a file or a folder, else on PATH; with this index, else pip's or its own.
    pub fn find(place: Option<&Path>, index: Option<&str>) -> Result<Self, ResolverError> {
        let on_path = || {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).map(|folder| folder.join("uv")).find(|file| file.is_file())
        };
        let program = match place {
            Some(folder) if folder.is_dir() => Some(folder.join("uv")).filter(|file| file.is_file()),
            Some(file) => Some(file.to_owned()).filter(|file| file.is_file()),
            None => on_path(),
        };
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let own = set("UV_DEFAULT_INDEX").or_else(|| set("UV_INDEX_URL")).is_some();
        let index = index.map(str::to_owned).or_else(|| set("PIP_INDEX_URL").filter(|_| !own));
        Ok(Self { program: program.ok_or(ResolverError::Missing)?, index })
    }

    /// What it says of itself: `uv 0.13.9`.
    pub fn version(&self) -> Result<String, ResolverError> {
        let out = Command::new(&self.program).arg("--version").output().map_err(|e| self.start(e))?;
        let text = String::from_utf8_lossy(&out.stdout);
        Ok(text.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
    }

    /// A run of it, with the index where nobody else on this machine reads its password.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        if let Some(index) = &self.index {
            command.env("UV_DEFAULT_INDEX", index).env_remove("UV_INDEX_URL");
        }
        if std::env::var_os("UV_PYTHON_DOWNLOADS").is_none() {
            command.env("UV_PYTHON_DOWNLOADS", "never");
        }
        if PATIENCE.iter().all(|name| std::env::var_os(name).is_none()) {
            command.env("UV_HTTP_TIMEOUT", SILENCE);
        }
        command
    }

    fn start(&self, error: io::Error) -> ResolverError {
        ResolverError::Start(self.program.display().to_string(), error)
    }

    /// What would be installed; `fits` says of a package whether any of its files can be used.
    pub fn resolve(
        &self,
        asked: &Asked,
        target: &Target,
        fits: impl Fn(&super::lock::Locked) -> bool,
    ) -> Result<Resolution, ResolverError> {
        let mut leave = Leave::default();
        let mut last: Option<Lock> = None;
        for _ in 0..ATTEMPTS {
            let (lock, words) = match self.attempt(asked, target, &leave)? {
                Ok(lock) => (lock, None),
                Err(words) => (Lock::default(), Some(words)),
            };
            if let Some(words) = words {
                // Another version was asked for, and there is none: what was chosen first stays, and fits nowhere.
                if let Some(lock) = last.take() {
                    return Ok(Resolution { lock, refused: leave.out, unbuilt: leave.unbuilt });
                }
                leave.learn(&words)?;
                continue;
            }
            let unfit: Vec<_> = lock.packages.iter().filter(|package| !fits(package)).collect();
            let new: Vec<_> = unfit
                .iter()
                .filter_map(|package| Some(format!("{}!={}", package.name, package.version.as_ref()?)))
                .filter(|line| !leave.versions.contains(line))
                .collect();
            if new.is_empty() || asked.no_deps {
                return Ok(Resolution { lock, refused: leave.out, unbuilt: leave.unbuilt });
            }
            leave.versions.extend(new);
            last = Some(lock);
        }
        match last {
            Some(lock) => Ok(Resolution { lock, refused: leave.out, unbuilt: leave.unbuilt }),
            None => Err(ResolverError::Requirements(format!(
                "after {ATTEMPTS} attempts, each without one more package, something is still missing"
            ))),
        }
    }

    /// One run: a lock, or uv's words where the requirements are not met.
    fn attempt(&self, asked: &Asked, target: &Target, leave: &Leave) -> Result<Result<Lock, String>, ResolverError> {
        let folder = tempfile::tempdir().map_err(|e| self.start(e))?;
        let write = |name: &str, text: String| -> Result<PathBuf, ResolverError> {
            let path = folder.path().join(name);
            std::fs::write(&path, text).map_err(|e| self.start(e))?;
            Ok(path)
        };
        let mut args: Vec<OsString> = Vec::new();
        if !leave.unbuilt.is_empty() {
            args.extend(["--config-file".into(), write("uv.toml", metadata(&leave.unbuilt))?.into()]);
        }
        args.extend(["pip", "compile", "--format", "pylock.toml", "--no-header", "--no-progress"].map(OsString::from));
        args.extend(["--color", "never", "--python-version"].map(OsString::from));
        args.push(target.python.to_string().into());
        args.extend(["--python-platform".into(), platform(target)?.into()]);
        if let Some(before) = &asked.before {
            args.extend(["--exclude-newer".into(), before.into()]);
        }
        if asked.no_deps {
            args.push("--no-deps".into());
        }
        if !leave.out.is_empty() {
            let names = leave.out.iter().map(|refused| refused.name.clone() + "\n").collect();
            args.extend(["--excludes".into(), write("excludes.txt", names)?.into()]);
        }
        let mut constraints = asked.constraints.clone();
        if !leave.versions.is_empty() {
            let lines = leave.versions.iter().map(|line| line.clone() + "\n").collect();
            constraints.push(write("constraints.txt", lines)?);
        }
        args.extend(constraints.into_iter().flat_map(|file| ["--constraints".into(), file.into()]));
        args.push("--".into());
        args.extend(asked.files.iter().map(OsString::from));
        let mut command = self.command();
        let out = command.args(args).output().map_err(|e| self.start(e))?;
        // Warnings go with every run: they are no reason of a failure.
        let words = String::from_utf8_lossy(&out.stderr);
        let words = words.lines().filter(|line| !line.starts_with("warning: The requested Python")).collect::<Vec<_>>();
        let words = asked.named(words.join("\n").trim());
        if words.contains("is missing an upload date") {
            return Err(ResolverError::Undated(words));
        }
        if !out.status.success() {
            return Ok(Err(words));
        }
        let text = String::from_utf8_lossy(&out.stdout);
        Lock::parse(&text).map(Ok).map_err(|e| ResolverError::Other(format!("its pylock.toml cannot be read: {e}")))
    }

    /// The `pylock.toml` of a project that has a `uv.lock`.
    pub fn export(&self, project: &Path) -> Result<String, ResolverError> {
        let mut command = self.command();
        command.args(["export", "--frozen", "--no-dev", "--no-emit-project", "--format", "pylock.toml", "--no-header"]);
        command.args(["--no-progress", "--color", "never", "--project"]).arg(project);
        let out = command.output().map_err(|e| self.start(e))?;
        match out.status.success() {
            true => Ok(String::from_utf8_lossy(&out.stdout).into_owned()),
            false => Err(ResolverError::Requirements(format!(
                "{} cannot be exported; it needs its pyproject.toml beside it\n{}",
                project.join("uv.lock").display(),
                String::from_utf8_lossy(&out.stderr).trim()
            ))),
        }
    }
}

impl Asked {
    /// Words of the resolver, without the names of files that were written for it.
    fn named(&self, words: &str) -> String {
        let ours =
            self.files.iter().filter(|file| self.written.as_ref().is_some_and(|folder| file.starts_with(folder)));
        ours.fold(words.to_owned(), |words, file| words.replace(&format!("`{}`", file.display()), "what was asked for"))
    }
}

impl Resolution {
    /// What another resolution has, too.
    pub fn merge(&mut self, other: Self) {
        for package in other.lock.packages {
            let known =
                self.lock.packages.iter().any(|one| (&one.name, &one.version) == (&package.name, &package.version));
            if !known {
                self.lock.packages.push(package);
            }
        }
        let known = |refused: &Refused| self.refused.iter().any(|one| one.name == refused.name);
        let new: Vec<_> = other.refused.into_iter().filter(|refused| !known(refused)).collect();
        self.refused.extend(new);
        self.unbuilt.extend(other.unbuilt);
    }
}

impl Leave {
    /// What these words blame is left out from now on; an error where they blame nothing that can be.
    fn learn(&mut self, words: &str) -> Result<(), ResolverError> {
        let lower = words.to_lowercase();
        let network = ["failed to fetch", "error sending request", "dns error", "connection refused", "timed out"];
        if let Some((package, version)) = unbuilt(words)
            && !self.unbuilt.contains_key(&package)
        {
            self.unbuilt.insert(package, version);
            return Ok(());
        }
        if network.iter().any(|phrase| lower.contains(phrase)) {
            return Err(ResolverError::Index(words.into()));
        }
        if let Some((package, unfit)) = blamed(words)
            && !self.out.iter().any(|refused| refused.name == package)
        {
            self.out.push(Refused { name: package, unfit, why: words.into() });
            return Ok(());
        }
        let wrong = ["No solution found", "parse", "not found", "No such file", "invalid", "Unexpected", "Expected"];
        Err(match wrong.iter().any(|phrase| words.contains(phrase)) {
            true => ResolverError::Requirements(format!("uv cannot resolve the requirements\n{words}")),
            false => ResolverError::Other(words.into()),
        })
    }
}

/// A uv.toml that says that these packages depend on nothing.
fn metadata(unbuilt: &BTreeMap<String, String>) -> String {
    let entry = |(name, version): (&String, &String)| {
        format!("[[dependency-metadata]]\nname = \"{name}\"\nversion = \"{version}\"\nrequires-dist = []\n")
    };
    unbuilt.iter().map(entry).collect()
}

/// The package whose build failed, and its version.
fn unbuilt(words: &str) -> Option<(String, String)> {
    let after = ["Failed to build `", "Failed to download and build `"].iter().find_map(|p| words.split_once(p))?.1;
    let (package, version) = after.split_once('`')?.0.split_once("==")?;
    let plain = version.chars().all(|c| c.is_ascii_alphanumeric() || ".+!_-".contains(c));
    plain.then(|| (name(package), version.to_owned()))
}

/// The package that is the reason, and whether it exists but has nothing that fits.
fn blamed(words: &str) -> Option<(String, bool)> {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let before = |phrase: &str| words.split_once(phrase).and_then(|(head, _)| head.rsplit(' ').next()).map(name);
    let after = |phrase: &str| words.split_once(phrase).and_then(|(_, tail)| tail.split(' ').next()).map(name);
    if let Some(package) =
        before(" was not found in the package registry").or_else(|| before(" was not found in the provided"))
    {
        return Some((package, false));
    }
    let unfit = [" has no wheels with", " have no wheels with", " has no usable wheels", " have no usable wheels"];
    if let Some(package) = unfit.iter().find_map(|phrase| before(phrase)) {
        return Some((package, true));
    }
    // Where two requirements contradict each other, one package is not the reason.
    let alone = !words.contains("depends on");
    let none = after("there is no version of ").or_else(|| after("there are no versions of "));
    none.filter(|_| alone).map(|package| (package, false))
}

/// uv's name for the platform that takes all that the target takes, and as little more as there is.
fn platform(target: &Target) -> Result<String, ResolverError> {
    let arch = target.arch.as_str();
    let none = || ResolverError::Platform(target.family.clone(), arch.into());
    Ok(match (&target.family, arch) {
        (Family::Musl, "x86_64" | "aarch64") => format!("{arch}-unknown-linux-musl"),
        (Family::Glibc, "riscv64") => "riscv64-unknown-linux".into(),
        (Family::Glibc, "x86_64" | "aarch64") => {
            let newest = KNOWN[KNOWN.len() - 1];
            let minor = KNOWN.iter().find(|minor| **minor >= target.libc.1).unwrap_or(&newest);
            format!("{arch}-manylinux_2_{minor}")
        }
        _ => return Err(none()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wheels::tags::Python;

    #[test]
    fn the_platform_takes_no_less_than_the_image() {
        let of =
            |family, libc, arch: &str| platform(&Target { family, libc, arch: arch.into(), python: Python(3, 12) });
        for (family, libc, arch, name) in [
            (Family::Glibc, (2, 41), "x86_64", "x86_64-manylinux_2_40"),
            (Family::Glibc, (2, 31), "aarch64", "aarch64-manylinux_2_31"),
            (Family::Glibc, (2, 19), "x86_64", "x86_64-manylinux_2_28"),
            (Family::Musl, (1, 1), "x86_64", "x86_64-unknown-linux-musl"),
        ] {
            assert_eq!(of(family, libc, arch).expect("a platform"), name);
        }
        let error = of(Family::Musl, (1, 2), "s390x").expect_err("none").to_string();
        assert!(error.contains("no musl on s390x"), "{error}");
    }

    #[test]
    fn words_of_uv_blame_packages() {
        for (words, reason) in [
            ("Because no-such was not found in the package registry and you require", Some(("no-such", false))),
            ("Because there is no version of six==99 and you require six==99", Some(("six", false))),
            ("And because triton>=2.0.0 has no wheels with a matching platform tag (e.g.,", Some(("triton", true))),
            ("Because all versions of a.b have no usable\n wheels and", Some(("a-b", true))),
            ("Because requests==2.31.0 depends on urllib3>=1.21.1,<3 and you require", None),
        ] {
            assert_eq!(blamed(words), reason.map(|(name, unfit)| (name.to_owned(), unfit)), "{words}");
        }
        let built = unbuilt("error: Failed to build `Foo_bar==1.0`\n cause");
        assert_eq!(built, Some(("foo-bar".into(), "1.0".into())));
        assert_eq!(unbuilt("Failed to build `x==1\"\nindex = 1`"), None);
    }
}
