//! The scripted network of one case: DNS servers on loopback that do what their script says, and the log of what they
//! were asked. The caller has entered a network namespace of the case's own; nothing here looks at the C library under
//! test, and nothing is answered that the script does not say.
//!
//! One thread serves everything, so that replies leave in the order in which their queries came.

use std::io::{self, Write};
use std::thread::JoinHandle;

use libcdiff_protocol::Query;
use libcdiff_protocol::dns::Script;

mod compose;
mod connection;
mod log;
mod message;
mod name;
pub mod relay;
mod rules;
mod serve;
mod sockets;
mod summary;

pub use summary::{outline, summary};

/// The port that every resolver asks.
const PORT: u16 = 53;

/// Servers at work.
pub struct Lab {
    stop: io::PipeWriter,
    thread: JoinHandle<Vec<Query>>,
}

impl Lab {
    /// Binds the script's addresses in the calling thread's network namespace and starts to serve them. Queries are
    /// accepted from the moment this returns.
    ///
    /// # Errors
    /// `InvalidInput` where the script contradicts itself, otherwise what binding a socket came back with; both name
    /// the rule or the address.
    pub fn start(script: &Script) -> io::Result<Self> {
        Self::start_on(script, PORT)
    }

    /// As [`Lab::start`], on another port.
    fn start_on(script: &Script, port: u16) -> io::Result<Self> {
        let service = serve::Service::new(script, port)?;
        let (stopped, stop) = io::pipe()?;
        let thread = std::thread::Builder::new().name("dns".into()).spawn(move || service.run(&stopped))?;
        Ok(Self { stop, thread })
    }

    /// Ends the service after the program has ended, and returns every query that was sent, in order of arrival.
    /// What still lies in a socket is read first: on loopback a datagram is there when `sendto` returns.
    pub fn finish(mut self) -> Vec<Query> {
        // The thread also ends when the pipe does, so a write that fails has nothing left to stop.
        let _ = self.stop.write_all(b"x");
        self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod tests;
