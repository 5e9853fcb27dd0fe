//! The queries of a case as text to compare: which were sent, and when, on a grid of half seconds.
//!
//! Resolvers wait whole and half seconds. An event is late by what the machine was busy with, and never early, so its
//! time is rounded down; the time of the first query is 0, because the program's own start belongs to nobody. What two
//! runs may swap stands in a fixed order: in one half second, server by server; in one server, names in the order in
//! which they were first asked for (a resolver asks for the next name when it has done with one), then transport, type
//! and answer in alphabetical order. Equal queries are counted.

use std::collections::BTreeMap;

use libcdiff_protocol::Query;

/// The grid.
const STEP_MS: u64 = 500;
/// How much earlier than its grid line an event may be. The first query, which is the origin, is itself late by the
/// time between the resolver's look at its clock and its `sendto`.
const EARLY_MS: u64 = 100;

/// One line for each kind of query and half second: `at 2.5 s: s1 udp A api.example.com. NXDOMAIN x2`.
pub fn summary(queries: &[Query]) -> String {
    let Some(origin) = queries.iter().map(|q| q.at_ms).min() else { return "no query".into() };
    let step = |q: &Query| (q.at_ms - origin + EARLY_MS) / STEP_MS;
    let mut first_seen = BTreeMap::new();
    for (place, q) in queries.iter().enumerate() {
        first_seen.entry((step(q), &q.server, &q.name)).or_insert(place);
    }
    let mut counts = BTreeMap::new();
    for q in queries {
        let place = first_seen[&(step(q), &q.server, &q.name)];
        *counts.entry((step(q), &q.server, place, &q.transport, &q.kind, &q.rcode, &q.name)).or_insert(0u32) += 1;
    }
    let line = |((step, server, _, transport, kind, rcode, name), count): (_, u32)| -> String {
        let times = if count > 1 { format!(" x{count}") } else { String::new() };
        format!("at {} s: {server} {transport} {kind} {name} {rcode}{times}", seconds(step))
    };
    counts.into_iter().map(line).collect::<Vec<_>>().join("\n")
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
    fn arrival_across_servers_does_not_matter() {
        let one = query(0, "s1", "A", "a.test.", "SERVFAIL");
        let two = query(0, "s2", "A", "a.test.", "NXDOMAIN");
        assert_eq!(summary(&[one.clone(), two.clone()]), summary(&[two, one]));
    }

    #[test]
    fn lateness_does_not_matter_and_waiting_does() {
        let at = |times: &[u64]| {
            summary(&times.iter().map(|t| query(*t, "s1", "A", "a.test.", "SERVFAIL")).collect::<Vec<_>>())
        };
        let expected = "at 0 s: s1 udp A a.test. SERVFAIL x3\nat 2.5 s: s1 udp A a.test. SERVFAIL";
        assert_eq!(at(&[0, 0, 1, 2500]), expected);
        assert_eq!(at(&[70, 75, 300, 2560]), expected, "the program was late to start");
        assert_eq!(at(&[90, 95, 99, 2500]), expected, "the first query was late, the last was not");
        assert_eq!(at(&[0, 200, 380, 2880]), expected, "everything later and later");
        assert_ne!(at(&[0, 0, 1, 2000]), expected);
    }
}
