//! `libcdiff explain`: a pitfall or a case, told whole.

use std::fmt::Write;

use libcdiff_protocol::CaseInfo;

use super::print;
use crate::cli::Explain;
use crate::exit::Failure;
use crate::pitfalls::{Pitfall, glob};
use crate::report::table::wrap;
use crate::{bundle, pitfalls};

const WIDTH: usize = 80;

/// Runs the verb.
pub fn run(request: &Explain) -> Result<(), Failure> {
    let pitfalls = pitfalls::all()?;
    let cases = bundle::cases()?;
    if let Some(pitfall) = pitfalls.iter().find(|p| p.id == request.id) {
        return print(&tell(pitfall, &cases));
    }
    match cases.iter().find(|case| case.id == request.id) {
        Some(case) => print(&tell_case(case, &pitfalls)),
        None => Err(Failure::request(unknown(&request.id, &pitfalls, &cases))),
    }
}

fn unknown(id: &str, pitfalls: &[Pitfall], cases: &[CaseInfo]) -> String {
    let ids = pitfalls.iter().map(|p| p.id.as_str()).chain(cases.iter().map(|c| c.id.as_str()));
    let near: Vec<_> = ids.filter(|known| known.contains(id)).take(5).collect();
    match near.is_empty() {
        true => format!(
            "there is no pitfall or case `{id}`: `libcdiff list pitfalls` and `libcdiff list cases` show what there is"
        ),
        false => format!("there is no pitfall or case `{id}`: perhaps {}", near.join(", ")),
    }
}

fn tell(p: &Pitfall, cases: &[CaseInfo]) -> String {
    let mut out = format!("{} ({})\n{}\n\n", p.title, p.severity, p.id);
    let mut section = |name: &str, text: &str| {
        let _ = writeln!(out, "{name}");
        wrap(&mut out, text, "  ", WIDTH);
        out.push('\n');
    };
    section("What happens", &p.what);
    section("Why", &p.why);
    section("Who is right", &p.standard);
    if let Some(versions) = &p.versions {
        section("Versions", versions);
    }
    if !p.who.is_empty() {
        section("Who was hit", &p.who.join(", "));
    }
    for remedy in &p.remedies {
        let case = remedy.case.as_ref().map(|case| format!(" (shown by {case})")).unwrap_or_default();
        section("Remedy", &format!("{}{case}", remedy.what));
    }
    section("Sources", &p.sources.join("; "));
    let shown: Vec<_> =
        cases.iter().filter(|c| p.cases.iter().any(|glob_| glob(glob_, &c.id))).map(|c| c.id.as_str()).collect();
    section("Cases", &shown.join(", "));
    section("In the book", &crate::book::page(&p.id));
    out.truncate(out.trim_end().len() + 1);
    out
}

fn tell_case(case: &CaseInfo, pitfalls: &[Pitfall]) -> String {
    let mut out = format!("{}\n{}\n\n", case.title, case.id);
    wrap(&mut out, &case.question, "", WIDTH);
    wrap(&mut out, &format!("Source: {}", case.source), "", WIDTH);
    let inputs =
        if case.needs.as_shipped { "It looks at the image's own files." } else { "It brings its inputs along." };
    wrap(&mut out, inputs, "", WIDTH);
    for (name, value) in &case.needs.env {
        let _ = writeln!(out, "Environment: {name}={value}");
    }
    for path in case.needs.files.keys() {
        let _ = writeln!(out, "File: {path}");
    }
    for p in pitfalls.iter().filter(|p| p.cases.iter().any(|pattern| glob(pattern, &case.id))) {
        let _ = writeln!(out, "Pitfall: {} ({})", p.id, p.title);
    }
    out
}
