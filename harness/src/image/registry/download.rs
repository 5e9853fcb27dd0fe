//! Downloads: one blob from a registry into the depot, gone on with where a connection broke, here or in an earlier process.

use std::{
    io::{self, Read},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use sha2::{Digest as _, Sha256};
use ureq::http::{Response, StatusCode};

use super::{
    arrival::Arrival,
    client::{Answer, Client},
    depot::{Depot, Part},
    error::RegistryError,
    retry::Tries,
    watch::Event,
};
use crate::image::digest::Digest;

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Its digest.
    pub digest: Digest,
    /// How many bytes its manifest says it has.
    pub size: u64,
}

/// The bytes in memory of one download, beside those of its connection.
const BUFFER: usize = 128 << 10;

/// Fetches a blob, unless it is there. Whether some of it was there before, unchecked, is the answer.
pub(super) fn fetch(
    client: &Client,
    depot: &Depot,
    wanted: Wanted,
    arrival: &Arrival,
    stop: &AtomicBool,
) -> Result<bool, RegistryError> {
    let watch = &client.access().watch;
    let Wanted { digest, size } = wanted;
    let held = |file| {
        arrival.opened(file);
        arrival.reached(size);
        watch.tell(Event::Layer { digest: &digest, bytes: size, held: size });
        Ok(true)
    };
    if let Some(file) = depot.get(&digest, size) {
        return held(file);
    }
    let part = depot.begin(&digest, || watch.tell(Event::Shared(&digest)))?;
    if let Some(file) = depot.get(&digest, size) {
        part.discard();
        return held(file);
    }
    let mut progress = Progress { part, hash: Sha256::new(), at: 0, wanted, arrival };
    let found = progress.take_up()?;
    watch.tell(Event::Layer { digest: &digest, bytes: size, held: found });
    progress.complete(client, stop)?;
    progress.finish(client)?;
    Ok(found > 0)
}

/// How far a download is: so many bytes are written, and hashed.
struct Progress<'a> {
    part: Part,
    hash: Sha256,
    at: u64,
    wanted: Wanted,
    arrival: &'a Arrival,
}

/// Why a body ended before its end.
enum Broken {
    /// The connection; another may do better.
    Connection(String),
    /// Nothing will do.
    Final(RegistryError),
}

impl Progress<'_> {
    /// Takes up what an earlier process left.
    fn take_up(&mut self) -> Result<u64, RegistryError> {
        let mut buffer = vec![0; BUFFER];
        let there = self.part.len()?.min(self.wanted.size);
        while self.at < there {
            let most = usize::try_from(there - self.at).unwrap_or(BUFFER).min(BUFFER);
            let n = self.part.read(&mut buffer[..most], self.at)?;
            if n == 0 {
                break;
            }
            self.hash.update(&buffer[..n]);
            self.at += n as u64;
        }
        self.arrival.opened(self.part.file()?);
        self.arrival.reached(self.at);
        Ok(self.at)
    }

    fn complete(&mut self, client: &Client, stop: &AtomicBool) -> Result<(), RegistryError> {
        let mut tries = Tries::new(client.access().patience);
        while self.at < self.wanted.size {
            let before = self.at;
            let answer = client.blob(&self.wanted.digest, self.at)?;
            let registry = answer.endpoint.wire().host().to_owned();
            let problem = match self.body(answer, client, stop) {
                Ok(()) => continue,
                Err(Broken::Final(error)) => return Err(error),
                Err(Broken::Connection(problem)) => problem,
            };
            if self.at > before {
                tries.progress();
            }
            let Wanted { digest, size } = self.wanted;
            let error = RegistryError::Cut { registry, digest, got: self.at, size, problem };
            let Some(wait) = tries.failure(None) else { return Err(error) };
            client.access().watch.tell(Event::Again { problem: &error.to_string(), wait });
            thread::sleep(wait);
        }
        Ok(())
    }

    /// Writes what one answer holds.
    fn body(&mut self, answer: Answer<'_>, client: &Client, stop: &AtomicBool) -> Result<(), Broken> {
        let Answer { endpoint, response } = answer;
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE || !continues(&response, self.at) {
            // It begins at the beginning, whatever it was told.
            (self.at, self.hash) = (0, Sha256::new());
            if response.status() != StatusCode::OK {
                return Err(Broken::Connection("it does not send the rest of a blob".into()));
            }
        }
        let mut body = response.into_body().into_reader();
        let mut buffer = vec![0; BUFFER];
        while !stop.load(Ordering::Relaxed) {
            let n = match body.read(&mut buffer) {
                Ok(n) => n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Broken::Connection(error.to_string())),
            };
            if n == 0 {
                return match self.at < self.wanted.size {
                    true => Err(Broken::Connection("it ends early".into())),
                    false => Ok(()),
                };
            }
            let registry = || endpoint.wire().host().to_owned();
            if self.at + n as u64 > self.wanted.size {
                let problem = format!(
                    "sends more of {} than the {} bytes that it should have",
                    self.wanted.digest, self.wanted.size
                );
                return Err(Broken::Final(RegistryError::Nonsense { registry: registry(), problem }));
            }
            self.part.write(&buffer[..n], self.at).map_err(Broken::Final)?;
            self.hash.update(&buffer[..n]);
            self.at += n as u64;
            self.arrival.reached(self.at);
            client.access().watch.tell(Event::Bytes(n as u64));
        }
        Err(Broken::Final(RegistryError::Setting("the pull was given up".into())))
    }

    fn finish(self, client: &Client) -> Result<(), RegistryError> {
        let (found, expected) = (Digest::from_bytes(self.hash.finalize().into()), self.wanted.digest);
        if found == expected {
            return self.part.finish();
        }
        self.part.discard();
        Err(RegistryError::WrongDigest { registry: client.host().to_owned(), expected, found })
    }
}

/// Whether an answer begins at the byte `at`.
fn continues<T>(response: &Response<T>, at: u64) -> bool {
    if response.status() != StatusCode::PARTIAL_CONTENT {
        return at == 0 && response.status() == StatusCode::OK;
    }
    let range = response.headers().get("content-range").and_then(|value| value.to_str().ok());
    let start = range.and_then(|range| range.trim().strip_prefix("bytes ")?.split('-').next()?.parse::<u64>().ok());
    start == Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_goes_on_only_where_it_says_so() {
        let answer = |status: u16, range: &str| {
            let response = Response::builder().status(status).header("content-range", range);
            response.body(()).expect("a response")
        };
        assert!(continues(&answer(206, "bytes 7-9/10"), 7));
        assert!(continues(&answer(200, ""), 0));
        for (status, range) in [(206, "bytes 0-9/10"), (206, "bytes */10"), (206, ""), (200, "bytes 7-9/10")] {
            assert!(!continues(&answer(status, range), 7), "{status} {range}");
        }
    }
}
