//! The plot of ratios: how many times the baseline's time each subject takes, in each workload.

use super::canvas::{PlotError, colour};
use super::forest::{Forest, Mark, Row};
use super::told;
use crate::bench::file::{BenchFile, Measured};
use crate::bench::subject::{Role, Subject};
use crate::bench::verdict::Verdict;
use crate::bench::workload::label;

/// Whether there is a ratio to draw.
pub fn has_any(file: &BenchFile) -> bool {
    file.workloads.iter().any(|m| !marks(file, m).is_empty())
}

/// The plot.
pub fn draw(file: &BenchFile) -> Result<String, PlotError> {
    let baseline = file.baseline().map_or_else(|| "nothing".into(), |subject| told(file, subject));
    let others = file.shown().enumerate().filter(|(_, s)| s.role == Role::Other);
    let timed = file.workloads.iter().filter(|m| m.rounds() > 0);
    Forest {
        title: format!("Time of an operation, compared with {baseline}"),
        subtitle: "Median of paired ratios, 95 % interval. Grey: the noise, the baseline against itself. Hollow: no difference beyond it."
            .into(),
        axis: "times the baseline's time (logarithmic); left of 1 is faster, right of it slower".into(),
        series: others.map(|(place, subject)| (told(file, subject), colour(place))).collect(),
        rows: timed
            .map(|measured| Row {
                label: label(&measured.workload.name, measured.threads),
                band: file.noise(measured).and_then(|noise| noise.ratio),
                marks: marks(file, measured),
            })
            .collect(),
        lines: vec![(1.0, "as the baseline")],
    }
    .draw()
}

/// The ratios by the place of their subject among those that have one.
fn marks(file: &BenchFile, measured: &Measured) -> Vec<Mark> {
    let others = file.shown().filter(|s| s.role == Role::Other).enumerate();
    let mark = |(series, subject): (usize, &Subject)| {
        let outcome = measured.outcome(&subject.id)?;
        let told = matches!(outcome.verdict, Some(Verdict::Slower | Verdict::Faster));
        Some(Mark { series, ratio: outcome.ratio?, told })
    };
    others.filter_map(mark).collect()
}
