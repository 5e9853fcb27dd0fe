//! `libcdiff alloc`: records what a program asks of malloc, and shows what is in a trace.

use std::ffi::OsStr;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use libcdiff_trace::{Source, Trace};
use serde_json::json;

use super::{cache, print, report};
use crate::bundle;
use crate::cli::{self, Cli, ListFormat};
use crate::exit::{Exit, Failure};
use crate::image::Arch;
use crate::trace::convert::convert;
use crate::trace::raw::Stopped;
use crate::trace::{Program, Recording, record, task};

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Alloc) -> Result<(), Failure> {
    match request {
        cli::Alloc::Record(request) => record_command(cli, request),
        cli::Alloc::Show(request) => show(request),
    }
}

fn record_command(cli: &Cli, request: &cli::Record) -> Result<(), Failure> {
    let word = request.command.first().ok_or_else(|| Failure::request("no command to record"))?;
    let program = Program::find(word).map_err(|e| Failure::request(e.to_string()))?;
    let output = request.output.clone().unwrap_or_else(|| default_output(word));
    let programs = bundle::lay_out(&cache()?)?;
    let recorder = programs.probes.join(".libcdiff").join(program.recorder());
    let ran = record::run(&program, &request.command, &recorder)?;
    let told = |text: String| {
        if !cli.quiet {
            eprintln!("libcdiff: {text}");
        }
    };
    for unreadable in &ran.unreadable {
        told(unreadable.to_string());
    }
    let recording = choose(&ran.recordings, request.process.as_deref())?;
    let trace = convert(recording, source(recording, &program))?;
    let bytes = trace.encode();
    report::write(&output, &bytes)?;
    for line in summary(&ran.recordings, recording, &trace) {
        told(line);
    }
    told(format!("{} is the trace, {} bytes", output.display(), bytes.len()));
    passed_on(ran.status, &output)
}

fn default_output(word: &OsStr) -> PathBuf {
    let mut name = Path::new(word).file_name().unwrap_or(OsStr::new("command")).to_owned();
    name.push(".trace");
    name.into()
}

/// The largest recording, or the one that was asked for by process number or program name.
fn choose<'a>(recordings: &'a [Recording], wanted: Option<&str>) -> Result<&'a Recording, Failure> {
    let fits = |recording: &&Recording| {
        wanted.is_none_or(|wanted| recording.pid.to_string() == wanted || name(recording) == wanted)
    };
    recordings.iter().find(fits).ok_or_else(|| match wanted {
        Some(wanted) if !recordings.is_empty() => {
            let there: Vec<_> = recordings.iter().map(|r| format!("{} ({})", name(r), r.pid)).collect();
            Failure::request(format!("no process `{wanted}` was recorded; there were: {}", there.join(", ")))
        }
        _ => Failure::request(
            "nothing was recorded: the program never called malloc of its C library, or loads nothing that is preloaded",
        ),
    })
}

fn name(recording: &Recording) -> String {
    recording.program.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn source(recording: &Recording, program: &Program) -> Source {
    Source {
        command: name(recording),
        family: program.libc.family.to_string(),
        version: program.libc.version.clone().unwrap_or_default(),
        arch: Arch::native().name.into(),
        left_out: 0,
    }
}

fn summary(all: &[Recording], one: &Recording, trace: &Trace) -> Vec<String> {
    let shape = trace.shape();
    let mut lines = vec![format!(
        "{}: {} calls, {}, at most {} bytes live",
        trace.source().command,
        shape.operations,
        if shape.threads == 1 { "1 thread".into() } else { format!("{} threads", shape.threads) },
        shape.peak_live_bytes
    )];
    if all.len() > 1 {
        lines.push(format!(
            "{} processes were recorded; this is the {} of process {} (--process NUMBER or NAME takes another)",
            all.len(),
            if std::ptr::eq(one, &all[0]) { "largest recording, that" } else { "recording" },
            one.pid
        ));
    }
    if one.forked {
        lines.push(
            "the process is a child of fork: blocks that it took over from its parent are not in the trace".into(),
        );
    }
    if trace.source().left_out > 0 {
        lines.push(format!(
            "{} calls are left out, about blocks from before the recording, or lost",
            trace.source().left_out
        ));
    }
    match one.stopped {
        None => {}
        Some(Stopped::AtLimit) => {
            lines.push("the recording breaks off where it reached the size that it may have".into())
        }
        Some(Stopped::Error(errno)) => {
            let error = std::io::Error::from_raw_os_error(errno);
            lines.push(format!("the recording breaks off: {error}"));
        }
    }
    lines
}

/// Ends as the command did.
fn passed_on(status: ExitStatus, output: &Path) -> Result<(), Failure> {
    let kept =
        |how: String| format!("the command {how}; the trace of what it did until then is kept in {}", output.display());
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(()),
        (Some(code), _) => Err(Failure {
            exit: Exit::Command(u8::try_from(code).unwrap_or(u8::MAX)),
            message: kept(format!("ended with exit code {code}")),
        }),
        (None, signal) => {
            let signal = signal.unwrap_or(0);
            let exit = Exit::Command(u8::try_from(128 + signal).unwrap_or(u8::MAX));
            Err(Failure { exit, message: kept(format!("was ended by signal {signal}")) })
        }
    }
}

fn show(request: &cli::Show) -> Result<(), Failure> {
    let (_, trace) = task::read(&request.trace).map_err(|e| Failure::request(e.to_string()))?;
    let (source, shape) = (trace.source(), trace.shape());
    if request.format == ListFormat::Json {
        let value = json!({
            "command": source.command,
            "libc": { "family": source.family, "version": source.version },
            "arch": source.arch,
            "left_out": source.left_out,
            "threads": shape.threads,
            "slots": shape.slots,
            "syncs": shape.syncs,
            "operations": shape.operations,
            "operations_by_thread": by_thread(&trace),
            "peak_live_bytes": shape.peak_live_bytes,
            "live_bytes": shape.curve,
            "sizes": sizes(&shape.histogram),
        });
        return print(&(serde_json::to_string_pretty(&value)? + "\n"));
    }
    let mut text = String::new();
    let rows = [
        ("command", source.command.clone()),
        ("recorded with", format!("{} {} on {}", source.family, source.version, source.arch)),
        ("threads", shape.threads.to_string()),
        ("calls", calls(shape.operations, &by_thread(&trace))),
        ("left out", source.left_out.to_string()),
        ("slots", shape.slots.to_string()),
        ("waits", shape.syncs.to_string()),
        ("most live", format!("{} bytes", shape.peak_live_bytes)),
        ("live at end", format!("{} bytes", shape.curve.last().copied().unwrap_or(0))),
    ];
    for (name, value) in rows {
        text += &format!("{name:13}  {value}\n");
    }
    text += "sizes\n";
    for size in sizes(&shape.histogram) {
        text += &format!("  {:>12} to {:<12} {:>9}\n", size["from"], size["to"], size["blocks"]);
    }
    print(&text)
}

/// Calls of each thread, the main thread first.
fn by_thread(trace: &Trace) -> Vec<usize> {
    trace.streams().iter().map(|ops| ops.iter().filter(|op| op.allocates_or_frees()).count()).collect()
}

/// All calls, and those of each thread where there are some.
fn calls(all: u64, by_thread: &[usize]) -> String {
    let each: Vec<String> = by_thread.iter().take(8).map(usize::to_string).collect();
    match by_thread.len() {
        1 => all.to_string(),
        threads if threads <= each.len() => format!("{all} ({} by thread)", each.join(", ")),
        _ => format!("{all} ({}, ... by thread)", each.join(", ")),
    }
}

/// The histogram's places that are not empty.
fn sizes(histogram: &[u64]) -> Vec<serde_json::Value> {
    let from = |place: usize| if place == 0 { 0 } else { 1u64 << (place - 1) };
    let to = |place: usize| if place == 0 { 0 } else { (1u64 << (place - 1)) * 2 - 1 };
    let filled = histogram.iter().enumerate().filter(|(_, blocks)| **blocks > 0);
    filled.map(|(place, blocks)| json!({ "from": from(place), "to": to(place), "blocks": blocks })).collect()
}
