//! Differences by version: cases in rows, the images of the run in columns, equal answers under one letter and colour.

use std::fmt::Write;

use super::answers::{Answers, who};
use super::pitfall::badge;
use super::{areas, case_link, link};
use crate::report::Model;
use crate::report::escape::plain;

/// The page.
pub fn page(model: &Model<'_>) -> String {
    let mut out = String::from(
        "# Version by version\n\nEvery case on which the C libraries of the run differ. In a row, equal letters are equal \
         answers; `A` is the first image's. The case leads to the answers, the last column to the explanation.\n",
    );
    for area in areas(model) {
        let rows: Vec<String> = model
            .cases
            .keys()
            .filter(|id| id.split('.').next() == Some(area))
            .filter_map(|id| row(model, id))
            .collect();
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n## {area}\n\n<div class=\"versions\">\n");
        let heads: Vec<String> = model.run.images.iter().map(|image| plain(&who(image))).collect();
        let _ =
            writeln!(out, "| case | {} | pitfall |\n| --- |{} --- |", heads.join(" | "), " :-: |".repeat(heads.len()));
        out.extend(rows);
        out.push_str("\n</div>\n");
    }
    out
}

fn row(model: &Model<'_>, case: &str) -> Option<String> {
    let answers = Answers::of(model, case);
    if !answers.differ() {
        return None;
    }
    let cells: Vec<String> = model
        .run
        .images
        .iter()
        .map(|image| answers.by(image).map_or_else(String::new, |answer| badge(answer.letter)))
        .collect();
    let difference = model.run.differences.iter().find(|d| d.case == case);
    let pitfall = difference.and_then(|d| d.pitfall.as_deref()).and_then(|id| model.pitfalls.get(id));
    let pitfall = pitfall.map_or_else(|| "unexplained".to_owned(), |p| link(p, ""));
    Some(format!("| {} | {} | {pitfall} |\n", case_link(case, ""), cells.join(" | ")))
}
