//! The audit as a program: its exit codes, its lines, and the build record that it completes.

use std::process::{Command, Output};

use crate::compile::{Folder, MUSL_FLAGS, PLAIN, glibc_folder, musl_archive, run};
use libcdiff_probe_audit::Record;
use libcdiff_protocol::Flavour;

fn audit(folder: &Folder, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff-probe-audit"));
    command.arg(folder.path("")).args(arguments).output().expect("the audit starts")
}

/// A right folder with the record that `build.sh` would have started.
fn built() -> Folder {
    let folder = Folder::right();
    let (glibc, musl) = (glibc_folder(), musl_archive());
    let record = serde_json::json!({
        "builder": "source", "toolchain": "rustc 1.0", "linkers": { "gnu": "cc 1", "musl": "musl-gcc 1" },
        "libraries": { "glibc": glibc, "musl": musl },
    });
    std::fs::write(folder.path("build.json"), record.to_string()).expect("the record can be written");
    folder
}

#[test]
fn a_right_folder_is_summed_up_and_recorded() {
    let folder = built();
    let output = audit(&folder, &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), Flavour::ALL.len());

    let record = Record::read(&folder.path("build.json")).expect("the record can be read");
    let names: Vec<_> = record.flavours.iter().map(|flavour| flavour.name).collect();
    assert_eq!(names, Flavour::ALL);
    let gnu = &record.flavours[0];
    assert_eq!(gnu.toolchain, "rustc 1.0; cc 1");
    let floor = gnu.floor.as_ref().expect("it needs a glibc");
    assert_eq!((floor.stated.as_str(), floor.found.as_str()), ("2.17", "2.2.5"));
    let held = record.flavours[2].libc.as_ref().expect("a static probe says what it holds");
    assert_eq!(held.family, "musl");
    assert!(held.version.starts_with("1."), "{}", held.version);
    assert!(record.agent.is_some());
}

#[test]
fn the_recorded_digests_are_those_of_sha256sum() {
    let folder = built();
    audit(&folder, &["--json"]);
    let record = Record::read(&folder.path("build.json")).expect("the record can be read");
    for flavour in &record.flavours {
        let sums = run(Command::new("sh").args(["-c", "sha256sum *"]).current_dir(folder.path(flavour.name.name())));
        let recorded: String = flavour.programs.iter().map(|p| format!("{}  {}\n", p.sha256, p.name)).collect();
        assert_eq!(recorded, sums);
        let of_sums = run(Command::new("sh")
            .args(["-c", "sha256sum * | sha256sum"])
            .current_dir(folder.path(flavour.name.name())));
        assert_eq!(of_sums.split(' ').next(), Some(flavour.sha256.as_str()));
    }
}

#[test]
fn a_finding_is_one_line_and_exit_code_1() {
    let folder = built();
    let before = std::fs::read(folder.path("build.json")).expect("the record is there");
    folder.compile("musl/probe", &[MUSL_FLAGS, &["-Wl,-z,stack-size=16777216"]].concat(), PLAIN);
    let output = audit(&folder, &["--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let line = format!(
        "audit: {}: stack: PT_GNU_STACK has a size of 16777216 bytes, not of 0: link with -z stack-size=0\n",
        folder.path("musl/probe").display()
    );
    assert_eq!(String::from_utf8_lossy(&output.stderr), line);
    assert_eq!(std::fs::read(folder.path("build.json")).expect("the record is there"), before);
}

#[test]
fn what_cannot_be_judged_is_exit_code_3() {
    let unrecorded = Folder::right();
    assert_eq!(audit(&unrecorded, &[]).status.code(), Some(3));
    let folder = built();
    let glibc_as_musl = glibc_folder().join("libc.so.6").display().to_string();
    let output = audit(&folder, &["--musl", &glibc_as_musl]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not a C library to compare with"));
}
