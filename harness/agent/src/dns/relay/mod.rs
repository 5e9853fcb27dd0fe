//! The relay of one case: listens in the case's network on the addresses of the real nameservers, and passes what the C
//! library asks there on to them, and their answers back. It is read-only, bounded, and reaches nobody else, because the
//! sockets outside come from the [`broker`]. Nothing is looked at but ids, questions and codes, for the log.
//!
//! What it cannot pass on: a connection that is refused outside is accepted inside and closed.

use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::thread::JoinHandle;

use libcdiff_protocol::{Observation, Query, Status, dns};

use super::PORT;
use ledger::Bound;
pub use refusal::Refusals;

pub mod broker;
mod ledger;
mod pump;
mod refusal;
#[cfg(test)]
mod tests;

/// A relay at work.
pub struct Relay {
    bounds: dns::Relay,
    stop: io::PipeWriter,
    thread: JoinHandle<(Vec<Query>, Option<Bound>)>,
}

/// What a relay is given that its case cannot get by itself.
pub struct Outfit {
    /// The connection to the broker.
    pub broker: OwnedFd,
    /// Sockets of the case's network.
    pub refusals: Refusals,
}

impl Relay {
    /// Binds the nameservers' addresses in the calling thread's network namespace, and passes on what comes from the
    /// moment this returns.
    ///
    /// # Errors
    /// What binding a socket came back with, and the address.
    pub fn start(relay: &dns::Relay, outfit: Outfit) -> io::Result<Self> {
        Self::start_on(relay, outfit, PORT)
    }

    /// As [`Relay::start`], on another port.
    fn start_on(relay: &dns::Relay, outfit: Outfit, port: u16) -> io::Result<Self> {
        let pump = pump::Pump::new(relay, broker::Connection(outfit.broker), outfit.refusals, port)?;
        let (stopped, stop) = io::pipe()?;
        let thread = std::thread::Builder::new().name("relay".into()).spawn(move || pump.run(&stopped))?;
        Ok(Self { bounds: relay.clone(), stop, thread })
    }

    /// Ends the relay after the program has ended, and says what it passed on.
    pub fn finish(mut self) -> Passed {
        // The thread also ends when the pipe does, so a write that fails has nothing left to stop.
        let _ = self.stop.write_all(b"x");
        let (queries, bound) = self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Passed { queries, bound, bounds: self.bounds }
    }
}

/// What a relay has passed on.
pub struct Passed {
    queries: Vec<Query>,
    bound: Option<Bound>,
    bounds: dns::Relay,
}

impl Passed {
    /// Adds it to the observation. The wire is a value and no part of the text: real servers vary. A bound that was
    /// reached is part of the text, because the answer is then the relay's as much as the C library's.
    pub fn add_to(self, seen: &mut Observation) {
        let seconds = self.bounds.most_ms as f64 / 1000.0;
        if seen.status == Status::Timeout {
            seen.text = format!("did not end within {seconds} s");
        }
        let over = match (self.bound, seen.status) {
            (Some(Bound::Queries), _) => Some(format!("more than {} queries", self.bounds.most_queries)),
            (Some(Bound::Time), Status::Described) => Some(format!("more than {seconds} s")),
            _ => None,
        };
        if let Some(over) = &over
            && !matches!(seen.status, Status::Broke | Status::Unsupported)
        {
            seen.text = format!("{}\nstopped: {over}", seen.text);
        }
        seen.values.insert("queries".into(), self.queries.len().into());
        seen.values.insert("stopped".into(), over.into());
        seen.wire = Some(self.queries);
    }
}
