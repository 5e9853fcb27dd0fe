//! The plan: what the agent shall run, and the messages it sends back.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Flavour, Observation, StackLimit, dns};

/// Everything the agent needs to know; one JSON document on its standard input. Who sends it may have something else for items
/// that is written as they are.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Plan<I = Vec<Item>> {
    /// Most cases that may compute at one time.
    pub computing: usize,
    /// Most cases that may wait for the scripted network at one time.
    pub waiting: usize,
    /// What to run, in this order.
    pub items: I,
}

/// One case with one flavour.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Item {
    /// The case id.
    pub case: String,
    /// How the program was built.
    pub flavour: Flavour,
    /// The program, relative to the folder of probes: `gnu/threads`.
    pub program: String,
    /// Its arguments after the program name.
    pub args: Vec<String>,
    /// Variables beside `PATH` and `HOME`.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Files laid over the image.
    #[serde(default)]
    pub files: Vec<File>,
    /// The host name to set.
    #[serde(default)]
    pub hostname: Option<String>,
    /// The scripted DNS servers; with them comes a network namespace of the case's own.
    #[serde(default)]
    pub dns: Option<dns::Script>,
    /// The real nameservers that the case's queries are passed on to, instead of scripted ones; with them, too, comes a
    /// network namespace of the case's own.
    #[serde(default)]
    pub relay: Option<dns::Relay>,
    /// What the case may use up.
    pub limits: Limits,
}

impl Item {
    /// Whether the case has a network of its own, and so waits for servers more than it computes.
    pub fn has_network(&self) -> bool {
        self.dns.is_some() || self.relay.is_some()
    }
}

/// A file that a case brings along.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
pub struct File {
    /// Absolute path inside the image.
    pub path: String,
    /// Content, base 64.
    pub content: String,
}

/// Open files of a program, the soft limit of a login on every common distribution.
pub const OPEN_FILES: u64 = 1024;

/// What one case may use up; whatever is over costs that case alone.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Limits {
    /// Milliseconds until the case is stopped.
    pub deadline_ms: u64,
    /// Soft stack limit at start.
    pub stack: StackLimit,
    /// Bytes of standard output, and of standard error, that are read before the case is stopped.
    pub output_bytes: u64,
    /// Bytes of the case's writable layer.
    pub disk_bytes: u64,
    /// Processes and threads of the case.
    pub processes: u64,
    /// Bytes of address space.
    pub address_space_bytes: u64,
    /// Bytes of memory that its processes may have; a program that has more is ended. Its observation is then `crashed` by
    /// SIGKILL, its reason says so, and its value `memory_limit` is `{"bytes", "enforced_by", "exceeded", "peak_bytes"}`,
    /// which every case with a limit has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Watches for that limit even where a cgroup could hold it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub memory_watched: bool,
}

/// What the agent says, one JSON line each.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Message {
    /// First: where the agent is.
    Hello {
        /// `uname -r` as seen from inside.
        kernel: String,
        /// What the programs run behind.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confinement: Option<Confinement>,
    },
    /// What a session that travels brought along, said again: first, and once more before the end.
    About(Box<About>),
    /// Where the agent found itself, where somebody else made the container.
    Place(Box<Place>),
    /// One observation, as it is made.
    Observation(Box<Observation>),
    /// The agent cannot go on.
    Failed {
        /// What it was doing, to what, and what came back.
        reason: String,
    },
    /// Last: every item has been answered. A session that stays says `Hello` again for its next plan.
    Done,
}

/// What held the programs of an image, beside namespaces, the limits of each case, and having no capability and no way to
/// gain one, which they always have.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
pub struct Confinement {
    /// The filter of system calls that they ran behind, by name and version; null where the kernel has none.
    pub filter: Option<String>,
    /// What bounded all of them together; null where no cgroup could be made, and each was bounded alone.
    pub together: Option<Together>,
}

/// Bounds that all programs of an image have in common.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
pub struct Together {
    /// Who holds them: `cgroup v2`, `cgroup v1`.
    pub held_by: String,
    /// Bytes of memory; null where that is not bounded.
    pub memory_bytes: Option<u64>,
    /// Processes and threads; null where they are not bounded.
    pub processes: Option<u64>,
}

/// What the agent is given: the plan, and how to get into the image first.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Session<P = Plan> {
    /// The image on this machine that the agent shuts itself into.
    #[serde(default)]
    pub enter: Option<Enter>,
    /// Where the messages go, where nobody holds the other end of standard output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub travel: Option<Travel>,
    /// The container of the image that the agent was started in; then `enter` is absent.
    #[serde(default)]
    pub within: Option<Within>,
    /// Whether further plans come on standard input, one in a line, each when the one before it is done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stays: bool,
    /// What to run.
    pub plan: P,
}

/// A session that travels: its plan comes from files, and its messages go to a log that others keep, cut and mix.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
pub struct Travel {
    /// Whose messages these are.
    pub about: About,
    /// Among how many agents the plan is dealt out, item by item.
    pub shards: u32,
    /// Cases that take a sandbox although nothing in their items says so, by id, and why. They are not asked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub confined: BTreeMap<String, String>,
}

/// Whose messages a log holds, so that it explains itself.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
pub struct About {
    /// The run.
    pub run: String,
    /// The place of the image in the run, counted from 0.
    pub image: u32,
    /// Items of the whole plan.
    pub items: usize,
    /// What the harness wants to find again; the agent does not look at it.
    pub record: serde_json::Value,
}

/// Where an agent found itself.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
pub struct Place {
    /// User id.
    pub user: u32,
    /// Group id.
    pub group: u32,
    /// Whether the root folder can be written to.
    pub writable_root: bool,
    /// Whether system calls are filtered (proc(5), `Seccomp`).
    pub filtered_calls: bool,
    /// `uname -m`.
    pub arch: String,
    /// Processors that it may use.
    pub cpus: usize,
    /// /etc/resolv.conf, where there is one that reads as text.
    pub resolv_conf: Option<String>,
}

/// What the built-in sandbox needs to know.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Enter {
    /// The process that must outlive the agent; when it dies, everything in the sandbox does.
    pub parent: i32,
    /// The image's root folder on this machine.
    pub image: String,
    /// A folder on this machine that holds the built probes in `.libcdiff`.
    pub probes: String,
    /// What runs them, where they are another machine's and the kernel does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emulator: Option<Emulator>,
}

/// A program that runs another machine's programs.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Emulator {
    /// The file on this machine; it must need no library.
    pub program: String,
    /// Which programs it is for: how their ELF headers begin, without the part that differs from one to the other.
    pub header: ElfStart,
}

/// What the ELF headers of a machine's programs have in common.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct ElfStart {
    /// `e_machine`.
    pub machine: u16,
    /// Whether they are 64-bit ones.
    pub wide: bool,
    /// Whether they are little-endian.
    pub little: bool,
}

/// A container of the image, made by an engine or a cluster, in which the agent makes its own namespaces. Its standard
/// input stays open as long as somebody wants the answers.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Within {
    /// A folder of the container that holds the agent as `agent` and the probes in `probes/.libcdiff`.
    pub stage: String,
    /// Paths that the image does not have. Where the container has them, they are what its engine has put there, and are
    /// hidden from the programs.
    pub absent: Vec<String>,
}
