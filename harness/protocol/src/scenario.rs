//! Scenarios: DNS cases as data. An entry of `probes/scenarios/*.toml` holds all that matters to a look-up, the files that
//! configure the resolver, what the servers do, and the call; from it comes the same manifest entry that a probe's
//! `--list` gives for a case that is code.
//!
//! Every scenario is hermetic: what it does not say is fixed here, never left to the image.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::dns::{Network, Rule, Script, Server, Shown};
use crate::{CaseInfo, Needs};

/// One scenario file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its entries.
    #[serde(rename = "scenario")]
    pub scenarios: Vec<Scenario>,
}

/// One look-up with everything around it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The stable dotted id, `dns.` and so on.
    pub id: String,
    /// A few words.
    pub title: String,
    /// The question, in one sentence.
    pub question: String,
    /// Why anybody cares, in one sentence.
    pub why: String,
    /// Reports and sources.
    pub source: String,
    /// `/etc/resolv.conf`. Servers are at 127.0.0.11 and up.
    pub resolv_conf: String,
    /// `/etc/hosts`.
    #[serde(default = "hosts")]
    pub hosts: String,
    /// `/etc/nsswitch.conf`, which musl never reads.
    #[serde(default = "nsswitch")]
    pub nsswitch: String,
    /// More files, by absolute path: `/etc/services`, one that a variable points to.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// The host name. With a dot in it, glibc takes the rest for the domain to search.
    #[serde(default = "hostname")]
    pub hostname: String,
    /// Variables such as `RES_OPTIONS`; there are none otherwise.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Where the scripted servers listen.
    #[serde(default = "servers")]
    pub servers: Vec<Server>,
    /// What they do.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// The network around it.
    #[serde(default)]
    pub network: Network,
    /// Puts the flags of every query into the compared text.
    #[serde(default)]
    pub flags: bool,
    /// Puts into the compared text which queries came from one socket, in their exact order.
    #[serde(default)]
    pub sockets: bool,
    /// Leaves time and order of the queries out of the compared text: for a resolver that chooses by chance.
    #[serde(default)]
    pub any_order: bool,
    /// The arguments of the program `dns` after the case id: a function, a name, options.
    pub call: Vec<String>,
    /// More calls that the same process makes, one after the other.
    #[serde(default)]
    pub then: Vec<Then>,
    /// Milliseconds after which the look-up is stopped.
    #[serde(default = "deadline_ms")]
    pub deadline_ms: u64,
}

/// A further call of the same process.
///
/// It follows the words of the call before it as `--then`, `--file PATH BASE64` for each file that the process rewrites in
/// place first, and the words of the call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Then {
    /// Texts of files that are rewritten before the call, by absolute path.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// The call.
    pub call: Vec<String>,
}

impl Then {
    fn words(self) -> impl Iterator<Item = String> {
        let files = self.files.into_iter().flat_map(|(path, text)| ["--file".into(), path, STANDARD.encode(text)]);
        std::iter::once("--then".to_owned()).chain(files).chain(self.call)
    }
}

fn hosts() -> String {
    "127.0.0.1 localhost\n".into()
}

fn nsswitch() -> String {
    "hosts: files dns\n".into()
}

fn hostname() -> String {
    "probe".into()
}

fn servers() -> Vec<Server> {
    vec![Server::default()]
}

/// Twice what the slowest scenario waits for, so that a look-up which never returns is told from one that is slow.
fn deadline_ms() -> u64 {
    12_000
}

/// What all distributions ship: every line of `/etc/hosts` that has the name counts.
const HOST_CONF: &str = "multi on\n";
/// No preferences of its own: addresses are ordered by the tables that are built in.
const GAI_CONF: &str = "";

impl From<Scenario> for CaseInfo {
    fn from(s: Scenario) -> Self {
        let own = s.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let usual = [
            ("/etc/resolv.conf", s.resolv_conf.as_str()),
            ("/etc/hosts", &s.hosts),
            ("/etc/nsswitch.conf", &s.nsswitch),
            ("/etc/host.conf", HOST_CONF),
            ("/etc/gai.conf", GAI_CONF),
        ];
        let shown = Shown { flags: s.flags, sockets: s.sockets, any_order: s.any_order };
        let needs = Needs {
            env: s.env,
            files: usual
                .into_iter()
                .chain(own)
                .map(|(path, text)| (path.to_owned(), STANDARD.encode(text).into()))
                .collect(),
            args: std::iter::once(s.id.clone()).chain(s.call).chain(s.then.into_iter().flat_map(Then::words)).collect(),
            hostname: Some(s.hostname),
            dns: Some(Script { servers: s.servers, rules: s.rules, network: s.network, shown }),
            deadline_ms: Some(s.deadline_ms),
            ..Needs::default()
        };
        Self { id: s.id, title: s.title, question: s.question, why: Some(s.why), source: s.source, needs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = r#"{
        "id": "dns.search.servfail", "title": "t", "question": "q?", "why": "w", "source": "s",
        "resolv_conf": "nameserver 127.0.0.11\n",
        "rules": [{"name": "*.corp.test.", "reply": {"rcode": "SERVFAIL"}}],
        "call": ["getaddrinfo", "api.example.com"]}"#;

    #[test]
    fn a_scenario_is_a_hermetic_case() {
        let scenario: Scenario = serde_json::from_str(ENTRY).expect("a scenario");
        let case = CaseInfo::from(scenario);
        assert_eq!(case.area(), "dns");
        assert_eq!(case.inputs(), crate::Inputs::Hermetic);
        assert_eq!(case.needs.args, ["dns.search.servfail", "getaddrinfo", "api.example.com"]);
        let paths: Vec<_> = case.needs.files.keys().map(String::as_str).collect();
        assert_eq!(paths, ["/etc/gai.conf", "/etc/host.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/resolv.conf"]);
        let conf = STANDARD.decode(&*case.needs.files["/etc/resolv.conf"]).expect("base 64");
        assert_eq!(conf, b"nameserver 127.0.0.11\n");
        assert_eq!(case.needs.hostname.as_deref(), Some("probe"));
        let more = ENTRY.replace("\"call\"", r#""files": {"/etc/services": "", "/etc/gai.conf": "x"}, "call""#);
        let files = CaseInfo::from(serde_json::from_str::<Scenario>(&more).expect("a scenario")).needs.files;
        assert_eq!((files.len(), &*files["/etc/gai.conf"]), (6, "eA=="), "a file of its own comes before the usual");
        assert_eq!(case.needs.dns.expect("servers").servers, [Server::default()]);
    }

    #[test]
    fn calls_follow_one_another_in_the_arguments() {
        let then = r#""call": ["getaddrinfo", "a"], "sockets": true, "network": {"ipv6": false}, "then": [
            {"files": {"/etc/resolv.conf": "x"}, "call": ["getaddrinfo", "b"]}, {"call": ["gethostbyname", "c"]}]"#;
        let entry = ENTRY.replace(r#""call": ["getaddrinfo", "api.example.com"]"#, then);
        let case = CaseInfo::from(serde_json::from_str::<Scenario>(&entry).expect("a scenario"));
        let words = "getaddrinfo a --then --file /etc/resolv.conf eA== getaddrinfo b --then gethostbyname c";
        assert_eq!(case.needs.args[1..].join(" "), words);
        let script = case.needs.dns.expect("servers");
        assert!(script.shown.sockets && !script.shown.flags && !script.network.ipv6);
    }

    #[test]
    fn a_misspelt_field_is_refused() {
        let error = serde_json::from_str::<Scenario>(&ENTRY.replace("\"rules\"", "\"rulez\"")).expect_err("a mistake");
        assert!(error.to_string().contains("rulez"), "{error}");
    }
}
