//! `libcdiff book`: writes the source of the book.

use std::fs;
use std::path::{Component, Path};

use super::report::load;
use crate::book;
use crate::cli;
use crate::exit::{Exit, Failure};
use crate::report::Model;
use crate::{bundle, pitfalls};

/// Runs the verb.
pub fn run(request: &cli::Book) -> Result<(), Failure> {
    let file = load(&request.run)?;
    if file.as_deployed.is_some() {
        return Err(Failure::request(format!("{} holds look-ups as deployed, and no cases", request.run.display())));
    }
    let (cases, pitfalls) = (bundle::cases()?, pitfalls::all()?);
    let pages = book::pages(&Model::new(&file, &cases, &pitfalls));
    let source = request.output.join("src");
    clear(&source).map_err(|e| failed("clearing", &source, e))?;
    for page in pages {
        let path = request.output.join(&page.path);
        let inside = page.path.components().all(|part| matches!(part, Component::Normal(_)));
        debug_assert!(inside, "{}", page.path.display());
        let folder = path.parent().unwrap_or(&request.output);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, &page.text))
            .map_err(|e| failed("writing", &path, e))?;
    }
    Ok(())
}

/// Removes the pages of an earlier book, so that none stays whose pitfall has gone. A folder that is no book's is left alone.
fn clear(source: &Path) -> std::io::Result<()> {
    if !source.exists() {
        return Ok(());
    }
    if !source.join("SUMMARY.md").exists() {
        return Err(std::io::Error::other("it is there and holds no book (no SUMMARY.md)"));
    }
    fs::remove_dir_all(source)
}

fn failed(doing: &str, path: &Path, e: std::io::Error) -> Failure {
    Failure { exit: Exit::Failed, message: format!("{doing} {}: {e}", path.display()) }
}
