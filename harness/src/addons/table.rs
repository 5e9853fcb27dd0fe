//! The answer on Node's add-ons for a terminal: a row for each package, and why, image by image.

use std::collections::BTreeMap;

use super::answer::{Installed, Package, Verdict};
use crate::anatomy::table::bytes as size;
use crate::report::style::{BOLD, DIM, GREEN, RED, YELLOW, line, wrap};
use crate::wheels::answer::Answer;
use crate::wheels::needs::Tool;
use crate::wheels::table::side_by_side;

/// Renders it; the writer drops colours where they do not belong.
pub fn render(answer: &Answer, width: usize) -> String {
    let mut out = String::new();
    head(&mut out, answer);
    packages(&mut out, &answer.node);
    for image in &answer.node {
        reasons(&mut out, image, width);
    }
    for note in &answer.notes {
        wrap(&mut out, &format!("note: {note}"), "", width);
    }
    for failed in &answer.failed {
        line(&mut out, format_args!("{RED}no answer{RED:#} for {}:", failed.name));
        wrap(&mut out, &failed.why, "  ", width);
    }
    for image in &answer.node {
        wrap(&mut out, &image.sentence, "", width);
    }
    out
}

fn head(out: &mut String, answer: &Answer) {
    let wide = answer.node.iter().map(|image| image.image.len()).max().unwrap_or(0);
    line(out, format_args!("{BOLD}Images{BOLD:#}"));
    for Installed { image, family, libc, cpu, node, node_found, .. } in &answer.node {
        let node = match (node, node_found) {
            (Some(node), true) => format!("node {node} {DIM}(found in it){DIM:#}"),
            (Some(node), false) => format!("node {node} {DIM}(as --node says){DIM:#}"),
            (None, _) => format!("{DIM}no node found: --node says which it will have{DIM:#}"),
        };
        line(out, format_args!("  {image:wide$}  {family} {libc}  {cpu}  {node}"));
    }
    if let Some(at) = &answer.at {
        line(out, format_args!("\nThe index as it was on {at}."));
    }
    out.push('\n');
}

fn cell(package: Option<&Package>) -> (String, anstyle::Style) {
    let Some(package) = package else { return ("-".into(), DIM) };
    let bytes = package.bytes.map(|bytes| format!(" {}", size(bytes))).unwrap_or_default();
    match package.verdict {
        Verdict::Prebuilt => (format!("prebuilt{bytes}"), GREEN),
        Verdict::Source => ("built from source".into(), YELLOW),
        Verdict::Download => ("fetched by a script".into(), YELLOW),
        Verdict::Script => ("a script of its own".into(), YELLOW),
        Verdict::Nothing => ("no binary".into(), RED),
        Verdict::Unknown => ("not known".into(), RED),
    }
}

fn packages(out: &mut String, images: &[Installed]) {
    let mut rows: BTreeMap<(&str, &str), Vec<Option<&Package>>> = BTreeMap::new();
    for (at, image) in images.iter().enumerate() {
        for package in &image.packages {
            let row = rows.entry((&package.name, &package.version));
            row.or_insert_with(|| vec![None; images.len()])[at] = Some(package);
        }
    }
    let names: Vec<&str> = images.iter().map(|image| image.image.as_str()).collect();
    side_by_side(out, &names, &rows, cell);
}

/// Where each binary comes from, and what is in its way.
fn reasons(out: &mut String, image: &Installed, width: usize) {
    if image.packages.is_empty() {
        return;
    }
    line(out, format_args!("{BOLD}In {}{BOLD:#}", image.image));
    for package in &image.packages {
        wrap(out, &format!("{} {}: {}", package.name, package.version, spoken(package)), "  ", width);
    }
    out.push('\n');
}

fn spoken(package: &Package) -> String {
    let mut text = package.because.clone();
    if !package.from.is_empty() {
        text = format!("{} ({text})", package.from.join(", "));
    }
    if let Some(url) = &package.url {
        text += &format!(". From {url}; nobody asked whether it is there");
    }
    if let (Some(script), Verdict::Script) = (&package.script, package.verdict) {
        text += &format!(": {script}");
    }
    let tool = |tool: &Tool| format!("{}{}", if tool.certain { "" } else { "perhaps " }, tool.name);
    if !package.tools.is_empty() {
        text += &format!(". Takes {}", package.tools.iter().map(tool).collect::<Vec<_>>().join(", "));
    }
    if !package.libraries.is_empty() {
        text += &format!(". Asks for {}", package.libraries.join(", "));
    }
    text + "."
}
