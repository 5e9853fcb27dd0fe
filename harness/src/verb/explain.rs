//! `libcdiff explain`: a pitfall or a case, told whole.

use std::fmt::Write;

use libcdiff_protocol::CaseInfo;
use serde::Serialize;

use super::list::row::Row;
use super::{print, report};
use crate::cli::{Explain, ListFormat};
use crate::exit::Failure;
use crate::pitfalls::{Pitfall, Remedy, glob};
use crate::report::{scenario, style::wrap, verdict};
use crate::runfile::Judged;
use crate::{bundle, pitfalls, remedy};

const WIDTH: usize = 80;
/// The value of `schema`.
const SCHEMA: &str = "libcdiff.explain/1";

/// Runs the verb.
pub fn run(request: &Explain) -> Result<(), Failure> {
    let pitfalls = pitfalls::all()?;
    let cases = bundle::cases()?;
    let json = request.format == ListFormat::Json;
    if let Some(pitfall) = pitfalls.iter().find(|p| p.id == request.id) {
        let run = request.run.as_deref().map(report::load).transpose()?;
        let verdicts = run.map_or(Vec::new(), |run| remedy::of(pitfall, &run));
        let cases = explained(pitfall, &pitfalls, &cases);
        return match json {
            true => document(&Explained::Pitfall { pitfall, cases, verdicts }),
            false => print(&tell(pitfall, &cases, &verdicts)),
        };
    }
    let case = cases.iter().find(|case| case.id == request.id);
    let case = case.ok_or_else(|| Failure::request(unknown(&request.id, &pitfalls, &cases)))?;
    let pitfall = pitfalls::of_case(&pitfalls, &case.id);
    match json {
        true => document(&Explained::Case {
            case: Row::case(case, pitfall),
            hermetic: !case.needs.as_shipped,
            scenario: scenario::tell(case),
        }),
        false => print(&tell_case(case, pitfall)),
    }
}

/// What is told, as JSON. A contract: members are added, never renamed or given another meaning.
#[derive(Serialize)]
#[serde(untagged)]
enum Explained<'a> {
    Pitfall {
        /// The members of its file.
        pitfall: &'a Pitfall,
        /// The cases that it explains.
        cases: Vec<&'a str>,
        /// What the run file, where one was given, showed of its remedies.
        verdicts: Vec<Judged>,
    },
    Case {
        /// As `list cases` has it.
        case: Row,
        /// Whether it brings its inputs along.
        hermetic: bool,
        /// The scenario of a DNS case, line by line.
        scenario: Option<Vec<String>>,
    },
}

fn document(explained: &Explained<'_>) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Document<'a> {
        schema: &'static str,
        #[serde(flatten)]
        explained: &'a Explained<'a>,
    }
    print(&(serde_json::to_string_pretty(&Document { schema: SCHEMA, explained })? + "\n"))
}

/// The cases that a pitfall explains.
fn explained<'a>(pitfall: &Pitfall, pitfalls: &[Pitfall], cases: &'a [CaseInfo]) -> Vec<&'a str> {
    let fitting = cases.iter().filter(|case| pitfall.cases.iter().any(|pattern| glob(pattern, &case.id)));
    let best = fitting.filter(|case| pitfalls::of_case(pitfalls, &case.id).is_some_and(|p| p.id == pitfall.id));
    best.map(|case| case.id.as_str()).collect()
}

/// What to say of an id that is none.
pub fn unknown(id: &str, pitfalls: &[Pitfall], cases: &[CaseInfo]) -> String {
    let ids = pitfalls.iter().map(|p| p.id.as_str()).chain(cases.iter().map(|c| c.id.as_str()));
    let near: Vec<_> = ids.filter(|known| known.contains(id)).take(5).collect();
    match near.is_empty() {
        true => format!(
            "there is no pitfall or case `{id}`: `libcdiff list pitfalls` and `libcdiff list cases` show what there is"
        ),
        false => format!("there is no pitfall or case `{id}`: perhaps {}", near.join(", ")),
    }
}

fn tell(p: &Pitfall, cases: &[&str], verdicts: &[Judged]) -> String {
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
    if !p.affects.is_empty() {
        section("Whom it hits", &p.whom());
    }
    for (place, remedy) in p.remedies.iter().enumerate() {
        section("Remedy", &format!("{}{}", remedy.what, shown(remedy, verdicts.iter().filter(|j| j.remedy == place))));
    }
    section("Sources", &p.sources.join("; "));
    section("Cases", &cases.join(", "));
    section("In the book", &crate::book::page(&p.id));
    out.truncate(out.trim_end().len() + 1);
    out
}

/// How a remedy is shown to work, and where it was.
fn shown<'a>(remedy: &Remedy, verdicts: impl Iterator<Item = &'a Judged>) -> String {
    let Some(case) = &remedy.case else { return String::new() };
    let promise = remedy.promise().map(|promise| format!(": {promise}")).unwrap_or_default();
    let verdicts: Vec<String> = verdict::grouped(verdicts).iter().map(|shown| format!("; {shown}")).collect();
    format!(" (shown by {case}{promise}{})", verdicts.concat())
}

fn tell_case(case: &CaseInfo, pitfall: Option<&Pitfall>) -> String {
    let mut out = format!("{}\n{}\n\n", case.title, case.id);
    wrap(&mut out, &case.question, "", WIDTH);
    wrap(&mut out, &format!("Source: {}", case.source), "", WIDTH);
    let inputs =
        if case.needs.as_shipped { "It looks at the image's own files." } else { "It brings its inputs along." };
    wrap(&mut out, inputs, "", WIDTH);
    for (name, value) in &case.needs.env {
        let _ = writeln!(out, "Environment: {name}={value}");
    }
    match scenario::tell(case) {
        Some(lines) => {
            out.push('\n');
            out.extend(lines.iter().map(|text| format!("{text}\n")));
            out.push('\n');
        }
        None => out.extend(case.needs.files.keys().map(|path| format!("File: {path}\n"))),
    }
    if let Some(p) = pitfall {
        let _ = writeln!(out, "Pitfall: {} ({})", p.id, p.title);
    }
    out
}
