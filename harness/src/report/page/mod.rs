//! The HTML page: one file that opens from a disk or out of a message, and asks nobody else for anything. It reads whole
//! without its script; the script filters, searches and remembers nothing.

use std::error::Error as _;
use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use sha2::{Digest, Sha256};

use super::Model;
use crate::bench::file::BenchFile;
use crate::cost::Cost;

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

impl From<PageError> for io::Error {
    fn from(error: PageError) -> Self {
        // What the writer came back with is the writer's to tell.
        match error.source().and_then(|source| source.source()).and_then(|source| source.downcast_ref::<Self>()) {
            Some(source) => source.raw_os_error().map_or_else(|| source.kind().into(), Self::from_raw_os_error),
            None => Self::other(error),
        }
    }
}

/// Writes the page as it is made, with the plots of a bench file where there is one, and what is known of what the images cost
/// besides.
///
/// # Errors
/// [`PageError`].
pub fn write(model: &Model<'_>, bench: Option<&BenchFile>, cost: &Cost, to: impl io::Write) -> Result<(), PageError> {
    let page = content::page(model, bench, cost)?;
    // One template: those that include others need a part of the library that nothing else does.
    let text = include_str!("page.html").replace("{% include \"impact.html\" %}\n", include_str!("impact.html"));
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    templates.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    templates.add_template("page.html", &text)?;
    let context = minijinja::context! {
        page => Value::from(Serde(&page)),
        style => include_str!("page.css"),
        script => SCRIPT,
        // The one script that a browser may run here, whatever an image said.
        script_digest => STANDARD.encode(Sha256::digest(SCRIPT)),
    };
    templates.get_template("page.html")?.render_captured_to(context, to)?;
    Ok(())
}
