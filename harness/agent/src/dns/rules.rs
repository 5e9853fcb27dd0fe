//! The script, made ready: names parsed, servers counted, what contradicts itself refused. Decides what happens to a
//! query and says in a word what it did; sends nothing.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use hickory_proto::rr::rdata::{CNAME, TXT};
use hickory_proto::rr::{Name, RData, RecordType};
use libcdiff_protocol::dns::{self, Data, Rcode, Script, Transport};

use super::message::{Piece, Question, Section, presentation};

/// A script's rules in order, with what is left of those that are spent after a while.
pub struct Rules(Vec<Rule>);

struct Rule {
    server: Option<usize>,
    transport: Option<Transport>,
    name: Option<Pattern>,
    kind: Option<RecordType>,
    /// How many more queries it answers.
    left: Option<u32>,
    action: Action,
}

enum Action {
    Drop,
    Close,
    Reply(Vec<Reply>),
}

/// Names in lower-case presentation form.
enum Pattern {
    Exact(String),
    Below(String),
}

struct Reply {
    after: Duration,
    close: bool,
    content: Content,
}

enum Content {
    Message { flags: Box<dns::Reply>, section: Section, answers: Vec<(Option<Name>, RData)> },
    Raw(Vec<Piece>),
}

/// What is sent, and when.
pub struct Sending {
    /// From the query on.
    pub after: Duration,
    /// The message; nothing where the connection is only closed.
    pub bytes: Option<Vec<u8>>,
    /// Close the connection behind it.
    pub close: bool,
}

impl Rules {
    /// Reads a script. The errors name the rule, counted from 1.
    pub fn compile(script: &Script) -> io::Result<Self> {
        let compiled = script.rules.iter().enumerate().map(|(i, rule)| {
            compile(rule, script.servers.len())
                .map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, format!("rule {}: {e}", i + 1)))
        });
        compiled.collect::<io::Result<_>>().map(Self)
    }

    /// What happens to a query: the messages to send, and the word for the log. NXDOMAIN where no rule fits.
    pub fn decide(&mut self, server: usize, transport: Transport, question: &Question) -> (Vec<Sending>, String) {
        let name = question.name().to_ascii_lowercase();
        let fits = |rule: &&mut Rule| {
            rule.left != Some(0)
                && rule.server.is_none_or(|s| s == server)
                && rule.transport.is_none_or(|t| t == transport)
                && rule.kind.is_none_or(|k| k == question.record_type())
                && rule.name.as_ref().is_none_or(|pattern| pattern.fits(&name))
        };
        match self.0.iter_mut().find(fits) {
            Some(rule) => {
                rule.left = rule.left.map(|n| n - 1);
                rule.apply(question)
            }
            None => Reply::nxdomain().apply(question).map_or_else(unsendable, |(s, word)| (vec![s], word)),
        }
    }
}

/// A reply that fits into no message is a mistake of the script; it stands out in the log.
fn unsendable() -> (Vec<Sending>, String) {
    (Vec::new(), "too long to send".into())
}

impl Rule {
    fn apply(&self, question: &Question) -> (Vec<Sending>, String) {
        let replies = match &self.action {
            Action::Drop => return (Vec::new(), "dropped".into()),
            Action::Close => {
                return (vec![Sending { after: Duration::ZERO, bytes: None, close: true }], "closed".into());
            }
            Action::Reply(replies) => replies,
        };
        let Some(sent) = replies.iter().map(|reply| reply.apply(question)).collect::<Option<Vec<_>>>() else {
            return unsendable();
        };
        let (sendings, words): (Vec<_>, Vec<_>) = sent.into_iter().unzip();
        (sendings, words.join(", "))
    }
}

impl Reply {
    fn nxdomain() -> Self {
        let flags = Box::new(dns::Reply { rcode: Rcode::NXDOMAIN, ..dns::Reply::default() });
        let content = Content::Message { flags, section: Section::Echo, answers: Vec::new() };
        Self { after: Duration::ZERO, close: false, content }
    }

    fn apply(&self, question: &Question) -> Option<(Sending, String)> {
        let (bytes, word) = match &self.content {
            Content::Raw(pieces) => (question.raw(pieces), "raw".to_owned()),
            Content::Message { flags, section, answers } => {
                let (bytes, records) = question.reply(flags, section, answers)?;
                (bytes, word(flags, section, records))
            }
        };
        Some((Sending { after: self.after, bytes: Some(bytes), close: self.close }, word))
    }
}

/// The log's word for a message: its code, NODATA for an empty NOERROR, and what is unusual about it.
fn word(flags: &dns::Reply, section: &Section, records: usize) -> String {
    let nodata = flags.rcode == Rcode::NOERROR && records == 0 && !flags.tc;
    let mut word = if nodata { "NODATA".into() } else { flags.rcode.to_string() };
    let marks = [
        (flags.tc, "+TC"),
        (flags.wrong_id, "+wrong id"),
        (!flags.qr, "+QR=0"),
        (matches!(section, Section::None), "+no question"),
        (matches!(section, Section::Name(_)), "+other question"),
    ];
    word.extend(marks.into_iter().filter(|(there, _)| *there).map(|(_, mark)| mark));
    word
}

impl Pattern {
    fn compile(text: &str) -> Result<Self, String> {
        Ok(match text.strip_prefix("*.") {
            Some(suffix) => Self::Below(format!(".{}", presentation(&parse_name(suffix)?).to_ascii_lowercase())),
            None => Self::Exact(presentation(&parse_name(text)?).to_ascii_lowercase()),
        })
    }

    fn fits(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => name == exact,
            Self::Below(suffix) => name.ends_with(suffix),
        }
    }
}

fn parse_name(text: &str) -> Result<Name, String> {
    if !text.ends_with('.') {
        return Err(format!("the name `{text}` has no final dot"));
    }
    Name::from_ascii(text).map_err(|e| format!("the name `{text}`: {e}"))
}

fn compile(rule: &dns::Rule, servers: usize) -> Result<Rule, String> {
    let server = rule.server.as_ref().map(|word| {
        let known = (0..servers).find(|n| *word == server_name(*n));
        known.ok_or_else(|| format!("there is no server `{word}`; the last one is `s{servers}`"))
    });
    let kind = rule.kind.as_ref().map(|word| word.parse().map_err(|_| format!("there is no record type `{word}`")));
    let action = match &rule.reply {
        dns::Action::Drop => Action::Drop,
        dns::Action::Close => Action::Close,
        dns::Action::Reply(replies) if replies.is_empty() => return Err("no reply; write \"drop\" for silence".into()),
        dns::Action::Reply(replies) => Action::Reply(replies.iter().map(compile_reply).collect::<Result<_, _>>()?),
    };
    Ok(Rule {
        server: server.transpose()?,
        transport: rule.transport,
        name: rule.name.as_deref().map(Pattern::compile).transpose()?,
        kind: kind.transpose()?,
        left: rule.times,
        action,
    })
}

/// `s1` for the first server.
pub fn server_name(index: usize) -> String {
    format!("s{}", index + 1)
}

fn compile_reply(reply: &dns::Reply) -> Result<Reply, String> {
    let content = match &reply.raw {
        Some(text) => Content::Raw(pieces(text)?),
        None => Content::Message {
            flags: Box::new(reply.clone()),
            section: match &reply.question {
                dns::Question::Echo => Section::Echo,
                dns::Question::None => Section::None,
                dns::Question::Name(name) => Section::Name(parse_name(name)?),
            },
            answers: reply.answer.iter().map(records).collect::<Result<Vec<_>, _>>()?.concat(),
        },
    };
    Ok(Reply { after: Duration::from_millis(reply.after_ms), close: reply.close, content })
}

/// The records that one line of the script stands for.
fn records(record: &dns::Record) -> Result<Vec<(Option<Name>, RData)>, String> {
    let owner = record.owner.as_deref().map(parse_name).transpose()?;
    let data = |n: u16| -> Result<RData, String> {
        Ok(match &record.data {
            Data::A(first) => RData::A(Ipv4Addr::from_bits(first.to_bits().wrapping_add(n.into())).into()),
            Data::Aaaa(first) => RData::AAAA(Ipv6Addr::from_bits(first.to_bits().wrapping_add(n.into())).into()),
            Data::Cname(target) => RData::CNAME(CNAME(parse_name(target)?)),
            Data::Txt(text) => RData::TXT(TXT::new(vec![text.clone()])),
        })
    };
    (0..record.count).map(|n| Ok((owner.clone(), data(n)?))).collect()
}

/// Reads the bytes of a message: hexadecimal digits in pairs, `id`, `question`.
fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let piece = |word: &str| match word {
        "id" => Ok(Piece::Id),
        "question" => Ok(Piece::Question),
        digits => {
            let byte = |i: usize| digits.get(i..i + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
            let bytes = (0..digits.len()).step_by(2).map(byte).collect::<Option<_>>();
            bytes
                .map(Piece::Bytes)
                .ok_or_else(|| format!("`{digits}`: expected pairs of hexadecimal digits, `id` or `question`"))
        }
    };
    text.split_whitespace().map(piece).collect()
}
