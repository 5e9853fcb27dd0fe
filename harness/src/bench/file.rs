//! The bench file, version 1: everything one benchmark measured, raw, with what is told of it. Every table and plot is
//! rendered from it, and `libcdiff report` reads it back. Its JSON Schema (`reports/bench.schema.json`) is generated from
//! these types.
//!
//! The format is a contract: fields are added, never renamed or given another meaning.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::block::{Block, Sampling};
use super::environment::Environment;
use super::layout;
use super::rounds::Rounds;
use super::subject::{Dropped, Role, Subject};
use super::summary::{Outcome, Scaling};
use super::workload::Workload;
use crate::runfile::{FlavourInfo, Image, Tool};

/// The value of `schema` in a file of this version.
pub const SCHEMA: &str = "libcdiff.bench/1";

/// One benchmark.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct BenchFile {
    /// `libcdiff.bench/1`.
    pub schema: String,
    /// The program that made the file.
    pub tool: Tool,
    /// When the run began, RFC 3339, UTC.
    pub started: String,
    /// When the file was written last.
    pub finished: String,
    /// Whether everything that was planned was measured; false while the run goes on, and of one that was stopped.
    pub complete: bool,
    /// Where it ran.
    pub environment: Environment,
    /// The images.
    pub images: Vec<Image>,
    /// How the programs of each flavour were built.
    pub flavours: Vec<FlavourInfo>,
    /// Digests of the programs that ran, by name.
    pub programs: BTreeMap<String, String>,
    /// The subjects: the baseline first, its twin second.
    pub subjects: Vec<Subject>,
    /// What was not measured at all, and why.
    #[serde(default)]
    pub dropped: Vec<Dropped>,
    /// How it was measured.
    pub schedule: Schedule,
    /// What was measured, in the order in which it was.
    pub workloads: Vec<Measured>,
    /// How each subject goes from one thread to two, where both were measured.
    #[serde(default)]
    pub scaling: Vec<Scaling>,
}

/// How a run was measured. Each round's order follows from the seed and the workload's name, and stands in the blocks.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Schedule {
    /// The seed of orders and resamples.
    pub seed: u64,
    /// The rule for rounds in time mode.
    pub rounds: Rounds,
    /// Rounds in memory mode.
    pub memory_rounds: usize,
    /// How often a block on a busy machine was run again at most.
    pub repeats: usize,
    /// Workloads, with their threads, that were planned.
    pub planned: usize,
}

/// One workload with a number of threads.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Measured {
    /// The workload.
    pub workload: Workload,
    /// Threads.
    pub threads: u32,
    /// How its blocks sampled.
    pub sampling: Sampling,
    /// What is told of each subject, in their order.
    pub outcomes: Vec<Outcome>,
    /// What probably is behind a difference, where the figures say so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diagnosis: Vec<String>,
    /// Every block, in the order in which they ran.
    pub blocks: Vec<Block>,
}

impl Measured {
    /// The outcome of a subject.
    pub fn outcome(&self, subject: &str) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.subject == subject)
    }

    /// Blocks that were run again, and blocks that were disturbed all the same.
    pub fn disturbed(&self) -> (usize, usize) {
        let repeats = self.blocks.iter().map(|block| block.repeats).sum();
        (repeats, self.blocks.iter().filter(|block| block.disturbance.is_much()).count())
    }

    /// Rounds in time mode.
    pub fn rounds(&self) -> usize {
        let timed = self.blocks.iter().filter(|block| block.ns_per_op.is_some());
        timed.map(|block| block.round + 1).max().unwrap_or(0)
    }
}

/// Why a file could not be read as a bench file.
#[derive(Debug, thiserror::Error)]
pub enum BenchFileError {
    /// Not JSON, or not of this form.
    #[error("it is not a bench file: {0}")]
    Form(#[from] serde_json::Error),
    /// Another version.
    #[error("it has the schema `{0}`, and this version reads `{SCHEMA}`")]
    Schema(String),
    /// A name that the file does not explain.
    #[error("`{workload}` tells of the subject `{subject}`, which the file does not have")]
    Dangling {
        /// The workload.
        workload: String,
        /// The subject.
        subject: String,
    },
}

impl BenchFile {
    /// Reads a bench file and checks that it holds together.
    pub fn parse(text: &str) -> Result<Self, BenchFileError> {
        #[derive(Deserialize)]
        struct Head {
            schema: String,
        }
        let head: Head = serde_json::from_str(text)?;
        if head.schema != SCHEMA {
            return Err(BenchFileError::Schema(head.schema));
        }
        let file: Self = serde_json::from_str(text)?;
        for measured in &file.workloads {
            let told = measured.outcomes.iter().map(|o| &o.subject).chain(measured.blocks.iter().map(|b| &b.subject));
            if let Some(subject) = told.into_iter().find(|name| file.subject(name).is_none()) {
                let workload = measured.workload.name.clone();
                return Err(BenchFileError::Dangling { workload, subject: subject.clone() });
            }
        }
        Ok(file)
    }

    /// The file's text.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        layout::json(self)
    }

    /// The JSON Schema of bench files.
    pub fn json_schema() -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(&schemars::schema_for!(Self)).map(|text| text + "\n")
    }

    /// The subject of this id.
    pub fn subject(&self, id: &str) -> Option<&Subject> {
        self.subjects.iter().find(|subject| subject.id == id)
    }

    /// The image of this id.
    pub fn image(&self, id: &str) -> Option<&Image> {
        self.images.iter().find(|image| image.id == id)
    }

    /// What the others are compared with.
    pub fn baseline(&self) -> Option<&Subject> {
        self.subjects.iter().find(|subject| subject.role == Role::Baseline)
    }

    /// The subjects but the twin, in their order.
    pub fn shown(&self) -> impl Iterator<Item = &Subject> {
        self.subjects.iter().filter(|subject| subject.role != Role::Twin)
    }

    /// The outcome of the baseline's twin in a workload: the noise.
    pub fn noise<'a>(&self, measured: &'a Measured) -> Option<&'a Outcome> {
        let twin = self.subjects.iter().find(|subject| subject.role == Role::Twin)?;
        measured.outcome(&twin.id)
    }
}
