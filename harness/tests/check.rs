//! `check` and `baseline` as a pipeline uses them: real images, exit codes, and every format read by a parser of its own.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use libcdiff::check::record::Standing;
use libcdiff::runfile::RunFile;

#[path = "check/program.rs"]
mod program;

/// Cases of which some differ between the two images and some do not; none takes long.
const CASES: &str = "time.strptime.*,threads.stack.default";

fn libcdiff(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_libcdiff"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("libcdiff starts");
    // What ends without reading is no error here.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

/// Runs it and demands this exit code; gives standard output and standard error.
#[track_caller]
fn exits(folder: &Path, arguments: &[&str], input: &str, code: i32) -> [String; 2] {
    let output = libcdiff(folder, arguments, input);
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{out}\n{err}");
    [out, err]
}

#[test]
fn what_the_policy_accepts_does_not_fail_and_all_else_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = ["check", "debian-13-musl", "--against", "debian-13", "--case", CASES, "-o", "json=run.json"];
    let [out, err] = exits(folder.path(), &check, "", 1);
    assert!(out.contains("not accepted") && err.contains("findings are not accepted"), "{out}{err}");

    let policy = "[[accept]]\nid = 'time.strptime*'\nreason = 'dates are read in Python'\nowner = 'platform'\n\
                  [[accept]]\narea = 'threads'\nreason = 'workers set their stacks'\nowner = 'platform'\n\
                  [[accept]]\narea = 'dns'\nreason = 'not run here'\nowner = 'platform'\n\
                  [[accept]]\nid = 'time.strptime.Y'\nreason = 'alike by now'\nowner = 'platform'\n";
    fs::write(folder.path().join("libcdiff.toml"), policy).expect("writable");
    let [out, _] = exits(folder.path(), &check, "", 0);
    assert!(out.contains("all accepted") && out.contains("libcdiff.toml:13 accepts nothing any more"), "{out}");
    assert!(!out.contains("libcdiff.toml:9 "), "nobody knows what dns, which was left out, would have said: {out}");

    let requiring = format!("requires = ['threads.stack.default']\n{policy}");
    fs::write(folder.path().join("libcdiff.toml"), requiring).expect("writable");
    let [out, _] = exits(folder.path(), &check, "", 1);
    assert!(out.contains("1 of 1 requirements not met") && out.contains("it answers otherwise"), "{out}");
    let run = fs::read_to_string(folder.path().join("run.json")).expect("a run file");
    let run = RunFile::parse(&run).expect("a run file");
    let check = run.check.expect("what the check came to");
    assert_eq!(check.found, 2, "the requirement, and the change that nothing may accept any more: {check:?}");
    assert!(check.accepted.iter().all(|a| a.case.starts_with("time.") && a.owner == "platform"));
}

#[test]
fn an_image_against_itself_is_accepted_without_a_policy() {
    let folder = tempfile::tempdir().expect("a folder");
    let [out, _] = exits(folder.path(), &["check", "debian-13", "--against", "debian-13", "--case", CASES], "", 0);
    assert!(out.contains("nothing changed"), "{out}");
}

#[test]
fn a_baseline_is_accepted_checked_and_reviewed() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let accept = ["baseline", "accept", "base.json", "--image", "debian-13", "--case", CASES];
    exits(folder.path(), &accept, "", 0);
    let check = |image| ["check", image, "--against", "base.json", "--case", CASES];
    let [out, _] = exits(folder.path(), &check("debian-13"), "", 0);
    assert!(out.contains("nothing changed"), "{out}");
    assert!(!at("base.json.new").exists());

    let [_, err] = exits(folder.path(), &check("debian-13-musl"), "", 1);
    assert!(err.contains("libcdiff baseline review base.json"), "{err}");
    assert!(at("base.json.new").exists());

    // Nothing that is not said is taken for a yes: an unknown word asks again, the end of input stops.
    let before = fs::read_to_string(at("base.json")).expect("a baseline");
    let [out, _] = exits(folder.path(), &["baseline", "review", "base.json"], "what\n", 0);
    assert!(out.contains("0 accepted, 0 rejected"), "{out}");
    assert_eq!(fs::read_to_string(at("base.json")).expect("a baseline"), before);

    let [out, _] = exits(folder.path(), &["baseline", "review", "base.json"], "a\nr\ns\nq\n", 0);
    assert!(out.contains("1 accepted, 1 rejected"), "{out}");
    exits(folder.path(), &["baseline", "review", "base.json"], "l\n", 0);
    assert!(!at("base.json.new").exists(), "nothing waits any more");
    let [out, _] = exits(folder.path(), &check("debian-13-musl"), "", 1);
    assert!(out.contains("1 change, not accepted"), "what was rejected is a change still: {out}");
    exits(folder.path(), &["baseline", "accept", "base.json"], "", 0);
    exits(folder.path(), &check("debian-13-musl"), "", 0);
    let [_, err] = exits(folder.path(), &["baseline", "accept", "base.json"], "", 2);
    assert!(err.contains("nothing waits for base.json"), "{err}");
}

#[test]
fn a_baseline_of_another_version_is_read_or_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    exits(folder.path(), &["baseline", "accept", "base.json", "--image", "debian-13", "--case", CASES], "", 0);
    let text = fs::read_to_string(at("base.json")).expect("a baseline");
    let mut json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    // The next version adds members, cases that this one has not, and may have lost some.
    json["tool"]["version"] = "9.9.9".into();
    json["news"] = serde_json::json!({"of": "the next version"});
    let answer = json["cases"]["threads.stack.default"]["gnu"].clone();
    json["cases"]["threads.not-yet"] = serde_json::json!({ "gnu": answer });
    json["cases"].as_object_mut().expect("cases").remove("time.strptime.Y");
    fs::write(at("base.json"), json.to_string()).expect("writable");
    let check = ["check", "debian-13", "--against", "base.json", "--case", CASES];
    let [out, _] = exits(folder.path(), &check, "", 0);
    assert!(out.contains("1 cases are not in the baseline") && out.contains("1 cases of the baseline"), "{out}");

    json["schema"] = "libcdiff.baseline/2".into();
    fs::write(at("base.json"), json.to_string()).expect("writable");
    let [_, err] = exits(folder.path(), &check, "", 2);
    assert!(err.contains("libcdiff.baseline/2"), "{err}");
    fs::write(at("base.json"), "{").expect("writable");
    let [_, err] = exits(folder.path(), &check, "", 2);
    assert!(err.contains("reading the baseline base.json"), "{err}");
    let [_, err] = exits(folder.path(), &["check", "debian-13", "--against", "none.json"], "", 2);
    assert!(err.contains("libcdiff baseline accept none.json --image IMAGE"), "{err}");
}

#[test]
fn every_format_is_read_by_its_own_parser() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::write(at("Dockerfile"), "FROM scratch AS no\nFROM debian-13-musl\n").expect("writable");
    let policy = "requires = ['threads.stack.default']\n\
                  [[accept]]\nid = 'time.strptime.s'\nreason = 'a \"b\" <c>'\nowner = 'o'\n";
    fs::write(at("libcdiff.toml"), policy).expect("writable");
    let arguments = [
        "check",
        "debian-13-musl",
        "--against",
        "debian-13",
        "--case",
        CASES,
        "--dockerfile",
        "Dockerfile",
        "-o",
        "junit=j.xml",
        "-o",
        "sarif=s.sarif",
        "-o",
        "json=r.json",
        "-o",
        "markdown=m.md",
        "--format",
        "github",
    ];
    let [out, _] = exits(folder.path(), &arguments, "", 1);
    assert!(out.lines().all(|line| line.starts_with("::")), "{out}");
    assert!(out.contains("file=Dockerfile,line=2,") && out.contains("file=libcdiff.toml,line=1,"), "{out}");
    let read = |name: &str| fs::read_to_string(at(name)).expect(name);
    let run = RunFile::parse(&read("r.json")).expect("a run file");
    let accepted = run.check.as_ref().expect("a check").accepted.len();
    assert_eq!(accepted, 1);

    let junit = quick_junit::Report::deserialize_from_str(&read("j.xml")).expect("JUnit");
    let failures: usize = junit.test_suites.iter().map(|suite| suite.failures).sum();
    assert_eq!(failures, run.differences.len() - accepted + 1, "each change and the requirement");

    let sarif: serde_sarif::sarif::Sarif = serde_json::from_str(&read("s.sarif")).expect("SARIF");
    let results = sarif.runs[0].results.as_ref().expect("results");
    assert_eq!(results.len(), run.differences.len() + 1);
    assert_eq!(results.iter().filter(|r| r.suppressions.as_ref().is_some_and(|s| !s.is_empty())).count(), 1);
    let lines: Vec<Option<i64>> = results
        .iter()
        .map(|r| r.locations.as_ref()?.first()?.physical_location.as_ref()?.region.as_ref()?.start_line)
        .collect();
    assert!(lines.iter().all(Option::is_some), "{lines:?}");
    exits(folder.path(), &["report", "r.json", "-o", "sarif=bare.sarif"], "", 0);
    for name in ["s.sarif", "bare.sarif"] {
        taken_by_github(&serde_json::from_str(&read(name)).expect("JSON"), name);
    }

    let markdown = read("m.md");
    assert!(markdown.len() < 65_536, "a comment takes no more");
    for format in ["junit", "sarif", "github", "markdown", "table"] {
        let [out, _] = exits(folder.path(), &["report", "r.json", "--format", format], "", 0);
        assert!(!out.is_empty(), "{format}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let policy = "[[accept]]\nid = 'time.strptime.*'\nuntil = 2020-01-01\nreason = 'r'\nowner = 'o'\n";
    fs::write(folder.path().join("libcdiff.toml"), policy).expect("writable");
    let check = ["check", "no-image-of-this-name", "--against", "debian-13"];
    let [out, err] = exits(folder.path(), &check, "", 2);
    assert!(err.contains("libcdiff.toml:3:9: this entry counted until 2020-01-01") && out.is_empty(), "{err}");
    for (wrong, words) in [
        (["-o", "sarif=r.sarif", "--dockerfile", "none"], "reading the Dockerfile none"),
        (["-o", "junit=r", "-o", "sarif=r"], "r is to hold two results"),
        (["-o", "junit=r.xml", "--format", "svg"], "--format svg draws bench files"),
        (["-o", "junit=r.xml", "-o", "juint=r.xml"], "there is no format `juint`"),
    ] {
        let check =
            [&["check", "no-image-of-this-name", "--against", "debian-13", "--policy", "empty.toml"][..], &wrong[..]];
        fs::write(folder.path().join("empty.toml"), "").expect("writable");
        let [_, err] = exits(folder.path(), &check.concat(), "", 2);
        assert!(err.contains(words), "{wrong:?}: {err}");
    }
    fs::write(folder.path().join("bound.toml"), "[[bench]]\nworkload = 'churn'\nat_most = 2.0\n").expect("writable");
    let bound = ["check", "no-image-of-this-name", "--against", "debian-13", "--policy", "bound.toml"];
    let [_, err] = exits(folder.path(), &bound, "", 2);
    assert!(err.contains("bound.toml: line 1 bounds churn: say with --bench where the figures are"), "{err}");
    let elsewhere = ["check", "x", "--against", "debian-13", "--policy", "none.toml"];
    let [_, err] = exits(folder.path(), &elsewhere, "", 2);
    assert!(err.contains("reading the policy none.toml"), "{err}");
}

#[test]
fn figures_are_held_to_their_bounds_by_their_intervals() {
    let folder = tempfile::tempdir().expect("a folder");
    let bench = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/bench.json");
    let against = |at_most: f64| {
        let policy = format!("[[bench]]\nworkload = 'churn'\nat_most = {at_most:.3}\n");
        fs::write(folder.path().join("libcdiff.toml"), policy).expect("writable");
        let arguments = ["check", "debian-13", "--against", "debian-13", "--case", "threads.stack.default"];
        let more = ["--bench", bench, "-o", "json=r.json"];
        let output = libcdiff(folder.path(), &[&arguments[..], &more[..]].concat(), "");
        let run = fs::read_to_string(folder.path().join("r.json")).expect("a run file");
        let check = RunFile::parse(&run).expect("a run file").check.expect("a check");
        if output.status.code() == Some(1) {
            let err = String::from_utf8_lossy(&output.stderr);
            assert!(err.contains("figures are above the bounds of libcdiff.toml"), "{err}");
        }
        (output.status.code(), check.figures)
    };
    let (code, figures) = against(1000.0);
    assert!(code == Some(0) && !figures.is_empty() && figures.iter().all(|f| f.standing == Standing::Within));
    let slowest = figures.iter().max_by(|a, b| a.ratio.median.total_cmp(&b.ratio.median)).expect("a figure").ratio;
    let (code, figures) = against(f64::midpoint(slowest.low, slowest.high));
    assert!(figures.iter().any(|f| f.standing == Standing::Undecided), "{code:?} {figures:?}");
    let (code, figures) = against(slowest.low / 2.0);
    assert!(code == Some(1) && figures.iter().any(|f| f.standing == Standing::Exceeded), "{figures:?}");
}

/// An image that is a folder with a loader alone: this machine's musl, or a program that is none and ends at once.
fn folder_image(folder: &Path, name: &str, works: bool) -> String {
    let loader = folder.join(name).join("lib/ld-musl-x86_64.so.1");
    fs::create_dir_all(loader.parent().expect("a folder")).expect("writable");
    if works {
        fs::copy("/lib/ld-musl-x86_64.so.1", &loader).expect("musl is installed with musl-gcc: run `make setup`");
    } else {
        let source = folder.join("silent.c");
        let banner =
            r#"const char banner[] = "musl libc (x86_64)\nVersion 1.2.5\n"; int main(void) { return banner[0] == 0; }"#;
        fs::write(&source, banner).expect("writable");
        let mut compiler = Command::new("musl-gcc");
        compiler.args(["-static", "-no-pie", "-o"]).args([&loader, &source]);
        assert!(compiler.status().is_ok_and(|s| s.success()), "musl-gcc is needed: run `make setup`");
    }
    format!("dir:{}", folder.join(name).display())
}

#[test]
fn what_could_not_be_asked_is_not_accepted() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (good, silent) = (folder_image(folder.path(), "good", true), folder_image(folder.path(), "silent", false));
    let case = ["--case", "time.strptime.F-T,threads.stack.default"];
    let check = |image: &str, against: &str, more: &[&str], code| {
        exits(folder.path(), &[&["check", image, "--against", against][..], &case, more].concat(), "", code)
    };
    check(&good, &good, &[], 0);
    exits(folder.path(), &[&["baseline", "accept", "base.json", "--image", &good][..], &case].concat(), "", 0);
    let kept = fs::read_to_string(at("base.json")).expect("a baseline");

    for against in [good.as_str(), "base.json"] {
        let formats = [
            "-o",
            "json=run.json",
            "-o",
            "junit=j.xml",
            "-o",
            "sarif=s.sarif",
            "-o",
            "github=g",
            "-o",
            "markdown=m.md",
        ];
        let [out, err] = check(&silent, against, &[&formats[..], &["--format", "table"]].concat(), 1);
        assert!(out.contains("2 cases could not be asked") && err.contains("findings are not accepted"), "{out}{err}");
        let read = |name: &str| fs::read_to_string(at(name)).expect(name);
        let decided = RunFile::parse(&read("run.json")).expect("a run file").check.expect("a check");
        let cases: Vec<&str> = decided.unanswered.iter().map(|one| one.case.as_str()).collect();
        assert_eq!(cases, ["threads.stack.default", "time.strptime.F-T"], "{against}");
        let junit = quick_junit::Report::deserialize_from_str(&read("j.xml")).expect("JUnit");
        assert_eq!(junit.test_suites.iter().map(|suite| suite.errors).sum::<usize>(), 2, "{against}");
        assert_eq!(read("s.sarif").matches("\"unanswered\"").count(), 2, "{against}");
        for name in ["g", "m.md"] {
            assert!(read(name).contains("time.strptime.F-T could not be asked in"), "{}", read(name));
        }
    }
    // Nor is its place in the baseline lost by taking the rest.
    if at("base.json.new").exists() {
        exits(folder.path(), &["baseline", "accept", "base.json"], "", 0);
    }
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON")["cases"].clone();
    assert_eq!(json(&fs::read_to_string(at("base.json")).expect("a baseline")), json(&kept));

    // Whoever knows of it can say so, by name or by area; how grave it is, nobody knows.
    let entry = |what: &str| format!("[[accept]]\n{what}\nreason = 'r'\nowner = 'o'\n");
    for (what, code) in [("id = 't*'", 0), ("area = 'time'", 1), ("severity = 'breaks'", 1)] {
        fs::write(at("libcdiff.toml"), entry(what)).expect("writable");
        check(&silent, &good, &[], code);
    }
    fs::write(at("libcdiff.toml"), "").expect("writable");
    let [out, _] = check(&good, &silent, &[], 1);
    assert!(
        out.contains("2 cases could not be asked"),
        "nor can anything be said against an image that is silent: {out}"
    );
}

#[test]
fn a_choice_that_leaves_nothing_to_compare_is_no_pass() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = ["check", "debian-13-musl", "--against", "debian-13", "--case", CASES, "--flavour", "musl"];
    let [out, _] = exits(folder.path(), &check, "", 1);
    assert!(out.contains("could not be asked in debian-13: --flavour leaves out gnu"), "{out}");
}

#[test]
fn a_requirement_that_was_left_out_says_by_what() {
    let folder = tempfile::tempdir().expect("a folder");
    let policy = "requires = ['dns.truncation', 'threads.stack.default', 'stdio.buffer-size']\n";
    fs::write(folder.path().join("libcdiff.toml"), policy).expect("writable");
    let check = |which: &[&str]| {
        let always = ["check", "debian-13", "--against", "debian-13"];
        exits(folder.path(), &[&always[..], which].concat(), "", 1)[0].clone()
    };
    let out = check(&["--case", "time.strptime.*"]);
    assert!(
        out.contains("threads.stack.default: it was not run in debian-13#2: --case time.strptime.* leaves it out"),
        "{out}"
    );
    let out = check(&["--case", "time.strptime.F", "--area", "time"]);
    assert!(out.contains("threads.stack.default: it was not run in debian-13#2: --area time leaves it out"), "{out}");
    assert!(out.contains("stdio.buffer-size") && out.contains("3 of 3 requirements not met"), "pitfalls too: {out}");
}

#[test]
fn a_run_file_serves_as_a_measure_and_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    exits(folder.path(), &["run", "debian-13", "--case", CASES, "-o", "json=run.json"], "", 0);
    let before = fs::read(at("run.json")).expect("a run file");
    let check = ["check", "debian-13-musl", "--against", "run.json", "--case", CASES];
    let [_, err] = exits(folder.path(), &check, "", 1);
    assert!(!err.contains("review") && !at("run.json.new").exists(), "nothing can be taken into it: {err}");
    fs::copy(at("run.json"), at("run.json.new")).expect("writable");
    for verb in [
        &["baseline", "accept", "run.json"][..],
        &["baseline", "review", "run.json"],
        &["baseline", "accept", "run.json", "--image", "debian-13"],
    ] {
        let [_, err] = exits(folder.path(), verb, "l\n", 2);
        assert!(err.contains("run.json is no baseline and stays as it is"), "{verb:?}: {err}");
    }
    assert_eq!(fs::read(at("run.json")).expect("a run file"), before);
}

#[test]
fn accepting_what_a_narrower_check_saw_keeps_the_rest() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = |folder: &Path| {
        let text = fs::read_to_string(folder.join("base.json")).expect("a baseline");
        serde_json::from_str::<serde_json::Value>(&text).expect("JSON")["cases"].as_object().expect("cases").len()
    };
    exits(folder.path(), &["baseline", "accept", "base.json", "--image", "debian-13", "--case", CASES], "", 0);
    let all = cases(folder.path());
    let check = ["check", "debian-13-musl", "--against", "base.json", "--case", "threads.stack.default"];
    exits(folder.path(), &check, "", 1);
    exits(folder.path(), &["baseline", "accept", "base.json"], "", 0);
    assert_eq!(cases(folder.path()), all);
    exits(folder.path(), &check, "", 0);
    let narrower = ["baseline", "accept", "base.json", "--image", "debian-13", "--case", "threads.stack.default"];
    exits(folder.path(), &narrower, "", 0);
    assert_eq!(cases(folder.path()), all, "what was not asked is right still");
    exits(folder.path(), &check, "", 1);
}

/// What GitHub's code scanning asks of every result and rule, as its documentation and its validator say.
#[track_caller]
fn taken_by_github(sarif: &serde_json::Value, name: &str) {
    let run = &sarif["runs"][0];
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned).unwrap_or_default();
    let results = run["results"].as_array().expect("results");
    assert!(!results.is_empty() && results.len() <= 25_000, "{name}");
    for result in results {
        assert!(["error", "warning", "note"].contains(&text(&result["level"]).as_str()), "{name}: {result}");
        assert!(!text(&result["ruleId"]).is_empty() && text(&result["ruleId"]).len() <= 255, "{name}: {result}");
        let place = &result["locations"][0]["physicalLocation"];
        let uri = text(&place["artifactLocation"]["uri"]);
        assert!(
            !uri.is_empty() && !uri.contains(':') && !uri.starts_with('/'),
            "{name}: a path in the repository: {result}"
        );
        assert!(place["region"]["startLine"].as_u64().is_some_and(|line| line > 0), "{name}: {result}");
        assert!(!text(&result["message"]["text"]).is_empty(), "{name}: {result}");
    }
    for rule in run["tool"]["driver"]["rules"].as_array().expect("rules") {
        assert!(text(&rule["shortDescription"]["text"]).chars().count() <= 1024, "{name}: {rule}");
        assert!(text(&rule["fullDescription"]["text"]).chars().count() <= 1024, "{name}: {rule}");
        assert!(rule["properties"]["tags"].as_array().is_none_or(|tags| tags.len() <= 10), "{name}: {rule}");
    }
}

/// Files that an earlier version wrote, without the members that came later, with some that this version does not know, with a
/// case that there is no more, and without one that is new.
#[test]
fn files_of_an_earlier_version_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["old-baseline.json", "old-run.json"] {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
        fs::copy(fixture, folder.path().join(name)).expect("copied");
        let cases = ["--case", "threads.stack.default,time.strptime.F"];
        let check = |image| {
            [&["check", image, "--against", name, "-o", "json=run.json", "--format", "table"][..], &cases].concat()
        };
        let [out, _] = exits(folder.path(), &check("debian-13"), "", 0);
        assert!(out.contains("nothing changed"), "{name}: {out}");
        let run = fs::read_to_string(folder.path().join("run.json")).expect("a run file");
        let decided = RunFile::parse(&run).expect("a run file").check.expect("a check");
        assert_eq!(decided.new_cases, ["time.strptime.F"], "{name}: told, and fails nothing");
        assert_eq!(decided.missing_cases, ["threads.gone"], "{name}: told, and fails nothing");
        assert!(out.contains("1 cases are not in the baseline") && out.contains("1 cases of the baseline"), "{out}");
        let [out, _] = exits(folder.path(), &check("debian-13-musl"), "", 1);
        assert!(out.contains("1 change, not accepted"), "{name}: what it knows still counts: {out}");
        exits(folder.path(), &["report", "run.json", "-o", "html=page.html", "-o", "markdown=m.md"], "", 0);
    }
    let taken = ["baseline", "accept", "old-baseline.json"];
    exits(folder.path(), &taken, "", 0);
    let text = fs::read_to_string(folder.path().join("old-baseline.json")).expect("a baseline");
    assert!(text.contains("threads.gone"), "what cannot be asked any more is kept");
}
