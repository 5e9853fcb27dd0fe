//! Where an engine is, as its own command would find it: what the environment names, the current context, the usual sockets.
//!
//! `DOCKER_HOST`, else the context that `DOCKER_CONTEXT` or `config.json` names, else `/var/run/docker.sock`, else a rootless
//! engine's socket. Podman: `CONTAINER_HOST`, else the user's socket, else the machine's; root asks the machine's first.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::EngineError;
use crate::image::{Digest, Engine};

/// Where an engine is, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// How it is reached.
    pub address: Address,
    /// The variable, the file or the habit that leads there.
    pub named_by: String,
}

/// How an engine is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// By a socket of this machine.
    Unix(PathBuf),
    /// By TCP, without TLS: `host:port`.
    Tcp(String),
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(host) => write!(f, "tcp://{host}"),
        }
    }
}

/// What decides where an engine is, apart from the files that it names.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The variables that count.
    pub variables: Vec<(&'static str, String)>,
    /// Whether this is root.
    pub root: bool,
    /// The folder above `run` and `var/run`: `/`, but in tests.
    pub machine: PathBuf,
}

/// The variables that say where an engine is.
const VARIABLES: [&str; 8] = [
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    "DOCKER_TLS_VERIFY",
    "CONTAINER_HOST",
    "XDG_RUNTIME_DIR",
    "HOME",
    "DOCKER_TLS",
];

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Self {
        let set = |name: &'static str| Some((name, env::var(name).ok().filter(|value| !value.is_empty())?));
        Self {
            variables: VARIABLES.into_iter().filter_map(set).collect(),
            root: nix::unistd::geteuid().is_root(),
            machine: "/".into(),
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    fn folder(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }
}

impl Endpoint {
    /// Finds an engine.
    ///
    /// # Errors
    /// [`EngineError::Setting`] for a variable or a context that leads nowhere, [`EngineError::None`] where no socket is.
    pub fn find(engine: Engine, around: &Surroundings) -> Result<Self, EngineError> {
        match engine {
            Engine::Docker => Self::docker(around),
            Engine::Podman => Self::podman(around),
        }
    }

    fn docker(around: &Surroundings) -> Result<Self, EngineError> {
        if let Some(host) = around.get("DOCKER_HOST") {
            let tls = around.get("DOCKER_TLS_VERIFY").or_else(|| around.get("DOCKER_TLS")).is_some();
            return named("DOCKER_HOST", host, tls);
        }
        if let Some(found) = of_context(around)? {
            return Ok(found);
        }
        let mut tried = vec![around.machine.join("var/run/docker.sock")];
        tried.extend(around.folder("XDG_RUNTIME_DIR").map(|folder| folder.join("docker.sock")));
        tried.extend(around.folder("HOME").map(|home| home.join(".docker/run/docker.sock")));
        usual(tried, "docker", "systemctl start docker, or dockerd", "DOCKER_HOST")
    }

    fn podman(around: &Surroundings) -> Result<Self, EngineError> {
        if let Some(host) = around.get("CONTAINER_HOST") {
            return named("CONTAINER_HOST", host, false);
        }
        let of_user = around.folder("XDG_RUNTIME_DIR").map(|folder| folder.join("podman/podman.sock"));
        let of_machine = around.machine.join("run/podman/podman.sock");
        let tried: Vec<PathBuf> = match around.root {
            true => std::iter::once(of_machine).chain(of_user).collect(),
            false => of_user.into_iter().chain([of_machine]).collect(),
        };
        usual(tried, "podman", "systemctl --user start podman.socket, or podman system service", "CONTAINER_HOST")
    }
}

/// The first of the usual sockets that is there.
fn usual(
    tried: Vec<PathBuf>,
    engine: &'static str,
    start: &'static str,
    variable: &'static str,
) -> Result<Endpoint, EngineError> {
    // One that may not be looked at is there, and is tried so that the reason is told.
    let there = |path: &&PathBuf| match fs::metadata(path) {
        Ok(_) => true,
        Err(e) => e.kind() == io::ErrorKind::PermissionDenied,
    };
    match tried.iter().find(there) {
        Some(path) => {
            Ok(Endpoint { address: Address::Unix(path.clone()), named_by: format!("the socket {}", path.display()) })
        }
        None => Err(EngineError::None { engine, tried, start, variable }),
    }
}

/// The engine that a variable or a context names.
fn named(by: &str, host: &str, tls: bool) -> Result<Endpoint, EngineError> {
    let fail = |problem: &str| EngineError::Setting { what: by.into(), value: host.into(), problem: problem.into() };
    let address = match host.split_once("://") {
        Some(("unix", path)) if Path::new(path).is_absolute() => Address::Unix(path.into()),
        Some(("unix", _)) => return Err(fail("a socket's path begins with `/`, as in unix:///var/run/docker.sock")),
        Some(("tcp" | "http", _)) if tls => {
            return Err(fail(
                "TLS to engines is not supported; forward its socket, `ssh -nNT -L /tmp/engine.sock:/var/run/docker.sock \
                 HOST`, and name unix:///tmp/engine.sock",
            ));
        }
        Some(("tcp" | "http", rest)) => match rest.trim_end_matches('/') {
            "" => return Err(fail("a host and a port are missing, as in tcp://127.0.0.1:2375")),
            rest if rest.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) => {
                Address::Tcp(rest.into())
            }
            rest => Address::Tcp(format!("{rest}:2375")),
        },
        Some(("ssh", rest)) => {
            return Err(fail(&format!(
                "ssh is not supported; run `ssh -nNT -L /tmp/engine.sock:/var/run/docker.sock {}`, and set it to \
                 unix:///tmp/engine.sock",
                rest.split('/').next().unwrap_or(rest)
            )));
        }
        Some((scheme, _)) => return Err(fail(&format!("`{scheme}://` is not supported; unix:// and tcp:// are"))),
        None => {
            return Err(fail("that is no address, which is like unix:///var/run/docker.sock or tcp://127.0.0.1:2375"));
        }
    };
    Ok(Endpoint { address, named_by: by.into() })
}

/// What of `config.json` counts here.
#[derive(Deserialize)]
struct Config {
    #[serde(rename = "currentContext")]
    current: Option<String>,
}

/// What of a context's `meta.json` counts here.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Context {
    endpoints: std::collections::BTreeMap<String, ContextEndpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextEndpoint {
    host: Option<String>,
}

/// The engine of the current context; `None` for the one called `default`, which is no context of its own.
fn of_context(around: &Surroundings) -> Result<Option<Endpoint>, EngineError> {
    let home = || around.folder("HOME").map(|home| home.join(".docker"));
    let Some(folder) = around.folder("DOCKER_CONFIG").or_else(home) else { return Ok(None) };
    let file = folder.join("config.json");
    let current = || read::<Config>(&file).ok()?.current.map(|name| (name, file.display().to_string()));
    let chosen = around.get("DOCKER_CONTEXT").map(|name| (name.to_owned(), "DOCKER_CONTEXT".to_owned()));
    let Some((name, by)) = chosen.or_else(current).filter(|(name, _)| !name.is_empty() && name != "default") else {
        return Ok(None);
    };
    // The folders of contexts are named after the digests of their names.
    let id = Digest::of(name.as_bytes()).hex();
    let meta = folder.join("contexts/meta").join(&id).join("meta.json");
    let fail =
        |problem: String| EngineError::Setting { what: by.clone(), value: format!("the context `{name}`"), problem };
    let context = read::<Context>(&meta)
        .map_err(|e| fail(format!("{}: {e}; `docker context ls` lists what there is", meta.display())))?;
    let host = context.endpoints.get("docker").and_then(|endpoint| endpoint.host.clone());
    let host = host.ok_or_else(|| fail(format!("{} names no host", meta.display())))?;
    let tls = folder.join("contexts/tls").join(&id).exists();
    named(&format!("the context `{name}` ({by})"), &host, tls).map(Some)
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, io::Error> {
    serde_json::from_slice(&fs::read(path)?).map_err(io::Error::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine of its own, with these sockets (as plain files) and variables.
    fn machine(sockets: &[&str], variables: &[(&'static str, &str)]) -> (tempfile::TempDir, Surroundings) {
        let folder = tempfile::tempdir().expect("a folder");
        for socket in sockets {
            let path = folder.path().join(socket);
            fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
            fs::write(path, "").expect("writable");
        }
        let here = |value: &str| value.replace('@', &folder.path().display().to_string());
        let variables = variables.iter().map(|(name, value)| (*name, here(value))).collect();
        let around = Surroundings { variables, root: false, machine: folder.path().into() };
        (folder, around)
    }

    fn found(engine: Engine, sockets: &[&str], variables: &[(&'static str, &str)]) -> String {
        let (folder, around) = machine(sockets, variables);
        match Endpoint::find(engine, &around) {
            Ok(found) => found.address.to_string().replace(&folder.path().display().to_string(), "@"),
            Err(error) => error.to_string().replace(&folder.path().display().to_string(), "@"),
        }
    }

    #[test]
    fn what_the_environment_names_comes_first_and_then_the_usual_sockets() {
        let all = ["var/run/docker.sock", "user/docker.sock", "home/.docker/run/docker.sock"];
        let user = [("XDG_RUNTIME_DIR", "@/user"), ("HOME", "@/home")];
        let docker = |sockets: &[&str], more: &[(&'static str, &str)]| {
            found(Engine::Docker, sockets, &[&user[..], more].concat())
        };
        assert_eq!(docker(&all, &[("DOCKER_HOST", "unix:///x.sock")]), "unix:///x.sock");
        assert_eq!(docker(&all, &[("DOCKER_HOST", "tcp://10.0.0.1:2375/")]), "tcp://10.0.0.1:2375");
        assert_eq!(docker(&all, &[("DOCKER_HOST", "tcp://engine")]), "tcp://engine:2375");
        assert_eq!(docker(&all, &[]), "unix://@/var/run/docker.sock");
        assert_eq!(docker(&all[1..], &[]), "unix://@/user/docker.sock");
        assert_eq!(docker(&all[2..], &[]), "unix://@/home/.docker/run/docker.sock");
        let none = docker(&[], &[]);
        assert!(none.contains("@/var/run/docker.sock, @/user/docker.sock") && none.contains("DOCKER_HOST"), "{none}");
    }

    #[test]
    fn podman_is_the_user_s_before_the_machine_s() {
        let both = ["run/podman/podman.sock", "user/podman/podman.sock"];
        let user = [("XDG_RUNTIME_DIR", "@/user")];
        assert_eq!(found(Engine::Podman, &both, &user), "unix://@/user/podman/podman.sock");
        assert_eq!(found(Engine::Podman, &both[..1], &user), "unix://@/run/podman/podman.sock");
        assert_eq!(found(Engine::Podman, &both, &[("CONTAINER_HOST", "unix:///p.sock")]), "unix:///p.sock");
        let (folder, around) = machine(&both, &[]);
        let root = Surroundings { root: true, ..around };
        let found = Endpoint::find(Engine::Podman, &root).expect("found");
        assert_eq!(found.address, Address::Unix(folder.path().join("run/podman/podman.sock")));
    }

    #[test]
    fn a_context_is_found_by_its_name() {
        let (folder, mut around) = machine(&["var/run/docker.sock"], &[("HOME", "@/home"), ("DOCKER_CONTEXT", "far")]);
        let docker = folder.path().join("home/.docker");
        let meta = docker.join("contexts/meta").join(Digest::of(b"far").hex());
        let missing = Endpoint::find(Engine::Docker, &around).expect_err("not there").to_string();
        assert!(missing.contains("docker context ls"), "{missing}");
        fs::create_dir_all(&meta).expect("writable");
        let far =
            r#"{"Name":"far","Metadata":{},"Endpoints":{"docker":{"Host":"tcp://far:2375","SkipTLSVerify":false}}}"#;
        fs::write(meta.join("meta.json"), far).expect("writable");
        let address =
            |around: &Surroundings| Endpoint::find(Engine::Docker, around).expect("found").address.to_string();
        assert_eq!(address(&around), "tcp://far:2375");
        around.variables.pop();
        assert!(address(&around).ends_with("/var/run/docker.sock"));
        fs::write(docker.join("config.json"), r#"{"auths":{},"currentContext":"far"}"#).expect("writable");
        assert_eq!(address(&around), "tcp://far:2375");
        fs::create_dir_all(docker.join("contexts/tls").join(Digest::of(b"far").hex())).expect("writable");
        let tls = Endpoint::find(Engine::Docker, &around).expect_err("TLS").to_string();
        assert!(tls.contains("TLS to engines is not supported"), "{tls}");
    }

    #[test]
    fn what_cannot_be_used_says_what_to_do() {
        for (host, words) in [
            ("ssh://me@far/x", "ssh -nNT -L /tmp/engine.sock:/var/run/docker.sock me@far`"),
            ("unix://x.sock", "begins with `/`"),
            ("npipe:////./pipe/docker", "`npipe://` is not supported"),
            ("tcp://", "a host and a port are missing"),
            ("docker.sock", "that is no address"),
        ] {
            let error = named("DOCKER_HOST", host, false).expect_err(host);
            assert!(error.to_string().contains(words) && error.is_request(), "{host}: {error}");
        }
        assert!(named("DOCKER_HOST", "tcp://h:2376", true).expect_err("TLS").to_string().contains("ssh -nNT -L"));
    }
}
