//! Baselines: what an image answered when somebody last looked and said it is right. A file for a repository: sorted, one
//! answer at its own place, without times and figures, so that a change of it reads well.
//!
//! What a check saw that is not in the baseline waits in a file beside it, until it is accepted or looked at one by one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use libcdiff_protocol::{Flavour, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::compare::own_flavour;
use crate::held::Held;
use crate::runfile::{FlavourInfo, Image, Observation, RunFile, Tool};
use crate::text::Text;

/// The value of `schema` in a file of this version.
pub const SCHEMA: &str = "libcdiff.baseline/1";

/// What an image answered.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Baseline {
    /// `libcdiff.baseline/1`.
    pub schema: String,
    /// The program that made the file.
    pub tool: Tool,
    /// When it was last accepted, RFC 3339, UTC.
    pub accepted: String,
    /// The image, and the kernel it ran on.
    pub image: Image,
    /// The flavours that ran.
    pub flavours: Vec<FlavourInfo>,
    /// Answers by case and flavour.
    pub cases: BTreeMap<String, BTreeMap<Flavour, Answer>>,
}

/// One answer.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Answer {
    /// How the case ended.
    pub status: Status,
    /// The signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
    /// Why it is unsupported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The lines of its text.
    pub text: Vec<String>,
}

/// What every file begins with.
#[derive(Deserialize)]
struct Head {
    schema: String,
}

/// Why a file is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// Not JSON, or not of this form.
    #[error("it is not a baseline: {0}")]
    Form(#[from] serde_json::Error),
    /// Another version.
    #[error("it has the schema `{0}`, and this version reads `{SCHEMA}`: accept it anew with this version")]
    Schema(String),
    /// A run file without an image.
    #[error("it holds no image")]
    Empty,
}

impl Baseline {
    /// What a run saw in the image of this id. Probes that broke say nothing, and the reference is never compared.
    pub fn of(run: &RunFile, image: &Image) -> Self {
        let mut cases: BTreeMap<String, BTreeMap<Flavour, Answer>> = BTreeMap::new();
        let told =
            |o: &&Observation| o.image == image.id && o.status != Status::Broke && o.flavour != Flavour::Reference;
        for o in run.observations.iter().filter(told) {
            cases.entry(o.case.to_string()).or_default().insert(o.flavour, Answer::of(o));
        }
        Self {
            schema: SCHEMA.into(),
            tool: run.tool.clone(),
            accepted: run.finished.clone(),
            image: image.clone(),
            flavours: run.flavours.clone(),
            cases,
        }
    }

    /// Whether a text says of itself that it is a baseline, of whatever version: what a newer one may take the place of.
    pub fn is_one(text: &str) -> bool {
        serde_json::from_str::<Head>(text).is_ok_and(|head| head.schema.starts_with("libcdiff.baseline/"))
    }

    /// Reads a baseline, or the first image of a run file.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let head: Head = serde_json::from_str(text)?;
        match head.schema.as_str() {
            SCHEMA => Ok(serde_json::from_str(text)?),
            crate::runfile::SCHEMA => {
                let run: RunFile = serde_json::from_str(text)?;
                let image = run.images.first().ok_or(BaselineError::Empty)?;
                Ok(Self::of(&run, image))
            }
            _ => Err(BaselineError::Schema(head.schema)),
        }
    }

    /// The file's text.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// The JSON Schema of baselines.
    pub fn json_schema() -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(&schemars::schema_for!(Self)).map(|text| text + "\n")
    }

    /// Puts the baseline before the images of a run, as the one that they are compared with. The image gets an id that no
    /// other has.
    pub fn put_before(&self, run: &mut RunFile) {
        let taken = |id: &String| run.images.iter().any(|image| &image.id == id);
        let names = std::iter::once(format!("{} (baseline)", self.image.id));
        let mut names = names.chain((2..).map(|n| format!("{} (baseline {n})", self.image.id)));
        let id = names.find(|id| !taken(id)).unwrap_or_default();
        let asked: std::collections::BTreeSet<&str> = run.observations.iter().map(|o| o.case.as_str()).collect();
        let known = self.cases.iter().filter(|(case, _)| asked.contains(case.as_str()));
        // Other static probes carry another musl: what they answer otherwise is no change of the image.
        let alike = self.carried() == carried(&run.flavours);
        let observations: Vec<_> = known
            .flat_map(|(case, answers)| answers.iter().map(move |(flavour, answer)| (case, *flavour, answer)))
            .filter(|(_, flavour, _)| alike || *flavour != Flavour::MuslStatic)
            .map(|(case, flavour, answer)| answer.placed(&id, case, flavour))
            .collect();
        run.observations.extend(observations);
        run.images.insert(0, Image { id, ..self.image.clone() });
        let place = |o: &Observation| run.images.iter().position(|image| image.id == o.image);
        run.observations.sort_by(|a, b| (&a.case, place(a), a.flavour).cmp(&(&b.case, place(b), b.flavour)));
    }
}

impl Answer {
    fn of(o: &Observation) -> Self {
        let text = o.text.split('\n').map(str::to_owned).collect();
        let said = |text: &Option<Text>| text.clone().map(String::from);
        Self { status: o.status, signal: said(&o.signal), reason: said(&o.reason), text }
    }

    fn placed(&self, image: &str, case: &str, flavour: Flavour) -> Observation {
        Observation {
            case: case.into(),
            area: case.split('.').next().unwrap_or_default().into(),
            image: image.into(),
            flavour,
            status: self.status,
            signal: self.signal.clone().map(Text::from),
            reason: self.reason.clone().map(Text::from),
            text: self.text.join("\n").into(),
            values: Held::default(),
            wire: None,
            elapsed_ms: 0,
        }
    }
}

/// The version of the musl in the static probes.
fn carried(flavours: &[FlavourInfo]) -> Option<&str> {
    flavours.iter().find_map(|flavour| flavour.libc.as_ref()).map(|libc| libc.version.as_str())
}

/// Where what waits for a baseline is.
pub fn pending(baseline: &Path) -> PathBuf {
    let mut name = baseline.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

/// A case that a newer baseline answers otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The case.
    pub case: String,
    /// Whose answer it is: that of the image's own C library, or that of the control.
    pub control: bool,
    /// What was right so far.
    pub before: Answer,
    /// What it is now.
    pub after: Answer,
}

impl Baseline {
    /// The flavour that asks the image's own C library, or the control.
    fn flavour(&self, control: bool) -> Flavour {
        if control { Flavour::MuslStatic } else { own_flavour(&self.image) }
    }

    fn answer(&self, case: &str, control: bool) -> Option<&Answer> {
        self.cases.get(case)?.get(&self.flavour(control))
    }

    /// The version of the musl in the static probes.
    fn carried(&self) -> Option<&str> {
        carried(&self.flavours)
    }

    /// What `newer` answers otherwise. Cases that only one of them has are none, and of another control nothing is.
    pub fn changes(&self, newer: &Self) -> Vec<Change> {
        let control = self.carried() == newer.carried() && self.flavour(false) != Flavour::MuslStatic;
        let asked = |case| [false, true].into_iter().filter(move |c| control || !c).map(move |control| (case, control));
        self.cases
            .keys()
            .flat_map(asked)
            .filter_map(|(case, control)| {
                let (before, after) = (self.answer(case, control)?, newer.answer(case, control)?);
                let change = || Change { case: case.clone(), control, before: before.clone(), after: after.clone() };
                (before != after).then(change)
            })
            .collect()
    }

    /// Takes the answer to a changed case from another baseline.
    pub fn take(&mut self, from: &Self, change: &Change) {
        let flavour = self.flavour(change.control);
        if let Some(answer) = from.answer(&change.case, change.control) {
            self.cases.entry(change.case.clone()).or_default().insert(flavour, answer.clone());
        }
    }

    /// Becomes another baseline, and keeps the answers that only this one has: of cases that were not selected, and of those
    /// whose probe broke.
    pub fn become_like(&mut self, other: &Self) {
        let mut all = other.clone();
        for (case, answers) in std::mem::take(&mut self.cases) {
            let known = all.cases.entry(case).or_default();
            for (flavour, answer) in answers {
                known.entry(flavour).or_insert(answer);
            }
        }
        *self = all;
    }

    /// Cases of a run that the baseline has no answer of the image's own C library to, and cases of the baseline that the run
    /// has not.
    pub fn strangers(&self, run: &RunFile) -> (Vec<String>, Vec<String>) {
        let asked: std::collections::BTreeSet<&str> =
            run.observations.iter().filter(|o| o.flavour != Flavour::Reference).map(|o| o.case.as_str()).collect();
        let new = asked.iter().filter(|case| self.answer(case, false).is_none()).map(|case| (*case).to_owned());
        let missing = self.cases.keys().filter(|case| !asked.contains(case.as_str())).cloned();
        (new.collect(), missing.collect())
    }
}
