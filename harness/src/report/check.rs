//! What a check came to, at the head of the table and of Markdown.

use std::fmt::Write;

use super::escape::{cell, code, prose};
use super::style::{BOLD, DIM, GREEN, RED, YELLOW, line};
use super::{Model, Story};
use crate::check::record::{Accepted, Check, Figure, Standing, Unanswered};

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
    let differences = &model.run.differences;
    let open = differences.iter().filter(|d| check.accepts(&d.case).is_none()).count();
    let accepted = differences.len() - open;
    let changes = match (open, accepted) {
        (0, 0) => "nothing changed".to_owned(),
        (0, 1) => "1 change, accepted".to_owned(),
        (1, 0) => "1 change, not accepted".to_owned(),
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
    let silent = match check.silent().count() {
        0 => String::new(),
        1 => "; 1 case could not be asked".to_owned(),
        n => format!("; {n} cases could not be asked"),
    };
    let stopped = match stopped(check).count() {
        0 => String::new(),
        n => format!("; {n} files do not start"),
    };
    let whose = check.program.as_ref().map(|program| format!("for {}: ", program.subject)).unwrap_or_default();
    format!("{whose}{changes}{silent}{unmet}{exceeded}{stopped}")
}

/// Cases named in a sentence; the JSON and the page have all.
const NAMED: usize = 3;

/// Cases that could not be asked for one reason, in a sentence.
pub fn silence(group: &[&Unanswered]) -> String {
    format!("{}: {}", told_of(group), reason(group))
}

/// Which they are, and where.
fn told_of(group: &[&Unanswered]) -> String {
    let names: Vec<&str> = group.iter().take(NAMED).map(|one| one.case.as_str()).collect();
    let more = match group.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let image = group.first().map_or("", |one| one.image.as_str());
    format!("{}{more} could not be asked in {image}", names.join(", "))
}

/// Why: the first line of it.
fn reason<'a>(group: &[&'a Unanswered]) -> &'a str {
    group.first().and_then(|one| one.reason.lines().next()).unwrap_or_default()
}

/// What is worth knowing and fails nothing.
fn notes(check: &Check) -> Vec<String> {
    let mut notes = Vec::new();
    let policy = check.policy.as_deref().unwrap_or_default();
    for n in &check.idle_lines {
        notes.push(format!("{policy}:{n} accepts nothing any more: it can go"));
    }
    let accepted = check.unanswered.len() - check.silent().count();
    if accepted > 0 {
        notes.push(format!("{accepted} cases could not be asked, which the policy accepts"));
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
    if let Some(program) = &check.program {
        if program.left_out > 0 {
            notes.push(match program.left_out {
                1 => format!("1 difference does not touch {}", program.subject),
                n => format!("{n} differences do not touch {}", program.subject),
            });
        }
        let free = program.stopped.iter().filter(|_| !program.must_start);
        notes.extend(free.map(|stopped| format!("{stopped}, so it has to be built for this C library")));
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
    let silences = check.silences();
    let silent = silences.iter().map(|group| silence(group));
    (verdict(model, check), stopped(check).chain(silent).chain(unmet).chain(exceeded).chain(notes(check)).collect())
}

/// Files of the program that do not start, and have to.
fn stopped(check: &Check) -> impl Iterator<Item = String> {
    let program = check.program.as_ref().filter(|program| program.must_start);
    program.into_iter().flat_map(|program| program.stopped.iter().cloned())
}

/// The head of the table.
pub fn table(out: &mut String, model: &Model<'_>, check: &Check) {
    let (mark, colour) = if check.found == 0 { ("accepted", GREEN) } else { ("not accepted", RED) };
    line(out, format_args!("{colour}{mark}{colour:#}  {BOLD}{}{BOLD:#}", verdict(model, check)));
    for group in check.silences() {
        line(out, format_args!("  {RED}not asked{RED:#}  {}", silence(&group)));
    }
    for stopped in stopped(check) {
        line(out, format_args!("  {RED}does not start{RED:#}  {stopped}"));
    }
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

/// Bytes up to which each part of the Markdown may reach, so that all of it fits into a comment of 65,536 characters.
const NOTES_END: usize = 16_000;
const CHANGES_END: usize = 46_000;
const ACCEPTED_END: usize = 56_000;
/// The last part's.
pub const COMMENT_END: usize = 65_000;

/// Writes as many lines as there is room for, and says how many there was none for.
pub fn lines(out: &mut String, end: usize, lines: impl IntoIterator<Item = String>, what: &str) {
    let mut left = 0;
    for line in lines {
        match left == 0 && out.len() + line.len() < end {
            true => out.push_str(&(line + "\n")),
            false => left += 1,
        }
    }
    if left > 0 {
        let _ = writeln!(out, "\n{left} more {what}: the run file and the HTML page have all.");
    }
}

/// The whole of Markdown: short enough for a comment, with the cases folded away.
pub fn markdown(out: &mut String, model: &Model<'_>, check: &Check) {
    let mark = if check.found == 0 { "accepted" } else { "not accepted" };
    let image = model.images_checked().next().map_or("", |image| image.reference.as_str());
    let _ = writeln!(out, "# {} against {}: {mark}\n\n{}.\n", code(image), code(&check.against), verdict(model, check));
    let silences = check.silences();
    // What an image says stands in code alone, where it can call nobody.
    let silent = silences.iter().map(|group| format!("- **not asked** {}: {}", told_of(group), code(reason(group))));
    let unmet = check.unmet().map(|(requirement, why)| format!("- **required** `{}`: {}", requirement.id, code(why)));
    let exceeded = check.exceeded().map(|bound| format!("- **bound** {}", prose(&figure(bound))));
    let notes = notes(check).into_iter().map(|note| format!("- note: {}", prose(&note)));
    lines(out, NOTES_END, silent.chain(unmet).chain(exceeded).chain(notes), "lines");
    let stories = model.open_stories();
    if !stories.is_empty() {
        out.push_str("\n| | explanation | cases | remedy |\n| --- | --- | --: | --- |\n");
        lines(out, CHANGES_END, stories.iter().map(row), "explanations");
    }
    accepted(out, check);
}

fn row(story: &Story<'_>) -> String {
    let cases = story.differences.len();
    let Some(p) = story.pitfall else {
        let named: Vec<_> = story.differences.iter().take(NAMED).map(|d| format!("`{}`", d.case)).collect();
        let more = if cases > NAMED { format!(" and {} more", cases - NAMED) } else { String::new() };
        return format!("| unexplained | {}{more} | {cases} | |", named.join(", "));
    };
    let remedy = p.remedies.first().map_or(String::new(), |remedy| prose(&remedy.what));
    format!("| {} | {} (`{}`) | {cases} | {remedy} |", p.severity, prose(&p.title), p.id)
}

fn accepted(out: &mut String, check: &Check) {
    if check.accepted.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n<details><summary>{} accepted changes</summary>\n", check.accepted.len());
    out.push_str("| case | reason | owner | until |\n| --- | --- | --- | --- |\n");
    let row = |a: &Accepted| {
        let until = a.until.as_deref().unwrap_or("");
        format!("| `{}` | {} | {} | {until} |", a.case, cell(&a.reason), cell(&a.owner))
    };
    lines(out, ACCEPTED_END, check.accepted.iter().map(row), "accepted changes");
    out.push_str("\n</details>\n");
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;
    use crate::runfile::{Difference, RunFile};
    use crate::{bundle, pitfalls};

    /// What an image may say to whoever reads about it.
    const NASTY: &str = "@everyone | <img src=x> `b` [l](http://x.test) #1\n::error::x";

    /// A run in which every case differs, some could not be asked, and all of it is as long as it may get.
    fn large() -> RunFile {
        let mut run = RunFile::parse(include_str!("../../tests/fixtures/run.json")).expect("a run file");
        let (cases, pitfalls) = (bundle::cases().expect("cases"), pitfalls::all().expect("pitfalls"));
        let one = run.differences[0].clone();
        let change = |case: &libcdiff_protocol::CaseInfo| Difference { case: case.id.clone(), ..one.clone() };
        run.differences = cases.iter().map(change).collect();
        pitfalls::join(&pitfalls, &mut run.differences);
        let image = run.images[1].id.clone();
        let silent = |n: usize, case: &libcdiff_protocol::CaseInfo| Unanswered {
            case: case.id.clone(),
            image: image.clone(),
            reason: format!("{n} {NASTY}"),
        };
        let accepted = |case: &libcdiff_protocol::CaseInfo| Accepted {
            case: case.id.clone(),
            line: 1,
            reason: NASTY.replace('\n', " "),
            owner: "@platform|team".into(),
            until: None,
        };
        run.check = Some(Check {
            against: run.images[0].id.clone(),
            policy: Some("libcdiff.toml".into()),
            accepted: cases.iter().filter(|case| case.area() == "stdio").map(accepted).collect(),
            requirements: Vec::new(),
            figures: Vec::new(),
            idle_lines: (1..2000).collect(),
            new_cases: Vec::new(),
            missing_cases: Vec::new(),
            program: None,
            unanswered: cases.iter().filter(|c| c.area() == "math").enumerate().map(|(n, c)| silent(n, c)).collect(),
            found: 1,
        });
        run
    }

    #[test]
    fn a_comment_is_short_enough_and_an_image_cannot_leave_its_place_in_it() {
        let run = large();
        let (cases, pitfalls) = (bundle::cases().expect("cases"), pitfalls::all().expect("pitfalls"));
        let model = Model::new(&run, &cases, &pitfalls);
        let text = super::super::markdown::render(&model, None);
        assert!(text.len() > 30_000 && text.len() < 65_536, "{}", text.len());
        assert!(text.contains("more lines") && text.contains("more accepted changes"), "it says what it leaves out");

        let (mut tables, mut columns) = (0, 0);
        let options = Options::ENABLE_GFM | Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        for event in Parser::new_ext(&text, options) {
            match event {
                Event::Start(Tag::Table(all)) => (tables, columns) = (tables + 1, all.len()),
                Event::Start(Tag::TableRow) => assert_eq!(columns, 4),
                Event::Html(html) | Event::InlineHtml(html) => {
                    let own = ["<details>", "</details>", "<br>"];
                    assert!(own.iter().any(|tag| html.starts_with(tag)), "{html}");
                }
                Event::Text(shown) => assert!(!shown.contains('@'), "it calls: {shown}"),
                Event::Start(Tag::Link { .. } | Tag::Image { .. }) => panic!("a link"),
                _ => {}
            }
        }
        assert_eq!(tables, 2);
    }

    #[test]
    fn a_pipeline_obeys_nothing_that_an_image_says() {
        let run = large();
        let (cases, pitfalls) = (bundle::cases().expect("cases"), pitfalls::all().expect("pitfalls"));
        let text = super::super::github::render(&Model::new(&run, &cases, &pitfalls), None);
        let commands = ["::error ", "::warning ", "::notice "];
        assert!(text.lines().all(|line| commands.iter().any(|command| line.starts_with(command))), "{text}");
        assert_eq!(text.matches("::error::x").count(), 0, "only the first line of a reason is told");
    }
}
