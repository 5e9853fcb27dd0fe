//! The single requirements of a file, so that each can be asked for alone where all of them together cannot be met.
//!
//! The forms are pip's: comments, lines that go on, files that name others, options. What they mean is the resolver's to say.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Files that a file may lead to.
const FILES: usize = 200;

/// What a file and those that it names ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// Requirements, as they stand there.
    pub requirements: Vec<String>,
    /// Files of constraints.
    pub constraints: Vec<PathBuf>,
    /// Options that go for all of them, as they stand there.
    pub options: Vec<String>,
    read: Vec<PathBuf>,
}

#[derive(Default, Deserialize)]
struct Pyproject {
    #[serde(default)]
    project: Project,
}

#[derive(Default, Deserialize)]
struct Project {
    #[serde(default)]
    dependencies: Vec<String>,
}

impl Lines {
    /// Takes a file; what cannot be read in it is left to the resolver, which has refused it already.
    pub fn take(&mut self, file: &Path) {
        let known = self.read.iter().any(|read| read == file);
        let Some(text) = fs::read_to_string(file).ok().filter(|_| !known && self.read.len() < FILES) else { return };
        self.read.push(file.to_owned());
        if file.file_name().is_some_and(|name| name == "pyproject.toml") {
            let project: Pyproject = toml::from_str(&text).unwrap_or_default();
            self.requirements.extend(project.project.dependencies);
            return;
        }
        let beside = file.parent().unwrap_or(Path::new(""));
        let whole = text.replace("\\\r\n", " ").replace("\\\n", " ");
        for line in whole.lines().map(uncommented).filter(|line| !line.is_empty()) {
            let named = |names: [&str; 2]| {
                let rest = names.iter().find_map(|name| line.strip_prefix(name))?;
                Some(beside.join(rest.trim_start_matches(['=', ' ', '\t'])))
            };
            if let Some(other) = named(["--requirement", "-r"]) {
                self.take(&other);
            } else if let Some(constraints) = named(["--constraint", "-c"]) {
                self.constraints.push(constraints);
            } else if line.starts_with('-') && !line.starts_with("-e") && !line.starts_with("--editable") {
                self.options.push(line.to_owned());
            } else {
                self.requirements.push(line.to_owned());
            }
        }
    }
}

/// A line without its comment, which starts it or follows a blank.
fn uncommented(line: &str) -> &str {
    let end = if line.starts_with('#') { Some(0) } else { line.find(" #").or_else(|| line.find("\t#")) };
    line[..end.unwrap_or(line.len())].trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_all_files_are_found_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
        write(
            "a.txt",
            "# no\nx==1 \\\n  --hash=sha256:0\n\n-r b.txt\n--requirement=a.txt\n-c limits.txt\n--pre\ny[z] ; python_version > '3' # why\nz @ https://h/#egg\n",
        );
        write("b.txt", "w\r\n-r a.txt\n-r nowhere.txt\n");
        let mut lines = Lines::default();
        lines.take(&folder.path().join("a.txt"));
        assert_eq!(
            lines.requirements,
            ["x==1    --hash=sha256:0", "w", "y[z] ; python_version > '3'", "z @ https://h/#egg"]
        );
        assert_eq!(lines.constraints, [folder.path().join("limits.txt")]);
        assert_eq!(lines.options, ["--pre"]);
        write("pyproject.toml", "[project]\nname = 'x'\ndependencies = ['a', 'b<2']\n");
        let mut lines = Lines::default();
        lines.take(&folder.path().join("pyproject.toml"));
        assert_eq!(lines.requirements, ["a", "b<2"]);
    }
}
