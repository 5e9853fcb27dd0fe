//! The book: what is known and what a run showed, as the source of an mdBook, a page for each pitfall and each area, one
//! for the gravest first, one for the versions of C libraries side by side. Written anew each time, never edited.

use std::path::PathBuf;

use crate::pitfalls::Pitfall;
use crate::report::Model;

mod answers;
mod area;
mod index;
mod pitfall;
mod severity;
mod summary;
mod versions;

pub use answers::Answers;

/// A file of the book's source.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it goes, below the book's folder.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// The page of a pitfall in the rendered book: `threads/stack-size.html`.
pub fn page(pitfall: &str) -> String {
    let (area, words) = pitfall.split_once('.').unwrap_or(("", pitfall));
    format!("{area}/{words}.html")
}

/// Every file of the book's source.
pub fn pages(model: &Model<'_>) -> Vec<Page> {
    let mut pages = vec![
        file("book.toml", include_str!("book.toml").into()),
        file("style.css", include_str!("style.css").into()),
        source("SUMMARY.md", summary::page(model)),
        source("index.md", index::page(model)),
        source("severity.md", severity::page(model)),
        source("versions.md", versions::page(model)),
    ];
    for area in areas(model) {
        pages.push(source(&format!("{area}/index.md"), area::page(model, area)));
    }
    for pitfall in model.pitfalls.values() {
        let path = page(&pitfall.id).replace(".html", ".md");
        pages.push(source(&path, pitfall::page(model, pitfall)));
    }
    pages
}

fn file(path: &str, text: String) -> Page {
    Page { path: path.into(), text }
}

fn source(path: &str, text: String) -> Page {
    file(&format!("src/{path}"), text)
}

/// The areas that have cases, in alphabetical order.
fn areas<'a>(model: &Model<'a>) -> Vec<&'a str> {
    let mut areas: Vec<&str> = model.cases.values().map(|case| case.area()).collect();
    areas.sort_unstable();
    areas.dedup();
    areas
}

/// The pitfalls of an area, those that people meet first before the others, then the gravest.
fn pitfalls_of<'a>(model: &Model<'a>, area: &str) -> Vec<&'a Pitfall> {
    let mut pitfalls: Vec<&Pitfall> = model.pitfalls.values().copied().filter(|p| p.area() == area).collect();
    pitfalls.sort_by_key(|p| (p.rank.unwrap_or(u32::MAX), p.severity, &p.id));
    pitfalls
}

/// A link to a pitfall's page from a page that lies `up` (`""` or `"../"`) below the book's root.
fn link(pitfall: &Pitfall, up: &str) -> String {
    let path = page(&pitfall.id).replace(".html", ".md");
    format!("[{}]({up}{path})", crate::report::escape::prose(&pitfall.title))
}

/// A link to a case in its area's page, from a page that lies `up` below the root.
fn case_link(case: &str, up: &str) -> String {
    let area = case.split('.').next().unwrap_or_default();
    format!("[{}]({up}{area}/index.md#{})", crate::report::escape::code(case), anchor(case))
}

/// The place of a case in its area's page.
fn anchor(case: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { c } else { '-' };
    format!("case-{}", case.chars().map(plain).collect::<String>())
}

#[cfg(test)]
mod tests;
