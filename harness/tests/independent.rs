//! The probes against a plain C program that asks the same, compiled here by each family's own compiler: what the tool
//! says of this machine's glibc and of a static musl must be what that program sees.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libcdiff::runfile::{Observation, RunFile};
use libcdiff_protocol::{CaseInfo, Flavour, Status};
use serde_json::Value;

/// The fields of `struct tm` that the C program prints, in its order.
const FIELDS: [&str; 9] =
    ["tm_sec", "tm_min", "tm_hour", "tm_mday", "tm_mon", "tm_year", "tm_wday", "tm_yday", "tm_isdst"];

struct Asked {
    _folder: tempfile::TempDir,
    programs: [(Flavour, PathBuf); 2],
    cases: Vec<CaseInfo>,
    run: RunFile,
}

/// Runs the cases on this machine's own files, and compiles the C program for both families.
fn ask(cases: &str) -> Asked {
    let folder = tempfile::tempdir().expect("a folder");
    let compile = |compiler: &str, flags: &[&str]| {
        let program = folder.path().join(compiler);
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/ask.c");
        let compiled =
            Command::new(compiler).args(["-O1", "-pthread", "-o"]).arg(&program).arg(source).args(flags).status();
        assert!(compiled.is_ok_and(|status| status.success()), "{compiler} is needed: run `make setup`");
        program
    };
    let programs = [(Flavour::Gnu, compile("gcc", &[])), (Flavour::MuslStatic, compile("musl-gcc", &["-static"]))];
    let output = Command::new(env!("CARGO_BIN_EXE_libcdiff"))
        .args(["run", "host", "--format", "json", "--flavour", "gnu,musl-static", "--case", cases])
        .env("LIBCDIFF_CACHE", folder.path().join("cache"))
        .output()
        .expect("libcdiff starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let run = RunFile::parse(&String::from_utf8_lossy(&output.stdout)).expect("a run file");
    let cases = libcdiff::bundle::cases().expect("the cases");
    Asked { _folder: folder, programs, cases, run }
}

impl Asked {
    /// The observations of one flavour, each with its case and the C program of that flavour.
    fn each(&self) -> impl Iterator<Item = (&Observation, &CaseInfo, &Path)> {
        self.run.observations.iter().filter_map(|o| {
            let (_, program) = self.programs.iter().find(|(flavour, _)| *flavour == o.flavour)?;
            Some((o, self.cases.iter().find(|case| case.id == o.case)?, program.as_path()))
        })
    }
}

/// What the C program answers in the case's environment.
fn answer(program: &Path, case: &CaseInfo, arguments: &[String]) -> String {
    let output = Command::new(program).args(arguments).env_clear().envs(&case.needs.env).output().expect("it starts");
    assert!(output.status.success(), "{}: {}", case.id, output.status);
    let text = String::from_utf8_lossy(&output.stdout);
    text.strip_suffix('\n').unwrap_or(&text).to_owned()
}

fn text(o: &Observation, name: &str) -> String {
    match &o.values.get()[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn strptime_directives() {
    let asked = ask("time.strptime.?,time.strptime.F-T,time.strptime.Y-m-d-H-M-S");
    let mut compared = 0;
    for (o, case, program) in asked.each() {
        let said = answer(program, case, &["strptime".into(), text(o, "format"), text(o, "input")]);
        let expected = match &o.values.get()["consumed_bytes"] {
            Value::Null => "null".to_owned(),
            consumed => {
                let fields = FIELDS.map(|field| o.values.get()["from_zeroed_tm"][field].to_string());
                format!("{consumed} {}", fields.join(" "))
            }
        };
        assert_eq!(expected, said, "{} ({})", o.case, o.flavour);
        compared += 1;
    }
    assert!(compared >= 80, "only {compared} answers were compared");
}

#[test]
fn strftime_directives() {
    let asked = ask("time.strftime.?,time.strftime.flag-*,time.strftime.width-?,time.strftime.Y-*");
    let mut compared = 0;
    for (o, case, program) in asked.each() {
        let tm = &o.values.get()["tm"];
        let mut arguments = vec!["strftime".to_owned(), text(o, "format")];
        arguments.extend(FIELDS.iter().map(|field| tm[field].to_string()));
        arguments.extend([tm["tm_gmtoff"].to_string(), text(o, "tm_zone")]);
        let said = answer(program, case, &arguments);
        let result = if o.values.get()["length"] == 0 { String::new() } else { text(o, "result") };
        assert_eq!(format!("{} {result}", o.values.get()["length"]), said, "{} ({})", o.case, o.flavour);
        compared += 1;
    }
    assert!(compared >= 80, "only {compared} answers were compared");
}

#[test]
fn thread_stacks() {
    let asked = ask("threads.stack.default,threads.stack.recursion");
    for (flavour, program) in &asked.programs {
        let case = asked.cases.iter().find(|case| case.id == "threads.stack.default").expect("the case");
        // The limit that the agent sets, and every common distribution.
        let script = format!("ulimit -s 8192; exec {} stack", program.display());
        let output = Command::new("sh").args(["-c", &script]).output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let said: Vec<i64> = said.split_whitespace().map(|n| n.parse().expect("a number")).collect();
        let value = |case: &str, name: &str| {
            let o = asked.run.observations.iter().find(|o| o.case == case && o.flavour == *flavour).expect("it ran");
            assert_eq!(o.status, Status::Described, "{case}");
            o.values.get()[name].clone()
        };
        assert_eq!(value(&case.id, "stack_bytes"), said[0], "{flavour}");
        assert_eq!(value(&case.id, "guard_bytes"), said[1], "{flavour}");
        let frames = value("threads.stack.recursion", "frames").as_i64().expect("a number");
        assert!((frames - said[2]).abs() <= 4, "{flavour}: {frames} frames, and {} in C", said[2]);
        assert_eq!((value("threads.stack.recursion", "signal"), said[3]), ("SIGSEGV".into(), 11), "{flavour}");
    }
}

#[test]
fn the_c_program_is_what_it_should_be() {
    // A comparison with the wrong C library would prove nothing.
    for (flavour, program) in &ask("threads.stack.default").programs {
        let bytes = fs::read(program).expect("compiled");
        let dynamic = bytes.windows(16).any(|w| w == b"/lib64/ld-linux-");
        assert_eq!(dynamic, *flavour == Flavour::Gnu, "{flavour}");
    }
}
