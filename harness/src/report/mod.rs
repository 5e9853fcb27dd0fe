//! Reports: one model of a run file, rendered as a table for a terminal, Markdown, or JSON; the wire of a look-up as lanes
//! on a time line.

use std::collections::BTreeMap;

use libcdiff_protocol::{CaseInfo, Flavour, Status};

use crate::pitfalls::Pitfall;
use crate::runfile::{Difference, Observation, RunFile};

pub mod bench;
pub mod change;
mod check;
mod deployed;
pub mod dockerfile;
pub mod escape;
pub mod finding;
pub mod github;
pub mod junit;
pub mod lanes;
pub mod markdown;
pub mod page;
pub mod sarif;
pub mod scenario;
pub mod style;
pub mod table;
pub mod timeline;
pub mod verdict;
pub mod versions;
pub mod visible;

use verdict::Shown;

/// A run file with what is needed to tell about it.
pub struct Model<'a> {
    /// The run.
    pub run: &'a RunFile,
    /// Cases by id, for their titles; a file from another version may hold others.
    pub cases: BTreeMap<&'a str, &'a CaseInfo>,
    /// Pitfalls by id.
    pub pitfalls: BTreeMap<&'a str, &'a Pitfall>,
    /// What the reference said, by case: a large run is asked for it very often.
    references: BTreeMap<&'a str, &'a Observation>,
}

/// Differences with one explanation.
pub struct Story<'a> {
    /// The explanation; none for those that nothing explains yet.
    pub pitfall: Option<&'a Pitfall>,
    /// The differences, in the order of the file.
    pub differences: Vec<&'a Difference>,
}

/// One answer in a difference, and who gave it.
pub struct Answer {
    /// Images, or flavours where there is one image; the name of the reference library.
    pub who: String,
    /// The lines of the text that not every answer shares.
    pub lines: Vec<String>,
    /// From the reference column.
    pub reference: bool,
}

impl<'a> Model<'a> {
    /// A model of `run`.
    pub fn new(run: &'a RunFile, cases: &'a [CaseInfo], pitfalls: &'a [Pitfall]) -> Self {
        Self {
            run,
            cases: cases.iter().map(|case| (case.id.as_str(), case)).collect(),
            pitfalls: pitfalls.iter().map(|pitfall| (pitfall.id.as_str(), pitfall)).collect(),
            references: run
                .observations
                .iter()
                .rev()
                .filter(|o| o.flavour == Flavour::Reference && o.status == Status::Described)
                .map(|o| (o.case.as_str(), o))
                .collect(),
        }
    }

    /// The differences by explanation: those that people meet first, then the gravest, and the unexplained last.
    pub fn stories(&self) -> Vec<Story<'a>> {
        let mut by_pitfall: BTreeMap<_, Vec<&Difference>> = BTreeMap::new();
        for difference in &self.run.differences {
            let pitfall = difference.pitfall.as_deref().and_then(|id| self.pitfalls.get(id).copied());
            let place = pitfall.map(|p| (p.rank.unwrap_or(u32::MAX), p.severity, p.id.as_str()));
            by_pitfall.entry((place.is_none(), place)).or_default().push(difference);
        }
        let pitfall = |id: Option<&str>| id.and_then(|id| self.pitfalls.get(id).copied());
        by_pitfall
            .into_iter()
            .map(|((_, place), differences)| Story { pitfall: pitfall(place.map(|(_, _, id)| id)), differences })
            .collect()
    }

    /// The same without what a check accepts.
    pub fn open_stories(&self) -> Vec<Story<'a>> {
        let mut stories = self.stories();
        if let Some(check) = &self.run.check {
            stories.iter_mut().for_each(|story| story.differences.retain(|d| check.accepts(&d.case).is_none()));
            stories.retain(|story| !story.differences.is_empty());
        }
        stories
    }

    /// The title of a case, or its id where this version does not know it.
    pub fn title(&self, case: &'a str) -> &'a str {
        self.cases.get(case).map_or(case, |info| info.title.as_str())
    }

    /// The answers of a difference: by group of the images' own flavours (of the control's where those agree), then the
    /// reference.
    pub fn answers(&self, difference: &Difference) -> Vec<Answer> {
        let seen =
            |places: &[usize]| -> Vec<&Observation> { places.iter().map(|i| &self.run.observations[*i]).collect() };
        let own =
            |o: &Observation| self.run.image(&o.image).is_some_and(|i| o.flavour == crate::compare::own_flavour(i));
        let groups: Vec<_> = difference.groups.iter().map(|g| (seen(&g.observations), g.text.as_str())).collect();
        let alone = self.run.images.len() == 1;
        let own_differ = groups.iter().filter(|(who, _)| who.iter().any(|o| own(o))).count() > 1;
        let mut answers: Vec<(String, &str, bool)> = Vec::new();
        for (who, text) in &groups {
            let names: Vec<String> = match (alone, own_differ) {
                (true, _) => who.iter().map(|o| o.flavour.to_string()).collect(),
                (false, true) => who.iter().filter(|o| own(o)).map(|o| o.image.to_string()).collect(),
                (false, false) => who.iter().map(|o| format!("{} ({})", o.image, o.flavour)).collect(),
            };
            if !names.is_empty() {
                answers.push((names.join(", "), text, false));
            }
        }
        answers.extend(self.reference(&difference.case).map(|o| (library(&o.area).to_owned(), o.text.as_str(), true)));
        distinct(answers)
    }

    /// What the reference said of a case.
    pub fn reference(&self, case: &str) -> Option<&'a Observation> {
        self.references.get(case).copied()
    }

    /// What this run showed of the pitfall's remedy at `place`.
    pub fn shown(&self, pitfall: &Pitfall, place: usize) -> Vec<Shown> {
        verdict::grouped(self.run.remedies.iter().filter(|j| j.pitfall == pitfall.id && j.remedy == place))
    }

    /// Observations that say nothing about a C library.
    pub fn broken(&self) -> impl Iterator<Item = &'a Observation> {
        self.run.observations.iter().filter(|o| o.status == Status::Broke)
    }
}

/// The library behind the reference column of an area.
fn library(area: &str) -> &'static str {
    match area {
        "time" => "chrono",
        "dns" => "hickory-resolver",
        "iconv" => "encoding_rs",
        _ => "reference",
    }
}

/// Drops the lines that all C libraries' answers share.
fn distinct(answers: Vec<(String, &str, bool)>) -> Vec<Answer> {
    let texts: Vec<Vec<&str>> = answers.iter().filter(|a| !a.2).map(|(_, text, _)| text.lines().collect()).collect();
    let shared = |line: &str| texts.iter().all(|lines| lines.contains(&line));
    answers
        .iter()
        .map(|(who, text, reference)| Answer {
            who: who.clone(),
            lines: text.lines().filter(|line| !shared(line)).map(|line| line.trim().to_owned()).collect(),
            reference: *reference,
        })
        .collect()
}
