//! Record types by name, as in a zone file; `TYPE65` where there is none (RFC 3597).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A record type.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(try_from = "String", into = "String")]
pub struct Kind(pub u16);

/// The names. Types that no scenario writes out are better known by number than by a name that nobody can look up here.
const NAMES: [(u16, &str); 12] = [
    (1, "A"),
    (2, "NS"),
    (5, "CNAME"),
    (6, "SOA"),
    (12, "PTR"),
    (15, "MX"),
    (16, "TXT"),
    (28, "AAAA"),
    (33, "SRV"),
    (41, "OPT"),
    (255, "ANY"),
    (257, "CAA"),
];

impl Kind {
    /// IPv4 address.
    pub const A: Self = Self(1);
    /// Name server.
    pub const NS: Self = Self(2);
    /// Alias.
    pub const CNAME: Self = Self(5);
    /// Start of a zone.
    pub const SOA: Self = Self(6);
    /// Name of an address.
    pub const PTR: Self = Self(12);
    /// Mail exchanger.
    pub const MX: Self = Self(15);
    /// Text.
    pub const TXT: Self = Self(16);
    /// IPv6 address.
    pub const AAAA: Self = Self(28);
    /// Service.
    pub const SRV: Self = Self(33);
    /// EDNS.
    pub const OPT: Self = Self(41);
    /// Every type; asked for only.
    pub const ANY: Self = Self(255);
    /// Which authorities may issue certificates.
    pub const CAA: Self = Self(257);
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(number, _)| *number == self.0) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "TYPE{}", self.0),
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let named = NAMES.iter().find(|(_, name)| *name == word).map(|(number, _)| *number);
        let numbered = || word.strip_prefix("TYPE").and_then(|digits| digits.parse().ok());
        let kind = named.or_else(numbered).map(Self);
        kind.ok_or_else(|| format!("there is no record type `{word}`; `TYPE65` is the one of number 65"))
    }
}

impl TryFrom<String> for Kind {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        word.parse()
    }
}

impl From<Kind> for String {
    fn from(kind: Kind) -> String {
        kind.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_name_and_comes_back_from_it() {
        for number in [0, 1, 15, 65, 257, 65535] {
            assert_eq!(Kind(number).to_string().parse(), Ok(Kind(number)));
        }
        assert_eq!((Kind(257).to_string(), Kind(65).to_string()), ("CAA".into(), "TYPE65".into()));
        assert!("QUAD".parse::<Kind>().is_err() && "TYPE65536".parse::<Kind>().is_err());
    }
}
