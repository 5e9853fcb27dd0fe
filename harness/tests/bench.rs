//! Benchmarks over a real image: what is in the file, what is refused, and what is left when one is stopped. No figure is
//! looked at, since a figure says what the machine did just now.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use libcdiff::bench::block::Mode;
use libcdiff::bench::file::{BenchFile, SCHEMA};
use libcdiff::bench::subject::Role;
use libcdiff::bench::survival::End;
use libcdiff_protocol::Status;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

fn bench(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff"));
    command.arg("bench").args(arguments);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn refused(arguments: &[&str], words: &[&str]) {
    let output: Output = bench(arguments).output().expect("libcdiff starts");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{arguments:?} does not say `{word}`: {said}");
    }
}

fn read(path: &Path) -> BenchFile {
    BenchFile::parse(&std::fs::read_to_string(path).expect("a file")).expect("a bench file")
}

/// Runs a benchmark of two rounds; the bench file, what was printed, and the folder of its plots.
fn small(workload: &str, images: &[&str]) -> (BenchFile, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bench.json");
    let mut command = bench(&[workload, "--rounds", "2", "--seed", "7"]);
    command.args(images.iter().flat_map(|image| ["--image", image]));
    let output =
        command.arg("--output").arg(&file).arg("--plots").arg(folder.path()).output().expect("libcdiff starts");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    let bench = read(&file);
    assert_eq!((bench.schema.as_str(), bench.complete, bench.schedule.seed), (SCHEMA, true, 7));
    for block in bench.workloads.iter().flat_map(|m| &m.blocks).filter(|b| b.limit_bytes.is_none()) {
        assert_eq!(block.status, Status::Described, "{}: {:?}", block.subject, block.reason);
        assert!(block.number(&["usage", "minor_faults"]).is_some(), "{block:?}");
    }
    (bench, table, folder)
}

#[track_caller]
fn is_a_plot(folder: &Path, name: &str) {
    let svg = std::fs::read_to_string(folder.join(name)).expect("a plot");
    assert!(svg.starts_with("<svg") && svg.contains("debian-13-musl"), "{name}");
}

#[test]
fn a_small_benchmark_of_time_keeps_everything_raw() {
    let (bench, table, folder) = small("memcpy-16", &["debian-13", "debian-13-musl"]);
    for word in ["Subjects", "memcpy-16", "debian-13-musl", "few rounds", "seed 7"] {
        assert!(table.contains(word), "no `{word}` in:\n{table}");
    }
    let roles: Vec<_> = bench.subjects.iter().map(|s| s.role).collect();
    assert_eq!(roles, [Role::Baseline, Role::Twin, Role::Other]);
    let measured = &bench.workloads[0];
    // Three subjects there and back, in two rounds.
    assert_eq!((measured.blocks.len(), measured.rounds()), (12, 2));
    for block in &measured.blocks {
        assert!(block.ns_per_op.is_some_and(|ns| ns > 0.0) && block.operations().is_some_and(|ops| ops > 0.0));
    }
    let outcomes = &measured.outcomes;
    assert!(outcomes[1].ratio.is_some() && outcomes[2].ratio.is_some() && outcomes[2].verdict.is_none());
    assert!(bench.environment.cpuid_ns.is_some() && bench.programs.contains_key("gnu/bench"));
    is_a_plot(folder.path(), "ratios.svg");
}

#[test]
fn a_small_benchmark_of_memory_has_curves_and_limits() {
    let (bench, table, folder) = small("return-most", &["debian-13-musl"]);
    assert!(table.contains("return-most, 1 thread") && table.contains("of what is held"), "{table}");
    let measured = &bench.workloads[0];
    let (limited, free): (Vec<_>, Vec<_>) = measured.blocks.iter().partition(|b| b.limit_bytes.is_some());
    assert!(free.len() == 2 && free.iter().all(|b| b.mode == Mode::Memory && b.curve().len() > 2));
    assert!(limited.iter().all(|b| b.values.contains_key("memory_limit")), "{limited:#?}");
    let outcome = &measured.outcomes[0];
    let memory = outcome.memory.expect("memory");
    assert!(memory.overhead().is_some() && memory.released_bytes.is_some() && memory.blocks == 2, "{memory:?}");
    assert_eq!(outcome.survival.len(), limited.len());
    assert!(outcome.survival.iter().all(|s| s.end != End::Failed), "{:?}", outcome.survival);
    is_a_plot(folder.path(), "memory-return-most-1.svg");
}

#[test]
fn what_cannot_be_measured_is_refused_with_what_can() {
    refused(&["chrun"], &["no workload `chrun`", "churn", "libcdiff list workloads"]);
    refused(&["churn", "--threads", "3"], &["3 threads", "churn has 1 and 2"]);
    refused(&["churn", "--rounds", "0"], &["--rounds", "2..=1000"]);
    refused(&["churn", "--allocator", "hoard"], &["`hoard`", "system"]);
    refused(&["churn", "--image", "dir:nowhere"], &["nowhere"]);
    refused(&["churn", "--image", "debian-13", "--flavour", "musl"], &["nothing can be measured", "has no musl"]);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("etc")).expect("writable");
    std::fs::write(folder.path().join("etc/hostname"), "bare\n").expect("writable");
    let bare = format!("dir:{}", folder.path().display());
    refused(&["churn", "--image", &bare], &["no C library", "--flavour musl-static"]);
}

#[test]
fn one_processor_has_no_contention() {
    let this = Pid::from_raw(0);
    let allowed = sched_getaffinity(this).expect("this thread's processors");
    let first = (0..CpuSet::count()).find(|cpu| allowed.is_set(*cpu).unwrap_or(false)).expect("a processor");
    let mut one = CpuSet::new();
    one.set(first).expect("it is one");
    // Of this thread alone, and of what it starts.
    sched_setaffinity(this, &one).expect("its own");
    let output = bench(&["churn", "--threads", "2"]).output().expect("libcdiff starts");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("churn, 2 threads") && said.contains("may use 1"), "{said}");
}

#[test]
fn a_stopped_benchmark_leaves_what_it_finished() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bench.json");
    let run = bench(&["mem*", "str*", "--rounds", "2", "--image", "debian-13-musl", "--output"])
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("libcdiff starts");
    let patience = Instant::now() + Duration::from_secs(120);
    while !file.exists() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(20));
    }
    kill(Pid::from_raw(run.id() as i32), Signal::SIGINT).expect("it is ours");
    let output = run.wait_with_output().expect("it ended");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("stopped") && said.contains("were finished and are in"), "{said}");
    let bench = read(&file);
    assert!(!bench.complete && !bench.workloads.is_empty());
    assert!(bench.workloads.len() < bench.schedule.planned, "it was not stopped");
    assert!(text(&output.stdout).contains("stopped after"));
}
