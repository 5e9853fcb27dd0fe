//! What one case said in one image with one flavour.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Item;

/// Typed, unit-named figures of an observation.
pub type Values = BTreeMap<String, Value>;

/// How the case ended. The states never share a meaning.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The question was asked, and `text` is the answer.
    Described,
    /// The process was killed by a signal, which `signal` names.
    Crashed,
    /// The process did not end before its deadline.
    Timeout,
    /// The question cannot be asked here; `reason` says why.
    Unsupported,
    /// The probe or the agent failed; `reason` says how. Says nothing about the C library.
    Broke,
}

/// What one case said.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, JsonSchema)]
pub struct Observation {
    /// The case.
    pub case: String,
    /// How the probe was built.
    pub flavour: crate::Flavour,
    /// How it ended.
    pub status: Status,
    /// The signal that ended the process, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
    /// Why the case is unsupported or broke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Canonical text: what is compared.
    pub text: String,
    /// Typed figures.
    #[serde(default)]
    pub values: Values,
    /// The queries that arrived at the scripted servers, in order of arrival.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire: Option<Vec<Query>>,
    /// Milliseconds from start to end of the process.
    pub elapsed_ms: u64,
}

impl Observation {
    /// Of an item that has no answer: the case broke, or cannot be asked here.
    pub fn unanswered(item: &Item, status: Status, reason: String) -> Self {
        Self {
            case: item.case.clone(),
            flavour: item.flavour,
            status,
            signal: None,
            reason: Some(reason),
            text: String::new(),
            values: Values::new(),
            wire: None,
            elapsed_ms: 0,
        }
    }
}

/// One DNS query as it arrived at a scripted server.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, JsonSchema)]
pub struct Query {
    /// Milliseconds since just before the program was started.
    pub at_ms: u64,
    /// The server: `s1` for the first one of the scenario.
    pub server: String,
    /// `udp` or `tcp`.
    pub transport: String,
    /// The name asked for, in presentation form with its final dot; of a packet that could not be read, its bytes.
    pub name: String,
    /// The record type asked for; `malformed` where the packet could not be read.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the server answered: an RCODE name, `NODATA` for NOERROR without records, with `+TC` where truncated and
    /// `+wrong id` and the like where it broke a rule; or `dropped`, `closed`, `raw`. Several answers stand after each other.
    pub rcode: String,
    /// The client's port, which tells its sockets apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The flags that are set, by name: `rd`, `ad`, `cd`, and `do` of EDNS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<String>,
    /// The payload size that the query's EDNS record states; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edns: Option<u16>,
    /// Milliseconds that the datagram had lain at the server's socket before the server read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_ms: Option<u64>,
}
