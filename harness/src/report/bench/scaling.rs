//! The plot of scaling: how the time of an operation changes from one thread to two, in each subject.

use super::canvas::{PlotError, colour};
use super::forest::{Forest, Mark, Row};
use super::told;
use crate::bench::file::BenchFile;

/// The plot.
pub fn draw(file: &BenchFile) -> Result<String, PlotError> {
    let mut names: Vec<&str> = file.scaling.iter().map(|s| s.workload.as_str()).collect();
    names.dedup();
    let row = |name: &str| Row {
        label: name.to_owned(),
        band: None,
        marks: file
            .shown()
            .enumerate()
            .filter_map(|(place, subject)| {
                let found = file.scaling.iter().find(|s| s.workload == name && s.subject == subject.id)?;
                Some(Mark { series: place, ratio: found.ratio, told: true })
            })
            .collect(),
    };
    Forest {
        title: "From one thread to two".into(),
        subtitle:
            "Time of an operation, over the operations of all threads: with two threads as a multiple of that with one."
                .into(),
        axis: "times the time with one thread (logarithmic)".into(),
        series: file.shown().enumerate().map(|(place, subject)| (told(file, subject), colour(place))).collect(),
        rows: names.into_iter().map(row).collect(),
        lines: vec![(0.5, "twice as fast"), (1.0, "no gain")],
    }
    .draw()
}
