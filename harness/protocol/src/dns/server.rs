//! Where a scripted server listens, written as its address and, where it is not both, its transport: `127.0.0.11 udp`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a query arrives.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// One datagram.
    Udp,
    /// A stream of messages, each after its length.
    Tcp,
}

impl Transport {
    /// The word in scripts and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
        }
    }
}

impl Transport {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Udp, Self::Tcp];
}

/// One address that is listened on, port 53.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(try_from = "String", into = "String")]
pub struct Server {
    /// A loopback address. Not 127.0.0.1 as a rule, because both families fall back to that one by themselves.
    pub address: IpAddr,
    /// The one transport that has a listener, where it is not both; the other is refused.
    pub only: Option<Transport>,
}

impl Server {
    /// Whether there is a listener for this transport.
    pub fn listens(&self, transport: Transport) -> bool {
        self.only.is_none_or(|only| only == transport)
    }
}

impl Default for Server {
    /// 127.0.0.11, both transports.
    fn default() -> Self {
        Self { address: Ipv4Addr::new(127, 0, 0, 11).into(), only: None }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.address)?;
        self.only.map_or(Ok(()), |only| write!(f, " {}", only.name()))
    }
}

impl FromStr for Server {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("server `{text}`: expected `ADDRESS`, `ADDRESS udp` or `ADDRESS tcp`");
        let (address, word) = text.split_once(' ').map_or((text, None), |(address, word)| (address, Some(word)));
        let only = match word {
            None => None,
            Some(word) => Some(Transport::ALL.into_iter().find(|t| t.name() == word).ok_or_else(wrong)?),
        };
        Ok(Self { address: address.parse().map_err(|_| wrong())?, only })
    }
}

impl TryFrom<String> for Server {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Server> for String {
    fn from(server: Server) -> String {
        server.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        for text in ["127.0.0.11", "127.0.0.12 udp", "::1 tcp"] {
            assert_eq!(text.parse::<Server>().expect(text).to_string(), text);
        }
        assert!("127.0.0.11 sctp".parse::<Server>().is_err());
        assert!("localhost".parse::<Server>().is_err());
    }

    #[test]
    fn a_server_listens_on_both_unless_told_otherwise() {
        assert!(Server::default().listens(Transport::Tcp));
        let udp: Server = "127.0.0.11 udp".parse().expect("a server");
        assert!(udp.listens(Transport::Udp) && !udp.listens(Transport::Tcp));
    }
}
