//! The steps of a narrated pitfall, each one screen: the program, both images, what went wrong, why, the remedies.

use super::Demo;
use super::page::{BODY, Column, WIDTH, beside, screens};
use crate::pitfalls::{Pitfall, Remedy};
use crate::remedy;
use crate::report::style::{self, BOLD, CYAN, DIM, GREEN, RED, YELLOW, line, wrap};
use crate::report::{lanes, scenario, timeline, verdict};
use crate::runfile::{Image, Judged, Observation, Verdict};

/// One screen.
#[derive(Debug)]
pub struct Step {
    /// A few words.
    pub title: String,
    /// Its text, with colours.
    pub body: String,
}

/// All steps, in order. `width` is that of the terminal, for the wire; texts keep to 80 columns.
pub fn steps(demo: &Demo<'_>, width: usize) -> Vec<Step> {
    let mut parts = vec![("The program".to_owned(), program(demo))];
    if let Some(lines) = scenario::tell(demo.subject.case) {
        parts.push(("The scene".into(), scene(&lines)));
    }
    parts.push(("What happens".into(), happens(demo, width)));
    if let Some(p) = demo.subject.pitfall {
        parts.push(("What went wrong".into(), wrong(p)));
        parts.push(("Why, and who is right".into(), why(p)));
        let verdicts = remedy::of(p, &demo.run);
        for (place, remedy) in p.remedies.iter().enumerate() {
            let verdicts: Vec<&Judged> = verdicts.iter().filter(|j| j.remedy == place).collect();
            if let Some(case) = &remedy.case {
                parts.push(("A remedy at work".into(), remedied(demo, remedy, case, &verdicts, width)));
            }
        }
        parts.push(("What else helps".into(), others(p)));
    }
    parts.into_iter().flat_map(|(title, body)| paged(&title, &body)).collect()
}

fn paged(title: &str, body: &str) -> Vec<Step> {
    let screens = screens(body);
    let all = screens.len();
    let title = |n: usize| if all > 1 { format!("{title} ({} of {all})", n + 1) } else { title.to_owned() };
    screens.into_iter().enumerate().map(|(n, body)| Step { title: title(n), body }).collect()
}

fn program(demo: &Demo<'_>) -> String {
    let mut out = String::new();
    let case = demo.subject.case;
    match demo.subject.pitfall {
        Some(p) => {
            let colour = style::severity(p.severity);
            wrap(&mut out, &format!("{}: {}", p.severity, p.title), "", WIDTH);
            out = format!("{colour}{}{colour:#}\n", out.trim_end());
        }
        None => wrap(&mut out, &case.title, "", WIDTH),
    }
    out.push('\n');
    match demo.subject.pitfall.and_then(|p| p.program.as_deref()) {
        Some(program) => {
            for text in program.trim_end().lines() {
                line(&mut out, format_args!("    {CYAN}{text}{CYAN:#}"));
            }
        }
        None => wrap(&mut out, &format!("The question: {}", case.question), "", WIDTH),
    }
    let images: Vec<String> = demo.run.images.iter().map(head).collect();
    out.push('\n');
    wrap(&mut out, &format!("Case {}, run in {}.", case.id, images.join(" and ")), "", WIDTH);
    out
}

fn scene(lines: &[String]) -> String {
    let mut out = String::new();
    for text in lines {
        let (name, rest) = text.split_once(": ").unwrap_or((text.trim_end_matches(':'), ""));
        match text.starts_with(' ') {
            true => line(&mut out, format_args!("{CYAN}{}{CYAN:#}", style::clip(text, WIDTH))),
            false if rest.is_empty() => line(&mut out, format_args!("{BOLD}{name}{BOLD:#}")),
            false if text.chars().count() < WIDTH => line(&mut out, format_args!("{BOLD}{name}{BOLD:#}  {rest}")),
            false => {
                line(&mut out, format_args!("{BOLD}{name}{BOLD:#}"));
                for part in rest.chars().collect::<Vec<_>>().chunks(WIDTH - 4) {
                    line(&mut out, format_args!("    {}", part.iter().collect::<String>()));
                }
            }
        }
    }
    out
}

fn happens(demo: &Demo<'_>, width: usize) -> String {
    let case = &demo.subject.case.id;
    let mut out = answers(demo, case, None, width, BODY - 2);
    out.push('\n');
    if demo.differs() {
        line(&mut out, format_args!("{RED}They differ.{RED:#}"));
        return out;
    }
    let hit = demo.subject.pitfall.filter(|p| !p.affects.is_empty());
    let hint =
        hit.map_or(String::new(), |p| format!(" The pitfall hits {}: name an image of it with --image.", whom(p)));
    wrap(&mut out, &format!("Both say the same here.{hint}"), "", WIDTH);
    out
}

fn wrong(p: &Pitfall) -> String {
    let mut out = String::new();
    wrap(&mut out, &p.what, "", WIDTH);
    if !p.affects.is_empty() {
        line(&mut out, format_args!("\n{BOLD}It hits{BOLD:#}  {}", whom(p)));
    }
    if !p.who.is_empty() {
        out.push('\n');
        wrap(&mut out, &format!("Who was hit: {}", p.who.join(", ")), "", WIDTH);
    }
    out
}

fn whom(p: &Pitfall) -> String {
    p.affects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn why(p: &Pitfall) -> String {
    let mut out = String::new();
    let sections = [("Why", Some(&p.why)), ("Who is right", Some(&p.standard)), ("Versions", p.versions.as_ref())];
    for (name, text) in sections {
        if let Some(text) = text {
            line(&mut out, format_args!("{BOLD}{name}{BOLD:#}"));
            wrap(&mut out, text, "  ", WIDTH);
            out.push('\n');
        }
    }
    out
}

fn remedied(demo: &Demo<'_>, remedy: &Remedy, case: &str, verdicts: &[&Judged], width: usize) -> String {
    let mut out = String::new();
    wrap(&mut out, &remedy.what, "", WIDTH);
    let title = demo.info(case).map_or("", |info| info.title.as_str());
    let again = style::clip(&format!("With it: {case}, {title}"), WIDTH);
    line(&mut out, format_args!("\n{DIM}{again}{DIM:#}"));
    let mut end = String::from("\n");
    for shown in verdict::grouped(verdicts.iter().copied()) {
        let colour = match shown.verdict {
            Verdict::Works => GREEN,
            Verdict::DoesNot => RED,
            Verdict::NotRun => YELLOW,
        };
        let mut text = String::new();
        wrap(&mut text, &shown.to_string(), "", WIDTH);
        end.push_str(&text.lines().map(|text| format!("{colour}{text}{colour:#}\n")).collect::<String>());
    }
    let room = BODY.saturating_sub(out.lines().count() + end.lines().count()).max(8);
    out.push_str(&answers(demo, case, remedy.flavour, width, room));
    out.push_str(&end);
    out
}

fn others(p: &Pitfall) -> String {
    let mut out = String::new();
    for remedy in p.remedies.iter().filter(|remedy| remedy.case.is_none()) {
        let mut text = String::new();
        wrap(&mut text, &remedy.what, "  ", WIDTH);
        out.push_str(&text.replacen("  ", "- ", 1));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    line(&mut out, format_args!("Whole, with sources:\n    {CYAN}libcdiff explain {}{CYAN:#}", p.id));
    line(&mut out, format_args!("All its cases:\n    {CYAN}libcdiff run --pitfall {}{CYAN:#}", p.id));
    out
}

/// What a case said in each image: its wire where it has one, else its text, side by side.
fn answers(
    demo: &Demo<'_>,
    case: &str,
    flavour: Option<libcdiff_protocol::Flavour>,
    width: usize,
    rows: usize,
) -> String {
    if let Some(lanes) = lanes::lanes(&demo.run, case, demo.info(case)).filter(|_| flavour.is_none()) {
        return timeline::render(&lanes, width, rows);
    }
    let said: Vec<(String, Vec<String>)> = demo
        .run
        .images
        .iter()
        .map(|image| (head(image), demo.said(case, image, flavour).map_or(vec!["not run".into()], lines)))
        .collect();
    let shared = |text: &String| said.iter().all(|(_, lines)| lines.contains(text));
    let columns: Vec<Column> = said
        .iter()
        .map(|(head, lines)| Column {
            head: head.clone(),
            lines: lines.iter().map(|text| (text.clone(), !shared(text))).collect(),
        })
        .collect();
    beside(&columns, WIDTH, rows)
}

fn head(image: &Image) -> String {
    let libc = image.libc.as_ref().map(|l| format!(" ({} {})", l.family, l.version.as_deref().unwrap_or("?")));
    format!("{}{}", image.id, libc.unwrap_or_default())
}

/// The lines of an answer, with the exact figure where the text has a class of them.
fn lines(seen: &Observation) -> Vec<String> {
    let exact = |text: &str| {
        let (name, said) = text.split_once(": ")?;
        let figure = seen.values.value(name.trim()).filter(|value| value.is_number())?.to_string();
        (figure != said).then(|| format!("{text} ({figure})"))
    };
    seen.answer().lines().map(|text| exact(text).unwrap_or_else(|| text.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::subject;
    use crate::runfile::RunFile;

    fn run() -> RunFile {
        RunFile::parse(include_str!("../../tests/fixtures/run.json")).expect("a run file")
    }

    /// The steps of a pitfall or case, told from the run file of the tests.
    fn told(id: &str) -> Vec<Step> {
        let (pitfalls, cases) = (crate::pitfalls::all().expect("pitfalls"), crate::bundle::cases().expect("cases"));
        let subject = subject(id, &pitfalls, &cases).expect("a subject");
        steps(&Demo { subject, cases: &cases, run: run() }, WIDTH)
    }

    fn plain(step: &Step) -> String {
        anstream::adapter::strip_str(&step.body).to_string()
    }

    #[test]
    fn a_step_is_one_screen() {
        let (pitfalls, cases) = (crate::pitfalls::all().expect("pitfalls"), crate::bundle::cases().expect("cases"));
        let run = run();
        for pitfall in &pitfalls {
            let subject = subject(&pitfall.id, &pitfalls, &cases).expect("a subject");
            for step in steps(&Demo { subject, cases: &cases, run: run.clone() }, WIDTH) {
                let body = plain(&step);
                let wide = body.lines().map(|line| line.chars().count()).max();
                assert!(body.lines().count() <= BODY && wide <= Some(WIDTH), "{}, {}:\n{body}", pitfall.id, step.title);
            }
        }
    }

    #[test]
    fn a_story_has_its_parts_in_order() {
        let steps = told("threads.stack-size");
        let titles: Vec<_> = steps.iter().map(|step| step.title.as_str()).collect();
        let parts = ["The program", "What happens", "What went wrong", "Why, and who is right"];
        assert_eq!(titles[..4], parts);
        assert_eq!(titles[4..], ["A remedy at work", "A remedy at work", "What else helps"]);
        assert!(plain(&steps[0]).contains("pthread_create"));
        assert!(plain(&steps[2]).contains("It hits  musl"));
        assert!(plain(&steps[4]).contains("With it: threads.stack.header"), "{}", plain(&steps[4]));
        assert!(plain(&steps[4]).ends_with("\nworks in debian-13-musl\n"), "{}", plain(&steps[4]));
        assert!(plain(&steps[6]).contains("libcdiff explain threads.stack-size"));
    }

    #[test]
    fn differing_lines_stand_beside_each_other_with_exact_figures() {
        let happens = told("threads.stack.default").remove(1);
        let body = plain(&happens);
        assert!(body.contains("stack_bytes: 8388608                     stack_bytes: 131072"), "{body}");
        assert!(body.ends_with("They differ.\n"), "{body}");
    }

    #[test]
    fn a_dns_case_tells_its_scenario_and_draws_its_wire() {
        let steps = told("dns.search.servfail");
        assert_eq!(steps[1].title, "The scene");
        assert!(plain(&steps[1]).contains("*.corp.test.: SERVFAIL"), "{}", plain(&steps[1]));
        let wire = plain(&steps[2]);
        assert!(
            wire.contains("+corp.test SERVFAIL") && wire.contains("┊ waits") && wire.contains("■ EAI_AGAIN"),
            "{wire}"
        );
    }
}
