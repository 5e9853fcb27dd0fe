//! The table for a terminal: readable at 80 columns, ratios first, then memory, scaling, and what to keep in mind.

use std::fmt::Write;

use super::{figure, libc};
use crate::bench::file::{BenchFile, Measured};
use crate::bench::subject::{Role, Subject};
use crate::bench::summary::Outcome;
use crate::bench::verdict::Verdict;
use crate::bench::workload::label;
use crate::report::style::{BOLD, DIM, GREEN, RED, YELLOW, line, wrap};

mod beside;

/// Renders the table, with colours; the writer drops them where they do not belong. `whole` adds what each workload is.
pub fn render(file: &BenchFile, width: usize, whole: bool) -> String {
    let table = Table { file, width, whole, wide: wide(file, width) };
    let mut out = String::new();
    table.subjects(&mut out);
    table.times(&mut out);
    table.memory(&mut out);
    table.scaling(&mut out);
    table.trust(&mut out);
    out
}

struct Table<'a> {
    file: &'a BenchFile,
    width: usize,
    whole: bool,
    /// Columns of a subject's name.
    wide: usize,
}

/// Columns that the names of subjects take.
fn wide(file: &BenchFile, width: usize) -> usize {
    let most = if width >= 100 { 40 } else { 27 };
    file.shown().map(|s| s.id.chars().count()).max().unwrap_or(0).clamp(8, most)
}

/// A name cut in its middle: an image is told by its beginning, an allocator by the end.
fn short(name: &str, width: usize) -> String {
    let count = name.chars().count();
    if count <= width {
        return name.to_owned();
    }
    let kept = width.saturating_sub(3);
    let (head, tail) = (kept / 2, kept.div_ceil(2));
    let chars = || name.chars();
    format!("{}...{}", chars().take(head).collect::<String>(), chars().skip(count - tail).collect::<String>())
}

impl Table<'_> {
    fn subjects(&self, out: &mut String) {
        line(out, format_args!("{BOLD}Subjects{BOLD:#}"));
        for subject in self.file.shown() {
            let libc = libc(self.file, subject).unwrap_or_else(|| "no C library".into());
            let allocator = match (subject.allocator.is_system(), self.live(subject)) {
                (true, _) => String::new(),
                (false, Some(live)) => format!(", {live}"),
                (false, None) => format!(", {}", subject.allocator),
            };
            let role = if subject.role == Role::Baseline { ", the baseline" } else { "" };
            let (id, flavour) = (&subject.id, subject.flavour);
            wrap(out, &format!("{id}: {libc}, {flavour}{allocator}{role}"), "  ", self.width);
        }
        for dropped in &self.file.dropped {
            wrap(out, &format!("not measured: {}: {}", dropped.subject, dropped.reason), "  ", self.width);
        }
    }

    /// The allocator that a subject's program found live, with its version.
    fn live(&self, subject: &Subject) -> Option<String> {
        let mut blocks = self.file.workloads.iter().flat_map(|m| &m.blocks).filter(|b| b.subject == subject.id);
        let live = blocks.find_map(|b| crate::bench::block::live(&b.values))?;
        let version = live.get("version").map(|version| format!(" {version}")).unwrap_or_default();
        Some(format!("{}{version}", live.get("name")?))
    }

    fn times(&self, out: &mut String) {
        let timed: Vec<_> = self.file.workloads.iter().filter(|m| m.rounds() > 0).collect();
        if timed.is_empty() {
            return;
        }
        let others: Vec<_> = self.file.shown().filter(|s| s.role == Role::Other).collect();
        line(out, format_args!("\n{BOLD}Time of an operation{BOLD:#}"));
        for other in &others {
            self.counts(out, &timed, other);
        }
        match (self.file.baseline(), &others[..]) {
            (Some(baseline), [other]) => self.side_by_side(out, &timed, baseline, other),
            _ => timed.iter().for_each(|measured| self.below_each_other(out, measured)),
        }
    }

    /// In a sentence, how a subject fares.
    fn counts(&self, out: &mut String, timed: &[&Measured], other: &Subject) {
        let verdicts = || timed.iter().filter_map(|m| m.outcome(&other.id)?.verdict);
        let count = |verdict| verdicts().filter(|v| *v == verdict).count();
        let (slower, faster, same) = (count(Verdict::Slower), count(Verdict::Faster), count(Verdict::NoDifference));
        let all = slower + faster + same;
        if all > 1 {
            let text = format!(
                "{} against {}: slower in {slower}, faster in {faster}, no difference in {same} of {all}",
                other.id,
                self.file.baseline().map_or("nothing", |s| s.id.as_str()),
            );
            wrap(out, &text, "  ", self.width);
        }
    }

    /// One line for each workload, where there are two subjects.
    fn side_by_side(&self, out: &mut String, timed: &[&Measured], baseline: &Subject, other: &Subject) {
        let names = timed.iter().map(|m| m.workload.name.len()).max().unwrap_or(0).max(8);
        let room = if self.width >= 100 { 14 } else { 9 };
        let fit = [baseline, other].iter().all(|s| s.id.chars().count() <= room);
        let [left, right] = if fit { [&*baseline.id, &*other.id] } else { ["baseline", "compared"] };
        let noise = if self.width >= 100 { "        noise" } else { "" };
        line(
            out,
            format_args!(
                "  {DIM}{:names$} thr {left:>room$} {right:>room$}  {:>6} {:14} verdict{noise}{DIM:#}",
                "workload", "ratio", "95 % interval"
            ),
        );
        for measured in timed {
            let [base, own] = [baseline, other].map(|s| measured.outcome(&s.id));
            let (base, own) = (base.map_or_else(no, time), own.map_or_else(no, time));
            let told = measured.outcome(&other.id).map_or_else(no, |outcome| self.ratio(outcome));
            let (name, threads) = (&measured.workload.name, measured.threads);
            let noise =
                if self.width >= 100 { format!(" {DIM}{}{DIM:#}", self.noise(measured)) } else { String::new() };
            let told = format!("  {name:names$} {threads:>3} {base:>room$} {own:>room$}  {told}{noise}");
            line(out, format_args!("{}", told.trim_end()));
            self.notes(out, measured);
        }
    }

    /// A heading for each workload and a line for each subject.
    fn below_each_other(&self, out: &mut String, measured: &Measured) {
        let noise = self.noise(measured);
        let noise = if noise.is_empty() { noise } else { format!("  {DIM}noise {noise}{DIM:#}") };
        line(out, format_args!("  {}{noise}", label(&measured.workload.name, measured.threads)));
        for subject in self.file.shown() {
            let Some(outcome) = measured.outcome(&subject.id) else { continue };
            let id = short(&subject.id, self.wide);
            let told = if subject.role == Role::Baseline { String::new() } else { self.ratio(outcome) };
            let told = format!("    {id:0$} {1:>10}  {told}", self.wide, time(outcome));
            line(out, format_args!("{}", told.trim_end()));
        }
        self.notes(out, measured);
    }

    /// Ratio, interval and verdict, in columns.
    fn ratio(&self, outcome: &Outcome) -> String {
        if outcome.failed.is_some() {
            return format!("{RED}failed{RED:#}");
        }
        let Some(ratio) = &outcome.ratio else { return "no ratio".into() };
        let colour = match outcome.verdict {
            Some(Verdict::Slower) => RED,
            Some(Verdict::Faster) => GREEN,
            _ => DIM,
        };
        let verdict = outcome.verdict.map_or_else(|| "few rounds".into(), |v| v.to_string());
        let [ratio, interval] = [figure::ratio(ratio.median), figure::interval(ratio)];
        format!("{ratio:>6} {interval:14} {colour}{verdict}{colour:#}{:1$}", "", 13usize.saturating_sub(verdict.len()))
    }

    fn noise(&self, measured: &Measured) -> String {
        let ratio = self.file.noise(measured).and_then(|noise| noise.ratio);
        ratio.map(|ratio| format!("{:.3} to {:.3}", ratio.low, ratio.high)).unwrap_or_default()
    }

    /// What a workload is, and what probably is behind its difference.
    fn notes(&self, out: &mut String, measured: &Measured) {
        if self.whole {
            let about = &measured.workload;
            let text =
                format!("{}. {}. For: {}. Source: {}.", about.title, about.parameters, about.models, about.source);
            let _ = write!(out, "{DIM}");
            wrap(out, &text, "      ", self.width);
            let _ = write!(out, "{DIM:#}");
        }
        for outcome in &measured.outcomes {
            if let Some(failed) = &outcome.failed {
                wrap(out, &format!("{}: {failed}", outcome.subject), "      ", self.width);
            }
        }
        let _ = write!(out, "{YELLOW}");
        for text in &measured.diagnosis {
            wrap(out, text, "      ", self.width);
        }
        let _ = write!(out, "{YELLOW:#}");
    }

    /// Where this was measured, and how far to trust it.
    fn trust(&self, out: &mut String) {
        let (file, e) = (self.file, &self.file.environment);
        let machine = if e.virtual_machine { "virtual machine" } else { "machine" };
        let cpu = e.cpu.as_deref().unwrap_or(&e.arch);
        let pages = e.transparent_huge_pages.as_deref().unwrap_or("unknown");
        let disturbed = file.workloads.iter().map(Measured::disturbed);
        let (repeats, still) = disturbed.fold((0, 0), |(a, b), (repeats, still)| (a + repeats, b + still));
        let rounds: Vec<usize> = file.workloads.iter().map(Measured::rounds).filter(|rounds| *rounds > 0).collect();
        let rounds = match (rounds.iter().min(), rounds.iter().max()) {
            (Some(least), Some(most)) if least < most => format!("{least} to {most} rounds"),
            (Some(1), _) => "1 round".into(),
            (Some(rounds), _) => format!("{rounds} rounds"),
            _ => "no rounds".into(),
        };
        let text = format!(
            "{cpu}, {} processors of a {machine}, Linux {}, huge pages: {pages}. {rounds}, seed {}; {repeats} blocks \
             were run again because the machine was busy, {still} were disturbed all the same, {} ms were stolen.",
            e.cpus, e.kernel, file.schedule.seed, e.steal_ms,
        );
        out.push('\n');
        let _ = write!(out, "{DIM}");
        wrap(out, &text, "", self.width);
        let _ = write!(out, "{DIM:#}");
        let blocks: usize = file.workloads.iter().map(|m| m.blocks.len()).sum();
        if still * 10 > blocks {
            let text = "The machine was busy with other programs: intervals are wide, and ratios of several threads too small.";
            let _ = write!(out, "{YELLOW}");
            wrap(out, text, "", self.width);
            let _ = write!(out, "{YELLOW:#}");
        }
        let (done, planned) = (file.workloads.len(), file.schedule.planned);
        if !file.complete {
            line(out, format_args!("{YELLOW}stopped{YELLOW:#} after {done} of {planned} workloads"));
        }
    }
}

fn no() -> String {
    "-".into()
}

fn time(outcome: &Outcome) -> String {
    outcome.ns_per_op.map_or_else(no, figure::time)
}

#[cfg(test)]
mod tests;
