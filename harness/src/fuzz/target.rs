//! What can be fuzzed, as the worker lists it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A family of functions.
#[derive(Clone, Debug, Deserialize)]
pub struct Target {
    /// `area.name`.
    pub id: String,
    /// The constant that it is in the probes, below `crate::fuzz::targets`.
    pub constant: String,
    /// What is asked, in one sentence.
    pub what: String,
    /// The functions that are called.
    pub functions: Vec<String>,
    /// The names of an input's fields.
    pub fields: Vec<String>,
    /// How many elements there are, where the domain is small enough to ask all.
    pub domain: Option<u64>,
    /// How many inputs make a batch.
    pub batch: u64,
    /// Environment variables of the worker.
    pub env: BTreeMap<String, String>,
    /// Whether it needs a network namespace of its own.
    pub network: bool,
    /// Whether the image's shell is asked along.
    #[serde(default)]
    pub shell: bool,
    /// Whether the name of a line tells what it is about, so that inputs of one cause need not look alike.
    #[serde(default)]
    pub told: bool,
    /// What is said in a line that differs, where it alone tells what it is about.
    #[serde(default)]
    pub telling: Vec<String>,
    /// The field of flags: inputs that need the same ones need not look alike.
    #[serde(default)]
    pub flags: Option<usize>,
}

impl Target {
    /// The area: the id up to its first dot.
    pub fn area(&self) -> &str {
        self.id.split('.').next().unwrap_or(&self.id)
    }

    /// Whether an input can be made smaller: elements that are one number cannot.
    pub fn shrinks(&self) -> bool {
        self.domain.is_none() || self.fields.len() > 1
    }

    /// Whether findings of one shape are one class, whatever their inputs look like.
    pub fn by_shape(&self) -> bool {
        self.told || !self.shrinks()
    }

    /// The case id under which its batches travel.
    pub fn case(&self) -> String {
        format!("fuzz.{}", self.id)
    }
}
