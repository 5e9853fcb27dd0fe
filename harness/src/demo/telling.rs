//! A narrated pitfall as JSON: what the steps are made of, for a program that shows it in its own way.

use libcdiff_protocol::Flavour;
use serde::Serialize;

use super::Demo;
use crate::pitfalls::Pitfall;
use crate::remedy;
use crate::report::lanes::{self, Lanes};
use crate::report::scenario;
use crate::runfile::{Image, Judged, Observation};

/// The value of `schema`.
pub const SCHEMA: &str = "libcdiff.demo/1";

/// The whole telling.
#[derive(Serialize)]
pub struct Telling<'a> {
    schema: &'static str,
    /// The explanation; null for a case that has none.
    pitfall: Option<&'a Pitfall>,
    case: Question<'a>,
    /// The scenario of a DNS case, line by line.
    scenario: Option<Vec<String>>,
    images: &'a [Image],
    /// Whether the images differ on the case.
    differ: bool,
    shown: Shown<'a>,
    /// Those that name a case, in the order of the pitfall file.
    remedies: Vec<Remedied<'a>>,
}

/// The case.
#[derive(Serialize)]
struct Question<'a> {
    id: &'a str,
    title: &'a str,
    question: &'a str,
    source: &'a str,
}

/// What a case said in each image.
#[derive(Serialize)]
struct Shown<'a> {
    case: &'a str,
    answers: Vec<&'a Observation>,
    wire: Option<Lanes>,
}

/// A remedy and what was seen of it.
#[derive(Serialize)]
struct Remedied<'a> {
    what: &'a str,
    shown: Shown<'a>,
    verdicts: Vec<Judged>,
}

impl<'a> Telling<'a> {
    /// The telling of a demo.
    pub fn new(demo: &'a Demo<'a>) -> Self {
        let case = demo.subject.case;
        let verdicts = demo.subject.pitfall.map_or(Vec::new(), |p| remedy::of(p, &demo.run));
        let remedies = demo.subject.pitfall.iter().flat_map(|p| p.remedies.iter().enumerate());
        Self {
            schema: SCHEMA,
            pitfall: demo.subject.pitfall,
            case: Question { id: &case.id, title: &case.title, question: &case.question, source: &case.source },
            scenario: scenario::tell(case),
            images: &demo.run.images,
            differ: demo.differs(),
            shown: shown(demo, &case.id, None),
            remedies: remedies
                .filter_map(|(place, remedy)| {
                    Some(Remedied {
                        what: &remedy.what,
                        shown: shown(demo, remedy.case.as_deref()?, remedy.flavour),
                        verdicts: verdicts.iter().filter(|j| j.remedy == place).cloned().collect(),
                    })
                })
                .collect(),
        }
    }
}

fn shown<'a>(demo: &'a Demo<'a>, case: &'a str, flavour: Option<Flavour>) -> Shown<'a> {
    Shown {
        case,
        answers: demo.run.images.iter().filter_map(|image| demo.said(case, image, flavour)).collect(),
        wire: lanes::lanes(&demo.run, case, demo.info(case)).filter(|_| flavour.is_none()),
    }
}
