//! What it costs to pull and unpack an image: libcdiff beside skopeo with tar, and skopeo with umoci, from one registry on
//! loopback, in turn and in one run, so that the ratios hold on a machine whose speed drifts. `make bench` runs it; nothing is
//! asserted.
//!
//! Three images: 100,000 small files, large files, and Alpine where `LIBCDIFF_TEST_IMAGES` has it. Each run has folders of its
//! own, which stay until the end: a file system is slower where much was removed. Time is that of all programs of a way, CPU that
//! of user and system, memory the most that libcdiff itself had resident.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use libcdiff_agent::sys::wait_for;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;

#[path = "../tests/image/pack.rs"]
#[allow(dead_code, reason = "shared with the tests of archives")]
mod pack;
#[path = "../tests/registry/server.rs"]
#[allow(dead_code, reason = "shared with the tests of registries")]
mod server;

use pack::{Saved, Tar, gzip};
use server::Registry;

const ROUNDS: usize = 5;
const SMALL_FILES: usize = 100_000;
const LARGE_FILES: usize = 256;

/// What one run took.
#[derive(Clone, Copy, Default)]
struct Cost {
    time: Duration,
    cpu: Duration,
    /// Of the program that had most.
    peak_bytes: u64,
}

/// A way to have an image as a folder.
struct Way {
    name: &'static str,
    /// Pulls and unpacks an image into a folder that is there and empty.
    run: fn(&str, &Path) -> Cost,
    costs: Vec<Cost>,
}

fn main() {
    let Some(registry) = Registry::open() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    for (name, layer) in [("small", Some(small())), ("large", Some(large())), ("alpine", alpine())] {
        let Some(layer) = layer else {
            println!("LIBCDIFF_TEST_IMAGES has no alpine-3.20.tar.gz, and it is not measured");
            continue;
        };
        let layout = folder.path().join(format!("{name}-layout"));
        layer.write_layout(&layout);
        drop(layer);
        registry.push(&format!("oci:{}", layout.display()), &format!("{name}:1"), &[]);
        measure(name, &format!("{}/{name}:1", registry.host), folder.path());
    }
}

fn measure(name: &str, reference: &str, folder: &Path) {
    let mut ways = vec![Way::new("libcdiff image pull", libcdiff), Way::new("skopeo, tar", skopeo_and_tar)];
    match there("umoci") {
        true => ways.push(Way::new("skopeo, umoci", skopeo_and_umoci)),
        false => println!("umoci is not installed, and not measured"),
    }
    for round in 0..ROUNDS {
        for at in 0..ways.len() {
            // Each is the first one in some round.
            let at = (at + round) % ways.len();
            let own = folder.join(format!("{name}-{round}-{at}"));
            fs::create_dir(&own).expect("writable");
            let cost = (ways[at].run)(reference, &own);
            ways[at].costs.push(cost);
        }
    }
    report(name, &ways);
}

impl Way {
    fn new(name: &'static str, run: fn(&str, &Path) -> Cost) -> Self {
        Self { name, run, costs: Vec::new() }
    }
}

fn report(name: &str, ways: &[Way]) {
    println!("\n{name:22}{:>10}{:>10}{:>12}{:>12}{:>10}", "median s", "CPU s", "time, ratio", "CPU, ratio", "peak MiB");
    for way in ways {
        let of = |figure: fn(&Cost) -> Duration| median(way.costs.iter().map(|cost| figure(cost).as_secs_f64()));
        // Of what ran one after the other, so that a machine that is slow for a while is slow for both.
        let ratio = |figure: fn(&Cost) -> Duration| {
            let pairs = way.costs.iter().zip(&ways[0].costs);
            median(pairs.map(|(cost, own)| figure(cost).as_secs_f64() / figure(own).as_secs_f64()))
        };
        let (time, cpu) = (of(|cost| cost.time), of(|cost| cost.cpu));
        let (slower, dearer) = (ratio(|cost| cost.time), ratio(|cost| cost.cpu));
        let peak = way.costs.iter().map(|cost| cost.peak_bytes).max().unwrap_or_default() >> 20;
        println!("{:22}{time:>10.2}{cpu:>10.2}{slower:>12.2}{dearer:>12.2}{peak:>10}", way.name);
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

// ------------------------------------------------------------------------------------------------------------- ways

fn libcdiff(reference: &str, own: &Path) -> Cost {
    let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff"));
    cost([command.args(["--quiet", "image", "pull", reference]).env("LIBCDIFF_CACHE", own.join("cache"))])
}

fn skopeo_and_tar(reference: &str, own: &Path) -> Cost {
    let (blobs, root) = (own.join("blobs"), own.join("root"));
    fs::create_dir(&root).expect("writable");
    let copied = cost([&mut skopeo(reference, &format!("dir:{}", blobs.display()))]);
    let manifest: serde_json::Value = File::open(blobs.join("manifest.json"))
        .map(|file| serde_json::from_reader(file).expect("JSON"))
        .expect("there");
    let digests = manifest["layers"].as_array().expect("a list").iter().filter_map(|layer| layer["digest"].as_str());
    let mut unpackers: Vec<Command> = digests
        .map(|digest| {
            let mut command = Command::new("tar");
            command.arg("-xf").arg(blobs.join(digest.trim_start_matches("sha256:"))).arg("-C").arg(&root);
            command
        })
        .collect();
    copied.and(cost(unpackers.iter_mut()))
}

fn skopeo_and_umoci(reference: &str, own: &Path) -> Cost {
    let layout = format!("{}:1", own.join("layout").display());
    let mut umoci = Command::new("umoci");
    umoci.args(["raw", "unpack", "--image", &layout]).arg(own.join("root"));
    cost([&mut skopeo(reference, &format!("oci:{layout}")), &mut umoci])
}

fn skopeo(reference: &str, target: &str) -> Command {
    let mut command = Command::new("skopeo");
    command.args(["--insecure-policy", "copy", "--quiet", "--src-tls-verify=false"]);
    command.args([&format!("docker://{reference}"), target]);
    command
}

fn there(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Runs commands one after the other, all of which must succeed.
#[expect(clippy::zombie_processes, reason = "`wait_for` waits for it, and learns its peak")]
fn cost<'a>(commands: impl IntoIterator<Item = &'a mut Command>) -> Cost {
    let mut sum = Cost::default();
    for command in commands {
        let (start, cpu) = (Instant::now(), children());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("it starts");
        let (status, peak_bytes) = wait_for(Pid::from_raw(child.id().cast_signed())).expect("it is a child");
        assert!(matches!(status, Some(WaitStatus::Exited(_, 0))), "{command:?}: {status:?}");
        sum = sum.and(Cost { time: start.elapsed(), cpu: children().saturating_sub(cpu), peak_bytes });
    }
    sum
}

impl Cost {
    /// Of both, one after the other.
    fn and(self, other: Self) -> Self {
        Self {
            time: self.time + other.time,
            cpu: self.cpu + other.cpu,
            peak_bytes: self.peak_bytes.max(other.peak_bytes),
        }
    }
}

/// CPU time of all children that have ended.
fn children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("always known");
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Duration::from_secs_f64(seconds(usage.user_time()) + seconds(usage.system_time()))
}

// ----------------------------------------------------------------------------------------------------------- images

/// As an application's packages: 100 to 1,000 bytes a file, eight files a folder.
fn small() -> Saved {
    let mut random = fastrand::Rng::with_seed(1);
    let mut tar = Tar::new().folder("etc/", 0o755);
    for at in 0..SMALL_FILES {
        let folder = format!("modules/{}/package-{}/", at / 8000, at / 8);
        if at % 8 == 0 {
            tar = tar.folder(&folder, 0o755);
        }
        let content = text(&mut random, 100 + at % 900);
        tar = tar.bytes(&format!("{folder}file-{}.js", at % 8), 0o644, &content);
    }
    Saved::new(vec![tar.end()], gzip)
}

/// Files of a MiB.
fn large() -> Saved {
    let mut random = fastrand::Rng::with_seed(2);
    let mut tar = Tar::new().folder("etc/", 0o755);
    for at in 0..LARGE_FILES {
        tar = tar.bytes(&format!("data-{at}"), 0o644, &text(&mut random, 1 << 20));
    }
    Saved::new(vec![tar.end()], gzip)
}

/// Bytes that compress to a third, as programs and texts do.
fn text(random: &mut fastrand::Rng, length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        let _ = write!(bytes, "{:08x} word ", random.u32(..));
    }
    bytes.truncate(length);
    bytes
}

fn alpine() -> Option<Saved> {
    let path = PathBuf::from(std::env::var_os("LIBCDIFF_TEST_IMAGES")?).join("alpine-3.20.tar.gz");
    let mut tar = Vec::new();
    std::io::copy(&mut flate2::read::MultiGzDecoder::new(File::open(path).ok()?), &mut tar).ok()?;
    Some(Saved::new(vec![tar], gzip))
}
