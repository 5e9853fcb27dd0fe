//! The wire of one look-up as lanes, one for each image: what was asked and answered when, where nothing happened for long,
//! and what came of it. Only data; `timeline` draws it in a terminal.

use libcdiff_protocol::{CaseInfo, Query, Status};
use serde::Serialize;

use crate::runfile::{Image, Observation, RunFile};

/// A pause as long as this is a wait: what a busy machine adds to a query is shorter, and the shortest wait of a resolver
/// longer (the agent's grid has half seconds, of which a tenth is forgiven).
pub const WAIT_MS: u64 = 400;

/// One look-up as every image did it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lanes {
    /// The case.
    pub case: String,
    /// The name that the program looked up, where the case says it.
    pub asked: Option<String>,
    /// One for each image, in the order of the images.
    pub lanes: Vec<Lane>,
}

/// One image's look-up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lane {
    /// The image.
    pub image: String,
    /// Family and version of its C library.
    pub libc: String,
    /// Queries, equal ones of one moment together, in order of arrival.
    pub marks: Vec<Mark>,
    /// Where nothing happened for long.
    pub waits: Vec<Wait>,
    /// When the program ended.
    pub end_ms: u64,
    /// What the look-up brought, in a few words.
    pub result: String,
    /// Whether it brought what was asked for.
    pub found: bool,
}

/// Equal queries of one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mark {
    /// When the first of them arrived, in milliseconds since the program was started.
    pub at_ms: u64,
    /// The server: `s1` for the first one.
    pub server: String,
    /// `udp` or `tcp`.
    pub transport: String,
    /// The name, with its final dot.
    pub name: String,
    /// The name beside the one that was looked up: `+corp.test` is that with a search domain behind it.
    pub short: String,
    /// Record types, each once.
    pub types: Vec<String>,
    /// What the server answered.
    pub rcode: String,
    /// How often each type was asked for, at most.
    pub times: usize,
}

/// A stretch of time: a pause.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Wait {
    /// Its beginning: the last thing that happened before.
    pub from_ms: u64,
    /// Its end.
    pub to_ms: u64,
}

/// The lanes of a case in a run; none where no image has a wire for it.
pub fn lanes(run: &RunFile, case: &str, info: Option<&CaseInfo>) -> Option<Lanes> {
    let asked = info.and_then(|info| info.needs.args.get(2)).cloned();
    let own = |image: &Image| {
        let flavour = crate::compare::own_flavour(image);
        run.observations.iter().find(|o| o.case == case && o.image == image.id && o.flavour == flavour)
    };
    let seen = run.images.iter().filter_map(|image| own(image).map(|o| (image, o)));
    let lanes: Vec<Lane> = seen.filter_map(|(image, o)| lane(image, o, asked.as_deref())).collect();
    (!lanes.is_empty()).then(|| Lanes { case: case.to_owned(), asked, lanes })
}

fn lane(image: &Image, seen: &Observation, asked: Option<&str>) -> Option<Lane> {
    let wire = seen.wire.as_ref()?.get();
    let (marks, moments) = marks(&wire, asked);
    let last = wire.last().map_or(0, |query| query.at_ms);
    let end_ms = seen.elapsed_ms.max(last);
    let libc = image.libc.as_ref();
    let (result, found) = result(seen);
    Some(Lane {
        image: image.id.clone(),
        libc: libc.map_or(String::new(), |l| format!("{} {}", l.family, l.version.as_deref().unwrap_or("?"))),
        waits: waits(&moments, end_ms),
        marks,
        end_ms,
        result,
        found,
    })
}

/// The marks, and the moments in which they arrived.
fn marks(wire: &[Query], asked: Option<&str>) -> (Vec<Mark>, Vec<Wait>) {
    let mut marks: Vec<Mark> = Vec::new();
    let mut counts: Vec<Vec<usize>> = Vec::new();
    let mut moments: Vec<Wait> = Vec::new();
    // The first mark of the moment.
    let mut first = 0;
    for query in wire {
        match moments.last_mut() {
            Some(moment) if query.at_ms.saturating_sub(moment.to_ms) < WAIT_MS => {
                moment.to_ms = query.at_ms.max(moment.to_ms);
            }
            _ => {
                first = marks.len();
                moments.push(Wait { from_ms: query.at_ms, to_ms: query.at_ms });
            }
        }
        let same = |mark: &Mark| {
            (&mark.server, &mark.transport, &mark.name, &mark.rcode)
                == (&query.server, &query.transport, &query.name, &query.rcode)
        };
        let place = match marks[first..].iter().position(same) {
            Some(place) => first + place,
            None => {
                marks.push(mark(query, asked));
                counts.push(Vec::new());
                marks.len() - 1
            }
        };
        let kind = marks[place].types.iter().position(|kind| *kind == query.kind).unwrap_or_else(|| {
            marks[place].types.push(query.kind.clone());
            counts[place].push(0);
            marks[place].types.len() - 1
        });
        counts[place][kind] += 1;
        marks[place].times = counts[place].iter().copied().max().unwrap_or(1);
    }
    (marks, moments)
}

fn mark(query: &Query, asked: Option<&str>) -> Mark {
    Mark {
        at_ms: query.at_ms,
        server: query.server.clone(),
        transport: query.transport.clone(),
        name: query.name.clone(),
        short: asked.map_or_else(|| query.name.clone(), |asked| relative(&query.name, asked)),
        types: Vec::new(),
        rcode: query.rcode.clone(),
        times: 0,
    }
}

/// A name of the wire beside the one that was looked up.
fn relative(name: &str, asked: &str) -> String {
    let asked = asked.trim_end_matches('.');
    let bare = name.trim_end_matches('.');
    match bare.get(..asked.len()) {
        Some(start) if !asked.is_empty() && start.eq_ignore_ascii_case(asked) => match &bare[asked.len()..] {
            "" => "as it is".into(),
            rest if rest.starts_with('.') => format!("+{}", &rest[1..]),
            _ => name.to_owned(),
        },
        _ => name.to_owned(),
    }
}

/// The pauses between the moments, and behind the last one.
fn waits(moments: &[Wait], end_ms: u64) -> Vec<Wait> {
    let last_ms = moments.last().map_or(0, |moment| moment.to_ms);
    let between = moments.windows(2).map(|pair| Wait { from_ms: pair[0].to_ms, to_ms: pair[1].from_ms });
    let all = between.chain([Wait { from_ms: last_ms, to_ms: end_ms }]);
    all.filter(|wait| wait.to_ms.saturating_sub(wait.from_ms) >= WAIT_MS).collect()
}

/// What came of the look-up: the error, or the addresses, or what the case says first.
fn result(seen: &Observation) -> (String, bool) {
    if seen.status != Status::Described {
        return (seen.answer().lines().next().unwrap_or_default().to_owned(), false);
    }
    let lines = || seen.text.lines().map(str::trim).filter(|line| !line.starts_with("at ") && *line != "no query");
    let value = |name: &str| lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    match (value("return_code"), value("addresses")) {
        (Some("0"), Some(addresses)) => (addresses.to_owned(), true),
        (Some("0"), None) => (lines().nth(1).unwrap_or("done").to_owned(), true),
        (Some(error), _) => (error.to_owned(), false),
        (None, _) => (lines().next().unwrap_or("nothing").to_owned(), true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libcdiff_protocol::Flavour;

    fn query(at_ms: u64, kind: &str, name: &str, rcode: &str) -> Query {
        let query = serde_json::json!({
            "at_ms": at_ms, "server": "s1", "transport": "udp", "name": name, "type": kind, "rcode": rcode,
        });
        serde_json::from_value(query).expect("a query")
    }

    fn of(wire: Vec<Query>, text: &str, elapsed_ms: u64) -> Lane {
        let image = Image {
            id: "i".into(),
            reference: "i".into(),
            digest: None,
            os: Default::default(),
            libc: None,
            libcs: Vec::new(),
            size: Default::default(),
            kernel: String::new(),
            confinement: None,
            arch: String::new(),
            emulated_by: None,
        };
        let seen = Observation {
            case: "dns.x".into(),
            area: "dns".into(),
            image: "i".into(),
            flavour: Flavour::MuslStatic,
            status: Status::Described,
            signal: None,
            reason: None,
            text: text.into(),
            values: Default::default(),
            wire: Some(crate::held::Held::from(&wire)),
            elapsed_ms,
        };
        lane(&image, &seen, Some("api.test")).expect("a lane")
    }

    #[test]
    fn names_stand_beside_the_one_that_was_looked_up() {
        for (name, short) in [
            ("api.test.", "as it is"),
            ("API.test.", "as it is"),
            ("api.test.corp.example.", "+corp.example"),
            ("api.tested.", "api.tested."),
            ("other.", "other."),
        ] {
            assert_eq!(relative(name, "api.test"), short, "{name}");
        }
    }

    #[test]
    fn equal_queries_of_one_moment_are_one_mark() {
        let wire = vec![
            query(3, "A", "api.test.", "SERVFAIL"),
            query(3, "AAAA", "api.test.", "SERVFAIL"),
            query(9, "A", "api.test.", "SERVFAIL"),
            query(2510, "A", "api.test.", "SERVFAIL"),
        ];
        let lane = of(wire, "return_code: EAI_AGAIN\nelapsed_class: x\nat 0 s: s1", 5012);
        let marks: Vec<_> = lane.marks.iter().map(|m| (m.at_ms, m.types.join("+"), m.times)).collect();
        assert_eq!(marks, [(3, "A+AAAA".to_owned(), 2), (2510, "A".to_owned(), 1)]);
        assert_eq!(lane.waits, [Wait { from_ms: 9, to_ms: 2510 }, Wait { from_ms: 2510, to_ms: 5012 }]);
        assert_eq!((lane.result.as_str(), lane.found, lane.end_ms), ("EAI_AGAIN", false, 5012));
    }

    #[test]
    fn what_takes_no_time_has_no_wait() {
        let lane = of(vec![query(300, "A", "api.test.", "NOERROR")], "return_code: 0\naddresses: 192.0.2.1", 350);
        assert!(lane.waits.is_empty());
        assert_eq!((lane.result.as_str(), lane.found), ("192.0.2.1", true));
        let silent = of(Vec::new(), "return_code: EAI_AGAIN\nno query", 5000);
        assert_eq!(silent.waits, [Wait { from_ms: 0, to_ms: 5000 }]);
    }

    #[test]
    fn queries_at_zero_wait_too() {
        let wire = vec![query(0, "A", "api.test.", "dropped"), query(1000, "A", "api.test.", "dropped")];
        assert_eq!(of(wire, "", 1001).waits, [Wait { from_ms: 0, to_ms: 1000 }]);
    }
}
