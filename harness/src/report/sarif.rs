//! SARIF 2.1.0: a rule for each pitfall, a result for each finding. What the policy accepts is there and suppressed. The few
//! members that are used are written here; the schema of the format checks them in a test.

use std::collections::BTreeMap;
use std::io;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Model;
use super::dockerfile::From;
use super::finding::{Finding, Level, level};
use super::style::clip;
use crate::check::policy::FILE as POLICY;

/// Results of a run at most, as GitHub takes them.
const MOST: usize = 25_000;

/// What a file holds, but for its results, of which there are many.
#[derive(Serialize)]
struct Log<R> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    runs: [Run<R>; 1],
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<R> {
    automation_details: Value,
    results: R,
    tool: Value,
}

/// Results, each made when it is written.
struct Results<F>(F);

impl<F: Fn() -> I, I: Iterator<Item = Value>> Serialize for Results<F> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq((self.0)())
    }
}

/// Writes the run as it is made.
///
/// # Errors
/// What the writer came back with.
pub fn write(model: &Model<'_>, dockerfile: Option<&From>, mut to: impl io::Write) -> io::Result<()> {
    let mut findings = model.findings();
    // The gravest first: those are what a reader that takes no more has to have.
    findings.sort_by_key(|finding| (finding.accepted.is_some(), finding.level() as u8));
    let mut rules: BTreeMap<&str, Value> = BTreeMap::new();
    for finding in &findings {
        rules.entry(finding.rule()).or_insert_with(|| rule(finding));
    }
    let places: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(place, id)| (*id, place)).collect();
    let found = || findings.iter().map(|finding| result(model, finding, places[finding.rule()], dockerfile));
    let results = Results(|| required(model).chain(unanswered(model, dockerfile)).chain(found()).take(MOST));
    let rules: Vec<&Value> = rules.values().collect();
    let driver = json!({"name": "libcdiff", "semanticVersion": model.run.tool.version, "rules": rules});
    let run = Run {
        automation_details: json!({"id": format!("libcdiff/{}/", names(model).join("/"))}),
        results,
        tool: json!({"driver": driver}),
    };
    let log = Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", runs: [run], version: "2.1.0" };
    serde_json::to_writer_pretty(&mut to, &log)?;
    to.write_all(b"\n")
}

fn names(model: &Model<'_>) -> Vec<String> {
    model.run.images.iter().map(|image| image.id.clone()).collect()
}

fn rule(finding: &Finding<'_>) -> Value {
    let Some(pitfall) = finding.pitfall else {
        return json!({
            "id": "unexplained",
            "shortDescription": {"text": "A difference that no pitfall explains yet"},
            "defaultConfiguration": {"level": name(Level::Warning)},
        });
    };
    let remedies: Vec<String> = pitfall.remedies.iter().map(|remedy| format!("- {}", remedy.what)).collect();
    let help = format!("{}\n\nWhy: {}\n\nRemedies:\n{}", pitfall.what, pitfall.why, remedies.join("\n"));
    json!({
        "id": pitfall.id,
        "shortDescription": {"text": pitfall.title},
        // As much as code scanning takes; the help has all of it.
        "fullDescription": {"text": clip(pitfall.what.trim(), 1024)},
        "help": {"text": help},
        "defaultConfiguration": {"level": name(level(Some(pitfall)))},
        "properties": {"tags": [pitfall.area(), pitfall.severity.to_string()]},
    })
}

fn result(model: &Model<'_>, finding: &Finding<'_>, rule: usize, dockerfile: Option<&From>) -> Value {
    let case = &finding.difference.case;
    let text = format!("{} ({case} in {})\n{}", finding.title(), finding.image.id, model.contrast(finding));
    let mut result = json!({
        "ruleId": finding.rule(),
        "ruleIndex": rule,
        "level": name(finding.level()),
        "message": {"text": text.trim_end()},
        "partialFingerprints": {"libcdiffCase/v1": fingerprint(model, finding)},
        "properties": {"case": case, "image": finding.image.reference, "attribution": finding.difference.attribution},
    });
    result["locations"] = json!([place(model, dockerfile)]);
    if let Some(accepted) = finding.accepted {
        let justification = format!("{} ({})", accepted.reason, accepted.owner);
        result["suppressions"] = json!([{"kind": "external", "status": "accepted", "justification": justification}]);
    }
    result
}

/// What the policy requires and does not get.
fn required<'a>(model: &'a Model<'_>) -> impl Iterator<Item = Value> + 'a {
    let check = model.run.check.as_ref();
    check.into_iter().flat_map(|check| {
        let file = check.policy.clone().unwrap_or_default();
        let place = move |line: usize, text: String, rule: &str| {
            json!({
                "ruleId": rule,
                "level": name(Level::Error),
                "message": {"text": text},
                "locations": [location(&file, line)],
            })
        };
        let bound = place.clone();
        let unmet =
            check.unmet().map(move |(r, why)| place(r.line, format!("{} is required: {why}", r.id), "required"));
        unmet.chain(check.exceeded().map(move |figure| bound(figure.line, super::check::figure(figure), "bound")))
    })
}

/// What a check could not ask, and the policy does not accept.
fn unanswered<'a>(model: &'a Model<'_>, dockerfile: Option<&'a From>) -> impl Iterator<Item = Value> + 'a {
    model.run.check.iter().flat_map(|check| check.silent()).map(move |one| {
        json!({
            "ruleId": "unanswered",
            "level": name(Level::Error),
            "message": {"text": format!("{} could not be asked in {}: {}", one.case, one.image, one.reason)},
            "partialFingerprints": {"libcdiffCase/v1": digest(&format!("{}\0unanswered", one.case))},
            "properties": {"case": one.case, "image": one.image},
            "locations": [place(model, dockerfile)],
        })
    })
}

/// Where a finding about an image belongs: to the line that names it, or else to the policy, which would accept it. Code scanning
/// takes no result without a place.
fn place(model: &Model<'_>, dockerfile: Option<&From>) -> Value {
    match dockerfile {
        Some(from) => location(&from.path.display().to_string(), from.line),
        None => location(model.run.check.as_ref().and_then(|check| check.policy.as_deref()).unwrap_or(POLICY), 1),
    }
}

fn location(file: &str, line: usize) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(file)},
        "region": {"startLine": line.max(1)},
    }})
}

/// A relative path as a URI.
fn uri(path: &str) -> String {
    let path = path.trim_start_matches("./");
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// What makes a finding the same in the next run: the case and how the answers differ, and not the tag of an image.
fn fingerprint(model: &Model<'_>, finding: &Finding<'_>) -> String {
    let answers = model.answers(finding.difference);
    let lines: Vec<String> = answers.iter().filter(|a| !a.reference).map(|answer| answer.lines.join("\n")).collect();
    digest(&format!("{}\0{}", finding.difference.case, lines.join("\0")))
}

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn name(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}
