//! Records of a scripted answer, written as in a zone file: `A 192.0.2.1`, `CNAME real.test.`, `TXT any words`.
//!
//! A record belongs to the name asked for, or to the target of the CNAME before it, unless an owner with its final dot
//! stands before the type: `other.test. A 192.0.2.1`. `A 192.0.2.1 x60` is 60 records with consecutive addresses.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One record, or several with consecutive addresses.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(try_from = "String", into = "String")]
pub struct Record {
    /// The name the record belongs to, where it is not the one that follows from its place.
    pub owner: Option<String>,
    /// Type and content.
    pub data: Data,
    /// How many records this stands for; more than one for addresses alone.
    pub count: u16,
}

/// Type and content of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// An IPv4 address; the first one where there are several.
    A(Ipv4Addr),
    /// An IPv6 address; the first one where there are several.
    Aaaa(Ipv6Addr),
    /// Another name, with its final dot.
    Cname(String),
    /// Text, at most 255 bytes.
    Txt(String),
}

impl Data {
    /// The type's name.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::A(_) => "A",
            Self::Aaaa(_) => "AAAA",
            Self::Cname(_) => "CNAME",
            Self::Txt(_) => "TXT",
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(owner) = &self.owner {
            write!(f, "{owner} ")?;
        }
        write!(f, "{} ", self.data.kind())?;
        match &self.data {
            Data::A(address) => write!(f, "{address}")?,
            Data::Aaaa(address) => write!(f, "{address}")?,
            Data::Cname(text) | Data::Txt(text) => f.write_str(text)?,
        }
        if self.count > 1 { write!(f, " x{}", self.count) } else { Ok(()) }
    }
}

impl FromStr for Record {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("record `{text}`: {what}");
        let (first, rest) = text.split_once(' ').ok_or_else(|| wrong("expected `TYPE DATA`"))?;
        let (owner, kind, rest) = match (first.ends_with('.'), rest.split_once(' ')) {
            (true, Some((kind, rest))) => (Some(first.to_owned()), kind, rest),
            (true, None) => return Err(wrong("expected `OWNER TYPE DATA`")),
            (false, _) => (None, first, rest),
        };
        let (address, count) = match rest.rsplit_once(" x") {
            Some((address, n)) if kind != "TXT" => {
                (address, n.parse().map_err(|_| wrong("expected a count after `x`"))?)
            }
            _ => (rest, 1),
        };
        let data = match kind {
            "A" => Data::A(address.parse().map_err(|_| wrong("expected an IPv4 address"))?),
            "AAAA" => Data::Aaaa(address.parse().map_err(|_| wrong("expected an IPv6 address"))?),
            "CNAME" if rest.ends_with('.') => Data::Cname(rest.to_owned()),
            "CNAME" => return Err(wrong("expected a name with its final dot")),
            "TXT" if rest.len() < 256 => Data::Txt(rest.to_owned()),
            "TXT" => return Err(wrong("expected at most 255 bytes")),
            _ => return Err(wrong("expected the type A, AAAA, CNAME or TXT")),
        };
        if count == 0 { Err(wrong("no record at all")) } else { Ok(Self { owner, data, count }) }
    }
}

impl TryFrom<String> for Record {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Record> for String {
    fn from(record: Record) -> String {
        record.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        for text in [
            "A 192.0.2.1",
            "AAAA 2001:db8::1 x16",
            "A 192.0.2.1 x60",
            "other.test. A 192.0.2.1",
            "CNAME real.test.",
            "a.test. CNAME b.test.",
            "TXT v=1 x2 any words",
        ] {
            assert_eq!(text.parse::<Record>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_record_is_refused_with_its_text() {
        for text in
            ["A", "A 2001:db8::1", "CNAME real.test", "MX 10 a.test.", "A 192.0.2.1 x", "A 192.0.2.1 x0", "a. A"]
        {
            let error = text.parse::<Record>().expect_err(text);
            assert!(error.contains(text), "{error}");
        }
    }
}
