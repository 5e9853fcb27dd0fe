//! The keeper: a process that stays outside the sandbox and removes the cgroups of a session when nobody of the
//! agent's is left. It outlives the agent on purpose, since a cgroup outlives the processes in it, and does not die with
//! the harness; it ends by itself, a moment after the last of them.

use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::sys::wait::waitpid;
use nix::unistd::{Pid, dup2_stderr, dup2_stdin, dup2_stdout, setsid};

use crate::sandbox::{SandboxError, step};
use crate::sys::{self, Side};

/// How long the kernel may take to end what is in a cgroup.
const PATIENCE: Duration = Duration::from_secs(30);

/// The keeper's process, where the plan needs one.
#[derive(Default)]
pub struct Keeper(Option<Pid>);

/// Kept open by the agent and all its processes, but for the programs.
pub struct Held {
    _open: File,
}

impl Keeper {
    /// Waits for its end, which comes when the cgroups are gone.
    pub fn wait(self) {
        // Where this process has become pid 1 of another namespace, the keeper is no child of its.
        let _ = self.0.map(|pid| waitpid(pid, None));
    }
}

/// Starts the keeper of cgroups that are yet to be made, so that none is ever without one.
pub fn start(folders: Vec<PathBuf>) -> Result<(Keeper, Held), SandboxError> {
    let (mut reader, writer) = sys::pipe().map_err(step("making a pipe for the keeper of cgroups"))?;
    match sys::fork().map_err(step("starting the keeper of cgroups"))? {
        Side::Parent(pid) => Ok((Keeper(Some(pid)), Held { _open: writer })),
        Side::Child => {
            drop(writer);
            withdraw();
            // Nothing is ever written: this ends when everybody has gone.
            while matches!(reader.read(&mut [0]), Err(e) if e.kind() == std::io::ErrorKind::Interrupted) {}
            remove(folders);
            sys::exit_now(0)
        }
    }
}

/// Lets go of the terminal, whose Ctrl-C means the others, and of the streams, whose end others wait for.
fn withdraw() {
    let _ = setsid();
    if let Ok(null) = File::options().read(true).write(true).open("/dev/null") {
        let _ = dup2_stdin(&null).and_then(|()| dup2_stdout(&null)).and_then(|()| dup2_stderr(&null));
    }
}

/// Removes cgroups; one that still has processes is refused until the kernel has ended them.
fn remove(mut folders: Vec<PathBuf>) {
    let start = Instant::now();
    loop {
        folders.retain(|folder| matches!(fs::remove_dir(folder), Err(e) if e.kind() != std::io::ErrorKind::NotFound));
        if folders.is_empty() || start.elapsed() > PATIENCE {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
