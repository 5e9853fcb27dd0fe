//! Cases that mean nothing under emulation: what is seen is the emulator's doing, and the C library's cannot be told from it.
//! They are not run there, and are `unsupported` with the reason; which they are was measured (`doubtful.toml`).

use libcdiff_protocol::{Observation, Status};
use serde::Deserialize;

use crate::pitfalls::glob;
use crate::plan::Due;

/// The table.
#[derive(Default, Deserialize)]
struct Table {
    /// How far to trust the rest, for reports.
    trust: String,
    doubt: Vec<Doubt>,
}

/// Cases, and why they are not asked.
#[derive(Deserialize)]
struct Doubt {
    /// Patterns of case ids.
    cases: Vec<String>,
    /// What the emulator does to them.
    why: String,
}

fn table() -> Table {
    // Its form is what a test holds.
    toml::from_str(include_str!("doubtful.toml")).unwrap_or_default()
}

/// What the reason of everything begins with that was set aside.
const ASIDE: &str = "under emulation: ";

/// Whether an observation says that its case means nothing under emulation, and so nothing about a C library.
pub fn is_aside(status: Status, reason: Option<&str>) -> bool {
    status == Status::Unsupported && reason.is_some_and(|reason| reason.starts_with(ASIDE))
}

/// How far to trust what was seen under emulation.
pub fn trust() -> String {
    table().trust.trim().replace('\n', " ")
}

/// Takes out of a plan's items what means nothing under emulation, and says so in their place.
pub fn set_aside(items: &mut Vec<Due<'_>>) -> Vec<Observation> {
    let table = table().doubt;
    let why = |case: &str| table.iter().find(|doubt| doubt.cases.iter().any(|cases| glob(cases, case)));
    let mut aside = Vec::new();
    items.retain(|due| match why(due.case()) {
        Some(doubt) => {
            aside.push(unsupported(due, &doubt.why));
            false
        }
        None => true,
    });
    aside
}

/// What the emulator writes on standard error of a program that a signal ends.
const REMARK: &str = "qemu: uncaught target signal";

/// Takes an answer back that the emulator wrote into, or that may be its slowness.
pub fn take_back(seen: &mut Observation) {
    let why = match seen.status {
        Status::Timeout => "the case did not end in time, which may be the emulator's slowness",
        _ if seen.text.contains(REMARK) => "the emulator writes into the answer that a signal ended the program",
        _ => return,
    };
    seen.status = Status::Unsupported;
    seen.reason = Some(format!("{ASIDE}{why}"));
    seen.text = String::new();
    seen.values.clear();
}

fn unsupported(due: &Due<'_>, why: &str) -> Observation {
    Observation::unanswered(&due.item(), Status::Unsupported, format!("{ASIDE}{why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_the_emulator_wrote_into_or_delayed_is_none() {
        let item: libcdiff_protocol::Item = serde_json::from_str(
            r#"{"case":"strings.assert.text","flavour":"gnu","program":"gnu/strings","args":[],"limits":{"deadline_ms":1,
                "stack":1,"output_bytes":1,"disk_bytes":1,"processes":1,"address_space_bytes":1}}"#,
        )
        .expect("an item");
        let mut seen = Observation {
            status: Status::Described,
            reason: None,
            text: "output: \"failed.\\nqemu: uncaught target signal 6 (Aborted) - core dumped\\n\"".into(),
            ..unsupported(&item.into(), "x")
        };
        let mut own = Observation { text: "output: \"qemu\"".into(), ..seen.clone() };
        let mut late = Observation { status: Status::Timeout, text: "did not end".into(), ..seen.clone() };
        for seen in [&mut seen, &mut late] {
            take_back(seen);
            assert_eq!((seen.status, seen.text.as_str()), (Status::Unsupported, ""));
            assert!(is_aside(seen.status, seen.reason.as_deref()), "{:?}", seen.reason);
        }
        take_back(&mut own);
        assert_eq!((own.status, own.text.as_str()), (Status::Described, "output: \"qemu\""));
    }

    #[test]
    fn every_pattern_fits_a_case_and_every_doubt_has_a_reason() {
        let table: Table = toml::from_str(include_str!("doubtful.toml")).expect("the table");
        let cases = crate::bundle::cases().expect("cases");
        for doubt in &table.doubt {
            assert!(!doubt.why.is_empty() && !doubt.why.ends_with('.'), "{}", doubt.why);
            for pattern in &doubt.cases {
                assert!(cases.iter().any(|case| glob(pattern, &case.id)), "{pattern} fits no case");
            }
        }
    }
}
