//! The recorder: in place of the functions it records, with nothing else of a C library in it and nothing else needed.

use std::fs;
use std::path::Path;

use crate::compile::{Folder, run};
use libcdiff_probe_audit::Rule::{LinkedIn, Needed};

const SOURCE: &str = "../recorder/recorder.c";

/// Right programs, and the real recorder of each C library.
fn folder() -> Folder {
    let folder = Folder::right();
    fs::create_dir(folder.path("recorder")).expect("a new folder");
    build(&folder, "gnu.so", "gcc", "");
    build(&folder, "musl.so", "musl-gcc", "");
    folder
}

fn build(folder: &Folder, name: &str, compiler: &str, flags: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../recorder/build.sh");
    let mut call = std::process::Command::new(script);
    run(call.arg(folder.path(&format!("recorder/{name}"))).arg(flags).arg(compiler));
}

/// Those of a glibc above the floor are only linked here, where no old one is at hand; they are judged elsewhere.
fn findings(folder: &Folder) -> Vec<(String, libcdiff_probe_audit::Rule)> {
    let floor = |(_, rule): &(String, libcdiff_probe_audit::Rule)| *rule != libcdiff_probe_audit::Rule::Floor;
    folder.findings().into_iter().filter(floor).collect()
}

#[test]
fn the_recorders_pass_and_are_recorded() {
    let folder = folder();
    assert_eq!(findings(&folder), []);
    let names: Vec<_> = folder.audit().recorders.into_keys().collect();
    assert_eq!(names, ["gnu.so", "musl.so"]);
}

#[test]
fn a_recorder_that_takes_too_much_or_needs_too_much_is_found() {
    let folder = folder();
    let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(SOURCE)).expect("the source is there");
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("../recorder");
    let include = format!("-I{}", header.display());
    let flags = ["musl-gcc", "-nostartfiles", "-shared", "-fPIC", "-fvisibility=hidden", "-std=gnu11", &include];
    let more =
        source.clone() + "\nEXPORT int getpid_(void) { return 1; }\nEXPORT int puts(const char *s) { return *s; }\n";
    folder.compile("recorder/musl.so", &flags, &more);
    assert_eq!(findings(&folder), [("recorder/musl.so".to_owned(), LinkedIn)]);
    let flags = [
        "gcc",
        "-nostartfiles",
        "-shared",
        "-fPIC",
        "-fvisibility=hidden",
        "-std=gnu11",
        &include,
        "-Wl,--no-as-needed",
        "-lgcc_s",
    ];
    build(&folder, "musl.so", "musl-gcc", "");
    folder.compile("recorder/gnu.so", &flags, &source);
    assert_eq!(findings(&folder), [("recorder/gnu.so".to_owned(), Needed)]);
}
