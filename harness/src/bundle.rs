//! What the harness carries: the probes of every flavour, the agent, and what is known of each case.
//!
//! Programs are laid out once in the cache, under the digest of the whole bundle, and compared byte for byte each time:
//! a probe that somebody has changed must not answer.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use libcdiff_protocol::{CaseInfo, Flavour, scenario};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::bench::workload::Workload;
use crate::image::Digest;
use crate::runfile::{FlavourInfo, FlavourLibc};

include!(concat!(env!("OUT_DIR"), "/bundle.rs"));

/// The programs for another machine.
struct Foreign {
    /// As `uname -m` says.
    arch: &'static str,
    programs: &'static [(&'static str, &'static [u8])],
    agent: &'static [u8],
    build: &'static str,
}

/// The programs for one machine, this one's or another's.
#[derive(Clone, Copy)]
struct Set {
    programs: &'static [(&'static str, &'static [u8])],
    agent: &'static [u8],
    build: &'static str,
}

/// This machine's.
const OWN: Set = Set { programs: PROGRAMS, agent: AGENT, build: BUILD };

impl Set {
    /// Those for an architecture, as `uname -m` names it.
    fn of(arch: &str) -> Option<Self> {
        if arch == std::env::consts::ARCH {
            return Some(OWN);
        }
        let found = FOREIGN.iter().find(|foreign| foreign.arch == arch)?;
        Some(Self { programs: found.programs, agent: found.agent, build: found.build })
    }
}

/// Whether there are programs for an architecture, as `uname -m` names it.
pub fn is_built_for(arch: &str) -> bool {
    Set::of(arch).is_some()
}
include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));

/// Something about the bundle that cannot be right or could not be done.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The record of the build.
    #[error("the record of the probe build does not read: {0}")]
    Build(serde_json::Error),
    /// A case.
    #[error("the case in line {line} of the manifest does not read: {source}")]
    Case {
        /// Counted from 1.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// A workload.
    #[error("the workload in line {line} of the bench program's list does not read: {source}")]
    Workload {
        /// Counted from 1.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// A file of scenarios.
    #[error("the scenario file {file} does not read: {source}")]
    Scenario {
        /// Its name.
        file: &'static str,
        /// Why.
        source: toml::de::Error,
    },
    /// Laying out the programs.
    #[error("laying out the probes in {}: {source}", path.display())]
    Layout {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Where the programs are.
pub struct Programs {
    /// The agent.
    pub agent: PathBuf,
    /// The folder that holds the probes in `.libcdiff`.
    pub probes: PathBuf,
}

/// The record that the probe audit leaves.
#[derive(Deserialize)]
struct Build {
    flavours: Vec<BuiltFlavour>,
}

#[derive(Deserialize)]
struct BuiltFlavour {
    name: Flavour,
    libc: Option<FlavourLibc>,
    toolchain: String,
    floor: Option<Floor>,
    sha256: String,
}

#[derive(Deserialize)]
struct Floor {
    stated: String,
    found: Option<String>,
}

/// Every case that can be asked, by id.
pub fn cases() -> Result<Vec<CaseInfo>, BundleError> {
    let mut cases = Vec::new();
    for (line, text) in CASES.lines().enumerate() {
        cases.push(
            serde_json::from_str::<CaseInfo>(text).map_err(|source| BundleError::Case { line: line + 1, source })?,
        );
    }
    for (file, text) in SCENARIOS {
        let read: scenario::File = toml::from_str(text).map_err(|source| BundleError::Scenario { file, source })?;
        cases.extend(read.scenarios.into_iter().map(CaseInfo::from));
    }
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(cases)
}

/// How each flavour was built for this machine.
pub fn flavours() -> Result<Vec<FlavourInfo>, BundleError> {
    flavours_for(std::env::consts::ARCH)
}

/// How each flavour was built for an architecture; none where it was not.
pub fn flavours_for(arch: &str) -> Result<Vec<FlavourInfo>, BundleError> {
    let Some(set) = Set::of(arch) else { return Ok(Vec::new()) };
    let build: Build = serde_json::from_str(set.build).map_err(BundleError::Build)?;
    let foreign = (arch != std::env::consts::ARCH).then(|| arch.to_owned());
    let info = |built: BuiltFlavour| FlavourInfo {
        arch: foreign.clone(),
        name: built.name,
        libc: built.libc,
        toolchain: built.toolchain,
        newest_symbol_version: built.floor.as_ref().and_then(|floor| floor.found.clone()),
        floor: built.floor.map(|floor| floor.stated),
        sha256: built.sha256,
    };
    Ok(build.flavours.into_iter().map(info).collect())
}

/// Whether a flavour has a program of this name.
pub fn has(flavour: Flavour, program: &str) -> bool {
    holds(&format!("{flavour}/{program}"))
}

/// Every workload that can be measured, in the order of the bench program's own list.
pub fn workloads() -> Result<Vec<Workload>, BundleError> {
    let read = |(line, text)| {
        serde_json::from_str::<Workload>(text).map_err(|source| BundleError::Workload { line: line + 1, source })
    };
    WORKLOADS.lines().enumerate().map(read).collect()
}

/// The digest of a program, such as `gnu/bench`.
pub fn program_sha256(program: &str) -> Option<String> {
    let (_, content) = PROGRAMS.iter().find(|(name, _)| *name == program)?;
    Some(Digest::of(content).hex())
}

/// Whether a file is among what is laid out, by its path: `allocators/gnu/mimalloc.so`.
pub fn holds(path: &str) -> bool {
    PROGRAMS.iter().any(|(name, _)| *name == path)
}

/// The agent.
pub fn agent() -> &'static [u8] {
    AGENT
}

/// What cases need of the programs, by path: the probes and what they load, without what only benchmarks and recordings use.
pub fn probes() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    let asked = |path: &str| {
        let (folder, name) = path.split_once('/').unwrap_or_default();
        let flavour = Flavour::ALL.iter().any(|flavour| flavour.name() == folder);
        (flavour && !name.starts_with("bench")) || folder == "objects"
    };
    PROGRAMS.iter().copied().filter(move |(path, _)| asked(path))
}

/// Lays the programs for this machine out below the cache folder, unless they are there.
pub fn lay_out(cache: &Path) -> Result<Programs, BundleError> {
    OWN.lay_out(cache)
}

/// Lays out the agent alone, as the file `path`: for whoever brings probes of its own.
pub fn lay_out_agent(path: &Path) -> Result<(), BundleError> {
    write_program(path, AGENT).map_err(|source| BundleError::Layout { path: path.to_owned(), source })
}

/// The same for an architecture, as `uname -m` names it; `None` where there are no programs for it.
pub fn lay_out_for(cache: &Path, arch: &str) -> Option<Result<Programs, BundleError>> {
    Some(Set::of(arch)?.lay_out(cache))
}

impl Set {
    fn lay_out(self, cache: &Path) -> Result<Programs, BundleError> {
        let folder = cache.join("probes").join(self.digest());
        let programs = Programs { agent: folder.join("agent"), probes: folder.join("image") };
        if self.complete(&programs) {
            return Ok(programs);
        }
        let failed = |source| BundleError::Layout { path: folder.clone(), source };
        self.write_all(&folder).map_err(failed)?;
        match self.complete(&programs) {
            true => Ok(programs),
            false => Err(failed(io::Error::other("the files are not what was written"))),
        }
    }

    fn digest(self) -> String {
        let mut hash = Sha256::new();
        for (name, content) in self.programs.iter().chain([&("agent", self.agent)]) {
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name.as_bytes());
            hash.update((content.len() as u64).to_le_bytes());
            hash.update(content);
        }
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    fn complete(self, programs: &Programs) -> bool {
        let same = |path: &Path, content: &[u8]| fs::read(path).is_ok_and(|found| found == content);
        same(&programs.agent, self.agent)
            && self.programs.iter().all(|(name, content)| same(&programs.probes.join(".libcdiff").join(name), content))
    }

    /// Writes everything under a temporary name and renames it, so that two runs at a time do not meet half of it.
    fn write_all(self, folder: &Path) -> io::Result<()> {
        let parent = folder.parent().unwrap_or(folder);
        fs::create_dir_all(parent)?;
        let temporary = tempfile::Builder::new().prefix(".new-").tempdir_in(parent)?;
        fs::set_permissions(temporary.path(), fs::Permissions::from_mode(0o755))?;
        write_program(&temporary.path().join("agent"), self.agent)?;
        for (name, content) in self.programs {
            write_program(&temporary.path().join("image/.libcdiff").join(name), content)?;
        }
        match fs::rename(temporary.path(), folder) {
            // It exists and is not complete: somebody damaged it. Make room and try once more.
            Err(e) if e.raw_os_error() == Some(nix::libc::ENOTEMPTY) || e.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_dir_all(folder)?;
                fs::rename(temporary.path(), folder)?;
            }
            other => other?,
        }
        let _ = temporary.keep();
        Ok(())
    }
}

fn write_program(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, content)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_reads_and_no_id_is_used_twice() {
        let cases = cases().expect("the manifest");
        assert!(cases.len() > 100, "only {} cases", cases.len());
        for pair in cases.windows(2) {
            assert_ne!(pair[0].id, pair[1].id);
        }
    }

    #[test]
    fn every_case_has_its_program_in_every_libc_flavour() {
        for case in cases().expect("the manifest") {
            let program = case.needs.program.as_deref().unwrap_or(case.area());
            for flavour in [Flavour::Gnu, Flavour::Musl, Flavour::MuslStatic] {
                assert!(has(flavour, program), "{}: no {flavour}/{program}", case.id);
            }
        }
    }

    #[test]
    fn programs_are_laid_out_and_damage_is_mended() {
        let cache = tempfile::tempdir().expect("a folder");
        let programs = lay_out(cache.path()).expect("laid out");
        let (name, content) = PROGRAMS[0];
        let path = programs.probes.join(".libcdiff").join(name);
        fs::write(&path, b"changed").expect("writable");
        lay_out(cache.path()).expect("laid out again");
        assert_eq!(fs::read(path).expect("there"), content);
    }
}
