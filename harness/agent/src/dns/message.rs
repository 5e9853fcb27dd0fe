//! Queries off the wire. Reading is strict but loses nothing: what is no query keeps its bytes as text, because the C
//! libraries do send such packets.

use std::fmt::Write;

use libcdiff_protocol::dns::Kind;

use super::name::Name;

/// The fixed part of a message.
const HEADER_BYTES: usize = 12;
/// The class IN.
const IN: u16 = 1;
/// Bits of the header's second pair of bytes: response and operation code, which a query has not set.
const NO_QUERY: u16 = 0xf800;
/// Flags of a query, by name.
const FLAGS: [(u16, &str); 6] =
    [(0x0400, "aa"), (0x0200, "tc"), (0x0100, "rd"), (0x0080, "ra"), (0x0020, "ad"), (0x0010, "cd")];
/// The bit of EDNS that asks for DNSSEC records (RFC 3225).
const DNSSEC_OK: u32 = 0x8000;

/// A query that could be read.
pub struct Question {
    /// The id.
    pub id: u16,
    /// The flags as they are in the header.
    pub flags: u16,
    /// The name that is asked for.
    pub name: Name,
    /// The type.
    pub kind: Kind,
    /// The class.
    pub class: u16,
    /// The question section as it came.
    pub section: Vec<u8>,
    /// The EDNS record.
    pub edns: Option<Edns>,
}

/// What the EDNS record of a query says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edns {
    /// How long a datagram may be.
    pub payload: u16,
    /// Whether DNSSEC records are wanted.
    pub dnssec_ok: bool,
}

impl Question {
    /// Reads one packet; `None` where it is not exactly one query with one question, and at most an EDNS record behind it.
    pub fn read(packet: &[u8]) -> Option<Self> {
        let mut rest = packet;
        let [id, flags, questions, answers, authority, additional] = header(&mut rest)?;
        if flags & NO_QUERY != 0 || (questions, answers, authority) != (1, 0, 0) || additional > 1 {
            return None;
        }
        let start = rest;
        let name = Name::read(&mut rest)?;
        let (kind, class) = (Kind(number(&mut rest)?), number(&mut rest)?);
        let section = start[..start.len() - rest.len()].to_vec();
        let edns = if additional == 1 { Some(Edns::read(&mut rest)?) } else { None };
        rest.is_empty().then_some(Self { id, flags, name, kind, class, section, edns })
    }

    /// The type, with its class before it where that is not IN.
    pub fn kind_in_class(&self) -> String {
        if self.class == IN { self.kind.to_string() } else { format!("CLASS{} {}", self.class, self.kind) }
    }

    /// The flags that are set, by name.
    pub fn flag_names(&self) -> String {
        let mut names: Vec<&str> =
            FLAGS.iter().filter(|(bit, _)| self.flags & bit != 0).map(|(_, name)| *name).collect();
        names.extend(self.edns.filter(|edns| edns.dnssec_ok).map(|_| "do"));
        names.join(" ")
    }
}

impl Edns {
    /// Reads the record off the start of `bytes`, options left unread.
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (owner, kind, payload) = (Name::read(bytes)?, Kind(number(bytes)?), number(bytes)?);
        let bits = u32::from(number(bytes)?) << 16 | u32::from(number(bytes)?);
        let options = number(bytes)?;
        *bytes = bytes.get(options.into()..)?;
        let is_edns = owner.first_label().is_none() && kind == Kind::OPT;
        is_edns.then_some(Self { payload, dnssec_ok: bits & DNSSEC_OK != 0 })
    }
}

/// The six numbers of a header.
fn header(bytes: &mut &[u8]) -> Option<[u16; 6]> {
    let mut numbers = [0; 6];
    for place in &mut numbers {
        *place = number(bytes)?;
    }
    Some(numbers)
}

/// Takes a number of two bytes off the start.
fn number(bytes: &mut &[u8]) -> Option<u16> {
    let (number, rest) = bytes.split_first_chunk::<2>()?;
    *bytes = rest;
    Some(u16::from_be_bytes(*number))
}

/// The reply to what could not be read, as RFC 1035 has it: FORMERR and a header alone; `None` where there is no id.
pub fn format_error(packet: &[u8]) -> Option<Vec<u8>> {
    let id = packet.get(..2)?;
    (packet.len() >= HEADER_BYTES).then(|| [id, &[0x80, 0x01], &[0; 8]].concat())
}

/// What could not be read, as text: everything behind the header, anything but printable ASCII as `\xNN`.
pub fn escaped(packet: &[u8]) -> String {
    let mut text = String::new();
    for byte in packet.get(HEADER_BYTES..).unwrap_or(packet) {
        match byte {
            b'\\' => text.push_str("\\\\"),
            0x21..=0x7e => text.push(char::from(*byte)),
            _ => drop(write!(text, "\\x{byte:02x}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Db.test.`, A, recursion desired, id 0x1234.
    const QUERY: &[u8] = b"\x12\x34\x01\x00\0\x01\0\0\0\0\0\0\x02Db\x04test\0\0\x01\0\x01";

    #[test]
    fn a_query_is_read_with_its_letter_case() {
        let q = Question::read(QUERY).expect("a query");
        assert_eq!((q.name.to_string().as_str(), q.kind_in_class().as_str()), ("Db.test.", "A"));
        assert_eq!((q.section.as_slice(), q.flag_names().as_str(), q.edns), (&QUERY[12..], "rd", None));
    }

    #[test]
    fn edns_and_flags_are_read() {
        let mut packet = QUERY.to_vec();
        (packet[3], packet[11]) = (0x20, 1);
        packet.extend_from_slice(b"\0\0\x29\x04\xb0\0\0\x80\0\0\x04abcd");
        let q = Question::read(&packet).expect("a query");
        assert_eq!(q.edns, Some(Edns { payload: 1200, dnssec_ok: true }));
        assert_eq!((q.flag_names().as_str(), q.section.as_slice()), ("rd ad do", &QUERY[12..]));
        packet.pop();
        assert!(Question::read(&packet).is_none(), "its options are cut off");
    }

    #[test]
    fn what_musl_1_2_3_sends_for_search_dot_is_no_query_and_keeps_its_bytes() {
        // The dot of `db.` stands where a label's length belongs, and there is no root label.
        let packet = b"\x12\x34\x01\x00\0\x01\0\0\0\0\0\0\x02db.\0\x01\0\x01\0";
        assert!(Question::read(packet).is_none());
        assert_eq!(escaped(packet), "\\x02db.\\x00\\x01\\x00\\x01\\x00");
        assert_eq!(format_error(packet).expect("a header"), b"\x12\x34\x80\x01\0\0\0\0\0\0\0\0");
        assert_eq!(format_error(b"\x12\x34"), None);
    }

    #[test]
    fn a_response_is_no_query_and_neither_is_more_than_one() {
        let mut packet = QUERY.to_vec();
        packet[2] = 0x81;
        assert!(Question::read(&packet).is_none());
        assert!(Question::read(&[QUERY, b"\0"].concat()).is_none());
    }
}
