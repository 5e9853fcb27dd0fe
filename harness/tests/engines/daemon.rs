//! A Docker daemon of the tests' own: its folders, socket and pid file are below a temporary folder, it makes no network and no
//! rule of a firewall, and it ends with the test.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A daemon that runs.
pub struct Daemon {
    folder: tempfile::TempDir,
    child: Option<Child>,
    /// What `DOCKER_HOST` is set to.
    pub host: String,
}

impl Daemon {
    /// Starts one; says why and returns `None` where that cannot be.
    pub fn start() -> Option<Self> {
        let is_root = nix::unistd::geteuid().is_root();
        let there = |name: &str| Command::new(name).arg("--version").stdout(Stdio::null()).status().is_ok();
        if !is_root || !there("dockerd") || !there("docker") {
            eprintln!("unsupported: these tests start Docker's daemon, as root, with Debian's docker.io");
            return None;
        }
        let folder = tempfile::Builder::new().prefix("libcdiff-engine").tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name).display().to_string();
        let host = format!("unix://{}", at("docker.sock"));
        let log = fs::File::create(folder.path().join("log")).expect("writable");
        let child = Command::new("dockerd")
            .args(["--iptables=false", "--ip6tables=false", "--bridge=none", "--data-root", &at("data")])
            .args(["--exec-root", &at("exec"), "--pidfile", &at("pid"), "--host", &host])
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a descriptor"))
            .stderr(log)
            .spawn()
            .expect("dockerd starts");
        let daemon = Self { folder, child: Some(child), host };
        let ready = || daemon.command(&["version"]).output().is_ok_and(|output| output.status.success());
        assert!(super::until(Duration::from_secs(60), ready), "dockerd does not answer: {}", daemon.log());
        Some(daemon)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command.env("DOCKER_HOST", &self.host).env_remove("DOCKER_CONTEXT").args(arguments).stdin(Stdio::null());
        command
    }

    /// What Docker's own command says.
    #[track_caller]
    pub fn docker(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("docker starts");
        assert!(output.status.success(), "docker {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Containers and images that libcdiff has made.
    pub fn ours(&self) -> Vec<String> {
        let containers = self.docker(&["ps", "-aq", "--filter", "label=libcdiff.run"]);
        let images = self.docker(&["images", "--format", "{{.Repository}}:{{.Tag}}", "localhost/libcdiff-run"]);
        containers.lines().chain(images.lines()).map(str::to_owned).collect()
    }

    /// Whether a container of ours runs.
    pub fn runs(&self) -> bool {
        !self.docker(&["ps", "-q", "--filter", "label=libcdiff.run", "--filter", "status=running"]).is_empty()
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
