//! What is told of a program and two images: `libcdiff.impact/1`, a contract to which members are only added.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object::TlsModel;
use crate::pitfalls::Severity;
use crate::runfile::{Libc, Tool};

/// The value of `schema`.
pub const SCHEMA: &str = "libcdiff.impact/1";

/// The whole answer.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Impact {
    /// `libcdiff.impact/1`.
    pub schema: String,
    /// The program that made it.
    pub tool: Tool,
    /// What was asked about.
    pub subject: String,
    /// The image that it comes from.
    pub from: Side,
    /// The image that it goes to.
    pub to: Side,
    /// In a sentence or two.
    pub sentence: String,
    /// Its ELF files, and after them the libraries that they bring along.
    pub files: Vec<Facts>,
    /// Whether each of them starts in the other image as it is, or can be loaded there.
    pub starts: Vec<Start>,
    /// The differences that touch its own files and the libraries that they bring along, gravest first.
    pub touched: Vec<Touched>,
    /// The differences that touch the other libraries that its files load, as they are in the first image, and nothing of its own.
    pub by_libraries: Vec<Touched>,
    /// The differences that reach every program which a loader starts, by variables, files and folders that it looks at: they
    /// are not among the counted ones.
    pub by_loader: Vec<Touched>,
    /// Counts.
    pub counts: Counts,
    /// What else has to be said.
    pub notes: Vec<String>,
}

/// An image.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Side {
    /// Its short name.
    pub image: String,
    /// What was asked for.
    pub reference: String,
    /// Its own C library; null where it has none.
    pub libc: Option<Libc>,
}

/// What an ELF file is.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Facts {
    /// Its path.
    pub path: String,
    /// Whether it is executed, or loaded by what is.
    pub kind: Kind,
    /// Whether it brings its C library along.
    #[serde(rename = "static")]
    pub is_static: bool,
    /// The architecture, as `uname -m` says; null for one that is not known.
    pub arch: Option<String>,
    /// The loader that it asks for.
    pub interpreter: Option<String>,
    /// The libraries that it needs.
    pub needed: Vec<String>,
    /// What it imports from the C library.
    pub imports: Vec<Symbol>,
    /// Bytes that its header asks for as a stack, from which musl makes the stacks of threads; 0 where it says nothing.
    pub stack_bytes: u64,
    /// How it reaches thread-local storage.
    pub tls: Vec<TlsModel>,
    /// Whether it opens libraries while it runs (dlopen).
    pub opens_libraries: bool,
    /// The Go that compiled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub go: Option<String>,
    /// Allocators that it carries, or needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allocators: Vec<String>,
    /// Whether its relocations are packed (`DT_RELR`).
    pub packed_relocations: bool,
    /// Whether some of its functions are chosen when it is loaded (IFUNC).
    pub ifunc: bool,
}

/// What a file is.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It is executed.
    Program,
    /// A shared library, a Python extension module, a Node add-on.
    Library,
}

/// An imported symbol.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Symbol {
    /// Its name.
    pub name: String,
    /// The version that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Whether a file starts in the other image as it is.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Start {
    /// The file.
    pub file: String,
    /// Whether nothing was found that keeps it from starting, or from being loaded.
    pub starts: bool,
    /// The loader that symbols and libraries were looked up for; null for static files, and where the image has none.
    pub loader: Option<String>,
    /// Whether that is another one than the file asks for, because the image has not that one.
    pub assumed: bool,
    /// What keeps it from starting, but for symbols.
    pub obstacles: Vec<Obstacle>,
    /// The symbols that the loader looks for in vain, in the file and in all that is loaded with it.
    pub missing_symbols: Vec<Missing>,
}

/// What keeps a file from starting.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Obstacle {
    /// Its kind.
    pub kind: ObstacleKind,
    /// The file that it is about: the program, or a library.
    pub file: String,
    /// What is missing or not understood: a loader, a library, a version.
    pub what: String,
    /// In a sentence.
    pub told: String,
}

/// Kinds of obstacles.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum ObstacleKind {
    /// It was made for another architecture.
    Architecture,
    /// The loader that it asks for is not there.
    Loader,
    /// A library is not there.
    Library,
    /// A library does not define a version that is asked for.
    Version,
    /// A function is chosen at load time, which the loader knows nothing of.
    Ifunc,
    /// Relocations are packed, which the loader passes over.
    PackedRelocations,
    /// A library that is opened while the program runs wants thread-local storage that is laid out at start.
    StaticTls,
}

/// A symbol that is not there.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Missing {
    /// The symbol.
    pub symbol: String,
    /// The version that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The file that asks.
    pub file: String,
    /// Whether it is the C library's to have; else it is that of a library which is missing or another one.
    pub from_libc: bool,
    /// What a program that is built for the target calls, where the target's C library has it: the same function, which the file asks
    /// another library or version for, or that behind the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rebuilt: Option<String>,
    /// Whether gcompat, a layer over musl for programs of glibc, has it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gcompat: bool,
}

/// The differences of one pitfall that touch.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Touched {
    /// The pitfall.
    pub pitfall: String,
    /// Its title.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// The cases on which the images differ, and that are about what is imported.
    pub cases: Vec<String>,
    /// What shows it.
    pub evidence: Vec<Evidence>,
}

/// A file that imports a function, and the cases that are about it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Evidence {
    /// The file.
    pub file: String,
    /// The symbol, as the file spells it; `elf:` and a word for what its headers say.
    pub symbol: String,
    /// The cases.
    pub cases: Vec<String>,
}

/// Counts.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Counts {
    /// Cases that both images were asked; without a run file those alone that may matter.
    pub cases: usize,
    /// Of them those on which the images differ.
    pub differences: usize,
    /// Of these those that touch the files and the libraries that they bring along.
    pub touching: usize,
    /// Those that touch only the other libraries that the files load.
    pub touching_libraries: usize,
    /// Those that no pitfall explains: nobody knows which functions they are about.
    pub unexplained: usize,
    /// Whether the cases are those of a run file.
    pub from_run: bool,
}

impl Impact {
    /// Its JSON Schema.
    pub fn json_schema() -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(&schemars::schema_for!(Self)).map(|text| text + "\n")
    }

    /// The cases that touch the files themselves.
    pub fn cases(&self) -> impl Iterator<Item = &str> {
        self.touched.iter().flat_map(|touched| &touched.cases).map(String::as_str)
    }
}
