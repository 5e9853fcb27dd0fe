//! Replies onto the wire: well-formed messages with compressed names, and whatever a script wants to be wrong in them.

use std::collections::HashMap;

use libcdiff_protocol::dns::{self, Data, Kind, Record};

use super::message::Question;
use super::name::Name;

/// Nobody here caches.
const TTL_SECONDS: u32 = 60;
/// The class IN.
const IN: u16 = 1;
/// What a pointer can reach.
const REACH: usize = 0x4000;
/// The longest string of a TXT record.
const STRING_BYTES: usize = 255;

/// A name in a record, or what stands in its place.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// A name.
    Name(Name),
    /// A pointer to itself.
    Loop,
    /// A pointer to behind the end of any message.
    Beyond,
}

/// One record, ready to be written.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The owner, where it is spelled out.
    owner: Option<Written>,
    class: u16,
    /// The type.
    pub kind: Kind,
    data: Content,
}

/// What a record holds, in the order on the wire.
#[derive(Clone, Debug)]
struct Content {
    before: Vec<u8>,
    names: Vec<Written>,
    behind: Vec<u8>,
}

/// The question section of a reply.
#[derive(Clone, Debug)]
pub enum Section {
    /// As it came.
    Echo,
    /// Empty.
    None,
    /// With another name.
    Name(Name),
    /// With letter case turned round.
    Recased,
}

/// A reply, ready to be filled in with a query's id and question.
#[derive(Clone, Debug)]
pub struct Template {
    /// The script's own words for header and counts.
    pub flags: Box<dns::Reply>,
    /// The question section.
    pub section: Section,
    /// The answer section, of which a query gets what it asked for.
    pub answer: Vec<Ready>,
    /// The authority section.
    pub authority: Vec<Ready>,
    /// The additional section.
    pub additional: Vec<Ready>,
}

/// A piece of a message that is given byte for byte.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// These.
    Bytes(Vec<u8>),
    /// The query's id.
    Id,
    /// The query's question section.
    Question,
}

impl Written {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "<loop>" => Ok(Self::Loop),
            "<beyond>" => Ok(Self::Beyond),
            name => Name::parse(name).map(Self::Name),
        }
    }
}

impl Ready {
    /// The records that one line of the script stands for.
    ///
    /// # Errors
    /// A name that is none.
    pub fn all(record: &Record) -> Result<Vec<Self>, String> {
        let owner = record.owner.as_deref().map(Written::parse).transpose()?;
        let ready = |n: u16| {
            let (owner, class, kind) = (owner.clone(), record.class, record.kind);
            Ok(Self { owner, class, kind, data: Content::of(&record.data, n)? })
        };
        (0..record.count).map(ready).collect()
    }
}

impl Content {
    fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self { before: bytes.into(), names: Vec::new(), behind: Vec::new() }
    }

    /// The content of the nth record of a line.
    fn of(data: &Data, n: u16) -> Result<Self, String> {
        Ok(match data {
            Data::A(first) => Self::bytes(first.to_bits().wrapping_add(n.into()).to_be_bytes()),
            Data::Aaaa(first) => Self::bytes(first.to_bits().wrapping_add(n.into()).to_be_bytes()),
            Data::Name(numbers, name) => Self {
                before: numbers.iter().flat_map(|number| number.to_be_bytes()).collect(),
                names: vec![Written::parse(name)?],
                behind: Vec::new(),
            },
            Data::Soa(names, numbers) => Self {
                before: Vec::new(),
                names: names.iter().map(|name| Written::parse(name)).collect::<Result<_, _>>()?,
                behind: numbers.iter().flat_map(|number| number.to_be_bytes()).collect(),
            },
            Data::Txt(text, times) => {
                let text = text.repeat((*times).into());
                let string = |part: &[u8]| [&[part.len() as u8], part].concat();
                match text.as_bytes() {
                    [] => Self::bytes([0]),
                    text => Self::bytes(text.chunks(STRING_BYTES).flat_map(string).collect::<Vec<_>>()),
                }
            }
            Data::Caa(flags, tag, value) => {
                Self::bytes([&[*flags, tag.len() as u8], tag.as_bytes(), value.as_bytes()].concat())
            }
            Data::Bytes(bytes) => Self::bytes(bytes.clone()),
        })
    }
}

impl Template {
    /// The reply to a query, and how many records its answer section holds; `None` where it fits into no message.
    pub fn fill(&self, question: &Question) -> Option<(Vec<u8>, usize)> {
        let flags = &self.flags;
        let asked = match &self.section {
            Section::Name(name) => name.clone(),
            Section::Recased => question.name.recased(),
            Section::Echo | Section::None => question.name.clone(),
        };
        let fits = |record: &&Ready| {
            flags.every_type || question.kind == Kind::ANY || [question.kind, Kind::CNAME].contains(&record.kind)
        };
        let answer: Vec<&Ready> = self.answer.iter().filter(fits).collect();
        let with_question = !matches!(self.section, Section::None);
        let mut out = Writer::default();
        out.number(if flags.wrong_id { question.id.wrapping_add(1) } else { question.id });
        out.number(self.second_pair(question));
        let said = |said: Option<u16>, true_one: usize| said.or(u16::try_from(true_one).ok());
        out.number(said(flags.counts.question, with_question.into())?);
        out.number(said(flags.counts.answer, answer.len())?);
        out.number(said(flags.counts.authority, self.authority.len())?);
        out.number(said(flags.counts.additional, self.additional.len())?);
        if with_question {
            out.name(&asked);
            out.number(question.kind.0);
            out.number(question.class);
        }
        out.records(&asked, answer.iter().copied());
        out.records(&asked, self.authority.iter());
        out.records(&asked, self.additional.iter());
        (out.bytes.len() <= usize::from(u16::MAX)).then_some((out.bytes, answer.len()))
    }

    /// The header's second pair of bytes.
    fn second_pair(&self, question: &Question) -> u16 {
        let f = &self.flags;
        let rd = f.rd.unwrap_or(question.flags & 0x0100 != 0);
        let bits = [
            (f.qr, 0x8000),
            (f.aa, 0x0400),
            (f.tc, 0x0200),
            (rd, 0x0100),
            (f.ra, 0x0080),
            (f.ad, 0x0020),
            (f.cd, 0x0010),
        ];
        let bits = bits.iter().filter(|(set, _)| *set).fold(0, |all, (_, bit)| all | bit);
        bits | u16::from(f.opcode & 15) << 11 | u16::from(f.rcode.number())
    }
}

/// The bytes of the script, filled in.
pub fn raw(pieces: &[Piece], question: &Question) -> Vec<u8> {
    let id = question.id.to_be_bytes();
    let bytes = pieces.iter().map(|piece| match piece {
        Piece::Bytes(bytes) => &bytes[..],
        Piece::Id => &id[..],
        Piece::Question => &question.section[..],
    });
    bytes.collect::<Vec<_>>().concat()
}

/// A message under way, and where in it names stand that later ones can point to.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    known: HashMap<Vec<u8>, u16>,
}

impl Writer {
    fn number(&mut self, number: u16) {
        self.bytes.extend_from_slice(&number.to_be_bytes());
    }

    /// Writes a name, the part of it that is there already as a pointer.
    fn name(&mut self, name: &Name) {
        for suffix in name.suffixes() {
            if let Some(place) = self.known.get(&suffix.wire()) {
                return self.number(0xc000 | place);
            }
            if self.bytes.len() < REACH {
                self.known.insert(suffix.wire(), self.bytes.len() as u16);
            }
            let label = suffix.first_label().unwrap_or_default();
            self.bytes.push(label.len() as u8);
            self.bytes.extend_from_slice(label);
        }
        self.bytes.push(0);
    }

    fn written(&mut self, name: &Written) {
        match name {
            Written::Name(name) => self.name(name),
            Written::Loop => self.number(0xc000 | (self.bytes.len() % REACH) as u16),
            Written::Beyond => self.number(0xffff),
        }
    }

    /// Writes a section. A record without an owner of its own belongs to the target of the alias before it.
    fn records<'a>(&mut self, first: &Name, records: impl Iterator<Item = &'a Ready>) {
        let mut owner = Written::Name(first.clone());
        for record in records {
            self.written(record.owner.as_ref().unwrap_or(&owner));
            self.number(record.kind.0);
            self.number(record.class);
            self.bytes.extend_from_slice(&if record.kind == Kind::OPT { [0; 4] } else { TTL_SECONDS.to_be_bytes() });
            let length = self.bytes.len();
            self.number(0);
            self.bytes.extend_from_slice(&record.data.before);
            record.data.names.iter().for_each(|name| self.written(name));
            self.bytes.extend_from_slice(&record.data.behind);
            let written = (self.bytes.len() - length - 2) as u16;
            self.bytes[length..length + 2].copy_from_slice(&written.to_be_bytes());
            if let (Kind::CNAME, IN, [Written::Name(target)]) = (record.kind, record.class, &record.data.names[..]) {
                owner = Written::Name(target.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Db.test.`, A, recursion desired, id 0x1234.
    const QUERY: &[u8] = b"\x12\x34\x01\x00\0\x01\0\0\0\0\0\0\x02Db\x04test\0\0\x01\0\x01";

    /// What a reply of a script is on the wire, and its number of answers.
    fn filled(reply: &str) -> (Vec<u8>, usize) {
        let flags: dns::Reply = serde_json::from_str(reply).expect(reply);
        let ready = |records: &[Record]| records.iter().flat_map(|r| Ready::all(r).expect("names")).collect();
        let section = match &flags.question {
            dns::Question::None => Section::None,
            dns::Question::Recased => Section::Recased,
            _ => Section::Echo,
        };
        let (answer, authority, additional) = (ready(&flags.answer), ready(&flags.authority), ready(&flags.additional));
        let template = Template { flags: Box::new(flags), section, answer, authority, additional };
        template.fill(&Question::read(QUERY).expect("a query")).expect("a message")
    }

    /// The records alone.
    fn records(reply: &str) -> Vec<u8> {
        filled(reply).0.split_off(QUERY.len())
    }

    #[test]
    fn a_reply_is_the_bytes_that_rfc_1035_asks_for() {
        let expected = [
            b"\x12\x34\x83\x80\0\x01\0\x01\0\0\0\0\x02Db\x04test\0\0\x01\0\x01".as_slice(),
            b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x01".as_slice(),
        ];
        assert_eq!(filled(r#"{"tc":true,"answer":["A 192.0.2.1","AAAA ::1"]}"#), (expected.concat(), 1));
    }

    #[test]
    fn names_are_compressed_and_follow_aliases() {
        let expected = [
            b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x04\x01x\xc0\x0f".as_slice(),
            b"\xc0\x25\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x01",
        ];
        assert_eq!(records(r#"{"answer":["CNAME x.test.","A 192.0.2.1"]}"#), expected.concat());
        let mx = b"\xc0\x0c\0\x0f\0\x01\0\0\0\x3c\0\x06\0\x0a\x01m\xc0\x0f";
        assert_eq!(records(r#"{"every_type":true,"answer":["MX 10 m.test."]}"#), mx);
    }

    #[test]
    fn what_a_script_wants_to_be_wrong_is() {
        let (bytes, _) = filled(
            r#"{"qr":false,"aa":true,"rd":false,"ra":false,"ad":true,"cd":true,"opcode":4,"rcode":"RCODE11",
               "wrong_id":true,"counts":{"question":2,"answer":3,"authority":4,"additional":5},"question":"recased"}"#,
        );
        assert_eq!(bytes[..12], *b"\x12\x35\x24\x3b\0\x02\0\x03\0\x04\0\x05");
        assert_eq!(bytes[12..20], *b"\x02dB\x04TEST");
        assert_eq!(filled(r#"{"question":"none"}"#).0, b"\x12\x34\x81\x80\0\0\0\0\0\0\0\0");
        let looped = records(r#"{"answer":["<loop> A 192.0.2.1","CNAME <loop>","<beyond> CH A \\# c000"]}"#);
        assert_eq!(looped[..2], *b"\xc0\x19", "the first record stands at 25");
        assert_eq!(looped[16..30], *b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x02\xc0\x35");
        assert_eq!(looped[30..], *b"\xff\xff\0\x01\0\x03\0\0\0\x3c\0\x02\xc0\0");
    }

    #[test]
    fn long_texts_are_cut_into_strings_and_sections_are_in_order() {
        let text = records(r#"{"every_type":true,"answer":["TXT ab *200"]}"#);
        assert_eq!(text.len(), 12 + 402);
        assert_eq!((text[12], text[12 + 256]), (255, 145));
        let (bytes, answers) =
            filled(r#"{"authority":["test. SOA a. b. 1 2 3 4 5"],"additional":[". CLASS1232 OPT \\# "]}"#);
        assert_eq!((answers, &bytes[4..12]), (0, b"\0\x01\0\0\0\x01\0\x01".as_slice()));
        assert_eq!(bytes[25..27], *b"\xc0\x0f");
        assert!(bytes.ends_with(b"\0\0\x29\x04\xd0\0\0\0\0\0\0"));
    }

    #[test]
    fn a_reply_that_fits_into_no_message_is_none() {
        let flags: dns::Reply = serde_json::from_str(r#"{"answer":["A 192.0.2.1 x5000"]}"#).expect("a reply");
        let answer = Ready::all(&flags.answer[0]).expect("names");
        let template =
            Template { flags: Box::new(flags), section: Section::Echo, answer, authority: vec![], additional: vec![] };
        assert!(template.fill(&Question::read(QUERY).expect("a query")).is_none());
    }

    #[test]
    fn raw_bytes_are_filled_in() {
        let q = Question::read(QUERY).expect("a query");
        let pieces = [Piece::Id, Piece::Bytes(vec![0x81, 0x80]), Piece::Question];
        assert_eq!(raw(&pieces, &q), [b"\x12\x34\x81\x80", &QUERY[12..]].concat());
    }
}
