//! The audit of what was built: a probe answers for a C library only if it was linked as its flavour says.
//!
//! [`audit`] reads every program in a folder of built probes and gives one [`Finding`] for each rule that one of them
//! breaks, with what was found and what to do. It repairs nothing and starts nothing: programs are read, never run.
//! `probes/build/build.sh` calls it as its last step, so that a folder of probes that failed is not one to use.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use libcdiff_protocol::Flavour;
use thiserror::Error;

pub mod allocators;
pub mod finding;
pub mod libc;
pub mod machine;
pub mod objects;
pub mod program;
pub mod record;
pub mod recorder;
pub mod rules;

pub use finding::{Finding, Rule};
pub use libc::{Archive, Exports};
pub use machine::Machine;
pub use program::Program;
pub use record::Record;

/// The one program that is not a probe.
pub const AGENT: &str = "agent";

/// What stopped the audit before it could judge.
#[derive(Debug, Error)]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot read {path}: {source}; build the probes again with 'make probes'")]
    Read {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The build record is not what `build.sh` writes.
    #[error("{path} is no build record: {source}; build the probes again with 'make probes'")]
    Record {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// What the programs are compared with is not a C library.
    #[error("{path} is not a C library to compare with: {reason}; run 'make setup'")]
    Library {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// Reads a file.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })
}

/// The C libraries that the flavours were linked against; what belongs to them is read from them, never listed by hand.
#[derive(Debug)]
pub struct Libraries {
    /// Functions that glibc's shared objects export.
    pub glibc: Exports,
    /// musl's `libc.a`.
    pub musl: Archive,
    /// The machine that both are for, and that every program must be for.
    pub machine: &'static Machine,
}

impl Libraries {
    /// Reads both: `glibc` is the folder that holds `libc.so.6`, `musl` the file `libc.a`.
    pub fn read(glibc: &Path, musl: &Path) -> Result<Self, Error> {
        let machine = libc::machine(&glibc.join(rules::GNU_LIBRARIES[0]))?;
        Ok(Self { glibc: Exports::read(glibc, rules::GNU_LIBRARIES)?, musl: Archive::read(musl)?, machine })
    }
}

/// Everything in a folder of built probes, and what is wrong with it.
#[derive(Debug)]
pub struct Audit {
    /// The programs of each flavour, by name.
    pub flavours: Vec<(Flavour, Vec<Program>)>,
    /// The agent, where it can be read.
    pub agent: Option<Program>,
    /// The digests of what the loader is asked to load.
    pub objects: objects::Digests,
    /// The digests of the recorders.
    pub recorders: objects::Digests,
    /// The allocators, by the flavour whose programs they are preloaded into.
    pub allocators: Vec<(Flavour, Program)>,
    /// What breaks a rule.
    pub findings: Vec<Finding>,
}

/// Reads and judges every program in `folder`.
pub fn audit(folder: &Path, libraries: &Libraries) -> Result<Audit, Error> {
    let mut audit = Audit {
        flavours: Vec::new(),
        agent: None,
        objects: BTreeMap::new(),
        recorders: BTreeMap::new(),
        allocators: Vec::new(),
        findings: Vec::new(),
    };
    for flavour in Flavour::ALL {
        let programs = audit.programs(&folder.join(flavour.name()))?;
        for program in &programs {
            audit.findings.extend(rules::judge(program, rules::of(flavour, libraries.machine), libraries));
        }
        audit.flavours.push((flavour, programs));
    }
    audit.agent = audit.program(&folder.join(AGENT))?;
    if let Some(agent) = &audit.agent {
        audit.findings.extend(rules::judge(agent, rules::AGENT, libraries));
    }
    audit.objects = objects::audit(folder, libraries, &mut audit.findings)?;
    audit.recorders = recorder::audit(folder, libraries, &mut audit.findings)?;
    audit.allocators = allocators::audit(folder, libraries, &mut audit.findings)?;
    audit.findings.extend(rules::complete(folder, &audit.flavours));
    Ok(audit)
}

impl Audit {
    fn programs(&mut self, folder: &Path) -> Result<Vec<Program>, Error> {
        let failed = |source| Error::Read { path: folder.to_owned(), source };
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            paths.push(entry.map_err(failed)?.path());
        }
        paths.sort();
        let mut programs = Vec::new();
        for path in paths {
            programs.extend(self.program(&path)?);
        }
        Ok(programs)
    }

    /// Reads one program; one that is none is a finding.
    fn program(&mut self, path: &Path) -> Result<Option<Program>, Error> {
        match Program::parse(path, read(path)?) {
            Ok(program) => Ok(Some(program)),
            Err(found) => {
                let remedy = "remove it, or build the probes again";
                self.findings.push(Finding { file: path.to_owned(), rule: Rule::Elf, found, remedy: remedy.into() });
                Ok(None)
            }
        }
    }
}
