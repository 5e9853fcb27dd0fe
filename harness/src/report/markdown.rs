//! The Markdown report: everything the table shows and all that it leaves out.

use std::fmt::Write;

use super::escape::{cell, prose};
use super::{Model, Story, deployed};
use crate::machines::doubtful;
use crate::pitfalls::Pitfall;
use crate::runfile::{Difference, Observation, RunFile};

/// Renders the report; with the place of a book, pitfalls are links to its pages.
pub fn render(model: &Model<'_>, book: Option<&str>) -> String {
    let run = model.run;
    let mut out = String::new();
    if let Some(check) = &run.check {
        super::check::markdown(&mut out, model, check);
        out.push('\n');
        broken(&mut out, model, super::check::COMMENT_END);
        return out;
    }
    let names: Vec<_> = run.images.iter().map(|i| format!("`{}`", i.id)).collect();
    let _ = writeln!(out, "# What differs between {}\n", names.join(", "));
    let s = &run.summary;
    let explained = match run.as_deployed {
        Some(_) => String::new(),
        None => format!("; {} of the differences have no explanation yet", s.unexplained),
    };
    let _ =
        writeln!(out, "{} of {} cases differ{explained}. {} observations.\n", s.differences, s.cases, s.observations);
    images(&mut out, run);
    match &run.as_deployed {
        Some(as_deployed) => deployed::markdown(&mut out, model, as_deployed),
        None => {
            areas(&mut out, run);
            for story in model.stories() {
                self::story(&mut out, model, &story, book);
            }
        }
    }
    broken(&mut out, model, usize::MAX);
    environment(&mut out, run);
    out
}

fn images(out: &mut String, run: &RunFile) {
    out.push_str("| image | C library | system | unpacked | digest |\n| --- | --- | --- | --: | --- |\n");
    for image in &run.images {
        let libc = image
            .libc
            .as_ref()
            .map_or("none".into(), |l| format!("{} {}", l.family, l.version.as_deref().unwrap_or("?")));
        let os = [image.os.id.as_deref(), image.os.version.as_deref()].map(Option::unwrap_or_default).join(" ");
        let size = image.size.unpacked_bytes.map_or("".into(), |b| format!("{:.1} MB", b as f64 / 1e6));
        let digest = image.digest.as_deref().map_or("", |d| d.get(..19).unwrap_or(d));
        let machine = image.emulated_by.as_ref().map_or(String::new(), |by| format!(", {} by {by}", image.arch));
        let _ = writeln!(out, "| `{}` | {libc} | {}{machine} | {size} | `{digest}` |", image.id, os.trim());
    }
    out.push('\n');
    if run.images.iter().any(|image| image.emulated_by.is_some()) {
        let _ = writeln!(out, "{}\n", doubtful::trust());
    }
    for d in run.dropped.iter().filter(|d| run.image(&d.image).is_none_or(|i| i.libcs.is_empty())) {
        let _ = writeln!(out, "Not run in `{}`: {} ({}).\n", d.image, d.flavour, d.reason);
    }
}

fn areas(out: &mut String, run: &RunFile) {
    out.push_str("| area | cases | differ | unexplained |\n| --- | --: | --: | --: |\n");
    for (area, a) in &run.summary.by_area {
        let _ = writeln!(out, "| {area} | {} | {} | {} |", a.cases, a.differences, a.unexplained);
    }
    out.push('\n');
}

fn story(out: &mut String, model: &Model<'_>, story: &Story<'_>, book: Option<&str>) {
    match story.pitfall {
        Some(p) => {
            let _ = writeln!(out, "## {} ({})\n", prose(&p.title), p.severity);
            if let Some(base) = book {
                let _ = writeln!(out, "[`{}`]({}/{})\n", p.id, base.trim_end_matches('/'), crate::book::page(&p.id));
            }
            let _ = writeln!(out, "{}\n", prose(&p.what));
            let _ = writeln!(out, "**Why.** {}\n\n**Who is right.** {}\n", prose(&p.why), prose(&p.standard));
            if let Some(versions) = &p.versions {
                let _ = writeln!(out, "**Versions.** {}\n", prose(versions));
            }
            if !p.affects.is_empty() {
                let whom: Vec<String> = p.affects.iter().map(ToString::to_string).collect();
                let _ = writeln!(out, "**Whom it hits.** {}\n", whom.join(", "));
            }
            if !p.who.is_empty() {
                let _ = writeln!(out, "**Who was hit.** {}\n", prose(&p.who.join(", ")));
            }
            out.push_str("**Remedies.**\n\n");
            for (place, remedy) in p.remedies.iter().enumerate() {
                let _ = writeln!(out, "- {}{}", prose(&remedy.what), verdicts(model, p, place));
            }
            let _ = writeln!(out, "\nSources: {}\n", prose(&p.sources.join("; ")));
        }
        None => out.push_str("## Unexplained\n\nNo pitfall accounts for these yet.\n\n"),
    }
    for difference in &story.differences {
        self::difference(out, model, difference);
    }
}

/// What the run showed of a remedy, image by image.
fn verdicts(model: &Model<'_>, pitfall: &Pitfall, place: usize) -> String {
    let shown: Vec<String> = model.shown(pitfall, place).iter().map(|shown| shown.to_string()).collect();
    match (&pitfall.remedies[place].case, shown.is_empty()) {
        (Some(case), false) => format!(" *By `{case}`: {}.*", shown.join("; ")),
        _ => String::new(),
    }
}

fn difference(out: &mut String, model: &Model<'_>, difference: &Difference) {
    let _ = writeln!(out, "### `{}`\n", difference.case);
    if let Some(case) = model.cases.get(difference.case.as_str()) {
        let _ = writeln!(out, "{} ({})\n", prose(&case.question), prose(&case.source));
    }
    out.push_str("| who | answer |\n| --- | --- |\n");
    for answer in model.answers(difference) {
        let said = if answer.lines.is_empty() { "(only what all share)".into() } else { answer.lines.join("\n") };
        let _ = writeln!(out, "| {} | {} |", answer.who, cell(&said));
    }
    let _ = writeln!(out, "\nFrom the {}: {}.\n", difference.attribution, difference.evidence);
}

/// What broke, as far as there is room up to `end`.
fn broken(out: &mut String, model: &Model<'_>, end: usize) {
    let broken: Vec<_> = model.broken().collect();
    if broken.is_empty() {
        return;
    }
    out.push_str("## Broke\n\nThese say nothing about a C library.\n\n");
    let line = |o: &&Observation| {
        let reason = cell(o.reason.as_deref().unwrap_or(""));
        format!("- `{}` in `{}` ({}): {reason}", o.case, o.image, o.flavour)
    };
    super::check::lines(out, end, broken.iter().map(line), "of them");
    out.push('\n');
}

fn environment(out: &mut String, run: &RunFile) {
    let _ = writeln!(
        out,
        "## Environment\n\n{} {}, Linux {} on {}, {} processors; {} to {}.\n",
        run.tool.name, run.tool.version, run.host.kernel, run.host.arch, run.host.cpus, run.started, run.finished
    );
    out.push_str("| flavour | built with | C library inside | newest symbol version | sha256 |\n| --- | --- | --- | --- | --- |\n");
    for f in &run.flavours {
        let libc = f.libc.as_ref().map_or("the image's".into(), |l| format!("{} {}", l.family, l.version));
        let floor = f.newest_symbol_version.as_deref().unwrap_or("");
        let sha = f.sha256.get(..12).unwrap_or(&f.sha256);
        let name = f.arch.as_ref().map_or_else(|| f.name.to_string(), |arch| format!("{} ({arch})", f.name));
        let _ = writeln!(out, "| {name} | {} | {libc} | {floor} | `{sha}` |", f.toolchain);
    }
}
