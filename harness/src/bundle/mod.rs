//! What the harness carries: the probes of every flavour, the agent, and what is known of each case.
//!
//! Programs are laid out once in the cache, under the digest of the whole bundle, and held to their digests each time.

use std::collections::HashSet;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libcdiff_protocol::{CaseInfo, Flavour, scenario};
use lzma_rust2::XzReader;
use serde::Deserialize;

use crate::bench::workload::Workload;
use crate::fuzz::target::Target;
use crate::runfile::{FlavourInfo, FlavourLibc};

mod set;

use set::{AGENT, File, Set, write_program};

include!(concat!(env!("OUT_DIR"), "/bundle.rs"));

impl Set {
    /// How they were built.
    fn record(&self) -> Result<Build, BundleError> {
        serde_json::from_str(self.build).map_err(BundleError::Build)
    }

    /// Those for an architecture, as `uname -m` names it.
    fn of(arch: &str) -> Option<&'static Self> {
        std::iter::once(&OWN).chain(FOREIGN).find(|set| set.arch == arch)
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
    /// A target.
    #[error("the target in line {line} of the fuzz worker's list does not read: {source}")]
    Target {
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
    #[serde(default)]
    allocators: Vec<BuiltAllocator>,
}

#[derive(Deserialize)]
struct BuiltAllocator {
    name: String,
    version: String,
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
    let (mut cases, mut files) = (Vec::new(), HashSet::new());
    for (line, text) in BufReader::new(XzReader::new(CASES, false)).lines().enumerate() {
        let read = text.map_err(serde_json::Error::io).and_then(|text| serde_json::from_str::<CaseInfo>(&text));
        let case = read.map_err(|source| BundleError::Case { line: line + 1, source })?;
        cases.push(sharing(case, &mut files));
    }
    for (file, text) in SCENARIOS {
        let read: scenario::File = toml::from_str(text).map_err(|source| BundleError::Scenario { file, source })?;
        cases.extend(read.scenarios.into_iter().map(|scenario| sharing(scenario.into(), &mut files)));
    }
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(cases)
}

/// The case, which holds its files together with those that bring the same: a hundred files are nine tenths of the manifest.
fn sharing(mut case: CaseInfo, files: &mut HashSet<Arc<str>>) -> CaseInfo {
    for content in case.needs.files.values_mut() {
        match files.get(content) {
            Some(known) => *content = known.clone(),
            None => drop(files.insert(content.clone())),
        }
    }
    case
}

/// How each flavour was built for this machine.
pub fn flavours() -> Result<Vec<FlavourInfo>, BundleError> {
    flavours_for(std::env::consts::ARCH)
}

/// How each flavour was built for an architecture; none where it was not.
pub fn flavours_for(arch: &str) -> Result<Vec<FlavourInfo>, BundleError> {
    let Some(set) = Set::of(arch) else { return Ok(Vec::new()) };
    let build = set.record()?;
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

/// The machines that there are programs for, as `uname -m` names them, this one first.
pub fn machines() -> impl Iterator<Item = &'static str> {
    std::iter::once(&OWN).chain(FOREIGN).map(|set| set.arch)
}

/// The allocators that are carried along, by name and version.
pub fn allocators() -> Result<Vec<(String, String)>, BundleError> {
    let mut found: Vec<_> = OWN.record()?.allocators.into_iter().map(|built| (built.name, built.version)).collect();
    found.sort();
    found.dedup();
    Ok(found)
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

/// Every target that can be fuzzed, in the order of the worker's own list.
pub fn targets() -> Result<Vec<Target>, BundleError> {
    let read = |(line, text)| {
        serde_json::from_str::<Target>(text).map_err(|source| BundleError::Target { line: line + 1, source })
    };
    TARGETS.lines().enumerate().map(read).collect()
}

/// The digest of a program, such as `gnu/bench`.
pub fn program_sha256(program: &str) -> Option<String> {
    OWN.file(program).map(|file| file.sha256.to_owned())
}

/// Whether a file is among what is laid out, by its path: `allocators/gnu/mimalloc.so`.
pub fn holds(path: &str) -> bool {
    OWN.file(path).is_some()
}

/// What cases need, by path: the agent first, then the probes and what they load, without what only benchmarks and recordings
/// use; for a machine, as `uname -m` names it, and none where there are no programs for it.
///
/// # Errors
/// An archive that does not expand to what it should.
pub fn asked(machine: &str) -> io::Result<Vec<(&'static str, Vec<u8>)>> {
    let Some(set) = Set::of(machine) else { return Ok(Vec::new()) };
    set.read(|path| {
        let (folder, name) = path.split_once('/').unwrap_or_default();
        let flavour = Flavour::ALL.iter().any(|flavour| flavour.name() == folder);
        (flavour && !name.starts_with("bench")) || folder == "objects" || path == AGENT
    })
}

/// Lays the programs for this machine out below the cache folder, unless they are there.
pub fn lay_out(cache: &Path) -> Result<Programs, BundleError> {
    OWN.lay_out(cache)
}

/// Lays out the agent alone, as the file `path`: for whoever brings probes of its own.
pub fn lay_out_agent(path: &Path) -> Result<(), BundleError> {
    let written = OWN
        .read(|name| name == AGENT)
        .and_then(|found| found.iter().try_for_each(|(_, content)| write_program(path, &mut content.as_slice())));
    written.map_err(|source| BundleError::Layout { path: path.to_owned(), source })
}

/// The same for an architecture, as `uname -m` names it; `None` where there are no programs for it.
pub fn lay_out_for(cache: &Path, arch: &str) -> Option<Result<Programs, BundleError>> {
    Some(Set::of(arch)?.lay_out(cache))
}

#[cfg(test)]
mod tests {
    use std::fs;

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
    fn files_that_many_cases_bring_are_held_once() {
        let cases = cases().expect("the manifest");
        let files: Vec<&Arc<str>> = cases.iter().flat_map(|case| case.needs.files.values()).collect();
        let contents: HashSet<&str> = files.iter().map(|file| &***file).collect();
        let places: HashSet<*const u8> = files.iter().map(|file| file.as_ptr()).collect();
        assert!(files.len() > contents.len(), "no file is brought twice");
        assert_eq!(places.len(), contents.len());
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
        let (name, path) = ("gnu/threads", programs.probes.join(".libcdiff/gnu/threads"));
        let content = fs::read(&path).expect("there");
        assert_eq!(Some(crate::image::Digest::of(&content).hex()), program_sha256(name));
        // One bit, in the middle: size and date say nothing of it.
        let mut changed = content.clone();
        changed[content.len() / 2] ^= 1;
        for damage in [&changed, &content[1..]] {
            fs::write(&path, damage).expect("writable");
            lay_out(cache.path()).expect("laid out again");
            assert!(fs::read(&path).expect("there") == content, "the damage is still there");
        }
        fs::remove_file(&programs.agent).expect("removed");
        lay_out(cache.path()).expect("laid out again");
        assert!(programs.agent.exists());
    }

    #[test]
    fn the_agent_alone_is_the_agent_of_all() {
        let folder = tempfile::tempdir().expect("a folder");
        lay_out_agent(&folder.path().join("alone")).expect("laid out");
        let all = lay_out(folder.path()).expect("laid out");
        assert!(fs::read(all.agent).expect("there") == fs::read(folder.path().join("alone")).expect("there"));
    }
}
