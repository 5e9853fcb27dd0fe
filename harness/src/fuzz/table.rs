//! What was found, for a terminal: each target with its classes, those first that nothing explains.

use std::collections::{BTreeMap, BTreeSet};

use super::class::Class;
use super::input::literal;
use super::shape::split;
use super::state::{Campaign, Finding, Found};
use super::target::Target;
use crate::report::style::{BOLD, CYAN, DIM, RED, clip, line, wrap};

/// Classes of a target that are shown unless all are asked for.
const SOME: usize = 12;
/// Lines of an answer that are shown of those that differ.
const LINES: usize = 3;
/// Characters of a line of an answer.
const LONG: usize = 96;

/// Renders it; the writer drops colours where they do not belong. `all` leaves nothing out.
pub fn render(campaign: &Campaign, targets: &[Target], all: bool, width: usize) -> String {
    let mut out = String::new();
    for (n, image) in campaign.images.iter().enumerate() {
        line(&mut out, format_args!("{} {BOLD}{}{BOLD:#}  {}", letter(n), image.id, image.libc));
    }
    line(&mut out, format_args!("{DIM}seed {}{}{DIM:#}\n", campaign.seed, part(campaign)));
    for found in &campaign.targets {
        let Some(target) = targets.iter().find(|target| target.id == found.target) else { continue };
        tell(&mut out, found, target, if all { usize::MAX } else { SOME }, width);
    }
    summary(&mut out, campaign, width);
    out
}

fn part(campaign: &Campaign) -> String {
    match campaign.shard {
        [_, 1] => String::new(),
        [k, n] => format!(", part {} of {n}", k + 1),
    }
}

fn letter(n: usize) -> char {
    char::from(b'A' + (n % 26) as u8)
}

fn tell(out: &mut String, found: &Found, target: &Target, some: usize, width: usize) {
    let share = if found.asked == 0 { 0.0 } else { found.differed as f64 * 100.0 / found.asked as f64 };
    let whole = if found.complete { ", all there are" } else { "" };
    let rate = match found.asking_seconds {
        seconds if seconds > 0.0 => format!("{:.0} a second", found.asked as f64 / seconds),
        _ => "none asked".into(),
    };
    line(
        out,
        format_args!(
            "{CYAN}{}{CYAN:#}  {} inputs{whole}, {rate}; {share:.2} % differ, {}",
            found.target,
            found.asked,
            match found.classes.len() {
                1 => "1 class".into(),
                count => format!("{count} classes"),
            }
        ),
    );
    wrap(out, &target.what, "  ", width);
    if let Some(reason) = &found.failed {
        wrap(out, &format!("{RED}given up{RED:#}: {reason}"), "  ", width);
    }
    if found.unstable > 0 {
        let text =
            format!("{} findings did not come again in processes of their own, and are left out.", found.unstable);
        wrap(out, &text, "  ", width);
    }
    let rows = rows(found);
    let shown = if some == usize::MAX { rows.len() } else { some };
    for (first, more) in rows.iter().take(shown) {
        class(out, first, target);
        match (more.len(), some) {
            (0, _) => {}
            (_, usize::MAX) => more.iter().for_each(|found| class(out, found, target)),
            (1, _) => line(out, format_args!("    {DIM}and another class of this pitfall{DIM:#}")),
            (count, _) => line(out, format_args!("    {DIM}and {count} other classes of this pitfall{DIM:#}")),
        }
    }
    if rows.len() > shown {
        line(out, format_args!("  {DIM}and {} more: --verbose shows all{DIM:#}", rows.len() - shown));
    }
    out.push('\n');
}

/// The classes that nothing explains, one in each row, and behind them those that one pitfall explains, in a row together; what
/// more inputs run into comes first.
fn rows(found: &Found) -> Vec<(&Finding, Vec<&Finding>)> {
    let mut classes: Vec<&Finding> = found.classes.iter().collect();
    classes.sort_by_key(|found| (found.pitfall.is_some(), std::cmp::Reverse(found.class.inputs)));
    let mut rows: Vec<(&Finding, Vec<&Finding>)> = Vec::new();
    for finding in classes {
        match rows.iter_mut().find(|(first, _)| finding.pitfall.is_some() && first.pitfall == finding.pitfall) {
            Some((_, more)) => more.push(finding),
            None => rows.push((finding, Vec::new())),
        }
    }
    rows
}

fn class(out: &mut String, found: &Finding, target: &Target) {
    let Class { input, ranges, .. } = &found.class;
    let which = match ranges.is_empty() {
        true => input.shown(&target.fields),
        // Where the elements are numbers, they are told as ranges; else one of them, and how many.
        false if input.0.iter().map(Vec::as_slice).eq([ranges[0][0].to_string().as_bytes()]) => {
            format!("{} of them: {}", found.class.inputs, ranges_shown(ranges))
        }
        false if found.class.inputs > 1 => {
            format!("{} and {} more", input.shown(&target.fields), found.class.inputs - 1)
        }
        false => input.shown(&target.fields),
    };
    let explained = found.pitfall.as_ref().map_or_else(|| format!("{RED}unexplained{RED:#}"), Clone::clone);
    line(out, format_args!("  {BOLD}{which}{BOLD:#}  {explained}  {DIM}{}{DIM:#}", found.id));
    if !found.class.alike.is_empty() {
        let alike: Vec<String> =
            found.class.alike.iter().map(|input| literal(input.0.first().map_or(&[], Vec::as_slice))).collect();
        line(out, format_args!("    {DIM}alike: {}{DIM:#}", clip(&alike.join(", "), LONG)));
    }
    if !found.class.compounds.is_empty() {
        let inputs: Vec<String> = found
            .class
            .compounds
            .iter()
            .map(|class| literal(class.input.0.first().map_or(&[], Vec::as_slice)))
            .collect();
        let text = format!("with something else: {}", inputs.join(", "));
        line(out, format_args!("    {DIM}{}{DIM:#}", clip(&text, LONG)));
    }
    for (group, letters) in groups(&found.class) {
        let said = found.class.answers.get(group).map(|lines| differing(&found.class, lines)).unwrap_or_default();
        line(out, format_args!("    {letters}  {}", clip(&said, LONG)));
    }
}

/// The groups of images, by the first of them, with the letters of all.
pub fn groups(class: &Class) -> Vec<(usize, String)> {
    let mut groups: BTreeMap<usize, (usize, String)> = BTreeMap::new();
    for (image, group) in class.shape.groups.iter().enumerate() {
        let entry = groups.entry(*group).or_insert_with(|| (image, String::new()));
        if !entry.1.is_empty() {
            entry.1.push(' ');
        }
        entry.1.push(letter(image));
    }
    groups.into_values().collect()
}

/// What an image said in the lines that are not the same everywhere.
pub fn differing(class: &Class, lines: &[String]) -> String {
    let same = |at: usize| class.answers.iter().all(|other| other.get(at) == lines.get(at));
    let said: Vec<String> = lines
        .iter()
        .enumerate()
        .filter(|(at, _)| !same(*at))
        .map(|(_, line)| split(line))
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    match said.len() {
        0 => format!("{} nothing", class.shape.line),
        1..=LINES => said.join(", "),
        _ => said[..LINES].join(", ") + ", ...",
    }
}

fn ranges_shown(ranges: &[[u64; 2]]) -> String {
    let shown = ranges.iter().take(6).map(|[from, to]| match from == to {
        true => format!("{from}"),
        false => format!("{from}-{to}"),
    });
    let more = if ranges.len() > 6 { ", ..." } else { "" };
    shown.collect::<Vec<_>>().join(", ") + more
}

fn summary(out: &mut String, campaign: &Campaign, width: usize) {
    let all = || campaign.targets.iter().flat_map(|found| &found.classes);
    let asked: u64 = campaign.targets.iter().map(|found| found.asked).sum();
    let unexplained = all().filter(|found| found.pitfall.is_none()).count();
    let pitfalls: BTreeSet<&String> = all().filter_map(|found| found.pitfall.as_ref()).collect();
    let text = format!(
        "{asked} inputs in {} images: {} classes of differences, {} of them explained by {} pitfalls, {unexplained} unexplained.",
        campaign.images.len(),
        all().count(),
        all().count() - unexplained,
        pitfalls.len(),
    );
    wrap(out, &text, "", width);
}
