//! What is published of the catalog's images holds together: the run file reads, says what it should be about, and is what
//! the comparison is made of.

use std::path::{Path, PathBuf};
use std::process::Command;

use libcdiff::runfile::RunFile;

fn results() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports/results")
}

fn report(format: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff"));
    let output = command.arg("report").arg(results().join("catalog.json.xz")).args(["--format", format]);
    let output = output.output().expect("libcdiff starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_comparison_is_what_the_run_file_gives() {
    let published = std::fs::read_to_string(results().join("versions.md")).expect("reports/results/versions.md");
    assert_eq!(report("versions"), published, "renew both by `make results`");
}

#[test]
fn the_run_file_is_of_every_version_and_whole() {
    let run = RunFile::parse(&report("json")).expect("a run file");
    let libcs = run.images.iter().filter_map(|image| image.libc.as_ref());
    let libcs: Vec<String> = libcs.map(|l| format!("{} {}", l.family, l.version.as_deref().unwrap_or("?"))).collect();
    for version in [
        "glibc 2.31",
        "glibc 2.36",
        "glibc 2.41",
        "glibc 2.43",
        "musl 1.1.24",
        "musl 1.2.3",
        "musl 1.2.5",
        "musl 1.2.6",
    ] {
        assert!(libcs.iter().any(|libc| libc == version), "{version} is not among {libcs:?}");
    }
    assert_eq!((run.summary.unexplained, run.summary.broke), (0, 0));
    let local = run.images.iter().find(|image| image.reference.contains('/'));
    assert!(local.is_none(), "the reference of an image names a place on somebody's machine: {local:?}");
}
