//! The build record, `build.json`: what was built, with what, and what the audit found it to be. `build.sh` starts it, the
//! audit completes it, and the harness copies the flavours into the run file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use libcdiff_protocol::Flavour;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::program::{Program, hex};
use crate::{Audit, Error, Libraries, read, rules};

/// The record's file name in a folder of built probes.
pub const FILE: &str = "build.json";

/// The whole record.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct Record {
    /// The machine that was built for, as `uname -m` names it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub arch: String,
    /// A digest of what everything was built from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sources: String,
    /// How the toolchain was chosen: `rustup`, `source` or `cross`.
    pub builder: String,
    /// The compiler, as it names itself.
    pub toolchain: String,
    /// The linker of each target, as it names itself.
    pub linkers: BTreeMap<String, String>,
    /// The C libraries that were linked against.
    pub libraries: LibraryPaths,
    /// What was built, flavour by flavour; empty until the audit has passed.
    #[serde(default)]
    pub flavours: Vec<FlavourRecord>,
    /// The agent; missing until the audit has passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<ProgramRecord>,
    /// The digests of the objects that the loader is asked to load, by path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub objects: BTreeMap<String, String>,
    /// The digests of the recorders, by file name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub recorders: BTreeMap<String, String>,
    /// The allocators: started by `probes/allocators/build.sh`, completed by the audit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allocators: Vec<AllocatorRecord>,
}

/// One allocator for one C library, and what it was built from.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct AllocatorRecord {
    /// Its name on the command line: `mimalloc-secure`.
    pub name: String,
    /// The flavour whose programs it is preloaded into; static programs are linked with the objects of `musl`.
    pub flavour: Flavour,
    /// Whose allocator it is: `mimalloc`.
    pub source: String,
    /// The version of the source.
    pub version: String,
    /// The crate that carries the source, with its version.
    #[serde(rename = "crate")]
    pub package: String,
    /// Its licence, as SPDX spells it.
    pub licence: String,
    /// The compiler, as it names itself.
    pub compiler: String,
    /// What the compiler was told.
    pub flags: String,
    /// The shared object's digest.
    #[serde(default)]
    pub sha256: String,
    /// The shared object's size.
    #[serde(default)]
    pub bytes: u64,
    /// The libraries that it needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needed: Vec<String>,
    /// The newest symbol version that it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_symbol_version: Option<String>,
}

/// Where the C libraries are that were linked against.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct LibraryPaths {
    /// The folder that holds `libc.so.6`.
    pub glibc: PathBuf,
    /// musl's `libc.a`.
    pub musl: PathBuf,
}

/// One flavour.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct FlavourRecord {
    /// Which one.
    pub name: Flavour,
    /// The C library inside, where the probes carry one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub libc: Option<LibcRecord>,
    /// Compiler and linker.
    pub toolchain: String,
    /// The glibc that it needs, where it needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<FloorRecord>,
    /// Over the programs: the SHA-256 of what `sha256sum *` prints in the flavour's folder.
    pub sha256: String,
    /// The programs, by name.
    pub programs: Vec<ProgramRecord>,
}

/// A C library inside a static program.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct LibcRecord {
    /// `musl`.
    pub family: String,
    /// `1.2.3`.
    pub version: String,
}

/// The oldest glibc that will do.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct FloorRecord {
    /// The version that the project promises.
    pub stated: String,
    /// The newest symbol version that any program needs.
    pub found: String,
}

/// One program.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct ProgramRecord {
    /// Its file name.
    pub name: String,
    /// The file's digest.
    pub sha256: String,
    /// The file's size.
    pub bytes: u64,
    /// Its loader, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interpreter: Option<String>,
    /// The libraries that it needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needed: Vec<String>,
    /// The newest symbol version that it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_symbol_version: Option<String>,
    /// The stack size that it was linked with.
    pub stack_bytes: u64,
}

impl Record {
    /// Reads a record.
    pub fn read(path: &Path) -> Result<Self, Error> {
        serde_json::from_slice(&read(path)?).map_err(|source| Error::Record { path: path.to_owned(), source })
    }

    /// Completes the record with what an audit found.
    pub fn complete(&mut self, audit: &Audit, libraries: &Libraries) {
        self.flavours =
            audit.flavours.iter().map(|(name, programs)| self.flavour(*name, programs, libraries)).collect();
        self.agent = audit.agent.as_ref().map(program);
        self.objects.clone_from(&audit.objects);
        self.recorders.clone_from(&audit.recorders);
        for allocator in &mut self.allocators {
            let file = format!("{}.so", allocator.name);
            let built = audit.allocators.iter().find(|(of, p)| *of == allocator.flavour && p.name == file);
            if let Some((_, found)) = built {
                let found = program(found);
                allocator.sha256 = found.sha256;
                allocator.bytes = found.bytes;
                allocator.needed = found.needed;
                allocator.newest_symbol_version = found.newest_symbol_version;
            }
        }
    }

    /// Writes the record at once or not at all.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let temporary = path.with_extension(format!("json.{}", std::process::id()));
        let failed = |source| Error::Write { path: path.to_owned(), source };
        let text = serde_json::to_string_pretty(self).map_err(|e| failed(e.into()))?;
        fs::write(&temporary, text + "\n").map_err(failed)?;
        fs::rename(&temporary, path).map_err(failed)
    }

    fn flavour(&self, name: Flavour, programs: &[Program], libraries: &Libraries) -> FlavourRecord {
        let target = if name == Flavour::Gnu { "gnu" } else { "musl" };
        let linker = self.linkers.get(target).map_or("unknown", String::as_str);
        let libc = || LibcRecord { family: "musl".into(), version: libraries.musl.version.clone() };
        let newest = programs.iter().filter_map(rules::newest).max();
        let programs: Vec<ProgramRecord> = programs.iter().map(program).collect();
        FlavourRecord {
            name,
            libc: (name == Flavour::MuslStatic).then(libc),
            toolchain: format!("{}; {linker}", self.toolchain),
            floor: newest.map(|v| FloorRecord { stated: rules::FLOOR.to_string(), found: v.to_string() }),
            sha256: digest(&programs),
            programs,
        }
    }
}

fn program(program: &Program) -> ProgramRecord {
    ProgramRecord {
        name: program.name.clone(),
        sha256: program.sha256(),
        bytes: program.data.len() as u64,
        interpreter: program.interpreter.clone(),
        needed: program.dynamic.as_ref().map(|d| d.needed.clone()).unwrap_or_default(),
        newest_symbol_version: rules::newest(program).map(|v| v.to_string()),
        stack_bytes: program.stack.as_ref().map_or(0, |s| s.bytes),
    }
}

/// The digest of what `sha256sum` prints for the programs, in order of their names.
fn digest(programs: &[ProgramRecord]) -> String {
    let lines: String = programs.iter().map(|p| format!("{}  {}\n", p.sha256, p.name)).collect();
    hex(&Sha256::digest(lines))
}
