//! The program behind a command: the file that the kernel would start, found as a shell finds it, and whether it can be
//! recorded. A script is as its interpreter is. Nothing is run here.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::image::{Arch, Elf, Family, Libc, asked_for};

/// As deep as the kernel goes into scripts that are the interpreters of scripts.
const SCRIPTS: usize = 5;
/// As much of a script's first line as the kernel reads.
const FIRST_LINE: u64 = 256;
const SET_ID: u32 = 0o6000;

/// Why a program cannot be recorded. All of it is the request's fault.
#[derive(Debug, Error)]
pub enum ProgramError {
    /// Not there.
    #[error("there is no program `{0}`: neither a file that can be run, nor on PATH")]
    Missing(String),
    /// Not readable.
    #[error("reading {}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No program.
    #[error("{} is no program of this machine, and no script with an interpreter", .0.display())]
    Foreign(PathBuf),
    /// Scripts whose interpreters are scripts.
    #[error("{} is a script whose interpreter is a script, and so on, deeper than the kernel goes", .0.display())]
    Scripts(PathBuf),
    /// No loader, no preloading.
    #[error(
        "{} is linked statically: no recorder can be preloaded into it; record a dynamic build of it (for Rust: -C target-feature=-crt-static)",
        .0.display()
    )]
    Static(PathBuf),
    /// The loader ignores what is preloaded.
    #[error(
        "{} runs with another user's or group's rights, and so loads no recorder; record a copy of it without that bit",
        .0.display()
    )]
    SetId(PathBuf),
    /// A C library that there is no recorder for.
    #[error("{} asks for the loader {interpreter}, which is {found}; there are recorders for glibc and musl", path.display())]
    Libc {
        /// The program.
        path: PathBuf,
        /// The loader that it asks for.
        interpreter: String,
        /// What that is.
        found: String,
    },
}

/// A program that can be recorded.
#[derive(Clone, Debug)]
pub struct Program {
    /// What is started.
    pub path: PathBuf,
    /// The C library of the program that the kernel starts: of a script, its interpreter's.
    pub libc: Libc,
}

impl Program {
    /// Finds the program of a command's first word.
    pub fn find(word: &OsStr) -> Result<Self, ProgramError> {
        let path = look_up(word).ok_or_else(|| ProgramError::Missing(word.to_string_lossy().into_owned()))?;
        let mut file = path.clone();
        for _ in 0..=SCRIPTS {
            match interpreter_of_script(&file)? {
                Some(interpreter) => file = interpreter,
                None => return Ok(Self { libc: libc_of(&file)?, path }),
            }
        }
        Err(ProgramError::Scripts(path))
    }

    /// The name of the recorder for it, in the folder of built probes.
    pub fn recorder(&self) -> &'static str {
        if self.libc.family == Family::Musl { "recorder/musl.so" } else { "recorder/gnu.so" }
    }
}

/// As a shell finds it: a name with a slash is a path, another one is looked for on PATH.
fn look_up(word: &OsStr) -> Option<PathBuf> {
    let runs = |path: &Path| path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0);
    if word.as_bytes().contains(&b'/') {
        return Some(PathBuf::from(word)).filter(|path| runs(path));
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(word)).find(|path| !word.is_empty() && runs(path))
}

/// What a script's first line names; `None` of a file that is no script.
fn interpreter_of_script(path: &Path) -> Result<Option<PathBuf>, ProgramError> {
    let failed = |source| ProgramError::Read { path: path.to_owned(), source };
    let mut line = Vec::new();
    File::open(path).map_err(failed)?.take(FIRST_LINE).read_to_end(&mut line).map_err(failed)?;
    let Some(line) = line.strip_prefix(b"#!") else { return Ok(None) };
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let word = line.split(u8::is_ascii_whitespace).find(|word| !word.is_empty());
    let word = word.ok_or_else(|| ProgramError::Foreign(path.to_owned()))?;
    Ok(Some(PathBuf::from(OsStr::from_bytes(word))))
}

/// The C library of an ELF program, after making sure that a recorder can be preloaded into it.
fn libc_of(path: &Path) -> Result<Libc, ProgramError> {
    let failed = |source| ProgramError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.mode();
    let elf = Elf::read(&file).filter(|elf| elf.loadable && elf.arch == Some(Arch::native()));
    let elf = elf.ok_or_else(|| ProgramError::Foreign(path.to_owned()))?;
    let Some(interpreter) = elf.interpreter else { return Err(ProgramError::Static(path.to_owned())) };
    let mut none = [0u8; 0];
    let has_capabilities =
        rustix::fs::getxattr(path, "security.capability", &mut none[..]).is_ok_and(|bytes| bytes > 0);
    if mode & SET_ID != 0 || has_capabilities {
        return Err(ProgramError::SetId(path.to_owned()));
    }
    let libc = asked_for(Path::new("/"), &interpreter);
    let found = libc.as_ref().map_or_else(|| "missing".to_owned(), |libc| libc.family.to_string());
    libc.filter(|libc| matches!(libc.family, Family::Glibc | Family::Musl)).ok_or(ProgramError::Libc {
        path: path.to_owned(),
        interpreter,
        found,
    })
}
