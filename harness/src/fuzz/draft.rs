//! What turns a finding into a part of the suite: the row of a case that asks exactly this, and a pitfall in which what only a
//! person can say is left to be said.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::class::Class;
use super::explain::literally;
use super::input::literal;
use super::state::{Campaign, Finding, Subject};
use super::table::{differing, groups};
use super::target::Target;
use crate::exit::{Exit, Failure};

/// Writes a folder for each class that nothing explains; returns how many were written, and how many were there already: those
/// may hold what a person has said since, and stay.
///
/// # Errors
/// What the file system says.
pub fn write(campaign: &Campaign, targets: &[Target], folder: &Path) -> Result<[usize; 2], Failure> {
    let (mut count, mut kept) = (0, 0);
    for found in &campaign.targets {
        let Some(target) = targets.iter().find(|target| target.id == found.target) else { continue };
        for finding in found.classes.iter().filter(|finding| finding.pitfall.is_none()) {
            let place = folder.join(&finding.id);
            let failed = |e: std::io::Error| Failure {
                exit: Exit::Failed,
                message: format!("writing the draft {}: {e}", place.display()),
            };
            if place.exists() {
                kept += 1;
                continue;
            }
            fs::create_dir_all(&place).map_err(failed)?;
            fs::write(place.join("case.rs"), case(target, finding)).map_err(failed)?;
            fs::write(place.join("pitfall.toml"), pitfall(campaign, target, finding)).map_err(failed)?;
            count += 1;
        }
    }
    Ok([count, kept])
}

/// The id of a class's case: that of the class, below `found`.
pub fn case_id(target: &Target, finding: &Finding) -> String {
    let rest = finding.id.strip_prefix(target.area()).unwrap_or(&finding.id).trim_start_matches('.');
    format!("{}.found.{rest}", target.area())
}

/// The row for `probes/src/AREA/found.rs`.
fn case(target: &Target, finding: &Finding) -> String {
    let fields: Vec<String> = finding.class.input.0.iter().map(|field| format!("b{}", rust(field))).collect();
    let functions = target.functions.join(", ");
    format!(
        "// A row for probes/src/{area}/found.rs. Give it a better id and title, and the source of the question.\n\
         \"{id}\", \"{functions}: {line}\", \"What does {functions} make of {shown}?\",\n    \
         \"found by libcdiff fuzz\", {needs}, |o| found(o, &targets::{constant}, &[{fields}]);\n",
        area = target.area(),
        id = case_id(target, finding),
        line = finding.class.shape.line,
        shown = finding.class.input.shown(&target.fields).replace('\\', "\\\\").replace('"', "\\\""),
        needs = needs(target),
        constant = target.constant,
        fields = fields.join(", "),
    )
}

/// What has to be in place, as a row says it.
fn needs(target: &Target) -> String {
    if target.env.is_empty() {
        return "Needs::NOTHING".into();
    }
    let variables: Vec<String> = target.env.iter().map(|variable| format!("{variable:?}")).collect();
    format!("Needs::NOTHING.env(&[{}])", variables.join(", "))
}

/// Bytes as a byte string literal of Rust, without its `b`.
fn rust(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    bytes.iter().flat_map(|byte| std::ascii::escape_default(*byte)).for_each(|byte| out.push(byte as char));
    out + "\""
}

fn pitfall(campaign: &Campaign, target: &Target, finding: &Finding) -> String {
    let class = &finding.class;
    let text = |text: &str| toml::Value::String(text.into()).to_string();
    let symbols: Vec<String> = target.functions.iter().map(|name| text(name)).collect();
    let mut out = String::new();
    let _ = writeln!(
        out,
        "# A draft of a finding of `libcdiff fuzz`. What stands in capitals only a person can say; check it by a"
    );
    let _ = writeln!(
        out,
        "# C program of your own in images of both families before it goes to harness/pitfalls/{}.",
        target.area()
    );
    let _ = writeln!(out, "id = {}", text(&finding.id));
    let _ = writeln!(out, "title = {}", text(&title(target, class)));
    let _ = writeln!(out, "severity = \"wrong-result\"");
    let _ = writeln!(out, "cases = [{}]", text(&case_id(target, finding)));
    let _ = writeln!(out, "symbols = [{}]", symbols.join(", "));
    let _ = writeln!(out, "fuzz = [{}]", text(&pattern(target, class)));
    let _ = writeln!(
        out,
        "what = \"\"\"\n{}\"\"\"",
        what(campaign, target, class).replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"")
    );
    let _ = writeln!(out, "who = []");
    for name in ["why", "standard"] {
        let _ = writeln!(out, "{name} = \"\"\"\nTO BE SAID.\n\"\"\"");
    }
    let _ = writeln!(out, "sources = []\n\n[[remedies]]\nwhat = \"TO BE SAID.\"");
    out
}

fn title(target: &Target, class: &Class) -> String {
    let functions = target.functions.first().map_or(target.id.as_str(), String::as_str);
    format!("{functions} answers {} with {}", class.input.shown(&target.fields), class.shape.says.join(" or "))
}

/// What it says in `fuzz`: the line that differs, and the field that makes the class, or else what the images say.
fn pattern(target: &Target, class: &Class) -> String {
    let first = target.fields.first().zip(class.input.0.first());
    let first = first.filter(|(_, bytes)| !bytes.is_empty() && !class.is_told(target));
    let by = match first {
        Some((name, bytes)) => format!(" {}={}", name.replace(' ', "-"), literally(bytes)),
        None => class.shape.says.iter().map(|says| format!(" says={}", literally(says.as_bytes()))).collect(),
    };
    format!("{}{by} line={}", target.id, class.shape.line.replace(' ', "?"))
}

fn image(subject: &Subject) -> String {
    format!("{} ({})", subject.id, subject.libc)
}

fn what(campaign: &Campaign, target: &Target, class: &Class) -> String {
    let mut out = format!("{} is asked", target.functions.join(", "));
    for (name, field) in target.fields.iter().zip(&class.input.0) {
        let _ = write!(out, ", {name} {}", literal(field));
    }
    out.push_str(".\n");
    for (first, _) in groups(class) {
        let same =
            class.shape.groups.iter().zip(&campaign.images).filter(|(group, _)| **group == class.shape.groups[first]);
        let images: Vec<String> = same.map(|(_, subject)| image(subject)).collect();
        let _ = writeln!(out, "In {}: {}.", images.join(", "), differing(class, &class.answers[first]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::input::Input;
    use crate::fuzz::shape::Shape;

    #[test]
    fn a_row_says_what_is_asked_and_what_has_to_be_in_place() {
        let target: Target =
            serde_json::from_value(serde_json::json!({"id": "time.strptime", "constant": "strptime::TARGET",
            "what": "", "functions": ["strptime"], "fields": ["format", "text"], "domain": null, "batch": 1,
            "env": {"TZ": "UTC0"}, "network": false}))
            .expect("a target");
        let shape = Shape { groups: vec![0, 1], line: "returns".into(), says: vec!["#".into(), "NULL".into()] };
        let class = Class {
            shape,
            input: Input(vec![b"%s".to_vec(), vec![0xff]]),
            answers: vec![Vec::new(); 2],
            inputs: 1,
            alike: Vec::new(),
            ranges: Vec::new(),
            compounds: Vec::new(),
            round: 0,
        };
        let row = case(&target, &Finding::of(&target, class));
        let asks =
            r#"Needs::NOTHING.env(&[("TZ", "UTC0")]), |o| found(o, &targets::strptime::TARGET, &[b"%s", b"\xff"]);"#;
        assert!(row.contains(asks), "{row}");
    }
}
