//! Recordings of real programs, of both C libraries on this machine: what is in them, and what becomes of programs that
//! crash, fork or start another one. Times are of no matter here.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use libcdiff::bench::block::Mode;
use libcdiff::bench::file::BenchFile;
use libcdiff_protocol::Status;
use libcdiff_trace::{Op, Trace};
use tempfile::TempDir;

/// A folder with the program of known calls, built with this compiler, and a cache.
struct Place {
    folder: TempDir,
    program: PathBuf,
}

const COMPILERS: [(&str, &str); 2] = [("cc", "glibc"), ("musl-gcc", "musl")];

impl Place {
    fn new(compiler: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("allocates");
        compile(compiler, &["-pthread"], &program);
        Self { folder, program }
    }

    fn libcdiff(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff"));
        command.args(arguments).current_dir(self.folder.path()).env("LIBCDIFF_CACHE", self.folder.path().join("cache"));
        command
    }

    fn record(&self, options: &[&str], what: &str) -> Output {
        let program = self.program.display().to_string();
        let arguments = [&["alloc", "record"], options, &["--", &program, what]].concat();
        self.libcdiff(&arguments).output().expect("libcdiff starts")
    }

    fn trace(&self) -> Trace {
        let file = std::fs::read(self.folder.path().join("allocates.trace")).expect("a trace");
        Trace::decode(&file).expect("a sound trace")
    }
}

fn compile(compiler: &str, flags: &[&str], program: &Path) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/allocates.c");
    let mut call = Command::new(compiler);
    // The calls are what is asked about, so the compiler must leave them as they are.
    call.args(["-O1", "-fno-builtin"]).arg(source).args(flags).arg("-o").arg(program);
    let status = call.status().unwrap_or_else(|e| panic!("cannot start {compiler}: {e}; run 'make setup'"));
    assert!(status.success(), "{compiler} failed");
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{:?}: {error}", output.status);
    error
}

/// How often a step with these bytes is in the trace.
fn count(trace: &Trace, is: impl Fn(&Op) -> bool) -> usize {
    trace.streams().iter().flatten().filter(|op| is(op)).count()
}

fn mallocs(trace: &Trace, wanted: u64) -> usize {
    count(trace, |op| matches!(op, Op::Malloc { bytes, .. } if *bytes == wanted))
}

#[test]
fn every_function_is_recorded_and_calls_that_fail_are_not() {
    for (compiler, family) in COMPILERS {
        let place = Place::new(compiler);
        let told = succeeded(&place.record(&[], "each"));
        let trace = place.trace();
        let source = trace.source();
        assert_eq!((source.command.as_str(), source.family.as_str()), ("allocates", family));
        assert!(!source.version.is_empty(), "{told}");
        for bytes in [100_001, 40_004, 90_009] {
            assert_eq!(mallocs(&trace, bytes), 1, "{family}: malloc of {bytes}");
        }
        for wanted in [200_002, 300_003] {
            assert_eq!(count(&trace, |op| matches!(op, Op::Realloc { bytes, .. } if *bytes == wanted)), 1, "{family}");
        }
        assert_eq!(count(&trace, |op| matches!(op, Op::Calloc { bytes: 30_003, .. })), 1, "{family}");
        for wanted in [(64_064, 6), (70_007, 7), (80_008, 12)] {
            let is = |op: &Op| matches!(op, Op::Aligned { bytes, log2, .. } if (*bytes, *log2) == wanted);
            assert_eq!(count(&trace, is), 1, "{family}: {wanted:?}");
        }
        // Nothing else asks for that much, so all of it was freed.
        let shape = trace.shape();
        assert!(shape.curve[255] < 90_000 && shape.peak_live_bytes >= 300_003, "{family}: {shape:?}");
        assert_eq!(shape.threads, 1, "{family}");
    }
}

#[test]
fn threads_that_free_each_others_blocks_are_recorded_as_such() {
    for (compiler, family) in COMPILERS {
        let place = Place::new(compiler);
        succeeded(&place.record(&[], "threads"));
        let trace = place.trace();
        assert_eq!(trace.shape().threads, 53, "{family}");
        assert_eq!(count(&trace, |op| matches!(op, Op::Start { .. })), 52, "{family}");
        assert_eq!(count(&trace, |op| matches!(op, Op::Join { .. })), 52, "{family}");
        assert!(trace.shape().syncs > 0, "{family}: blocks changed hands");
        assert_eq!(mallocs(&trace, 1000), 51, "{family}");
        assert_eq!(count(&trace, |op| matches!(op, Op::Malloc { .. })), 51 * 4096, "{family}");
        // What the second thread freed of the first one's, and what the main thread freed after it had joined.
        let frees = |stream: &[Op]| stream.iter().filter(|op| matches!(op, Op::Free { .. })).count();
        let by_thread: Vec<usize> = trace.streams().iter().map(|stream| frees(stream)).filter(|n| *n > 0).collect();
        assert_eq!(by_thread, [50 * 4096, 4096], "{family}");
        assert!(trace.shape().slots <= 8200, "{family}: {} slots for 4096 blocks at a time", trace.shape().slots);
    }
}

#[test]
fn a_program_that_crashes_leaves_what_it_did_until_then() {
    for (compiler, family) in COMPILERS {
        let place = Place::new(compiler);
        let output = place.record(&[], "crash");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(128 + 11), "{family}: {told}");
        assert!(told.contains("was ended by signal 11"), "{family}: {told}");
        assert_eq!(mallocs(&place.trace(), 5005), 3000, "{family}");
    }
}

#[test]
fn a_child_of_fork_is_recorded_apart_and_either_can_be_kept() {
    for (compiler, family) in COMPILERS {
        let place = Place::new(compiler);
        let told = succeeded(&place.record(&[], "fork"));
        assert!(told.contains("2 processes were recorded") && told.contains("is a child of fork"), "{family}: {told}");
        let child = place.trace();
        assert_eq!((mallocs(&child, 7007), mallocs(&child, 5005)), (4000, 0), "{family}");
        assert_eq!(child.source().left_out, 10, "{family}: frees of its parent's blocks");
        let told = succeeded(&place.record(&["--process", "allocates"], "fork"));
        assert!(told.contains("child of fork"), "the first of that name is the largest: {told}");
    }
}

#[test]
fn a_program_that_is_started_by_another_is_recorded_apart() {
    for (compiler, family) in COMPILERS {
        let place = Place::new(compiler);
        let told = succeeded(&place.record(&[], "exec"));
        assert!(told.contains("2 processes were recorded"), "{family}: {told}");
        let trace = place.trace();
        assert_eq!((mallocs(&trace, 100_001), mallocs(&trace, 5005)), (1, 0), "{family}");
    }
}

#[test]
fn the_command_has_our_streams_and_its_exit_code_is_passed_on() {
    let place = Place::new("cc");
    let program = place.program.display().to_string();
    let mut command = place.libcdiff(&["alloc", "record", "--output", "here.trace", "--", &program, "says"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("libcdiff starts");
    child.stdin.take().expect("a pipe").write_all(b"heard\n").expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(output.stdout, b"heard\n");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("ended with exit code 7") && told.contains("here.trace"), "{told}");
    let shown = place.libcdiff(&["alloc", "show", "here.trace"]).output().expect("libcdiff starts");
    succeeded(&shown);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("allocates"));
}

#[test]
fn programs_that_cannot_be_recorded_are_refused_with_the_reason() {
    let place = Place::new("cc");
    let refused = |program: &Path, why: &str| {
        let program = program.display().to_string();
        let output = place.libcdiff(&["alloc", "record", "--", &program, "each"]).output().expect("libcdiff starts");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(why), "{told}");
    };
    let path = |name: &str| place.folder.path().join(name);
    compile("musl-gcc", &["-static", "-pthread"], &path("static"));
    refused(&path("static"), "linked statically");
    std::fs::copy(&place.program, path("set-id")).expect("a copy");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o4755);
    std::fs::set_permissions(path("set-id"), mode).expect("its own file");
    refused(&path("set-id"), "another user's or group's rights");
    refused(&path("missing"), "there is no program");
    std::fs::write(path("text"), "words").expect("writable");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(path("text"), mode).expect("its own file");
    refused(&path("text"), "no program of this machine");
    // A script is as its interpreter is.
    std::fs::write(path("script"), format!("#!{} each\n", path("static").display())).expect("writable");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(path("script"), mode).expect("its own file");
    refused(&path("script"), "linked statically");
    assert!(!path("static.trace").exists() && !path("missing.trace").exists());
}

#[test]
fn a_file_that_is_no_trace_is_refused_with_the_reason() {
    let place = Place::new("cc");
    succeeded(&place.record(&[], "each"));
    let file = place.folder.path().join("allocates.trace");
    let sound = std::fs::read(&file).expect("a trace");
    let refused = |bytes: &[u8], why: &str| {
        std::fs::write(&file, bytes).expect("writable");
        let output = place.libcdiff(&["alloc", "show", "allocates.trace"]).output().expect("libcdiff starts");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("allocates.trace") && told.contains(why), "{told}");
    };
    refused(&sound[..sound.len() - 1], "cut off");
    refused(b"\x7fELF and more", "not a trace of libcdiff");
    let mut changed = sound.clone();
    changed[70] ^= 1;
    refused(&changed, "checksum");
    changed[8] = 9;
    refused(&changed, "version 9");
}

/// The traces that the project keeps.
fn kept() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../probes/traces");
    let files = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let mut traces: Vec<_> = files.filter(|path| path.extension().is_some_and(|e| e == "trace")).collect();
    traces.sort();
    traces
}

#[test]
fn the_traces_that_are_kept_are_sound_and_small_and_the_readme_tells_of_them() {
    let traces = kept();
    assert_eq!(traces.len(), 3);
    let readme = std::fs::read_to_string(traces[0].with_file_name("README.md")).expect("a README");
    for path in traces {
        let file = std::fs::read(&path).expect("readable");
        assert!(file.len() < 300 << 10, "{}: {} bytes", path.display(), file.len());
        let trace = Trace::decode(&file).unwrap_or_else(|damage| panic!("{}: {damage}", path.display()));
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let row = readme.lines().find(|line| line.contains(&name)).unwrap_or_else(|| panic!("{name} is not told of"));
        let told: Vec<&str> = row.split('|').map(str::trim).collect();
        let (operations, threads) = (trace.shape().operations.to_string(), trace.shape().threads.to_string());
        assert_eq!((told[4].replace(',', ""), told[5]), (operations, threads.as_str()), "{name}: calls and threads");
        assert_eq!(told[6], format!("{:.1} MB", trace.shape().peak_live_bytes as f64 / 1e6), "{name}: most live");
    }
}

/// The bench file of replaying traces in both families.
fn replayed(traces: &[&Path]) -> BenchFile {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("bench.json");
    let run = Command::new(env!("CARGO_BIN_EXE_libcdiff"))
        .args(["bench", "trace"])
        .args(traces)
        .args(["--image", "debian-13", "--image", "debian-13-musl", "--rounds", "2", "--seed", "7", "--output"])
        .arg(&output)
        .output()
        .expect("libcdiff starts");
    succeeded(&run);
    BenchFile::parse(&std::fs::read_to_string(&output).expect("a file")).expect("a bench file")
}

#[test]
fn a_recorded_program_is_replayed_in_both_families() {
    let kept = kept();
    let named = |name: &str| kept.iter().find(|path| path.ends_with(name)).expect("it is kept").as_path();
    // With one processor, only the trace of one thread can be replayed.
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let names: &[&str] = if cpus > 1 { &["ripgrep.trace", "sqlite.trace"] } else { &["sqlite.trace"] };
    let traces: Vec<&Path> = names.iter().map(|name| named(name)).collect();
    let bench = replayed(&traces);
    assert_eq!(bench.workloads.len(), traces.len());
    for (measured, path) in bench.workloads.iter().zip(traces) {
        let trace = Trace::decode(&std::fs::read(path).expect("readable")).expect("sound");
        let shape = trace.shape();
        assert_eq!(measured.threads, shape.threads);
        for block in &measured.blocks {
            let who = format!("{}, {}, {:?}", measured.workload.name, block.subject, block.mode);
            assert_eq!(block.status, Status::Described, "{who}: {:?}", block.reason);
            let figure = |name: &str| block.number(&[name]).unwrap_or_else(|| panic!("{who}: no {name}"));
            assert_eq!(figure("ops_per_iteration"), shape.operations as f64, "{who}");
            if block.mode == Mode::Memory {
                // At each point all threads stand still, so what is live is known to the byte.
                let live: Vec<u64> = block.curve().iter().map(|point| point[2] as u64).collect();
                assert_eq!(live[..256], shape.curve[..], "{who}");
                assert_eq!(figure("live_peak_bytes"), shape.peak_live_bytes as f64, "{who}");
                assert!(figure("peak_bytes") > figure("base_bytes"), "{who}");
            } else {
                assert!(figure("first_ns") > 0.0 && figure("empty_ns") > 0.0, "{who}");
            }
        }
        let modes = |mode| measured.blocks.iter().filter(|block| block.mode == mode).count();
        assert!(modes(Mode::Time) > 0 && modes(Mode::Memory) > 0, "both modes, in blocks of their own");
    }
}

#[test]
fn what_cannot_be_replayed_is_refused_before_anything_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |arguments: &[&str], why: &str| {
        let call = Command::new(env!("CARGO_BIN_EXE_libcdiff"))
            .args(["bench", "trace"])
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .expect("libcdiff starts");
        let told = String::from_utf8_lossy(&call.stderr).into_owned();
        assert_eq!(call.status.code(), Some(2), "{told}");
        assert!(told.contains(why), "{told}");
    };
    std::fs::write(folder.path().join("words.trace"), "words").expect("writable");
    let sound = std::fs::read(&kept()[0]).expect("readable");
    std::fs::write(folder.path().join("half.trace"), &sound[..sound.len() / 2]).expect("writable");
    std::fs::write(folder.path().join("whole.trace"), &sound).expect("writable");
    refused(&[], "no trace is named");
    refused(&["missing.trace"], "missing.trace");
    refused(&["words.trace"], "not a trace of libcdiff");
    refused(&["half.trace"], "cut off");
    refused(&["whole.trace", "whole.trace"], "two traces have the name");
    refused(&["whole.trace", "--threads", "2"], "leave --threads out");
}
