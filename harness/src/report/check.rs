//! What a check came to, at the head of the table and of Markdown.

use std::fmt::Write;

use super::Model;
use super::escape::{cell, prose};
use super::style::{BOLD, DIM, GREEN, RED, YELLOW, line};
use crate::check::record::{Check, Figure, Standing};

/// A figure and its bound, in a sentence.
pub fn figure(figure: &Figure) -> String {
    let Figure { workload, threads, subject, ratio, at_most, .. } = figure;
    let threads = if *threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
    let stands = match figure.standing {
        Standing::Within => "within",
        Standing::Undecided => "too near to tell from",
        Standing::Exceeded => "above",
    };
    format!(
        "{workload} with {threads} in {subject} takes {:.2} [{:.2}, {:.2}] times as long, {stands} the bound of {at_most}",
        ratio.median, ratio.low, ratio.high
    )
}

/// The verdict in a line.
fn verdict(model: &Model<'_>, check: &Check) -> String {
    let accepted = check.accepted.len();
    let open = model.run.differences.len() - accepted;
    let changes = match (open, accepted) {
        (0, 0) => "nothing changed".to_owned(),
        (0, n) => format!("{n} changes, all accepted"),
        (open, 0) => format!("{open} changes, none accepted"),
        (open, n) => format!("{} changes, {open} of them not accepted", open + n),
    };
    let unmet = match check.unmet().count() {
        0 => String::new(),
        n => format!("; {n} of {} requirements not met", check.requirements.len()),
    };
    let exceeded = match check.exceeded().count() {
        0 => String::new(),
        n => format!("; {n} figures above their bounds"),
    };
    format!("{changes}{unmet}{exceeded}")
}

/// What is worth knowing and fails nothing.
fn notes(check: &Check) -> Vec<String> {
    let mut notes = Vec::new();
    let policy = check.policy.as_deref().unwrap_or_default();
    for n in &check.idle_lines {
        notes.push(format!("{policy}:{n} accepts nothing any more: it can go"));
    }
    for undecided in check.figures.iter().filter(|f| f.standing == Standing::Undecided) {
        notes.push(format!("{}: more rounds would tell", figure(undecided)));
    }
    if !check.new_cases.is_empty() {
        notes.push(format!(
            "{} cases are not in the baseline; `libcdiff baseline accept` takes them in",
            check.new_cases.len()
        ));
    }
    if !check.missing_cases.is_empty() {
        notes.push(format!("{} cases of the baseline were not run", check.missing_cases.len()));
    }
    notes
}

/// The verdict, and the lines below it.
pub fn told(model: &Model<'_>, check: &Check) -> (String, Vec<String>) {
    let unmet = check.unmet().map(|(requirement, why)| format!("{} is required: {why}", requirement.id));
    let exceeded = check.exceeded().map(figure);
    (verdict(model, check), unmet.chain(exceeded).chain(notes(check)).collect())
}

/// The head of the table.
pub fn table(out: &mut String, model: &Model<'_>, check: &Check) {
    let (mark, colour) = if check.found == 0 { ("accepted", GREEN) } else { ("not accepted", RED) };
    line(out, format_args!("{colour}{mark}{colour:#}  {BOLD}{}{BOLD:#}", verdict(model, check)));
    for (requirement, why) in check.unmet() {
        line(out, format_args!("  {RED}required{RED:#}  {}: {why}", requirement.id));
    }
    for exceeded in check.exceeded() {
        line(out, format_args!("  {RED}bound{RED:#}  {}", figure(exceeded)));
    }
    for note in notes(check) {
        line(out, format_args!("  {YELLOW}note{YELLOW:#}  {DIM}{note}{DIM:#}"));
    }
    out.push('\n');
}

/// The whole of Markdown: short enough for a comment, with the cases folded away.
pub fn markdown(out: &mut String, model: &Model<'_>, check: &Check) {
    let mark = if check.found == 0 { "accepted" } else { "not accepted" };
    let image = model.images_checked().next().map_or("", |image| image.reference.as_str());
    let _ = writeln!(out, "# `{image}` against `{}`: {mark}\n\n{}.\n", check.against, verdict(model, check));
    for (requirement, why) in check.unmet() {
        let _ = writeln!(out, "- **required** `{}`: {}", requirement.id, prose(why));
    }
    for exceeded in check.exceeded() {
        let _ = writeln!(out, "- **bound** {}", prose(&figure(exceeded)));
    }
    for note in notes(check) {
        let _ = writeln!(out, "- note: {}", prose(&note));
    }
    out.push_str("\n| | explanation | cases | remedy |\n| --- | --- | --: | --- |\n");
    for story in model.open_stories() {
        let open = &story.differences;
        let (severity, title, remedy) = match story.pitfall {
            Some(p) => (
                p.severity.to_string(),
                format!("{} (`{}`)", prose(&p.title), p.id),
                p.remedies.first().map_or(String::new(), |remedy| prose(&remedy.what)),
            ),
            None => {
                let cases: Vec<_> = open.iter().map(|d| format!("`{}`", d.case)).collect();
                ("unexplained".into(), cases.join(", "), String::new())
            }
        };
        let _ = writeln!(out, "| {severity} | {title} | {} | {remedy} |", open.len());
    }
    accepted(out, check);
}

fn accepted(out: &mut String, check: &Check) {
    if check.accepted.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n<details><summary>{} accepted changes</summary>\n", check.accepted.len());
    out.push_str("| case | reason | owner | until |\n| --- | --- | --- | --- |\n");
    for a in &check.accepted {
        let until = a.until.as_deref().unwrap_or("");
        let _ = writeln!(out, "| `{}` | {} | {} | {until} |", a.case, cell(&a.reason), cell(&a.owner));
    }
    out.push_str("\n</details>\n");
}
