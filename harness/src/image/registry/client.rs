//! The client of the distribution specification: manifests and blobs of one repository, from whoever has them first.
//!
//! Mirrors are asked before the registry, in order; what a mirror does not have, or does not answer, is no failure. What
//! fails for the moment is tried again. Manifests are checked against their digest here, blobs by whoever stores them.

use std::thread;

use ureq::{Body, http::Response};

use super::{
    access::{Access, Pull},
    endpoint::Endpoint,
    error::RegistryError,
    name::Name,
    retry::Tries,
    watch::Event,
    wire::Fault,
};
use crate::image::digest::Digest;

/// A client for one repository.
#[derive(Debug)]
pub(super) struct Client {
    endpoints: Vec<Endpoint>,
    access: Access,
}

/// An answer, and who gave it.
pub(super) struct Answer<'a> {
    /// Who.
    pub endpoint: &'a Endpoint,
    /// What.
    pub response: Response<Body>,
}

/// What manifests and indexes are called, those of Docker beside those of OCI.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

impl Client {
    /// For the repository of `name`; nothing is asked yet, and nobody ever where a pull is forbidden.
    pub fn new(name: &Name, access: &Access) -> Self {
        let endpoints = match access.pull {
            Pull::Never => Vec::new(),
            _ => Endpoint::all(name, access),
        };
        Self { endpoints, access: access.clone() }
    }

    /// The manifest or index that `reference` (a tag or a digest) means, of at most `most` bytes.
    pub fn manifest(&self, reference: &str, most: u64) -> Result<Vec<u8>, RegistryError> {
        let accept = [("accept", MANIFESTS.to_owned())];
        self.each(&format!("manifest {reference}"), |endpoint, what| {
            let response = endpoint.get(&format!("manifests/{reference}"), what, &accept, &self.access)?;
            let stated = response.headers().get("docker-content-digest").and_then(|value| value.to_str().ok());
            let expected = Digest::parse(reference).or_else(|| stated.and_then(Digest::parse));
            let bytes = endpoint.wire().document(response, what, most)?;
            check(endpoint, expected, &bytes)?;
            Ok(bytes)
        })
    }

    /// The whole of a small blob.
    pub fn document(&self, digest: &Digest, most: u64) -> Result<Vec<u8>, RegistryError> {
        self.each(&format!("blob {digest}"), |endpoint, what| {
            let response = endpoint.get(&format!("blobs/{digest}"), what, &[], &self.access)?;
            let bytes = endpoint.wire().document(response, what, most)?;
            check(endpoint, Some(*digest), &bytes)?;
            Ok(bytes)
        })
    }

    /// A blob from the byte `from` on; the answer says whether the server did as it was told.
    pub fn blob(&self, digest: &Digest, from: u64) -> Result<Answer<'_>, RegistryError> {
        let range = (from > 0).then(|| ("range", format!("bytes={from}-")));
        self.each(&format!("blob {digest}"), |endpoint, what| {
            let response = endpoint.get(&format!("blobs/{digest}"), what, range.as_slice(), &self.access)?;
            Ok(Answer { endpoint, response })
        })
    }

    /// The registry's host, for messages.
    pub fn host(&self) -> &str {
        self.endpoints.last().map_or("nobody", |endpoint| endpoint.wire().host())
    }

    /// How the repository is reached.
    pub fn access(&self) -> &Access {
        &self.access
    }

    fn each<'a, T>(
        &'a self,
        what: &str,
        ask: impl Fn(&'a Endpoint, &str) -> Result<T, Fault>,
    ) -> Result<T, RegistryError> {
        let nobody = || RegistryError::NotHeld { platform: self.access.platform.to_string() };
        let (registry, mirrors) = self.endpoints.split_last().ok_or_else(nobody)?;
        for mirror in mirrors {
            match self.persist(|| ask(mirror, what)) {
                Ok(got) => return Ok(got),
                Err(error) => self.access.watch.tell(Event::Passed { problem: &error.to_string() }),
            }
        }
        self.persist(|| ask(registry, what))
    }

    fn persist<T>(&self, ask: impl Fn() -> Result<T, Fault>) -> Result<T, RegistryError> {
        let mut tries = Tries::new(self.access.patience);
        loop {
            let (error, after) = match ask() {
                Ok(got) => return Ok(got),
                Err(Fault::Final(error) | Fault::NoTls(error)) => return Err(error),
                Err(Fault::Passing(error, after)) => (error, after),
            };
            let Some(wait) = tries.failure(after) else { return Err(error) };
            self.access.watch.tell(Event::Again { problem: &error.to_string(), wait });
            thread::sleep(wait);
        }
    }
}

fn check(endpoint: &Endpoint, expected: Option<Digest>, bytes: &[u8]) -> Result<(), Fault> {
    let found = Digest::of(bytes);
    match expected.filter(|expected| *expected != found) {
        None => Ok(()),
        Some(expected) => {
            let registry = endpoint.wire().host().to_owned();
            Err(Fault::Final(RegistryError::WrongDigest { registry, expected, found }))
        }
    }
}
