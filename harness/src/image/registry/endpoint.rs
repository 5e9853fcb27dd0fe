//! An endpoint: one server that is asked for a repository, the registry itself or a mirror of it.
//!
//! It finds out whether there is TLS, and proves who asks; what it is asked for, and how often, is for its caller.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU8, Ordering},
};

use ureq::{Body, http::Response};

use super::{
    access::Access,
    auth::Challenge,
    credentials::{self, Credentials},
    name::{DOCKER, Name, is_loopback},
    wire::{Fault, Wire},
};

/// A server.
#[derive(Debug)]
pub(super) struct Endpoint {
    wire: Wire,
    host: String,
    /// As this server calls it.
    repository: String,
    tls: AtomicU8,
    authorization: Mutex<Option<String>>,
}

/// What is known of the TLS of an endpoint.
const UNTRIED: u8 = 0;
const TLS: u8 = 1;
const PLAIN: u8 = 2;

impl Endpoint {
    /// All that are asked for `name`, in this order.
    pub fn all(name: &Name, access: &Access) -> Vec<Self> {
        let mirrors = access.mirrors.iter().filter(|mirror| mirror.host == name.host).map(|mirror| {
            let (host, path) = mirror.instead.split_once('/').unwrap_or((&mirror.instead, ""));
            let repository =
                if path.is_empty() { name.repository.clone() } else { format!("{path}/{}", name.repository) };
            Self::new(host, repository, access)
        });
        let host = if name.host == DOCKER { "registry-1.docker.io" } else { &name.host };
        mirrors.chain([Self::new(host, name.repository.clone(), access)]).collect()
    }

    fn new(host: &str, repository: String, access: &Access) -> Self {
        let plain = access.plain_http.iter().any(|listed| listed == host);
        Self {
            wire: Wire::new(host, access),
            host: host.into(),
            repository,
            tls: AtomicU8::new(if plain { PLAIN } else { UNTRIED }),
            authorization: Mutex::new(None),
        }
    }

    /// Asks for `path` below the repository. Answers that are no success are faults.
    pub fn get(
        &self,
        path: &str,
        what: &str,
        headers: &[(&str, String)],
        access: &Access,
    ) -> Result<Response<Body>, Fault> {
        let (mut proven, mut without_tls) = (false, None);
        loop {
            let tls = self.tls.load(Ordering::Relaxed);
            let sent = self.authorization();
            let response = match self.send(path, headers, sent.as_deref(), tls != PLAIN) {
                // The machine's own registries have no TLS, as a rule.
                Err(Fault::NoTls(error) | Fault::Passing(error, _)) if tls == UNTRIED && is_loopback(&self.host) => {
                    without_tls = Some(error);
                    self.tls.store(PLAIN, Ordering::Relaxed);
                    continue;
                }
                Err(Fault::NoTls(error)) => return Err(Fault::Final(error)),
                sent => sent?,
            };
            if tls == UNTRIED {
                self.tls.store(TLS, Ordering::Relaxed);
            }
            let status = response.status();
            // It has TLS after all, and that was what failed.
            if let Some(error) = without_tls.take().filter(|_| status.as_u16() == 400) {
                self.tls.store(UNTRIED, Ordering::Relaxed);
                return Err(Fault::Final(error));
            }
            if status.is_success() || status.as_u16() == 416 {
                return Ok(response);
            }
            let credentials = match status.as_u16() {
                401 | 403 => self.credentials(access)?,
                _ => None,
            };
            if status.as_u16() == 401 && !proven {
                proven = true;
                if self.prove(&response, sent, tls != PLAIN, credentials.as_ref())? {
                    continue;
                }
            }
            return Err(self.wire.refusal(&response, what, credentials.map(|c| c.user())));
        }
    }

    fn send(
        &self,
        path: &str,
        headers: &[(&str, String)],
        proof: Option<&str>,
        tls: bool,
    ) -> Result<Response<Body>, Fault> {
        let scheme = if tls { "https" } else { "http" };
        let url = format!("{scheme}://{}/v2/{}/{path}", self.host, self.repository);
        let mut request = self.wire.agent(tls)?.get(url);
        for (name, value) in headers.iter().map(|(n, v)| (*n, v.as_str())).chain(proof.map(|p| ("authorization", p))) {
            request = request.header(name, value);
        }
        request.call().map_err(|error| self.wire.fault(error))
    }

    /// Does what `response` asks for, once for all threads that are refused at once; `false` if it asks for nothing that is
    /// known. `sent` is the proof that was not enough.
    fn prove(
        &self,
        response: &Response<Body>,
        sent: Option<String>,
        tls: bool,
        credentials: Option<&Credentials>,
    ) -> Result<bool, Fault> {
        let headers = response.headers().get_all("www-authenticate").iter();
        let Some(challenge) = Challenge::read(headers.filter_map(|value| value.to_str().ok())) else {
            return Ok(false);
        };
        let mut authorization = self.authorization.lock().unwrap_or_else(PoisonError::into_inner);
        if *authorization == sent {
            *authorization = Some(challenge.answer(&self.wire, tls, &self.repository, credentials)?);
        }
        Ok(true)
    }

    fn authorization(&self) -> Option<String> {
        self.authorization.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn credentials(&self, access: &Access) -> Result<Option<Credentials>, Fault> {
        let host = if self.host == "registry-1.docker.io" { DOCKER } else { &*self.host };
        let name = Name { host: host.into(), repository: self.repository.clone(), tag: None, digest: None };
        credentials::find(&access.credentials, &name).map_err(Fault::Final)
    }

    /// The ways to it.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }
}
