//! A pitfall narrated: a few lines of program, both images side by side, what went wrong and why, the remedy, and the same
//! program again with it. What is told comes from a run that was made for it, never from memory.

use libcdiff_protocol::{CaseInfo, Flavour};

use crate::compare::own_flavour;
use crate::pitfalls::{self, Pitfall};
use crate::plan::Selection;
use crate::runfile::{Image, Observation, RunFile};

pub mod page;
pub mod size;
pub mod steps;
pub mod telling;

/// What is told.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The explanation, where there is one.
    pub pitfall: Option<&'a Pitfall>,
    /// The case that shows it.
    pub case: &'a CaseInfo,
}

/// The subject with the run that was made for it.
pub struct Demo<'a> {
    /// What is told.
    pub subject: Subject<'a>,
    /// All cases, for those of remedies.
    pub cases: &'a [CaseInfo],
    /// What was seen.
    pub run: RunFile,
}

/// The pitfall or case of this id, as a subject.
pub fn subject<'a>(id: &str, pitfalls: &'a [Pitfall], cases: &'a [CaseInfo]) -> Option<Subject<'a>> {
    if let Some(pitfall) = pitfalls.iter().find(|p| p.id == id) {
        return Some(Subject { pitfall: Some(pitfall), case: showing(pitfall, pitfalls, cases)? });
    }
    let case = cases.iter().find(|case| case.id == id)?;
    Some(Subject { pitfall: pitfalls::of_case(pitfalls, id), case })
}

/// The case that shows a pitfall best: the one that it names, or the first that its first pattern fits.
fn showing<'a>(pitfall: &Pitfall, pitfalls: &[Pitfall], cases: &'a [CaseInfo]) -> Option<&'a CaseInfo> {
    let named = pitfall.demo.as_ref().and_then(|id| cases.iter().find(|case| &case.id == id));
    named.or_else(|| {
        let explained = |case: &&CaseInfo| pitfalls::of_case(pitfalls, &case.id).is_some_and(|p| p.id == pitfall.id);
        let fitting = |pattern: &String| cases.iter().filter(|case| pitfalls::glob(pattern, &case.id)).find(explained);
        pitfall.cases.iter().find_map(fitting)
    })
}

/// The pitfalls that people meet first, in that order.
pub fn stories(pitfalls: &[Pitfall]) -> Vec<&Pitfall> {
    pitfalls::in_order(pitfalls).into_iter().filter(|p| p.rank.is_some()).collect()
}

impl Subject<'_> {
    /// What has to run: the case with its twin, and the cases of remedies. The reference and the control are not told.
    pub fn selection(&self) -> Selection {
        let remedies = self.pitfall.iter().flat_map(|p| &p.remedies);
        let mut flavours = vec![Flavour::Gnu, Flavour::Musl];
        flavours.extend(remedies.clone().filter_map(|remedy| remedy.flavour));
        let mut cases = vec![self.case.id.clone()];
        cases.extend(self.case.needs.twin.clone());
        cases.extend(remedies.filter_map(|remedy| remedy.case.clone()));
        Selection { areas: Vec::new(), cases, flavours }
    }
}

impl Demo<'_> {
    /// What a case said in an image, with the image's own flavour or the one that is named.
    pub fn said(&self, case: &str, image: &Image, flavour: Option<Flavour>) -> Option<&Observation> {
        let flavour = flavour.unwrap_or_else(|| own_flavour(image));
        self.run.observations.iter().find(|o| o.case == case && o.image == image.id && o.flavour == flavour)
    }

    /// Whether the images differ on the case that is told.
    pub fn differs(&self) -> bool {
        self.run.differences.iter().any(|d| d.case == self.subject.case.id)
    }

    /// What is known of a case.
    pub fn info(&self, case: &str) -> Option<&CaseInfo> {
        self.cases.iter().find(|info| info.id == case)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pitfall_and_every_case_can_be_told() {
        let (pitfalls, cases) = (pitfalls::all().expect("pitfalls"), crate::bundle::cases().expect("cases"));
        for pitfall in &pitfalls {
            let subject = subject(&pitfall.id, &pitfalls, &cases).expect(&pitfall.id);
            assert_eq!(subject.pitfall.map(|p| &p.id), Some(&pitfall.id));
        }
        for case in cases.iter().step_by(20) {
            assert_eq!(subject(&case.id, &pitfalls, &cases).map(|s| &s.case.id), Some(&case.id));
        }
        assert!(subject("nothing", &pitfalls, &cases).is_none());
    }

    #[test]
    fn the_founding_stories_come_first_and_have_a_program() {
        let pitfalls = pitfalls::all().expect("pitfalls");
        let stories = stories(&pitfalls);
        let first: Vec<&str> = stories.iter().take(4).map(|p| p.id.as_str()).collect();
        assert_eq!(
            first,
            ["threads.stack-size", "alloc.design", "dns.search-domain-fails", "time.strptime-directives"]
        );
        for story in stories {
            let program = story.program.as_ref().expect("a program").trim_end();
            let wide = program.lines().map(str::len).max();
            assert!(program.lines().count() <= 15 && wide <= Some(76), "{}: too large for one screen", story.id);
        }
    }
}
