//! An engine of the tests' own: its folders, socket and pid file are below a temporary folder, it makes no network and no
//! rule of a firewall, and it ends with the test.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// An engine that runs.
pub struct Daemon {
    folder: tempfile::TempDir,
    child: Option<Child>,
    /// Its command, with what tells it which engine is meant.
    command: Vec<String>,
    /// What `DOCKER_HOST` or `CONTAINER_HOST` is set to.
    pub host: String,
}

impl Daemon {
    /// Starts Docker; says why and returns `None` where that cannot be.
    pub fn docker() -> Option<Self> {
        Self::docker_by(Command::new("dockerd"))
    }

    /// The same in a network namespace of its own, where it may make networks of its own.
    #[allow(dead_code, reason = "the tests of builds alone want networks")]
    pub fn docker_apart() -> Option<Self> {
        let mut daemon = Command::new("unshare");
        daemon.args(["--net", "dockerd"]);
        Self::docker_by(daemon)
    }

    fn docker_by(mut daemon: Command) -> Option<Self> {
        let folder = folder_for(&["dockerd", "docker"])?;
        let at = |name: &str| folder.path().join(name).display().to_string();
        let host = format!("unix://{}", at("engine.sock"));
        daemon.args(["--iptables=false", "--ip6tables=false", "--bridge=none", "--data-root", &at("data")]).args([
            "--exec-root",
            &at("exec"),
            "--pidfile",
            &at("pid"),
            "--host",
            &host,
        ]);
        let command = ["docker", "--host", &host].map(str::to_owned).to_vec();
        Some(Self::begin(folder, daemon, command, host))
    }

    /// Starts Podman's service, in the same way.
    pub fn podman() -> Option<Self> {
        let folder = folder_for(&["podman"])?;
        let at = |name: &str| folder.path().join(name).display().to_string();
        let host = format!("unix://{}", at("engine.sock"));
        let storage = [
            "podman".into(),
            "--root".into(),
            at("data"),
            "--runroot".into(),
            at("run"),
            "--storage-driver".into(),
            "vfs".into(),
        ];
        let mut daemon = Command::new("podman");
        daemon.env_remove("CONTAINER_HOST").args(&storage[1..]).args(["system", "service", "--time", "0", &host]);
        Some(Self::begin(folder, daemon, storage.to_vec(), host))
    }

    fn begin(folder: tempfile::TempDir, mut daemon: Command, command: Vec<String>, host: String) -> Self {
        let log = fs::File::create(folder.path().join("log")).expect("writable");
        let again = log.try_clone().expect("a descriptor");
        let child = daemon.stdin(Stdio::null()).stdout(again).stderr(log).spawn().expect("it starts");
        let daemon = Self { folder, child: Some(child), command, host };
        let socket = daemon.folder.path().join("engine.sock");
        let ready = || socket.exists() && daemon.command(&["version"]).output().is_ok_and(|said| said.status.success());
        assert!(until(Duration::from_secs(60), ready), "the engine does not answer: {}", daemon.log());
        daemon
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.command[0]);
        command.env_remove("DOCKER_CONTEXT").env_remove("CONTAINER_HOST").args(&self.command[1..]);
        command.args(arguments).stdin(Stdio::null());
        command
    }

    /// What the engine's own command says.
    #[track_caller]
    pub fn says(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("it starts");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {arguments:?}: {error}", self.command[0]);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Containers and images that libcdiff has made.
    pub fn ours(&self) -> Vec<String> {
        let containers = self.says(&["ps", "-aq", "--filter", "label=libcdiff.run"]);
        let images = self.says(&["images", "--format", "{{.Repository}}:{{.Tag}}", "localhost/libcdiff-run"]);
        containers.lines().chain(images.lines()).map(str::to_owned).collect()
    }

    /// Whether a container of ours runs.
    pub fn runs(&self) -> bool {
        !self.says(&["ps", "-q", "--filter", "label=libcdiff.run", "--filter", "status=running"]).is_empty()
    }

    /// Ends the daemon, as a machine that goes down does.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let _ = Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status();
        let _ = child.wait();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.stop();
        // Mounts that a daemon leaves behind would keep its folder.
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let points = mounts.lines().filter_map(|line| line.split(' ').nth(1));
        let mine: Vec<&str> = points.filter(|point| Path::new(point).starts_with(self.folder.path())).collect();
        for point in mine.into_iter().rev() {
            let _ = Command::new("umount").args(["-l", point]).status();
        }
    }
}

/// Waits until something is so, for a while.
pub fn until(most: Duration, so: impl Fn() -> bool) -> bool {
    let patience = Instant::now() + most;
    while !so() {
        if Instant::now() > patience {
            return false;
        }
        thread::sleep(Duration::from_millis(50));
    }
    true
}

/// A folder for an engine, where this is root and its commands are there.
fn folder_for(commands: &[&str]) -> Option<tempfile::TempDir> {
    let there = |name: &&str| Command::new(name).arg("--version").stdout(Stdio::null()).status().is_ok();
    if !nix::unistd::geteuid().is_root() || !commands.iter().all(there) {
        eprintln!(
            "unsupported: this test starts {}, as root, from Debian's packages docker.io and podman",
            commands[0]
        );
        return None;
    }
    Some(tempfile::Builder::new().prefix("libcdiff-engine").tempdir().expect("a folder"))
}
