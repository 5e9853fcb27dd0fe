//! One change of a baseline, as it is shown to somebody who decides on it.

use libcdiff_protocol::{CaseInfo, Status};

use super::style::{self, BOLD, DIM, GREEN, RED, line, wrap};
use crate::check::baseline::{Answer, Change};
use crate::pitfalls::Pitfall;

/// Renders the change at a place among so many.
pub fn render(
    change: &Change,
    (place, all): (usize, usize),
    case: Option<&CaseInfo>,
    pitfall: Option<&Pitfall>,
    width: usize,
) -> String {
    let mut out = String::new();
    line(
        &mut out,
        format_args!(
            "\n{DIM}{place} of {all}{DIM:#}  {BOLD}{}{BOLD:#}  {DIM}{}{DIM:#}",
            change.case,
            if change.control { "musl-static, the control" } else { "" }
        ),
    );
    if let Some(case) = case {
        wrap(&mut out, &case.question, "  ", width);
    }
    let (before, after) = (lines(&change.before), lines(&change.after));
    for text in &before {
        match after.contains(text) {
            true => line(&mut out, format_args!("    {DIM}{text}{DIM:#}")),
            false => line(&mut out, format_args!("  {RED}- {text}{RED:#}")),
        }
    }
    for text in after.iter().filter(|text| !before.contains(text)) {
        line(&mut out, format_args!("  {GREEN}+ {text}{GREEN:#}"));
    }
    match pitfall {
        Some(p) => {
            let colour = style::severity(p.severity);
            line(&mut out, format_args!("  {colour}{}{colour:#}  {}  {DIM}{}{DIM:#}", p.severity, p.title, p.id));
        }
        None => line(&mut out, format_args!("  {RED}unexplained{RED:#}")),
    }
    out
}

fn lines(answer: &Answer) -> Vec<String> {
    match &answer.reason {
        Some(reason) if answer.status == Status::Unsupported => vec![format!("unsupported: {reason}")],
        _ => answer.text.clone(),
    }
}
