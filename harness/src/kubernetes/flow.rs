//! From objects to logs: makes the Jobs of a run, waits for their ends, fetches what their pods have written, and deletes
//! everything, however it ends.
//!
//! The Job comes first and owns the ConfigMaps that its pods wait for. So whatever is left by a crash of this program goes
//! away by itself: a Job without its plan runs into its deadline, and one that has ended into the time for which it is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use libcdiff_protocol::frame::Reader;

use super::gathered;
use super::job::{Objects, selector};
use super::kubectl::{Cluster, ClusterError, value};
use super::manifest::OwnerReference;
use super::state::{End, Listing, Seen, Trouble, last_words};

/// Attempts at a log that is not whole although its container has ended well.
const ATTEMPTS: usize = 3;

/// How a run goes on.
pub struct Flow<'a> {
    /// Where.
    pub cluster: &'a dyn Cluster,
    /// The run's name.
    pub run: &'a str,
    /// Between two looks.
    pub every: Duration,
    /// For how long an image may fail to be pulled.
    pub patience: Duration,
    /// Whether the user wants it to end.
    pub stopped: &'a dyn Fn() -> bool,
    /// Takes what is worth knowing on the way.
    pub tell: &'a dyn Fn(&str),
}

/// What came of it.
#[derive(Default)]
pub struct Outcome {
    /// The log of each pod, by its name.
    pub logs: BTreeMap<String, Vec<u8>>,
    /// What went wrong, by the place of the image.
    pub troubles: BTreeMap<usize, Vec<String>>,
}

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// The cluster.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// What it says does not read.
    #[error("what the cluster says of the run does not read: {0}")]
    Read(#[from] serde_json::Error),
    /// The user.
    #[error("stopped; what the run had made on the cluster is deleted")]
    Stopped,
}

/// Deletes what a run has made.
struct Broom<'a>(&'a Flow<'a>);

impl Drop for Broom<'_> {
    fn drop(&mut self) {
        let selector = selector(self.0.run);
        if let Err(error) = self.0.cluster.delete(&selector) {
            (self.0.tell)(&format!(
                "{error}\nwhat is left goes away by itself after some time; or: kubectl delete jobs,configmaps -l {selector}"
            ));
        }
    }
}

impl Flow<'_> {
    /// Runs it to its end.
    ///
    /// # Errors
    /// Where the cluster refuses, or the user stops it. What goes wrong with one image is part of the outcome.
    pub fn run(&self, objects: Vec<Objects>) -> Result<Outcome, FlowError> {
        let _broom = Broom(self);
        let places = objects.len();
        for objects in objects {
            self.check()?;
            self.make(objects)?;
        }
        let mut outcome = Outcome::default();
        let mut open: BTreeSet<usize> = (0..places).collect();
        let mut waits: BTreeMap<usize, (Instant, String)> = BTreeMap::new();
        while !open.is_empty() {
            self.check()?;
            let listing = Listing::read(self.cluster.list(&selector(self.run))?)?;
            for place in open.clone() {
                if self.advance(place, &listing, &mut waits, &mut outcome)? {
                    open.remove(&place);
                }
            }
            if !open.is_empty() {
                thread::sleep(self.every);
            }
        }
        Ok(outcome)
    }

    fn check(&self) -> Result<(), FlowError> {
        if (self.stopped)() { Err(FlowError::Stopped) } else { Ok(()) }
    }

    fn make(&self, objects: Objects) -> Result<(), FlowError> {
        let job = Seen::read(self.cluster.create(&value(&objects.job)?)?)?;
        let owner = OwnerReference {
            api_version: objects.job.api_version,
            kind: objects.job.kind,
            name: job.name().to_owned(),
            uid: job.uid().to_owned(),
        };
        for mut map in objects.plan {
            map.metadata.owner_references = vec![owner.clone()];
            self.cluster.create(&value(&map)?)?;
        }
        Ok(())
    }

    /// Looks at the Job of one image; true when there is nothing more to wait for.
    fn advance(
        &self,
        place: usize,
        listing: &Listing,
        waits: &mut BTreeMap<usize, (Instant, String)>,
        outcome: &mut Outcome,
    ) -> Result<bool, FlowError> {
        let mut failed = |text: String| outcome.troubles.entry(place).or_default().push(text);
        let Some(job) = listing.job(place) else {
            failed("its Job has gone: somebody has deleted it".into());
            return Ok(true);
        };
        let mut waiting = None;
        for pod in listing.pods(place) {
            if pod.has_ended() && !outcome.logs.contains_key(pod.name()) {
                let (log, trouble) = self.fetch(pod);
                outcome.logs.insert(pod.name().to_owned(), log);
                trouble.into_iter().for_each(&mut failed);
            } else if let Some(Trouble::Waits(why)) = pod.trouble() {
                waiting = Some(why);
            } else if let Some(Trouble::Over(why)) = pod.trouble().filter(|_| !pod.has_ended()) {
                failed(format!("{}: {why}", self.shard(pod)));
                return Ok(true);
            }
        }
        if let Some(end) = job.end() {
            if let End::Failed(reason, message) = end {
                let last = waits.get(&place).map(|(_, why)| format!("; until then: {why}")).unwrap_or_default();
                failed(match reason.as_str() {
                    "DeadlineExceeded" => {
                        format!("not done at the deadline: give --job-deadline more, or more --shards{last}")
                    }
                    _ => format!("its Job was given up ({reason}: {message}){last}"),
                });
            }
            return Ok(true);
        }
        match waiting {
            None => drop(waits.remove(&place)),
            Some(why) => {
                let known = waits.get(&place).cloned();
                if known.is_none() {
                    (self.tell)(&format!("image {place}: {why}"));
                }
                let since = known.map_or_else(Instant::now, |(since, _)| since);
                if why.contains("cannot pull") && since.elapsed() >= self.patience {
                    failed(why);
                    return Ok(true);
                }
                waits.insert(place, (since, why));
            }
        }
        Ok(false)
    }

    /// What a pod has written, and what is wrong with it.
    fn fetch(&self, pod: &Seen) -> (Vec<u8>, Option<String>) {
        let named = |why: String| format!("{}: {why}", self.shard(pod));
        let trouble = match pod.trouble() {
            Some(Trouble::Over(why) | Trouble::Waits(why)) => Some(why),
            None => None,
        };
        if !pod.has_run() {
            return (Vec::new(), Some(named(trouble.unwrap_or_else(|| "it ended before its container ran".into()))));
        }
        let mut best = Vec::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                thread::sleep(self.every);
            }
            match self.cluster.log(pod.name(), "probes") {
                Ok(log) if gathered::is_whole(&log) => return (log, trouble.map(named)),
                Ok(log) => best = if log.len() > best.len() { log } else { best },
                Err(error) => return (best, Some(named(format!("its log cannot be had: {error}")))),
            }
            if trouble.is_some() {
                break;
            }
        }
        let mut reader = Reader::default();
        String::from_utf8_lossy(&best).lines().for_each(|line| reader.take(line));
        let why = [trouble, last_words(reader.others())].into_iter().flatten().collect::<Vec<_>>().join("; ");
        let why = if why.is_empty() { "its log is not whole".to_owned() } else { why };
        (best, Some(named(why)))
    }

    fn shard(&self, pod: &Seen) -> String {
        format!("shard {} ({})", pod.shard(), pod.name())
    }
}
