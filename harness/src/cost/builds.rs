//! What `libcdiff build` wrote (`libcdiff.build/1`), as far as it is shown here; the rest of such a file is left alone.

use serde::Deserialize;

/// The value of `schema` in such a file.
pub const SCHEMA: &str = "libcdiff.build/1";

/// Builds that were measured beside each other.
#[derive(Clone, Debug, Deserialize)]
pub struct Builds {
    /// `libcdiff.build/1`.
    pub schema: String,
    /// What made the builds.
    pub engine: Engine,
    /// What was built; the first is what the others are compared with.
    pub subjects: Vec<Subject>,
}

/// The engine.
#[derive(Clone, Debug, Deserialize)]
pub struct Engine {
    /// `docker`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A Dockerfile on a base image.
#[derive(Clone, Debug, Deserialize)]
pub struct Subject {
    /// Its short name.
    pub id: String,
    /// What follows from its builds.
    pub outcome: Outcome,
}

/// What follows from the builds of a subject.
#[derive(Clone, Debug, Deserialize)]
pub struct Outcome {
    /// Builds in which every step was made anew.
    pub cold: Figures,
    /// The same at once again.
    pub warm: Figures,
    /// Bytes of the image's layers, unpacked.
    pub image_bytes: Option<u64>,
    /// Why there is no image.
    #[serde(default)]
    pub failed: Option<Failed>,
}

/// Figures of some builds.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Figures {
    /// Builds that they are of.
    pub builds: usize,
    /// Milliseconds.
    pub wall_ms: Option<Figure>,
    /// Bytes that came over the network.
    #[serde(default)]
    pub received_bytes: Option<Figure>,
}

/// A median with its interval.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Figure {
    /// The median.
    pub median: f64,
    /// The interval of 95 %, or of fewer than six builds from the least to the greatest; where there is one.
    #[serde(default)]
    pub interval: Option<Interval>,
}

/// From the lowest to the highest.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// How a build failed.
#[derive(Clone, Debug, Deserialize)]
pub struct Failed {
    /// The engine's words.
    pub message: String,
}
