//! What a check came to, as the run file keeps it: every other format is rendered from there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bench::statistics::Interval;

/// What a check came to.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Check {
    /// What the image was compared with: the reference of an image, or the baseline's file.
    pub against: String,
    /// The policy's file; null where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The changes that the policy accepts; every other difference of the run is not accepted.
    pub accepted: Vec<Accepted>,
    /// What the policy requires.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<Requirement>,
    /// Figures of a bench file that the policy bounds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// Lines of the policy whose entries accepted nothing this time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub idle_lines: Vec<usize>,
    /// Cases that the baseline does not know, because it was made before them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new_cases: Vec<String>,
    /// Cases of the baseline that this version does not have, or that were not selected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_cases: Vec<String>,
    /// Cases that could not be asked where an answer is compared; those that the policy accepts are among `accepted` too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unanswered: Vec<Unanswered>,
    /// The program that alone counts, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<ForProgram>,
    /// How many changes are not accepted, cases not answered, requirements not met and bounds exceeded; and files of the program that
    /// do not start.
    pub found: usize,
}

/// What a check for one program adds.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct ForProgram {
    /// The program, folder or image.
    pub subject: String,
    /// Differences that do not touch it.
    pub left_out: usize,
    /// What keeps its files from starting in the new image as they are. It counts where both C libraries are of one family: a program
    /// that goes to another has to be built for it anyway.
    pub stopped: Vec<String>,
    /// Whether that counts.
    pub must_start: bool,
}

impl ForProgram {
    /// What counts of it as found.
    pub fn found(&self) -> usize {
        if self.must_start { self.stopped.len() } else { 0 }
    }
}

/// A case that could not be asked in an image.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Unanswered {
    /// The case.
    pub case: String,
    /// The image's id.
    pub image: String,
    /// Why: what broke, why no program of this kind starts there, or what an emulator spoils.
    pub reason: String,
}

/// A change that the policy accepts.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Accepted {
    /// The case.
    pub case: String,
    /// The line of the entry in the policy.
    pub line: usize,
    /// Why.
    pub reason: String,
    /// Whom to ask.
    pub owner: String,
    /// The last day, as 2027-03-31.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// A case or a pitfall that the project depends on.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Requirement {
    /// Its id.
    pub id: String,
    /// The line in the policy.
    pub line: usize,
    /// Why it is not met; null where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmet: Option<String>,
}

/// A figure and its bound.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Figure {
    /// The workload.
    pub workload: String,
    /// Its threads.
    pub threads: u32,
    /// What was measured: an image with an allocator.
    pub subject: String,
    /// How many times the baseline's time, with its interval of 95 %.
    pub ratio: Interval,
    /// The bound.
    pub at_most: f64,
    /// The line in the policy.
    pub line: usize,
    /// What the one says of the other.
    pub standing: Standing,
}

/// How a ratio stands to its bound.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// The whole interval is at or below it.
    Within,
    /// The interval holds it: more rounds would tell.
    Undecided,
    /// The whole interval is above it.
    Exceeded,
}

impl Standing {
    /// Of this ratio to this bound.
    pub fn of(ratio: &Interval, at_most: f64) -> Self {
        match (ratio.high <= at_most, ratio.low > at_most) {
            (true, _) => Self::Within,
            (_, true) => Self::Exceeded,
            _ => Self::Undecided,
        }
    }
}

impl Check {
    /// The entry that accepts a change of this case.
    pub fn accepts(&self, case: &str) -> Option<&Accepted> {
        self.accepted.iter().find(|accepted| accepted.case == case)
    }

    /// Requirements that are not met, with the reason.
    pub fn unmet(&self) -> impl Iterator<Item = (&Requirement, &str)> {
        self.requirements.iter().filter_map(|r| Some((r, r.unmet.as_deref()?)))
    }

    /// Cases that could not be asked, without those that the policy accepts.
    pub fn silent(&self) -> impl Iterator<Item = &Unanswered> {
        self.unanswered.iter().filter(|unanswered| self.accepts(&unanswered.case).is_none())
    }

    /// The same by image and reason, in the order of the first case of each.
    pub fn silences(&self) -> Vec<Vec<&Unanswered>> {
        let mut groups: Vec<Vec<&Unanswered>> = Vec::new();
        for one in self.silent() {
            match groups.iter_mut().find(|group| group[0].image == one.image && group[0].reason == one.reason) {
                Some(group) => group.push(one),
                None => groups.push(vec![one]),
            }
        }
        groups
    }

    /// Figures above their bounds.
    pub fn exceeded(&self) -> impl Iterator<Item = &Figure> {
        self.figures.iter().filter(|figure| figure.standing == Standing::Exceeded)
    }
}
