//! Bars beside each other, each with its figures in words: what the page draws with boxes and the demo with letters.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::anatomy::{Anatomy, Kind, table::bytes};
use crate::build::file::{BuildFile, Figure, Subject};
use crate::runfile::Image;
use crate::wheels::answer::{Answer, Installed};

/// Bars of one unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chart {
    /// What they show.
    pub title: String,
    /// How to read them.
    pub note: String,
    /// The bars, in the order of what they are of.
    pub bars: Vec<Bar>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bar {
    /// What it is of.
    pub name: String,
    /// Its figures, whole: whoever does not see the bar lacks nothing.
    pub told: String,
    /// What it is put together from, from the left.
    pub parts: Vec<Part>,
    /// Where the interval of the figure begins and ends, in thousandths of the longest bar.
    pub interval: Option<[u32; 2]>,
}

/// A part of a bar.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// What it is and how much.
    pub told: String,
    /// Its length in thousandths of the longest bar.
    pub length: u32,
    /// Which of the shades it has: 0 to 5.
    pub shade: usize,
}

/// Kinds of files that have a part of their own; the others share the last one.
const KINDS: usize = 5;

/// Sizes: unpacked, by kinds of files where images were taken apart, and compressed where that is known.
pub fn sizes(taken_apart: &[Anatomy], images: &[Image]) -> Vec<Chart> {
    let apart = |image: &Image| taken_apart.iter().find(|anatomy| anatomy.image.digest == image.digest);
    // Each image once: those of the run, taken apart where they were, and those that only were taken apart.
    let ran = images.iter().map(|image| (image, apart(image)));
    let others = taken_apart.iter().filter(|anatomy| images.iter().all(|image| image.digest != anatomy.image.digest));
    let all: Vec<_> = ran.chain(others.map(|anatomy| (&anatomy.image, Some(anatomy)))).collect();
    let unpacked = |(image, anatomy): &(&Image, Option<&Anatomy>)| {
        anatomy.map(|anatomy| anatomy.files.bytes).or(image.size.unpacked_bytes)
    };
    let most = all.iter().filter_map(unpacked).max().unwrap_or(0);
    let kinds = largest(taken_apart);
    let bars = all.iter().filter_map(|each| Some(files(each.0, each.1, unpacked(each)?, most, &kinds)));
    let mut charts = vec![Chart {
        title: "Unpacked".into(),
        note: "Regular files, each counted once. What docker image ls says counts the files of every layer and the names in links too."
            .into(),
        bars: bars.collect(),
    }];
    let sent = |image: &Image| image.size.compressed_bytes;
    let most = all.iter().filter_map(|(image, _)| sent(image)).max().unwrap_or(0);
    let unknown: Vec<_> =
        all.iter().filter(|(image, _)| sent(image).is_none()).map(|(image, _)| image.id.as_str()).collect();
    let unknown = if unknown.is_empty() { String::new() } else { format!(" Not known of {}.", unknown.join(", ")) };
    charts.push(Chart {
        title: "To download".into(),
        note: format!("Layers as a registry sends them.{unknown}"),
        bars: all
            .iter()
            .filter_map(|(image, _)| Some(plain(&image.id, bytes(sent(image)?), sent(image)? as f64, most as f64)))
            .collect(),
    });
    charts.retain(|chart| !chart.bars.is_empty());
    charts
}

/// The kinds that have a part and a shade of their own: in all images the same ones, those of which any image has most.
fn largest(taken_apart: &[Anatomy]) -> Vec<Kind> {
    let most = |kind: &Kind| {
        let amounts = taken_apart.iter().filter_map(|anatomy| anatomy.files.kinds.get(kind));
        amounts.map(|amount| amount.bytes).max().unwrap_or(0)
    };
    let kinds: BTreeSet<Kind> = taken_apart.iter().flat_map(|anatomy| anatomy.files.kinds.keys().copied()).collect();
    let mut kinds: Vec<Kind> = kinds.into_iter().filter(|kind| *kind != Kind::Other).collect();
    kinds.sort_by_key(|kind| std::cmp::Reverse(most(kind)));
    kinds.truncate(KINDS);
    kinds
}

/// A bar of an image's files.
fn files(image: &Image, anatomy: Option<&Anatomy>, unpacked: u64, most: u64, kinds: &[Kind]) -> Bar {
    let Some(anatomy) = anatomy else { return plain(&image.id, bytes(unpacked), unpacked as f64, most as f64) };
    let of = |kind: &Kind| anatomy.files.kinds.get(kind).map_or(0, |amount| amount.bytes);
    let rest = unpacked.saturating_sub(kinds.iter().map(of).sum());
    let amounts = kinds.iter().map(|kind| (kind.words(), of(kind))).chain([("all else", rest)]);
    let some = amounts.enumerate().filter(|(_, (_, amount))| *amount > 0);
    let parts = some.map(|(shade, (kind, amount))| Part {
        told: format!("{kind} {}", bytes(amount)),
        length: length(amount as f64, most as f64),
        // All else is the last one, however few kinds there are.
        shade: if kind == "all else" { KINDS } else { shade },
    });
    let mut told = bytes(unpacked);
    if let Some(engine) = anatomy.engine_bytes {
        told += &format!("; docker image ls: {}", bytes(engine));
    }
    Bar { name: image.id.clone(), told, parts: parts.collect(), interval: None }
}

/// How many packages have a wheel, in each image.
pub fn wheels(answer: &Answer) -> Chart {
    let most = answer.images.iter().map(|image| image.totals.packages).max().unwrap_or(0);
    let when = answer.at.as_ref().map_or(String::new(), |at| format!(", on {at}"));
    let bar = |image: &Installed| {
        let totals = &image.totals;
        let counts =
            [(totals.wheels, "from a wheel", 2), (totals.sources, "compiled", 1), (totals.nothing, "not at all", 5)];
        let some = counts.into_iter().filter(|(count, ..)| *count > 0);
        let parts: Vec<Part> = some
            .map(|(count, how, shade)| Part {
                told: format!("{count} {how}"),
                length: length(count as f64, most as f64),
                shade,
            })
            .collect();
        let told =
            format!("{} of {} from a wheel; {} to download", totals.wheels, totals.packages, bytes(totals.bytes));
        let name = format!("{} (Python {})", image.image, image.python);
        Bar { name, told, parts, interval: None }
    };
    Chart {
        title: format!("Packages with a wheel{when}"),
        note: format!("What pip would take, and what it would have to compile; versions are {}'s.", answer.resolver),
        bars: answer.images.iter().map(bar).collect(),
    }
}

/// How long builds take, and how large their images are.
pub fn builds(builds: &BuildFile) -> Vec<Chart> {
    let time = |subject: &Subject| subject.outcome.cold.wall_ms;
    let ends = |figure: &Figure| figure.interval.map_or(figure.median, |interval| interval.high);
    let most = builds.subjects.iter().filter_map(time).map(|f| ends(&f)).fold(0.0, f64::max);
    let largest = builds.subjects.iter().filter_map(|s| s.outcome.image_bytes).max().unwrap_or(0);
    let image = |subject: &Subject| {
        let of = subject.outcome.image_bytes?;
        Some(plain(&subject.id, bytes(of), of as f64, largest as f64))
    };
    let engine = &builds.engine;
    let mut charts = vec![
        Chart {
            title: "Time of a build".into(),
            note: format!(
                "Every step made anew, base images in place; with the interval of 95 %, of fewer than six builds from the least to \
                 the greatest. By {} {}.",
                engine.name, engine.version
            ),
            bars: builds.subjects.iter().map(|subject| timed(subject, most)).collect(),
        },
        Chart {
            title: "The image that was built".into(),
            note: "Its layers, unpacked, those of its base among them.".into(),
            bars: builds.subjects.iter().filter_map(image).collect(),
        },
    ];
    charts.retain(|chart| !chart.bars.is_empty());
    charts
}

/// A bar of a subject's cold builds.
fn timed(subject: &Subject, most: f64) -> Bar {
    let outcome = &subject.outcome;
    let Some(cold) = outcome.cold.wall_ms else {
        let why = outcome.failed.as_ref().map_or("not measured".into(), |failed| format!("failed: {}", failed.message));
        return Bar { name: subject.id.clone(), told: why, parts: Vec::new(), interval: None };
    };
    let mut told = seconds(cold.median);
    if let Some(interval) = cold.interval {
        told += &format!(" ({} to {})", seconds(interval.low), seconds(interval.high));
    }
    if let Some(warm) = outcome.warm.wall_ms {
        told += &format!("; again at once {}", seconds(warm.median));
    }
    if let Some(received) = outcome.cold.received_bytes {
        told += &format!("; {} from the network", bytes(received.median as u64));
    }
    let interval = cold.interval.map(|interval| [length(interval.low, most), length(interval.high, most)]);
    Bar { told, interval, ..plain(&subject.id, String::new(), cold.median, most) }
}

/// A bar of one part.
fn plain(name: &str, told: String, of: f64, most: f64) -> Bar {
    let part = Part { told: told.clone(), length: length(of, most), shade: 0 };
    Bar { name: name.to_owned(), told, parts: vec![part], interval: None }
}

/// Milliseconds as people read them.
fn seconds(ms: f64) -> String {
    match ms {
        ms if ms < 100_000.0 => format!("{:.1} s", ms / 1e3),
        ms => format!("{:.0} s", ms / 1e3),
    }
}

/// Thousandths of the longest; what is there at all can be seen.
fn length(of: f64, most: f64) -> u32 {
    match most > 0.0 && of > 0.0 {
        true => ((of / most * 1000.0).round() as u32).clamp(1, 1000),
        false => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::statistics::Interval;
    use crate::build::file::{Failed, Figures, Outcome};
    use crate::runfile::RunFile;

    #[test]
    fn a_run_file_alone_has_sizes() {
        let run = RunFile::parse(include_str!("../../tests/fixtures/run.json")).expect("a run file");
        let charts = sizes(&[], &run.images);
        let told: Vec<_> = charts.iter().flat_map(|chart| &chart.bars).map(|bar| bar.told.as_str()).collect();
        assert_eq!(told[0], "34.7 MB", "{charts:#?}");
        assert_eq!(charts[0].bars[0].parts[0].length, 1000);
        assert!(charts[0].bars[1].parts[0].length < 1000);
    }

    #[test]
    fn builds_have_times_with_intervals_and_failures_their_reason() {
        let mut file = BuildFile::parse(include_str!("../../tests/fixtures/article-build.json")).expect("a build file");
        let figures = |median, interval| Figures {
            builds: 3,
            wall_ms: Some(Figure { median, interval, against_first: None }),
            ..Figures::default()
        };
        let interval = Interval { median: 2000.0, low: 1000.0, high: 4000.0 };
        file.subjects[0].outcome = Outcome {
            cold: figures(2000.0, Some(interval)),
            warm: figures(100.0, None),
            image_bytes: Some(363_000_000),
            ..Outcome::default()
        };
        let message = "no space".into();
        let failed = Failed { line: None, instruction: None, exit_code: None, message, output: Vec::new() };
        file.subjects[1].outcome = Outcome { failed: Some(failed), ..Outcome::default() };
        let charts = builds(&file);
        assert_eq!(charts[0].bars[0].told, "2.0 s (1.0 s to 4.0 s); again at once 0.1 s");
        assert_eq!((charts[0].bars[0].parts[0].length, charts[0].bars[0].interval), (500, Some([250, 1000])));
        assert_eq!(charts[0].bars[1].told, "failed: no space");
        assert_eq!(charts[1].bars.len(), 1, "{charts:#?}");
    }
}
