//! What building a package takes, as far as its source shows it: what it asks for itself, and tools, each with the reason.
//!
//! What no source says in a form that can be read, libraries and their headers first of all, is not here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::languages;
use super::sdist::{Contents, is_aside};

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
        let wanted: Vec<_> = needs.requires.iter().filter(|requirement| !is_for_pypy(requirement)).cloned().collect();
        for name in wanted.iter().map(|requirement| name(requirement)) {
            let meant = MEANT.iter().filter(|(known, _)| *known == name);
            for tool in meant.flat_map(|(_, tools)| tools.iter()) {
                // Some take a binding of C++ for its help with building alone.
                let certain =
                    *tool != "C++ compiler" || source.members.iter().any(|member| is_source(member, SOURCES[1].0));
                needs.add(tool, format!("it builds with {name}"), certain);
            }
        }
        // What a build file names is all that it compiles, however much more source lies beside it.
        for (with, file, named) in
            [("meson", "meson.build", &source.meson), ("scikit-build", "CMakeLists.txt", &source.cmake)]
        {
            if wanted.iter().any(|requirement| name(requirement).starts_with(with)) && !named.is_empty() {
                for language in named {
                    let Some(tool) = languages::tool(language) else { continue };
                    needs.add(tool, format!("its {file} names {language}"), true);
                }
                return needs;
            }
        }
        let compiles = compiles(source, &pyproject, &needs);
        for (endings, tool) in SOURCES {
            let Some(member) = source.members.iter().find(|member| is_source(member, endings)) else { continue };
            match &compiles {
                // What else lies in a package of Rust may be built by one of its crates.
                Some(why) => {
                    let certain = tool == "Rust" || !needs.tools.iter().any(|tool| tool.name == "Rust");
                    needs.add(tool, format!("{why}; it has {member}"), certain);
                }
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
    let word = [
        "ext_modules",
        "Extension(",
        "cffi_modules",
        "rust_extensions",
        "add_extension",
        "cythonize(",
        "numpy.distutils",
    ];
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

/// Whether a requirement is one of PyPy alone, by its marker.
fn is_for_pypy(requirement: &str) -> bool {
    let marker =
        requirement.split_once(';').map(|(_, marker)| marker.replace([' ', '"', '\''], "").to_ascii_lowercase());
    marker.is_some_and(|marker| marker.contains("==pypy"))
}

fn is_source(member: &str, endings: &[&str]) -> bool {
    let slashed = format!("/{member}");
    endings.iter().any(|ending| slashed.ends_with(ending)) && !is_aside(member)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn tools(pyproject: Option<&str>, setup: &str, members: &[&str], meson: &[&str], cmake: &[&str]) -> Vec<String> {
        let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let source = Contents {
            members: list(members),
            pyproject: pyproject.map(str::to_owned),
            setup: Some(setup.into()),
            meson: list(meson),
            cmake: list(cmake),
        };
        let spoken = |tool: &Tool| if tool.certain { tool.name.clone() } else { format!("perhaps {}", tool.name) };
        let mut tools: Vec<_> = Needs::of(&source).tools.iter().map(spoken).collect();
        tools.sort();
        tools
    }

    fn requires(names: &str) -> Option<String> {
        Some(format!("[build-system]\nrequires = [{names}]\n"))
    }

    /// The shapes are those of numpy 2 and 1.18, scipy 1.4, Pillow 13, pyzmq 27, cryptography 3.4 and psycopg2.
    #[test]
    fn what_is_named_is_what_the_build_takes() {
        let meson = requires("'meson-python>=0.18.0', 'Cython>=3.1.0'");
        let beside = ["numpy/a.c", "numpy/b.cc", "vendored-meson/meson/test cases/x/main.f90", "x/Cargo.toml", "y.f90"];
        let numpy = tools(meson.as_deref(), "", &beside, &["c", "cpp", "cython"], &[]);
        assert_eq!(numpy, ["C compiler", "C++ compiler"]);
        assert_eq!(tools(meson.as_deref(), "", &[], &["c", "fortran"], &[]), ["C compiler", "Fortran compiler"]);
        let old = tools(None, "from numpy.distutils.core import setup", &["scipy/x.f", "scipy/y.c"], &[], &[]);
        assert_eq!(old, ["C compiler", "Fortran compiler"]);
        let pillow =
            tools(requires("'pybind11', 'setuptools'").as_deref(), "setup(ext_modules=x)", &["src/a.c"], &[], &[]);
        assert_eq!(pillow, ["C compiler", "perhaps C++ compiler"]);
        let bound = tools(requires("'pybind11'").as_deref(), "", &["src/a.cpp"], &[], &[]);
        assert_eq!(bound, ["C++ compiler"]);
        let zmq = requires("\"cffi; implementation_name == 'pypy'\", 'scikit-build-core'");
        assert_eq!(tools(zmq.as_deref(), "", &["a.f90"], &[], &["C", "CXX"]), ["C compiler", "C++ compiler", "CMake"]);
        let rust = requires("\"cffi>=1.12; platform_python_implementation != 'PyPy'\", 'setuptools-rust'");
        assert_eq!(
            tools(rust.as_deref(), "Extension(", &["src/Cargo.toml", "x.cpp"], &[], &[]),
            ["C compiler", "Rust", "perhaps C++ compiler"]
        );
        assert_eq!(tools(None, "setup(ext_modules=[])", &["psycopg/a.c", "tests/b.cpp"], &[], &[]), ["C compiler"]);
        assert_eq!(tools(requires("'setuptools'").as_deref(), "", &["speedups.c"], &[], &[]), ["perhaps C compiler"]);
        assert_eq!(tools(None, "setup()", &["a.py"], &[], &[]), [""; 0]);
    }
}
