//! The first page: what this is, what it was made from, and where to begin.

use std::fmt::Write;

use super::{areas, link, pitfalls_of};
use crate::report::Model;
use crate::report::escape::{exact_cell, plain};
use crate::runfile::RunFile;

/// The page.
pub fn page(model: &Model<'_>) -> String {
    let mut out = String::from(
        "# What differs between C libraries\n\n\
         What changes, at run time, when a program moves between glibc and musl, or from one version of either to the \
         next: each pitfall with its cause, whom it hits and what helps, and each question that was asked, with the answer \
         of every C library. The magnifier at the top searches all of it.\n\n\
         - [The gravest first](severity.md): what breaks programs, what gives wrong results, what is slow.\n\
         - [Version by version](versions.md): every case on which the C libraries differ, equal answers in one colour.\n\n",
    );
    let ranked = || {
        let mut ranked: Vec<_> = model.pitfalls.values().filter(|p| p.rank.is_some()).collect();
        ranked.sort_by_key(|p| p.rank);
        ranked
    };
    if !ranked().is_empty() {
        out.push_str("## What people meet first\n\n");
        for pitfall in ranked() {
            let _ = writeln!(out, "1. {}", link(pitfall, ""));
        }
        out.push('\n');
    }
    areas_table(&mut out, model);
    made_from(&mut out, model.run);
    out
}

fn areas_table(out: &mut String, model: &Model<'_>) {
    out.push_str("## Areas\n\n| area | pitfalls | cases | differ | unexplained |\n| --- | --: | --: | --: | --: |\n");
    for area in areas(model) {
        let cases = model.cases.values().filter(|case| case.area() == area).count();
        let counts = model.run.summary.by_area.get(area).cloned().unwrap_or_default();
        let pitfalls = pitfalls_of(model, area).len();
        let _ = writeln!(
            out,
            "| [{area}]({area}/index.md) | {pitfalls} | {cases} | {} | {} |",
            counts.differences, counts.unexplained
        );
    }
    out.push('\n');
}

fn made_from(out: &mut String, run: &RunFile) {
    let _ = writeln!(
        out,
        "## Made from\n\nOne run of {} {}, Linux {} on {}, {}. Pages are written from it and from what the program carries; \
         they are never edited.\n\n| image | C library | system | digest |\n| --- | --- | --- | --- |",
        plain(&run.tool.name),
        plain(&run.tool.version),
        plain(&run.host.kernel),
        plain(&run.host.arch),
        plain(run.finished.get(..10).unwrap_or(&run.finished)),
    );
    for image in &run.images {
        let os = [image.os.id.as_deref(), image.os.version.as_deref()].map(Option::unwrap_or_default).join(" ");
        let digest = image.digest.as_deref().map_or("", |d| d.get(..19).unwrap_or(d));
        let who = super::answers::who(image);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            exact_cell(&image.id),
            plain(&who),
            plain(os.trim()),
            exact_cell(digest)
        );
    }
}
