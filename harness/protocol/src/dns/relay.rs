//! What a relay needs to know: the real nameservers that a look-up may reach, and how much of it.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Network, Server};

/// Real nameservers, each reached from a case under its own address. The first is called `s1` in the log.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// The addresses, port 53, in the order of resolv.conf. Nothing else is ever contacted.
    pub servers: Vec<IpAddr>,
    /// Queries that are passed on; after them nothing is, nor any answer.
    pub most_queries: u32,
    /// Milliseconds after which nothing more is passed on.
    pub most_ms: u64,
}

impl Relay {
    /// The network that a relay listens in: loopback, with the addresses of the nameservers.
    pub fn surroundings(&self) -> Network {
        let servers: Vec<Server> =
            self.servers.iter().map(|address| Server { address: *address, only: None }).collect();
        Network::default().with_addresses_of(&servers)
    }
}
