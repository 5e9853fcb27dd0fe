//! The scenario files hold together: every entry can be read, served and called, and none of them asks two servers to
//! contradict each other at the same moment, which would be a race and no observation.

use std::collections::BTreeSet;
use std::path::Path;

use libcdiff_probes::dns::steps;
use libcdiff_protocol::dns::{Action, Reply, Rule};
use libcdiff_protocol::scenario::{File, Scenario};

use super::rules::Rules;

/// Far more than a machine under load holds a program up, so that nobody sees two answers at once and has to choose.
const APART_MS: u64 = 1000;
/// Enough where both answers are the same, and only their order decides what is asked again.
const EQUAL_APART_MS: u64 = 100;

fn scenarios() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../probes/scenarios");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("the folder of scenarios") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a file");
        let file: File = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        all.extend(file.scenarios);
    }
    all
}

#[test]
fn ids_are_unique_and_every_text_is_there() {
    let mut seen = BTreeSet::new();
    for s in scenarios() {
        assert!(s.id.starts_with("dns.") && s.id.matches('.').count() == 2, "{}", s.id);
        assert!(seen.insert(s.id.clone()), "{} twice", s.id);
        assert!(s.question.ends_with('?'), "{}: a question ends in a question mark", s.id);
        assert!(s.why.ends_with('.') && !s.title.is_empty() && !s.source.is_empty(), "{}", s.id);
    }
    assert!(seen.contains("dns.search.servfail"), "an id that other tools rely on");
}

#[test]
fn every_scenario_can_be_served_and_called() {
    for s in scenarios() {
        let id = s.id.clone();
        let words: Vec<&str> = s.call.iter().map(String::as_str).collect();
        for server in s.servers.iter().filter(|server| server.address.to_string() != "127.0.0.1") {
            let line = format!("nameserver {}", server.address);
            let texts = [&s.resolv_conf].into_iter().chain(s.then.iter().flat_map(|then| then.files.values()));
            let told = texts.flat_map(|text| text.lines()).any(|other| other.trim_end() == line);
            let told = told || words.contains(&server.address.to_string().as_str());
            // A scenario may be about an address at which nobody listens; then its own server must not be asked.
            assert!(told || s.rules.is_empty(), "{id}: nobody is told of {}", server.address);
        }
        let case = libcdiff_protocol::CaseInfo::from(s);
        let arguments: Vec<&str> = case.needs.args[1..].iter().map(String::as_str).collect();
        steps::parse(&arguments).unwrap_or_else(|e| panic!("{id}: {e}"));
        Rules::compile(&case.needs.dns.expect("servers")).unwrap_or_else(|e| panic!("{id}: {e}"));
    }
}

#[test]
fn servers_never_answer_at_the_same_time() {
    for s in scenarios() {
        let replies: Vec<_> = s.rules.iter().filter_map(|rule| Some((rule.server.as_deref(), reply(rule)?))).collect();
        for (i, (server, reply)) in replies.iter().enumerate() {
            assert!(server.is_some() || s.servers.len() == 1, "{}: a reply that every server gives at once", s.id);
            for (other, others) in replies[..i].iter().filter(|(other, _)| other != server) {
                let equal = Reply { after_ms: 0, ..(*reply).clone() } == Reply { after_ms: 0, ..(*others).clone() };
                let apart = if equal { EQUAL_APART_MS } else { APART_MS };
                assert!(reply.after_ms.abs_diff(others.after_ms) >= apart, "{}: {server:?} and {other:?}", s.id);
            }
        }
    }
}

/// What a rule sends first; `None` for silence.
fn reply(rule: &Rule) -> Option<&Reply> {
    match &rule.reply {
        Action::Reply(replies) => replies.iter().min_by_key(|r| r.after_ms),
        Action::Drop | Action::Close | Action::Reset => None,
    }
}
