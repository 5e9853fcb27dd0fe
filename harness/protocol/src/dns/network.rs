//! The network of a case: loopback, and what a scenario wants to be different there. Networks are expensive to destroy,
//! so the agent keeps them by their settings, which is why these can be compared and put into an order.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Server;

/// Settings of a network that has the loopback interface alone.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// Whether there is IPv6; `false` is sysctl's `net.ipv6.conf.all.disable_ipv6 = 1`.
    pub ipv6: bool,
    /// sysctl's `net.ipv6.bindv6only`.
    pub bindv6only: bool,
    /// Addresses of the loopback interface beside the usual ones, with the length of their prefix.
    pub addresses: Vec<Subnet>,
    /// Default routes through the loopback interface, for the families that have an address.
    pub default_routes: bool,
}

impl Default for Network {
    fn default() -> Self {
        Self { ipv6: true, bindv6only: false, addresses: Vec::new(), default_routes: false }
    }
}

impl Network {
    /// These settings, and an address for every server that has none.
    pub fn with_addresses_of(&self, servers: &[Server]) -> Self {
        let mut all = self.clone();
        for address in servers.iter().map(|server| server.address) {
            let there = address.is_loopback() || all.addresses.iter().any(|subnet| subnet.address == address);
            if !there && !address.is_unspecified() {
                let prefix = if address.is_ipv4() { 32 } else { 128 };
                all.addresses.push(Subnet { address, prefix });
            }
        }
        all
    }
}

/// An address and the length of its prefix: `192.0.2.1/24`.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(try_from = "String", into = "String")]
pub struct Subnet {
    /// The address.
    pub address: IpAddr,
    /// Bits that the addresses of the subnet have in common.
    pub prefix: u8,
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl FromStr for Subnet {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (address, prefix) = text.split_once('/')?;
            let (address, prefix) = (address.parse::<IpAddr>().ok()?, prefix.parse::<u8>().ok()?);
            let longest = if address.is_ipv4() { 32 } else { 128 };
            (prefix <= longest).then_some(Self { address, prefix })
        };
        read().ok_or_else(|| format!("`{text}`: expected an address with the length of its prefix, as `192.0.2.1/24`"))
    }
}

impl TryFrom<String> for Subnet {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Subnet> for String {
    fn from(subnet: Subnet) -> String {
        subnet.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subnets_are_read_as_they_are_written() {
        for text in ["192.0.2.1/24", "2001:db8::1/64", "fd00::53/128"] {
            assert_eq!(text.parse::<Subnet>().expect(text).to_string(), text);
        }
        for text in ["192.0.2.1", "192.0.2.1/33", "fd00::53/129", "x/1"] {
            assert!(text.parse::<Subnet>().is_err(), "{text}");
        }
    }

    #[test]
    fn servers_get_the_addresses_that_loopback_has_not() {
        let server = |text: &str| text.parse::<Server>().expect(text);
        let servers = ["127.0.0.11", "::1", "fd00::53", "192.0.2.1 udp", "fd00::53 tcp"].map(server);
        let given = Network { addresses: vec!["192.0.2.1/24".parse().expect("a subnet")], ..Network::default() };
        let all = given.with_addresses_of(&servers);
        assert_eq!(all.addresses.iter().map(Subnet::to_string).collect::<Vec<_>>(), ["192.0.2.1/24", "fd00::53/128"]);
        assert_eq!(Network::default().with_addresses_of(&servers[..2]), Network::default());
    }
}
