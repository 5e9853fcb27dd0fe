//! Allocators as subjects: what stands behind `malloc`, and how it gets into the program's process.

use std::collections::BTreeMap;
use std::fmt;

use libcdiff_protocol::{File, Flavour};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An allocator.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(transparent)]
pub struct Allocator(String);

/// What has to be arranged so that a program runs with the allocator.
#[derive(Clone, Debug, Default)]
pub struct Outfit {
    /// The program's name in its flavour, instead of the plain one.
    pub suffix: Option<String>,
    /// Variables.
    pub env: BTreeMap<String, String>,
    /// Files laid over the image.
    pub files: Vec<File>,
    /// What the program shall find live before it measures.
    pub expect: Option<String>,
}

impl Allocator {
    /// The allocator that the flavour has by itself.
    pub fn system() -> Self {
        Self("system".into())
    }

    /// The allocator of this name.
    pub fn parse(name: &str) -> Result<Self, String> {
        match name {
            "system" => Ok(Self::system()),
            _ => Err(format!("there is no allocator `{name}`: there is system")),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Whether it is the one that the flavour has by itself.
    pub fn is_system(&self) -> bool {
        self.0 == "system"
    }

    /// What a program of this flavour needs, or why the allocator does not apply to it.
    pub fn outfit(&self, _flavour: Flavour) -> Result<Outfit, String> {
        Ok(Outfit::default())
    }
}

impl fmt::Display for Allocator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
