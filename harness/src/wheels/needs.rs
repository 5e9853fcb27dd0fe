//! What building a package takes, as far as its source shows it: what it asks for itself, and tools, each with the reason.
//!
//! What no source says in a form that can be read, libraries and their headers first of all, is not here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sdist::Contents;

/// What a build takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Needs {
    /// What it asks for from the index: `build-system.requires`.
    pub requires: Vec<String>,
    /// Why that list is what it is, where the source has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires_note: Option<String>,
    /// Compilers and the like; none where nothing in the source shows that any is needed.
    pub tools: Vec<Tool>,
    /// Why nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

/// A tool that the machine has to have.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Tool {
    /// `C compiler`, `C++ compiler`, `Fortran compiler`, `Rust`, `CMake`.
    pub name: String,
    /// What shows it.
    pub because: String,
    /// Whether the source leaves no doubt; else it has files for such a tool, and nothing says that the build uses them.
    pub certain: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Pyproject {
    build_system: Option<BuildSystem>,
    #[serde(default)]
    tool: toml::Table,
}

#[derive(Deserialize)]
struct BuildSystem {
    #[serde(default)]
    requires: Vec<String>,
}

/// A build requirement and the tools that it stands for.
const MEANT: [(&str, &[&str]); 13] = [
    // Rust links with the C compiler.
    ("maturin", &["Rust", "C compiler"]),
    ("setuptools-rust", &["Rust", "C compiler"]),
    ("cython", &["C compiler"]),
    ("cffi", &["C compiler"]),
    ("mypy", &["C compiler"]),
    ("meson-python", &["C compiler"]),
    ("mesonpep517", &["C compiler"]),
    ("pybind11", &["C++ compiler"]),
    ("nanobind", &["C++ compiler"]),
    ("scikit-build", &["CMake", "C compiler"]),
    ("scikit-build-core", &["CMake", "C compiler"]),
    ("cmake", &["CMake"]),
    ("cppy", &["C++ compiler"]),
];

/// File endings and the tool that reads such files.
const SOURCES: [(&[&str], &str); 4] = [
    (&[".c", ".pyx"], "C compiler"),
    (&[".cpp", ".cc", ".cxx"], "C++ compiler"),
    (&[".f", ".f90", ".f77", ".for"], "Fortran compiler"),
    (&["/Cargo.toml"], "Rust"),
];

/// Folders whose files are not built into the package.
const ASIDE: [&str; 7] = ["test", "tests", "testing", "docs", "doc", "examples", "benchmarks"];

impl Needs {
    /// Nothing is known, and why.
    pub fn unknown(why: impl Into<String>) -> Self {
        Self { unknown: Some(why.into()), ..Self::default() }
    }

    /// What this source shows.
    pub fn of(source: &Contents) -> Self {
        let parsed = source.pyproject.as_deref().map(toml::from_str::<Pyproject>);
        let Ok(pyproject) = parsed.transpose() else {
            return Self::unknown("its pyproject.toml cannot be read");
        };
        let pyproject = pyproject.unwrap_or_default();
        let mut needs = Self::default();
        match &pyproject.build_system {
            Some(system) => needs.requires.clone_from(&system.requires),
            None => {
                needs.requires = vec!["setuptools".into()];
                needs.requires_note =
                    Some("it does not say; pip takes setuptools, and what setup.py imports is not known".into());
            }
        }
        for requirement in &needs.requires.clone() {
            let name = name(requirement);
            let meant = MEANT.iter().filter(|(known, _)| *known == name);
            for tool in meant.flat_map(|(_, tools)| tools.iter()) {
                needs.add(tool, format!("it builds with {name}"), true);
            }
        }
        let compiles = compiles(source, &pyproject, &needs);
        for (endings, tool) in SOURCES {
            let Some(member) = source.members.iter().find(|member| is_source(member, endings)) else { continue };
            match &compiles {
                Some(why) => needs.add(tool, format!("{why}; it has {member}"), true),
                None => needs.add(tool, format!("it has {member}, and nothing says that its build uses it"), false),
            }
        }
        if let (Some(why), true) = (&compiles, needs.tools.is_empty()) {
            needs.add("C compiler", why.clone(), true);
        }
        needs
    }

    /// One reason for each tool is enough, the certain one.
    fn add(&mut self, name: &str, because: String, certain: bool) {
        match self.tools.iter_mut().find(|tool| tool.name == name) {
            Some(tool) if certain && !tool.certain => (tool.because, tool.certain) = (because, certain),
            Some(_) => {}
            None => self.tools.push(Tool { name: name.into(), because, certain }),
        }
    }
}

/// What says that the build compiles something.
fn compiles(source: &Contents, pyproject: &Pyproject, needs: &Needs) -> Option<String> {
    let setup = source.setup.as_deref().unwrap_or_default();
    let word = ["ext_modules", "Extension(", "cffi_modules", "rust_extensions", "add_extension", "cythonize("];
    if let Some(word) = word.iter().find(|word| setup.contains(**word)) {
        return Some(format!("setup.py names {}", word.trim_end_matches('(')));
    }
    if pyproject.tool.get("setuptools").and_then(|tool| tool.get("ext-modules")).is_some() {
        return Some("pyproject.toml names ext-modules".into());
    }
    let native = ["meson-python", "scikit-build", "scikit-build-core", "maturin", "setuptools-rust"];
    let with = needs.requires.iter().map(|r| name(r)).find(|name| native.contains(&name.as_str()))?;
    Some(format!("it builds with {with}"))
}

fn is_source(member: &str, endings: &[&str]) -> bool {
    let slashed = format!("/{member}");
    let folders: Vec<_> = member.split('/').collect();
    endings.iter().any(|ending| slashed.ends_with(ending))
        && !folders.iter().any(|folder| ASIDE.contains(&folder.to_ascii_lowercase().as_str()))
}

/// The name in a requirement, in the form that names are compared in.
pub fn name(requirement: &str) -> String {
    let end = requirement.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    let name = requirement[..end.unwrap_or(requirement.len())].to_ascii_lowercase().replace(['_', '.'], "-");
    let mut short = String::with_capacity(name.len());
    for c in name.chars().filter(|c| *c != ' ') {
        if c != '-' || !short.ends_with('-') {
            short.push(c);
        }
    }
    short
}
