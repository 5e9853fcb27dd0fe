//! The view of a program: whether it starts, and which differences touch it.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::impact::answer::{Impact, Start, Touched};
use crate::report::finding;
use crate::runfile::RunFile;

/// The view.
#[derive(Debug, Serialize)]
pub struct View {
    subject: String,
    sentence: String,
    from: String,
    to: String,
    stopped: Vec<Stopped>,
    touched: Vec<Row>,
    by_libraries: Vec<Row>,
    notes: Vec<String>,
    /// Whether there are several files, so that each row says which.
    several: bool,
}

#[derive(Debug, Serialize)]
struct Stopped {
    file: String,
    reasons: Vec<String>,
    symbols: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Row {
    pitfall: String,
    title: String,
    severity: &'static str,
    /// Whether the page tells of the pitfall, so that a link leads somewhere.
    told: bool,
    symbols: Vec<String>,
    files: Vec<String>,
    cases: Vec<String>,
}

impl View {
    /// Of what was found of a program.
    pub fn of(found: &Impact, run: &RunFile) -> Self {
        let told: BTreeSet<&str> = run.differences.iter().filter_map(|d| d.pitfall.as_deref()).collect();
        let rows = |all: &[Touched]| all.iter().map(|touched| row(touched, &told)).collect();
        Self {
            subject: found.subject.clone(),
            sentence: found.sentence.clone(),
            from: found.from.image.clone(),
            to: found.to.image.clone(),
            stopped: found.starts.iter().filter(|start| !start.starts).map(stopped).collect(),
            touched: rows(&found.touched),
            by_libraries: rows(&found.by_libraries),
            notes: found.notes.clone(),
            several: found.files.len() > 1,
        }
    }
}

fn stopped(start: &Start) -> Stopped {
    let symbols: BTreeSet<&str> = start.missing_symbols.iter().map(|missing| missing.symbol.as_str()).collect();
    Stopped {
        file: start.file.clone(),
        reasons: start.obstacles.iter().map(|obstacle| obstacle.told.clone()).collect(),
        symbols: symbols.into_iter().map(str::to_owned).collect(),
    }
}

fn row(touched: &Touched, told: &BTreeSet<&str>) -> Row {
    let each = |of: fn(&crate::impact::answer::Evidence) -> &String| {
        touched.evidence.iter().map(of).cloned().collect::<BTreeSet<_>>().into_iter().collect()
    };
    Row {
        pitfall: touched.pitfall.clone(),
        title: touched.title.clone(),
        severity: finding::word(touched.severity),
        told: told.contains(touched.pitfall.as_str()),
        symbols: each(|evidence| &evidence.symbol),
        files: each(|evidence| &evidence.file),
        cases: touched.cases.clone(),
    }
}
