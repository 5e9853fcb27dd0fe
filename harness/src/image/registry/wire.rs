//! HTTP: agents with the right roots, proxies and time limits, and what their failures mean.
//!
//! Certificates are checked against those of the machine and those that Docker and podman keep for one registry; where the
//! machine has none, against Mozilla's. Answers of any status are answers here.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use chrono::Utc;
use ureq::{
    Agent, Body, Proxy,
    config::RedirectAuthHeaders,
    http::Response,
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};

use super::{
    access::{Access, Patience, Proxies},
    error::RegistryError,
    name::is_loopback,
    retry,
};

/// The ways to one registry and to whom it sends us on.
#[derive(Debug)]
pub(super) struct Wire {
    host: String,
    proxies: Proxies,
    patience: Patience,
    tls: OnceLock<Agent>,
    plain: OnceLock<Agent>,
}

/// A failure, and whether it may pass.
#[derive(Debug)]
pub(super) enum Fault {
    /// Another try may do, after as long as the other side asks for.
    Passing(RegistryError, Option<Duration>),
    /// It will stay as it is.
    Final(RegistryError),
    /// There was no TLS at the other end, it seems.
    NoTls(RegistryError),
}

/// Where certificate authorities of single registries are kept, one folder a host.
const CERTIFICATES: [&str; 2] = ["/etc/containers/certs.d", "/etc/docker/certs.d"];

impl Wire {
    /// To `host`; nothing is opened yet.
    pub fn new(host: &str, access: &Access) -> Self {
        Self {
            host: host.into(),
            proxies: access.proxies.clone(),
            patience: access.patience,
            tls: OnceLock::new(),
            plain: OnceLock::new(),
        }
    }

    /// What sends requests, with or without TLS.
    pub fn agent(&self, tls: bool) -> Result<&Agent, Fault> {
        let (slot, proxy) = match tls {
            true => (&self.tls, &self.proxies.https),
            false => (&self.plain, &self.proxies.http),
        };
        if let Some(agent) = slot.get() {
            return Ok(agent);
        }
        let proxy = proxy.as_deref().map(|proxy| self.proxy(proxy)).transpose().map_err(Fault::Final)?;
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .redirect_auth_headers(RedirectAuthHeaders::SameHost)
            .timeout_resolve(Some(self.patience.silence))
            .timeout_connect(Some(self.patience.silence))
            .timeout_per_read(Some(self.patience.silence))
            .timeout_per_write(Some(self.patience.silence))
            .user_agent(concat!("libcdiff/", env!("CARGO_PKG_VERSION")))
            .proxy(proxy);
        if tls {
            config = config.tls_config(TlsConfig::builder().root_certs(roots(&self.host)).build());
        }
        Ok(slot.get_or_init(|| config.build().new_agent()))
    }

    fn proxy(&self, text: &str) -> Result<Proxy, RegistryError> {
        let bad =
            |_| RegistryError::Setting(format!("`{text}` is no proxy, which is like http://proxy.example.org:3128"));
        let parsed = Proxy::new(text).map_err(bad)?;
        let mut proxy = Proxy::builder(parsed.protocol()).host(parsed.host()).port(parsed.port());
        if let Some(user) = parsed.username() {
            proxy = proxy.username(user);
        }
        if let Some(password) = parsed.password() {
            proxy = proxy.password(password);
        }
        for host in &self.proxies.none_for {
            proxy = proxy.no_proxy(host);
            if !host.starts_with(['.', '*']) {
                proxy = proxy.no_proxy(&format!(".{host}"));
            }
        }
        if is_loopback(&self.host) {
            proxy = proxy.no_proxy("*");
        }
        proxy.build().map_err(bad)
    }

    /// Whether a proxy may stand between. One that is down looks like a registry that is.
    fn proxied(&self) -> bool {
        !is_loopback(&self.host) && (self.proxies.https.is_some() || self.proxies.http.is_some())
    }

    /// What a request that had no answer means.
    pub fn fault(&self, error: ureq::Error) -> Fault {
        let (registry, host) = (self.host.clone(), &self.host);
        let problem = match &error {
            error if is_unknown_host(error) => {
                "there is no host of this name; look at its spelling and at the network, name a proxy (--proxy), or bring the \
                 image as a file (docker save, skopeo copy)"
                    .into()
            }
            ureq::Error::Io(e) if e.kind() == io::ErrorKind::ConnectionRefused => match self.proxied() {
                false => "nothing listens there; look at the port, and whether it runs".into(),
                true => "nothing listens there, or where the proxy should be; look at the port, and at --proxy, HTTPS_PROXY, \
                         HTTP_PROXY, ALL_PROXY and NO_PROXY"
                    .into(),
            },
            ureq::Error::InvalidProxyUrl | ureq::Error::ConnectProxyFailed(_) => {
                format!("the proxy does not let it through ({error}); look at --proxy, HTTPS_PROXY and NO_PROXY")
            }
            ureq::Error::Rustls(_) | ureq::Error::Tls(_) => return Fault::NoTls(self.untrusted(&error)),
            ureq::Error::Io(e) if e.kind() == io::ErrorKind::InvalidData => {
                return Fault::NoTls(self.untrusted(&error));
            }
            ureq::Error::Timeout(_) => {
                let problem = format!("{host} was silent for {} s", self.patience.silence.as_secs());
                return Fault::Passing(RegistryError::Unreachable { registry, problem }, None);
            }
            _ => {
                let problem = format!("the connection broke ({error})");
                return Fault::Passing(RegistryError::Unreachable { registry, problem }, None);
            }
        };
        Fault::Final(RegistryError::Unreachable { registry, problem })
    }

    fn untrusted(&self, error: &ureq::Error) -> RegistryError {
        let host = &self.host;
        RegistryError::Unreachable {
            registry: host.clone(),
            problem: format!(
                "no trusted TLS ({error}); put its certificate authority into {}/{host}/ca.crt, or use --plain-http {host} \
                 if it has no TLS",
                CERTIFICATES[1]
            ),
        }
    }

    /// What an answer of a status other than success means.
    pub fn refusal(&self, response: &Response<Body>, what: &str, user: Option<String>) -> Fault {
        let (registry, status) = (self.host.clone(), response.status().as_u16());
        let header = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let after = header.and_then(|header| retry::asked(header, Utc::now()));
        let error = match status {
            404 => RegistryError::NotFound { registry, what: what.into() },
            401 | 403 => RegistryError::Unauthorized { registry, user },
            429 => RegistryError::RateLimited { registry, after },
            _ => RegistryError::Status { registry, status, what: what.into() },
        };
        match retry::is_passing(status) {
            true => Fault::Passing(error, after),
            false => Fault::Final(error),
        }
    }

    /// The whole body of an answer, of at most `most` bytes.
    pub fn document(&self, response: Response<Body>, what: &str, most: u64) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        let mut body = response.into_body().into_reader().take(most + 1);
        body.read_to_end(&mut bytes).map_err(|error| self.fault(ureq::Error::from(error)))?;
        match bytes.len() as u64 > most {
            false => Ok(bytes),
            true => Err(Fault::Final(RegistryError::Nonsense {
                registry: self.host.clone(),
                problem: format!("sent more than {most} bytes for {what}"),
            })),
        }
    }

    /// The registry's host, for messages.
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// Whether there is no such host; that the resolver fails for the moment is something else.
fn is_unknown_host(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::HostNotFound => true,
        // The system's resolver has no kind of its own for it.
        ureq::Error::Io(error) => {
            let text = error.to_string();
            // What glibc and musl say for EAI_AGAIN.
            let for_the_moment = ["Temporary failure", "Try again"].iter().any(|words| text.contains(words));
            text.contains("failed to lookup address") && !for_the_moment
        }
        _ => false,
    }
}

/// Whom to trust when talking to `host`.
fn roots(host: &str) -> RootCerts {
    let machine = rustls_native_certs::load_native_certs().certs;
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".config/containers/certs.d"));
    let folders = CERTIFICATES.iter().map(PathBuf::from).chain(home);
    let own: Vec<_> = folders.flat_map(|folder| certificates(&folder.join(host))).collect();
    if machine.is_empty() && own.is_empty() {
        return RootCerts::WebPki;
    }
    let machine = machine.iter().map(|certificate| Certificate::from_der(certificate).to_owned());
    RootCerts::Specific(Arc::new(machine.chain(own).collect()))
}

/// The certificate authorities in a folder: its files that end in `.crt`.
fn certificates(folder: &Path) -> Vec<Certificate<'static>> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let texts =
        files.filter(|path| path.extension().is_some_and(|end| end == "crt")).filter_map(|path| fs::read(path).ok());
    let mut found = Vec::new();
    for text in texts {
        found.extend(parse_pem(&text).flatten().filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        }));
    }
    found
}
