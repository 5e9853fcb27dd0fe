//! Images taken apart, in lines for a terminal: the sizes of each in one line, then everything in columns beside each other.

use super::Anatomy;
use super::table::{self, Row};
use crate::report::style::clip;

/// Columns of the names of things.
const NAMES: usize = 24;
/// The narrowest column for an image that is still read: three of them stand in a terminal of 80.
const NARROWEST: usize = 16;
/// Between columns, and before the first one.
const GAP: usize = 2;
/// An image's name takes what the figures leave, but no less.
const SHORTEST: usize = 12;

/// The sizes, one image in a line; names that are too long are clipped.
pub fn overview(images: &[Anatomy], width: usize) -> String {
    let (heads, rows) = table::overview(images);
    let heads: Vec<String> = heads.into_iter().map(str::to_owned).collect();
    let all: Vec<&Vec<String>> = std::iter::once(&heads).chain(&rows).collect();
    let widths: Vec<usize> =
        (0..heads.len()).map(|at| all.iter().map(|row| row[at].chars().count()).max().unwrap_or(0)).collect();
    let figures: usize = widths[1..].iter().map(|column| column + GAP).sum();
    let name = widths[0].min(width.saturating_sub(GAP + figures).max(SHORTEST));
    let line = |row: &&Vec<String>| {
        let mut line = format!("  {:name$}  {:wide$}", clip(&row[0], name), row[1], wide = widths[1]);
        for (cell, wide) in row.iter().zip(&widths).skip(2) {
            line.push_str(&format!("  {cell:>wide$}"));
        }
        line + "\n"
    };
    all.iter().map(line).collect()
}

/// The sections; images that do not fit beside each other follow in a further group, so that no line is wider than the terminal.
pub fn side_by_side(images: &[Anatomy], width: usize) -> String {
    let fit = (width.saturating_sub(NAMES + GAP) / (NARROWEST + GAP)).max(1);
    let mut out = String::new();
    for section in table::sections(images) {
        out.push_str(&format!("\n{}\n", section.name));
        for from in (0..images.len()).step_by(fit) {
            let group = from..images.len().min(from + fit);
            if images.len() > 1 {
                let ids: Vec<&str> = images[group.clone()].iter().map(|image| image.image.id.as_str()).collect();
                out.push_str(&columns("", &ids, width));
            }
            for Row { name, cells } in &section.rows {
                let cells: Vec<&str> = cells[group.clone()].iter().map(String::as_str).collect();
                if cells.iter().any(|cell| !cell.is_empty()) {
                    out.push_str(&columns(name, &cells, width));
                }
            }
        }
    }
    out
}

/// One row: its name, and cells that are folded where they are too long for their share of the width.
fn columns(name: &str, cells: &[&str], width: usize) -> String {
    let each = (width.saturating_sub(NAMES + GAP) / cells.len().max(1)).saturating_sub(GAP).max(NARROWEST);
    let names = textwrap::wrap(name, NAMES);
    let folded: Vec<_> = cells.iter().map(|cell| textwrap::wrap(cell, each)).collect();
    let lines = folded.iter().map(Vec::len).chain([names.len()]).max().unwrap_or(0);
    let line = |at: usize| {
        let mut line = format!("  {:NAMES$}", names.get(at).map_or("", |part| part));
        for cell in &folded {
            line.push_str(&format!("  {:each$}", cell.get(at).map_or("", |part| part)));
        }
        line.trim_end().to_owned() + "\n"
    };
    (0..lines).map(line).collect()
}
