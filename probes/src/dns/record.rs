//! Records of an answer in canonical text: owner, time to live, type and data, as a zone file has them.

use core::fmt::Write;
use core::net::{Ipv4Addr, Ipv6Addr};
use heap::string::String;

use super::message::Reader;

/// Record types by name, those that callers of res_query ask for.
const TYPES: [(&str, u16); 13] = [
    ("A", 1),
    ("NS", 2),
    ("CNAME", 5),
    ("SOA", 6),
    ("PTR", 12),
    ("MX", 15),
    ("TXT", 16),
    ("AAAA", 28),
    ("SRV", 33),
    ("NAPTR", 35),
    ("OPT", 41),
    ("ANY", 255),
    ("CAA", 257),
];

/// The number of a type that is given by its name or its number.
pub fn type_number(word: &str) -> Option<u16> {
    let named = TYPES.iter().find(|(name, _)| *name == word).map(|(_, number)| *number);
    named.or_else(|| word.parse().ok())
}

/// The name of a type, `TYPE` and its number where there is none here (RFC 3597).
pub fn type_name(number: u16) -> String {
    TYPES
        .iter()
        .find(|(_, known)| *known == number)
        .map_or_else(|| heap::format!("TYPE{number}"), |(name, _)| (*name).into())
}

/// The next record as one line; `None` where the message ends before it does.
pub fn line(reader: &mut Reader<'_>) -> Option<String> {
    let owner = reader.name()?;
    let (kind, class, ttl) = (reader.u16()?, reader.u16()?, reader.u32()?);
    let length = usize::from(reader.u16()?);
    let (data, mut inside) = (reader.rest(length)?, reader.clone());
    reader.skip(length);
    let data = data_text(kind, data, &mut inside);
    let class = if class == 1 { "IN".into() } else { heap::format!("CLASS{class}") };
    Some(heap::format!("{owner} {ttl} {class} {} {data}", type_name(kind)))
}

/// The data of a record. Names in it may point back into the message, so there is a reader at its start, too.
fn data_text(kind: u16, data: &[u8], inside: &mut Reader<'_>) -> String {
    let known = match kind {
        1 => <[u8; 4]>::try_from(data).ok().map(|bytes| heap::format!("{}", Ipv4Addr::from(bytes))),
        28 => <[u8; 16]>::try_from(data).ok().map(|bytes| heap::format!("{}", Ipv6Addr::from(bytes))),
        2 | 5 | 12 => inside.name(),
        15 => inside.u16().zip(inside.name()).map(|(preference, name)| heap::format!("{preference} {name}")),
        33 => service(inside),
        16 => strings(data),
        _ => None,
    };
    known.unwrap_or_else(|| generic(data))
}

fn service(inside: &mut Reader<'_>) -> Option<String> {
    let (priority, weight, port) = (inside.u16()?, inside.u16()?, inside.u16()?);
    Some(heap::format!("{priority} {weight} {port} {}", inside.name()?))
}

/// Character strings, each by its first bytes and its length where it is long.
fn strings(data: &[u8]) -> Option<String> {
    let mut out = String::new();
    let mut rest = data;
    while let [length, tail @ ..] = rest {
        let (string, after) = tail.split_at_checked(usize::from(*length))?;
        let separator = if out.is_empty() { "" } else { " " };
        let _ = match string.split_at_checked(32) {
            Some((head, more)) if !more.is_empty() => {
                write!(out, "{separator}\"{}\"... ({length} bytes)", crate::text::bytes(head))
            }
            _ => write!(out, "{separator}\"{}\"", crate::text::bytes(string)),
        };
        rest = after;
    }
    Some(out)
}

/// Data of a type that is not known here, as RFC 3597 writes it.
fn generic(data: &[u8]) -> String {
    let mut out = heap::format!("\\# {}", data.len());
    for (i, byte) in data.iter().enumerate() {
        let _ = write!(out, "{}{byte:02x}", if i == 0 { " " } else { "" });
    }
    out
}
