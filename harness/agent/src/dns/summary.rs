//! The queries of a case as text to compare: which were sent, and when, on a grid of half seconds.
//!
//! Resolvers wait whole and half seconds, and an event is late by what the machine was busy with, never early. So the time
//! between two queries is rounded down to the grid, and what is left of it is forgiven: a long search in which every step
//! is a little late still happens at 0. A query that repeats a name is timed from that name's first query of the same half
//! second, as the resolvers' own timers are, and the first query for another name from the query before it.
//!
//! What two runs may swap stands in a fixed order: in one half second, server by server; in one server, names in the order
//! in which they were first asked for (a resolver asks for the next name when it has done with one), then UDP before TCP,
//! then type and answer in alphabetical order. Equal queries are counted.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use libcdiff_protocol::Query;

/// The grid.
const STEP_MS: u64 = 500;
/// How much shorter than a multiple of the grid a wait may look: the query that it starts at is itself late by the time
/// between the resolver's look at its clock and its `sendto`.
const EARLY_MS: u64 = 100;

/// One line for each kind of query and half second: `at 2.5 s: s1 udp A api.example.com. NXDOMAIN x2`.
pub fn summary(queries: &[Query]) -> String {
    if queries.is_empty() {
        return "no query".into();
    }
    let steps = steps(queries);
    let timed = || steps.iter().copied().zip(queries);
    let mut first_seen = BTreeMap::new();
    for (place, (step, q)) in timed().enumerate() {
        first_seen.entry((step, &q.server, &q.name)).or_insert(place);
    }
    let mut counts = BTreeMap::new();
    for (step, q) in timed() {
        let place = first_seen[&(step, &q.server, &q.name)];
        let udp_first = Reverse(&q.transport);
        *counts.entry((step, &q.server, place, udp_first, &q.kind, &q.rcode, &q.name)).or_insert(0u32) += 1;
    }
    let mut lines = Vec::new();
    for ((step, server, _, Reverse(transport), kind, rcode, name), count) in counts {
        let times = if count > 1 { format!(" x{count}") } else { String::new() };
        lines.push(format!("at {} s: {server} {transport} {kind} {name} {rcode}{times}", seconds(step)));
    }
    lines.join("\n")
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
pub fn outline(queries: &[Query]) -> String {
    let mut once: Vec<Query> = Vec::new();
    for q in queries {
        let q = Query { at_ms: 0, ..q.clone() };
        if !once.contains(&q) {
            once.push(q);
        }
    }
    summary(&once).replace("at 0 s: ", "")
}

/// Steps of the grid as seconds: `0`, `2.5`.
fn seconds(step: u64) -> String {
    let ms = step * STEP_MS;
    if ms.is_multiple_of(1000) { format!("{}", ms / 1000) } else { format!("{}.{}", ms / 1000, ms % 1000 / 100) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(at_ms: u64, server: &str, kind: &str, name: &str, rcode: &str) -> Query {
        let owned = |s: &str| s.to_owned();
        Query {
            at_ms,
            server: owned(server),
            transport: "udp".into(),
            name: owned(name),
            kind: owned(kind),
            rcode: owned(rcode),
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
        assert_eq!(outline(&all), "s1 udp A b.test. dropped\ns1 udp A a.test. NOERROR");
        assert_eq!(outline(&[]), "no query");
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
}
