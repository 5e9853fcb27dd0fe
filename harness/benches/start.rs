//! What starting a sandbox costs: one probe run bare, in the built-in sandbox, in bubblewrap and in Docker, in turn and
//! in one run, so that the ratios hold on a machine whose speed drifts. `make bench` runs it; nothing is asserted.
//!
//! The same static probe answers the same case each time. The sandbox row is everything a session does: start the agent,
//! enter the namespaces, lay the image, run one case, end. What is not installed is said not to be measured.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use libcdiff::bundle::{self, Programs};
use libcdiff::plan::{self, Selection};
use libcdiff::runfile::{Image, Os, Size};
use libcdiff::runner::{Runner, Sandbox, Subject};
use libcdiff_protocol::Flavour;

const ROUNDS: usize = 60;
const DOCKER_ROUNDS: usize = 6;
const CASE: &str = "threads.stack.default";
const DOCKER_IMAGE: &str = "libcdiff-bench-start";

/// One way to run the probe.
struct Way {
    name: &'static str,
    rounds: usize,
    run: Box<dyn FnMut()>,
    times: Vec<Duration>,
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = make_image(folder.path());
    let programs = bundle::lay_out(&folder.path().join("cache")).expect("the probes");
    let probe = programs.probes.join(".libcdiff/musl-static/threads");
    let mut ways = vec![
        Way::new("bare exec", ROUNDS, bare(&probe)),
        Way::new("libcdiff sandbox", ROUNDS, sandbox(&programs, &image)),
    ];
    match version("bwrap") {
        true => ways.push(Way::new("bwrap --unshare-all", ROUNDS, bwrap(&probe, &image))),
        false => println!("bwrap is not installed, and not measured"),
    }
    match import_into_docker(&image, &probe) {
        true => ways.push(Way::new("docker run", DOCKER_ROUNDS, docker())),
        false => println!("no Docker daemon answers, and docker run is not measured"),
    }
    for round in 0..ROUNDS {
        for way in ways.iter_mut().filter(|way| round < way.rounds) {
            let start = Instant::now();
            (way.run)();
            way.times.push(start.elapsed());
        }
    }
    report(&mut ways);
    if ways.iter().any(|way| way.name == "docker run") {
        let _ = Command::new("docker").args(["rmi", "-f", DOCKER_IMAGE]).stdout(Stdio::null()).status();
    }
}

impl Way {
    fn new(name: &'static str, rounds: usize, run: impl FnMut() + 'static) -> Self {
        Self { name, rounds, run: Box::new(run), times: Vec::new() }
    }
}

fn report(ways: &mut [Way]) {
    println!("{:22}{:>10}{:>10}{:>12}{:>10}", "", "min ms", "median ms", "over bare", "runs");
    let mut bare = 0.0;
    for (place, way) in ways.iter_mut().enumerate() {
        way.times.sort();
        let ms = |t: Duration| t.as_secs_f64() * 1e3;
        let (min, median) = (ms(way.times[0]), ms(way.times[way.times.len() / 2]));
        if place == 0 {
            bare = median;
        }
        println!("{:22}{min:>10.2}{median:>10.2}{:>12.2}{:>10}", way.name, median - bare, way.times.len());
    }
}

/// The smallest image: the folders that every way mounts over.
fn make_image(folder: &Path) -> PathBuf {
    let image = folder.join("image");
    for name in ["etc", "proc", "dev", "tmp", "mnt"] {
        fs::create_dir_all(image.join(name)).expect("writable");
    }
    image
}

fn quietly(command: &mut Command) {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status().expect("it starts");
    assert!(status.success(), "{command:?}: {status}");
}

fn bare(probe: &Path) -> impl FnMut() + use<> {
    let probe = probe.to_owned();
    move || quietly(Command::new(&probe).arg(CASE))
}

fn sandbox(programs: &Programs, root: &Path) -> impl FnMut() + use<> {
    let runner = Sandbox { programs: Programs { agent: programs.agent.clone(), probes: programs.probes.clone() } };
    let root = root.to_owned();
    let cases = bundle::cases().expect("the cases");
    let image = Image {
        id: "bench".into(),
        reference: "bench".into(),
        digest: None,
        os: Os::default(),
        libc: None,
        libcs: Vec::new(),
        size: Size::default(),
        kernel: String::new(),
        confinement: None,
        arch: String::new(),
        emulated_by: None,
    };
    move || {
        let only = Selection { cases: vec![CASE.into()], flavours: vec![Flavour::MuslStatic], ..Selection::default() };
        let (plan, _) = plan::plan(&only.of(&cases), &image, &only, 1);
        assert_eq!(plan.items.len(), 1);
        let ran = runner.run(&Subject::new("bench", &root), plan, &|_| ()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(ran.observations, 1);
    }
}

fn bwrap(probe: &Path, image: &Path) -> impl FnMut() + use<> {
    let (probe, image) = (probe.parent().expect("a folder").to_owned(), image.to_owned());
    move || {
        let mut command = Command::new("bwrap");
        command.args(["--unshare-all", "--ro-bind"]).arg(&image).args(["/", "--ro-bind"]).arg(&probe);
        quietly(command.args(["/mnt", "--proc", "/proc", "--dev", "/dev", "/mnt/threads", CASE]));
    }
}

fn docker() -> impl FnMut() {
    || quietly(Command::new("docker").args(["run", "--rm", "--network", "none", DOCKER_IMAGE, "/mnt/threads", CASE]))
}

fn version(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Gives the image, with the probe in it, to a Docker daemon; false where none answers.
fn import_into_docker(image: &Path, probe: &Path) -> bool {
    let answers = Command::new("docker").arg("info").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !answers.is_ok_and(|status| status.success()) {
        return false;
    }
    let tar = image.with_extension("tar");
    fs::copy(probe, image.join("mnt/threads")).expect("writable");
    quietly(Command::new("tar").arg("-C").arg(image).arg("-cf").arg(&tar).arg("."));
    fs::remove_file(image.join("mnt/threads")).expect("there");
    Command::new("docker")
        .arg("import")
        .arg(&tar)
        .arg(DOCKER_IMAGE)
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}
