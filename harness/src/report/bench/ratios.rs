//! The plot of ratios: how many times the baseline's time each subject takes, in each workload.

use super::canvas::{PlotError, colour};
use super::forest::{Forest, Row};
use super::told;
use crate::bench::file::{BenchFile, Measured};
use crate::bench::subject::Role;
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
        subtitle: "Median of paired ratios with its 95 % interval. Grey: noise, the baseline against itself in the same rounds."
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
fn marks(file: &BenchFile, measured: &Measured) -> Vec<(usize, crate::bench::statistics::Interval)> {
    let others = file.shown().filter(|s| s.role == Role::Other).enumerate();
    others.filter_map(|(place, s)| Some((place, measured.outcome(&s.id)?.ratio?))).collect()
}
