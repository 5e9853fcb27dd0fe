//! The page of one area: its pitfalls, and every question with what each C library answered.

use std::fmt::Write;

use libcdiff_protocol::CaseInfo;

use super::answers::Answers;
use super::pitfall::badge;
use super::{anchor, link, pitfalls_of, severity};
use crate::report::Model;
use crate::report::escape::{code, exact_cell, plain, prose};

/// The page.
pub fn page(model: &Model<'_>, area: &str) -> String {
    let mut out = format!("# {area}\n\n## Pitfalls\n\n");
    for p in pitfalls_of(model, area) {
        let _ = writeln!(out, "- {} {}", severity::badge(p.severity), link(p, "../"));
    }
    out.push_str("\nEqual answers stand together; one answer alone means that no C library of the run differs.\n");
    let mut cases: Vec<&CaseInfo> = model.cases.values().copied().filter(|case| case.area() == area).collect();
    cases.sort_by_key(|case| (subject(&case.id), &case.id));
    for group in cases.chunk_by(|a, b| subject(&a.id) == subject(&b.id)) {
        let subject = group.first().map(|case| subject(&case.id)).unwrap_or_default();
        let _ = writeln!(out, "\n## {}\n\n| question | answers |\n| --- | --- |", plain(subject));
        for case in group {
            row(&mut out, model, case);
        }
    }
    out
}

/// What cases are about that stand together: `time.strptime` of `time.strptime.F`.
fn subject(case: &str) -> &str {
    case.match_indices('.').nth(1).map_or(case, |(end, _)| &case[..end])
}

fn row(out: &mut String, model: &Model<'_>, case: &CaseInfo) {
    let answers = Answers::of(model, &case.id);
    let _ = write!(out, "| <a id=\"{}\"></a>{}<br>{}", anchor(&case.id), code(&case.id), prose(&case.question));
    let difference = model.run.differences.iter().find(|d| d.case == case.id);
    if let Some(p) = difference.and_then(|d| d.pitfall.as_deref()).and_then(|id| model.pitfalls.get(id)) {
        let _ = write!(out, "<br>→ {}", link(p, "../"));
    }
    out.push_str(" | ");
    match &answers.0[..] {
        [] => out.push_str("not run"),
        [all] => {
            let _ = write!(out, "all<br>{}", exact_cell(&all.text));
        }
        several => {
            let answer = |a: &super::answers::Answer<'_>| {
                format!("{} {}<br>{}", badge(a.letter), plain(&a.who()), exact_cell(&a.text))
            };
            out.push_str(&several.iter().map(answer).collect::<Vec<_>>().join("<br>"));
        }
    }
    out.push_str(" |\n");
}
