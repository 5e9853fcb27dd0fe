//! The line of a Dockerfile that names an image: where findings about the image belong.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::runfile::RunFile;

/// A place in a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct From {
    /// The file as it was given.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
}

/// Why there is no place.
#[derive(Debug, thiserror::Error)]
pub enum DockerfileError {
    /// It cannot be read.
    #[error("reading the Dockerfile {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It has no FROM.
    #[error("the Dockerfile {} has no FROM line", .0.display())]
    NoFrom(PathBuf),
}

impl From {
    /// The last `FROM` that names the image which is checked; or, where none does, the last of all, which is the image
    /// that programs run in.
    ///
    /// # Errors
    /// [`DockerfileError`].
    pub fn find(path: &Path, run: &RunFile) -> Result<Self, DockerfileError> {
        let text = read(path)?;
        let reference = run.images.get(1).or(run.images.first()).map(|image| image.reference.as_str());
        let line = line(&text, reference.unwrap_or_default());
        line.map(|line| Self { path: path.into(), line }).ok_or_else(|| DockerfileError::NoFrom(path.into()))
    }
}

/// Whether a place can be found in it, whatever the image is.
///
/// # Errors
/// [`DockerfileError`].
pub fn readable(path: &Path) -> Result<(), DockerfileError> {
    line(&read(path)?, "").map(|_| ()).ok_or_else(|| DockerfileError::NoFrom(path.into()))
}

fn read(path: &Path) -> Result<String, DockerfileError> {
    fs::read_to_string(path).map_err(|source| DockerfileError::Read { path: path.into(), source })
}

fn line(text: &str, reference: &str) -> Option<usize> {
    let image = |line: &str| {
        let mut words = line.split_whitespace();
        let is_from = words.next().is_some_and(|word| word.eq_ignore_ascii_case("FROM"));
        is_from.then(|| words.find(|word| !word.starts_with("--")).unwrap_or_default().to_owned())
    };
    let froms: Vec<(usize, String)> =
        text.lines().enumerate().filter_map(|(n, line)| Some((n + 1, image(line)?))).collect();
    let named = froms.iter().rev().find(|(_, image)| image == reference);
    named.or(froms.last()).map(|(line, _)| *line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_names_the_image_is_found_or_else_the_last_stage() {
        let text = "# FROM no\nFROM --platform=linux/amd64 alpine:3.20 AS build\nRUN x\nfrom debian:13-slim\n";
        assert_eq!(line(text, "alpine:3.20"), Some(2));
        assert_eq!(line(text, "debian:13-slim"), Some(4));
        assert_eq!(line(text, "another"), Some(4));
        assert_eq!(line("RUN x\n", "another"), None);
    }
}
