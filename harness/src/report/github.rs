//! Annotations of GitHub's workflows: commands on standard output that put a message beside a line. A workflow shows ten of
//! each kind for a step, so there is one for each explanation, the gravest first, and not one for each case.

use std::fmt::Write;

use super::Model;
use super::check;
use super::dockerfile::From;
use super::finding::{Level, level};

/// Renders the run.
pub fn render(model: &Model<'_>, dockerfile: Option<&From>) -> String {
    let mut out = String::new();
    for story in model.open_stories() {
        let open = &story.differences;
        let Some(first) = open.first() else { continue };
        let command = command(level(story.pitfall));
        let title = story.pitfall.map_or("no pitfall explains this yet", |p| p.title.as_str());
        let cases: Vec<&str> = open.iter().take(5).map(|d| d.case.as_str()).collect();
        let more =
            if open.len() > cases.len() { format!(" and {} more", open.len() - cases.len()) } else { String::new() };
        let explain = story.pitfall.map_or(first.case.as_str(), |p| p.id.as_str());
        let what = story.pitfall.map_or(String::new(), |p| folded(&p.what));
        let message = format!("{what}\nCases: {}{more}. libcdiff explain {explain}", cases.join(", "));
        annotation(&mut out, command, dockerfile, title, message.trim());
    }
    if let Some(check) = &model.run.check {
        for group in check.silences() {
            annotation(&mut out, "error", dockerfile, "libcdiff could not ask", &check::silence(&group));
        }
        for (requirement, why) in check.unmet() {
            policy(&mut out, check.policy.as_deref(), requirement.line, &format!("requires {}: {why}", requirement.id));
        }
        for figure in check.exceeded() {
            policy(&mut out, check.policy.as_deref(), figure.line, &check::figure(figure));
        }
    }
    out
}

fn command(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    }
}

fn annotation(out: &mut String, command: &str, place: Option<&From>, title: &str, message: &str) {
    let place = place.map(|from| format!("file={},line={},", property(&from.path.display().to_string()), from.line));
    let _ = writeln!(out, "::{command} {}title={}::{}", place.unwrap_or_default(), property(title), data(message));
}

fn policy(out: &mut String, file: Option<&str>, line: usize, message: &str) {
    let file = property(file.unwrap_or_default());
    let _ = writeln!(out, "::error file={file},line={line},title=libcdiff policy::{}", data(message));
}

/// A paragraph in one line.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a message may hold: the runner takes these for the end of it otherwise.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What a property may hold.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        let mut out = String::new();
        let place = From { path: "a,b:c/Dockerfile".into(), line: 3 };
        annotation(&mut out, "error", Some(&place), "a: b, 100 %", "one\ntwo: 5 %, x");
        assert_eq!(out, "::error file=a%2Cb%3Ac/Dockerfile,line=3,title=a%3A b%2C 100 %25::one%0Atwo: 5 %25, x\n");
    }
}
