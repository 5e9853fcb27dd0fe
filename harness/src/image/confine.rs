//! A thread that can write into one folder alone, by the kernel's word: unpacking runs on it, so that not even an error in the
//! unpacker lets an archive make, change or remove a file elsewhere.
//!
//! Landlock holds a thread and what it starts, for good; hence a thread of its own. Reading stays free, since layers come from
//! anywhere. Inside the folder, devices, sockets and pipes cannot be made either. Landlock has no say in modes and times. A
//! kernel before 5.19 has no Landlock, or one that forbids hard links between folders; unpacking then goes on without it, kept
//! inside by the paths it resolves alone, and [`state`] says so.

use std::{fmt, io, panic, path::Path, thread};

use landlock::{
    ABI, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError,
};

/// Whether the kernel confines the unpacker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It does.
    Confined,
    /// It does not, for this reason.
    Unconfined(String),
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Confined => f.write_str("images are unpacked behind Landlock"),
            Self::Unconfined(reason) => write!(f, "images are unpacked without Landlock: {reason}"),
        }
    }
}

/// Whether unpacking is confined on this machine; found by doing it.
pub fn state() -> State {
    let tried = thread::Builder::new().name("confine".into()).spawn(|| restrict(Path::new("/")));
    match tried.map(thread::JoinHandle::join) {
        Ok(Ok(Ok(state))) => state,
        Ok(Ok(Err(error))) | Err(error) => State::Unconfined(error.to_string()),
        Ok(Err(_)) => State::Unconfined("the attempt failed".into()),
    }
}

/// Does `work` where only the folder `root` can be written to, as far as the kernel can see to that.
pub(crate) fn within<T: Send>(root: &Path, work: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let confined = move || restrict(root).map(|_| work());
        let worker = thread::Builder::new().name("unpack".into()).spawn_scoped(scope, confined)?;
        worker.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
    })
}

/// Holds the calling thread to writing below `root`.
fn restrict(root: &Path) -> io::Result<State> {
    let folder = PathFd::new(root).map_err(io::Error::other)?;
    let Ok(rules) = rules() else {
        let reason = "this kernel has none, an older one than that of Linux 5.19, or one that is switched off";
        return Ok(State::Unconfined(reason.into()));
    };
    let never = AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::MakeSock | AccessFs::MakeFifo | AccessFs::IoctlDev;
    let rules = rules.create().map_err(io::Error::other)?;
    let rules = rules.add_rule(PathBeneath::new(folder, writing() & !never)).map_err(io::Error::other)?;
    rules.restrict_self().map_err(io::Error::other)?;
    Ok(State::Confined)
}

/// All ways to write that this program knows of.
fn writing() -> BitFlags<AccessFs> {
    AccessFs::from_write(ABI::V5)
}

/// What is controlled: hard links between folders must be (the second version), what came later may be.
fn rules() -> Result<Ruleset, RulesetError> {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_write(ABI::V2))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(writing())
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn nothing_outside_can_be_written_and_everything_inside_can() {
        if let State::Unconfined(reason) = state() {
            println!("skipped: {reason}");
            return;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let (inside, outside) = (folder.path().join("inside"), folder.path().join("outside"));
        fs::create_dir_all(inside.join("d")).expect("made");
        fs::write(&outside, "untouched").expect("written");
        symlink(&outside, inside.join("out")).expect("linked");
        within(&inside, || {
            fs::write(inside.join("f"), "x").expect("inside");
            fs::hard_link(inside.join("f"), inside.join("d/f")).expect("between folders inside");
            fs::remove_file(inside.join("f")).expect("inside");
            let denied = |result: io::Result<()>| {
                assert_eq!(result.expect_err("outside").kind(), io::ErrorKind::PermissionDenied);
            };
            denied(fs::write(&outside, "hit"));
            denied(fs::write(inside.join("out"), "hit"));
            denied(fs::write(folder.path().join("new"), "hit"));
            denied(fs::create_dir(folder.path().join("new")));
            denied(fs::remove_file(&outside));
            assert!(fs::hard_link(&outside, inside.join("h")).is_err(), "no other name for a file outside");
            assert!(fs::rename(inside.join("d/f"), folder.path().join("f")).is_err(), "nothing is moved out");
            assert_eq!(fs::read_to_string(&outside).expect("reads"), "untouched");
        })
        .expect("a thread");
        fs::write(&outside, "the caller is free").expect("as before");
    }
}
