//! Running a command with the recorder in it, and reading what it left behind. The command has our standard streams, our
//! environment and our terminal; nothing is changed but LD_PRELOAD and the recorder's own variables.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGQUIT, SIGTERM};
use thiserror::Error;

use super::program::Program;
use super::raw::{RawError, Recording};

/// The most that one process's recording may take on disk: room for more calls than a trace may have.
const MOST_BYTES: u64 = 1 << 30;

/// Why there is no recording.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The folder for recordings.
    #[error("making a folder for the recording: {0}")]
    Folder(io::Error),
    /// The folder has a name that cannot be handed over.
    #[error("the folder for recordings, {}, has a space or a colon in its name, which LD_PRELOAD cannot hold; set TMPDIR to another", .0.display())]
    FolderName(PathBuf),
    /// The program did not start.
    #[error("starting {}: {source}", path.display())]
    Start {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Reading what was recorded.
    #[error("reading the folder of recordings: {0}")]
    List(io::Error),
}

/// A command that has run.
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// What was recorded, the largest first.
    pub recordings: Vec<Recording>,
    /// Recordings that could not be read.
    pub unreadable: Vec<RawError>,
}

/// Runs `command` (its first word included) with the recorder at `recorder` preloaded, and waits for its end. Processes
/// that it leaves running are not waited for; what they have done until then counts.
pub fn run(program: &Program, command: &[OsString], recorder: &Path) -> Result<Ran, RecordError> {
    let folder = tempfile::Builder::new().prefix("libcdiff-record-").tempdir().map_err(RecordError::Folder)?;
    let path = folder.path().canonicalize().map_err(RecordError::Folder)?;
    // The loader takes apart at spaces and colons; a name of ours has neither.
    let library = path.join("recorder.so");
    if library.to_string_lossy().contains([' ', ':']) {
        return Err(RecordError::FolderName(path));
    }
    fs::copy(recorder, &library).map_err(RecordError::Folder)?;
    // They reach the command as well, since it is in our process group; how it takes them is its affair.
    for signal in [SIGINT, SIGQUIT, SIGTERM] {
        let _ = signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)));
    }
    let status = Command::new(&program.path)
        .args(&command[1..])
        .env("LD_PRELOAD", preload(&library, std::env::var_os("LD_PRELOAD").as_deref()))
        .env("LIBCDIFF_RECORD", &path)
        .env("LIBCDIFF_RECORD_BYTES", MOST_BYTES.to_string())
        .status()
        .map_err(|source| RecordError::Start { path: program.path.clone(), source })?;
    let (recordings, unreadable) = collect(&path).map_err(RecordError::List)?;
    Ok(Ran { status, recordings, unreadable })
}

/// The recorder before whatever is preloaded already, so that it sees the program's calls and passes them on.
fn preload(library: &Path, already: Option<&OsStr>) -> OsString {
    let mut list = library.as_os_str().to_owned();
    if let Some(already) = already.filter(|list| !list.is_empty()) {
        list.push(":");
        list.push(already);
    }
    list
}

fn collect(folder: &Path) -> io::Result<(Vec<Recording>, Vec<RawError>)> {
    let (mut recordings, mut unreadable) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "raw") {
            match Recording::read(&path) {
                Ok(recording) => recordings.push(recording),
                Err(error) => unreadable.push(error),
            }
        }
    }
    recordings.sort_by_key(|recording| (std::cmp::Reverse(recording.calls()), recording.pid));
    Ok((recordings, unreadable))
}
