//! What the choice of an image costs besides behaviour: its size, which packages have wheels for it, how long a build takes. The
//! figures come from the answers of the verbs that measure them; here they are put beside each other for the page and the demo.

use std::path::Path;

use serde::Deserialize;

use crate::anatomy::Anatomy;
use crate::build::file::{self, BuildFile};
use crate::runfile::Image;
use crate::wheels::answer::{self, Answer};

pub mod article;
pub mod chart;

pub use chart::{Bar, Chart, Part};

/// What is known of it.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    /// Images taken apart: `libcdiff image compare --json`.
    pub sizes: Vec<Anatomy>,
    /// Which packages have wheels: `libcdiff wheels --json`, one answer for each question.
    pub wheels: Vec<Answer>,
    /// How long builds take: `libcdiff build`.
    pub builds: Vec<BuildFile>,
}

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CostError {
    /// It could not be read.
    #[error("reading {path}: {error}")]
    Reading {
        /// The file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// It is something else, or damaged.
    #[error("reading {path}: {error}; {made_by} makes such a file")]
    Other {
        /// The file.
        path: String,
        /// Where it does not fit.
        error: String,
        /// The command that writes what was expected.
        made_by: &'static str,
    },
}

#[derive(Deserialize)]
struct Sizes {
    images: Vec<Anatomy>,
}

impl Cost {
    /// Adds what `libcdiff image compare --json` printed.
    ///
    /// # Errors
    /// [`CostError`].
    pub fn with_sizes(mut self, path: &Path) -> Result<Self, CostError> {
        let sizes: Sizes = parsed(path, "libcdiff image compare --json", |_| true)?;
        self.sizes.extend(sizes.images);
        Ok(self)
    }

    /// Adds what `libcdiff wheels --json` printed.
    ///
    /// # Errors
    /// [`CostError`].
    pub fn with_wheels(mut self, path: &Path) -> Result<Self, CostError> {
        self.wheels.push(parsed(path, "libcdiff wheels --json", |a: &Answer| a.schema == answer::SCHEMA)?);
        Ok(self)
    }

    /// Adds what `libcdiff build` wrote.
    ///
    /// # Errors
    /// [`CostError`].
    pub fn with_builds(mut self, path: &Path) -> Result<Self, CostError> {
        self.builds.push(parsed(path, "libcdiff build", |b: &BuildFile| b.schema == file::SCHEMA)?);
        Ok(self)
    }

    /// Everything, beside each other; what nothing is known of is left out. `images` are those of a run, whose sizes stand in for
    /// images that were not taken apart.
    pub fn charts(&self, images: &[Image]) -> Vec<Chart> {
        let mut charts = chart::sizes(&self.sizes, images);
        charts.extend(self.wheels.iter().map(chart::wheels));
        charts.extend(self.builds.iter().flat_map(chart::builds));
        charts
    }
}

fn parsed<T: for<'de> Deserialize<'de>>(
    path: &Path,
    made_by: &'static str,
    fits: impl Fn(&T) -> bool,
) -> Result<T, CostError> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| CostError::Reading { path: name.clone(), error })?;
    let parsed = serde_json::from_str(&text).map_err(|e| e.to_string());
    let parsed = parsed.and_then(|file| if fits(&file) { Ok(file) } else { Err("its schema is another one".into()) });
    parsed.map_err(|error| CostError::Other { path: name, error, made_by })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_kind_says_what_makes_the_right_one() {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        std::io::Write::write_all(&mut file, br#"{"schema":"libcdiff.run/1"}"#).expect("written");
        for (taken, made_by) in [
            (Cost::default().with_sizes(file.path()).err(), "image compare"),
            (Cost::default().with_wheels(file.path()).err(), "libcdiff wheels"),
            (Cost::default().with_builds(file.path()).err(), "libcdiff build"),
        ] {
            let told = taken.map(|error| error.to_string()).unwrap_or_default();
            assert!(told.contains(made_by) && told.contains("reading /"), "{told}");
        }
    }
}
