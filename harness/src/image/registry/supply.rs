//! The supply of one pull: documents when they are asked for, layers side by side as soon as it is known which.
//!
//! To the rest of the program it is the folder of an OCI layout whose parts come when they are wanted.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use super::{
    arrival::Arrival,
    client::Client,
    depot::Depot,
    download::{Wanted, fetch},
    error::RegistryError,
    name::Name,
};
use crate::image::{
    blobs::{Blob, Piece, Supplier},
    digest::Digest,
    limits::Limits,
};

/// Where the parts of one image come from.
#[derive(Debug)]
pub(super) struct Supply {
    shared: Arc<Shared>,
    layers: OnceLock<HashMap<Digest, (u64, Arc<Arrival>)>>,
    document_bytes: u64,
}

/// What the threads of a pull have in common.
#[derive(Debug)]
struct Shared {
    client: Client,
    depot: Depot,
    stop: AtomicBool,
    /// What was on disk before, and so not checked by this process.
    held: Mutex<Vec<Digest>>,
    failure: Mutex<Option<RegistryError>>,
}

/// Layers that are fetched at a time; Docker's default is 3, containers-tools' is 6.
const SIDE_BY_SIDE: usize = 4;

impl Supply {
    /// From a repository into the depot.
    pub fn new(client: Client, depot: Depot, limits: &Limits) -> Self {
        let (stop, held, failure) = (AtomicBool::new(false), Mutex::default(), Mutex::default());
        let shared = Shared { client, depot, stop, held, failure };
        Self { shared: Arc::new(shared), layers: OnceLock::new(), document_bytes: limits.document_bytes }
    }

    /// What a name leads to: the digest and size of a manifest or an index, which is then in the depot.
    pub fn look_up(&self, name: &Name) -> Result<(Digest, u64), RegistryError> {
        let bytes = self.shared.client.manifest(&name.reference(), self.document_bytes)?;
        let digest = Digest::of(&bytes);
        self.shared.depot.put(&digest, &bytes)?;
        Ok((digest, bytes.len() as u64))
    }

    /// Begins to fetch these layers, the first ones first.
    pub fn begin(&self, layers: &[Wanted]) {
        let (mut arrivals, mut queue) = (HashMap::new(), Vec::new());
        for layer in layers {
            arrivals.entry(layer.digest).or_insert_with(|| {
                let arrival = Arc::new(Arrival::default());
                queue.push((*layer, arrival.clone()));
                (layer.size, arrival)
            });
        }
        if self.layers.set(arrivals).is_err() {
            return;
        }
        let threads = queue.len().min(SIDE_BY_SIDE);
        let (queue, next) = (Arc::new(queue), Arc::new(AtomicUsize::new(0)));
        for _ in 0..threads {
            let (shared, queue, next) = (self.shared.clone(), queue.clone(), next.clone());
            // Not joined: a thread that waits for a silent registry must not keep a pull that failed from ending.
            thread::spawn(move || {
                while let Some((wanted, arrival)) = queue.get(next.fetch_add(1, Ordering::Relaxed)) {
                    shared.fetch(*wanted, arrival);
                }
            });
        }
    }

    /// Waits until every layer is there.
    pub fn finish(&self) -> Result<(), RegistryError> {
        let all = self.layers.get().into_iter().flatten().all(|(_, (_, arrival))| arrival.wait());
        match self.failure() {
            Some(error) => Err(error),
            None if all => Ok(()),
            None => Err(RegistryError::Setting("the pull was given up".into())),
        }
    }

    /// What went wrong first, if something did.
    pub fn failure(&self) -> Option<RegistryError> {
        lock(&self.shared.failure).clone()
    }

    /// Removes what was on disk before this pull; whether there was something.
    pub fn distrust(&self) -> bool {
        let held = std::mem::take(&mut *lock(&self.shared.held));
        held.iter().for_each(|digest| self.shared.depot.remove(digest));
        !held.is_empty()
    }
}

impl Drop for Supply {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }
}

impl Shared {
    fn fetch(&self, wanted: Wanted, arrival: &Arrival) {
        let got = match self.stop.load(Ordering::Relaxed) {
            true => Ok(false),
            false => fetch(&self.client, &self.depot, wanted, arrival, &self.stop),
        };
        let well = got.is_ok() && !self.stop.load(Ordering::Relaxed);
        match got {
            Ok(true) => lock(&self.held).push(wanted.digest),
            Ok(false) => {}
            Err(error) => {
                if let RegistryError::WrongDigest { .. } = error {
                    lock(&self.held).push(wanted.digest);
                }
                lock(&self.failure).get_or_insert(error);
                self.stop.store(true, Ordering::Relaxed);
            }
        }
        arrival.ended(well);
    }
}

impl Supplier for Supply {
    fn need(&self, piece: Piece, digest: &Digest, size: u64) -> Result<(), RegistryError> {
        let depot = &self.shared.depot;
        // Small enough to look whether it is right before anybody relies on it.
        if depot.get(digest, size).is_some()
            && std::fs::read(depot.path(digest)).is_ok_and(|b| Digest::of(&b) == *digest)
        {
            return Ok(());
        }
        let bytes = match piece {
            Piece::Manifest => self.shared.client.manifest(&digest.to_string(), self.document_bytes)?,
            Piece::Config => self.shared.client.document(digest, self.document_bytes)?,
        };
        depot.put(digest, &bytes)
    }

    fn layer(&self, digest: &Digest) -> Result<Option<Blob>, RegistryError> {
        let Some((size, arrival)) = self.layers.get().and_then(|layers| layers.get(digest)) else { return Ok(None) };
        match arrival.file() {
            Some(file) => Ok(Some(Blob::growing(file, *size, arrival.clone()))),
            None => Err(self.failure().unwrap_or(RegistryError::Setting("the pull was given up".into()))),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
