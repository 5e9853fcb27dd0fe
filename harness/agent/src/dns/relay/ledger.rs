//! What a relay has passed on: every query with the answer that came for it, and the bounds.

use std::time::{Duration, Instant};

use libcdiff_protocol::Query;
use libcdiff_protocol::dns::{Rcode, Relay, Transport};

use super::super::message::{self, Question};
use super::super::rules::server_name;

/// The word for a query as long as nothing has come for it.
const NO_ANSWER: &str = "no answer";
/// The fixed part of a message.
const HEADER_BYTES: usize = 12;

/// The place of a query in the ledger, with the id that its answer will have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    id: [u8; 2],
    place: usize,
}

/// Queries and answers of one case.
pub struct Ledger {
    start: Instant,
    most: usize,
    within: Duration,
    queries: Vec<Query>,
    stopped: Option<Bound>,
}

/// A bound of a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// So many queries.
    Queries,
    /// So much time.
    Time,
}

impl Ledger {
    /// An empty one, whose clock starts now.
    pub fn new(relay: &Relay) -> Self {
        Self {
            start: Instant::now(),
            most: usize::try_from(relay.most_queries).unwrap_or(usize::MAX),
            within: Duration::from_millis(relay.most_ms),
            queries: Vec::new(),
            stopped: None,
        }
    }

    /// Notes a query; `None` where it is one too many, and nothing may be passed on any more.
    pub fn query(&mut self, server: usize, transport: Transport, packet: &[u8]) -> Option<Entry> {
        if self.queries.len() == self.most {
            self.stopped = Some(Bound::Queries);
        }
        if self.is_stopped() {
            return None;
        }
        let question = Question::read(packet);
        let (name, kind) = match &question {
            Some(question) => (question.name.to_string(), question.kind_in_class()),
            None => (message::escaped(packet), "malformed".into()),
        };
        self.queries.push(Query {
            at_ms: u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX),
            server: server_name(server),
            transport: transport.name().into(),
            name,
            kind,
            rcode: NO_ANSWER.into(),
            flags: question.as_ref().map(Question::flag_names),
            edns: question.as_ref().and_then(|question| question.edns).map(|edns| edns.payload),
            ..Query::default()
        });
        Some(Entry { id: id(packet), place: self.queries.len() - 1 })
    }

    /// Notes an answer for the first of these queries that it fits, and takes that one out.
    pub fn answer(&mut self, waiting: &mut Vec<Entry>, packet: &[u8]) {
        if let Some(at) = waiting.iter().position(|entry| entry.id == id(packet)) {
            let entry = waiting.remove(at);
            self.queries[entry.place].rcode = word(packet);
        }
    }

    /// Notes why these queries get no answer.
    pub fn lost(&mut self, waiting: &mut Vec<Entry>, why: &str) {
        for entry in waiting.drain(..) {
            self.queries[entry.place].rcode = why.into();
        }
    }

    /// Time that is left.
    pub fn left(&self) -> Duration {
        self.within.saturating_sub(self.start.elapsed())
    }

    /// Whether a bound is reached, by queries or just now by time.
    pub fn is_stopped(&mut self) -> bool {
        if self.stopped.is_none() && self.left().is_zero() {
            self.stopped = Some(Bound::Time);
        }
        self.stopped.is_some()
    }

    /// Everything that was passed on, and the bound that ended it.
    pub fn close(self) -> (Vec<Query>, Option<Bound>) {
        (self.queries, self.stopped)
    }
}

fn id(packet: &[u8]) -> [u8; 2] {
    packet.first_chunk().copied().unwrap_or_default()
}

/// What an answer says, in the words of the scripted servers.
fn word(packet: &[u8]) -> String {
    let Some(header) = packet.first_chunk::<HEADER_BYTES>() else { return "raw".into() };
    let truncated = header[2] & 0x02 != 0;
    let records = u16::from_be_bytes([header[6], header[7]]);
    let rcode = Rcode::of_header(header[3]);
    let word = if rcode == Rcode::NOERROR && records == 0 && !truncated { "NODATA".into() } else { rcode.to_string() };
    if truncated { word + "+TC" } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `db.test.`, A, with this id.
    fn query(id: u8) -> Vec<u8> {
        [&[0, id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], b"\x02db\x04test\0\0\x01\0\x01"].concat()
    }

    fn ledger(most_queries: u32, most_ms: u64) -> Ledger {
        Ledger::new(&Relay { servers: vec![], most_queries, most_ms })
    }

    #[test]
    fn an_answer_finds_its_query() {
        let mut ledger = ledger(8, 60_000);
        let mut waiting: Vec<_> =
            [1, 2, 1].into_iter().filter_map(|id| ledger.query(1, Transport::Udp, &query(id))).collect();
        ledger.answer(&mut waiting, &[0, 1, 0x81, 0x83, 0, 1, 0, 0, 0, 0, 0, 0]);
        ledger.answer(&mut waiting, &[0, 2, 0x83, 0x80, 0, 1, 0, 0, 0, 0, 0, 0]);
        ledger.answer(&mut waiting, &[0, 9, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0]);
        let (queries, stopped) = ledger.close();
        let words: Vec<_> = queries.iter().map(|q| q.rcode.as_str()).collect();
        assert_eq!(words, ["NXDOMAIN", "NOERROR+TC", "no answer"]);
        assert_eq!((queries[0].server.as_str(), queries[0].name.as_str(), stopped), ("s2", "db.test.", None));
    }

    #[test]
    fn the_words_are_those_of_scripted_servers() {
        let header = |flags: u8, answers: u8| word(&[0, 1, 0x81, flags, 0, 1, 0, answers, 0, 0, 0, 0]);
        assert_eq!((header(0x80, 0).as_str(), header(0x80, 1).as_str()), ("NODATA", "NOERROR"));
        assert_eq!((header(0x82, 0).as_str(), word(b"short").as_str()), ("SERVFAIL", "raw"));
    }

    #[test]
    fn one_query_too_many_ends_it_and_so_does_time() {
        let mut few = ledger(2, 60_000);
        let noted = [1, 2, 3, 4].map(|id| few.query(0, Transport::Udp, &query(id)).is_some());
        assert_eq!(noted, [true, true, false, false]);
        assert_eq!((few.queries.len(), few.close().1), (2, Some(Bound::Queries)));
        let mut short = ledger(2, 0);
        assert!(short.query(0, Transport::Tcp, &query(1)).is_none());
        assert_eq!(short.close().1, Some(Bound::Time));
    }
}
