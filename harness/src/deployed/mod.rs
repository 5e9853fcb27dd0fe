//! `libcdiff run --as-deployed`: look-ups of names that the user gives, by the resolver configuration that this process
//! has, answered by its real nameservers. Reads the configuration and makes cases of the names; the agent's relay passes
//! on what the C libraries ask.
//!
//! What a look-up finds, in each image: this resolv.conf, byte for byte; an /etc/hosts with localhost alone, as engines
//! write it; the host name `probe`; and the image's own nsswitch.conf, gai.conf and host.conf. RES_OPTIONS and LOCALDOMAIN
//! are not set.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libcdiff_protocol::dns::Relay;
use libcdiff_protocol::{CaseInfo, Needs};

use crate::runfile::AsDeployed;

mod name;
mod resolv_conf;

pub use name::Name;
pub use resolv_conf::{ResolvConf, ResolvConfError};

/// Where a process finds its resolver configuration.
pub const USUAL_PATH: &str = "/etc/resolv.conf";
/// Queries of one look-up that reach a nameserver.
pub const MOST_QUERIES: u32 = 64;
/// Names of one run.
const MOST_NAMES: usize = 32;
/// Time for a program to say what it found when its relay has stopped.
const GRACE_MS: u64 = 1000;
/// What engines write where they are told of no names.
const HOSTS: &str = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n";

/// Whose configuration it is.
#[derive(Clone, Debug)]
enum Configured {
    /// This process's, or that of a file; a relay passes on what is asked.
    Here { path: PathBuf, conf: ResolvConf },
    /// The pod's that the look-up is made in, by itself: nothing is known of it here, and nothing passes through a relay.
    Pod,
}

/// What is asked, and by which configuration.
#[derive(Clone, Debug)]
pub struct Deployed {
    by: Configured,
    names: Vec<Name>,
    within_seconds: u64,
}

/// Why look-ups cannot be made as deployed. All of it is the request's fault.
#[derive(Debug, thiserror::Error)]
pub enum DeployedError {
    /// No name.
    #[error("--as-deployed looks up the names that you give: add --name NAME, once for each")]
    NoName,
    /// Too many names.
    #[error("{0} names are more than the {MOST_NAMES} that one run asks real nameservers for")]
    Names(usize),
    /// A name that no nameserver can be asked for.
    #[error("the name `{name}` cannot be looked up: {why}")]
    Name {
        /// The name.
        name: String,
        /// Why.
        why: &'static str,
    },
    /// The configuration could not be read.
    #[error("reading the resolver configuration {}: {source}", path.display())]
    Read {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration is none that can be relayed.
    #[error("{}: {source}", path.display())]
    Conf {
        /// Where.
        path: PathBuf,
        /// Why.
        source: ResolvConfError,
    },
}

impl Deployed {
    /// Reads the configuration and checks the names.
    pub fn new(names: &[String], path: Option<&Path>, within_seconds: u64) -> Result<Self, DeployedError> {
        let names = checked(names)?;
        let path = path.unwrap_or(Path::new(USUAL_PATH)).to_path_buf();
        let text = std::fs::read(&path).map_err(|source| DeployedError::Read { path: path.clone(), source })?;
        let conf = ResolvConf::parse(text).map_err(|source| DeployedError::Conf { path: path.clone(), source })?;
        Ok(Self { by: Configured::Here { path, conf }, names, within_seconds })
    }

    /// Checks the names; they are looked up in pods, each by its own configuration.
    pub fn in_pods(names: &[String], within_seconds: u64) -> Result<Self, DeployedError> {
        Ok(Self { by: Configured::Pod, names: checked(names)?, within_seconds })
    }

    /// One case for each name. They look at the image's own files (nsswitch.conf), and have no hermetic twin.
    pub fn cases(&self) -> Vec<CaseInfo> {
        self.names.iter().map(|name| self.case(name)).collect()
    }

    fn case(&self, name: &Name) -> CaseInfo {
        let id = format!("dns.as-deployed.{name}");
        let most_ms = self.within_seconds * 1000;
        let usual = Needs {
            as_shipped: true,
            args: [&id, "getaddrinfo", name.as_str(), "--counted"].map(str::to_owned).to_vec(),
            env: BTreeMap::new(),
            deadline_ms: Some(most_ms + GRACE_MS),
            ..Needs::default()
        };
        let (source, needs) = match &self.by {
            Configured::Pod => ("the nameservers of the pod".to_owned(), usual),
            Configured::Here { path, conf } => {
                let files = [("/etc/resolv.conf", &conf.text[..]), ("/etc/hosts", HOSTS.as_bytes())];
                let relay = Relay { servers: conf.nameservers.clone(), most_queries: MOST_QUERIES, most_ms };
                let needs = Needs {
                    files: files
                        .into_iter()
                        .map(|(path, text)| (path.to_owned(), STANDARD.encode(text).into()))
                        .collect(),
                    hostname: Some("probe".into()),
                    relay: Some(relay),
                    ..usual
                };
                (format!("the nameservers of {}", path.display()), needs)
            }
        };
        CaseInfo {
            title: format!("{name}, as deployed"),
            question: format!("Does {name} resolve by this resolver configuration, after how many queries, how fast?"),
            why: None,
            source,
            id,
            needs,
        }
    }

    /// What the run file says of it.
    pub fn record(&self) -> AsDeployed {
        let (resolv_conf, conf) = match &self.by {
            Configured::Here { path, conf } => (path.display().to_string(), Some(conf)),
            Configured::Pod => (format!("{USUAL_PATH} of the pod"), None),
        };
        AsDeployed {
            resolv_conf,
            nameservers: conf.iter().flat_map(|conf| &conf.nameservers).map(ToString::to_string).collect(),
            search: conf.map(|conf| conf.search.clone()).unwrap_or_default(),
            options: conf.map(|conf| conf.options.clone()).unwrap_or_default(),
            names: self.names.iter().map(ToString::to_string).collect(),
            most_queries: MOST_QUERIES,
            within_seconds: self.within_seconds,
        }
    }
}

/// The names, each once.
fn checked(names: &[String]) -> Result<Vec<Name>, DeployedError> {
    let mut checked: Vec<Name> = Vec::new();
    for name in names {
        let name =
            name.parse::<Name>().map_err(|why| DeployedError::Name { name: name.escape_debug().to_string(), why })?;
        if !checked.contains(&name) {
            checked.push(name);
        }
    }
    match checked.len() {
        0 => Err(DeployedError::NoName),
        n if n > MOST_NAMES => Err(DeployedError::Names(n)),
        _ => Ok(checked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployed(names: &[&str], conf: &str) -> Result<Deployed, DeployedError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("resolv.conf");
        std::fs::write(&path, conf).expect("writable");
        Deployed::new(&names.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>(), Some(&path), 30)
    }

    #[test]
    fn a_name_becomes_a_case_with_the_whole_configuration() {
        let conf = "# mine\nnameserver 192.0.2.53\nsearch a.test b.test\noptions ndots:5\n";
        let deployed = deployed(&["db", "db", "api.test."], conf).expect("a request");
        let cases = deployed.cases();
        let ids: Vec<_> = cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids, ["dns.as-deployed.db", "dns.as-deployed.api.test."]);
        let needs = &cases[0].needs;
        assert_eq!(STANDARD.decode(&*needs.files["/etc/resolv.conf"]).expect("base 64"), conf.as_bytes());
        assert!(!needs.files.contains_key("/etc/nsswitch.conf"), "that is the image's");
        let relay = needs.relay.as_ref().expect("a relay");
        assert_eq!(
            (relay.servers[0].to_string().as_str(), relay.most_queries, relay.most_ms),
            ("192.0.2.53", 64, 30_000)
        );
        assert_eq!(deployed.record().search, ["a.test", "b.test"]);
    }

    #[test]
    fn what_cannot_be_asked_is_said() {
        let conf = "nameserver 192.0.2.53\n";
        let message = |names: &[&str], conf: &str| deployed(names, conf).expect_err("a refusal").to_string();
        assert!(message(&[], conf).contains("--name NAME"));
        assert!(message(&["a b"], conf).contains("`a b`"));
        assert!(message(&["db"], "search a.test\n").contains("names no nameserver"));
        let many: Vec<String> = (0..33).map(|n| format!("n{n}")).collect();
        assert!(message(&many.iter().map(String::as_str).collect::<Vec<_>>(), conf).starts_with("33 names"));
        let error = Deployed::new(&["db".into()], Some(Path::new("/nowhere/resolv.conf")), 30).expect_err("no file");
        assert!(error.to_string().contains("/nowhere/resolv.conf"));
    }
}
