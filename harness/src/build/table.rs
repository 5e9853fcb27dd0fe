//! Builds for a terminal: cold and warm, what each costs, how large the images are, and what fills them.

use std::fmt::Write;

use super::file::{Base, BuildFile, Cache, Failed, Figure, Figures, Reader, Subject};
use crate::anatomy::table::bytes as size;
use crate::report::style::{BOLD, DIM, RED, clip, line, wrap};

/// Renders it; the writer drops colours where they do not belong.
pub fn render(file: &BuildFile, width: usize) -> String {
    let mut out = String::new();
    head(&mut out, file);
    if !file.complete {
        line(&mut out, format_args!("{RED}Stopped{RED:#}: what was measured by then follows.\n"));
    }
    for (cache, means) in [
        (Cache::Cold, "every step anew, with the base images in place"),
        (Cache::Warm, "at once again, with what the cold build left"),
    ] {
        line(&mut out, format_args!("{BOLD}{cache}{BOLD:#}  {DIM}{means}{DIM:#}"));
        rows(&mut out, figures(file, cache));
    }
    line(&mut out, format_args!("{BOLD}image{BOLD:#}"));
    rows(&mut out, images(file));
    for subject in file.subjects.iter().filter(|subject| !subject.outcome.layers.is_empty()) {
        filled(&mut out, subject, width);
    }
    notes(&mut out, file, width);
    for subject in &file.subjects {
        if let Some(failed) = &subject.outcome.failed {
            failure(&mut out, subject, failed, width);
        }
    }
    out
}

fn head(out: &mut String, file: &BuildFile) {
    let engine = &file.engine;
    let storage = engine.storage.as_deref().map_or(String::new(), |storage| format!(" ({storage})"));
    let on = engine.cpus.map_or(String::new(), |cpus| format!(", {cpus} processors"));
    let times = if file.rounds == 1 { "once".into() } else { format!("{} times, in turn", file.rounds) };
    line(out, format_args!("{BOLD}Builds{BOLD:#}  {} {}{storage}{on}; each {times}", engine.name, engine.version));
    let wide = widest(file);
    for subject in &file.subjects {
        // Of what has failed nobody may know the base: it was not there.
        let base = match (&subject.base, &subject.image, &subject.outcome.failed) {
            (Some(base), ..) => format!(" on {}", based(base)),
            (None, Some(image), _) => format!(" on {image}"),
            (None, None, Some(_)) => String::new(),
            (None, None, None) => " on scratch".into(),
        };
        let id = &subject.id;
        line(out, format_args!("  {id:wide$}  {}{base}", subject.dockerfile));
    }
    out.push('\n');
}

fn based(base: &Base) -> String {
    let pulled = base.pulled_ms.map_or(String::new(), |ms| format!(", pulled in {} before", seconds(ms)));
    format!("{} ({}{pulled})", base.name, size(base.bytes))
}

fn widest(file: &BuildFile) -> usize {
    file.subjects.iter().map(|subject| subject.id.len()).max().unwrap_or(0)
}

/// Rows of cells, each as wide as its column needs.
fn rows(out: &mut String, rows: Vec<Vec<String>>) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let wide =
        |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let wide: Vec<usize> = (0..columns).map(wide).collect();
    for row in &rows {
        let mut text = String::new();
        for (cell, wide) in row.iter().zip(&wide) {
            let _ = write!(text, "  {cell:wide$}");
        }
        line(out, format_args!("{}", text.trim_end()));
    }
    out.push('\n');
}

fn figures(file: &BuildFile, cache: Cache) -> Vec<Vec<String>> {
    let first = file.subjects.first().map_or("", |subject| &subject.id);
    let mut table = vec![vec![String::new(), "wall".into(), "processors".into(), "received".into()]];
    if file.subjects.len() > 1 {
        table[0].push(format!("wall of {first}"));
    }
    for subject in &file.subjects {
        let Figures { wall_ms, cpu_ms, cpu_at_least, received_bytes, .. } =
            if cache == Cache::Cold { &subject.outcome.cold } else { &subject.outcome.warm };
        let least = if *cpu_at_least { "at least " } else { "" };
        let cell = |figure: &Option<Figure>, unit: fn(f64) -> String| {
            figure.as_ref().map_or("-".into(), |figure| told(figure, unit))
        };
        let cpu = cpu_ms.as_ref().map_or("unknown".into(), |figure| format!("{least}{}", seconds(figure.median)));
        let received = received_bytes.as_ref().map_or("unknown".into(), |figure| size(figure.median as u64));
        let unmeasured = wall_ms.is_none();
        let mut row = vec![subject.id.clone(), cell(wall_ms, seconds)];
        if !unmeasured {
            row.extend([cpu, received]);
        }
        row.extend(
            wall_ms
                .as_ref()
                .and_then(|figure| figure.against_first)
                .map(|ratio| format!("{}x  {} to {}", times(ratio.median), times(ratio.low), times(ratio.high))),
        );
        table.push(row);
    }
    table
}

/// A figure with its interval.
fn told(figure: &Figure, unit: fn(f64) -> String) -> String {
    let interval = figure.interval.map_or(String::new(), |i| format!("  {} to {}", unit(i.low), unit(i.high)));
    format!("{}{interval}", unit(figure.median))
}

fn times(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.2}") } else { format!("{ratio:.0}") }
}

/// A time for people.
pub fn seconds(ms: f64) -> String {
    match ms {
        ..1000.0 => format!("{ms:.0} ms"),
        ..100_000.0 => format!("{:.1} s", ms / 1e3),
        _ => format!("{:.0} s", ms / 1e3),
    }
}

fn images(file: &BuildFile) -> Vec<Vec<String>> {
    let mut table = vec![vec![String::new(), "size".into(), "base".into(), "added".into()]];
    for subject in &file.subjects {
        let base = subject.base.as_ref().map_or(0, |base| base.bytes);
        let mut row = vec![subject.id.clone()];
        match subject.outcome.image_bytes {
            Some(bytes) => row.extend([size(bytes), size(base), size(bytes.saturating_sub(base))]),
            None => row.push("-".into()),
        }
        table.push(row);
    }
    table
}

/// What fills the image of one, the largest first.
fn filled(out: &mut String, subject: &Subject, width: usize) {
    line(out, format_args!("{BOLD}What fills {}{BOLD:#}", subject.id));
    let mut parts: Vec<(u64, String, String)> = Vec::new();
    parts
        .extend(subject.base.as_ref().map(|base| (base.bytes, String::new(), format!("the base image {}", base.name))));
    let layers = subject.outcome.layers.iter();
    parts.extend(layers.map(|layer| {
        let words = layer.instruction.split_whitespace().collect::<Vec<_>>().join(" ");
        (layer.bytes, seconds(layer.ms), format!("line {}: {words}", layer.line))
    }));
    parts.sort_by_key(|(bytes, ..)| std::cmp::Reverse(*bytes));
    for (bytes, time, what) in parts {
        line(out, format_args!("  {:>10}  {time:>8}  {}", size(bytes), clip(&what, width.saturating_sub(24).max(30))));
    }
    out.push('\n');
}

fn notes(out: &mut String, file: &BuildFile, width: usize) {
    let builds = || file.subjects.iter().flat_map(|subject| &subject.builds);
    if builds().any(|build| build.cpu.is_some_and(|cpu| cpu.by == Reader::Engine)) {
        let text = "The time of processors is as the engine tells it, about once a second: what a step uses after the last \
                    reading is missing.";
        wrap(out, &format!("note: {text}"), "", width);
    }
    if file.subjects.iter().any(|subject| subject.outcome.varies) {
        wrap(out, "note: cold builds gave images of different sizes; the median is told.", "", width);
    }
    if file.rounds < 6 && file.subjects.len() > 1 {
        let text = "intervals are of 95 % at six rounds and more; of fewer they reach from the least to the greatest.";
        wrap(out, &format!("note: {text}"), "", width);
    }
}

fn failure(out: &mut String, subject: &Subject, failed: &Failed, width: usize) {
    let place = failed.line.map_or(String::new(), |line| format!(":{line}"));
    let text = format!("{RED}no image{RED:#} of {}: {}{place}", subject.id, subject.dockerfile);
    line(out, format_args!("{text}"));
    if let Some(instruction) = &failed.instruction {
        wrap(out, instruction, "  ", width);
    }
    wrap(out, &failed.message, "  ", width);
    for printed in &failed.output {
        line(out, format_args!("  {DIM}|{DIM:#} {printed}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::summary::{settle, tests};

    fn plain(file: &BuildFile) -> String {
        anstream::adapter::strip_str(&render(file, 90)).to_string()
    }

    #[test]
    fn subjects_stand_below_each_other_with_ratios_to_the_first() {
        let text = plain(&tests::file());
        for words in [
            "Builds  docker 20.10.24, 2 processors; each 3 times, in turn\n",
            "  alpine-3.20  Dockerfile on alpine-3.20 (31.5 MB)\n",
            "  debian-13    2.2 s  2.0 s to 2.4 s     1.1 s       5.2 MB\n",
            "  alpine-3.20  22.0 s  20.0 s to 24.0 s  11.0 s      5.2 MB    10x  10 to 10\n",
            "  debian-13    136.3 MB  31.5 MB  104.9 MB\n",
            "    104.9 MB     2.2 s  line 2: RUN install\n     31.5 MB            the base image debian-13\n",
        ] {
            assert!(text.contains(words), "{words:?} is not in\n{text}");
        }
    }

    #[test]
    fn a_failure_says_where_and_what_was_printed_last() {
        let mut file = tests::file();
        for build in &mut file.subjects[1].builds {
            build.failed = Some(Failed {
                line: Some(2),
                instruction: Some("RUN install".into()),
                exit_code: Some(100),
                message: "it returned 100".into(),
                output: vec!["E: no".into()],
            });
        }
        file.subjects[1].base = None;
        settle(&mut file);
        let text = plain(&file);
        assert!(!text.contains("scratch"), "{text}");
        assert!(
            text.ends_with("no image of alpine-3.20: Dockerfile:2\n  RUN install\n  it returned 100\n  | E: no\n"),
            "{text}"
        );
        assert!(text.contains("  alpine-3.20  -\n"), "{text}");
    }
}
