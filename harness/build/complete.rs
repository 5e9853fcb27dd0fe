//! Whether the tables hold together: every case says where it is from, every pitfall is whole, and every name in one table
//! is there in the other. The build runs it, so that a mistake is seen before anything else is; each message names the file
//! and what to do.
//!
//! It reads as little of the files as it needs. That they are of the right form is seen when the program reads them.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// The tables, each text with the file it is from.
pub struct Tables {
    /// Cases that are code: the manifest that the probes print of themselves, one JSON object a line.
    pub manifest: String,
    /// What can be fuzzed: the list that the worker prints of itself, one JSON object a line.
    pub targets: String,
    /// Files of `probes/scenarios`.
    pub scenarios: Vec<(String, String)>,
    /// Files of `harness/pitfalls`, by their path in it: `time/zone-no-data.toml`.
    pub pitfalls: Vec<(String, String)>,
}

/// What is wrong with the tables; nothing if all is well.
pub fn mistakes(tables: &Tables) -> Vec<String> {
    let mut found = Vec::new();
    let cases = cases(tables, &mut found);
    let mut places: BTreeMap<&str, &str> = BTreeMap::new();
    for case in &cases {
        found.extend(case.mistakes());
        if let Some(first) = places.insert(&case.id, &case.file) {
            found.push(format!(
                "{}: the id `{}` is used twice, first in {first}: give one of them another",
                case.file, case.id
            ));
        }
    }
    for case in &cases {
        if let Some(twin) = case.twin.as_deref().filter(|twin| !places.contains_key(twin)) {
            found.push(format!("{}: `{}` has the twin `{twin}`, and there is no such case", case.file, case.id));
        }
    }
    let targets = targets(&tables.targets);
    let mut pitfalls: BTreeMap<String, String> = BTreeMap::new();
    for (name, text) in &tables.pitfalls {
        let file = format!("harness/pitfalls/{name}");
        match text.parse::<Table>() {
            Ok(table) => {
                let id = word(&table, "id");
                found.extend(pitfall(&table, &places).into_iter().map(|what| format!("{file}: {what}")));
                let strays = words(&table, "fuzz").into_iter().filter_map(|pattern| stray(&pattern, &targets));
                found.extend(strays.map(|what| format!("{file}: {what}")));
                found.extend(misplaced(&id, name).map(|what| format!("{file}: {what}")));
                if let Some(first) = pitfalls.insert(id.clone(), file.clone()) {
                    found.push(format!(
                        "{file}: the id `{id}` is used twice, first in {first}: give one of them another"
                    ));
                }
            }
            Err(error) => found.push(format!("{file}: it does not read: {error}")),
        }
    }
    found
}

/// What counts of a case.
struct Case {
    file: String,
    id: String,
    title: String,
    question: String,
    source: String,
    twin: Option<String>,
}

fn cases(tables: &Tables, found: &mut Vec<String>) -> Vec<Case> {
    let mut cases = Vec::new();
    for line in tables.manifest.lines() {
        match serde_json::from_str::<serde_json::Value>(line) {
            Ok(entry) => {
                let word = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
                let area = word("id").split('.').next().unwrap_or_default().to_owned();
                cases.push(Case {
                    file: format!("probes/src/{area}"),
                    id: word("id"),
                    title: word("title"),
                    question: word("question"),
                    source: word("source"),
                    twin: entry["needs"]["twin"].as_str().map(str::to_owned),
                });
            }
            Err(error) => {
                found.push(format!("target/probes/cases.jsonl: a line does not read ({error}): run `make probes`"))
            }
        }
    }
    for (name, text) in &tables.scenarios {
        let file = format!("probes/scenarios/{name}");
        match text.parse::<Table>() {
            Ok(table) => {
                let entries = table.get("scenario").and_then(Value::as_array).into_iter().flatten();
                cases.extend(entries.filter_map(Value::as_table).map(|entry| Case {
                    file: file.clone(),
                    id: word(entry, "id"),
                    title: word(entry, "title"),
                    question: word(entry, "question"),
                    source: word(entry, "source"),
                    twin: None,
                }));
            }
            Err(error) => found.push(format!("{file}: it does not read: {error}")),
        }
    }
    cases
}

impl Case {
    fn mistakes(&self) -> Vec<String> {
        let needed = [
            ("an id", &self.id, "`area.words`"),
            ("a title", &self.title, "a few words"),
            ("a question", &self.question, "one sentence"),
            ("a source", &self.source, "the POSIX clause, manual page, commit or bug that the question comes from"),
        ];
        let lacking = needed.into_iter().filter(|(_, text, _)| text.trim().is_empty());
        lacking
            .map(|(what, _, hint)| format!("{}: the case `{}` has not {what}: give {hint}", self.file, self.id))
            .collect()
    }
}

/// What one pitfall lacks. `places` are the cases that there are.
fn pitfall(table: &Table, places: &BTreeMap<&str, &str>) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["id", "title", "severity", "what", "why", "standard"] {
        if word(table, name).trim().is_empty() {
            found.push(format!("`{name}` is missing or empty: say it"));
        }
    }
    let (patterns, remedies) = (words(table, "cases"), remedies(table));
    if words(table, "sources").is_empty() {
        found.push("it has no sources: name the source files, clauses or bugs that it was checked against".into());
    }
    if remedies.is_empty() {
        found.push(
            "it has no remedy: say what to do, in a [[remedies]] table, if only which of the two to choose".into(),
        );
    }
    if words(table, "affects").is_empty() {
        found.push("it hits nobody: name families and versions in `affects`, such as \"musl <1.2.6\"".into());
    }
    if words(table, "symbols").is_empty() {
        found.push("it is about no function: name those of the C library in `symbols`, as CONTRIBUTING.md says".into());
    }
    found.extend(words(table, "symbols").iter().filter_map(|entry| misspelt(entry)));
    if patterns.is_empty() {
        found.push("`cases` is empty: name the cases that show it".into());
    }
    for pattern in &patterns {
        let matcher = wildmatch::WildMatch::new(pattern);
        if !places.keys().any(|case| matcher.matches(case)) {
            found.push(format!("no case fits the pattern `{pattern}`: correct it, or add the case it is for"));
        }
    }
    let demo = table.get("demo").and_then(Value::as_str).map(|case| ("`demo`".to_owned(), case));
    let named = remedies
        .iter()
        .enumerate()
        .filter_map(|(n, remedy)| Some((format!("remedy {}", n + 1), remedy.get("case").and_then(Value::as_str)?)));
    for (who, case) in demo.into_iter().chain(named) {
        if !places.contains_key(case) {
            found.push(format!("{who} names the case `{case}`, which does not exist: correct it, or add the case"));
        }
    }
    found.extend(remedies.iter().enumerate().filter_map(|(n, remedy)| unjudged(n + 1, remedy)));
    found
}

fn unjudged(number: usize, remedy: &Table) -> Option<String> {
    let judged = ["expect", "at_least", "at_most", "flavour"].into_iter().find(|name| remedy.contains_key(*name));
    let alone = judged.filter(|_| !remedy.contains_key("case"));
    match (word(remedy, "what").trim().is_empty(), alone) {
        (true, _) => Some(format!("remedy {number} has no `what`: say what to do")),
        (false, Some(name)) => {
            Some(format!("remedy {number} has `{name}` and no `case` that it could be seen in: name it"))
        }
        (false, None) => None,
    }
}

/// What is wrong with an entry of `symbols`; whether C libraries have the functions is for a test to see.
fn misspelt(entry: &str) -> Option<String> {
    const FEATURES: [&str; 11] = [
        "loader",
        "constructors",
        "preinit",
        "executable-stack",
        "initial-exec-library",
        "packed-relocations",
        "ifunc",
        "rpath",
        "runpath",
        "versions",
        "own-malloc",
    ];
    let is_name = |name: &str| {
        let symbol = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '*' | '?'));
        symbol && name.chars().any(|c| c.is_ascii_alphanumeric())
    };
    let fits = |name: &str| match name.strip_prefix("elf:") {
        Some(feature) => FEATURES.contains(&feature),
        None => is_name(name) || name == "@answer",
    };
    let alone = entry.contains("@answer") && entry != "@answer";
    let entry = entry.split_once(": ").map_or(entry, |(_, names)| names);
    let bad = entry.split_whitespace().find(|name| !fits(name)).or(alone.then_some(entry));
    bad.map(|bad| format!("`symbols` names `{bad}`, which is neither a function nor a pattern, @answer alone, or elf: with a known word"))
}

/// The fields of each target, as patterns name them.
fn targets(list: &str) -> BTreeMap<String, Vec<String>> {
    let entries = list.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().replace(' ', "-");
    let fields = |entry: &serde_json::Value| entry["fields"].as_array().into_iter().flatten().map(text).collect();
    entries.map(|entry| (text(&entry["id"]), fields(&entry))).collect()
}

/// What is wrong with an entry of `fuzz`: a target and fields that there are, or `line`, or `says`.
fn stray(pattern: &str, targets: &BTreeMap<String, Vec<String>>) -> Option<String> {
    let mut words = pattern.split_whitespace();
    let matcher = wildmatch::WildMatch::new(words.next().unwrap_or_default());
    let names: Vec<&str> = words.map(|word| word.split_once('=').map_or(word, |(name, _)| name)).collect();
    let always = ["line", "says"];
    let fits =
        |fields: &Vec<String>| names.iter().all(|name| always.contains(name) || fields.iter().any(|f| f == name));
    let fit = targets.iter().any(|(id, fields)| matcher.matches(id) && fits(fields));
    (!fit).then(|| {
        format!("`fuzz` has `{pattern}`, and no target of that name has those fields: `libcdiff fuzz --list --json` prints them")
    })
}

/// The folder is the area.
fn misplaced(id: &str, name: &str) -> Option<String> {
    let area = id.split('.').next().unwrap_or_default();
    let folder = name.split('/').next().unwrap_or_default();
    (area != folder || !id.contains('.')).then(|| {
        format!("its id `{id}` does not begin with `{folder}.`: rename it, or move the file to the folder of its area")
    })
}

fn word(table: &Table, name: &str) -> String {
    table.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn words(table: &Table, name: &str) -> Vec<String> {
    let all = table.get(name).and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn remedies(table: &Table) -> Vec<Table> {
    let all = table.get("remedies").and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_table).cloned().collect()
}
