//! Puts the built probes, the agent, the scenarios and the pitfalls into the harness, so that one file is the whole tool;
//! and refuses tables that do not hold together.
//!
//! `make probes` builds what is looked for here: `target/probes`, or the folder that `LIBCDIFF_PROBES` names.

#[path = "build/complete.rs"]
mod complete;
#[path = "build/pack.rs"]
mod pack;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    facts();
    println!("cargo:rerun-if-env-changed=LIBCDIFF_PROBES");
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    let probes = env::var("LIBCDIFF_PROBES").map_or_else(|_| here.join("../target/probes"), PathBuf::from);
    let probes = probes.canonicalize().unwrap_or(probes);
    // Not the folder itself, whose date changes whenever the build looks in; a new program changes the build record.
    for record in ["build.json", "cases.jsonl", "workloads.jsonl", "targets.jsonl", "agent"] {
        println!("cargo:rerun-if-changed={}", probes.join(record).display());
    }
    assert!(
        probes.join("build.json").exists() && probes.join("cases.jsonl").exists(),
        "the probes are not built (looked in {}): run `make probes` first",
        probes.display()
    );
    let arch = env::var("CARGO_CFG_TARGET_ARCH").expect("cargo sets CARGO_CFG_TARGET_ARCH");
    let mut bundle = format!("static OWN: Set = {};\n{}", set(&out, &arch, &probes), foreign(&out, &probes));
    // Files that cases lay over an image are in it again and again.
    let (cases, packed) = (probes.join("cases.jsonl"), out.join("cases.xz"));
    pack::pack_text(&packed, &cases).unwrap_or_else(|e| panic!("packing {}: {e}", cases.display()));
    let _ = writeln!(bundle, "static CASES: &[u8] = include_bytes!({packed:?});");
    let _ = writeln!(bundle, "static WORKLOADS: &str = include_str!({:?});", probes.join("workloads.jsonl"));
    let _ = writeln!(bundle, "static TARGETS: &str = include_str!({:?});", probes.join("targets.jsonl"));
    fs::write(out.join("bundle.rs"), bundle).expect("writing the bundle");
    let scenarios = text_table(&out, "scenarios.rs", "SCENARIOS", &here.join("../probes/scenarios"));
    let pitfalls = text_table(&out, "pitfalls.rs", "PITFALLS", &here.join("pitfalls"));
    for module in ["complete", "pack"] {
        println!("cargo:rerun-if-changed=build/{module}.rs");
    }
    let manifest = fs::read_to_string(probes.join("cases.jsonl")).expect("reading the manifest");
    let targets = fs::read_to_string(probes.join("targets.jsonl")).expect("reading what can be fuzzed");
    for mistake in complete::mistakes(&complete::Tables { manifest, targets, scenarios, pitfalls }) {
        println!("cargo::error={}", mistake.replace('\n', " "));
    }
}

/// The programs below a folder of built ones, by their path in it; not what lies in the folder itself, nor what is for other
/// machines.
fn programs(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let inside = |path: PathBuf| (path.strip_prefix(folder).expect("below").to_owned(), path);
    let found = files(folder).into_iter().map(inside);
    found.filter(|(name, _)| name.components().count() > 1 && !name.starts_with(FOREIGN)).collect()
}

/// Where programs for other machines are, each machine's in a folder of its name.
const FOREIGN: &str = "foreign";

/// The programs for other machines that were built from the same sources as those for this one.
fn foreign(out: &Path, probes: &Path) -> String {
    let folder = probes.join(FOREIGN);
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut machines: Vec<PathBuf> = fs::read_dir(&folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    machines.sort();
    let own = sources(probes);
    let mut list = String::from("static FOREIGN: &[Set] = &[\n");
    for machine in &machines {
        let name = machine.file_name().unwrap_or_default().to_string_lossy();
        println!("cargo:rerun-if-changed={}", machine.join("build.json").display());
        match sources(machine) {
            // Not finished.
            None => continue,
            found if found != own => {
                println!(
                    "cargo:warning=the programs for {name} are left out, for they were built from other sources; \
                    `make probes ARCH={name}` builds them anew"
                );
                continue;
            }
            _ => {}
        }
        let _ = writeln!(list, "{},", set(out, &name, machine));
    }
    list + "];\n"
}

/// The programs for one machine, packed, as an expression of Rust.
fn set(out: &Path, arch: &str, folder: &Path) -> String {
    let mut files = programs(folder);
    files.push(("agent".into(), folder.join("agent")));
    for (_, path) in &files {
        println!("cargo:rerun-if-changed={}", path.display());
    }
    let archive = out.join(format!("{arch}.xz"));
    let rows = pack::pack(&archive, arch, files).unwrap_or_else(|e| panic!("packing {}: {e}", folder.display()));
    let build = record(out, arch, folder);
    format!(
        "Set {{ arch: {arch:?}, files: &[\n{rows}], archive: include_bytes!({archive:?}), build: include_str!({build:?}) }}"
    )
}

/// How the programs were built, without where the C libraries lay that they were linked with: that is this machine's business.
fn record(out: &Path, arch: &str, folder: &Path) -> PathBuf {
    let text = fs::read_to_string(folder.join("build.json")).expect("reading the record of the build");
    let mut record: serde_json::Value = serde_json::from_str(&text).expect("the record of the build is JSON");
    if let Some(members) = record.as_object_mut() {
        members.remove("libraries");
    }
    let path = out.join(format!("{arch}.json"));
    fs::write(&path, record.to_string()).expect("writing the record of the build");
    path
}

/// What `libcdiff --version` says of this build.
fn facts() {
    let rustc = env::var("RUSTC").expect("cargo sets RUSTC");
    let said = Command::new(&rustc).arg("--version").output();
    let version = said.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned());
    println!("cargo:rustc-env=LIBCDIFF_RUSTC={}", version.unwrap_or_else(|e| panic!("starting {rustc}: {e}")));
    println!("cargo:rustc-env=LIBCDIFF_TARGET={}", env::var("TARGET").expect("cargo sets TARGET"));
}

/// What the programs of a folder were built from, as their record says.
fn sources(folder: &Path) -> Option<String> {
    let record = fs::read_to_string(folder.join("build.json")).ok()?;
    record
        .lines()
        .find_map(|line| Some(line.trim().strip_prefix("\"sources\": \"")?.trim_end_matches(['"', ',']).to_owned()))
}

/// A table of the TOML files below a folder, by their path in it; and the same as text.
fn text_table(out: &Path, file: &str, name: &str, folder: &Path) -> Vec<(String, String)> {
    let folder = folder.canonicalize().expect("the folder exists");
    println!("cargo:rerun-if-changed={}", folder.display());
    let found = files(&folder).into_iter().filter(|path| path.extension().is_some_and(|e| e == "toml"));
    let rows: Vec<_> = found.map(|path| (path.strip_prefix(&folder).expect("below").to_owned(), path)).collect();
    fs::write(out.join(file), table(name, rows.iter().cloned())).expect("writing a table");
    let read = |(name, path): &(PathBuf, PathBuf)| {
        (
            name.display().to_string(),
            fs::read_to_string(path).unwrap_or_else(|e| panic!("reading {}: {e}", path.display())),
        )
    };
    rows.iter().map(read).collect()
}

fn table(name: &str, rows: impl Iterator<Item = (PathBuf, PathBuf)>) -> String {
    let mut text = format!("static {name}: &[(&str, &str)] = &[\n");
    for (key, path) in rows {
        println!("cargo:rerun-if-changed={}", path.display());
        let _ = writeln!(text, "    ({:?}, include_str!({path:?})),", key.to_string_lossy());
    }
    text.push_str("];\n");
    text
}

/// Every file below a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("reading {}: {e}", folder.display()));
    for entry in entries.map(|e| e.expect("a folder entry").path()) {
        if entry.is_dir() {
            found.extend(files(&entry));
        } else {
            found.push(entry);
        }
    }
    found.sort();
    found
}
