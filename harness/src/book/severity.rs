//! Pitfalls by how bad they are.

use std::fmt::Write;

use super::link;
use crate::pitfalls::{Pitfall, Severity};
use crate::report::Model;
use crate::report::escape::plain;

const LEVELS: [(Severity, &str); 4] = [
    (Severity::Breaks, "Programs crash or fail."),
    (Severity::WrongResult, "Programs go on with a wrong result."),
    (Severity::Slow, "Programs get slow."),
    (Severity::Cosmetic, "Visible, and harmless to most."),
];

/// The page.
pub fn page(model: &Model<'_>) -> String {
    let mut out = String::from("# The gravest first\n");
    for (severity, meaning) in LEVELS {
        let mut here: Vec<&Pitfall> = model.pitfalls.values().copied().filter(|p| p.severity == severity).collect();
        if here.is_empty() {
            continue;
        }
        here.sort_by_key(|p| (p.rank.unwrap_or(u32::MAX), &p.id));
        let _ =
            writeln!(out, "\n## {}\n\n{meaning}\n\n| pitfall | area | hits |\n| --- | --- | --- |", title(severity));
        for p in here {
            let _ = writeln!(out, "| {} | {} | {} |", link(p, ""), p.area(), plain(&p.whom()));
        }
    }
    out
}

fn title(severity: Severity) -> String {
    let word = severity.to_string();
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

/// A severity as a coloured word.
pub fn badge(severity: Severity) -> String {
    format!("<span class=\"severity {}\">{severity}</span>", severity.to_string().replace(' ', "-"))
}
