//! `libcdiff build` on a real Docker from Debian's packages, with base images of both families that are made of Debian's packages:
//! what it says of time, network and size is what the steps are known to cost, what fails is told with its place while the rest
//! is answered, and nothing of ours stays. Needs root and Docker's daemon, and says so where they are missing; what is said where
//! no engine is needs neither.

#[allow(dead_code, reason = "the tests of engines look at more of it")]
#[path = "engines/daemon.rs"]
mod daemon;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use daemon::{Daemon, until};
use libcdiff::build::file::{Build, BuildFile, Cache, Reader, Subject};

const PAIR: [&str; 4] = ["--image", "debian-13", "--image", "debian-13-musl"];

fn libcdiff(host: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff"));
    for name in ["DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_TLS", "XDG_RUNTIME_DIR"] {
        command.env_remove(name);
    }
    command.env("DOCKER_HOST", host).arg("build").args(arguments).stdin(Stdio::null());
    command
}

/// Standard output and standard error of what ends with this exit code.
#[track_caller]
fn ended(host: &str, arguments: &[&str], code: i32) -> (String, String) {
    let output: Output = libcdiff(host, arguments).output().expect("libcdiff starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, error) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {out}{error}");
    (out, error)
}

/// A folder with a Dockerfile and the program of the steps.
fn context(dockerfile: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/step.c");
    let mut compiler = Command::new("cc");
    compiler.args(["-static", "-O1", "-Wall", "-Werror", "-o"]).arg(folder.path().join("step")).arg(source);
    assert!(compiler.status().is_ok_and(|status| status.success()), "a C compiler is needed: run `make setup`");
    fs::write(folder.path().join("Dockerfile"), dockerfile).expect("writable");
    let path = folder.path().display().to_string();
    (folder, path)
}

impl Daemon {
    /// Everything at the engine, images without a name and stopped containers among it.
    fn everything(&self) -> Vec<String> {
        let all = self.says(&["images", "--all", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"]);
        let containers = self.says(&["ps", "--all", "--format", "{{.Names}}"]);
        let mut all: Vec<String> = all.lines().chain(containers.lines()).map(str::to_owned).collect();
        all.sort();
        all
    }
}

#[test]
fn where_no_engine_answers_it_says_what_is_needed() {
    let (_folder, path) = context("ARG BASE\nFROM ${BASE}\n");
    let nowhere = format!("unix://{path}/no.sock");
    for (host, code, words) in [(nowhere.as_str(), 3, "does not answer"), ("ssh://root@far", 2, "ssh -nNT -L")] {
        let (out, error) = ended(host, &[&[path.as_str()], &PAIR[..]].concat(), code);
        assert!(out.is_empty() && error.contains(words) && error.contains("it needs a Docker engine"), "{error}");
    }
    let (_, error) = ended(&nowhere, &[&format!("{path}/absent")], 2);
    assert!(error.contains("reading the Dockerfile") && error.contains("absent"), "{error}");
}

#[test]
fn every_pair_of_the_article_takes_a_base_image() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../containers/article");
    let pairs: Vec<PathBuf> = fs::read_dir(folder).expect("there").map(|entry| entry.expect("there").path()).collect();
    assert_eq!(pairs.len(), 3, "{pairs:?}");
    for pair in pairs {
        let text = fs::read_to_string(pair.join("Dockerfile")).expect("readable");
        let none = libcdiff::build::dockerfile::Arguments::new();
        let recipe =
            libcdiff::build::dockerfile::recipe(&text, Some("alpine:3.20"), &none, ("l", "v")).expect("a recipe");
        assert_eq!(
            (recipe.images.as_slice(), recipe.arguments["BASE"].as_str()),
            (&["alpine:3.20".into()][..], "alpine:3.20")
        );
    }
}

/// Milliseconds of a processor, bytes over the network, and bytes of a file, of one build.
const WORK: u64 = 500;
const FETCHED: u64 = 5_000_000;
const WRITTEN: u64 = 3_000_000;

#[test]
fn what_is_told_of_a_build_is_what_its_steps_cost() {
    let Some(daemon) = Daemon::docker_apart() else { return };
    let (folder, path) = context("FROM scratch\nCOPY step /step\n");
    daemon.says(&["build", "--quiet", "--tag", "server:1", &path]);
    daemon.says(&["network", "create", "steps"]);
    let served = FETCHED.to_string();
    daemon.says(&[
        "run",
        "--detach",
        "--name",
        "server",
        "--network",
        "steps",
        "server:1",
        "/step",
        "serve",
        "7777",
        &served,
    ]);
    let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    let address = daemon.says(&["inspect", "--format", format, "server"]);
    let dockerfile = format!(
        "ARG BASE=absent:1\nFROM ${{BASE}} AS made\nCOPY step /step\nRUN [\"/step\", \"write\", \"/made\", \"{WRITTEN}\"]\n\n\
         FROM ${{BASE}}\nCOPY step /step\nRUN [\"/step\", \"work\", \"{WORK}\"]\n\
         RUN [\"/step\", \"fetch\", \"{address}\", \"7777\"]\nCOPY --from=made /made /made\nCMD [\"/step\"]\n"
    );
    fs::write(folder.path().join("Dockerfile"), dockerfile).expect("writable");
    let before = daemon.everything();
    let kept = folder.path().join("build.json").display().to_string();
    let arguments = [&[path.as_str()], &PAIR[..], &["--network", "steps", "--rounds", "2", "--output", &kept]].concat();
    let (out, _) = ended(&daemon.host, &arguments, 0);
    assert_eq!(daemon.everything(), before);
    let file = BuildFile::parse(&fs::read_to_string(&kept).expect("readable")).expect("a build file");
    assert!(file.complete && file.subjects.len() == 2 && out.contains("What fills debian-13-musl"), "{out}");
    for subject in &file.subjects {
        for build in &subject.builds {
            costs(subject, build);
        }
        let caches: Vec<_> = subject.builds.iter().map(|build| (build.round, build.cache)).collect();
        assert_eq!(caches, [(0, Cache::Cold), (0, Cache::Warm), (1, Cache::Cold), (1, Cache::Warm)]);
        let told: Vec<_> = subject.outcome.layers.iter().map(|layer| layer.line).collect();
        assert_eq!(told, [7, 10], "{:?}", subject.outcome.layers);
        sizes_are_the_engine_s(&daemon, &path, subject);
    }
    let ratio = file.subjects[1].outcome.cold.wall_ms.and_then(|figure| figure.against_first);
    assert!(ratio.is_some() && file.subjects[0].outcome.cold.wall_ms.is_some_and(|figure| figure.interval.is_some()));
}

#[track_caller]
fn costs(subject: &Subject, build: &Build) {
    let told = format!("{} {}: {build:#?}", subject.id, build.cache);
    let cpu = build.cpu.expect("told");
    let received = build.network.expect("told").received_bytes;
    assert_eq!((cpu.by, build.failed.as_ref()), (Reader::Cgroup, None), "{told}");
    let steps: Vec<_> = build.steps.iter().map(|step| step.line).collect();
    assert_eq!(steps, [1, 2, 3, 4, 6, 7, 8, 9, 10, 11], "{told}");
    let sum: f64 = build.steps.iter().map(|step| step.ms).sum();
    assert!(sum <= build.wall_ms, "{told}");
    match build.cache {
        Cache::Cold => {
            // What starting containers takes is in it, and what was not read is told.
            let work = WORK as f64;
            assert!(
                (work * 0.9 - cpu.unread_ms..work * 2.5 + 500.0).contains(&cpu.ms) && build.wall_ms > work,
                "{told}"
            );
            // Headers of packets, and what a network says by itself.
            assert!((FETCHED..FETCHED + FETCHED / 10).contains(&received), "{told}");
            assert!(build.steps.iter().all(|step| !step.cached), "{told}");
        }
        Cache::Warm => {
            assert!(cpu.ms == 0.0 && cpu.unread_ms == 0.0 && received < FETCHED / 10, "{told}");
            assert!(
                build.steps.iter().filter(|step| ![1, 2, 6].contains(&step.line)).all(|step| step.cached),
                "{told}"
            );
        }
    }
    let base = subject.base.as_ref().expect("there");
    let layers: u64 = build.steps.iter().filter_map(|step| step.bytes).sum();
    let image = build.image.as_ref().expect("there");
    assert_eq!(base.bytes + layers, image.bytes, "{told}");
    let made = build.steps.iter().find(|step| step.line == 10).and_then(|step| step.bytes);
    assert_eq!(made, Some(WRITTEN), "{told}");
}

/// The engine's own command, asked for the same, makes an image of the same size.
fn sizes_are_the_engine_s(daemon: &Daemon, path: &str, subject: &Subject) {
    let cache = libcdiff::verb::cache().unwrap_or_else(|e| panic!("{}", e.message));
    let tar = cache.join(format!("catalog/{}.tar", subject.id)).display().to_string();
    let base = format!("base-{}:1", subject.id);
    daemon.says(&["import", &tar, &base]);
    let (argument, name) = (format!("BASE={base}"), format!("own-{}:1", subject.id));
    daemon.says(&["build", "--quiet", "--network", "steps", "--build-arg", &argument, "--tag", &name, path]);
    let size: u64 = daemon.says(&["inspect", "--format", "{{.Size}}", &name]).parse().expect("a number");
    assert_eq!(subject.outcome.image_bytes, Some(size));
}

#[test]
fn what_fails_is_told_with_its_place_and_the_rest_is_answered() {
    let Some(daemon) = Daemon::docker_apart() else { return };
    // A shell is in one image and not in the other.
    let (folder, path) =
        context("ARG BASE\nFROM ${BASE}\nCOPY . /app\nRUN test \"$(echo $(ls -A /app))\" = 'Dockerfile kept'\n");
    fs::create_dir(folder.path().join("kept")).expect("writable");
    fs::write(folder.path().join("kept/file"), "x").expect("writable");
    fs::write(folder.path().join(".dockerignore"), "*\n!kept\n!Dockerfile\n").expect("writable");
    let arguments = [&[path.as_str()], &PAIR[..], &["--network", "none", "--rounds", "1"]].concat();
    let (out, error) = ended(&daemon.host, &arguments, 3);
    assert!(error.contains("there is no image of debian-13-musl; of the rest there is"), "{error}");
    let place = format!("no image of debian-13-musl: {path}/Dockerfile:4");
    assert!(out.contains(&place) && out.contains("/bin/sh") && out.contains("What fills debian-13\n"), "{out}");

    fs::write(folder.path().join(".dockerignore"), "").expect("writable");
    let failing = "FROM absent:1\nCOPY step /step\nUSER 1\nRUN [\"/step\", \"fail\", \"7\"]\n";
    fs::write(folder.path().join("Dockerfile"), failing).expect("writable");
    let (out, _) = ended(&daemon.host, &[&[path.as_str()], &PAIR[..2], &["--network", "none", "--json"]].concat(), 3);
    let file = BuildFile::parse(&out).expect("a build file");
    let failed = file.subjects[0].outcome.failed.as_ref().expect("it failed");
    assert_eq!(
        (failed.line, failed.exit_code, failed.output.as_slice()),
        (Some(4), Some(7), &["what went wrong".into()][..])
    );
    assert_eq!((file.subjects[0].builds.len(), file.complete), (1, true));

    // A registry that does not answer.
    let (out, error) = ended(&daemon.host, &[&path, "--image", "127.0.0.1:9/x:1", "--network", "none"], 3);
    assert!(
        out.contains("docker refuses to pull the image 127.0.0.1:9/x:1") && out.contains("docker images"),
        "{out}{error}"
    );
    for (text, image, words) in [
        ("FROM a:1\nRUN --mount=type=cache,target=/x y\n", "debian-13", "line 2: RUN --mount needs BuildKit"),
        ("FROM scratch\n", "debian-13", "leave --image out"),
        ("FROM a:1\n", "podman:x", "Docker cannot build on it"),
        ("FROM a:1\n", "oci-archive:x.tar", "skopeo copy"),
    ] {
        fs::write(folder.path().join("Dockerfile"), text).expect("writable");
        let (_, error) = ended(&daemon.host, &[&path, "--image", image, "--network", "none"], 2);
        assert!(error.contains(words), "{error}");
    }
    let (_, error) = ended(&daemon.host, &[&path, "--network", "nowhere"], 3);
    assert!(error.contains("docker network ls"), "{error}");
    assert_eq!(daemon.everything(), Vec::<String>::new());
}

#[test]
fn nothing_is_left_of_builds_however_they_end() {
    let Some(daemon) = Daemon::docker_apart() else { return };
    let (folder, path) = context("ARG BASE\nFROM ${BASE}\nCOPY step /step\nRUN [\"/step\", \"work\", \"60000\"]\n");
    let short = folder.path().join("short");
    fs::write(&short, "FROM scratch\nCOPY step /step\n").expect("writable");
    let short = short.display().to_string();
    let long = [&[path.as_str()], &PAIR[..], &["--network", "none"]].concat();
    for signal in ["INT", "TERM", "KILL"] {
        let mut child =
            libcdiff(&daemon.host, &long).stderr(Stdio::null()).stdout(Stdio::null()).spawn().expect("it starts");
        let steps = || daemon.says(&["ps", "--no-trunc", "--format", "{{.Command}}"]).contains("/step work");
        assert!(until(Duration::from_secs(120), steps), "the step never ran");
        let killed = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()));
        let status = child.wait().expect("it ended");
        if signal == "KILL" {
            ended(&daemon.host, &[&short, "--network", "none", "--rounds", "1"], 0);
        } else {
            assert_eq!(status.code(), Some(130));
        }
        let nothing = || daemon.everything().is_empty();
        assert!(until(Duration::from_secs(10), nothing), "{signal}: {:?}", daemon.everything());
    }
}
