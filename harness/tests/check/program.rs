//! `check --for`: of all that differs, what a program imports counts. The programs are made here, so that what they import is known.

use std::fs;
use std::path::Path;
use std::process::Command;

use libcdiff::runfile::RunFile;

use crate::{CASES, exits, folder_image};

/// Compiles a program of C into a folder; its path.
fn built(folder: &Path, compiler: &str, name: &str, source: &str, options: &[&str]) -> String {
    let (file, program) = (folder.join(format!("{name}.c")), folder.join(name));
    fs::write(&file, source).expect("writable");
    let mut compile = Command::new(compiler);
    // Calls stay calls, and what is linked is what is named.
    compile.args(["-w", "-fno-builtin", "-o"]).args([&program, &file]).args(options);
    assert!(compile.status().is_ok_and(|status| status.success()), "{compiler} is needed: run `make setup`");
    program.display().to_string()
}

/// It imports strptime, and nothing about threads.
const DATES: &str = "char *strptime(const char *, const char *, void *); char tm[256];\n\
                     int main(int n, char **all) { return strptime(all[0], \"%F\", tm) == 0; }\n";
/// It imports nothing that any of the cases is about.
const QUIET: &str = "int main(int n, char **all) { return n; }\n";

fn seen(folder: &Path) -> RunFile {
    RunFile::parse(&fs::read_to_string(folder.join("run.json")).expect("a run file")).expect("a run file")
}

#[test]
fn only_what_a_program_imports_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let dates = built(folder.path(), "cc", "dates", DATES, &[]);
    let measures = ["debian-13", "base.json"];
    let accept = ["baseline", "accept", "base.json", "--image", "debian-13", "--case", CASES];
    exits(folder.path(), &accept, "", 0);
    for against in measures {
        let check = ["check", "debian-13-musl", "--against", against, "--case", CASES, "-o", "json=run.json"];
        exits(folder.path(), &check, "", 1);
        let whole = seen(folder.path());
        assert!(whole.differences.iter().any(|d| d.case == "threads.stack.default"), "it differs as such");

        let [out, _] = exits(folder.path(), &[&check[..], &["--for", &dates, "--format", "table"]].concat(), "", 1);
        let run = seen(folder.path());
        let of_dates = |d: &&libcdiff::runfile::Difference| d.case.starts_with("time.strptime.");
        let wanted: Vec<&String> = whole.differences.iter().filter(of_dates).map(|d| &d.case).collect();
        assert_eq!(run.differences.iter().map(|d| &d.case).collect::<Vec<_>>(), wanted, "{against}");
        let asked = |run: &RunFile, case: &str| {
            run.observations.iter().any(|o| o.case == case && o.image.starts_with("debian-13-musl"))
        };
        assert!(!asked(&run, "threads.stack.default"), "{against}: what cannot matter is not run");
        let check = run.check.expect("a check");
        assert_eq!(check.found, wanted.len(), "{check:?}");
        let program = check.program.expect("a program");
        // It has to be built for musl anyway, which is told and does not count.
        assert!(!program.must_start && program.stopped.len() == 1, "{program:?}");
        assert!(out.contains("ld-linux") && out.contains("has to be built for this C library"), "{out}");
        let found = run.impact.expect("what touches it");
        assert!(found.touched.iter().flat_map(|t| &t.evidence).all(|e| e.symbol == "strptime"), "{:?}", found.touched);
    }
}

#[test]
fn what_a_policy_requires_is_asked_whatever_a_program_imports() {
    let folder = tempfile::tempdir().expect("a folder");
    let quiet = built(folder.path(), "cc", "quiet", QUIET, &[]);
    let case = "threads.stack.default";
    let check = ["check", "debian-13-musl", "--against", "debian-13", "--case", case, "--for", &quiet];
    let [_, err] = exits(folder.path(), &check, "", 2);
    assert!(err.contains("no case that is selected is about anything"), "{err}");
    fs::write(folder.path().join("libcdiff.toml"), "requires = ['threads.stack.default']\n").expect("writable");
    let [out, _] = exits(folder.path(), &check, "", 1);
    assert!(out.contains("1 of 1 requirements not met"), "{out}");
}

#[test]
fn a_static_program_passes_whatever_the_images_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let fixed = built(folder.path(), "musl-gcc", "fixed", DATES, &["-static"]);
    let check = ["check", "debian-13-musl", "--against", "debian-13", "--for", &fixed, "-o", "json=run.json"];
    let [out, _] = exits(folder.path(), &[&check[..], &["--format", "table"]].concat(), "", 0);
    assert!(out.contains("nothing changed"), "{out}");
    let run = seen(folder.path());
    assert!(run.observations.is_empty() && run.check.is_some_and(|check| check.found == 0));
    assert!(run.impact.is_some_and(|found| found.sentence.starts_with("Almost nothing applies")));
    // What the project depends on is asked all the same.
    fs::write(folder.path().join("libcdiff.toml"), "requires = ['threads.stack.default']\n").expect("writable");
    let [out, _] = exits(folder.path(), &[&check[..], &["--format", "table"]].concat(), "", 1);
    assert!(out.contains("1 of 1 requirements not met"), "{out}");
}

#[test]
fn between_images_of_one_family_a_program_has_to_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = folder_image(folder.path(), "image", true);
    let library = ["-shared", "-fPIC"];
    built(folder.path(), "musl-gcc", "libgone.so", "int gone(void) { return 0; }\n", &library);
    let at = folder.path().display().to_string();
    let uses = format!("int gone(void);\n{}", DATES.replace("return ", "return gone() + "));
    let lost = built(folder.path(), "musl-gcc", "lost", &uses, &["-L", &at, "-lgone"]);
    let dates = built(folder.path(), "musl-gcc", "dates", DATES, &[]);
    let check = ["check", &image, "--against", &image, "--case", CASES, "--format", "table", "--for"];
    let [out, _] = exits(folder.path(), &[&check[..], &[&dates]].concat(), "", 0);
    assert!(out.contains("nothing changed"), "{out}");
    let [out, err] = exits(folder.path(), &[&check[..], &[&lost]].concat(), "", 1);
    assert!(out.contains("libgone.so is not there"), "{out}");
    assert!(err.contains("1 finding is not accepted; what does not start in it has to be built for it"), "{err}");
}

/// A library that lies where the image keeps its own is the image's; one that lies beside the program is the program's.
#[test]
fn libraries_count_if_they_come_along_or_are_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = folder_image(folder.path(), "image", true);
    let inner = "char *strptime(const char *, const char *, void *); char tm[256];\n\
                 int dates(char *text) { return strptime(text, \"%F\", tm) == 0; }\n";
    let outer = "int dates(char *); int main(int n, char **all) { return dates(all[0]); }\n";
    built(folder.path(), "musl-gcc", "libdates.so", inner, &["-shared", "-fPIC"]);
    let at = folder.path().display().to_string();
    let carried = ["-L", &at, "-ldates", "-Wl,-rpath,$ORIGIN"];
    let carrying = built(folder.path(), "musl-gcc", "carrying", outer, &carried);
    let served = built(folder.path(), "musl-gcc", "served", outer, &carried[..3]);
    fs::copy(folder.path().join("libdates.so"), folder.path().join("image/lib/libdates.so")).expect("copied");
    let check = ["check", "debian-13", "--against", &image, "--case", "time.strptime.F", "--format", "table", "--for"];
    let [out, _] = exits(folder.path(), &[&check[..], &[&served]].concat(), "", 0);
    assert!(out.contains("1 difference does not touch"), "{out}");
    exits(folder.path(), &[&check[..], &[&served, "--with-libraries"]].concat(), "", 1);
    let [out, _] = exits(folder.path(), &[&check[..], &[&carrying, "-o", "json=run.json"]].concat(), "", 1);
    assert!(out.contains("time.strptime.F"), "{out}");
    let found = seen(folder.path()).impact.expect("what touches it");
    let paths: Vec<&str> = found.files.iter().map(|facts| facts.path.rsplit('/').next().unwrap_or_default()).collect();
    assert_eq!(paths, ["carrying", "libdates.so"], "what comes along is told of too");
}
