//! The table for a terminal: readable at 80 columns, explanations first, cases beneath them.

use std::fmt::Write;

use super::style::{self, BOLD, CYAN, DIM, GREEN, RED, YELLOW, clip, line, wrap};
use super::{Answer, Model, Story, deployed};
use crate::machines::doubtful;
use crate::pitfalls::Pitfall;
use crate::remedy::NOT_SELECTED;
use crate::runfile::{Difference, Image, Verdict};

/// How the table is laid out.
#[derive(Clone, Copy)]
pub struct Layout {
    /// Columns.
    pub width: usize,
    /// Every explanation whole, with all of its cases.
    pub whole: bool,
}

/// Explanations that are told whole in any case; where there are more, those without a rank get two lines each.
const TOLD: usize = 8;
/// Cases beneath an explanation.
const CASES: usize = 4;

impl Layout {
    fn cases(self) -> usize {
        if self.whole { usize::MAX } else { CASES }
    }
}

/// Renders the table, with colours; the writer drops them where they do not belong.
pub fn render(model: &Model<'_>, layout: Layout) -> String {
    let mut out = String::new();
    images(&mut out, model, layout);
    if let Some(as_deployed) = &model.run.as_deployed {
        deployed::table(&mut out, model, as_deployed, layout);
        broken(&mut out, model, layout);
        return out;
    }
    if let Some(check) = &model.run.check {
        super::check::table(&mut out, model, check);
    }
    summary(&mut out, model);
    let stories = model.open_stories();
    let all = layout.whole || stories.len() <= TOLD;
    let whole = |story: &Story<'_>| all || story.pitfall.is_none_or(|p| p.rank.is_some());
    for story in stories.iter().filter(|story| whole(story)) {
        self::story(&mut out, model, story, layout);
    }
    let brief: Vec<_> =
        stories.iter().filter_map(|s| Some((s.pitfall?, s.differences.len())).filter(|_| !whole(s))).collect();
    if !brief.is_empty() {
        line(
            &mut out,
            format_args!(
                "\n{BOLD}And {} more explanations{BOLD:#} {DIM}(whole: -v, libcdiff explain ID, or the Markdown report){DIM:#}",
                brief.len()
            ),
        );
    }
    for (pitfall, cases) in brief {
        self::brief(&mut out, pitfall, cases, layout);
    }
    broken(&mut out, model, layout);
    out
}

fn images(out: &mut String, model: &Model<'_>, layout: Layout) {
    let wide = model.run.images.iter().map(|image| image.id.len()).max().unwrap_or(0);
    line(out, format_args!("{BOLD}Images{BOLD:#}"));
    for image in &model.run.images {
        let libc = image.libc.as_ref().map_or("no C library".into(), |l| {
            format!("{} {}", l.family, l.version.as_deref().unwrap_or("of unknown version"))
        });
        let others: Vec<_> = image.libcs.iter().skip(1).map(|l| l.family.as_str()).collect();
        let others = if others.is_empty() { String::new() } else { format!(", beside it {}", others.join(", ")) };
        let os = [image.os.id.as_deref(), image.os.version.as_deref()].map(Option::unwrap_or_default).join(" ");
        line(out, format_args!("  {:wide$}  {libc}{others}  {DIM}{}{}{DIM:#}", image.id, os.trim(), elsewhere(image)));
    }
    if model.run.images.iter().any(|image| image.emulated_by.is_some()) {
        wrap(out, &doubtful::trust(), "  ", layout.width);
    }
    for dropped in model.run.dropped.iter().filter(|d| worth_saying(model, d)) {
        line(
            out,
            format_args!("  {YELLOW}not run{YELLOW:#} in {}: {} ({})", dropped.image, dropped.flavour, dropped.reason),
        );
    }
    out.push('\n');
}

/// The machine of an image, where that is not the one that the run was made on.
fn elsewhere(image: &Image) -> String {
    let Some(emulator) = &image.emulated_by else { return String::new() };
    format!("  {}, emulated by {emulator}", image.arch)
}

/// A glibc image has no musl and that is no news; an image without any C library is.
fn worth_saying(model: &Model<'_>, dropped: &crate::runfile::Dropped) -> bool {
    model
        .run
        .image(&dropped.image)
        .is_none_or(|image| image.libcs.is_empty() || !dropped.reason.starts_with("the image has no"))
}

fn summary(out: &mut String, model: &Model<'_>) {
    let s = &model.run.summary;
    let unexplained = match s.unexplained {
        0 => "all explained".to_owned(),
        n => format!("{n} unexplained"),
    };
    let counts = format!("{} of {} cases differ, {unexplained}", s.differences, s.cases);
    line(out, format_args!("{BOLD}{counts}{BOLD:#}"));
    line(out, format_args!("  {DIM}{:10}{:>7}{:>9}{:>13}{DIM:#}", "area", "cases", "differ", "unexplained"));
    for (area, a) in &s.by_area {
        line(out, format_args!("  {area:10}{:>7}{:>9}{:>13}", a.cases, a.differences, a.unexplained));
    }
}

/// A pitfall in two lines or three.
fn brief(out: &mut String, pitfall: &Pitfall, cases: usize, layout: Layout) {
    let colour = style::severity(pitfall.severity);
    let mut title = String::new();
    wrap(&mut title, &pitfall.title, "              ", layout.width);
    line(out, format_args!("{colour}{:14}{colour:#}{}", pitfall.severity, title.trim()));
    let cases = if cases == 1 { "1 case".to_owned() } else { format!("{cases} cases") };
    line(out, format_args!("              {DIM}{}, {cases}{DIM:#}", pitfall.id));
}

fn story(out: &mut String, model: &Model<'_>, story: &Story<'_>, layout: Layout) {
    out.push('\n');
    match story.pitfall {
        Some(p) => {
            let colour = style::severity(p.severity);
            let mut title = String::new();
            wrap(&mut title, &format!("{}  {}", p.severity, p.title), "", layout.width);
            let title = title.trim_end().strip_prefix(&p.severity.to_string()).unwrap_or(&p.title).to_owned();
            line(out, format_args!("{colour}{}{colour:#}{BOLD}{title}{BOLD:#}", p.severity));
            wrap(out, &p.what, "  ", layout.width);
            for place in 0..p.remedies.len() {
                self::remedy(out, model, p, place, layout);
            }
            line(out, format_args!("  {DIM}libcdiff explain {}{DIM:#}", p.id));
        }
        None => line(out, format_args!("{RED}unexplained{RED:#}  {BOLD}no pitfall accounts for these{BOLD:#}")),
    }
    let shown = if story.pitfall.is_some() { layout.cases() } else { usize::MAX };
    for difference in story.differences.iter().take(shown) {
        self::difference(out, model, difference, layout);
    }
    let more = story.differences.len().saturating_sub(shown);
    if more > 0 {
        line(out, format_args!("  {DIM}... and {more} more (all of them: -v, or the Markdown report){DIM:#}"));
    }
}

/// A remedy, and where this run saw it work. That its case was not selected is no news.
fn remedy(out: &mut String, model: &Model<'_>, pitfall: &Pitfall, place: usize, layout: Layout) {
    let remedy = &pitfall.remedies[place];
    let case = remedy.case.as_deref().unwrap_or_default();
    let shown: Vec<_> =
        model.shown(pitfall, place).into_iter().filter(|s| s.reason.as_deref() != Some(NOT_SELECTED)).collect();
    let worst = shown.iter().map(|s| s.verdict).max();
    let colour = match worst {
        Some(Verdict::Works) => GREEN,
        Some(Verdict::DoesNot) => RED,
        Some(Verdict::NotRun) | None => DIM,
    };
    let _ = write!(out, "{colour}");
    wrap(out, &format!("remedy: {}", remedy.what), "  ", layout.width);
    for (n, group) in shown.iter().enumerate() {
        let case = if n == 0 { format!(" ({case})") } else { String::new() };
        wrap(out, &format!("{group}{case}"), "    ", layout.width);
    }
    let _ = write!(out, "{colour:#}");
}

fn difference(out: &mut String, model: &Model<'_>, difference: &Difference, layout: Layout) {
    line(out, format_args!("  {CYAN}{}{CYAN:#} {DIM}({}){DIM:#}", difference.case, difference.attribution));
    let answers = model.answers(difference);
    let wide = answers.iter().map(|a| a.who.chars().count()).max().unwrap_or(0).min(28);
    for answer in &answers {
        self::answer(out, answer, wide, layout.width);
    }
}

fn answer(out: &mut String, answer: &Answer, wide: usize, width: usize) {
    let (on, off) = if answer.reference { (format!("{DIM}"), format!("{DIM:#}")) } else { Default::default() };
    let said = if answer.lines.is_empty() { "-".to_owned() } else { answer.lines.join("; ") };
    let room = width.saturating_sub(wide + 6).max(20);
    line(out, format_args!("    {on}{:wide$}  {}{off}", answer.who, clip(&said, room)));
}

fn broken(out: &mut String, model: &Model<'_>, layout: Layout) {
    let broken: Vec<_> = model.broken().collect();
    if broken.is_empty() {
        return;
    }
    out.push('\n');
    line(
        out,
        format_args!("{RED}broke{RED:#}  {BOLD}{} observations say nothing about a C library{BOLD:#}", broken.len()),
    );
    for o in broken.iter().take(layout.cases()) {
        let reason = o.reason.as_deref().unwrap_or("no reason");
        wrap(out, &format!("{} in {} ({}): {reason}", o.case, o.image, o.flavour), "  ", layout.width);
    }
}
