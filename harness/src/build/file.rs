//! The build file, version 1: every build that was measured, raw, with what is told of it. Its JSON Schema
//! (`reports/build.schema.json`) is generated from these types.
//!
//! The format is a contract: fields are added, never renamed or given another meaning.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bench::statistics::Interval;
use crate::runfile::Tool;

/// The value of `schema` in a file of this version.
pub const SCHEMA: &str = "libcdiff.build/1";

/// Builds that were measured beside each other.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct BuildFile {
    /// `libcdiff.build/1`.
    pub schema: String,
    /// The program that made the file.
    pub tool: Tool,
    /// When the first build began, RFC 3339, UTC.
    pub started: String,
    /// When the file was written last.
    pub finished: String,
    /// Whether every planned build was made, or failed for good; false of a run that was stopped.
    pub complete: bool,
    /// What made the builds.
    pub engine: Engine,
    /// The network that steps had: `default`, `none`, `host`, or a network's name.
    pub network: String,
    /// How often each was planned to be built, cold and warm.
    pub rounds: usize,
    /// What the order in each round follows from.
    pub seed: u64,
    /// What was built, in the order in which it was given; the first is what the others are compared with.
    pub subjects: Vec<Subject>,
}

/// The engine and its machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Engine {
    /// `docker`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where layers are kept: `overlay2`.
    pub storage: Option<String>,
    /// Its kernel, as `uname -r` says.
    pub kernel: Option<String>,
    /// Its operating system.
    pub system: Option<String>,
    /// Its architecture, as `uname -m` says.
    pub arch: Option<String>,
    /// Its processors.
    pub cpus: Option<u64>,
    /// Bytes of its memory.
    pub memory_bytes: Option<u64>,
}

/// A Dockerfile on a base image.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Subject {
    /// Its short name, which no other subject has.
    pub id: String,
    /// The Dockerfile, as it was given.
    pub dockerfile: String,
    /// What `--image` said; none where the Dockerfile's own base was left as it is.
    pub image: Option<String>,
    /// The image that the result stands on; none of `FROM scratch`.
    pub base: Option<Base>,
    /// Every build, in the order in which they were made.
    pub builds: Vec<Build>,
    /// What follows from them.
    pub outcome: Outcome,
}

/// A base image.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Base {
    /// What the builder was told.
    pub name: String,
    /// The engine's id of it.
    pub id: String,
    /// Bytes of its layers, unpacked.
    pub bytes: u64,
    /// How long pulling it took, in milliseconds, where it was not at the engine. In no figure of a build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pulled_ms: Option<f64>,
}

/// Whether a build could use what an earlier one left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cache {
    /// Every step was made anew, with the base images in place.
    Cold,
    /// At once again: every step whose result can be reused was taken from the cold build before it.
    Warm,
}

impl fmt::Display for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Cold => "cold",
            Self::Warm => "warm",
        })
    }
}

/// One build.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Build {
    /// Counted from 0.
    pub round: usize,
    /// Cold or warm.
    pub cache: Cache,
    /// From the request to the builder's last word, in milliseconds, with the sending of the context.
    pub wall_ms: f64,
    /// Time of processors that containers of steps took; none where nobody can tell.
    pub cpu: Option<Cpu>,
    /// What went over the network of the steps; none where nobody can tell.
    pub network: Option<Traffic>,
    /// The image.
    pub image: Option<Built>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Why there is no image.
    pub failed: Option<Failed>,
}

/// An image that came of a build.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Built {
    /// The engine's id. The image is gone.
    pub id: String,
    /// Bytes of its layers, unpacked, the base's among them.
    pub bytes: u64,
}

/// Time of processors.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Cpu {
    /// Milliseconds of all processors together, as far as they were read; what the builder itself does (unpacking, copying,
    /// comparing folders) is not in it.
    pub ms: f64,
    /// Who said so.
    pub by: Reader,
    /// Milliseconds between the last readings and the ends of the containers, all together: what was used then is missing.
    pub unread_ms: f64,
}

/// Who tells the time of processors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reader {
    /// The containers' cgroups, read on this machine every few milliseconds.
    Cgroup,
    /// The engine, about once a second.
    Engine,
}

/// Bytes that went over the network interfaces of the steps, with all headers above the link's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Traffic {
    /// To the steps.
    pub received_bytes: u64,
    /// From them.
    pub sent_bytes: u64,
}

/// One step of a build: an instruction of the Dockerfile.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Step {
    /// Its line in the Dockerfile.
    pub line: usize,
    /// The instruction, as the builder tells it.
    pub instruction: String,
    /// How long it took, in milliseconds.
    pub ms: f64,
    /// Whether it came from the cache.
    pub cached: bool,
    /// Bytes of the layer that it put into the image; none of steps whose results are not in it.
    pub bytes: Option<u64>,
    /// The engine's short id of the image that it left.
    #[serde(skip)]
    pub image: Option<String>,
}

/// How a build failed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Failed {
    /// The line of the step in the Dockerfile; none where it was no step.
    pub line: Option<usize>,
    /// The step.
    pub instruction: Option<String>,
    /// The exit code of its program, where one ended.
    pub exit_code: Option<i64>,
    /// The engine's words.
    pub message: String,
    /// The last lines that the step printed.
    pub output: Vec<String>,
}

/// What follows from the builds of a subject.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Outcome {
    /// Cold builds.
    pub cold: Figures,
    /// Warm builds.
    pub warm: Figures,
    /// Bytes of the image's layers, unpacked: the median, where builds differ in it.
    pub image_bytes: Option<u64>,
    /// Whether cold builds gave images of different sizes.
    pub varies: bool,
    /// What fills it: the steps of the Dockerfile that put something into it, with the median time of each in cold builds.
    pub layers: Vec<Layer>,
    /// The failure that ended its builds.
    pub failed: Option<Failed>,
}

/// What one instruction put into an image.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Layer {
    /// Its line in the Dockerfile.
    pub line: usize,
    /// The instruction.
    pub instruction: String,
    /// Bytes.
    pub bytes: u64,
    /// How long it took, in milliseconds.
    pub ms: f64,
}

/// Figures of some builds.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Figures {
    /// Builds that they are of.
    pub builds: usize,
    /// Milliseconds from the request to the last word.
    pub wall_ms: Option<Figure>,
    /// Milliseconds of processors.
    pub cpu_ms: Option<Figure>,
    /// Whether what was not read of them could be more than a hundredth: then there were more.
    pub cpu_at_least: bool,
    /// Bytes that came over the network.
    pub received_bytes: Option<Figure>,
    /// Bytes that went.
    pub sent_bytes: Option<Figure>,
}

/// One figure.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Figure {
    /// The median.
    pub median: f64,
    /// With its interval of 95 %, which of fewer than six builds reaches from the least to the greatest; of two builds at least, and
    /// where none of them is 0.
    pub interval: Option<Interval>,
    /// How many times the first subject's in the same rounds.
    pub against_first: Option<Interval>,
}

impl BuildFile {
    /// Reads a build file.
    ///
    /// # Errors
    /// What is no JSON, or no build file of this version.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        use serde::de::Error;
        let file: Self = serde_json::from_str(text)?;
        match file.schema == SCHEMA {
            true => Ok(file),
            false => Err(serde_json::Error::custom(format!("its schema is `{}`, not `{SCHEMA}`", file.schema))),
        }
    }

    /// Writes one.
    ///
    /// # Errors
    /// None that is known.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Its JSON Schema.
    ///
    /// # Errors
    /// None that is known.
    pub fn json_schema() -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(&schemars::schema_for!(Self)).map(|text| text + "\n")
    }
}
