//! The answer: one JSON line for a block, and one for each row of the list.

use std::ffi::c_int;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::sys::entry;
use crate::workload::{TABLE, Workload};

/// Why there are no figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The workload cannot run here.
    Unsupported(String),
    /// The program could not do its work, or something else than what was meant is under test.
    Broke(String),
}

/// The line of a block, and the exit code that goes with it.
pub fn line(case: &str, workload: &str, answer: Result<Map<String, Value>, Refusal>) -> (String, c_int) {
    match answer {
        Ok(values) => (write(case, "described", None, workload, values), entry::DESCRIBED),
        Err(Refusal::Unsupported(reason)) => {
            (write(case, "unsupported", Some(reason), "", Map::new()), entry::UNSUPPORTED)
        }
        Err(Refusal::Broke(reason)) => (broke(case, reason, Map::new()), entry::BROKE),
    }
}

/// The line of a block that came to nothing.
pub fn broke(case: &str, reason: String, values: Map<String, Value>) -> String {
    write(case, "broke", Some(reason), "", values)
}

fn write(case: &str, status: &str, reason: Option<String>, text: &str, values: Map<String, Value>) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        case: &'a str,
        status: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        text: &'a str,
        values: Map<String, Value>,
    }
    serde_json::to_string(&Line { case, status, reason, text, values }).unwrap_or_default() + "\n"
}

/// The list, a line for each workload.
pub fn list() -> String {
    TABLE.iter().map(|row| row_of(row).to_string() + "\n").collect()
}

fn row_of(row: &Workload) -> Value {
    json!({
        "workload": row.name, "title": row.title, "models": row.models, "parameters": row.parameters,
        "source": row.source, "kind": row.kind, "subject": row.subject, "threads": row.threads, "unit": row.unit,
        "headline": row.headline,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measured_block_is_one_line() {
        let values = Map::from_iter([("threads".to_owned(), json!(2))]);
        let (line, code) = line("bench.churn", "churn", Ok(values));
        let expected = r#"{"case":"bench.churn","status":"described","text":"churn","values":{"threads":2}}"#;
        assert_eq!((line.as_str(), code), (format!("{expected}\n").as_str(), 0));
    }

    #[test]
    fn a_refusal_gives_its_reason_and_no_text() {
        let (broke, code) = line("bench.churn", "churn", Err(Refusal::Broke("not \"live\"".into())));
        let expected = r#"{"case":"bench.churn","status":"broke","reason":"not \"live\"","text":"","values":{}}"#;
        assert_eq!((broke.as_str(), code), (format!("{expected}\n").as_str(), 70));
        let (line, code) = line("bench.churn", "churn", Err(Refusal::Unsupported("one processor".into())));
        assert!(line.contains(r#""status":"unsupported","reason":"one processor""#) && code == 77, "{line}");
    }

    #[test]
    fn the_list_has_a_line_for_each_row_with_every_field() {
        let text = list();
        let rows: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        assert_eq!(rows.len(), TABLE.len());
        let fields =
            ["workload", "title", "models", "parameters", "source", "kind", "subject", "threads", "unit", "headline"];
        assert!(rows.iter().all(|row| fields.iter().all(|field| row.get(field).is_some())), "{text}");
        assert_eq!(
            (&rows[0]["workload"], &rows[0]["kind"], &rows[0]["subject"]),
            (&json!("pair-warm"), &json!("time"), &json!("alloc"))
        );
    }
}
