//! What a look-up of a fuzz target meets: its files below /etc, a server in the same network, and what that was asked.
//!
//! What the server does is a pure function of the input and of what was asked before. It never leaves a query without an answer
//! that every C library takes: waiting for one would cost a second, and an input is to cost a ten-thousandth of that.

use core::ffi::CStr;
use core::net::{IpAddr, Ipv6Addr};
use core::sync::atomic::{AtomicBool, Ordering};
use heap::string::String;
use heap::vec::Vec;

use super::Answer;
use crate::dns;
use crate::sys::dns::server::{Asked, Said, Server};
use crate::sys::dns::{etc, state};

/// The type of an IPv4 address.
pub const A: u16 = 1;
/// The type of an IPv6 address.
pub const AAAA: u16 = 28;
/// Bytes of a message's head.
const HEAD: usize = 12;

/// A query, as far as it can differ between C libraries that ask the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The name as text, without its last dot.
    pub name: Vec<u8>,
    /// The type.
    pub kind: u16,
    /// By TCP.
    pub tcp: bool,
    /// The flag that wants authentic data is set.
    pub ad: bool,
    /// There is a record of EDNS.
    pub edns: bool,
    /// The server that was asked.
    pub server: IpAddr,
}

/// What the server is to answer.
pub enum Script<'a> {
    /// One letter for each name, in the order in which they are asked for: `a` it has addresses, `4` or `6` only of one family,
    /// `n` it has other records, `x` there is no such name. Behind the last letter no name is there.
    Names(&'a [u8]),
    /// One answer of these bytes, and a plain one behind it.
    Odd(&'a Odd),
}

/// An answer that is not as it should be. It is sent first, and [`plain`] behind it: whoever passes over the one gets the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Odd {
    /// How it is sent: `4` or `6` to queries of one type only, `i` with another id, `q` without a question, `w` with the question for
    /// another name, `k` of another class, `y` of another type, `u` in the other case; by TCP `t` it comes too, and with `r` the
    /// connection is closed.
    pub how: Vec<u8>,
    /// Flags and counts, as they follow the id.
    pub head: Vec<u8>,
    /// What follows the question.
    pub records: Vec<u8>,
}

impl Script<'_> {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Names(letters) => [b"n", *letters].concat(),
            Self::Odd(odd) => {
                let mut bytes = heap::vec![b'o'];
                for part in [&odd.how, &odd.head] {
                    let part = &part[..part.len().min(255)];
                    bytes.push(part.len() as u8);
                    bytes.extend_from_slice(part);
                }
                bytes.extend_from_slice(&odd.records);
                bytes
            }
        }
    }
}

impl Odd {
    fn of(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first()?;
        let (how, rest) = rest.split_at_checked(usize::from(*length))?;
        let (length, rest) = rest.split_first()?;
        let (head, records) = rest.split_at_checked(usize::from(*length))?;
        Some(Self { how: how.to_vec(), head: head.to_vec(), records: records.to_vec() })
    }

    fn has(&self, letter: u8) -> bool {
        self.how.contains(&letter)
    }

    /// Whether queries of this type get it.
    fn is_for(&self, kind: u16) -> bool {
        match kind {
            A => !self.has(b'6'),
            AAAA => !self.has(b'4'),
            _ => true,
        }
    }

    fn message(&self, query: &[u8], question: &[u8]) -> Vec<u8> {
        let mut message = query[..2].to_vec();
        message[1] ^= u8::from(self.has(b'i'));
        message.extend_from_slice(&self.head);
        let start = message.len();
        if !self.has(b'q') {
            message.extend_from_slice(question);
            let question = &mut message[start..];
            let end = question.len();
            let first = usize::from(question[0]).min(end - 5);
            for letter in &mut question[1..=first] {
                *letter ^= if self.has(b'u') && letter.is_ascii_alphabetic() { 0x20 } else { 0 };
            }
            if first > 0 {
                question[first] = if self.has(b'w') { b'w' } else { question[first] };
            }
            question[end - 1] = if self.has(b'k') { 3 } else { question[end - 1] };
            question[end - 3] ^= if self.has(b'y') { 2 } else { 0 };
        }
        message.extend_from_slice(&self.records);
        message
    }
}

/// The question of a query: its name as text, its type, and where it ends.
fn question(query: &[u8]) -> Option<(Vec<u8>, u16, usize)> {
    let (mut name, mut at) = (Vec::new(), HEAD);
    loop {
        let length = usize::from(*query.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        if !name.is_empty() {
            name.push(b'.');
        }
        name.extend_from_slice(query.get(at..at + length)?);
        at += length;
    }
    let kind = query.get(at..at + 4)?;
    Some((name, u16::from_be_bytes([kind[0], kind[1]]), at + 4))
}

/// What the server does with a query.
fn reply(asked: &Asked<'_>, send: &mut dyn FnMut(&[u8])) -> Said {
    let Some((name, kind, end)) = question(asked.query).filter(|_| asked.query.len() > HEAD) else {
        // No resolver should send it. It is told that there is no such name, so that it need not wait.
        let mut message = asked.query.to_vec();
        if let Some(flags) = message.get_mut(2..4) {
            flags.copy_from_slice(&[0x81, 0x83]);
        }
        send(&message);
        return Said { note: note(asked, b"malformed", 0), close: false };
    };
    let section = &asked.query[HEAD..end];
    let close = match asked.script.split_first() {
        Some((b'o', rest)) => Odd::of(rest).is_some_and(|odd| odd_first(&odd, asked, kind, section, send)),
        Some((_, letters)) => {
            let before = names(&read(asked.log));
            let number = before.iter().position(|known| *known == name).unwrap_or(before.len());
            let letter = letters.get(number).copied().unwrap_or(b'x');
            send(&plain(asked.query, section, kind, letter, number as u8 + 1));
            false
        }
        None => false,
    };
    Said { note: note(asked, &name, kind), close }
}

fn odd_first(odd: &Odd, asked: &Asked<'_>, kind: u16, section: &[u8], send: &mut dyn FnMut(&[u8])) -> bool {
    if asked.tcp && odd.has(b'r') {
        return true;
    }
    if odd.is_for(kind) && (!asked.tcp || odd.has(b't')) {
        send(&odd.message(asked.query, section));
    }
    send(&plain(asked.query, section, kind, b'a', if asked.tcp { 98 } else { 99 }));
    false
}

/// An answer without fault: an address that ends in this number, or none, by one of the letters of [`Script::Names`].
fn plain(query: &[u8], section: &[u8], kind: u16, letter: u8, number: u8) -> Vec<u8> {
    let has = match letter {
        b'a' => true,
        b'4' => kind == A,
        b'6' => kind == AAAA,
        _ => false,
    };
    let known = matches!(letter, b'a' | b'4' | b'6' | b'n');
    let mut message = query[..2].to_vec();
    message.extend_from_slice(&[0x81, if known { 0x80 } else { 0x83 }, 0, 1, 0, u8::from(has), 0, 0, 0, 0]);
    message.extend_from_slice(section);
    if has {
        message.extend_from_slice(&[0xc0, 12]);
        message.extend_from_slice(&kind.to_be_bytes());
        message.extend_from_slice(&[0, 1, 0, 0, 0, 60]);
        match kind {
            AAAA => message.extend_from_slice(
                &[&[0, 16][..], &Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, number.into()).octets()].concat(),
            ),
            _ => message.extend_from_slice(&[0, 4, 198, 51, 100, number]),
        }
    }
    message
}

/// A line of the log.
fn note(asked: &Asked<'_>, name: &[u8], kind: u16) -> Vec<u8> {
    let (v6, address) = match asked.server {
        IpAddr::V4(v4) => (0, v4.to_ipv6_mapped().octets()),
        IpAddr::V6(v6) => (1, v6.octets()),
    };
    let bit = |at: usize, bit: u8| asked.query.get(at).map_or(0, |byte| u8::from(byte & bit != 0));
    // The last count is that of additional records, and queries have no others.
    let edns = u8::from(asked.query.get(11).is_some_and(|count| *count > 0));
    let mut line = heap::vec![u8::from(asked.tcp), bit(3, 0x20), edns, v6];
    line.extend_from_slice(&address);
    line.extend_from_slice(&kind.to_le_bytes());
    line.extend_from_slice(&(name.len() as u16).to_le_bytes());
    line.extend_from_slice(name);
    line
}

/// The log, read back.
fn read(mut log: &[u8]) -> Vec<Query> {
    let mut all = Vec::new();
    while let Some((head, rest)) = log.split_first_chunk::<24>() {
        let [tcp, ad, edns, v6] = [0, 1, 2, 3].map(|n: usize| head[n] == 1);
        let address = head[4..20].try_into().map_or(Ipv6Addr::UNSPECIFIED, <Ipv6Addr as From<[u8; 16]>>::from);
        let server = match address.to_ipv4_mapped() {
            Some(v4) if !v6 => v4.into(),
            _ => address.into(),
        };
        let kind = u16::from_le_bytes([head[20], head[21]]);
        let length = usize::from(u16::from_le_bytes([head[22], head[23]]));
        let Some((name, after)) = rest.split_at_checked(length) else { break };
        all.push(Query { name: name.to_vec(), kind, tcp, ad, edns, server });
        log = after;
    }
    all
}

/// The names that were asked for, each once, in their order. A name is asked for when the one before has its answer, so that
/// the order is no matter of time; within a name it would be.
pub fn names(queries: &[Query]) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    for query in queries {
        if !all.contains(&query.name) {
            all.push(query.name.clone());
        }
    }
    all
}

/// Which types of a name were asked of whom, each once and sorted: `A@127.0.0.1 AAAA@127.0.0.1`.
pub fn whom(queries: &[Query], name: &[u8]) -> String {
    let words = queries.iter().filter(|query| query.name == name).map(|query| {
        let kind = match query.kind {
            A => "A".into(),
            AAAA => "AAAA".into(),
            12 => "PTR".into(),
            other => heap::format!("type {other}"),
        };
        let mark = |set: bool, text: &'static str| if set { text } else { "" };
        let (ad, edns, tcp) = (mark(query.ad, "+ad"), mark(query.edns, "+edns"), mark(query.tcp, "/tcp"));
        heap::format!("{kind}{ad}{edns}@{}{tcp}", query.server)
    });
    let mut words: Vec<String> = words.collect();
    words.sort();
    words.dedup();
    words.join(" ")
}

/// Look-ups with files and a server of their own.
pub struct Lookups(Server);

/// Why nothing is asked.
const NOT_ALONE: &str = "there is a network here, and files below /etc are not this program's";

impl Lookups {
    /// Arranges what the next input meets: `lasting` files are written once in a process, which has one target.
    ///
    /// # Errors
    /// Why it cannot be arranged.
    pub fn arrange(
        lasting: &[(&CStr, &[u8])],
        files: &[(&CStr, &[u8])],
        script: &Script<'_>,
    ) -> Result<Self, &'static str> {
        static WRITTEN: AtomicBool = AtomicBool::new(false);
        let write = |files: &[(&CStr, &[u8])]| files.iter().all(|(path, content)| etc::write(path, content).is_ok());
        if !WRITTEN.load(Ordering::Relaxed) {
            if !etc::is_alone() {
                return Err(NOT_ALONE);
            }
            if !write(lasting) {
                return Err("files below /etc cannot be written");
            }
            WRITTEN.store(true, Ordering::Relaxed);
        }
        if !write(files) {
            return Err("files below /etc cannot be written");
        }
        let server = Server::of_this_process(reply).map_err(|_| "no server could be started")?;
        server.script(&script.bytes());
        state::forget();
        Ok(Self(server))
    }

    /// What was asked since it was arranged, or since this was last called.
    pub fn queries(&self) -> Vec<Query> {
        self.0.settle().map(read).unwrap_or_default()
    }
}

/// Lines of what getaddrinfo found: the code, the addresses, sorted because their order is that of the machine's routes, and
/// the canonical name. `name` is what the caller looks for.
pub fn describe(found: &dns::Answer, call: &str, answer: &mut Answer) {
    let line = |what: &str| if call.is_empty() { String::from(what) } else { heap::format!("{call} {what}") };
    answer.line(&line("code"), &found.return_code);
    if found.return_code != "0" {
        return;
    }
    let mut addresses = found.addresses.clone();
    addresses.sort();
    answer.number(&line("number of addresses"), addresses.len() as i64);
    let addresses: Vec<String> = addresses.iter().map(|address| heap::format!("{address}")).collect();
    answer.line(&line("addresses"), addresses.join(" "));
    match &found.canonical_name {
        Some(name) => answer.line(&line("canonical name"), quoted(name)),
        None => answer.line(&line("canonical name"), "none"),
    }
}

/// Text in which bytes that are none are escaped already, as one line in quotes.
pub fn quoted(text: &str) -> String {
    heap::format!("\"{}\"", text.replace('\n', "\\x0a"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A query for the addresses of one family.
    fn query(name: &[u8], kind: u16) -> Vec<u8> {
        let mut query = Vec::from(*b"ID\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00");
        for label in name.split(|byte| *byte == b'.') {
            query.push(label.len() as u8);
            query.extend_from_slice(label);
        }
        query.push(0);
        query.extend_from_slice(&kind.to_be_bytes());
        query.extend_from_slice(&[0, 1]);
        query
    }

    fn answers(script: &Script<'_>, log: &mut Vec<u8>, query: &[u8], tcp: bool) -> Vec<Vec<u8>> {
        let mut sent = Vec::new();
        let server = IpAddr::V4(core::net::Ipv4Addr::LOCALHOST);
        let asked = Asked { script: &script.bytes(), log, query, tcp, server };
        let said = reply(&asked, &mut |message| sent.push(message.to_vec()));
        log.extend_from_slice(&said.note);
        sent
    }

    #[test]
    fn names_are_answered_by_their_order_and_written_down() {
        let (script, mut log) = (Script::Names(b"xa"), Vec::new());
        for (name, kind, rcode, last) in [
            (b"db.a".as_slice(), A, 3, 1),
            (b"db.a", AAAA, 3, 1),
            (b"db", A, 0, 2),
            (b"db", AAAA, 0, 2),
            (b"x", A, 3, 1),
        ] {
            let sent = answers(&script, &mut log, &query(name, kind), false);
            assert_eq!((sent.len(), sent[0][3] & 15, sent[0].last()), (1, rcode, Some(&last)), "{name:?}");
        }
        let queries = read(&log);
        assert_eq!(names(&queries), [b"db.a".to_vec(), b"db".to_vec(), b"x".to_vec()]);
        assert_eq!(whom(&queries, b"db"), "A@127.0.0.1 AAAA@127.0.0.1");
    }

    #[test]
    fn an_odd_answer_comes_before_a_plain_one() {
        let odd = Odd { how: b"4wi".to_vec(), head: b"\x81\x80\0\x01\0\0\0\0\0\0".to_vec(), records: b"rest".to_vec() };
        let script = Script::Odd(&odd);
        let sent = answers(&script, &mut Vec::new(), &query(b"db.test", A), false);
        assert_eq!((sent.len(), &sent[0][..2], &sent[0][12..20]), (2, &b"IE"[..], &b"\x02dw\x04test"[..]));
        assert!(sent[0].ends_with(b"rest") && sent[1].ends_with(&[198, 51, 100, 99]));
        assert_eq!(answers(&script, &mut Vec::new(), &query(b"db.test", AAAA), false).len(), 1);
        let by_tcp = answers(&script, &mut Vec::new(), &query(b"db.test", A), true);
        assert!(by_tcp.len() == 1 && by_tcp[0].ends_with(&[198, 51, 100, 98]));
    }

    #[test]
    fn what_is_no_query_is_answered_too() {
        let mut log = Vec::new();
        let sent = answers(&Script::Names(b""), &mut log, b"IDxx", false);
        assert_eq!((sent, names(&read(&log))), (std::vec![b"ID\x81\x83".to_vec()], std::vec![b"malformed".to_vec()]));
    }
}
