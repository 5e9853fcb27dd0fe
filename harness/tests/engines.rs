//! Container engines: a real Docker from Debian's packages, started here with folders and a socket of its own and without a
//! network, gives the answers that the built-in sandbox gives, and keeps nothing of ours. Needs root and Docker's daemon, and
//! says so where they are missing; what is said where no engine is needs neither.

#[path = "engines/daemon.rs"]
mod daemon;
#[path = "engines/sizes.rs"]
mod sizes;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use daemon::{Daemon, until};
use libcdiff::image::Digest;
use libcdiff::runfile::{Observation, RunFile};
use libcdiff_protocol::Status;

/// What is asked by both runners: what sees the image's files, the files that engines put there, devices, /proc, programs that
/// start and load others, limits, namespaces, and the network of scripted servers.
const ASKED: &str = "accounts.group*,accounts.*shipped*,loader.*,fs.*,process.exec*,memory.*,threads.stack*,time.zone*,\
                     locale.set*,stdio.temporary*,dns.hosts*,dns.nsswitch*,dns.ndots*";

/// The program, with this engine, and nothing else of the environment that says where engines are.
fn libcdiff(host: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff"));
    for name in ["DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_TLS", "XDG_RUNTIME_DIR"] {
        command.env_remove(name);
    }
    command.env("DOCKER_HOST", host).env("CONTAINER_HOST", host).args(arguments).stdin(Stdio::null());
    command
}

fn answered(host: &str, arguments: &[&str]) -> Output {
    libcdiff(host, arguments).output().expect("libcdiff starts")
}

/// Standard error of what fails with this exit code.
#[track_caller]
fn refused(host: &str, arguments: &[&str], code: i32) -> String {
    let output = answered(host, arguments);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
    error
}

#[track_caller]
fn run(host: &str, arguments: &[&str]) -> RunFile {
    let output = answered(host, &[&["run", "--format", "json"], arguments].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    RunFile::parse(&String::from_utf8_lossy(&output.stdout)).expect("a run file")
}

#[test]
fn what_no_engine_answers_says_why_and_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let nowhere = format!("unix://{}/no.sock", folder.path().display());
    for (host, code, words) in [
        (nowhere.as_str(), 3, "does not answer"),
        ("tcp://127.0.0.1:9", 3, "does not answer"),
        ("ssh://root@far", 2, "ssh -nNT -L"),
        ("docker.sock", 2, "that is no address"),
    ] {
        for arguments in [&["image", "inspect", "docker:x"][..], &["run", "--runner", "docker", "debian-13"]] {
            // A run has images first, and an engine after that; either way it is the engine that is missing.
            let code = if arguments[0] == "run" { 3 } else { code };
            let error = refused(host, arguments, code);
            assert!(error.contains(words) && error.contains("DOCKER_HOST"), "{host}: {error}");
        }
    }
}

/// What two runs say differently, case by case.
fn disagreements(one: &RunFile, other: &RunFile) -> Vec<String> {
    let key = |o: &Observation| (o.case.clone(), o.image.clone(), o.flavour);
    let said = |o: &Observation| (o.status, o.signal.clone(), o.text.clone());
    assert_eq!(one.observations.len(), other.observations.len());
    let pairs = one.observations.iter().zip(&other.observations);
    pairs
        .inspect(|(a, b)| assert_eq!(key(a), key(b)))
        .filter(|(a, b)| said(a) != said(b))
        .map(|(a, b)| format!("{:?}: {:?} and {:?}", key(a), said(a), said(b)))
        .collect()
}

#[test]
fn a_container_shows_what_the_sandbox_shows() {
    let Some(daemon) = Daemon::docker() else { return };
    daemon.says(&["import", &catalog("debian-13"), "plain:1"]);
    // An image that wants to be started otherwise, has a layer more, and takes away what the first one has.
    let made = daemon.says(&["create", "plain:1", "/usr/bin/true"]);
    daemon.says(&[
        "commit",
        "--change",
        "USER 65534",
        "--change",
        "VOLUME /var/tmp",
        "--change",
        "ENTRYPOINT [\"/bin/false\"]",
        "--change",
        "ENV PATH=/nowhere",
        "--change",
        "WORKDIR /tmp",
        &made,
        "odd:1",
    ]);
    daemon.says(&["rm", &made]);
    let images = ["docker:odd:1", "debian-13-musl"];
    daemon.answers_as_the_sandbox("docker", &images, ASKED, 2000);
    daemon.sources();
}

#[test]
fn podman_s_containers_show_it_too() {
    let Some(daemon) = Daemon::podman() else { return };
    daemon.says(&["import", "--quiet", &catalog("debian-13-musl"), "localhost/plain:1"]);
    let asked = "fs.*,threads.stack*,process.exec*,dns.hosts*";
    daemon.answers_as_the_sandbox("podman", &["podman:plain:1", "debian-13-musl"], asked, 300);
    let missing = refused(&daemon.host, &["image", "inspect", "podman:absent:9"], 2);
    assert!(missing.contains("`podman pull absent:9`"), "{missing}");
}

/// The tar of a catalog image.
fn catalog(name: &str) -> String {
    let cache = libcdiff::verb::cache().unwrap_or_else(|e| panic!("{}", e.message));
    cache.join(format!("catalog/{name}.tar")).display().to_string()
}

#[test]
fn nothing_is_left_of_a_run_however_it_ends() {
    let Some(mut daemon) = Daemon::docker() else { return };
    let long = ["run", "--runner", "docker", "debian-13-musl", "--case", "dns.*", "--output", "/dev/null"];
    for (signal, wait) in [("KILL", 0), ("KILL", 500), ("KILL", 2000), ("INT", 0), ("TERM", 1500)] {
        let mut child = libcdiff(&daemon.host, &long).stderr(Stdio::null()).spawn().expect("libcdiff starts");
        // From the first thing of ours on, for a while: the moments differ in what is there.
        let begun = until(Duration::from_secs(60), || !daemon.ours().is_empty());
        assert!(begun, "nothing of ours ever came");
        thread::sleep(Duration::from_millis(wait));
        let killed = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()));
        child.wait().expect("it ended");
        if signal == "KILL" {
            // The agent ends with the connection; a container that was never started, and images, go with the next run.
            run(&daemon.host, &["--runner", "docker", "debian-13-musl", "--case", "threads.stack.default"]);
        }
        assert!(until(Duration::from_secs(10), || daemon.ours().is_empty()), "{signal} {wait}: {:?}", daemon.ours());
    }
    let mut child = libcdiff(&daemon.host, &long).stderr(Stdio::piped()).spawn().expect("libcdiff starts");
    assert!(until(Duration::from_secs(60), || daemon.runs()), "no container ever ran");
    daemon.stop();
    let status = child.wait().expect("it ended");
    let mut error = String::new();
    std::io::Read::read_to_string(child.stderr.as_mut().expect("a pipe"), &mut error).expect("text");
    assert!(status.code() == Some(3) && error.contains("docker"), "{status}: {error}");
}

/// `containers/tool` with the file that `make dist` builds, by the flags that the README gives.
#[test]
fn the_image_of_the_program_itself_runs_two_images() {
    let name = format!("libcdiff-{}-{}-linux", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let built = here.join("../target/dist").join(&name);
    let built = std::env::var_os("LIBCDIFF_DIST").map_or(built, Into::into);
    if !built.is_file() {
        eprintln!("unsupported: {} is not there: `make dist` builds it", built.display());
        return;
    }
    let Some(daemon) = Daemon::docker() else { return };
    let context = tempfile::tempdir().expect("a folder");
    fs::copy(&built, context.path().join(&name)).expect("copied");
    let definition = here.join("../containers/tool/Dockerfile").display().to_string();
    let (argument, folder) = (format!("FILE={name}"), context.path().display().to_string());
    daemon.says(&["build", "--file", &definition, "--build-arg", &argument, "--tag", "libcdiff", &folder]);
    let version = daemon.says(&["run", "--rm", "--network", "none", "libcdiff", "--version"]);
    assert!(version.contains(env!("CARGO_PKG_VERSION")) && version.contains("linux-musl"), "{version}");

    let readme = fs::read_to_string(here.join("../README.md")).expect("readable");
    let flags = readme.split_once("docker run --rm ").and_then(|(_, rest)| rest.split_once(" --volume"));
    let flags = flags.expect("the README has the flags").0.split_whitespace().filter(|word| *word != "\\");
    let archives = Path::new(&catalog("debian-13")).parent().expect("a folder").display().to_string();
    let volume = format!("{archives}:/work:ro");
    let asked = "threads.stack.default,time.strptime.F,dns.truncation*";
    let mut command = vec!["run", "--rm", "--network", "none", "--volume", &volume];
    command.extend(flags);
    command.extend(["libcdiff", "run", "--format", "json", "--case", asked]);
    command.extend(["debian-13-musl.tar", "--against", "debian-13.tar"]);
    let found = RunFile::parse(&daemon.says(&command)).expect("a run file");
    let broke: Vec<_> = found.observations.iter().filter(|o| o.status == Status::Broke).collect();
    assert!(broke.is_empty() && found.observations.len() > 10, "{}: {broke:#?}", found.observations.len());
    let differ = found.differences.iter().filter(|d| ["threads.stack.default", "time.strptime.F"].contains(&&*d.case));
    assert_eq!(differ.count(), 2);
}

impl Daemon {
    /// Asks the same of both runners, and compares.
    #[track_caller]
    fn answers_as_the_sandbox(&self, runner: &str, images: &[&str], asked: &str, least: usize) {
        let ask = |runner: &str| run(&self.host, &[images, &["--case", asked, "--runner", runner]].concat());
        let (sandbox, engine) = (ask("sandbox"), ask(runner));
        let broke: Vec<_> = engine.observations.iter().filter(|o| o.status == Status::Broke).collect();
        assert!(broke.is_empty() && engine.observations.len() > least, "{}: {broke:#?}", engine.observations.len());
        // What was asked while the machine was busy is told apart from what differs by being asked once more.
        let first = disagreements(&sandbox, &engine);
        if !first.is_empty() {
            let again = disagreements(&ask("sandbox"), &ask(runner));
            let both = first.iter().any(|line| again.contains(line));
            assert!(!both && first.len() < 10, "{first:#?}\nand again: {again:#?}");
        }
        assert_eq!(self.ours(), Vec::<String>::new());
    }

    /// Images of this engine as images to look at.
    fn sources(&self) {
        let cache = tempfile::tempdir().expect("a folder");
        let inspect = |reference: &str| {
            let mut command = libcdiff(&self.host, &["image", "inspect", reference]);
            command.env("LIBCDIFF_CACHE", cache.path()).output().expect("libcdiff starts")
        };
        let output = inspect("docker:odd:1");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && text.contains("glibc 2.41"), "{text}{error}");
        let id = self.says(&["inspect", "--format", "{{.Id}}", "odd:1"]);
        assert!(text.contains(&id), "{text} has not the engine's own id {id}");
        let unpacked = || modified(&cache.path().join("images").join(id.replace(':', "-")).join("rootfs"));
        let before = unpacked();
        assert!(inspect(&format!("docker:{id}")).status.success());
        assert_eq!(before, unpacked(), "it was unpacked again");
        let missing = inspect("docker:absent:9");
        let error = String::from_utf8_lossy(&missing.stderr).into_owned();
        assert!(missing.status.code() == Some(2) && error.contains("`docker pull absent:9`"), "{error}");
        let file = cache.path().join("foreign.tar");
        fs::write(&file, foreign("foreign:1")).expect("writable");
        self.says(&["load", "--input", &file.display().to_string()]);
        // One of another machine can be looked at, and programs cannot be run in it.
        assert!(inspect("docker:foreign:1").status.success());
        let error = refused(&self.host, &["run", "docker:foreign:1", "--case", "threads.stack.default"], 2);
        assert!(error.contains("docker:foreign:1: the image is for"), "{error}");
    }
}

/// An image of this name, as `docker save` writes it, for an architecture that is not this machine's.
fn foreign(name: &str) -> Vec<u8> {
    let other = if cfg!(target_arch = "aarch64") { "amd64" } else { "arm64" };
    let layer = vec![0; 1024];
    let id = Digest::of(&layer).to_string();
    let config = format!(
        r#"{{"architecture":"{other}","os":"linux","config":{{}},"rootfs":{{"type":"layers","diff_ids":["{id}"]}}}}"#
    );
    let manifest = format!(r#"[{{"Config":"config.json","RepoTags":["{name}"],"Layers":["layer.tar"]}}]"#);
    let mut archive = tar::Builder::new(Vec::new());
    for (name, content) in
        [("layer.tar", layer), ("config.json", config.into_bytes()), ("manifest.json", manifest.into_bytes())]
    {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, &content[..]).expect("packed");
    }
    archive.into_inner().expect("packed")
}

fn modified(path: &Path) -> std::time::SystemTime {
    fs::metadata(path).and_then(|meta| meta.modified()).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
