//! A trace as a workload: what `libcdiff bench trace FILE` measures, by the program and the rounds of every other workload,
//! with the file laid over the image.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libcdiff_protocol::File;
use libcdiff_trace::{Damage, Trace};
use thiserror::Error;

use crate::bench::workload::{Exercise, Kind, Task, Workload};

/// Where the program finds the trace.
const PLACE: &str = "/libcdiff.trace";

/// Why a file is no workload. All of it is the request's fault.
#[derive(Debug, Error)]
pub enum TraceError {
    /// Reading it.
    #[error("reading the trace {path}: {source}")]
    Read {
        /// Its path.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// What it says.
    #[error("the trace {path} cannot be replayed: {damage}")]
    Damaged {
        /// Its path.
        path: String,
        /// Why.
        damage: Damage,
    },
}

/// Reads a trace; whatever it returns can be replayed.
pub fn read(path: &Path) -> Result<(Vec<u8>, Trace), TraceError> {
    let shown = || path.display().to_string();
    let bytes = std::fs::read(path).map_err(|source| TraceError::Read { path: shown(), source })?;
    let trace = Trace::decode(&bytes).map_err(|damage| TraceError::Damaged { path: shown(), damage })?;
    Ok((bytes, trace))
}

/// The task of replaying the trace in this file.
pub fn task(path: &Path) -> Result<Task, TraceError> {
    let (bytes, trace) = read(path)?;
    let workload = workload(&name(path), &trace);
    Ok(Task {
        threads: trace.shape().threads,
        program: "bench".into(),
        args: vec![format!("bench.{}", workload.name), "--file".into(), PLACE.into()],
        files: vec![File { path: PLACE.into(), content: STANDARD.encode(bytes) }],
        workload,
    })
}

/// `trace-` and the file's name, in the letters of workloads.
fn name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let letters: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    format!("trace-{}", letters.trim_matches('-'))
}

fn workload(name: &str, trace: &Trace) -> Workload {
    let (source, shape) = (trace.source(), trace.shape());
    let libc = format!("{} {} on {}", source.family, source.version, source.arch);
    Workload {
        name: name.into(),
        title: format!("what {} asks of malloc", source.command),
        models: source.command.clone(),
        parameters: format!(
            "{} calls, {} threads, {} blocks and {} bytes live at most",
            shape.operations, shape.threads, shape.slots, shape.peak_live_bytes
        ),
        source: format!("recorded with {libc}"),
        kind: Kind::Time,
        subject: Exercise::Alloc,
        threads: vec![shape.threads],
        unit: "op".into(),
        headline: false,
    }
}

#[cfg(test)]
mod tests {
    use libcdiff_trace::{Op, Source};

    use super::*;

    #[test]
    fn a_trace_is_a_task_like_any_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("My Program.trace");
        let ops = vec![Op::Malloc { slot: 0, bytes: 100 }];
        let source = Source { command: "program".into(), family: "musl".into(), ..Source::default() };
        let bytes = Trace::new(source, vec![ops], 100).expect("a trace").encode();
        std::fs::write(&path, &bytes).expect("writable");
        let task = task(&path).expect("a task");
        assert_eq!((task.case().as_str(), task.threads, task.processors()), ("bench.trace-my-program", 1, 1));
        assert_eq!(task.args, ["bench.trace-my-program", "--file", "/libcdiff.trace"]);
        assert_eq!(STANDARD.decode(&task.files[0].content).expect("base 64"), bytes);
        assert!(task.workload.parameters.starts_with("1 calls"));
    }

    #[test]
    fn what_is_no_trace_is_refused_with_its_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.trace");
        assert!(task(&path).expect_err("missing").to_string().contains("a.trace"));
        std::fs::write(&path, "words").expect("writable");
        assert!(task(&path).expect_err("words").to_string().contains("a.trace cannot be replayed: it is not a trace"));
    }
}
