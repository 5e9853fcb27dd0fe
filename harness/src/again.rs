//! DNS cases that are asked once more. On a machine that is busy a query can come late enough to look like another one, and
//! a look-up can take long enough for another class of time. Two signs tell: one C library that answered a case in two
//! ways, and a program or a server that had to wait for a processor. Of real nameservers everything is asked once more on
//! which images differ: who asks first waits for what the next one gets from a cache.

use std::path::PathBuf;

use libcdiff_protocol::{CaseInfo, Flavour, Query};

use crate::compare;
use crate::exit::Failure;
use crate::pitfalls;
use crate::plan::{self, Plan, Selection};
use crate::runfile::{Image, Observation, RunFile};
use crate::runner::{Runner, Subject};
use crate::text::Texts;

/// A quarter of the smallest wait that a class of time is about: above it an answer is not trusted.
const BUSY_MS: u64 = 250;
/// So few wait side by side the second time that they do not get into each other's way.
const SIDE_BY_SIDE: usize = 8;

/// Asks once more, image by image and few at a time: in every image what the same C library answered in two ways, and in
/// one image what was answered there while the machine was busy. The second answers stand, whatever they are.
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
        let again: Vec<&CaseInfo> = timed
            .iter()
            .copied()
            .filter(|case| unsteady.contains(&case.id.as_str()) || busy.contains(&case.id.as_str()))
            .collect();
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

    #[test]
    fn queries_that_lay_at_their_servers_together_count_once() {
        let at = |at_ms, late_ms| Query { at_ms, late_ms: Some(late_ms), ..Query::default() };
        assert_eq!(late_ms(&[]), 0);
        assert_eq!(late_ms(&[at(0, 100), at(10, 90), at(50, 60)]), 110);
        assert_eq!(late_ms(&[at(0, 100), at(1000, 30)]), 130);
        assert_eq!(late_ms(&[Query { at_ms: 7, ..Query::default() }]), 0, "a stream has no such time");
    }
}
