//! Whole runs over real root file systems: the catalog's, which `make test` builds from Debian's packages, and the real
//! Alpine ones in the folder that `LIBCDIFF_TEST_IMAGES` names, where it names one.

use std::path::{Path, PathBuf};
use std::process::Command;

use libcdiff::runfile::{Attribution, Judged, Observation, RunFile, Verdict};
use libcdiff_protocol::{Flavour, Status};

fn run(arguments: &[&str]) -> RunFile {
    let output = Command::new(env!("CARGO_BIN_EXE_libcdiff"))
        .args(["run", "--format", "json"])
        .args(arguments)
        .output()
        .expect("libcdiff starts");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    RunFile::parse(&String::from_utf8_lossy(&output.stdout)).expect("a run file")
}

/// What a case said in an image with the image's own flavour.
#[track_caller]
fn own<'a>(run: &'a RunFile, case: &str, image: &str) -> &'a Observation {
    let image = run.image(image).expect("the image");
    let flavour = libcdiff::compare::own_flavour(image);
    let seen = run.observations.iter().find(|o| o.case == case && o.image == image.id && o.flavour == flavour);
    seen.unwrap_or_else(|| panic!("{case} did not run in {}", image.id))
}

/// The real Alpine images at hand: file, id, musl.
fn alpine() -> Vec<(PathBuf, &'static str, &'static str)> {
    let folder = std::env::var_os("LIBCDIFF_TEST_IMAGES").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let Some(folder) = folder else {
        eprintln!("unsupported: LIBCDIFF_TEST_IMAGES names no folder of Alpine images");
        return Vec::new();
    };
    [("alpine-3.12", "1.1.24"), ("alpine-3.17", "1.2.3"), ("alpine-3.20", "1.2.5")]
        .into_iter()
        .map(|(id, musl)| (folder.join(format!("{id}.tar.gz")), id, musl))
        .filter(|(file, ..)| file.exists())
        .collect()
}

#[test]
fn every_case_is_asked_everywhere_and_nothing_breaks() {
    let run = run(&["debian-13", "debian-13-musl"]);
    let cases = libcdiff::bundle::cases().expect("the cases");
    assert_eq!(run.summary.cases, cases.len());
    if let Some(o) = run.observations.iter().find(|o| o.status == Status::Broke) {
        panic!("{} in {} ({}) broke: {:?}", o.case, o.image, o.flavour, o.reason);
    }
    for image in &run.images {
        for case in &cases {
            let answers = |flavour| {
                run.observations
                    .iter()
                    .filter(|o| o.case == case.id && o.image == image.id && o.flavour == flavour)
                    .count()
            };
            let dynamic = libcdiff::compare::own_flavour(image);
            assert_eq!((answers(dynamic), answers(Flavour::MuslStatic)), (1, 1), "{} in {}", case.id, image.id);
        }
    }
    let reference = |area: &str| run.observations.iter().any(|o| o.area == area && o.flavour == Flavour::Reference);
    assert!(reference("time") && reference("dns"));
    assert!(run.differences.len() > 200, "only {} differences", run.differences.len());
    let unexplained: Vec<_> = run.differences.iter().filter(|d| d.pitfall.is_none()).map(|d| &d.case).collect();
    assert!(unexplained.is_empty(), "nothing explains {unexplained:?}");
    let failing: Vec<_> = run.remedies.iter().filter(|j| j.verdict != Verdict::Works).collect();
    let said = |j: &&Judged| !WORK_IN_LATER_VERSIONS.contains(&(j.pitfall.as_str(), j.remedy));
    let failing: Vec<_> = failing.into_iter().filter(said).collect();
    assert!(run.remedies.len() > 50 && failing.is_empty(), "remedies that were not seen to work: {failing:#?}");
}

/// Remedies that are a newer version of the C library, and so cannot work in this one; their texts say from which on.
const WORK_IN_LATER_VERSIONS: [(&str, usize); 1] = [("time.strptime-directives", 3)];

#[test]
fn a_pitfall_selects_its_cases_and_its_remedies_cases() {
    let run = run(&["debian-13", "debian-13-musl", "--pitfall", "time.zone-no-data,threads.keys-limit"]);
    let mut cases: Vec<_> = run.observations.iter().map(|o| o.case.as_str()).collect();
    cases.dedup();
    let remedies = ["time.remedy.zone-file", "time.remedy.zone-rule"];
    assert_eq!(
        cases,
        [&["threads.keys.limit"], &remedies[..], &["time.zone.named", "time.zone.named-hermetic"]].concat()
    );
    let judged: Vec<_> = run.remedies.iter().map(|j| (j.case.as_str(), j.image.as_str(), j.verdict)).collect();
    let works = |case| [(case, "debian-13", Verdict::Works), (case, "debian-13-musl", Verdict::Works)];
    assert_eq!(judged, remedies.map(works).concat());
}

#[test]
fn an_image_against_itself_shows_nothing() {
    for image in ["debian-13", "debian-13-musl"] {
        let run = run(&[image, "--against", image]);
        let found: Vec<_> = run.differences.iter().map(|d| (&d.case, &d.groups)).collect();
        assert!(found.is_empty(), "{image} differs from itself: {found:#?}");
    }
}

#[test]
fn the_founding_pitfalls_show_between_the_families() {
    let run = run(&["debian-13", "debian-13-musl", "--case", "threads.stack.*,time.*,dns.search.*"]);
    let value = |case: &str, image: &str, name: &str| own(&run, case, image).values.get()[name].clone();
    assert_eq!(value("threads.stack.default", "debian-13", "stack_bytes"), 8 << 20);
    assert_eq!(value("threads.stack.default", "debian-13-musl", "stack_bytes"), 128 << 10);
    assert_eq!(value("time.strptime.F-T", "debian-13", "consumed_bytes"), 19);
    assert!(value("time.strptime.F-T", "debian-13-musl", "consumed_bytes").is_null());
    assert_eq!(value("dns.search.servfail", "debian-13", "return_code"), "0");
    assert_eq!(value("dns.search.servfail", "debian-13-musl", "return_code"), "EAI_AGAIN");
    assert_eq!(value("time.zone.named", "debian-13", "abbreviation"), "CET");
    assert_eq!(value("time.zone.named", "debian-13-musl", "abbreviation"), "UTC");
    let from = |case: &str| run.differences.iter().find(|d| d.case == case).map(|d| d.attribution);
    assert_eq!(from("threads.stack.default"), Some(Attribution::Libc));
    assert_eq!(from("time.strptime.F-T"), Some(Attribution::Libc));
    assert_eq!(from("dns.search.servfail"), Some(Attribution::Libc));
    assert_eq!(from("time.zone.named"), Some(Attribution::Image));
    assert_eq!(from("time.zone.named-hermetic"), None);
}

#[test]
fn real_alpine_images_say_what_is_known_of_them() {
    for (file, id, musl) in alpine() {
        let run = run(&[&file.display().to_string(), "--case", "threads.stack.*,time.*,dns.search.servfail"]);
        let libc = run.image(id).and_then(|image| image.libc.as_ref()).expect("a C library");
        assert_eq!((libc.family.as_str(), libc.version.as_deref()), ("musl", Some(musl)));
        let value = |case: &str, name: &str| own(&run, case, id).values.get()[name].clone();
        assert_eq!(value("threads.stack.default", "stack_bytes"), 128 << 10, "{id}");
        assert_eq!(value("threads.stack.default", "guard_bytes"), 8192, "{id}");
        let frames = value("threads.stack.recursion", "frames").as_u64().expect("a number");
        assert!((248..=256).contains(&frames), "{id}: {frames} frames");
        assert!(value("time.strptime.F-T", "consumed_bytes").is_null(), "{id}");
        assert_eq!(value("time.strftime.P", "length"), 0, "{id}");
        assert_eq!(value("time.zone.named", "abbreviation"), "UTC", "{id}");
        assert_eq!(value("dns.search.servfail", "return_code"), "EAI_AGAIN", "{id}");
    }
}

#[test]
fn a_demo_tells_a_pitfall_from_a_run_of_its_own() {
    let demo = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_libcdiff")).arg("demo").args(arguments).output().expect("starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let told = demo(&["dns.search-domain-fails"]);
    for words in ["getaddrinfo", "┊ waits", "■ EAI_AGAIN", "They differ.", "works in debian-13-musl"] {
        assert!(told.contains(words), "no `{words}` in:\n{told}");
    }
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    let images = ["--image", "debian-sid-musl", "--against", "debian-13", "--format", "json"];
    let told: serde_json::Value =
        serde_json::from_str(&demo(&[&["time.strptime-directives"], &images[..]].concat())).expect("JSON");
    assert_eq!((&told["schema"], &told["differ"]), (&"libcdiff.demo/1".into(), &true.into()));
    assert_eq!(told["pitfall"]["id"], "time.strptime-directives");
    let remedies = told["remedies"].as_array().expect("remedies");
    assert!(remedies.len() > 3 && remedies.iter().all(|r| r["verdicts"][0]["verdict"] == "works"), "{remedies:#?}");
}

#[test]
fn the_wire_is_part_of_a_look_ups_answer() {
    let run = run(&["debian-13-musl", "--case", "dns.search.kubernetes", "--flavour", "musl"]);
    let wire = own(&run, "dns.search.kubernetes", "debian-13-musl").queries();
    assert_eq!(wire.len(), 10);
    assert!(wire.iter().all(|query| query.server == "s1" && query.transport == "udp"));
    assert_eq!(wire.iter().filter(|query| query.name == "api.example.com.").count(), 2);
}

#[test]
fn an_ordinary_user_gets_the_same() {
    let arguments = ["run", "--format", "json", "--area", "threads,alloc", "debian-13-musl"];
    let mine = run(&arguments[3..]);
    if !nix::unistd::geteuid().is_root() {
        eprintln!("unsupported: becoming another user takes root; this run was an ordinary user's");
        return;
    }
    // A cache, a program and images that the other user can read.
    let folder = tempfile::tempdir().expect("a folder");
    let cache = folder.path().join("cache");
    std::fs::create_dir_all(cache.join("catalog")).expect("writable");
    let program = folder.path().join("libcdiff");
    std::fs::copy(env!("CARGO_BIN_EXE_libcdiff"), &program).expect("copied");
    std::fs::copy(catalog().join("debian-13-musl.tar"), cache.join("catalog/debian-13-musl.tar")).expect("built");
    let nobody = ["chown", "-R", "65534:65534"];
    assert!(Command::new(nobody[0]).args(&nobody[1..]).arg(folder.path()).status().is_ok_and(|s| s.success()));
    let script = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let output =
        Command::new("setpriv").args(script).arg(&program).args(arguments).env("LIBCDIFF_CACHE", &cache).output();
    let output = output.expect("setpriv starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs = RunFile::parse(&String::from_utf8_lossy(&output.stdout)).expect("a run file");
    let texts =
        |run: &RunFile| run.observations.iter().map(|o| (o.case.clone(), o.flavour, o.answer())).collect::<Vec<_>>();
    assert_eq!(texts(&mine), texts(&theirs));
}

/// Where `make images` puts what it builds.
fn catalog() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("LIBCDIFF_IMAGES")
        .or_else(|| set("LIBCDIFF_CACHE").map(|cache| cache.join("catalog")))
        .or_else(|| set("XDG_CACHE_HOME").map(|base| base.join("libcdiff/catalog")))
        .unwrap_or_else(|| Path::new(&std::env::var_os("HOME").expect("a home")).join(".cache/libcdiff/catalog"))
}
