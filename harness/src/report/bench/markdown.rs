//! A bench file as Markdown, for a comment or a page: the figures of the table, complete and in columns.

use std::fmt::Write;

use super::{figure, libc};
use crate::bench::file::{BenchFile, Measured};
use crate::bench::subject::Role;
use crate::bench::summary::Outcome;
use crate::bench::survival::{End, Survival};
use crate::report::escape::{cell, code, prose};

/// Renders the file.
pub fn render(file: &BenchFile) -> String {
    let mut out = String::from("# How fast, and with how much memory\n\n");
    subjects(&mut out, file);
    times(&mut out, file);
    memory(&mut out, file);
    scaling(&mut out, file);
    trust(&mut out, file);
    out
}

fn subjects(out: &mut String, file: &BenchFile) {
    out.push_str("| subject | C library | flavour | allocator |\n| --- | --- | --- | --- |\n");
    for subject in file.shown() {
        let role = if subject.role == Role::Baseline { ", the baseline" } else { "" };
        let libc = libc(file, subject).unwrap_or_else(|| "none".into());
        let (id, allocator) = (code(&subject.id), cell(&subject.allocator.to_string()));
        let _ = writeln!(out, "| {id}{role} | {} | {} | {allocator} |", cell(&libc), subject.flavour);
    }
    for dropped in &file.dropped {
        let _ = write!(out, "\nNot measured: {}: {}\n", code(&dropped.subject), prose(&dropped.reason));
    }
}

fn times(out: &mut String, file: &BenchFile) {
    let timed: Vec<_> = file.workloads.iter().filter(|m| m.rounds() > 0).collect();
    if timed.is_empty() {
        return;
    }
    out.push_str("\n## Time of an operation\n\n");
    out.push_str("| workload | threads | subject | time | ratio | 95 % interval | noise | verdict |\n");
    out.push_str("| --- | --: | --- | --: | --: | --- | --- | --- |\n");
    for measured in &timed {
        rows(out, measured, file, |outcome| {
            let time = outcome.ns_per_op.map(figure::time).unwrap_or_default();
            let noise = file.noise(measured).and_then(|noise| noise.ratio).as_ref().map(figure::interval);
            let (ratio, interval) = match &outcome.ratio {
                Some(ratio) => (figure::ratio(ratio.median), figure::interval(ratio)),
                None => Default::default(),
            };
            let noise = if outcome.ratio.is_some() { noise.unwrap_or_default() } else { String::new() };
            let verdict = match (&outcome.failed, outcome.verdict) {
                (Some(failed), _) => format!("failed: {}", cell(failed)),
                (None, verdict) => verdict.map(|verdict| verdict.to_string()).unwrap_or_default(),
            };
            Some(format!("{time} | {ratio} | {interval} | {noise} | {verdict}"))
        });
    }
    let diagnosed: Vec<_> = timed.iter().filter(|m| !m.diagnosis.is_empty()).collect();
    if !diagnosed.is_empty() {
        out.push('\n');
    }
    for measured in diagnosed {
        for text in &measured.diagnosis {
            let _ = writeln!(out, "- {}, {}: {}", measured.workload.name, measured.threads, prose(text));
        }
    }
}

fn memory(out: &mut String, file: &BenchFile) {
    let with: Vec<_> =
        file.workloads.iter().filter(|m| m.outcomes.iter().any(|outcome| outcome.memory.is_some())).collect();
    if with.is_empty() {
        return;
    }
    out.push_str("\n## Memory of a fixed amount of work, and what the kernel did for 1000 operations\n\n");
    out.push_str(
        "| workload | threads | subject | peak | x held | at end | 1 s later | all freed | faults | switches |",
    );
    out.push_str(" lives with |\n| --- | --: | --- | --: | --: | --: | --: | --: | --: | --: | --- |\n");
    for measured in with {
        rows(out, measured, file, |outcome| {
            let memory = outcome.memory?;
            let bytes = |bytes: Option<f64>| bytes.map(figure::bytes).unwrap_or_default();
            let count = |count: Option<f64>| count.map(figure::count).unwrap_or_default();
            let kernel = outcome.per_1000_ops;
            let columns = [
                bytes(Some(memory.peak_bytes)),
                memory.overhead().map(figure::digits).unwrap_or_default(),
                bytes(memory.after_bytes),
                bytes(memory.after_idle_bytes),
                bytes(memory.released_bytes),
                count(kernel.map(|k| k.minor_faults)),
                count(kernel.map(|k| k.voluntary_switches)),
                limits(&outcome.survival),
            ];
            Some(columns.join(" | "))
        });
    }
}

/// Under which limits a subject lived, of those that were tried.
fn limits(survival: &[Survival]) -> String {
    let times = |lives: bool| {
        let tried = survival.iter().filter(|s| (s.end == End::Survived) == lives);
        tried.map(|s| format!("{}x", s.times)).collect::<Vec<_>>().join(", ")
    };
    match (times(true), times(false)) {
        (lives, not) if lives.is_empty() && not.is_empty() => String::new(),
        (lives, not) if lives.is_empty() => format!("none of {not}"),
        (lives, not) if not.is_empty() => lives,
        (lives, not) => format!("{lives}, not {not}"),
    }
}

fn scaling(out: &mut String, file: &BenchFile) {
    if file.scaling.is_empty() {
        return;
    }
    out.push_str("\n## From one thread to two\n\n0.50x is perfect, above 1x is a loss.\n\n");
    out.push_str("| workload | subject | ratio | 95 % interval |\n| --- | --- | --: | --- |\n");
    for scaling in &file.scaling {
        let [ratio, interval] = [figure::ratio(scaling.ratio.median), figure::interval(&scaling.ratio)];
        let _ = writeln!(out, "| {} | {} | {ratio} | {interval} |", scaling.workload, code(&scaling.subject));
    }
}

fn trust(out: &mut String, file: &BenchFile) {
    let e = &file.environment;
    let cpu = e.cpu.as_deref().unwrap_or(&e.arch);
    let stopped = if file.complete { "" } else { " Stopped before the last workload." };
    let _ = writeln!(
        out,
        "\n{}, {} processors, Linux {}; seed {}; {} ms were stolen.{stopped}",
        prose(cpu),
        e.cpus,
        prose(&e.kernel),
        file.schedule.seed,
        e.steal_ms
    );
}

/// A row for each subject that a workload has something to tell of.
fn rows(out: &mut String, measured: &Measured, file: &BenchFile, told: impl Fn(&Outcome) -> Option<String>) {
    for subject in file.shown() {
        if let Some(columns) = measured.outcome(&subject.id).and_then(&told) {
            let (name, threads) = (&measured.workload.name, measured.threads);
            let _ = writeln!(out, "| {name} | {threads} | {} | {columns} |", code(&subject.id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_told_in_a_few_words() {
        let survival = |times: f64, end| Survival { times, limit_bytes: 1, end, enforced_by: None, reason: None };
        let lives = [survival(2.0, End::Survived), survival(1.5, End::Ended)];
        assert_eq!(limits(&lives), "2x, not 1.5x");
        assert_eq!(limits(&lives[..1]), "2x");
        assert_eq!(limits(&lives[1..]), "none of 1.5x");
        assert_eq!(limits(&[]), "");
    }
}
