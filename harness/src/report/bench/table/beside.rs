//! What the table tells beside time: memory, limits on it, what the kernel did, and what two threads gain over one.

use anstyle::Style;

use super::{Table, no, short};
use crate::bench::file::Measured;
use crate::bench::subject::Subject;
use crate::bench::summary::Outcome;
use crate::bench::survival::End;
use crate::bench::workload::label;
use crate::report::bench::figure;
use crate::report::style::{BOLD, DIM, GREEN, RED, YELLOW, line, wrap};

impl Table<'_> {
    pub(super) fn memory(&self, out: &mut String) {
        let told = |o: &Outcome| o.memory.is_some() || o.memory_failed.is_some();
        let with: Vec<_> = self.file.workloads.iter().filter(|m| m.outcomes.iter().any(told)).collect();
        if with.is_empty() {
            return;
        }
        line(
            out,
            format_args!(
                "\n{BOLD}Memory of a fixed amount of work, and what the kernel did for 1000 operations{BOLD:#}"
            ),
        );
        let heads = ["peak", "x held", "at end", "1 s later", "all freed", "faults", "switches"];
        self.memory_columns(out, "", &heads.map(String::from), DIM);
        for measured in with {
            line(out, format_args!("  {}", label(&measured.workload.name, measured.threads)));
            for subject in self.file.shown() {
                if let Some(outcome) = measured.outcome(&subject.id) {
                    self.memory_line(out, subject, outcome);
                }
            }
            self.survival(out, measured);
        }
    }

    /// Who lives under which limit.
    fn survival(&self, out: &mut String, measured: &Measured) {
        for subject in self.file.shown() {
            let survival = measured.outcome(&subject.id).map(|o| &o.survival[..]).unwrap_or_default();
            let with = |end: End| {
                let times: Vec<_> = survival.iter().filter(|s| s.end == end).map(|s| format!("{}x", s.times)).collect();
                (!times.is_empty()).then(|| times.join(", "))
            };
            let told = [
                with(End::Survived).map(|with| format!("{GREEN}lives{GREEN:#} with {with}")),
                with(End::Ended).map(|with| format!("{RED}is ended{RED:#} with {with}")),
                with(End::Failed).map(|with| format!("{YELLOW}fails{YELLOW:#} with {with}")),
            ];
            let told: Vec<_> = told.into_iter().flatten().collect();
            if !told.is_empty() {
                let id = short(&subject.id, self.wide);
                line(out, format_args!("    {id:0$} {1} of what is held", self.wide, told.join(", ")));
            }
        }
    }

    fn memory_line(&self, out: &mut String, subject: &Subject, outcome: &Outcome) {
        if let Some(failed) = &outcome.memory_failed {
            line(out, format_args!("    {:1$} {RED}failed{RED:#}", short(&subject.id, self.narrow()), self.narrow()));
            // What has failed in both modes is told once.
            if outcome.failed.is_none() {
                wrap(out, &format!("{}: {failed}", subject.id), "      ", self.width);
            }
            return;
        }
        let bytes = |bytes: Option<f64>| bytes.map_or_else(no, figure::bytes);
        let memory = outcome.memory;
        let kernel = outcome.per_1000_ops;
        let count = |count: Option<f64>| count.map_or_else(no, figure::count);
        let overhead = memory.and_then(|m| m.overhead()).map_or_else(no, figure::digits);
        let columns = [
            bytes(memory.map(|m| m.peak_bytes)),
            overhead,
            bytes(memory.and_then(|m| m.after_bytes)),
            bytes(memory.and_then(|m| m.after_idle_bytes)),
            bytes(memory.and_then(|m| m.released_bytes)),
            count(kernel.map(|k| k.minor_faults)),
            count(kernel.map(|k| k.voluntary_switches)),
        ];
        self.memory_columns(out, &short(&subject.id, self.narrow()), &columns, Style::new());
    }

    /// Columns of a subject's name, where six figures follow.
    fn narrow(&self) -> usize {
        self.wide.min(self.width.saturating_sub(57)).max(8)
    }

    fn memory_columns(&self, out: &mut String, name: &str, columns: &[String; 7], style: Style) {
        let [peak, held, end, later, freed, faults, switches] = columns;
        let (wide, freed) = (self.narrow(), if self.width >= 100 { format!(" {freed:>9}") } else { String::new() });
        line(
            out,
            format_args!(
                "    {style}{name:wide$} {peak:>8} {held:>6} {end:>8} {later:>9}{freed} {faults:>6} {switches:>8}{style:#}"
            ),
        );
    }

    pub(super) fn scaling(&self, out: &mut String) {
        if self.file.scaling.is_empty() {
            return;
        }
        line(
            out,
            format_args!("\n{BOLD}From one thread to two{BOLD:#}{DIM} (0.50x is perfect, above 1x is a loss){DIM:#}"),
        );
        let mut last = "";
        for scaling in &self.file.scaling {
            if last != scaling.workload {
                line(out, format_args!("  {}", scaling.workload));
                last = &scaling.workload;
            }
            let loses = scaling.ratio.low > 1.0;
            let said = if loses { format!("{RED}two are slower{RED:#}") } else { " ".repeat(14) };
            let [ratio, interval] = [figure::ratio(scaling.ratio.median), figure::interval(&scaling.ratio)];
            let id = short(&scaling.subject, self.wide);
            let against = scaling.against_baseline.filter(|_| self.width >= 100);
            let against = against.map(|n| format!("  {} the baseline's", figure::ratio(n))).unwrap_or_default();
            let told = format!("    {id:0$} {ratio:>7} {interval:14} {said}{against}", self.wide);
            line(out, format_args!("{}", told.trim_end()));
        }
    }
}
