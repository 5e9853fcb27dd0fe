//! Made-up stacks of layers, unpacked by this program and by umoci: the trees must be the same.
//!
//! A stack is what its seed makes of it. One that shows a difference is cut down to the entries that it takes, and printed.
//! `LIBCDIFF_STACKS=5000 LIBCDIFF_FIRST_SEED=1000` in the environment makes a long run of it.

use std::{
    collections::{BTreeMap, HashMap},
    env, fs,
    io::Read,
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::{Path, PathBuf},
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use libcdiff::image::{Digest, ImageError};

use crate::{
    bench::Bench,
    pack::{Tar, blob_name},
    stacks::{self, Entry, Layer, shown},
};

/// Names, and what is there.
type Facts = BTreeMap<String, String>;

/// What came of one stack.
enum Outcome {
    /// The trees are the same.
    Same,
    /// One of both refuses it. What is refused here, and why, the tests of hostile archives tell.
    Refused,
    Different(String),
}
use Outcome::{Different, Refused, Same};

/// Differences after which nothing new is learned.
const ENOUGH: usize = 10;

fn number(variable: &str, usual: u64) -> u64 {
    env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Whether umoci can be compared with; says why not.
pub fn can_compare() -> bool {
    let there = Command::new("umoci").arg("--version").output().is_ok_and(|output| output.status.success());
    match (there, rustix::process::geteuid().is_root()) {
        (false, _) => println!("unsupported: umoci is not installed; `make setup` installs it"),
        (true, false) => println!("unsupported: umoci makes devices and owners as root alone"),
        (true, true) => return true,
    }
    false
}

/// The tars of real images, by name: those of the catalog that have been built, and those in the folder of
/// `LIBCDIFF_TEST_IMAGES`. All of them if `LIBCDIFF_ALL_IMAGES` is set, else as many as take some seconds.
pub fn real_tars() -> impl Iterator<Item = (String, Vec<u8>)> {
    let built = env::var_os("LIBCDIFF_IMAGES").map(PathBuf::from);
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
    let built = built.or_else(|| Some(cache?.join("libcdiff/catalog")));
    // Distributions' own first: what is built here holds files of root alone.
    let folders = [env::var_os("LIBCDIFF_TEST_IMAGES").map(Into::into), built];
    let mut bytes_left = if env::var_os("LIBCDIFF_ALL_IMAGES").is_some() { u64::MAX } else { 8 << 20 };
    let paths = folders.into_iter().flatten().flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
    paths.filter_map(move |path| {
        let (path, bytes) = (path.path(), path.metadata().expect("is there").len());
        let name = path.to_string_lossy().into_owned();
        if bytes > bytes_left || !(name.ends_with(".tar") || name.ends_with(".tar.gz")) {
            return None;
        }
        bytes_left -= bytes;
        let stored = fs::File::open(&path).expect("opens");
        let mut tar = Vec::new();
        match name.ends_with(".gz") {
            true => flate2::read::MultiGzDecoder::new(stored).read_to_end(&mut tar).expect("decompresses"),
            false => { &stored }.read_to_end(&mut tar).expect("reads"),
        };
        Some((name, tar))
    })
}

#[test]
fn real_images_become_what_umoci_makes_of_them() {
    if !can_compare() {
        return;
    }
    let mut compared = 0;
    for (name, tar) in real_tars() {
        let bench = Bench::new();
        write_layout(&bench.path("layout"), vec![tar]);
        umoci(&bench, &[]).expect("umoci unpacks it");
        let image = match bench.resolve(&format!("oci-dir:{}", bench.path("layout").display())) {
            Err(ImageError::Foreign { .. }) => continue,
            image => image.expect("resolves"),
        };
        let (ours, theirs) = (facts(&image.root), facts(&bench.path("there/rootfs")));
        compared += 1;
        assert!(ours.len() > 10, "{name}: {} entries", ours.len());
        let how = differences(&ours, &theirs, &[]);
        assert!(how.is_empty(), "{name}:\n{how}");
        let (devices, pipes, set_id) = left_out(&bench.path("there/rootfs"));
        let left = image.left_out;
        assert_eq!((left.devices, left.pipes, left.set_id), (devices, pipes, set_id), "{name}");
        println!("{name}: {} entries are the same; left out: {left:?}", ours.len());
    }
    println!("{compared} images compared");
}

/// Devices, pipes, and files with set-id bits below a folder.
fn left_out(folder: &Path) -> (u64, u64, u64) {
    fs::read_dir(folder).expect("lists").flatten().fold((0, 0, 0), |(devices, pipes, set_id), entry| {
        let meta = entry.metadata().expect("is there");
        let kind = meta.file_type();
        let below = if kind.is_dir() { left_out(&entry.path()) } else { (0, 0, 0) };
        let device = u64::from(kind.is_char_device() || kind.is_block_device());
        let set = u64::from(kind.is_file() && meta.mode() & 0o6000 != 0);
        (devices + device + below.0, pipes + u64::from(kind.is_fifo()) + below.1, set_id + set + below.2)
    })
}

#[test]
fn stacks_of_layers_become_what_umoci_makes_of_them() {
    if !can_compare() {
        return;
    }
    let (first, stacks) = (number("LIBCDIFF_FIRST_SEED", 0), number("LIBCDIFF_STACKS", 40));
    let (mut same, mut refused, mut differing) = (0, 0, Vec::new());
    let mut reasons = BTreeMap::new();
    for seed in first..first + stacks {
        let stack = acceptable(stacks::stack(seed), &mut reasons);
        match outcome(&stack) {
            Same => same += 1,
            Refused => refused += 1,
            Different(_) => {
                let least = least(stack);
                let Different(how) = outcome(&least) else { unreachable!("it differed before") };
                differing.push(format!("seed {seed}:\n{}{how}", shown(&least)));
            }
        }
        if differing.len() == ENOUGH {
            break;
        }
    }
    println!("{same} of {stacks} stacks are the same, {refused} are refused; entries were left out: {reasons:#?}");
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert!(same * 10 > stacks * 9, "too few stacks come to something: {same} of {stacks}");
}

/// A stack without its entries that this program refuses, so that the others come to something; and counts the reasons.
fn acceptable(mut stack: Vec<Layer>, reasons: &mut BTreeMap<String, u64>) -> Vec<Layer> {
    loop {
        let ordered: Vec<Layer> = stack.iter().map(markers_first).collect();
        let refused = [&ordered, &stack].into_iter().find_map(|stack| unpacked(&Bench::new(), stack).err());
        let Some(ImageError::Refused { entry, reason, .. }) = refused else { return stack };
        *reasons.entry(reason).or_default() += 1;
        let before = stack.iter().map(Vec::len).sum::<usize>();
        stack.iter_mut().for_each(|layer| layer.retain(|other| !other.is_called(&entry)));
        assert!(stack.iter().map(Vec::len).sum::<usize>() < before, "no entry is called {entry}");
    }
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
    // Where markers stand in their layer does not matter to the specification, but to umoci.
    let ordered: Vec<Layer> = stack.iter().map(markers_first).collect();
    let ours = match unpacked(&bench, &ordered) {
        Ok(facts) => facts,
        Err(ImageError::Refused { .. }) => return Refused,
        Err(error) => return Different(error.to_string()),
    };
    if let Err(text) = umoci(&bench, &[]) {
        // What is left out here is in the way there; and what a hard link replaces is gone there before its target is sought.
        let left_out = stack.iter().flatten().any(Entry::is_left_out) && text.contains("not a directory");
        return match left_out || text.contains("link: no such file") {
            true => Refused,
            false => Different(format!("umoci refuses it: {text}")),
        };
    }
    let how = differences(&ours, &facts(&bench.path("there/rootfs")), &opened(stack));
    if !how.is_empty() {
        return Different(how);
    }
    // Where a symlink leads to does depend on order, and so does where an opaque marker makes a folder.
    if stack.iter().flatten().any(Entry::is_symlink) {
        return Same;
    }
    match unpacked(&Bench::new(), stack) {
        Ok(as_it_is) if without_made_up(&as_it_is) != without_made_up(&ours) => Different(format!(
            "the order of markers matters; umoci is the other one:\n{}",
            differences(&as_it_is, &ours, &[])
        )),
        Err(error) if !matches!(error, ImageError::Refused { .. }) => Different(error.to_string()),
        _ => Same,
    }
}

/// Has umoci unpack the folder `layout` of a bench into `there/rootfs`.
pub fn umoci(bench: &Bench, more: &[&str]) -> Result<(), String> {
    let mut umoci = Command::new("umoci");
    umoci
        .arg("unpack")
        .args(more)
        .arg("--image")
        .arg(format!("{}:latest", bench.path("layout").display()))
        .arg(bench.path("there"));
    let output = umoci.output().expect("umoci starts");
    output.status.success().then_some(()).ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What this program makes of a stack.
fn unpacked(bench: &Bench, stack: &[Layer]) -> Result<Facts, ImageError> {
    // With the least of a root file system below.
    let base = Tar::new().folder("etc/", 0o755).end();
    write_layout(&bench.path("layout"), [base].into_iter().chain(stack.iter().map(|l| stacks::tar(l))).collect());
    bench.resolve(&format!("oci-dir:{}", bench.path("layout").display())).map(|image| facts(&image.root))
}

fn markers_first(layer: &Layer) -> Layer {
    let (markers, others): (Vec<_>, Vec<_>) = layer.iter().cloned().partition(|entry| entry.is_marker());
    [markers, others].concat()
}

/// Without folders that no entry tells of.
fn without_made_up(facts: &Facts) -> Facts {
    facts
        .iter()
        .filter(|(_, fact)| !fact.starts_with("755 now"))
        .map(|(name, fact)| (name.clone(), fact.clone()))
        .collect()
}

/// Folders with an opaque marker. Engines make such a folder where there is none, as this program does, and umoci does not.
fn opened(stack: &[Layer]) -> Vec<&str> {
    stack.iter().flatten().filter_map(|entry| entry.name.strip_suffix("/.wh..wh..opq")).collect()
}

fn differences(ours: &Facts, theirs: &Facts, opened: &[&str]) -> String {
    let names = ours.keys().chain(theirs.keys()).collect::<std::collections::BTreeSet<_>>();
    let of = |facts: &Facts, name: &String| facts.get(name).cloned().unwrap_or_else(|| "nothing".into());
    // Of a folder in which it makes others that no entry tells of, umoci forgets the time.
    let same = |ours: &str, theirs: &str| {
        let parts = |fact: &str| fact.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let (ours, mut theirs) = (parts(ours), parts(theirs));
        if theirs[1] == "now" && theirs.last().is_some_and(|kind| kind == "/") {
            theirs[1] = ours[1].clone();
        }
        ours == theirs
    };
    let differing = names.into_iter().filter(|name| match (ours.get(*name), theirs.get(*name)) {
        (Some(ours), Some(theirs)) => !same(ours, theirs),
        (Some(ours), None) => !(ours.starts_with("755 now") && opened.iter().any(|folder| is_or_holds(name, folder))),
        _ => true,
    });
    differing.map(|name| format!("{name}\n  here:  {}\n  umoci: {}\n", of(ours, name), of(theirs, name))).collect()
}

/// Whether `path` is `name` or lies below it.
fn is_or_holds(name: &str, path: &str) -> bool {
    path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
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
                _ => (meta.mode() & 0o777, format!("= {}", content(&fs::read(&path).expect("reads")))),
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

/// Bytes as they are if they are few.
pub fn content(bytes: &[u8]) -> String {
    match bytes.len() {
        ..100 => bytes.escape_ascii().to_string(),
        length => format!("{length} bytes, {}", Digest::of(bytes)),
    }
}

/// A layout with the media types that others insist on.
pub fn write_layout(folder: &Path, mut blobs: Vec<Vec<u8>>) {
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
