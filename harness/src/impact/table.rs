//! The answer for a terminal: what keeps it from starting first, then what touches it, gravest first, each with what shows it.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{Evidence, Facts, Impact, Kind, Missing, Side, Start, Touched};
use crate::report::style::{BOLD, CYAN, DIM, GREEN, RED, line, severity, wrap};

/// Files, symbols and cases that are named of many, unless all are asked for.
const SOME: usize = 6;

/// Renders it; the writer drops colours where they do not belong. `all` leaves nothing out.
pub fn render(impact: &Impact, all: bool, width: usize) -> String {
    let some = if all { usize::MAX } else { SOME };
    let mut out = String::new();
    head(&mut out, impact, some, width);
    starts(&mut out, impact, some, width);
    let counts = &impact.counts;
    if !impact.touched.is_empty() {
        let of = if counts.from_run { "of the run" } else { "of the cases about what it or its libraries import" };
        line(
            &mut out,
            format_args!(
                "{BOLD}What touches it{BOLD:#}  {} of {} differences {of}",
                counts.touching, counts.differences
            ),
        );
        let one = impact.files.len() == 1;
        impact.touched.iter().for_each(|touched| tell(&mut out, touched, one, some, width));
    }
    if !impact.by_libraries.is_empty() {
        line(
            &mut out,
            format_args!(
                "{BOLD}What touches only the libraries it loads{BOLD:#}  {} differences",
                counts.touching_libraries
            ),
        );
        for touched in &impact.by_libraries {
            match all {
                true => tell(&mut out, touched, false, some, width),
                false => brief(&mut out, touched, width),
            }
        }
        out.push('\n');
    }
    if !impact.by_loader.is_empty() {
        let what =
            "What reaches every program that a loader starts, if variables, files or folders that it looks at do";
        wrap(&mut out, &format!("{BOLD}{what}{BOLD:#}"), "", width);
        for touched in &impact.by_loader {
            let style = severity(touched.severity);
            wrap(&mut out, &format!("{style}{}{style:#} {}", touched.severity, touched.title), "  ", width);
        }
        out.push('\n');
    }
    if counts.unexplained > 0 {
        let text = format!(
            "{} differences are unexplained: nobody knows yet which functions they are about.",
            counts.unexplained
        );
        wrap(&mut out, &text, "", width);
    }
    for note in &impact.notes {
        wrap(&mut out, &format!("note: {note}."), "", width);
    }
    wrap(&mut out, &impact.sentence, "", width);
    out
}

fn side(side: &Side) -> String {
    let libc = side.libc.as_ref().map(|libc| format!("{} {}", libc.family, libc.version.as_deref().unwrap_or("?")));
    format!("{} ({})", side.image, libc.as_deref().unwrap_or("no C library"))
}

fn head(out: &mut String, impact: &Impact, some: usize, width: usize) {
    line(out, format_args!("{BOLD}{}{BOLD:#}  from {} to {}", impact.subject, side(&impact.from), side(&impact.to)));
    for facts in impact.files.iter().take(some) {
        wrap(out, &format!("{}: {}", facts.path, told(facts)), "  ", width);
    }
    more(out, impact.files.len(), some, "files");
    out.push('\n');
}

/// What a file is, in a line.
fn told(facts: &Facts) -> String {
    let mut parts = Vec::new();
    let kind = match facts.kind {
        Kind::Program => "program",
        Kind::Library => "library",
    };
    let go = facts.go.as_ref().map(|version| format!(" of Go ({version})")).unwrap_or_default();
    let linked = if facts.is_static { "static " } else { "" };
    parts.push(format!("{linked}{kind}{go} for {}", facts.arch.as_deref().unwrap_or("an unknown machine")));
    if let Some(interpreter) = &facts.interpreter {
        parts.push(format!("started by {interpreter}"));
    }
    if !facts.is_static {
        parts.push(format!("{} symbols of the C library", facts.imports.len()));
    }
    if facts.kind == Kind::Program && !facts.is_static {
        parts.push(match facts.stack_bytes {
            0 => "no stack size in its header".into(),
            bytes => format!("{} KiB of stack in its header", bytes / 1024),
        });
    }
    if !facts.tls.is_empty() {
        let models: Vec<_> = facts.tls.iter().map(ToString::to_string).collect();
        parts.push(format!("thread-local storage by {}", models.join(", ")));
    }
    let flags = [
        (facts.opens_libraries, "opens libraries"),
        (facts.ifunc, "chooses functions at load time (IFUNC)"),
        (facts.packed_relocations, "packed relocations"),
    ];
    parts.extend(flags.iter().filter(|(has, _)| *has).map(|(_, what)| (*what).to_owned()));
    if !facts.allocators.is_empty() {
        parts.push(format!("allocator: {}", facts.allocators.join(", ")));
    }
    parts.join("; ")
}

fn starts(out: &mut String, impact: &Impact, some: usize, width: usize) {
    let stopped: Vec<&Start> = impact.starts.iter().filter(|start| !start.starts).collect();
    let only_libraries = impact.files.iter().all(|facts| facts.kind == Kind::Library);
    if stopped.is_empty() {
        line(
            out,
            format_args!(
                "{GREEN}Nothing was found that keeps it from {} in {} as it is.{GREEN:#}\n",
                if only_libraries { "being loaded" } else { "starting" },
                impact.to.image
            ),
        );
        return;
    }
    let what = if only_libraries { "cannot be loaded" } else { "does not start" };
    line(out, format_args!("{RED}As it is, it {what} in {}{RED:#}", impact.to.image));
    for start in stopped.iter().take(some) {
        line(out, format_args!("  {BOLD}{}{BOLD:#}", start.file));
        for obstacle in start.obstacles.iter().take(some) {
            wrap(out, &obstacle.told, "    ", width);
        }
        more(out, start.obstacles.len(), some, "obstacles");
        missing(out, start, some, width);
    }
    more(out, stopped.len(), some, if only_libraries { "libraries" } else { "files that do not start" });
    out.push('\n');
}

fn missing(out: &mut String, start: &Start, some: usize, width: usize) {
    let of_libc: Vec<&Missing> = start.missing_symbols.iter().filter(|missing| missing.from_libc).collect();
    let others = start.missing_symbols.len() - of_libc.len();
    let names = |of: &dyn Fn(&&&Missing) -> bool| -> BTreeSet<String> {
        of_libc.iter().filter(of).map(|missing| missing.symbol.clone()).collect()
    };
    let looked = match start.assumed {
        true => {
            format!(" (looked up by {}, since its own loader is not there)", start.loader.as_deref().unwrap_or("?"))
        }
        false => String::new(),
    };
    let gone = names(&|missing| missing.rebuilt.is_none());
    let rebuilt = names(&|missing| missing.rebuilt.is_some());
    let given = names(&|missing| missing.gcompat);
    let rows = [
        (format!("not in the C library there{looked}"), gone),
        ("there of another library, version or name, which a program that is built for it calls".to_owned(), rebuilt),
        ("of all these gcompat has".to_owned(), given),
    ];
    for (what, names) in rows.iter().filter(|(_, names)| !names.is_empty()) {
        wrap(out, &format!("{what}: {}", list(names, some.saturating_mul(4))), "    ", width);
    }
    if others > 0 {
        wrap(out, &format!("{others} symbols of libraries that are not there, or are others there"), "    ", width);
    }
}

/// Tells one; of a single file the path stands at the head already.
fn tell(out: &mut String, touched: &Touched, single: bool, some: usize, width: usize) {
    let style = severity(touched.severity);
    let text = format!("{style}{}{style:#} {}", touched.severity, touched.title);
    wrap(out, &text, "", width);
    for (symbols, files) in by_files(&touched.evidence) {
        let files = if single { files.iter().map(|file| name(file).to_owned()).collect() } else { files };
        let files = list(&files, some);
        wrap(out, &format!("{CYAN}{}{CYAN:#} {DIM}in{DIM:#} {files}", list(&symbols, some)), "  ", width);
    }
    let cases: BTreeSet<String> = touched.cases.iter().cloned().collect();
    wrap(out, &format!("{DIM}cases:{DIM:#} {}", list(&cases, some)), "  ", width);
    line(out, format_args!("  {DIM}libcdiff explain {}{DIM:#}\n", touched.pitfall));
}

fn brief(out: &mut String, touched: &Touched, width: usize) {
    let style = severity(touched.severity);
    let symbols: BTreeSet<String> = touched.evidence.iter().map(|evidence| evidence.symbol.clone()).collect();
    let files: BTreeSet<String> = touched.evidence.iter().map(|evidence| name(&evidence.file).to_owned()).collect();
    let text = format!(
        "{style}{}{style:#} {}: {} in {}",
        touched.severity,
        touched.pitfall,
        list(&symbols, 4),
        list(&files, 2)
    );
    wrap(out, &text, "  ", width);
}

/// The symbols that the same files import.
fn by_files(evidence: &[Evidence]) -> Vec<(BTreeSet<String>, BTreeSet<String>)> {
    let mut files: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for one in evidence {
        files.entry(&one.symbol).or_default().insert(one.file.clone());
    }
    let mut symbols: BTreeMap<BTreeSet<String>, BTreeSet<String>> = BTreeMap::new();
    for (symbol, files) in files {
        symbols.entry(files).or_default().insert(symbol.to_owned());
    }
    symbols.into_iter().map(|(files, symbols)| (symbols, files)).collect()
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn list(names: &BTreeSet<String>, some: usize) -> String {
    let shown: Vec<&str> = names.iter().take(some).map(String::as_str).collect();
    match names.len().saturating_sub(some) {
        0 => shown.join(", "),
        n => format!("{} and {n} more", shown.join(", ")),
    }
}

fn more(out: &mut String, all: usize, some: usize, what: &str) {
    if all > some {
        line(out, format_args!("  {DIM}and {} more {what}; -v shows all{DIM:#}", all - some));
    }
}
