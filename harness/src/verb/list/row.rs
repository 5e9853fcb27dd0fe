//! What is said of each thing that is listed, as text and as JSON. The JSON is a contract: members are added, never renamed
//! or given another meaning.

use libcdiff_protocol::CaseInfo;
use serde::Serialize;

use crate::bench::workload::Workload;
use crate::cli::Listed;
use crate::image::CatalogImage;
use crate::pitfalls::Pitfall;

/// The value of `schema`.
const SCHEMA: &str = "libcdiff.list/1";

/// A list.
#[derive(Serialize)]
pub struct Document<'a> {
    schema: &'static str,
    /// `areas`, `cases`, `pitfalls`, `images`, `stories` or `workloads`.
    kind: &'static str,
    items: &'a [Row],
}

/// One thing.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Row {
    /// A subject.
    Area {
        /// Its name.
        id: String,
        /// How many cases it has.
        cases: usize,
        /// How many pitfalls.
        pitfalls: usize,
    },
    /// A question.
    Case {
        /// Its id.
        id: String,
        /// A few words.
        title: String,
        /// The question.
        question: String,
        /// Where it comes from.
        source: String,
        /// The pitfall that explains a difference on it; null where there is none.
        pitfall: Option<String>,
    },
    /// An explanation: the members of its file.
    Pitfall(Box<Pitfall>),
    /// An image of the catalog.
    Image {
        /// Its name.
        id: String,
        /// The family that it is there for; null where the catalog does not say.
        family: Option<String>,
        /// What it is.
        about: String,
        /// Whether it is taken where no image is named.
        default: bool,
    },
    /// What can be measured.
    Workload {
        /// Its name.
        id: String,
        /// The members of the bench program's own list.
        #[serde(flatten)]
        workload: Box<Workload>,
    },
}

impl Row {
    /// A case with the pitfall that explains it.
    pub fn case(case: &CaseInfo, pitfall: Option<&Pitfall>) -> Self {
        Self::Case {
            id: case.id.clone(),
            title: case.title.clone(),
            question: case.question.clone(),
            source: case.source.clone(),
            pitfall: pitfall.map(|p| p.id.clone()),
        }
    }

    /// An image; `default` names those of the default pair.
    pub fn image(image: &CatalogImage, default: &[String]) -> Self {
        Self::Image {
            id: image.name.clone(),
            family: image.family.as_ref().map(ToString::to_string),
            about: image.about.clone(),
            default: default.contains(&image.name),
        }
    }

    /// A workload.
    pub fn workload(workload: Workload) -> Self {
        Self::Workload { id: workload.name.clone(), workload: Box::new(workload) }
    }

    /// Its name.
    pub fn id(&self) -> &str {
        match self {
            Self::Area { id, .. } | Self::Case { id, .. } | Self::Image { id, .. } | Self::Workload { id, .. } => id,
            Self::Pitfall(pitfall) => &pitfall.id,
        }
    }

    /// What it is, in a line.
    pub fn about(&self) -> String {
        match self {
            Self::Area { cases, .. } => format!("{cases} cases"),
            Self::Case { title, .. } => title.clone(),
            Self::Pitfall(pitfall) => format!("{}: {}", pitfall.severity, pitfall.title),
            Self::Image { about, .. } => about.clone(),
            Self::Workload { workload, .. } => {
                let threads: Vec<String> = workload.threads.iter().map(u32::to_string).collect();
                format!("{} (threads: {})", workload.title, threads.join(", "))
            }
        }
    }
}

impl<'a> Document<'a> {
    /// The list of these.
    pub fn new(what: Listed, items: &'a [Row]) -> Self {
        let kind = match what {
            Listed::Areas => "areas",
            Listed::Cases => "cases",
            Listed::Pitfalls => "pitfalls",
            Listed::Images => "images",
            Listed::Stories => "stories",
            Listed::Workloads => "workloads",
        };
        Self { schema: SCHEMA, kind, items }
    }

    /// Its text.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}
