//! `libcdiff impact` on real programs: what it says is missing is what the target's own loader reports, and what it counts is what the
//! program imports. Loaders are asked in user namespaces; roots of Alpine are those of `LIBCDIFF_TEST_IMAGES`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use libcdiff::image::{Catalog, Image, Reference, Store};
use libcdiff::impact::answer::{Impact, ObstacleKind, Start};
use libcdiff::impact::subject::Subject;
use libcdiff::impact::{self, spoken};
use libcdiff::pitfalls;

#[path = "impact/loaders.rs"]
mod loaders;
#[path = "impact/made.rs"]
mod made;

use loaders::{Reported, glibc_says, glibc_starts, musl_says};

/// Programs of this machine, of which some are everywhere.
const PROGRAMS: [&str; 16] = [
    "/usr/bin/python3",
    "/usr/bin/node",
    "/usr/bin/perl",
    "/usr/bin/git",
    "/usr/bin/curl",
    "/usr/bin/gpg",
    "/usr/bin/openssl",
    "/usr/bin/ssh",
    "/bin/bash",
    "/bin/tar",
    "/bin/ls",
    "/usr/bin/find",
    "/usr/bin/make",
    "/usr/bin/gdb",
    "/usr/bin/apt",
    "/usr/bin/dpkg",
];

fn image(name: &str) -> Option<(Image, tempfile::TempDir)> {
    let cache = tempfile::tempdir().expect("a folder");
    let store = Store::open(cache.path().to_owned());
    let reference = Reference::parse(name).expect(name);
    let image = store.resolve(&reference, &Catalog::embedded().expect("the catalog")).ok()?;
    Some((image, cache))
}

/// The roots of Alpine that there are; says so where there are none.
fn alpines() -> Vec<(Image, tempfile::TempDir)> {
    let Some(folder) = std::env::var_os("LIBCDIFF_TEST_IMAGES").map(PathBuf::from) else {
        eprintln!("unsupported: LIBCDIFF_TEST_IMAGES names no folder of Alpine roots");
        return Vec::new();
    };
    let names = ["3.12", "3.17", "3.20"].map(|version| folder.join(format!("alpine-{version}.tar.gz")));
    names.iter().filter(|path| path.exists()).filter_map(|path| image(&format!("rootfs:{}", path.display()))).collect()
}

fn here() -> (Image, tempfile::TempDir) {
    image("host").expect("this machine")
}

/// What is told of one program that goes from one image to another.
fn told(program: &str, root: &Path, from: &Image, to: &Image) -> Start {
    let subject = Subject::program(program, root, program).expect(program);
    let reading = impact::read(&subject, from, to).expect("read");
    reading.starts()[0].clone()
}

/// What is told, in the form in which loaders report it.
fn as_reported(start: &Start) -> Reported {
    let of =
        |kind: ObstacleKind| start.obstacles.iter().filter(move |one| one.kind == kind).map(|one| one.what.clone());
    Reported {
        libraries: of(ObstacleKind::Library).collect(),
        versions: of(ObstacleKind::Version).collect(),
        symbols: start.missing_symbols.iter().map(|missing| missing.symbol.clone()).collect(),
    }
}

fn programs() -> Vec<String> {
    let found = PROGRAMS.iter().filter_map(|path| std::fs::canonicalize(path).ok());
    let is_elf = |path: &PathBuf| std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"\x7fELF"));
    let found: BTreeSet<String> = found.filter(is_elf).map(|path| path.display().to_string()).collect();
    found.into_iter().collect()
}

#[test]
fn programs_of_this_machine_miss_on_musl_what_its_loader_reports() {
    let (here, _hold) = here();
    let mut compared = 0;
    for (alpine, _hold) in alpines() {
        for program in programs() {
            let start = told(&program, Path::new("/"), &here, &alpine);
            let Some(reported) = musl_says(&alpine.root, Path::new(&program)) else { return };
            assert!(!start.starts && start.assumed, "{program}: its loader is not in {}", alpine.id);
            assert_eq!(as_reported(&start).symbols, reported.symbols, "{program} in {}", alpine.id);
            assert_eq!(as_reported(&start).libraries, reported.libraries, "{program} in {}", alpine.id);
            compared += 1;
        }
    }
    eprintln!("compared {compared} programs");
    assert!(compared == 0 || compared >= 5, "{compared}");
}

#[test]
fn programs_of_alpine_start_where_they_are_and_miss_what_glibc_s_loader_reports_here() {
    let (here, _hold) = here();
    for (alpine, _hold) in alpines() {
        for program in ["/bin/busybox", "/sbin/apk", "/usr/bin/getconf", "/usr/bin/scanelf", "/usr/bin/ssl_client"] {
            if !alpine.root.join(&program[1..]).exists() {
                continue;
            }
            let own = told(program, &alpine.root, &alpine, &alpine);
            assert!(own.starts, "{program} in {}: {own:#?}", alpine.id);
            let Some(reported) = musl_says(&alpine.root, &alpine.root.join(&program[1..])) else { return };
            assert_eq!(as_reported(&own).symbols, reported.symbols, "{program} in {}", alpine.id);
            let start = told(program, &alpine.root, &alpine, &here);
            if start.assumed {
                let reported = glibc_says(Path::new("/"), &alpine.root.join(&program[1..])).expect("a loader");
                assert_eq!(as_reported(&start), reported, "{program} of {} here", alpine.id);
            }
        }
    }
}

#[test]
fn programs_of_a_newer_glibc_miss_versions_on_an_older_one() {
    let names = ["debian-sid", "debian-13", "debian-12", "debian-11"];
    let found: Vec<_> = names.iter().filter_map(|name| catalog(name)).collect();
    if found.len() < 2 {
        eprintln!("unsupported: the catalog's images are not built");
        return;
    }
    let mut versions = 0;
    for from in &found {
        for to in &found {
            for program in ["/bin/bash", "/usr/bin/dash"] {
                if !from.root.join(&program[1..]).exists() {
                    continue;
                }
                let start = told(program, &from.root, from, to);
                let Some((started, refused)) = glibc_starts(&to.root, &from.root.join(&program[1..])) else { return };
                assert_eq!(start.starts, started, "{program} of {} in {}: {start:#?}", from.id, to.id);
                let told = as_reported(&start).versions;
                assert!(refused.is_subset(&told), "{program} of {} in {}: {refused:?}, {told:?}", from.id, to.id);
                versions += refused.len();
            }
        }
    }
    eprintln!("{versions} versions were not there");
}

/// An image of the catalog, where `make images` has built it.
fn catalog(name: &str) -> Option<Image> {
    let store = Store::open(libcdiff::verb::cache().ok()?);
    let reference = Reference::parse(name).expect(name);
    store.resolve(&reference, &Catalog::embedded().expect("the catalog")).ok()
}

#[test]
fn every_function_that_a_pitfall_names_is_in_some_c_library() {
    let (here, _hold) = here();
    let alpines = alpines();
    let catalog: Vec<Image> = ["debian-sid", "debian-11", "debian-sid-musl"].into_iter().filter_map(catalog).collect();
    let mut exports: BTreeSet<String> = BTreeSet::new();
    for image in [&here].into_iter().chain(alpines.iter().map(|(image, _)| image)).chain(&catalog) {
        exports.extend(impact::exports(image).expect("read"));
    }
    let known: BTreeSet<String> = exports.iter().flat_map(|name| spoken(name)).collect();
    let fits = |pattern: &str| match pattern.contains(['*', '?']) {
        true => known.iter().any(|name| pitfalls::glob(pattern, name)),
        false => known.contains(pattern) || spoken(pattern).iter().any(|name| known.contains(name)),
    };
    let mut unknown = Vec::new();
    for pitfall in pitfalls::all().expect("pitfalls") {
        let names =
            pitfall.symbols.iter().map(|entry| entry.split_once(": ").map_or(entry.as_str(), |(_, names)| names));
        let names =
            names.flat_map(str::split_whitespace).filter(|name| !name.starts_with("elf:") && *name != "@answer");
        unknown.extend(names.filter(|name| !fits(name)).map(|name| format!("{}: {name}", pitfall.id)));
    }
    assert!(unknown.is_empty(), "no C library has them: {unknown:#?}");
}

/// What `libcdiff impact` prints, by the command line.
fn by_command(arguments: &[&str]) -> Impact {
    let output = Command::new(env!("CARGO_BIN_EXE_libcdiff")).arg("impact").args(arguments).arg("--json").output();
    let output = output.expect("libcdiff starts");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn what_touches_a_program_is_what_it_imports() {
    let published = concat!(env!("CARGO_MANIFEST_DIR"), "/../reports/results/catalog.json.xz");
    // Reading the published run takes longest, and one program is as good as another here.
    for program in programs().into_iter().take(3) {
        let found = by_command(&[&program, "--from", "debian-12", "--to", "debian-13-musl", "--run", published]);
        let Some(imported) = loaders::imports(Path::new(&program)) else { return };
        for evidence in found.touched.iter().flat_map(|touched| &touched.evidence) {
            let named = imported.contains(&evidence.symbol) || evidence.symbol.starts_with("elf:");
            assert!(named, "{program} does not import {}", evidence.symbol);
            assert!(!evidence.cases.is_empty() && evidence.file == program, "{evidence:?}");
        }
        let cases: BTreeSet<&str> = found.cases().collect();
        assert_eq!(cases.len(), found.counts.touching, "{program}");
        assert!(found.counts.differences > found.counts.touching, "{program}: everything touches it");
    }
}

/// A static program with Go's block of build information, by hand: it is never run.
fn go_program() -> Vec<u8> {
    let mut elf = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let machine: u16 = if cfg!(target_arch = "aarch64") { 183 } else { 62 };
    [2, machine].iter().for_each(|short: &u16| elf.extend(short.to_le_bytes()));
    elf.extend(1u32.to_le_bytes());
    [0x40_0040u64, 64, 0].iter().for_each(|long| elf.extend(long.to_le_bytes()));
    elf.extend(0u32.to_le_bytes());
    [64u16, 56, 1, 64, 0, 0].iter().for_each(|short| elf.extend(short.to_le_bytes()));
    [1u32, 5].iter().for_each(|word| elf.extend(word.to_le_bytes()));
    [0u64, 0x40_0000, 0x40_0000, 176, 176, 0x1000].iter().for_each(|long| elf.extend(long.to_le_bytes()));
    elf.resize(128, 0);
    elf.extend(b"\xff Go buildinf:");
    elf.extend([8, 2]);
    elf.resize(160, 0);
    elf.extend([8]);
    elf.extend(b"go1.22.1");
    elf.resize(176, 0);
    elf
}

#[test]
fn a_static_go_program_is_told_that_almost_nothing_applies() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("server");
    std::fs::write(&program, go_program()).expect("written");
    let found = by_command(&[&program.display().to_string(), "--from", "debian-13", "--to", "debian-13-musl"]);
    assert!(found.sentence.starts_with("Almost nothing applies"), "{}", found.sentence);
    assert_eq!((found.counts.touching, found.touched.len(), found.by_libraries.len()), (0, 0, 0));
    assert_eq!(found.files[0].go.as_deref(), Some("go1.22.1"));
    assert!(found.files[0].is_static && found.starts[0].starts);
    assert!(found.notes.iter().any(|note| note.contains("Go")), "{:?}", found.notes);
}

#[test]
fn what_is_no_program_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("run");
    std::fs::write(&script, "#!/usr/bin/python3\n").expect("written");
    for (program, words) in [
        (script.display().to_string(), "/usr/bin/python3"),
        (folder.path().display().to_string(), "no programs or libraries"),
        ("debian-13:/bin/nothing".to_owned(), "no such file"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_libcdiff"))
            .args(["impact", &program, "--from", "debian-13", "--to", "debian-13-musl"])
            .output()
            .expect("libcdiff starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{program}: {said}");
        assert!(said.contains(words), "{program}: {said}");
    }
}
