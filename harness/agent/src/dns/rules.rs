//! The script, made ready: names parsed, servers counted, what contradicts itself refused. Decides what happens to a
//! query and says in a word what it did; sends nothing.

use std::io;
use std::time::Duration;

use libcdiff_protocol::dns::{self, Kind, Pieces, Rcode, Record, Script, Socket, Transport};

use super::compose::{Piece, Ready, Section, Template, raw};
use super::message::Question;
use super::name::Name;

/// A script's rules in order, with what is left of those that are spent after a while.
pub struct Rules(Vec<Rule>);

struct Rule {
    server: Option<usize>,
    transport: Option<Transport>,
    name: Option<Pattern>,
    kind: Option<Kind>,
    socket: Option<Socket>,
    edns: Option<bool>,
    /// How many more queries it leaves to later rules.
    skip: u32,
    /// How many more queries it answers.
    left: Option<u32>,
    action: Action,
}

enum Action {
    Drop,
    End(End),
    Reply(Vec<Reply>),
}

/// Names in small letters.
enum Pattern {
    Exact(Name),
    Below(Name),
}

struct Reply {
    after: Duration,
    copies: u16,
    /// What stands for the length on TCP.
    length: Option<u16>,
    pieces: Option<Pieces>,
    end: Option<End>,
    content: Content,
}

enum Content {
    Message(Template),
    Raw(Vec<Piece>),
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// In order, once everything is sent.
    Close,
    /// By a reset.
    Reset,
}

/// Where and how a query arrived.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// The server, counted from 0.
    pub server: usize,
    /// The transport.
    pub transport: Transport,
    /// Whether the socket is new to the server.
    pub socket: Socket,
}

/// What is sent, and when.
pub struct Sending {
    /// From the query on.
    pub after: Duration,
    /// Bytes of a datagram or a stream, as they go out.
    pub bytes: Option<Vec<u8>>,
    /// What becomes of the connection behind it.
    pub end: Option<End>,
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
    pub fn decide(&mut self, arrival: Arrival, question: &Question) -> (Vec<Sending>, String) {
        let name = question.name.to_ascii_lowercase();
        for rule in self.0.iter_mut().filter(|rule| rule.fits(arrival, &name, question)) {
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            rule.left = rule.left.map(|n| n - 1);
            return rule.apply(arrival.transport, question);
        }
        Reply::nxdomain().apply(arrival.transport, question).unwrap_or_else(unsendable)
    }
}

/// A reply that fits into no message is a mistake of the script; it stands out in the log.
fn unsendable() -> (Vec<Sending>, String) {
    (Vec::new(), "too long to send".into())
}

impl Rule {
    /// Whether the rule is there for this query; the name is in small letters.
    fn fits(&self, arrival: Arrival, name: &Name, question: &Question) -> bool {
        self.left != Some(0)
            && self.server.is_none_or(|server| server == arrival.server)
            && self.transport.is_none_or(|transport| transport == arrival.transport)
            && self.socket.is_none_or(|socket| socket == arrival.socket)
            && self.kind.is_none_or(|kind| kind == question.kind)
            && self.edns.is_none_or(|edns| edns == question.edns.is_some())
            && self.name.as_ref().is_none_or(|pattern| pattern.fits(name))
    }

    fn apply(&self, transport: Transport, question: &Question) -> (Vec<Sending>, String) {
        let replies = match &self.action {
            Action::Drop => return (Vec::new(), "dropped".into()),
            Action::End(end) => {
                let word = if *end == End::Close { "closed" } else { "reset" };
                return (vec![Sending { after: Duration::ZERO, bytes: None, end: Some(*end) }], word.into());
            }
            Action::Reply(replies) => replies,
        };
        let Some(sent) = replies.iter().map(|reply| reply.apply(transport, question)).collect::<Option<Vec<_>>>()
        else {
            return unsendable();
        };
        let (sendings, words): (Vec<_>, Vec<_>) = sent.into_iter().unzip();
        (sendings.into_iter().flatten().collect(), words.join(", "))
    }
}

impl Reply {
    fn nxdomain() -> Self {
        let flags = Box::new(dns::Reply { rcode: Rcode::NXDOMAIN, ..dns::Reply::default() });
        let template =
            Template { flags, section: Section::Echo, answer: vec![], authority: vec![], additional: vec![] };
        let content = Content::Message(template);
        Self { after: Duration::ZERO, copies: 1, length: None, pieces: None, end: None, content }
    }

    fn apply(&self, transport: Transport, question: &Question) -> Option<(Vec<Sending>, String)> {
        let (bytes, mut word) = match &self.content {
            Content::Raw(pieces) => (raw(pieces, question), "raw".to_owned()),
            Content::Message(template) => {
                let (bytes, records) = template.fill(question)?;
                (bytes, word(template, records))
            }
        };
        let mut sendings = Vec::new();
        for _ in 0..self.copies {
            self.send(transport, bytes.clone(), &mut sendings)?;
        }
        if let Some(last) = sendings.last_mut() {
            last.end = self.end;
        }
        let marks = [
            (self.copies != 1, format!(" x{}", self.copies)),
            (self.length.is_some(), "+other length".into()),
            (self.pieces.is_some(), "+in pieces".into()),
            (self.end == Some(End::Close), "+closed".into()),
            (self.end == Some(End::Reset), "+reset".into()),
        ];
        // What only a stream can have is not said of a datagram.
        let there =
            marks.into_iter().enumerate().filter(|(i, (there, _))| *there && (*i == 0 || transport == Transport::Tcp));
        word.extend(there.map(|(_, (_, mark))| mark));
        Some((sendings, word))
    }

    /// Adds what goes out for one message: a datagram, or the bytes of a stream, whole or in pieces.
    fn send(&self, transport: Transport, bytes: Vec<u8>, to: &mut Vec<Sending>) -> Option<()> {
        let sending = |after, bytes| Sending { after, bytes: Some(bytes), end: None };
        if transport == Transport::Udp {
            to.push(sending(self.after, bytes));
            return Some(());
        }
        let length = self.length.or(u16::try_from(bytes.len()).ok())?;
        let framed = [&length.to_be_bytes()[..], &bytes].concat();
        let Some(pieces) = self.pieces else {
            to.push(sending(self.after, framed));
            return Some(());
        };
        for (n, piece) in (0..).zip(framed.chunks(usize::from(pieces.bytes.max(1)))) {
            to.push(sending(self.after + n * Duration::from_millis(pieces.every_ms), piece.to_vec()));
        }
        Some(())
    }
}

/// The log's word for a message: its code, NODATA for an empty NOERROR, and what is unusual about it.
fn word(template: &Template, records: usize) -> String {
    let flags = &template.flags;
    let nodata = flags.rcode == Rcode::NOERROR && records == 0 && !flags.tc;
    let mut word = if nodata { "NODATA".into() } else { flags.rcode.to_string() };
    let marks = [
        (flags.tc, "+TC"),
        (flags.wrong_id, "+wrong id"),
        (!flags.qr, "+QR=0"),
        (flags.opcode != 0, "+other opcode"),
        (matches!(template.section, Section::None), "+no question"),
        (matches!(template.section, Section::Name(_)), "+other question"),
        (matches!(template.section, Section::Recased), "+recased"),
        (flags.counts != dns::Counts::default(), "+wrong counts"),
    ];
    word.extend(marks.into_iter().filter(|(there, _)| *there).map(|(_, mark)| mark));
    word
}

impl Pattern {
    fn compile(text: &str) -> Result<Self, String> {
        Ok(match text.strip_prefix("*.") {
            Some(suffix) => Self::Below(Name::parse(suffix)?.to_ascii_lowercase()),
            None => Self::Exact(Name::parse(text)?.to_ascii_lowercase()),
        })
    }

    fn fits(&self, name: &Name) -> bool {
        match self {
            Self::Exact(exact) => name == exact,
            Self::Below(above) => name.is_below(above),
        }
    }
}

fn compile(rule: &dns::Rule, servers: usize) -> Result<Rule, String> {
    let server = rule.server.as_ref().map(|word| {
        let known = (0..servers).find(|n| *word == server_name(*n));
        known.ok_or_else(|| format!("there is no server `{word}`; the last one is `s{servers}`"))
    });
    let action = match &rule.reply {
        dns::Action::Drop => Action::Drop,
        dns::Action::Close => Action::End(End::Close),
        dns::Action::Reset => Action::End(End::Reset),
        dns::Action::Reply(replies) if replies.is_empty() => return Err("no reply; write \"drop\" for silence".into()),
        dns::Action::Reply(replies) => Action::Reply(replies.iter().map(compile_reply).collect::<Result<_, _>>()?),
    };
    Ok(Rule {
        server: server.transpose()?,
        transport: rule.transport,
        name: rule.name.as_deref().map(Pattern::compile).transpose()?,
        kind: rule.kind,
        socket: rule.socket,
        edns: rule.edns,
        skip: rule.skip.unwrap_or(0),
        left: rule.times,
        action,
    })
}

/// `s1` for the first server.
pub fn server_name(index: usize) -> String {
    format!("s{}", index + 1)
}

fn compile_reply(reply: &dns::Reply) -> Result<Reply, String> {
    let ready =
        |records: &[Record]| records.iter().map(Ready::all).collect::<Result<Vec<_>, _>>().map(|all| all.concat());
    let content = match &reply.raw {
        Some(text) => Content::Raw(pieces(text)?),
        None => Content::Message(Template {
            flags: Box::new(reply.clone()),
            section: match &reply.question {
                dns::Question::Echo => Section::Echo,
                dns::Question::None => Section::None,
                dns::Question::Name(name) => Section::Name(Name::parse(name)?),
                dns::Question::Recased => Section::Recased,
            },
            answer: ready(&reply.answer)?,
            authority: ready(&reply.authority)?,
            additional: ready(&reply.additional)?,
        }),
    };
    let end = match (reply.close, reply.reset) {
        (_, true) => Some(End::Reset),
        (true, false) => Some(End::Close),
        (false, false) => None,
    };
    let after = Duration::from_millis(reply.after_ms);
    Ok(Reply { after, copies: reply.copies, length: reply.length, pieces: reply.pieces, end, content })
}

/// Reads the bytes of a message: hexadecimal digits in pairs, `00*500` for many of them, `id`, `question`.
fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let piece = |word: &str| match word {
        "id" => Ok(Piece::Id),
        "question" => Ok(Piece::Question),
        word => {
            let (digits, times) = word.split_once('*').map_or((word, Some(1)), |(digits, n)| (digits, n.parse().ok()));
            let byte = |i: usize| digits.get(i..i + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
            let bytes = (0..digits.len()).step_by(2).map(byte).collect::<Option<Vec<u8>>>();
            bytes
                .zip(times)
                .map(|(bytes, times)| Piece::Bytes(bytes.repeat(times)))
                .ok_or_else(|| format!("`{word}`: expected pairs of hexadecimal digits, `id` or `question`"))
        }
    };
    text.split_whitespace().map(piece).collect()
}
