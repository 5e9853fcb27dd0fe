//! Made-up stacks of layers, unpacked by this program and by umoci: the trees must be the same.
//!
//! A stack is what its seed makes of it. One that shows a difference is cut down to the entries that it takes, and printed.
//! `LIBCDIFF_STACKS=5000 LIBCDIFF_FIRST_SEED=1000` in the environment makes a long run of it.

use std::{
    collections::{BTreeMap, HashMap},
    env, fs,
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::Path,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use libcdiff::image::{Digest, ImageError};

use crate::{
    bench::Bench,
    pack::{Tar, blob_name},
    stacks::{self, Layer, shown},
};

/// Names, and what is there.
type Facts = BTreeMap<String, String>;

/// What came of one stack.
enum Outcome {
    /// The trees are the same.
    Same,
    /// Refused here, for a reason that the tests of hostile archives give; what umoci does with it does not matter.
    Refused(String),
    Different(String),
}
use Outcome::{Different, Refused, Same};

fn number(variable: &str, usual: u64) -> u64 {
    env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn stacks_of_layers_become_what_umoci_makes_of_them() {
    if !Command::new("umoci").arg("--version").output().is_ok_and(|output| output.status.success()) {
        println!("unsupported: umoci is not installed; `make setup` installs it");
        return;
    }
    if !rustix::process::geteuid().is_root() {
        println!("unsupported: umoci makes devices and owners as root alone");
        return;
    }
    let (first, stacks) = (number("LIBCDIFF_FIRST_SEED", 0), number("LIBCDIFF_STACKS", 60));
    let (mut same, mut refused) = (0, BTreeMap::new());
    for seed in first..first + stacks {
        let stack = stacks::stack(seed);
        match outcome(&stack) {
            Same => same += 1,
            Refused(reason) => *refused.entry(reason).or_insert(0) += 1,
            Different(_) => {
                let least = least(stack);
                let Different(how) = outcome(&least) else { unreachable!("it differed before") };
                panic!("seed {seed}:\n{}{how}", shown(&least));
            }
        }
    }
    println!("{same} of {stacks} stacks are the same, others are refused: {refused:#?}");
    assert!(same * 2 > stacks, "too few stacks come to something: {same} of {stacks}; {refused:#?}");
}

/// Leaves out whatever it takes not for a difference.
fn least(mut stack: Vec<Layer>) -> Vec<Layer> {
    let differs = |stack: &[Layer]| matches!(outcome(stack), Different(_));
    loop {
        let before = stack.iter().map(Vec::len).sum::<usize>();
        for layer in (0..stack.len()).rev() {
            for entry in (0..stack[layer].len()).rev() {
                let mut less = stack.clone();
                less[layer].remove(entry);
                if differs(&less) {
                    stack = less;
                }
            }
        }
        let full: Vec<Layer> = stack.iter().filter(|layer| !layer.is_empty()).cloned().collect();
        if differs(&full) {
            stack = full;
        }
        if stack.iter().map(Vec::len).sum::<usize>() == before {
            return stack;
        }
    }
}

fn outcome(stack: &[Layer]) -> Outcome {
    let bench = Bench::new();
    let (here, there) = (bench.path("here"), bench.path("there"));
    write_layout(&here, stack);
    // Where markers stand does not matter to the specification, but to umoci.
    write_layout(&there, &stack.iter().map(markers_first).collect::<Vec<_>>());
    let mut umoci = Command::new("umoci");
    umoci.args(["unpack", "--image"]).arg(format!("{}:latest", there.display())).arg(bench.path("bundle"));
    let output = umoci.output().expect("umoci starts");
    let image = match bench.resolve(&format!("oci-dir:{}", here.display())) {
        Ok(image) => image,
        // Nothing that a program could run in is left of it.
        Err(ImageError::NoFileSystem { problem, .. }) => return Refused(problem),
        Err(ImageError::Refused { reason, .. }) => return Refused(reason),
        Err(error) => return Different(error.to_string()),
    };
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Different(format!("umoci refuses it: {text}"));
    }
    let (ours, theirs) = (facts(&image.root), facts(&bench.path("bundle/rootfs")));
    match differences(&ours, &theirs) {
        none if none.is_empty() => Same,
        some => Different(some),
    }
}

fn markers_first(layer: &Layer) -> Layer {
    let (markers, others): (Vec<_>, Vec<_>) = layer.iter().cloned().partition(|entry| entry.is_marker());
    [markers, others].concat()
}

fn differences(ours: &Facts, theirs: &Facts) -> String {
    let names = ours.keys().chain(theirs.keys()).collect::<std::collections::BTreeSet<_>>();
    let of = |facts: &Facts, name: &String| facts.get(name).cloned().unwrap_or_else(|| "nothing".into());
    let differing = names.into_iter().filter(|name| ours.get(*name) != theirs.get(*name));
    differing.map(|name| format!("{name}\n  here:  {}\n  umoci: {}\n", of(ours, name), of(theirs, name))).collect()
}

/// Everything below a folder. What is left out on purpose is left out here: devices and pipes, set-id bits, the sticky bit of
/// files, owners; and a folder is always open to its owner. What has the time of now was told none.
fn facts(root: &Path) -> Facts {
    fn add(root: &Path, folder: &Path, now: i64, firsts: &mut HashMap<u64, String>, facts: &mut Facts) {
        let mut paths: Vec<_> = fs::read_dir(folder).expect("lists").flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let meta = fs::symlink_metadata(&path).expect("is there");
            let (kind, name) = (meta.file_type(), path.strip_prefix(root).expect("is below").display().to_string());
            if kind.is_char_device() || kind.is_block_device() || kind.is_fifo() {
                continue;
            }
            let time = match (meta.mtime() - now).abs() < 86_400 {
                true => "now".into(),
                false => format!("{}.{:09}", meta.mtime(), meta.mtime_nsec()),
            };
            let (mode, content) = match kind {
                kind if kind.is_dir() => (meta.mode() & 0o1777 | 0o700, "/".into()),
                kind if kind.is_symlink() => (0o777, format!("-> {}", fs::read_link(&path).expect("reads").display())),
                _ => (meta.mode() & 0o777, format!("= {}", fs::read(&path).expect("reads").escape_ascii())),
            };
            let first = firsts.entry(meta.ino()).or_insert_with(|| name.clone());
            let fact = format!("{mode:o} {time} as {first} {content}");
            facts.insert(name, fact);
            if kind.is_dir() {
                add(root, &path, now, firsts, facts);
            }
        }
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("is later").as_secs();
    let mut facts = Facts::new();
    add(root, root, now.cast_signed(), &mut HashMap::new(), &mut facts);
    facts
}

/// A layout with the media types that others insist on.
fn write_layout(folder: &Path, stack: &[Layer]) {
    // With the least of a root file system below.
    let mut blobs = vec![Tar::new().folder("etc/", 0o755).end()];
    blobs.extend(stack.iter().map(|layer| stacks::tar(layer)));
    let descriptor = |kind: &str, bytes: &[u8], more: &str| {
        let (digest, size) = (Digest::of(bytes), bytes.len());
        format!(r#"{{"mediaType":"application/vnd.oci.image.{kind}","digest":"{digest}","size":{size}{more}}}"#)
    };
    let layers: Vec<_> = blobs.iter().map(|tar| descriptor("layer.v1.tar", tar, "")).collect();
    let ids: Vec<_> = blobs.iter().map(|tar| format!(r#""{}""#, Digest::of(tar))).collect();
    let config = format!(
        r#"{{"architecture":"amd64","os":"linux","config":{{}},"rootfs":{{"type":"layers","diff_ids":[{}]}}}}"#,
        ids.join(",")
    );
    let config_descriptor = descriptor("config.v1+json", config.as_bytes(), "");
    let manifest = format!(r#"{{"schemaVersion":2,"config":{config_descriptor},"layers":[{}]}}"#, layers.join(","));
    let tag = r#","annotations":{"org.opencontainers.image.ref.name":"latest"}"#;
    let index = descriptor("manifest.v1+json", manifest.as_bytes(), tag);
    blobs.extend([config.into_bytes(), manifest.into_bytes()]);
    fs::create_dir_all(folder.join("blobs/sha256")).expect("made");
    fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("written");
    fs::write(folder.join("index.json"), format!(r#"{{"schemaVersion":2,"manifests":[{index}]}}"#)).expect("written");
    blobs.iter().for_each(|blob| fs::write(folder.join(blob_name(blob)), blob).expect("written"));
}
