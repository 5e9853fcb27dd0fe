//! A DNS scenario as people read it: the files that configure the resolver, what the scripted servers do, and the call.
//! What a scenario leaves as all of them have it is not told.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libcdiff_protocol::CaseInfo;
use libcdiff_protocol::dns::{Reply, Rule, Script};
use serde_json::{Map, Value};

/// What every scenario has unless it says otherwise.
const USUAL: [(&str, &str); 4] = [
    ("/etc/hosts", "127.0.0.1 localhost\n"),
    ("/etc/nsswitch.conf", "hosts: files dns\n"),
    ("/etc/host.conf", "multi on\n"),
    ("/etc/gai.conf", ""),
];

/// The scenario's lines; none for a case without servers.
pub fn tell(case: &CaseInfo) -> Option<Vec<String>> {
    let script = case.needs.dns.as_ref()?;
    let mut lines = calls(&case.needs.args);
    let mut files: Vec<_> = case.needs.files.iter().collect();
    files.sort_by_key(|(path, _)| path.as_str() != "/etc/resolv.conf");
    for (path, content) in files {
        let text = decoded(content);
        if USUAL.contains(&(path.as_str(), text.as_str())) {
            continue;
        }
        lines.push(format!("{path}:"));
        lines.extend(indented(&text));
    }
    lines.extend(case.needs.env.iter().map(|(name, value)| format!("environment: {name}={value}")));
    lines.push("servers:".into());
    lines.extend(servers(script));
    Some(lines)
}

fn decoded(content: &str) -> String {
    STANDARD.decode(content).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn indented(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(|line| format!("    {}", line.escape_debug()))
}

/// The calls in their order, with the files that are changed between them.
fn calls(args: &[String]) -> Vec<String> {
    let words: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
    let mut lines = Vec::new();
    for (n, mut part) in words.split(|word| *word == "--then").enumerate() {
        loop {
            part = match part {
                ["--file", path, content, rest @ ..] => {
                    lines.push(format!("then {path}:"));
                    lines.extend(indented(&decoded(content)));
                    rest
                }
                ["--remove", path, rest @ ..] => {
                    lines.push(format!("then {path}: is removed"));
                    rest
                }
                _ => break,
            };
        }
        lines.push(format!("{}: {}", if n == 0 { "call" } else { "then call" }, call(part)));
    }
    lines
}

fn call(words: &[&str]) -> String {
    match words {
        [function, name, options @ ..] => {
            let options: Vec<String> = options.iter().map(|option| format!(", {option}")).collect();
            format!("{function}(\"{name}\"{})", options.concat())
        }
        _ => words.join(" "),
    }
}

fn servers(script: &Script) -> Vec<String> {
    let mut lines: Vec<String> =
        script.servers.iter().enumerate().map(|(n, server)| format!("    s{} is {server}", n + 1)).collect();
    lines.extend(script.rules.iter().map(|rule| format!("    {}", self::rule(rule))));
    let last = if script.rules.is_empty() { "everything" } else { "anything else" };
    lines.push(format!("    {last}: NXDOMAIN"));
    lines
}

/// A rule: its conditions, and what happens.
fn rule(rule: &Rule) -> String {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(rule) else { return String::new() };
    let reply = fields.remove("reply").unwrap_or_default();
    let times = fields.remove("times").map(|n| if n == 1 { " (once)".into() } else { format!(" ({n} times)") });
    let mut conditions: Vec<String> = ["server", "transport", "type", "name"]
        .iter()
        .filter_map(|name| fields.remove(*name))
        .map(|v| plain(&v))
        .collect();
    conditions.extend(fields.iter().map(|(name, value)| format!("{name} {}", plain(value))));
    let conditions = if conditions.is_empty() { "everything".into() } else { conditions.join(" ") };
    format!("{conditions}: {}{}", action(&reply), times.unwrap_or_default())
}

fn action(reply: &Value) -> String {
    match reply {
        Value::Array(replies) => replies.iter().map(message).collect::<Vec<_>>().join(", then "),
        Value::String(word) if word == "drop" => "silence".into(),
        other => plain(other),
    }
}

/// One reply: response code or records, and whatever is not as usual.
fn message(reply: &Value) -> String {
    let usual = serde_json::to_value(Reply::default()).unwrap_or_default();
    let Value::Object(fields) = reply else { return plain(reply) };
    let unusual: Map<String, Value> = fields
        .iter()
        .filter(|(name, value)| usual.get(*name) != Some(*value))
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    let rcode = unusual.get("rcode").map(plain);
    let answer = unusual.get("answer").map(plain);
    let mut words: Vec<String> = rcode.into_iter().chain(answer).collect();
    if words.is_empty() && !unusual.contains_key("raw") {
        words.push("no records".into());
    }
    let others = unusual.iter().filter(|(name, _)| !["rcode", "answer"].contains(&name.as_str()));
    words.extend(others.map(|(name, value)| match (name.as_str(), value) {
        ("after_ms", value) => format!("after {value} ms"),
        (name, Value::Bool(true)) => name.replace('_', " "),
        (name, value) => format!("{name} {}", plain(value)),
    }));
    words.join(", ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_told_without_what_all_have() {
        let entry = r#"{
            "id": "dns.x", "title": "t", "question": "q?", "why": "w", "source": "s",
            "resolv_conf": "nameserver 127.0.0.11\nsearch corp.test\n",
            "env": {"RES_OPTIONS": "ndots:2"},
            "servers": ["127.0.0.11", "127.0.0.12 udp"],
            "rules": [
                {"server": "s1", "type": "A", "name": "*.corp.test.", "times": 1, "reply": {"rcode": "SERVFAIL"}},
                {"server": "s2", "reply": "drop"},
                {"name": "a.test.", "reply": [{"answer": ["A 192.0.2.1"], "after_ms": 700}, {"tc": true}]}
            ],
            "call": ["getaddrinfo", "a.test", "AF_INET"]}"#;
        let scenario: libcdiff_protocol::scenario::Scenario = serde_json::from_str(entry).expect("a scenario");
        let told = tell(&CaseInfo::from(scenario)).expect("servers");
        assert_eq!(
            told,
            [
                "call: getaddrinfo(\"a.test\", AF_INET)",
                "/etc/resolv.conf:",
                "    nameserver 127.0.0.11",
                "    search corp.test",
                "environment: RES_OPTIONS=ndots:2",
                "servers:",
                "    s1 is 127.0.0.11",
                "    s2 is 127.0.0.12 udp",
                "    s1 A *.corp.test.: SERVFAIL (once)",
                "    s2: silence",
                "    a.test.: A 192.0.2.1, after 700 ms, then no records, tc",
                "    anything else: NXDOMAIN",
            ]
        );
    }

    #[test]
    fn every_scenario_of_this_project_can_be_told() {
        for case in crate::bundle::cases().expect("the cases").iter().filter(|case| case.needs.dns.is_some()) {
            let told = tell(case).expect("a scenario");
            assert!(
                told.len() > 4 && told.iter().all(|line| !line.trim_end().ends_with(": ")),
                "{}: {told:#?}",
                case.id
            );
        }
    }
}
