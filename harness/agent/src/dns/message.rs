//! Queries off the wire and replies onto it. Reading is strict but loses nothing: what is no query keeps its bytes as
//! text, because the C libraries do send such packets. Writing makes well-formed messages, or the bytes of the script.

use std::fmt::Write;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};
use libcdiff_protocol::dns;

/// Nobody here caches.
const TTL_SECONDS: u32 = 60;
/// The fixed part of a message.
const HEADER_BYTES: usize = 12;

/// A query that could be read.
pub struct Question {
    id: u16,
    recursion_desired: bool,
    query: Query,
    /// The question section as it came.
    section: Vec<u8>,
}

/// What an answer section is made of: records, each with the owner that was spelled out for it.
pub type Answers = [(Option<Name>, RData)];

/// The question section of a reply.
#[derive(Clone, Debug)]
pub enum Section {
    Echo,
    None,
    Name(Name),
}

/// A piece of a message that is given byte for byte.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    Bytes(Vec<u8>),
    Id,
    Question,
}

impl Question {
    /// Reads one packet; `None` where it is not exactly one query with one question.
    pub fn read(packet: &[u8]) -> Option<Self> {
        let mut decoder = BinDecoder::new(packet);
        let message = Message::read(&mut decoder).ok()?;
        let [query] = &message.queries[..] else { return None };
        let is_query = message.metadata.message_type == MessageType::Query
            && message.metadata.op_code == OpCode::Query
            && message.answers.is_empty()
            && decoder.is_empty();
        let mut decoder = BinDecoder::new(packet.get(HEADER_BYTES..)?);
        Query::read(&mut decoder).ok()?;
        is_query.then(|| Self {
            id: message.metadata.id,
            recursion_desired: message.metadata.recursion_desired,
            query: query.clone(),
            section: packet[HEADER_BYTES..HEADER_BYTES + decoder.index()].to_vec(),
        })
    }

    /// The name in presentation form.
    pub fn name(&self) -> String {
        presentation(self.query.name())
    }

    /// The type, with its class before it where that is not IN.
    pub fn kind(&self) -> String {
        match self.query.query_class() {
            DNSClass::IN => self.query.query_type().to_string(),
            class => format!("{class} {}", self.query.query_type()),
        }
    }

    /// The type.
    pub fn record_type(&self) -> RecordType {
        self.query.query_type()
    }

    /// The records of `answers` that answer this question: its type's, and the CNAMEs, each owned by the target of the
    /// one before.
    fn answers(&self, asked: &Name, answers: &Answers) -> Vec<Record> {
        let mut owner = asked.clone();
        let mut records = Vec::new();
        for (explicit, data) in answers {
            if data.record_type() != self.record_type() && data.record_type() != RecordType::CNAME {
                continue;
            }
            records.push(Record::from_rdata(
                explicit.clone().unwrap_or_else(|| owner.clone()),
                TTL_SECONDS,
                data.clone(),
            ));
            if let RData::CNAME(target) = data {
                owner = target.0.clone();
            }
        }
        records
    }

    /// A well-formed reply, and how many records it holds; `None` where it does not fit into a message.
    pub fn reply(&self, flags: &dns::Reply, section: &Section, answers: &Answers) -> Option<(Vec<u8>, usize)> {
        let kind = if flags.qr { MessageType::Response } else { MessageType::Query };
        let id = if flags.wrong_id { self.id.wrapping_add(1) } else { self.id };
        let mut message = Message::new(id, kind, OpCode::Query);
        message.metadata.recursion_desired = self.recursion_desired;
        message.metadata.recursion_available = flags.ra;
        message.metadata.authoritative = flags.aa;
        message.metadata.truncation = flags.tc;
        message.metadata.authentic_data = flags.ad;
        message.metadata.response_code = ResponseCode::from_low(flags.rcode.number());
        let mut query = self.query.clone();
        if let Section::Name(name) = section {
            query.set_name(name.clone());
        }
        message.add_answers(self.answers(query.name(), answers));
        if !matches!(section, Section::None) {
            message.add_query(query);
        }
        Some((message.to_vec().ok()?, message.answers.len()))
    }

    /// The bytes of the script, filled in.
    pub fn raw(&self, pieces: &[Piece]) -> Vec<u8> {
        let id = self.id.to_be_bytes();
        let bytes = pieces.iter().map(|piece| match piece {
            Piece::Bytes(bytes) => &bytes[..],
            Piece::Id => &id[..],
            Piece::Question => &self.section[..],
        });
        bytes.collect::<Vec<_>>().concat()
    }
}

/// A name as RFC 1035, 5.1 writes it, with its final dot: a dot or backslash in a label behind a backslash, anything but
/// printable ASCII as `\DDD`. Hickory's own form escapes more.
pub fn presentation(name: &Name) -> String {
    let mut text = String::new();
    for byte in name.iter().flat_map(|label| label.iter().map(Some).chain([None])) {
        match byte {
            None => text.push('.'),
            Some(special @ (b'.' | b'\\')) => text.extend(['\\', char::from(*special)]),
            Some(plain @ 0x21..=0x7e) => text.push(char::from(*plain)),
            Some(other) => drop(write!(text, "\\{other:03}")),
        }
    }
    if text.is_empty() { ".".into() } else { text }
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

    /// `db.test.`, A, recursion desired, id 0x1234.
    const QUERY: &[u8] = b"\x12\x34\x01\x00\0\x01\0\0\0\0\0\0\x02Db\x04test\0\0\x01\0\x01";

    #[test]
    fn a_query_is_read_with_its_letter_case() {
        let q = Question::read(QUERY).expect("a query");
        assert_eq!((q.name().as_str(), q.kind().as_str()), ("Db.test.", "A"));
        assert_eq!(q.section, &QUERY[12..]);
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
    fn names_are_written_as_in_a_zone_file() {
        let name = |labels: &[&[u8]]| Name::from_labels(labels.iter().copied()).expect("a name");
        assert_eq!(presentation(&name(&[b"db", b"#", b"t\r"])), "db.#.t\\013.");
        assert_eq!(presentation(&name(&[b"a.b\\c", "é".as_bytes()])), "a\\.b\\\\c.\\195\\169.");
        assert_eq!(presentation(&Name::root()), ".");
    }

    #[test]
    fn a_response_is_no_query() {
        let mut packet = QUERY.to_vec();
        packet[2] = 0x81;
        assert!(Question::read(&packet).is_none());
    }

    #[test]
    fn a_reply_is_the_bytes_that_rfc_1035_asks_for() {
        let q = Question::read(QUERY).expect("a query");
        let flags = dns::Reply { tc: true, ..dns::Reply::default() };
        let address = RData::A(std::net::Ipv4Addr::new(192, 0, 2, 1).into());
        let (bytes, records) = q.reply(&flags, &Section::Echo, &[(None, address)]).expect("a reply");
        let expected = [
            b"\x12\x34\x83\x80\0\x01\0\x01\0\0\0\0\x02Db\x04test\0\0\x01\0\x01".as_slice(),
            b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x01".as_slice(),
        ]
        .concat();
        assert_eq!((bytes, records), (expected, 1));
    }

    #[test]
    fn raw_bytes_are_filled_in() {
        let q = Question::read(QUERY).expect("a query");
        let pieces = [Piece::Id, Piece::Bytes(vec![0x81, 0x80]), Piece::Question];
        assert_eq!(q.raw(&pieces), [b"\x12\x34\x81\x80", &QUERY[12..]].concat());
    }
}
