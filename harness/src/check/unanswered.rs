//! What a check could not ask: a probe that broke, a program that cannot start in an image, a case that was set aside under
//! emulation. Such a case is compared with nothing, so nothing may be said of it; least of all that it is accepted.

use std::collections::{BTreeMap, BTreeSet};

use libcdiff_protocol::{Flavour, Status};

use super::record::Unanswered;
use crate::compare::own_flavour;
use crate::machines::doubtful;
use crate::runfile::{Image, Observation, RunFile};

/// A run of a check, by what each image said.
struct Seen<'a> {
    run: &'a RunFile,
    flavours: &'a [Flavour],
    by_place: BTreeMap<(&'a str, &'a str, Flavour), &'a Observation>,
}

/// Cases that were not answered where an answer is compared, in the order of the run. The first image is the measure; where it
/// is `kept`, in a baseline, cases that it does not know are new and no matter of this. `flavours` is the user's choice; empty
/// for all.
pub fn unanswered(run: &RunFile, kept: bool, flavours: &[Flavour]) -> Vec<Unanswered> {
    let Some((measure, checked)) = run.images.split_first() else { return Vec::new() };
    let by_place = run.observations.iter().map(|o| ((o.case.as_str(), o.image.as_str(), o.flavour), o)).collect();
    let seen = Seen { run, flavours, by_place };
    let asked = run.observations.iter().filter(|o| o.flavour != Flavour::Reference).map(|o| o.case.as_str());
    let cases: BTreeSet<&str> = asked.collect();
    let mut all = Vec::new();
    for case in cases {
        let before = seen.silence(measure, case);
        for image in checked {
            let after = seen.silence(image, case);
            let of =
                |image: &Image, reason: String| Unanswered { case: case.to_owned(), image: image.id.clone(), reason };
            match (&before, after) {
                (None, None) => {}
                (Some(_), _) if kept => {}
                (_, Some(reason)) => all.push(of(image, reason)),
                (Some(reason), None) => all.push(of(measure, reason.clone())),
            }
        }
    }
    all
}

impl Seen<'_> {
    /// Why nothing can be compared with what an image said of a case; `None` where something can.
    fn silence(&self, image: &Image, case: &str) -> Option<String> {
        let flavour = self.flavour(image);
        match self.by_place.get(&(case, image.id.as_str(), flavour)) {
            None => Some(self.not_run(image, flavour)),
            Some(o) if o.status == Status::Broke || doubtful::is_aside(o.status, o.reason.as_deref()) => {
                Some(o.answer().into())
            }
            Some(_) => None,
        }
    }

    /// The flavour whose answers are compared: the image's own, or the control where the user chose nothing else.
    fn flavour(&self, image: &Image) -> Flavour {
        let chosen = |image: &Image| self.flavours.contains(&own_flavour(image));
        match self.flavours.is_empty() || self.run.images.iter().any(chosen) {
            true => own_flavour(image),
            false => Flavour::MuslStatic,
        }
    }

    fn not_run(&self, image: &Image, flavour: Flavour) -> String {
        if !self.flavours.is_empty() && !self.flavours.contains(&flavour) {
            return format!("--flavour leaves out {flavour}, which is this image's own");
        }
        let dropped = self.run.dropped.iter().find(|d| d.image == image.id && d.flavour == flavour);
        dropped.map_or_else(|| "it was not run".to_owned(), |d| d.reason.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = include_str!("../../tests/fixtures/run.json");
    const CASE: &str = "threads.stack.default";

    fn run() -> RunFile {
        RunFile::parse(RUN).expect("a run file")
    }

    fn own(run: &mut RunFile, image: usize) -> &mut Observation {
        let (id, flavour) = (run.images[image].id.clone(), own_flavour(&run.images[image]));
        let fits = |o: &&mut Observation| o.case == CASE && o.image == id && o.flavour == flavour;
        run.observations.iter_mut().find(fits).expect("an observation")
    }

    fn told(run: &RunFile, kept: bool, flavours: &[Flavour]) -> Vec<(String, String, String)> {
        unanswered(run, kept, flavours).into_iter().map(|u| (u.case, u.image, u.reason)).collect()
    }

    #[test]
    fn what_every_image_answered_is_not_among_it() {
        assert_eq!(told(&run(), false, &[]), []);
        let mut run = run();
        // No function of this name: that is an answer, and a difference.
        own(&mut run, 1).status = Status::Unsupported;
        own(&mut run, 1).reason = Some("no such function".into());
        assert_eq!(told(&run, false, &[]), []);
    }

    #[test]
    fn a_probe_that_broke_says_nothing_on_either_side() {
        for (image, kept, counts) in [(1, false, true), (1, true, true), (0, false, true), (0, true, false)] {
            let mut run = run();
            own(&mut run, image).status = Status::Broke;
            own(&mut run, image).reason = Some("no lines".into());
            let expected = (CASE.to_owned(), run.images[image].id.clone(), "broke: no lines".to_owned());
            let expected: Vec<_> = counts.then_some(expected).into_iter().collect();
            assert_eq!(told(&run, kept, &[]), expected, "image {image}, kept {kept}");
        }
    }

    #[test]
    fn what_was_set_aside_or_dropped_is_told_with_its_reason() {
        let mut aside = run();
        own(&mut aside, 1).status = Status::Unsupported;
        own(&mut aside, 1).reason = Some("under emulation: signals".into());
        assert_eq!(told(&aside, false, &[])[0].2, "unsupported: under emulation: signals");

        let mut dropped = run();
        let (id, flavour) = (dropped.images[1].id.clone(), own_flavour(&dropped.images[1]));
        let cases: BTreeSet<String> = dropped.observations.iter().map(|o| o.case.to_string()).collect();
        dropped.observations.retain(|o| o.image != id || o.flavour != flavour);
        let reason = "its loader is elsewhere".to_owned();
        dropped.dropped.push(crate::runfile::Dropped {
            image: id,
            flavour,
            cases: cases.len(),
            reason: reason.clone(),
        });
        let all = told(&dropped, false, &[]);
        assert!(all.len() == cases.len() && all.iter().all(|(_, _, why)| *why == reason), "{all:?}");
    }

    #[test]
    fn a_choice_of_flavours_is_no_silence_unless_nothing_is_left_to_compare() {
        assert_eq!(told(&run(), false, &[Flavour::MuslStatic]), [], "the control is compared");
        let mut run = run();
        run.observations.retain(|o| o.flavour == Flavour::Musl);
        let all = told(&run, false, &[Flavour::Musl]);
        assert!(
            !all.is_empty()
                && all
                    .iter()
                    .all(|(_, image, why)| *image == run.images[0].id && why.contains("--flavour leaves out gnu"))
        );
    }
}
