//! One message in answer to a query, field by field or byte for byte.

use serde::{Deserialize, Serialize};

use super::{Rcode, Record};

/// One message that is sent in answer to a query. The defaults are those of a recursive server that found nothing:
/// the query's id and question, RA set, NOERROR, no records.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Reply {
    /// Milliseconds between the query and this message.
    pub after_ms: u64,
    /// The response code.
    pub rcode: Rcode,
    /// Records of the answer section: the CNAMEs and the records of the type that was asked for, as a zone would answer.
    /// So one rule can hold the addresses of both families, and a type without records is NODATA.
    pub answer: Vec<Record>,
    /// Puts every record of `answer` into the message, whatever type was asked for.
    pub every_type: bool,
    /// Records of the authority section.
    pub authority: Vec<Record>,
    /// Records of the additional section.
    pub additional: Vec<Record>,
    /// Numbers of records that the header states instead of the true ones.
    pub counts: Counts,
    /// The operation code; 0 is a query.
    pub opcode: u8,
    /// The response bit; false makes the reply look like a query.
    pub qr: bool,
    /// Authoritative answer.
    pub aa: bool,
    /// Truncated.
    pub tc: bool,
    /// Recursion desired; the query's own where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rd: Option<bool>,
    /// Recursion available.
    pub ra: bool,
    /// Authentic data.
    pub ad: bool,
    /// Checking disabled.
    pub cd: bool,
    /// What stands in the question section.
    pub question: Question,
    /// Answers with an id that is not the query's.
    pub wrong_id: bool,
    /// The whole message byte for byte, instead of all of the above but the delay: hexadecimal digits, spaces as liked,
    /// and the words `id` and `question` for those bytes of the query. `00*500` is 500 zero bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// How many times the message is sent.
    pub copies: u16,
    /// The length that stands before the message on TCP, instead of the true one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u16>,
    /// Sends what goes over TCP in pieces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pieces: Option<Pieces>,
    /// Closes the TCP connection after this message.
    pub close: bool,
    /// Resets the TCP connection after this message.
    pub reset: bool,
}

impl Default for Reply {
    fn default() -> Self {
        Self {
            after_ms: 0,
            rcode: Rcode::NOERROR,
            answer: Vec::new(),
            every_type: false,
            authority: Vec::new(),
            additional: Vec::new(),
            counts: Counts::default(),
            opcode: 0,
            qr: true,
            aa: false,
            tc: false,
            rd: None,
            ra: true,
            ad: false,
            cd: false,
            question: Question::Echo,
            wrong_id: false,
            raw: None,
            copies: 1,
            length: None,
            pieces: None,
            close: false,
            reset: false,
        }
    }
}

impl Reply {
    pub(super) fn may_keep_waiting(&self) -> bool {
        let usable = self.rcode == Rcode::NOERROR || self.rcode == Rcode::NXDOMAIN;
        let waits = self.after_ms >= 500 || self.length.is_some() || self.pieces.is_some();
        !usable || waits || self.wrong_id || self.raw.is_some() || self.question != Question::Echo
    }
}

/// The question section of a reply.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Question {
    /// The query's own, letter case kept.
    #[default]
    Echo,
    /// Empty.
    None,
    /// The query's, with another name; answers belong to that name too.
    Name(String),
    /// The query's, with capital letters for small ones and small ones for capitals.
    Recased,
}

/// Numbers of records in the header that are not the true ones.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Of the question section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<u16>,
    /// Of the answer section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<u16>,
    /// Of the authority section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<u16>,
    /// Of the additional section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional: Option<u16>,
}

/// How a message is cut on TCP, its length included.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Pieces {
    /// Bytes of each piece; the last one is what is left.
    pub bytes: u16,
    /// Milliseconds between two pieces.
    pub every_ms: u64,
}
