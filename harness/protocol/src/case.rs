//! What is known of a case without running it: one entry of the manifest that is made when the probes are built.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One case, as the probe's `--list` or a scenario file describes it.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
pub struct CaseInfo {
    /// The stable dotted id.
    pub id: String,
    /// A few words.
    pub title: String,
    /// The question, in one sentence.
    pub question: String,
    /// Why anybody cares, in one sentence, where the question does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Where the question comes from.
    pub source: String,
    /// What must be arranged.
    #[serde(default)]
    pub needs: Needs,
}

impl CaseInfo {
    /// The area: the id up to its first dot.
    pub fn area(&self) -> &str {
        self.id.split('.').next().unwrap_or(&self.id)
    }

    /// Hermetic or as shipped.
    pub fn inputs(&self) -> Inputs<'_> {
        if self.needs.as_shipped { Inputs::AsShipped { twin: self.needs.twin.as_deref() } } else { Inputs::Hermetic }
    }
}

/// Whether a case brings its inputs along (fidelity rule 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inputs<'a> {
    /// Everything that may matter comes with the case.
    Hermetic,
    /// The image's own files are part of the question.
    AsShipped {
        /// The hermetic case that asks the same.
        twin: Option<&'a str>,
    },
}

/// What a case needs before its program starts.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Needs {
    /// Looks at the image's own files.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub as_shipped: bool,
    /// The hermetic case that asks the same as this as-shipped one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<String>,
    /// Environment variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Files laid over the image, by absolute path, base 64. Many cases bring the same ones, which may be shared.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, Arc<str>>,
    /// Stack limit at start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack_limit: Option<StackLimit>,
    /// A program other than the area's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// Arguments of the program, instead of the case id alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// The host name to set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// The scripted DNS servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns: Option<crate::dns::Script>,
    /// The real nameservers that the look-up is passed on to, instead of scripted ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay: Option<crate::dns::Relay>,
    /// Milliseconds after which the case is stopped, where the usual deadline is too short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<u64>,
}

/// A stack limit: bytes, or `"unlimited"`.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum StackLimit {
    /// Soft limit in bytes.
    Bytes(u64),
    /// No limit.
    Unlimited(Unlimited),
}

/// The word `unlimited`.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Unlimited {
    /// RLIM_INFINITY.
    Unlimited,
}

/// How a probe was built, and so which C library answers.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Flavour {
    /// Linked dynamically against glibc; the image's glibc answers.
    Gnu,
    /// Linked dynamically against musl; the image's musl answers.
    Musl,
    /// Linked statically; the musl in the program answers, whatever the image holds.
    MuslStatic,
    /// Asks no C library: chrono, hickory-resolver.
    Reference,
}

impl Flavour {
    /// Every flavour, in the order of columns.
    pub const ALL: [Self; 4] = [Self::Gnu, Self::Musl, Self::MuslStatic, Self::Reference];

    /// The name in flags, JSON and the folders of built probes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gnu => "gnu",
            Self::Musl => "musl",
            Self::MuslStatic => "musl-static",
            Self::Reference => "reference",
        }
    }
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for Flavour {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|f| f.name() == s)
            .ok_or_else(|| format!("unknown flavour `{s}`: expected {}", Self::ALL.map(Self::name).join(", ")))
    }
}
