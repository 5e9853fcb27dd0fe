//! How registries are reached: what flags and environment say, validated, before anything is asked.

use std::{env, ffi::OsString, path::PathBuf, time::Duration};

use super::{error::RegistryError, name::Name, platform::Platform, watch::Watch};

/// When a registry is asked although the cache may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pull {
    /// If the cache has no such name, as `docker run` does.
    #[default]
    Missing,
    /// Always: a tag may have moved.
    Always,
    /// Never; what is not in the cache is an error.
    Never,
}

/// What to do instead of asking `host` first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    /// The registry that names name.
    pub host: String,
    /// Who is asked before it: a host, with a port and a path before the repository if need be.
    pub instead: String,
}

impl Mirror {
    /// Reads `HOST=MIRROR`, or `MIRROR` for docker.io.
    ///
    /// # Errors
    /// [`RegistryError::Setting`] for text that is neither.
    pub fn parse(text: &str) -> Result<Self, RegistryError> {
        let (host, instead) = text.split_once('=').unwrap_or(("docker.io", text));
        let instead = instead.trim_end_matches('/');
        // A mirror with a repository after it must be a name with that host.
        let is_host = |host: &str| Name::parse(&format!("{host}/x")).is_ok_and(|name| name.host == host);
        let mirror = instead.split('/').next().unwrap_or_default();
        match is_host(host) && is_host(mirror) {
            true => Ok(Self { host: host.into(), instead: instead.into() }),
            false => Err(RegistryError::Setting(format!(
                "`{text}` is no mirror, which is like docker.io=mirror.example.org or localhost:5000"
            ))),
        }
    }
}

/// How long broken requests are tried again.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Failures in a row, without a byte in between, before giving up.
    pub tries: u32,
    /// The wait after the first; it doubles each time.
    pub first_wait: Duration,
    /// The longest wait that a registry may ask for (`Retry-After`).
    pub longest_wait: Duration,
    /// How long a connection may take, and how long an open one may be silent.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 5,
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(60),
            silence: Duration::from_secs(30),
        }
    }
}

/// Which proxies there are; the meaning of the variables is curl's and Go's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For registries that speak TLS.
    pub https: Option<String>,
    /// For those that do not.
    pub http: Option<String>,
    /// Hosts that are reached without one; `*` for all. Subdomains are meant too.
    pub none_for: Vec<String>,
}

impl Proxies {
    fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let either = |name: &str| {
            let value = variable(name).or_else(|| variable(&name.to_lowercase()));
            value.filter(|value| !value.is_empty())
        };
        let all = either("ALL_PROXY");
        let none_for = either("NO_PROXY").unwrap_or_default();
        Self {
            https: either("HTTPS_PROXY").or_else(|| all.clone()),
            http: either("HTTP_PROXY").or(all),
            none_for: none_for.split([',', ' ']).filter(|host| !host.is_empty()).map(str::to_owned).collect(),
        }
    }
}

/// How registries are reached.
#[derive(Clone, Debug)]
pub struct Access {
    /// When they are asked.
    pub pull: Pull,
    /// Which variant of an image is taken.
    pub platform: Platform,
    /// Who is asked first, in this order.
    pub mirrors: Vec<Mirror>,
    /// Registries without TLS. The machine itself is tried with TLS first and then without it, listed or not.
    pub plain_http: Vec<String>,
    /// Proxies. The machine itself is never reached through one.
    pub proxies: Proxies,
    /// Files that `docker login` and its kin write, the first one first.
    pub credentials: Vec<PathBuf>,
    /// How long is tried.
    pub patience: Patience,
    /// Who is told of progress.
    pub watch: Watch,
}

impl Access {
    /// As this process's environment says: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, `REGISTRY_AUTH_FILE`,
    /// `XDG_RUNTIME_DIR`, `XDG_CONFIG_HOME`, `DOCKER_CONFIG`, `HOME`.
    pub fn from_environment() -> Self {
        Self {
            pull: Pull::default(),
            platform: Platform::native(),
            mirrors: Vec::new(),
            plain_http: Vec::new(),
            proxies: Proxies::read(|name| env::var(name).ok()),
            credentials: credential_files(|name| env::var_os(name), rustix::process::getuid().as_raw()),
            patience: Patience::default(),
            watch: Watch::default(),
        }
    }
}

/// Where podman, skopeo and docker keep credentials, in the order of containers-auth.json(5).
fn credential_files(variable: impl Fn(&str) -> Option<OsString>, user: u32) -> Vec<PathBuf> {
    let folder = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(only) = folder("REGISTRY_AUTH_FILE") {
        return vec![only];
    }
    let home = |below: &str| folder("HOME").map(|home| home.join(below));
    let runtime = folder("XDG_RUNTIME_DIR").unwrap_or_else(|| format!("/run/containers/{user}").into());
    let config = folder("XDG_CONFIG_HOME").or_else(|| home(".config"));
    let docker = folder("DOCKER_CONFIG").or_else(|| home(".docker"));
    // Without XDG_RUNTIME_DIR, podman has a folder for each user.
    let podman = match variable("XDG_RUNTIME_DIR").is_some_and(|value| !value.is_empty()) {
        true => runtime.join("containers/auth.json"),
        false => runtime.join("auth.json"),
    };
    let files = [Some(podman), config.map(|c| c.join("containers/auth.json")), docker.map(|d| d.join("config.json"))];
    files.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_is_for_docker_unless_it_says_for_whom() {
        let mirror = |text| Mirror::parse(text).expect(text);
        assert_eq!(mirror("localhost:5000"), Mirror { host: "docker.io".into(), instead: "localhost:5000".into() });
        let with_path = Mirror { host: "ghcr.io".into(), instead: "mirror.example.org/ghcr".into() };
        assert_eq!(mirror("ghcr.io=mirror.example.org/ghcr/"), with_path);
        for text in ["", "mirror", "x=", "https://mirror.example.org", "a b=c.d"] {
            assert!(Mirror::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn proxies_are_read_in_either_case_and_one_for_all_fills_in() {
        let variables = |name: &str| match name {
            "https_proxy" => Some("http://one:3128".to_owned()),
            "ALL_PROXY" => Some("http://two:3128".to_owned()),
            "NO_PROXY" => Some("a.example.org, .b,,*".to_owned()),
            "HTTP_PROXY" => Some(String::new()),
            _ => None,
        };
        let proxies = Proxies::read(variables);
        assert_eq!(proxies.https.as_deref(), Some("http://one:3128"));
        assert_eq!(proxies.http.as_deref(), Some("http://two:3128"));
        assert_eq!(proxies.none_for, ["a.example.org", ".b", "*"]);
    }

    #[test]
    fn credentials_are_sought_where_the_tools_keep_them() {
        let files = |set: &[(&str, &str)]| {
            let find = |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value));
            credential_files(find, 7).iter().map(|path| path.display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(
            files(&[("HOME", "/h")]),
            ["/run/containers/7/auth.json", "/h/.config/containers/auth.json", "/h/.docker/config.json"]
        );
        assert_eq!(
            files(&[("HOME", "/h"), ("XDG_RUNTIME_DIR", "/r"), ("XDG_CONFIG_HOME", "/c"), ("DOCKER_CONFIG", "/d")]),
            ["/r/containers/auth.json", "/c/containers/auth.json", "/d/config.json"]
        );
        assert_eq!(files(&[("HOME", "/h"), ("REGISTRY_AUTH_FILE", "/only.json")]), ["/only.json"]);
    }
}
