//! The page of one pitfall.

use std::fmt::Write;

use super::answers::Answers;
use super::{case_link, severity};
use crate::pitfalls::{Pitfall, glob};
use crate::report::Model;
use crate::report::escape::{code, exact_cell, plain, prose};
use crate::report::verdict::Shown;
use crate::runfile::Verdict;

/// The page.
pub fn page(model: &Model<'_>, p: &Pitfall) -> String {
    let mut out = format!("# {}\n\n{} {}", prose(&p.title), severity::badge(p.severity), code(&p.id));
    if !p.affects.is_empty() {
        let _ = write!(out, " hits {}", plain(&p.whom()));
    }
    out.push('\n');
    section(&mut out, "What happens", &prose(&p.what));
    if !p.who.is_empty() {
        let who: Vec<_> = p.who.iter().map(|who| format!("- {}", source(who))).collect();
        section(&mut out, "Who was hit", &who.join("\n"));
    }
    section(&mut out, "Why", &prose(&p.why));
    section(&mut out, "Who is right", &prose(&p.standard));
    if let Some(versions) = &p.versions {
        section(&mut out, "Versions", &prose(versions));
    }
    if let Some(program) = &p.program {
        section(&mut out, "In a few lines", &format!("```c\n{}\n```", program.trim_end()));
    }
    remedies(&mut out, model, p);
    answers(&mut out, model, p);
    let sources: Vec<_> = p.sources.iter().map(|text| format!("- {}", source(text))).collect();
    section(&mut out, "Sources", &sources.join("\n"));
    out
}

fn section(out: &mut String, title: &str, text: &str) {
    let _ = writeln!(out, "\n## {title}\n\n{text}");
}

/// A source; an address on the web becomes a link.
fn source(text: &str) -> String {
    let web = |word: &str| word.starts_with("https://") || word.starts_with("http://");
    let safe = |word: &str| word.chars().all(|c| c.is_ascii_graphic() && !"<>`\\|\"".contains(c));
    match text.split_whitespace().any(|word| web(word) && safe(word)) {
        false => prose(text),
        true => text
            .split_whitespace()
            .map(|word| if web(word) && safe(word) { format!("<{word}>") } else { plain(word) })
            .collect::<Vec<_>>()
            .join(" "),
    }
}

fn remedies(out: &mut String, model: &Model<'_>, p: &Pitfall) {
    if p.remedies.is_empty() {
        return;
    }
    out.push_str("\n## What to do\n\n");
    for (place, remedy) in p.remedies.iter().enumerate() {
        let case = remedy.case.as_deref().map(|case| format!(" Asked by {}.", case_link(case, "../")));
        let verdicts: Vec<String> = model.shown(p, place).iter().map(verdict).collect();
        let _ = writeln!(out, "1. {}{} {}", prose(&remedy.what), case.unwrap_or_default(), verdicts.join("; "));
    }
}

/// A verdict in its colour.
fn verdict(shown: &Shown) -> String {
    let class = match shown.verdict {
        Verdict::Works => "works",
        Verdict::DoesNot => "fails",
        Verdict::NotRun => "unseen",
    };
    format!("<span class=\"verdict {class}\">{}</span>", plain(&shown.to_string()))
}

/// What differs, answer by answer, and the cases on which nothing does.
fn answers(out: &mut String, model: &Model<'_>, p: &Pitfall) {
    let own: Vec<_> = model.run.differences.iter().filter(|d| d.pitfall.as_ref() == Some(&p.id)).collect();
    if !own.is_empty() {
        out.push_str("\n## What the C libraries answered\n");
    }
    for d in &own {
        let _ = writeln!(out, "\n{}", case_link(&d.case, "../"));
        if let Some(case) = model.cases.get(d.case.as_str()) {
            let _ = writeln!(out, "{}", prose(&case.question));
        }
        out.push_str("\n| | who | answer |\n| --- | --- | --- |\n");
        let answers = Answers::of(model, &d.case);
        for answer in &answers.0 {
            let _ =
                writeln!(out, "| {} | {} | {} |", badge(answer.letter), plain(&answer.who()), exact_cell(&answer.text));
        }
        let _ = writeln!(out, "\nFrom the {}: {}.", d.attribution, plain(&d.evidence));
    }
    let others: Vec<_> = model
        .cases
        .keys()
        .filter(|id| p.cases.iter().any(|pattern| glob(pattern, id)) && !own.iter().any(|d| d.case == **id))
        .map(|id| format!("- {}", case_link(id, "../")))
        .collect();
    if !others.is_empty() {
        section(out, "More cases", &others.join("\n"));
    }
}

/// A letter in its colour.
pub fn badge(letter: char) -> String {
    format!("<span class=\"answer {}\">{letter}</span>", letter.to_ascii_lowercase())
}
