//! resolv.conf(5), as far as a relay and a report need it: nameservers, the search list that counts, options. The file
//! itself goes into the image as it is; the C libraries read it in their own ways, which is part of what is compared.

use std::net::IpAddr;

/// Nameservers that a relay listens for; the C libraries take three.
const MOST_NAMESERVERS: usize = 16;

/// A resolver configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvConf {
    /// The file, byte for byte.
    pub text: Vec<u8>,
    /// The nameservers in order, each once.
    pub nameservers: Vec<IpAddr>,
    /// The search list: that of the last `search` or `domain` line.
    pub search: Vec<String>,
    /// The words of all `options` lines.
    pub options: Vec<String>,
}

/// Why a file is no configuration that can be relayed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ResolvConfError {
    /// No nameserver. What both families then do, ask 127.0.0.1, is asked by the case dns.servers.none.
    #[error("it names no nameserver, so there is nobody to ask: give another file by --resolv-conf")]
    NoNameserver,
    /// Too many.
    #[error("it names more than {MOST_NAMESERVERS} nameservers; the C libraries take three")]
    TooMany,
    /// Not an address, as this tool reads them.
    #[error("line {line}: `{text}` is no address that can be relayed: {why}; give another file by --resolv-conf")]
    Address {
        /// Counted from 1.
        line: usize,
        /// What stands there.
        text: String,
        /// Why not.
        why: &'static str,
    },
}

impl ResolvConf {
    /// Reads a file.
    pub fn parse(text: Vec<u8>) -> Result<Self, ResolvConfError> {
        let (mut nameservers, mut search, mut options) = (Vec::new(), Vec::new(), Vec::new());
        for (line, content) in String::from_utf8_lossy(&text).lines().enumerate() {
            let mut words = content.split_ascii_whitespace();
            match (words.next(), content.starts_with(|c: char| c.is_ascii_whitespace())) {
                (Some("nameserver"), false) => {
                    let word = words.next().unwrap_or_default();
                    let refused =
                        |why| ResolvConfError::Address { line: line + 1, text: word.escape_debug().to_string(), why };
                    let address = address(word).map_err(refused)?;
                    if !nameservers.contains(&address) {
                        nameservers.push(address);
                    }
                }
                (Some("search"), false) => search = words.map(str::to_owned).collect(),
                (Some("domain"), false) => search = words.take(1).map(str::to_owned).collect(),
                (Some("options"), false) => options.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        match nameservers.len() {
            0 => Err(ResolvConfError::NoNameserver),
            n if n > MOST_NAMESERVERS => Err(ResolvConfError::TooMany),
            _ => Ok(Self { text, nameservers, search, options }),
        }
    }
}

/// An address that can be given to a loopback interface and reached from outside of it.
fn address(word: &str) -> Result<IpAddr, &'static str> {
    if word.contains('%') {
        return Err("it belongs to a network interface, which look-ups in the sandbox do not have");
    }
    let address: IpAddr = word.parse().map_err(|_| "it is not an IPv4 or IPv6 address in full")?;
    let link_local = match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(v6) => v6.is_unicast_link_local() || v6.to_ipv4_mapped().is_some(),
    };
    let broadcast = address == IpAddr::from([255, 255, 255, 255]);
    if address.is_unspecified() || address.is_multicast() || broadcast || link_local {
        return Err("it is not the address of one machine");
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pods_configuration_is_read() {
        let text = "# by the kubelet\nnameserver 10.96.0.10\nnameserver fd00::a\nnameserver 10.96.0.10\n\
                    domain old.test\nsearch default.svc.cluster.local\tsvc.cluster.local\noptions ndots:5\n\
                    options timeout:1 attempts:3\n nameserver 192.0.2.1\n;nameserver 192.0.2.2\n";
        let conf = ResolvConf::parse(text.into()).expect("a configuration");
        let addresses: Vec<_> = conf.nameservers.iter().map(ToString::to_string).collect();
        assert_eq!(addresses, ["10.96.0.10", "fd00::a"]);
        assert_eq!(conf.search, ["default.svc.cluster.local", "svc.cluster.local"]);
        assert_eq!(conf.options, ["ndots:5", "timeout:1", "attempts:3"]);
        assert_eq!(conf.text, text.as_bytes());
    }

    #[test]
    fn what_cannot_be_relayed_is_refused() {
        let parse = |text: &str| ResolvConf::parse(text.into()).expect_err(text);
        assert_eq!(parse("search a.test\n"), ResolvConfError::NoNameserver);
        for word in ["", "dns.test", "10.1", "0.0.0.0", "::", "224.0.0.1", "fe80::1", "fe80::1%eth0", "::ffff:1.2.3.4"]
        {
            let error = parse(&format!("\nnameserver {word}\n"));
            assert!(matches!(error, ResolvConfError::Address { line: 2, .. }), "{word}: {error}");
        }
        let many: String = (0..17).map(|n| format!("nameserver 192.0.2.{n}\n")).collect();
        assert_eq!(parse(&many), ResolvConfError::TooMany);
    }
}
