//! The HTML page: one file that opens from a disk or out of a message, and asks nobody else for anything. It reads whole
//! without its script; the script filters, searches and remembers nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use sha2::{Digest, Sha256};

use super::Model;
use crate::bench::file::BenchFile;

mod content;
mod impact;

const SCRIPT: &str = include_str!("page.js");

/// Why a page was not written.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The template.
    #[error("rendering the page: {0}")]
    Template(#[from] minijinja::Error),
    /// A plot.
    #[error(transparent)]
    Plot(#[from] super::bench::canvas::PlotError),
}

/// Renders the page, with the plots of a bench file where there is one.
///
/// # Errors
/// [`PageError`].
pub fn render(model: &Model<'_>, bench: Option<&BenchFile>) -> Result<String, PageError> {
    let page = content::page(model, bench)?;
    // One template: those that include others need a part of the library that nothing else does.
    let text = include_str!("page.html").replace("{% include \"impact.html\" %}\n", include_str!("impact.html"));
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    templates.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    templates.add_template("page.html", &text)?;
    let page = templates.get_template("page.html")?.render(minijinja::context! {
        page => Value::from(Serde(&page)),
        style => include_str!("page.css"),
        script => SCRIPT,
        // The one script that a browser may run here, whatever an image said.
        script_digest => STANDARD.encode(Sha256::digest(SCRIPT)),
    })?;
    Ok(page)
}
