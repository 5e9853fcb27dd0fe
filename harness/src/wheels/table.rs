//! The answer for a terminal: a row for each package, what builds take beneath it, and a sentence for each image.

use std::collections::BTreeMap;

use super::answer::{Answer, Installed, Package, Verdict};
use super::needs::{Needs, Tool};
use crate::anatomy::table::bytes as size;
use crate::report::style::{BOLD, DIM, GREEN, RED, YELLOW, line, wrap};

/// Renders it; the writer drops colours where they do not belong.
pub fn render(answer: &Answer, width: usize) -> String {
    let mut out = String::new();
    head(&mut out, answer, width);
    packages(&mut out, answer);
    for image in &answer.images {
        builds(&mut out, image, width);
    }
    for note in &answer.notes {
        wrap(&mut out, &format!("note: {note}"), "", width);
    }
    for failed in &answer.failed {
        let text = format!("{RED}no answer{RED:#} for {} ({}):", failed.name, failed.images.join(", "));
        line(&mut out, format_args!("{text}"));
        for said in sentences(&failed.why) {
            wrap(&mut out, &said, "  ", width);
        }
    }
    for image in &answer.images {
        wrap(&mut out, &image.sentence, "", width);
    }
    out
}

/// The resolver's words: each error and each cause in a line of its own, without the carets, which point at nothing once lines
/// are wrapped.
fn sentences(words: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in words.lines().map(str::trim).filter(|line| line.contains(|c| c != '^')) {
        let starts = ["error:", "cause:", "hint:"].iter().any(|start| line.starts_with(start));
        match all.last_mut().filter(|_| !starts) {
            Some(last) => *last += &format!(" {line}"),
            None => all.push(line.to_owned()),
        }
    }
    all
}

fn head(out: &mut String, answer: &Answer, width: usize) {
    let wide = answer.images.iter().map(|image| image.image.len()).max().unwrap_or(0);
    line(out, format_args!("{BOLD}Images{BOLD:#}"));
    for image in &answer.images {
        let Installed { family, libc, arch, python, .. } = image;
        let whence = if image.python_found { "found in it" } else { "as --python says" };
        let id = &image.image;
        let pip = image.pip.as_ref().map(|pip| format!("  pip {pip}")).unwrap_or_default();
        line(out, format_args!("  {id:wide$}  {family} {libc}  {arch}  python {python} {DIM}({whence}){DIM:#}{pip}"));
        if !image.not_taken.is_empty() {
            wrap(out, &format!("That pip does not take: {}.", image.not_taken.join(", ")), "    ", width);
        }
    }
    if let Some(at) = &answer.at {
        line(out, format_args!("\nThe index as it was on {at}, and the kinds of wheels that pip took then."));
        if !answer.not_yet.is_empty() {
            wrap(out, &format!("No pip took these yet: {}.", answer.not_yet.join(", ")), "", width);
        }
    }
    out.push('\n');
}

/// What stands in a cell, and what it looks like.
fn cell(package: Option<&Package>) -> (String, anstyle::Style) {
    let Some(package) = package else { return ("-".into(), DIM) };
    let bytes = package.file.as_ref().and_then(|file| file.bytes).map_or("size unknown".into(), size);
    let platform = |tag: &str| tag.rsplit('-').next().unwrap_or_default().to_owned();
    match package.verdict {
        Verdict::Wheel => {
            let tag = package.file.as_ref().and_then(|file| file.tag.as_deref()).map(platform).unwrap_or_default();
            (format!("wheel {tag} {bytes}"), GREEN)
        }
        Verdict::Source => (format!("source {bytes}"), YELLOW),
        Verdict::Nothing => ("no wheel, no source".into(), RED),
    }
}

fn packages(out: &mut String, answer: &Answer) {
    let mut rows: BTreeMap<(&str, &str), Vec<Option<&Package>>> = BTreeMap::new();
    for (at, image) in answer.images.iter().enumerate() {
        for package in &image.packages {
            let key = (package.name.as_str(), package.version.as_deref().unwrap_or("-"));
            rows.entry(key).or_insert_with(|| vec![None; answer.images.len()])[at] = Some(package);
        }
    }
    let images: Vec<&str> = answer.images.iter().map(|image| image.image.as_str()).collect();
    side_by_side(out, &images, &rows, cell);
}

/// Rows of names and versions, each with a column for what its package is in each image.
pub fn side_by_side<P>(
    out: &mut String,
    images: &[&str],
    rows: &BTreeMap<(&str, &str), Vec<Option<&P>>>,
    cell: impl Fn(Option<&P>) -> (String, anstyle::Style),
) {
    let name = rows.keys().map(|(name, _)| name.len()).max().unwrap_or(0).max(7);
    let version = rows.keys().map(|(_, version)| version.len()).max().unwrap_or(0).max(7);
    let wide = |(at, image): (usize, &&str)| {
        rows.values().map(|row| cell(row[at]).0.len()).max().unwrap_or(0).max(image.len())
    };
    let columns: Vec<usize> = images.iter().enumerate().map(wide).collect();
    let mut title = format!("{BOLD}{:name$}  {:version$}", "package", "version");
    for (image, wide) in images.iter().zip(&columns) {
        title += &format!("  {image:wide$}");
    }
    line(out, format_args!("{}{BOLD:#}", title.trim_end()));
    for ((package, of), row) in rows {
        let mut text = format!("{package:name$}  {of:version$}");
        for (at, (one, wide)) in row.iter().zip(&columns).enumerate() {
            let (words, style) = cell(*one);
            let wide = if at + 1 == columns.len() { 0 } else { *wide };
            text += &format!("  {style}{words}{style:#}{:gap$}", "", gap = wide.saturating_sub(words.len()));
        }
        line(out, format_args!("{text}"));
    }
    out.push('\n');
}

/// What the builds of an image take.
fn builds(out: &mut String, image: &Installed, width: usize) {
    let built: Vec<_> = image.packages.iter().filter_map(|p| Some((p, p.needs.as_ref()?))).collect();
    let noted: Vec<_> = image.packages.iter().filter(|package| package.note.is_some()).collect();
    if built.is_empty() && noted.is_empty() {
        return;
    }
    line(out, format_args!("{BOLD}To build in {}{BOLD:#}", image.image));
    for (package, needs) in built {
        let version = package.version.as_deref().unwrap_or_default();
        wrap(out, &format!("{} {version}: {}", package.name, spoken(needs)), "  ", width);
    }
    for package in noted {
        let note = package.note.as_deref().unwrap_or_default();
        wrap(out, &format!("{}: {note}", package.name), "  ", width);
    }
    line(out, format_args!("  {DIM}Which libraries and headers they need, no metadata says.{DIM:#}\n"));
}

fn spoken(needs: &Needs) -> String {
    if let Some(why) = &needs.unknown {
        return format!("not known: {why}");
    }
    let tool = |tool: &Tool| {
        let perhaps = if tool.certain { "" } else { "perhaps " };
        format!("{perhaps}{} ({})", tool.name, tool.because)
    };
    let tools: Vec<_> = needs.tools.iter().map(tool).collect();
    let tools = if tools.is_empty() { "no compiler, as far as its source shows".into() } else { tools.join("; ") };
    let asks = match (&needs.requires_note, needs.requires.is_empty()) {
        (Some(note), _) => format!("What its build asks for: {note}"),
        (None, true) => "Its build asks for nothing".into(),
        (None, false) => format!("Its build asks for {}", needs.requires.join(", ")),
    };
    format!("{tools}. {asks}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_a_line_of_its_own_without_carets() {
        let words = "cannot\nerror: no\n  cause: Expected one of\n         foo bar\n             ^\n  hint: why";
        assert_eq!(sentences(words), ["cannot", "error: no", "cause: Expected one of foo bar", "hint: why"]);
    }
}
