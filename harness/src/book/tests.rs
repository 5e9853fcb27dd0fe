//! The book of a small run.

use std::collections::BTreeSet;

use super::*;
use crate::runfile::RunFile;
use crate::{bundle, pitfalls, remedy};

const RUN: &str = include_str!("../../tests/fixtures/run.json");

fn with_pages(run: &str, test: impl FnOnce(&[Page])) {
    let mut run = RunFile::parse(run).expect("a run file");
    let (cases, pitfalls) = (bundle::cases().expect("cases"), pitfalls::all().expect("pitfalls"));
    run.remedies = remedy::judge(&pitfalls, &run);
    test(&pages(&Model::new(&run, &cases, &pitfalls)));
}

#[track_caller]
fn text<'a>(pages: &'a [Page], path: &str) -> &'a str {
    let page = pages.iter().find(|page| page.path.to_str() == Some(path));
    &page.unwrap_or_else(|| panic!("there is no {path}")).text
}

#[test]
fn every_pitfall_has_its_page_and_is_in_the_contents() {
    with_pages(RUN, |pages| {
        let summary = text(pages, "src/SUMMARY.md");
        for pitfall in pitfalls::all().expect("pitfalls") {
            let path = page(&pitfall.id).replace(".html", ".md");
            assert!(text(pages, &format!("src/{path}")).starts_with("# "), "{path}");
            assert_eq!(summary.matches(&format!("({path})")).count(), 1, "{path}");
        }
    });
}

#[test]
fn a_pitfalls_page_tells_it_whole() {
    with_pages(RUN, |pages| {
        let page = text(pages, "src/threads/stack-size.md");
        for part in ["## What happens", "## Why", "## Who is right", "## What to do", "## Sources"] {
            assert!(page.contains(part), "no {part} in {page}");
        }
        assert!(page.contains("Asked by [`threads.stack.header`](../threads/index.md#case-threads.stack.header)."));
        assert!(page.contains("<span class=\"verdict works\">works in "), "{page}");
        assert!(page.contains("glibc 2.41 | <code>stack&#95;bytes: 8388608</code>"), "{page}");
        assert!(page.contains("musl 1.2.5 | <code>stack&#95;bytes: 131072</code>"), "{page}");
    });
}

#[test]
fn an_area_has_all_of_its_cases() {
    with_pages(RUN, |pages| {
        let page = text(pages, "src/time/index.md");
        let cases: Vec<_> = bundle::cases().expect("cases").into_iter().filter(|case| case.area() == "time").collect();
        for case in &cases {
            assert!(page.contains(&format!("<a id=\"{}\"></a>", anchor(&case.id))), "{}", case.id);
        }
        let rows = page.lines().filter(|line| line.starts_with("| <a id=")).count();
        assert_eq!(rows, cases.len(), "a row is a line, whatever a case answers");
    });
}

#[test]
fn versions_stand_side_by_side() {
    with_pages(RUN, |pages| {
        let page = text(pages, "src/versions.md");
        assert!(page.contains("| case | glibc 2.41 | musl 1.2.5 | pitfall |"), "{page}");
        let row = page.lines().find(|line| line.contains("[`threads.stack.default`]")).expect("a row");
        assert!(row.contains(">A</span>") && row.contains(">B</span>"), "{row}");
        assert!(row.contains("(threads/stack-size.md)"), "{row}");
        assert!(!page.contains("[`threads.stack.header`]"), "it does not differ");
    });
}

#[test]
fn every_link_leads_somewhere() {
    with_pages(RUN, |pages| {
        let known: BTreeSet<PathBuf> = pages.iter().map(|page| page.path.clone()).collect();
        for page in pages {
            let folder = page.path.parent().expect("a folder");
            for link in page.text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
                if !link.ends_with(".md") {
                    continue;
                }
                let target = match link.strip_prefix("../") {
                    Some(rest) => folder.parent().expect("a folder").join(rest),
                    None => folder.join(link),
                };
                assert!(known.contains(&target), "{} leads to {link}", page.path.display());
            }
        }
    });
}

#[test]
fn an_answer_cannot_leave_its_cell() {
    let nasty = r"a | b <script> `c` \\| {{#include x}}";
    let run = RUN.replace("stack_bytes: 131072", nasty);
    assert_ne!(run, RUN);
    with_pages(&run, |pages| {
        for path in ["src/threads/stack-size.md", "src/threads/index.md"] {
            let page = text(pages, path);
            assert!(!page.contains("<script>") && !page.contains("{{#"), "{path}");
            let line = page.lines().find(|line| line.contains("&#60;script&#62;")).expect("the answer");
            let bars = line.replace("\\|", "").matches('|').count();
            assert_eq!(bars, if path.ends_with("index.md") { 3 } else { 4 }, "{line}");
        }
    });
}

#[test]
fn reports_lead_to_the_book() {
    let run = RunFile::parse(RUN).expect("a run file");
    let (cases, pitfalls) = (bundle::cases().expect("cases"), pitfalls::all().expect("pitfalls"));
    let report = crate::report::markdown::render(&Model::new(&run, &cases, &pitfalls), Some("https://book.test/"));
    assert!(report.contains("[`threads.stack-size`](https://book.test/threads/stack-size.html)"), "{report}");
}
