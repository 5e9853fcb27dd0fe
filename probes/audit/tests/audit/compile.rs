//! A folder of small C programs, one right one for each flavour, compiled by the machine's own compilers. A missing compiler
//! fails the test: an audit that was not tried is not a tested one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libcdiff_probe_audit::{Audit, Finding, Libraries, Rule, audit};
use libcdiff_protocol::Flavour;
use tempfile::TempDir;

/// A program that starts by itself and needs only `write` and `_exit`, so that it needs glibc 2.2.5 whatever the compiler's
/// own start files need.
pub const GNU: &str = r#"
#include <unistd.h>
void _start(void) { _exit(write(1, "ok\n", 3) == 3 ? 0 : 1); }
"#;

/// An ordinary program.
pub const PLAIN: &str = r#"
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
int main(int argc, char **argv) {
    char *copy = malloc(strlen(argv[0]) + 1);
    memcpy(copy, argv[0], strlen(argv[0]) + 1);
    return printf("%d %s\n", argc, copy) < 0;
}
"#;

/// How a right program of each flavour is compiled.
pub const GNU_FLAGS: &[&str] = &["gcc", "-O1", "-fPIE", "-pie", "-nostartfiles"];
/// See [`GNU_FLAGS`].
pub const MUSL_FLAGS: &[&str] = &["musl-gcc", "-O1", "-fPIE", "-pie"];
/// See [`GNU_FLAGS`].
pub const STATIC_FLAGS: &[&str] = &["musl-gcc", "-O1", "-fno-pie", "-no-pie", "-static", "-Wl,-u,__libc_version"];

/// A folder as `build.sh` leaves it.
pub struct Folder {
    folder: TempDir,
}

impl Folder {
    /// Right programs everywhere.
    pub fn right() -> Self {
        let right = Self { folder: TempDir::new().expect("a temporary folder") };
        for flavour in Flavour::ALL {
            fs::create_dir(right.path(flavour.name())).expect("a new folder");
        }
        right.compile("gnu/probe", GNU_FLAGS, GNU);
        right.compile("musl/probe", MUSL_FLAGS, PLAIN);
        right.compile("musl-static/probe", STATIC_FLAGS, PLAIN);
        right.compile("reference/time", STATIC_FLAGS, PLAIN);
        right.compile("agent", STATIC_FLAGS, PLAIN);
        right
    }

    /// A path in the folder.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Compiles `source` to `file`: the first of `command` is the compiler, the rest its arguments.
    pub fn compile(&self, file: &str, command: &[&str], source: &str) {
        let input = self.path("source.c");
        fs::write(&input, source).expect("a source file can be written");
        let mut call = Command::new(command[0]);
        call.arg(&input).args(&command[1..]).arg("-o").arg(self.path(file)).current_dir(self.folder.path());
        run(&mut call);
        fs::remove_file(input).expect("the source file is there");
    }

    /// Changes bytes of a program.
    pub fn patch(&self, file: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut data = fs::read(self.path(file)).expect("the program is there");
        change(&mut data);
        fs::write(self.path(file), data).expect("the program can be written");
    }

    /// The audit of the folder.
    pub fn audit(&self) -> Audit {
        audit(self.folder.path(), &libraries()).expect("the audit can judge")
    }

    /// What the audit finds, as file and rule.
    pub fn findings(&self) -> Vec<(String, Rule)> {
        let relative = |finding: &Finding| {
            let file = finding.file.strip_prefix(self.folder.path()).expect("a finding is inside the folder");
            (file.display().to_string(), finding.rule)
        };
        self.audit().findings.iter().map(relative).collect()
    }
}

/// Runs a compiler; its absence and its errors fail the test.
pub fn run(command: &mut Command) -> String {
    let output =
        command.output().unwrap_or_else(|e| panic!("cannot start {:?}: {e}; run 'make setup'", command.get_program()));
    assert!(output.status.success(), "{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("compilers speak UTF-8")
}

/// The folder of the machine's glibc.
pub fn glibc_folder() -> PathBuf {
    let file = run(Command::new("gcc").arg("-print-file-name=libc.so.6"));
    Path::new(file.trim()).parent().expect("libc.so.6 is in a folder").to_owned()
}

/// The `libc.a` that musl-gcc links, as its linker names it.
pub fn musl_archive() -> PathBuf {
    let folder = TempDir::new().expect("a temporary folder");
    let source = folder.path().join("empty.c");
    fs::write(&source, "int main(void) { return 0; }").expect("a source file can be written");
    let call = ["-static", "-Wl,-t", "-o", "/dev/null"];
    let opened = run(Command::new("musl-gcc").arg(&source).args(call));
    let archive = opened.lines().find(|line| line.ends_with("/libc.a"));
    PathBuf::from(archive.expect("a static program is linked with a libc.a"))
}

fn libraries() -> Libraries {
    Libraries::read(&glibc_folder(), &musl_archive()).expect("both C libraries can be read")
}
