//! Reports of look-ups as deployed: for each name what each image made of it, in how many queries and how long.
//!
//! These cases are the user's own, so no pitfall is written for them; a report says that images differ and where that
//! comes from, and leaves the rest to the wire.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use libcdiff_protocol::{Query, Status};

use super::Model;
use super::escape::cell;
use super::table::Layout;
use crate::compare::own_flavour;
use crate::runfile::{AsDeployed, Difference, Observation};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();

/// Where explanations of what is seen can be found.
const HINT: &str = "libcdiff list pitfalls --area dns";

/// One look-up, in words.
struct Row {
    who: String,
    code: String,
    addresses: String,
    elapsed: String,
    queries: String,
}

impl Row {
    const HEAD: [&str; 5] = ["image", "return code", "addresses", "time", "queries"];

    fn new(who: String, o: &Observation) -> Self {
        let values = o.values.get();
        let value = |name: &str| values.get(name);
        let text = |name: &str| value(name).and_then(|v| v.as_str()).map(str::to_owned);
        let addresses = value("addresses").and_then(|v| v.as_array()).map(Vec::as_slice).unwrap_or_default();
        let addresses: Vec<&str> = addresses.iter().filter_map(|a| a.as_str()).collect();
        let elapsed = value("elapsed_ms").and_then(|v| v.as_u64()).unwrap_or(o.elapsed_ms);
        let stopped = text("stopped").map(|why| format!(", stopped: {why}")).unwrap_or_default();
        Self {
            who,
            code: match o.status {
                Status::Described => text("return_code").unwrap_or_default(),
                _ => o.answer().lines().next().unwrap_or_default().to_owned(),
            },
            addresses: addresses.join(", "),
            elapsed: format!("{:.2} s", elapsed as f64 / 1000.0),
            queries: format!("{}{stopped}", o.queries().len()),
        }
    }

    fn cells(&self) -> [&str; 5] {
        [&self.who, &self.code, &self.addresses, &self.elapsed, &self.queries]
    }
}

/// The observations of a name: each image's own flavour, or all of them.
fn seen<'a>(model: &'a Model<'_>, case: &str, all: bool) -> Vec<(Row, &'a Observation)> {
    let mut rows = Vec::new();
    for image in &model.run.images {
        let here = model.run.observations.iter().filter(|o| o.case == case && o.image == image.id);
        for o in here {
            let own = o.flavour == own_flavour(image);
            if own || all {
                let who = if own { image.id.clone() } else { format!("{} ({})", image.id, o.flavour) };
                rows.push((Row::new(who, o), o));
            }
        }
    }
    rows
}

fn difference<'a>(model: &'a Model<'_>, case: &str) -> Option<&'a Difference> {
    model.run.differences.iter().find(|d| d.case == case)
}

fn case(name: &str) -> String {
    format!("dns.as-deployed.{name}")
}

/// The configuration in three lines.
fn configuration(deployed: &AsDeployed) -> [(&'static str, String); 3] {
    let words = |words: &[String]| if words.is_empty() { "none".to_owned() } else { words.join(" ") };
    let servers = deployed.nameservers.iter().enumerate().map(|(n, address)| format!("s{} {address}", n + 1));
    [
        ("nameservers", servers.collect::<Vec<_>>().join(", ")),
        ("search", words(&deployed.search)),
        ("options", words(&deployed.options)),
    ]
}

fn wire_line(q: &Query) -> String {
    format!("{:>6} ms  {} {} {} {} {}", q.at_ms, q.server, q.transport, q.kind, q.name, q.rcode)
}

/// The part of the terminal table.
pub fn table(out: &mut String, model: &Model<'_>, deployed: &AsDeployed, layout: Layout) {
    let _ = writeln!(out, "{BOLD}As deployed{BOLD:#} {DIM}{}{DIM:#}", deployed.resolv_conf);
    for (what, said) in configuration(deployed) {
        let _ = writeln!(out, "  {what:11}  {said}");
    }
    for name in &deployed.names {
        let verdict = match difference(model, &case(name)) {
            Some(d) => format!("{YELLOW}differs{YELLOW:#} ({}: {})", d.attribution, d.evidence),
            None => format!("{DIM}no difference{DIM:#}"),
        };
        let _ = writeln!(out, "\n{BOLD}{name}{BOLD:#}  {verdict}");
        let rows = seen(model, &case(name), layout.whole);
        let wide = |column: usize| {
            let cells = rows.iter().map(|(row, _)| row.cells()[column].chars().count());
            cells.chain([Row::HEAD[column].len()]).max().unwrap_or(0)
        };
        let wide: [usize; 5] = std::array::from_fn(wide);
        let line = |cells: [&str; 5]| {
            let padded = cells.iter().zip(wide).map(|(cell, wide)| format!("{cell:wide$}"));
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        let _ = writeln!(out, "  {DIM}{}{DIM:#}", line(Row::HEAD));
        for (row, o) in &rows {
            let _ = writeln!(out, "  {}", line(row.cells()));
            for query in o.queries().iter().filter(|_| layout.whole) {
                let _ = writeln!(out, "    {DIM}{}{DIM:#}", wire_line(query));
            }
        }
    }
    let more = if layout.whole { "" } else { "; -v shows every query" };
    let _ = writeln!(out, "\n{DIM}{HINT} has what is known of such differences{more}{DIM:#}");
}

/// The part of the Markdown report.
pub fn markdown(out: &mut String, model: &Model<'_>, deployed: &AsDeployed) {
    let _ = writeln!(out, "## As deployed\n\nThe resolver configuration is `{}`.\n", deployed.resolv_conf);
    for (what, said) in configuration(deployed) {
        let _ = writeln!(out, "- {what}: {}", cell(&said));
    }
    let _ = writeln!(
        out,
        "\nAt most {} queries and {} s for each look-up. Cases like these are asked for by hand and have no pitfall of \
         their own: `{HINT}` has what is known.",
        deployed.most_queries, deployed.within_seconds
    );
    for name in &deployed.names {
        let _ = writeln!(out, "\n### `{name}`\n");
        let _ = match difference(model, &case(name)) {
            Some(d) => writeln!(out, "Differs, from the {}: {}.\n", d.attribution, d.evidence),
            None => writeln!(out, "No difference.\n"),
        };
        let _ = writeln!(out, "| {} |\n| --- | --- | --- | --: | --: |", Row::HEAD.join(" | "));
        let rows = seen(model, &case(name), true);
        for (row, _) in &rows {
            let [who, code, addresses, elapsed, queries] = row.cells();
            let _ = writeln!(out, "| {who} | {} | {} | {elapsed} | {queries} |", cell(code), cell(addresses));
        }
        for (row, o) in rows.iter().filter(|(_, o)| !o.queries().is_empty()) {
            let _ = writeln!(out, "\n{}:\n\n```text", row.who);
            for query in &o.queries() {
                let _ = writeln!(out, "{}", wire_line(query));
            }
            out.push_str("```\n");
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runfile::RunFile;

    /// The fixture's look-up behind a failing search domain, as if the user had asked for it.
    fn with_model(test: impl FnOnce(&Model<'_>)) {
        let text = include_str!("../../tests/fixtures/run.json").replace("dns.search.servfail", "dns.as-deployed.db|x");
        let mut run = RunFile::parse(&text).expect("a run file");
        run.as_deployed = Some(AsDeployed {
            resolv_conf: "/etc/resolv.conf".into(),
            nameservers: vec!["10.0.0.1".into(), "10.0.0.2".into()],
            search: vec!["corp.test".into()],
            options: vec![],
            names: vec!["db|x".into()],
            most_queries: 64,
            within_seconds: 30,
        });
        test(&Model::new(&run, &[], &[]));
    }

    #[test]
    fn a_table_has_a_line_for_each_image_and_the_wire_where_it_is_whole() {
        with_model(|model| {
            let render = |whole| {
                let text = super::super::table::render(model, Layout { width: 80, whole });
                anstream::adapter::strip_str(&text).to_string()
            };
            let brief = render(false);
            assert!(brief.contains("nameservers  s1 10.0.0.1, s2 10.0.0.2"), "{brief}");
            assert!(brief.contains("search       corp.test\n  options      none\n"), "{brief}");
            let line = |image: &str| brief.lines().rfind(|line| line.trim_start().starts_with(image)).expect(image);
            assert!(line("debian-13 ").contains("  0  ") && line("debian-13-musl").contains("EAI_AGAIN"), "{brief}");
            assert!(!brief.contains(" ms  s1 udp") && render(true).contains(" ms  s1 udp"));
        });
    }

    #[test]
    fn markdown_shows_every_flavour_and_keeps_its_cells() {
        with_model(|model| {
            let text = super::super::markdown::render(model, None);
            assert!(text.contains("Differs, from the libc"), "{text}");
            assert!(text.contains("| debian-13-musl | `EAI_AGAIN` |") && text.contains("(musl-static)"), "{text}");
        });
    }
}
