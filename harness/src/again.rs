//! DNS cases that are asked once more. On a machine that is busy a query can come late enough to look like another one, and
//! a look-up can take long enough for another class of time. Two signs tell: one C library that answered a case in two
//! ways, and a program or a server that had to wait for a processor. Of real nameservers everything is asked once more on
//! which images differ: who asks first waits for what the next one gets from a cache.
//!
//! Other cases ask nothing of the clock, and still have a deadline: what did not end by it may have waited for a processor all
//! the while, so it is asked once more as well.

use std::collections::BTreeSet;
use std::path::PathBuf;

use libcdiff_protocol::{CaseInfo, Flavour, Query, Status};

use crate::compare;
use crate::exit::Failure;
use crate::pitfalls;
use crate::plan::{self, Plan, Selection};
use crate::runfile::{Image, Observation, RunFile};
use crate::runner::{Runner, Subject};
use crate::text::Texts;

/// A quarter of the smallest wait that a class of time is about: above it an answer is not trusted.
const BUSY_MS: u64 = 250;
/// Cases of one image that are asked again because they did not end. Where more of them do not, the image's programs hang by
/// themselves, and each would take its deadline twice.
const MOST_HUNG: usize = 64;
/// So few wait side by side the second time that they do not get into each other's way.
const SIDE_BY_SIDE: usize = 8;

/// Asks once more, image by image and few at a time: in every image what the same C library answered in two ways, and in
/// one image what was answered there while the machine was busy, or was not answered at all. The second answers stand, whatever
/// they are.
pub fn ask(
    runner: &dyn Runner,
    images: &[(Image, PathBuf)],
    cases: &[&CaseInfo],
    selection: &Selection,
    file: &mut RunFile,
) -> Result<(), Failure> {
    let timed = |case: &CaseInfo| case.needs.dns.is_some() || case.needs.relay.is_some();
    let timed: Vec<&CaseInfo> = cases.iter().copied().filter(|case| timed(case)).collect();
    let twice = |case: &CaseInfo| {
        let one = std::slice::from_ref(case);
        let differs = || !compare::differences(one, &file.images, &file.observations, None).is_empty();
        compare::unsteady(&file.images, &file.observations, &case.id) || (case.needs.relay.is_some() && differs())
    };
    let unsteady: Vec<&str> = timed.iter().filter(|case| twice(case)).map(|case| case.id.as_str()).collect();
    let pitfalls = pitfalls::all()?;
    let remedies = pitfalls.iter().flat_map(|pitfall| &pitfall.remedies);
    let relied_on: Vec<&str> =
        remedies.filter(|r| r.flavour == Some(Flavour::Reference)).filter_map(|r| r.case.as_deref()).collect();
    let mut texts = Texts::default();
    for (image, root) in images {
        let busy: Vec<&str> = file
            .observations
            .iter()
            // The reference is never compared; where a remedy rests on it, it has to be right as well.
            .filter(|o| o.flavour != Flavour::Reference || relied_on.contains(&o.case.as_str()))
            .filter(|o| o.image == image.id && held_up_ms(o) >= BUSY_MS)
            .map(|o| o.case.as_str())
            .collect();
        let hung = hung(&file.observations, &image.id, &timed);
        let held = |id: &str| unsteady.contains(&id) || busy.contains(&id);
        let slow = timed.iter().filter(|case| held(&case.id));
        let again: Vec<&CaseInfo> =
            slow.chain(cases.iter().filter(|case| hung.contains(case.id.as_str()))).copied().collect();
        if again.is_empty() {
            continue;
        }
        let is_again = |id: &str| again.iter().any(|case| case.id == id);
        let (plan, _) = plan::plan(&again, image, selection, 1);
        let said = runner.collect(&Subject::of(image, root), Plan { waiting: SIDE_BY_SIDE, ..plan })?;
        file.observations.retain(|o| o.image != image.id || !is_again(&o.case));
        file.observations.extend(said.iter().map(|seen| Observation::placed(&image.id, seen, &mut texts)));
        file.asked_again.extend(again.iter().map(|case| case.id.clone()));
    }
    file.asked_again.sort_unstable();
    file.asked_again.dedup();
    Ok(())
}

/// The cases of an image that did not end in time, without those whose time is looked at anyway; none where they are many.
fn hung<'a>(observations: &'a [Observation], image: &str, timed: &[&CaseInfo]) -> BTreeSet<&'a str> {
    let of_image = observations.iter().filter(|o| o.image.as_str() == image && o.flavour != Flavour::Reference);
    let ended = of_image.filter(|o| o.status == Status::Timeout).map(|o| o.case.as_str());
    let hung: BTreeSet<&str> = ended.filter(|id| timed.iter().all(|case| case.id != **id)).collect();
    if hung.len() > MOST_HUNG { BTreeSet::new() } else { hung }
}

/// How long program and servers of a case waited for a processor together.
fn held_up_ms(seen: &Observation) -> u64 {
    let program = seen.values.value("run_delay_ms").and_then(|value| value.as_u64()).unwrap_or(0);
    program + late_ms(&seen.queries())
}

/// For how long some query lay at its server unread; queries that lay there together count once.
fn late_ms(queries: &[Query]) -> u64 {
    let (mut total, mut until) = (0, 0);
    for query in queries {
        let read = query.at_ms + query.late_ms.unwrap_or(0);
        total += read.saturating_sub(until.max(query.at_ms));
        until = until.max(read);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(case: &str, image: &str, flavour: Flavour, status: Status) -> Observation {
        let seen =
            libcdiff_protocol::Observation { case: case.into(), flavour, ..serde_json::from_str(SEEN).expect("one") };
        Observation { status, ..Observation::placed(image, &seen, &mut Texts::default()) }
    }

    const SEEN: &str = r#"{"case":"a.b","flavour":"gnu","status":"described","text":"","values":{},"elapsed_ms":1}"#;

    #[test]
    fn what_did_not_end_is_asked_again_unless_its_time_is_looked_at_anyway_or_everything_hangs() {
        let case = |id: &str| -> CaseInfo {
            let text = format!(r#"{{"id":"{id}","title":"t","question":"q?","source":"s"}}"#);
            serde_json::from_str(&text).expect("a case")
        };
        let timed = case("dns.servers.silent");
        let mut said = vec![
            ended("time.tzset.empty", "one", Flavour::MuslStatic, Status::Timeout),
            ended("time.tzset.empty", "one", Flavour::Musl, Status::Described),
            ended("time.tzset.unset", "one", Flavour::Reference, Status::Timeout),
            ended("time.tzset.other", "two", Flavour::Musl, Status::Timeout),
            ended("dns.servers.silent", "one", Flavour::Musl, Status::Timeout),
        ];
        assert_eq!(hung(&said, "one", &[&timed]), BTreeSet::from(["time.tzset.empty"]));
        said.extend((0..MOST_HUNG).map(|n| ended(&format!("time.n{n}"), "one", Flavour::Musl, Status::Timeout)));
        assert_eq!(hung(&said, "one", &[&timed]), BTreeSet::new());
        assert_eq!(hung(&said, "two", &[&timed]), BTreeSet::from(["time.tzset.other"]));
    }

    #[test]
    fn queries_that_lay_at_their_servers_together_count_once() {
        let at = |at_ms, late_ms| Query { at_ms, late_ms: Some(late_ms), ..Query::default() };
        assert_eq!(late_ms(&[]), 0);
        assert_eq!(late_ms(&[at(0, 100), at(10, 90), at(50, 60)]), 110);
        assert_eq!(late_ms(&[at(0, 100), at(1000, 30)]), 130);
        assert_eq!(late_ms(&[Query { at_ms: 7, ..Query::default() }]), 0, "a stream has no such time");
    }
}
