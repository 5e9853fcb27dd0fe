//! The action for GitHub and the job for GitLab: each script is taken out of its file and run as those services run it, with real
//! images, a release in a folder, and checks that pass, fail and cannot be meant. What starts them there is not here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libcdiff::image::Digest;
use saphyr::{LoadableYamlNode as _, Yaml};

const ACTION: &str = include_str!("../../.github/actions/check/action.yml");
const JOB: &str = include_str!("../../.gitlab/libcdiff.yml");
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A folder with a release as it is published: the program, by its name there, and its digest.
struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let stage = Self { folder: tempfile::tempdir().expect("a folder") };
        let release = stage.at(&format!("releases/download/v{VERSION}"));
        fs::create_dir_all(&release).expect("writable");
        let name = format!("libcdiff-{VERSION}-{}-linux", std::env::consts::ARCH);
        let program = fs::read(env!("CARGO_BIN_EXE_libcdiff")).expect("readable");
        let digest = format!("{}  {name}\n", Digest::of(&program).hex());
        fs::write(release.join(&name), program).expect("writable");
        fs::write(release.join(format!("{name}.sha256")), digest).expect("writable");
        for folder in ["work", "temp"] {
            fs::create_dir(stage.at(folder)).expect("writable");
        }
        stage
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn releases(&self) -> String {
        format!("file://{}", self.at("releases/download").display())
    }

    /// Runs a script in the working folder, with these variables beside this process's own.
    fn bash(&self, script: &str, variables: &BTreeMap<String, String>) -> Output {
        let file = self.at("script");
        fs::write(&file, script).expect("writable");
        let mut command = Command::new("bash");
        // As GitHub calls it for `shell: bash`, and GitLab's runner sets its own script up.
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]).arg(file);
        command.current_dir(self.at("work")).envs(variables).output().expect("bash starts")
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The one document of a file.
fn document(text: &str) -> Yaml<'_> {
    Yaml::load_from_str(text).expect("YAML").remove(0)
}

/// The string at a path of members.
fn string(of: &Yaml<'_>, path: &[&str]) -> String {
    let found = path.iter().fold(of, |yaml, name| &yaml[*name]);
    found.as_str().unwrap_or_else(|| panic!("{path:?} is no text")).to_owned()
}

/// The members of a mapping that have text.
fn members(of: &Yaml<'_>) -> BTreeMap<String, String> {
    let mapping = of.as_mapping().into_iter().flatten();
    mapping.filter_map(|(name, value)| Some((name.as_str()?.to_owned(), value.as_str()?.to_owned()))).collect()
}

/// GitHub's part: evaluates expressions, runs the steps in turn, stops at the first that fails, and collects outputs.
struct Github<'a> {
    stage: &'a Stage,
    /// What expressions can name.
    context: BTreeMap<String, String>,
    summary: PathBuf,
}

impl<'a> Github<'a> {
    fn new(stage: &'a Stage, inputs: &[(&str, &str)]) -> Self {
        let action = document(ACTION);
        let mut context = BTreeMap::new();
        for (name, input) in action["inputs"].as_mapping().expect("inputs") {
            let name = name.as_str().expect("a name");
            let given = inputs.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
            let required = input.as_mapping_get("required").is_some();
            assert!(!required || given.is_some(), "{name} is required");
            let value = given.unwrap_or_else(|| string(input, &["default"]));
            context.insert(format!("inputs.{name}"), value);
        }
        // So that RELEASES is a folder.
        context.insert("github.server_url".into(), format!("file://{}", stage.folder.path().display()));
        context.insert("github.action_repository".into(), ".".into());
        Self { stage, context, summary: stage.at("summary") }
    }

    fn expression(&self, text: &str) -> String {
        let mut text = text.to_owned();
        while let Some((before, rest)) = text.split_once("${{ ") {
            let (name, after) = rest.split_once(" }}").expect("a whole expression");
            let value = self.context.get(name).cloned().unwrap_or_default();
            text = format!("{before}{value}{after}");
        }
        text
    }

    /// Runs the action; gives its exit code, what its steps printed, and its outputs.
    fn run(&mut self) -> (i32, String, BTreeMap<String, String>) {
        let action = document(ACTION);
        let (mut code, mut printed) = (0, String::new());
        for step in action["runs"]["steps"].as_sequence().expect("steps") {
            assert_eq!(string(step, &["shell"]), "bash");
            let mut variables = step.as_mapping_get("env").map(members).unwrap_or_default();
            variables.values_mut().for_each(|value| *value = self.expression(value));
            let output = self.stage.at("output");
            fs::write(&output, "").expect("writable");
            fs::write(&self.summary, "").expect("writable");
            for (name, path) in [
                ("GITHUB_OUTPUT", &output),
                ("GITHUB_STEP_SUMMARY", &self.summary),
                ("RUNNER_TEMP", &self.stage.at("temp")),
            ] {
                variables.insert(name.into(), path.display().to_string());
            }
            variables.insert("RUNNER_ENVIRONMENT".into(), "self-hosted".into());
            let ran = self.stage.bash(&string(step, &["run"]), &variables);
            printed.push_str(&text(&ran));
            if let Some(id) = step.as_mapping_get("id").and_then(|id| id.as_str()) {
                for line in fs::read_to_string(&output).expect("outputs").lines() {
                    let (name, value) = line.split_once('=').expect("NAME=VALUE");
                    self.context.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
                }
            }
            code = ran.status.code().expect("an exit code");
            if code != 0 {
                break;
            }
        }
        let outputs = action["outputs"].as_mapping().expect("outputs").iter();
        let outputs = outputs.map(|(name, output)| {
            (name.as_str().expect("a name").to_owned(), self.expression(&string(output, &["value"])))
        });
        (code, printed, outputs.collect())
    }
}

const CASES: &str = "--case\ntime.strptime.F,threads.stack.default\n";

#[test]
fn the_action_fails_annotates_and_reports_what_is_not_accepted() {
    let stage = Stage::new();
    fs::write(stage.at("work/Dockerfile"), "FROM debian-13-musl\n").expect("writable");
    let inputs =
        [("image", "debian-13-musl"), ("against", "debian-13"), ("dockerfile", "Dockerfile"), ("arguments", CASES)];
    let mut github = Github::new(&stage, &inputs);
    let (code, printed, outputs) = github.run();
    assert_eq!((code, outputs["exit-code"].as_str()), (1, "1"), "{printed}");
    assert!(printed.contains("::error") && printed.contains("file=Dockerfile,line=1"), "{printed}");
    let summary = fs::read_to_string(&github.summary).expect("a summary");
    assert!(summary.contains("time.strptime") && summary.contains("not accepted"), "{summary}");
    for (name, within) in [
        ("sarif", "threads.stack.default"),
        ("junit", "<testsuites"),
        ("run", "libcdiff.run/1"),
        ("markdown", "strptime"),
    ] {
        let result = fs::read_to_string(&outputs[name]).unwrap_or_else(|e| panic!("{name} {}: {e}", outputs[name]));
        assert!(result.contains(within), "{name}: {result}");
    }
}

#[test]
fn the_action_passes_where_all_is_accepted_and_says_what_cannot_be_meant() {
    let stage = Stage::new();
    let policy = "[[accept]]\nid = '*'\nreason = 'a test'\nowner = 'tests'\n";
    fs::write(stage.at("work/accepted policy.toml"), policy).expect("writable");
    let inputs = |policy| {
        [
            ("image", "debian-13-musl"),
            ("against", "debian-13"),
            ("policy", policy),
            ("arguments", CASES),
            ("program", PROGRAM),
        ]
    };
    let (code, printed, outputs) = Github::new(&stage, &inputs("accepted policy.toml")).run();
    assert_eq!((code, outputs["exit-code"].as_str()), (0, "0"), "{printed}");
    assert!(Path::new(&outputs["run"]).exists());
    let (code, printed, outputs) = Github::new(&stage, &inputs("absent.toml")).run();
    assert_eq!((code, outputs["exit-code"].as_str(), outputs["run"].as_str()), (2, "2", ""), "{printed}");
    assert!(printed.contains("absent.toml"), "{printed}");
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_libcdiff");

#[test]
fn a_file_that_is_not_the_released_one_is_never_started() {
    let stage = Stage::new();
    let digest = "0".repeat(64);
    let inputs = [("image", "debian-13"), ("against", "debian-13"), ("sha256", digest.as_str())];
    let (code, printed, outputs) = Github::new(&stage, &inputs).run();
    assert!(code != 0 && outputs["exit-code"].is_empty(), "{printed}");
    assert!(printed.contains("FAILED") && !printed.contains("compiler"), "{printed}");

    let inputs = [("image", "debian-13"), ("against", "debian-13"), ("version", "9.9.9")];
    let (code, printed, _) = Github::new(&stage, &inputs).run();
    assert!(code != 0 && printed.contains("curl:"), "{printed}");
}

/// The job's script and what it is called with.
fn gitlab(stage: &Stage, variables: &[(&str, &str)]) -> Output {
    let document = document(JOB);
    let job = &document[".libcdiff"];
    let mut all = members(&job["variables"]);
    all.insert("CI_PROJECT_DIR".into(), stage.at("work").display().to_string());
    all.insert("LIBCDIFF_RELEASE".into(), format!("{}/v{VERSION}", stage.releases()));
    // Catalog images are in this user's own.
    all.remove("LIBCDIFF_CACHE");
    all.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let script: Vec<_> =
        job["script"].as_sequence().expect("a script").iter().filter_map(|line| line.as_str()).collect();
    stage.bash(&script.join("\n"), &all)
}

#[test]
fn the_job_fails_and_passes_with_its_results_where_gitlab_looks() {
    let stage = Stage::new();
    let given =
        |against| [("LIBCDIFF_IMAGE", "debian-13-musl"), ("LIBCDIFF_AGAINST", against), ("LIBCDIFF_ARGUMENTS", CASES)];
    let failed = gitlab(&stage, &given("debian-13"));
    assert_eq!(failed.status.code(), Some(1), "{}", text(&failed));
    let document = document(JOB);
    let artifacts = &document[".libcdiff"]["artifacts"];
    let mut paths = vec![string(artifacts, &["reports", "junit"])];
    paths.extend(artifacts["paths"].as_sequence().expect("paths").iter().filter_map(|p| p.as_str()).map(str::to_owned));
    for path in paths {
        let result = fs::read_to_string(stage.at("work").join(&path)).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert!(result.contains("strptime"), "{path}: {result}");
    }
    let passed = gitlab(&stage, &given("debian-13-musl"));
    assert_eq!(passed.status.code(), Some(0), "{}", text(&passed));
    let name = format!("releases/download/v{VERSION}/libcdiff-{VERSION}-{}-linux", std::env::consts::ARCH);
    fs::write(stage.at(&name), "#!/bin/sh\necho compiler\n").expect("writable");
    let other = gitlab(&stage, &given("debian-13"));
    assert!(!other.status.success() && !text(&other).contains("compiler"), "{}", text(&other));
}

#[test]
fn they_fetch_the_version_that_they_came_with() {
    let (action, job) = (document(ACTION), document(JOB));
    assert_eq!(string(&action, &["inputs", "version", "default"]), VERSION);
    assert_eq!(string(&job, &[".libcdiff", "variables", "LIBCDIFF_VERSION"]), VERSION);
}
