//! Records of a scripted answer, written as in a zone file: `A 192.0.2.1`, `CNAME real.test.`, `MX 10 mail.test.`,
//! `TXT any words`, and in bytes for any type: `A \# c000`, `TYPE65 \# 0001`.
//!
//! A record belongs to the name asked for, or to the target of the CNAME before it, unless an owner with its final dot
//! stands before the type: `other.test. A 192.0.2.1`. Between owner and type there may be a class that is not IN, `CH` or
//! `CLASS1232`. `A 192.0.2.1 x60` is 60 records with consecutive addresses, `TXT ab *100` is `ab` a hundred times.
//!
//! `<loop>` in place of a name is a compression pointer to itself, `<beyond>` one to behind the end of the message.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Kind;

/// One record, or several with consecutive addresses.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(try_from = "String", into = "String")]
pub struct Record {
    /// The name the record belongs to, where it is not the one that follows from its place.
    pub owner: Option<String>,
    /// The class; 1 is IN.
    pub class: u16,
    /// The type.
    pub kind: Kind,
    /// The content.
    pub data: Data,
    /// How many records this stands for; more than one for addresses alone.
    pub count: u16,
}

/// The content of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// An IPv4 address; the first one where there are several.
    A(Ipv4Addr),
    /// An IPv6 address; the first one where there are several.
    Aaaa(Ipv6Addr),
    /// Numbers of two bytes, none (CNAME, NS, PTR), one (MX) or three (SRV), and then a name with its final dot.
    Name(Vec<u16>, String),
    /// The two names and five numbers of a SOA record.
    Soa([String; 2], [u32; 5]),
    /// Text, and how many times it stands there; in strings of 255 bytes.
    Txt(String, u16),
    /// Flags, tag and value of a CAA record.
    Caa(u8, String, String),
    /// Any bytes.
    Bytes(Vec<u8>),
}

/// The class of nearly everything.
const IN: u16 = 1;
/// The class by whose name servers tell their version.
const CH: u16 = 3;

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(owner) = &self.owner {
            write!(f, "{owner} ")?;
        }
        match self.class {
            IN => {}
            CH => f.write_str("CH ")?,
            other => write!(f, "CLASS{other} ")?,
        }
        write!(f, "{} ", self.kind)?;
        match &self.data {
            Data::A(address) => write!(f, "{address}")?,
            Data::Aaaa(address) => write!(f, "{address}")?,
            Data::Name(numbers, name) => {
                numbers.iter().try_for_each(|n| write!(f, "{n} "))?;
                f.write_str(name)?;
            }
            Data::Soa([server, mail], [a, b, c, d, e]) => write!(f, "{server} {mail} {a} {b} {c} {d} {e}")?,
            Data::Txt(text, 1) => f.write_str(text)?,
            Data::Txt(text, times) => write!(f, "{text} *{times}")?,
            Data::Caa(flags, tag, value) => write!(f, "{flags} {tag} {value}")?,
            Data::Bytes(bytes) => {
                f.write_str("\\# ")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
            }
        }
        if self.count > 1 { write!(f, " x{}", self.count) } else { Ok(()) }
    }
}

impl FromStr for Record {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |what: String| format!("record `{text}`: {what}");
        let mut rest = text;
        let owner = word(&mut rest, is_name).map(str::to_owned);
        let class = match word(&mut rest, |w| class(w).is_some()) {
            Some(word) => class(word).unwrap_or(IN),
            None => IN,
        };
        let (kind, data) = rest.split_once(' ').ok_or_else(|| wrong("expected `[OWNER] [CLASS] TYPE DATA`".into()))?;
        let kind: Kind = kind.parse().map_err(wrong)?;
        let (data, count) = match data.rsplit_once(" x") {
            Some((address, n)) if matches!(kind, Kind::A | Kind::AAAA) => {
                (address, n.parse().map_err(|_| wrong("expected a count after `x`".into()))?)
            }
            _ => (data, 1),
        };
        if count == 0 {
            return Err(wrong("no record at all".into()));
        }
        let data = read(kind, data).map_err(|what| wrong(format!("expected {what}")))?;
        Ok(Self { owner, class, kind, data, count })
    }
}

/// Takes the first word off a text if it is of the kind that is looked for.
fn word<'a>(text: &mut &'a str, wanted: impl Fn(&str) -> bool) -> Option<&'a str> {
    let (first, rest) = text.split_once(' ').filter(|(first, _)| wanted(first))?;
    *text = rest;
    Some(first)
}

/// A name with its final dot, or a pointer in place of one.
fn is_name(word: &str) -> bool {
    word.ends_with('.') || word == "<loop>" || word == "<beyond>"
}

fn class(word: &str) -> Option<u16> {
    if word == "CH" { Some(CH) } else { word.strip_prefix("CLASS")?.parse().ok() }
}

/// Reads the content of a record; the error is what was expected.
fn read(kind: Kind, data: &str) -> Result<Data, &'static str> {
    if let Some(digits) = data.strip_prefix("\\# ") {
        return hex(digits).map(Data::Bytes).ok_or("pairs of hexadecimal digits after `\\#`");
    }
    match kind {
        Kind::A => data.parse().map(Data::A).map_err(|_| "an IPv4 address"),
        Kind::AAAA => data.parse().map(Data::Aaaa).map_err(|_| "an IPv6 address"),
        Kind::CNAME | Kind::NS | Kind::PTR => numbers_and_name(data, 0).ok_or("a name with its final dot"),
        Kind::MX => numbers_and_name(data, 1).ok_or("a preference and a name with its final dot"),
        Kind::SRV => numbers_and_name(data, 3).ok_or("priority, weight, port and a name with its final dot"),
        Kind::SOA => soa(data).ok_or("two names with their final dots and five numbers"),
        Kind::TXT => Ok(match data.rsplit_once(" *").map(|(text, n)| (text, n.parse())) {
            Some((text, Ok(times))) => Data::Txt(text.into(), times),
            _ => Data::Txt(data.into(), 1),
        }),
        Kind::CAA => caa(data).ok_or("flags, a tag and a value"),
        _ => Err("bytes of a type that has no other form: `\\#` and hexadecimal digits"),
    }
}

/// Bytes from pairs of hexadecimal digits.
fn hex(digits: &str) -> Option<Vec<u8>> {
    let byte = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    (0..digits.len()).step_by(2).map(byte).collect()
}

fn numbers_and_name(data: &str, numbers: usize) -> Option<Data> {
    let words: Vec<&str> = data.split(' ').collect();
    let (name, before) = words.split_last()?;
    let before: Vec<u16> = before.iter().map(|word| word.parse().ok()).collect::<Option<_>>()?;
    (is_name(name) && before.len() == numbers).then(|| Data::Name(before, (*name).to_owned()))
}

fn soa(data: &str) -> Option<Data> {
    let words: Vec<&str> = data.split(' ').collect();
    let [server, mail, numbers @ ..] = &words[..] else { return None };
    let numbers = numbers.iter().map(|word| word.parse().ok()).collect::<Option<Vec<u32>>>()?;
    let names = [server, mail].map(|name| (*name).to_owned());
    names.iter().all(|name| is_name(name)).then_some(Data::Soa(names, numbers.try_into().ok()?))
}

fn caa(data: &str) -> Option<Data> {
    let (flags, rest) = data.split_once(' ')?;
    let (tag, value) = rest.split_once(' ')?;
    Some(Data::Caa(flags.parse().ok()?, tag.into(), value.into()))
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
            "TXT ab *1000",
            "MX 10 mail.test.",
            "SRV 1 2 443 a.test.",
            "NS ns.test.",
            "1.2.0.192.in-addr.arpa. PTR a.test.",
            "test. SOA ns.test. mail.test. 1 2 3 4 5",
            "CAA 0 issue ca.test",
            "CH A 192.0.2.1",
            ". CLASS1232 OPT \\# ",
            "A \\# c000",
            "TYPE65280 \\# 00ff",
            "<loop> A 192.0.2.1",
            "CNAME <loop>",
            "<beyond> CH A 192.0.2.1",
        ] {
            assert_eq!(text.parse::<Record>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_record_is_refused_with_its_text() {
        for text in [
            "A",
            "A 2001:db8::1",
            "CNAME real.test",
            "MX a.test.",
            "MX 10 20 a.test.",
            "SOA ns.test. mail.test. 1 2 3 4",
            "CAA issue ca.test",
            "TYPE65 abc",
            "A \\# c00",
            "A \\# c0 00",
            "QUAD 192.0.2.1",
            "A 192.0.2.1 x",
            "A 192.0.2.1 x0",
            "a. A",
        ] {
            let error = text.parse::<Record>().expect_err(text);
            assert!(error.contains(text), "{error}");
        }
    }
}
