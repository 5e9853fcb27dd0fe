//! The queries of a case as text to compare: which were sent, and when, on a grid of half seconds.
//!
//! Resolvers wait whole and half seconds, and an event is late by what the machine was busy with, never early. So the time
//! between two queries is rounded down to the grid, and what is left of it is forgiven: a long search in which every step
//! is a little late still happens at 0. A query that repeats a name is timed from that name's first query of the same half
//! second, as the resolvers' own timers are, and the first query for another name from the query before it.
//!
//! What two runs may swap stands in a fixed order: in one half second, server by server; in one server, names in the order
//! in which they were first asked for (a resolver asks for the next name when it has done with one), then UDP before TCP,
//! then type and answer in alphabetical order. Equal queries are counted. A scenario can ask for the sockets: then the
//! queries of each stand in their exact order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use libcdiff_protocol::Query;
use libcdiff_protocol::dns::Shown;

/// The grid.
const STEP_MS: u64 = 500;
/// How much shorter than a multiple of the grid a wait may look: the query that it starts at is itself late by the time
/// between the resolver's look at its clock and its `sendto`.
const EARLY_MS: u64 = 100;

/// One line for each kind of query and half second: `at 2.5 s: s1 udp A api.example.com. NXDOMAIN x2`.
pub fn summary(queries: &[Query], shown: Shown) -> String {
    if queries.is_empty() {
        return "no query".into();
    }
    if shown.any_order {
        return sorted(queries, shown);
    }
    let steps = steps(queries);
    let timed = || steps.iter().copied().zip(queries);
    let mut first_seen = BTreeMap::new();
    for (place, (step, q)) in timed().enumerate() {
        first_seen.entry((step, &q.server, &q.name)).or_insert(place);
    }
    let mut buckets: BTreeMap<_, Vec<&Query>> = BTreeMap::new();
    for (step, q) in timed() {
        let place = first_seen[&(step, &q.server, &q.name)];
        buckets.entry((step, &q.server, place, Reverse(&q.transport))).or_default().push(q);
    }
    let mut sockets = Sockets::default();
    let mut lines = Vec::new();
    for ((step, server, _, Reverse(transport)), queries) in buckets {
        let at = seconds(step);
        let what = if shown.sockets { sockets.lines(&queries, shown) } else { counted(&queries, shown) };
        lines.extend(what.iter().map(|what| format!("at {at} s: {server} {transport} {what}")));
    }
    lines.join("\n")
}

/// What a query says beside when, where and how it arrived: type, name, EDNS and flags, and what was answered.
fn what(q: &Query, shown: Shown) -> String {
    let mut text = format!("{} {}", q.kind, q.name);
    let flags = q.flags.as_deref().unwrap_or_default();
    if shown.flags && q.flags.is_some() {
        text.push_str(&format!(" [{flags}]"));
    } else if flags.split(' ').any(|flag| flag == "ad") {
        text.push_str(" [ad]");
    }
    if let Some(payload) = q.edns {
        text.push_str(&format!(" EDNS {payload}"));
    }
    format!("{text} {}", q.rcode)
}

/// Queries by type, answer and name, equal ones counted.
fn counted(queries: &[&Query], shown: Shown) -> Vec<String> {
    let mut counts = BTreeMap::new();
    for q in queries {
        *counts.entry((&q.kind, &q.rcode, what(q, shown))).or_insert(0u32) += 1;
    }
    counts.into_iter().map(|((_, _, what), count)| times(what, count)).collect()
}

fn times(what: String, count: u32) -> String {
    if count > 1 { format!("{what} x{count}") } else { what }
}

/// Names of the clients' sockets, in the order in which they stand in the text.
#[derive(Default)]
struct Sockets(Vec<(String, Option<u16>)>);

impl Sockets {
    /// Queries socket by socket, those of one in order of arrival. Sockets that sent at the same time are put into the
    /// order of what they sent.
    fn lines(&mut self, queries: &[&Query], shown: Shown) -> Vec<String> {
        let mut of_socket: BTreeMap<_, (usize, Vec<String>)> = BTreeMap::new();
        for q in queries {
            let key = (q.transport.clone(), q.port);
            let known = self.0.iter().position(|socket| *socket == key).unwrap_or(usize::MAX);
            of_socket.entry(key).or_insert((known, Vec::new())).1.push(what(q, shown));
        }
        let mut in_order: Vec<_> = of_socket.into_iter().collect();
        in_order.sort_by(|(_, a), (_, b)| a.cmp(b));
        let mut lines = Vec::new();
        for (socket, (known, sent)) in in_order {
            let place = if known == usize::MAX { self.0.len() } else { known };
            if known == usize::MAX {
                self.0.push(socket);
            }
            for equal in sent.chunk_by(|a, b| a == b) {
                lines.push(format!("socket {}: {}", place + 1, times(equal[0].clone(), equal.len() as u32)));
            }
        }
        lines
    }
}

/// What was asked for, however often, whenever and wherever; and how many servers were asked.
fn sorted(queries: &[Query], shown: Shown) -> String {
    let servers: BTreeSet<_> = queries.iter().map(|q| &q.server).collect();
    let mut counts = BTreeMap::new();
    for q in queries {
        *counts.entry(format!("{} {}", q.transport, what(q, shown))).or_insert(0u32) += 1;
    }
    let lines = counts.into_iter().map(|(what, count)| times(what, count));
    std::iter::once(format!("servers asked: {}", servers.len())).chain(lines).collect::<Vec<_>>().join("\n")
}

/// The step of the grid at which each query belongs.
fn steps(queries: &[Query]) -> Vec<u64> {
    let mut step = 0;
    // When each name was first asked for at the current step, and when anything was asked for last.
    let mut first: BTreeMap<&str, u64> = BTreeMap::new();
    let mut last = queries.first().map_or(0, |q| q.at_ms);
    let mut steps = Vec::new();
    for q in queries {
        let since = first.get(q.name.as_str()).copied().unwrap_or(last);
        let waited = (q.at_ms.saturating_sub(since) + EARLY_MS) / STEP_MS;
        if waited > 0 {
            step += waited;
            first.clear();
        }
        first.entry(&q.name).or_insert(q.at_ms);
        last = q.at_ms;
        steps.push(step);
    }
    steps
}

/// As [`summary`], without when and how often: for a resolver that repeats its queries by round-trip times of its own
/// measuring, as hickory-resolver does, and so never twice in the same way.
pub fn outline(queries: &[Query], shown: Shown) -> String {
    let shown = Shown { sockets: false, ..shown };
    let mut once: Vec<Query> = Vec::new();
    for q in queries {
        let q = Query { at_ms: 0, port: None, late_ms: None, ..q.clone() };
        if !once.contains(&q) {
            once.push(q);
        }
    }
    summary(&once, shown).replace("at 0 s: ", "")
}

/// Steps of the grid as seconds: `0`, `2.5`.
fn seconds(step: u64) -> String {
    let ms = step * STEP_MS;
    if ms.is_multiple_of(1000) { format!("{}", ms / 1000) } else { format!("{}.{}", ms / 1000, ms % 1000 / 100) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(queries: &[Query]) -> String {
        super::summary(queries, Shown::default())
    }

    fn query(at_ms: u64, server: &str, kind: &str, name: &str, rcode: &str) -> Query {
        let owned = |s: &str| s.to_owned();
        Query {
            at_ms,
            server: owned(server),
            transport: "udp".into(),
            name: owned(name),
            kind: owned(kind),
            rcode: owned(rcode),
            ..Query::default()
        }
    }

    #[test]
    fn nothing_asked_is_said() {
        assert_eq!(summary(&[]), "no query");
    }

    #[test]
    fn names_keep_their_order_and_types_do_not_matter() {
        let asked = |kinds: [&str; 2]| {
            let names = ["b.test.", "a.test."];
            let all = names.iter().flat_map(|n| kinds.map(|k| query(3, "s1", k, n, "NXDOMAIN")));
            summary(&all.collect::<Vec<_>>())
        };
        let expected = "at 0 s: s1 udp A b.test. NXDOMAIN\nat 0 s: s1 udp AAAA b.test. NXDOMAIN\n\
                        at 0 s: s1 udp A a.test. NXDOMAIN\nat 0 s: s1 udp AAAA a.test. NXDOMAIN";
        assert_eq!(asked(["A", "AAAA"]), expected);
        assert_eq!(asked(["AAAA", "A"]), expected);
    }

    #[test]
    fn an_outline_has_every_query_once() {
        let queries = [0, 333, 667, 1000].map(|t| query(t, "s1", "A", "b.test.", "dropped"));
        let next = query(2000, "s1", "A", "a.test.", "NOERROR");
        let all: Vec<_> = queries.into_iter().chain([next]).collect();
        assert_eq!(outline(&all, Shown::default()), "s1 udp A b.test. dropped\ns1 udp A a.test. NOERROR");
        assert_eq!(outline(&[], Shown::default()), "no query");
    }

    #[test]
    fn arrival_across_servers_does_not_matter() {
        let one = query(0, "s1", "A", "a.test.", "SERVFAIL");
        let two = query(0, "s2", "A", "a.test.", "NXDOMAIN");
        assert_eq!(summary(&[one.clone(), two.clone()]), summary(&[two, one]));
    }

    #[test]
    fn lateness_does_not_matter_and_waiting_does() {
        let at = |times: [u64; 4]| summary(&times.map(|t| query(t, "s1", "A", "a.test.", "SERVFAIL")));
        let expected = "at 0 s: s1 udp A a.test. SERVFAIL x3\nat 2.5 s: s1 udp A a.test. SERVFAIL";
        assert_eq!(at([0, 0, 1, 2500]), expected);
        assert_eq!(at([700, 705, 900, 3260]), expected, "the program was late to start");
        assert_eq!(at([90, 95, 99, 2500]), expected, "the first query was late, the last was not");
        assert_eq!(at([0, 200, 380, 2880]), expected, "everything later and later");
        assert_ne!(at([0, 0, 1, 2000]), expected);
    }

    #[test]
    fn a_long_search_on_a_busy_machine_happens_at_once() {
        let names = ["a.", "b.", "c.", "d.", "e."];
        let search = |pause: u64, wait: u64| {
            let mut all: Vec<_> = (0..).zip(names).map(|(i, n)| query(i * pause, "s1", "A", n, "NXDOMAIN")).collect();
            all.push(query(4 * pause + wait, "s1", "A", "e.", "NXDOMAIN"));
            summary(&all)
        };
        assert_eq!(search(300, 5300), search(1, 5000), "late at every step");
        assert!(search(300, 5300).ends_with("at 0 s: s1 udp A e. NXDOMAIN\nat 5 s: s1 udp A e. NXDOMAIN"));
    }

    #[test]
    fn the_next_name_is_timed_from_the_last_query() {
        let asked = [(0, "a."), (1000, "a."), (2020, "b.")];
        let text = summary(&asked.map(|(t, n)| query(t, "s1", "A", n, "dropped")));
        assert_eq!(text, "at 0 s: s1 udp A a. dropped\nat 1 s: s1 udp A a. dropped\nat 2 s: s1 udp A b. dropped");
    }

    #[test]
    fn edns_and_the_ad_bit_are_shown_where_they_are_and_all_flags_on_demand() {
        let plain = Query { flags: Some("rd".into()), ..query(0, "s1", "A", "a.", "NODATA") };
        let more = Query { flags: Some("rd ad".into()), edns: Some(1200), ..plain.clone() };
        assert_eq!(summary(std::slice::from_ref(&plain)), "at 0 s: s1 udp A a. NODATA");
        assert_eq!(summary(std::slice::from_ref(&more)), "at 0 s: s1 udp A a. [ad] EDNS 1200 NODATA");
        let flags = Shown { flags: true, ..Shown::default() };
        let expected = "at 0 s: s1 udp A a. [rd ad] EDNS 1200 NODATA\nat 0 s: s1 udp A a. [rd] NODATA";
        assert_eq!(super::summary(&[more, plain], flags), expected);
    }

    #[test]
    fn sockets_keep_their_order_and_get_numbers_instead_of_ports() {
        let from = |port, at_ms, kind| Query { port: Some(port), ..query(at_ms, "s1", kind, "a.", "NODATA") };
        let shown = Shown { sockets: true, ..Shown::default() };
        let one = [from(900, 0, "AAAA"), from(900, 0, "A"), from(100, 2000, "A"), from(900, 2001, "A")];
        let expected = "at 0 s: s1 udp socket 1: AAAA a. NODATA\nat 0 s: s1 udp socket 1: A a. NODATA\n\
                        at 2 s: s1 udp socket 1: A a. NODATA\nat 2 s: s1 udp socket 2: A a. NODATA";
        assert_eq!(super::summary(&one, shown), expected);
        let two = [from(7, 0, "AAAA"), from(8, 1, "A"), from(8, 2, "A")];
        let expected = "at 0 s: s1 udp socket 1: A a. NODATA x2\nat 0 s: s1 udp socket 2: AAAA a. NODATA";
        assert_eq!(super::summary(&two, shown), expected, "whichever came first");
    }

    #[test]
    fn any_order_leaves_out_when_and_where() {
        let all = [query(0, "s2", "A", "a.", "NODATA"), query(900, "s1", "A", "a.", "NODATA")];
        let shown = Shown { any_order: true, ..Shown::default() };
        assert_eq!(super::summary(&all, shown), "servers asked: 2\nudp A a. NODATA x2");
    }
}
