//! Findings: the differences of a run as programs take them that know nothing of C libraries. Each is about one image, which
//! answers otherwise than the first one.

use std::fmt::Write;

use libcdiff_protocol::Flavour;

use crate::check::record::Accepted;
use crate::compare::own_flavour;
use crate::pitfalls::{Pitfall, Severity};
use crate::runfile::{Difference, Image};

use super::Model;

/// A difference between an image and the one that it is compared with.
pub struct Finding<'a> {
    /// The difference.
    pub difference: &'a Difference,
    /// The image that answers otherwise than the first.
    pub image: &'a Image,
    /// What explains it.
    pub pitfall: Option<&'a Pitfall>,
    /// What accepts it.
    pub accepted: Option<&'a Accepted>,
}

/// How grave a finding is for whoever shows it beside code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Programs fail or go wrong.
    Error,
    /// Programs get slow, or nobody knows yet.
    Warning,
    /// Harmless to most.
    Note,
}

impl<'a> Model<'a> {
    /// Every finding, by image and case.
    pub fn findings(&self) -> Vec<Finding<'a>> {
        let of_image = |image: &'a Image| {
            let differs = move |d: &&Difference| self.answers_otherwise(d, image);
            self.run.differences.iter().filter(differs).map(move |difference| Finding {
                difference,
                image,
                pitfall: difference.pitfall.as_deref().and_then(|id| self.pitfalls.get(id).copied()),
                accepted: self.run.check.as_ref().and_then(|check| check.accepts(&difference.case)),
            })
        };
        self.images_checked().flat_map(of_image).collect()
    }

    /// The images that are compared with the first one; where there is one alone, its flavours are compared.
    pub fn images_checked(&self) -> impl Iterator<Item = &'a Image> {
        let skipped = usize::from(self.run.images.len() > 1);
        self.run.images.iter().skip(skipped)
    }

    /// Whether an image's own C library, or the control in it, answers otherwise than in the first image.
    fn answers_otherwise(&self, difference: &Difference, image: &Image) -> bool {
        let Some(first) = self.run.images.first().filter(|first| first.id != image.id) else { return true };
        let group = |image: &Image, flavour: Flavour| {
            let holds = |place: &usize| {
                self.run.observations.get(*place).is_some_and(|o| o.image == image.id && o.flavour == flavour)
            };
            difference.groups.iter().position(|group| group.observations.iter().any(holds))
        };
        let pairs = [
            (group(first, own_flavour(first)), group(image, own_flavour(image))),
            (group(first, Flavour::MuslStatic), group(image, Flavour::MuslStatic)),
        ];
        // What was not run in one of them is no answer.
        pairs.into_iter().any(|(one, other)| matches!((one, other), (Some(one), Some(other)) if one != other))
    }

    /// What an image and the first one answer, in a few lines of plain text.
    pub fn contrast(&self, finding: &Finding<'_>) -> String {
        let mut text = String::new();
        for answer in self.answers(finding.difference).iter().filter(|answer| !answer.reference) {
            let said =
                if answer.lines.is_empty() { "(only what all share)".to_owned() } else { answer.lines.join("\n  ") };
            let _ = writeln!(text, "{}:\n  {said}", answer.who);
        }
        text
    }
}

impl Finding<'_> {
    /// The rule that it breaks: the pitfall, or that nothing explains it.
    pub fn rule(&self) -> &str {
        self.pitfall.map_or("unexplained", |pitfall| pitfall.id.as_str())
    }

    /// How grave it is.
    pub fn level(&self) -> Level {
        level(self.pitfall)
    }

    /// What it is, in a sentence.
    pub fn title(&self) -> &str {
        self.pitfall.map_or("no pitfall explains this yet", |pitfall| pitfall.title.as_str())
    }
}

/// A severity in one word, as selectors and filters take it.
pub fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Breaks => "breaks",
        Severity::WrongResult => "wrong-result",
        Severity::Slow => "slow",
        Severity::Cosmetic => "cosmetic",
    }
}

/// How grave what a pitfall explains is.
pub fn level(pitfall: Option<&Pitfall>) -> Level {
    match pitfall.map(|pitfall| pitfall.severity) {
        Some(Severity::Breaks | Severity::WrongResult) => Level::Error,
        Some(Severity::Slow) | None => Level::Warning,
        Some(Severity::Cosmetic) => Level::Note,
    }
}
