//! What the page shows, in the order in which it shows it. Everything is text here; the template escapes it.

use std::collections::{BTreeMap, BTreeSet};

use libcdiff_protocol::{Flavour, Status};
use serde::Serialize;

use super::{PageError, impact};
use crate::bench::file::BenchFile;
use crate::compare::own_flavour;
use crate::pitfalls::Pitfall;
use crate::report::{Model, bench as plots, finding};
use crate::runfile::{Difference, Image, Observation};
use crate::text::Text;

/// The page.
#[derive(Debug, Serialize)]
pub struct Page {
    title: String,
    verdict: Option<Verdict>,
    images: Vec<ImageCard>,
    cases: usize,
    differences: usize,
    unexplained: usize,
    areas: Vec<Area>,
    /// Those that there are, gravest first, with the number of differences.
    severities: Vec<(&'static str, usize)>,
    attributions: Vec<String>,
    pitfalls: Vec<PitfallCard>,
    plots: Vec<Plot>,
    impact: Option<impact::View>,
    broken: Vec<[Text; 3]>,
    environment: Vec<[String; 2]>,
}

/// What a check came to.
#[derive(Debug, Serialize)]
struct Verdict {
    passed: bool,
    text: String,
    lines: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ImageCard {
    id: String,
    reference: String,
    libc: String,
    facts: Vec<[String; 2]>,
}

#[derive(Debug, Serialize)]
struct Area {
    name: String,
    cases: usize,
    differences: usize,
    unexplained: usize,
    differing: Vec<Case>,
    agreeing: Vec<Case>,
}

/// One row of the matrix.
#[derive(Debug, Serialize)]
struct Case {
    id: String,
    title: String,
    question: String,
    source: String,
    /// A word for filters: a severity, `unexplained`, or nothing where the images agree.
    severity: &'static str,
    attribution: String,
    evidence: String,
    pitfall: Option<Link>,
    remedies: Vec<RemedyCard>,
    accepted: Option<String>,
    cells: Vec<Cell>,
    answers: Vec<Answer>,
    wires: Vec<Wire>,
}

#[derive(Debug, Serialize)]
struct Link {
    id: String,
    title: String,
}

/// What one image answered: equal answers have the same letter and colour.
#[derive(Debug, Serialize)]
struct Cell {
    letter: String,
    colour: usize,
    told: String,
}

#[derive(Debug, Serialize)]
struct Answer {
    letter: String,
    colour: usize,
    who: String,
    text: String,
}

/// The queries of one image on a time line.
#[derive(Debug, Serialize)]
struct Wire {
    image: String,
    end_ms: u64,
    queries: Vec<Asked>,
}

#[derive(Debug, Serialize)]
struct Asked {
    at_ms: u64,
    /// Hundredths of the line.
    at: u64,
    text: String,
    answer: String,
}

#[derive(Debug, Serialize)]
struct PitfallCard {
    id: String,
    title: String,
    severity: &'static str,
    what: String,
    why: String,
    standard: String,
    whom: String,
    versions: Option<String>,
    remedies: Vec<RemedyCard>,
    sources: Vec<String>,
    cases: usize,
}

#[derive(Debug, Serialize)]
struct RemedyCard {
    what: String,
    shown: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Plot {
    title: String,
    svg: String,
}

/// Colours of groups; the last one is for all further groups.
const COLOURS: usize = 6;
/// Colour of what is no answer of a C library.
const NONE: usize = COLOURS;

/// Collects what the page shows.
pub fn page(model: &Model<'_>, bench: Option<&BenchFile>) -> Result<Page, PageError> {
    let run = model.run;
    let names: Vec<&str> = run.images.iter().map(|image| image.id.as_str()).collect();
    let what = if run.check.is_some() { "Check of" } else { "What differs between" };
    Ok(Page {
        title: format!("{what} {}", names.join(", ")),
        verdict: run.check.as_ref().map(|check| verdict(model, check)),
        images: run.images.iter().map(card).collect(),
        cases: run.summary.cases,
        differences: run.summary.differences,
        unexplained: run.summary.unexplained,
        areas: areas(model),
        severities: severities(model),
        attributions: attributions(model),
        pitfalls: pitfalls(model),
        plots: bench.map(self::plots).transpose()?.unwrap_or_default(),
        impact: run.impact.as_ref().map(|found| impact::View::of(found, run)),
        broken: model.broken().map(|o| [o.case.clone(), o.image.clone(), o.answer()]).collect(),
        environment: environment(model),
    })
}

fn severities(model: &Model<'_>) -> Vec<(&'static str, usize)> {
    let explains = |d: &Difference| d.pitfall.as_deref().and_then(|id| model.pitfalls.get(id).copied());
    let number = |word: &str| model.run.differences.iter().filter(|d| severity(explains(d)) == word).count();
    let all = ["breaks", "wrong-result", "slow", "cosmetic", "unexplained"].into_iter();
    all.map(|word| (word, number(word))).filter(|(_, number)| *number > 0).collect()
}

fn attributions(model: &Model<'_>) -> Vec<String> {
    let all: BTreeSet<_> = model.run.differences.iter().map(|d| d.attribution).collect();
    all.iter().map(ToString::to_string).collect()
}

fn verdict(model: &Model<'_>, check: &crate::check::record::Check) -> Verdict {
    let (text, lines) = super::super::check::told(model, check);
    Verdict { passed: check.found == 0, text, lines }
}

fn card(image: &Image) -> ImageCard {
    let libc = image
        .libc
        .as_ref()
        .map_or("no C library".into(), |l| format!("{} {}", l.family, l.version.as_deref().unwrap_or("?")));
    let os = [image.os.id.as_deref(), image.os.version.as_deref()].map(Option::unwrap_or_default).join(" ");
    let megabytes = |bytes: Option<u64>| bytes.map(|b| format!("{:.1} MB", b as f64 / 1e6)).unwrap_or_default();
    let facts = [
        ("system", os.trim().to_owned()),
        ("loader", image.libc.as_ref().map(|l| l.interpreter.clone()).unwrap_or_default()),
        ("unpacked", megabytes(image.size.unpacked_bytes)),
        ("compressed", megabytes(image.size.compressed_bytes)),
        ("kernel", image.kernel.clone()),
        ("digest", image.digest.clone().unwrap_or_default()),
    ];
    let facts = facts.into_iter().filter(|(_, fact)| !fact.is_empty()).map(|(name, fact)| [name.to_owned(), fact]);
    ImageCard { id: image.id.clone(), reference: image.reference.clone(), libc, facts: facts.collect() }
}

fn areas(model: &Model<'_>) -> Vec<Area> {
    let run = model.run;
    let mut by_case: BTreeMap<&str, Vec<&Observation>> = BTreeMap::new();
    for o in &run.observations {
        by_case.entry(&o.case).or_default().push(o);
    }
    let differences: BTreeMap<&str, &Difference> = run.differences.iter().map(|d| (d.case.as_str(), d)).collect();
    let mut areas: Vec<Area> = run
        .summary
        .by_area
        .iter()
        .map(|(name, counts)| Area {
            name: name.clone(),
            cases: counts.cases,
            differences: counts.differences,
            unexplained: counts.unexplained,
            differing: Vec::new(),
            agreeing: Vec::new(),
        })
        .collect();
    for (id, observations) in by_case {
        let difference = differences.get(id).copied();
        let row = case(model, id, &observations, difference);
        let name = id.split('.').next().unwrap_or(id);
        if let Some(area) = areas.iter_mut().find(|area| area.name == name) {
            let rows = if difference.is_some() { &mut area.differing } else { &mut area.agreeing };
            rows.push(row);
        }
    }
    areas
}

fn case(model: &Model<'_>, id: &str, observations: &[&Observation], difference: Option<&Difference>) -> Case {
    let info = model.cases.get(id);
    let pitfall = difference.and_then(|d| d.pitfall.as_deref()).and_then(|id| model.pitfalls.get(id).copied());
    let groups = Groups::of(model, observations);
    let accepted = model.run.check.as_ref().and_then(|check| check.accepts(id));
    Case {
        id: id.to_owned(),
        title: info.map_or(id, |info| info.title.as_str()).to_owned(),
        question: info.map(|info| info.question.clone()).unwrap_or_default(),
        source: info.map(|info| info.source.clone()).unwrap_or_default(),
        severity: difference.map_or("", |_| severity(pitfall)),
        attribution: difference.map(|d| d.attribution.to_string()).unwrap_or_default(),
        evidence: difference.map(|d| d.evidence.clone()).unwrap_or_default(),
        pitfall: pitfall.map(|p| Link { id: p.id.clone(), title: p.title.clone() }),
        remedies: pitfall.map(|p| remedies(model, p)).unwrap_or_default(),
        accepted: accepted.map(|a| format!("{} ({})", a.reason, a.owner)),
        cells: model.run.images.iter().map(|image| groups.cell(image, observations)).collect(),
        answers: groups.answers(),
        wires: difference.map(|_| wires(model, observations)).unwrap_or_default(),
    }
}

/// Answers of a case, each with whoever gave it, in the order of images.
struct Groups {
    answers: Vec<(Text, Vec<String>, bool)>,
}

impl Groups {
    fn of(model: &Model<'_>, observations: &[&Observation]) -> Self {
        let own = |o: &Observation| model.run.image(&o.image).is_some_and(|image| own_flavour(image) == o.flavour);
        let place = |o: &&&Observation| (!own(o), model.run.images.iter().position(|image| image.id == o.image));
        let mut sorted: Vec<&&Observation> = observations.iter().collect();
        sorted.sort_by_key(place);
        let mut answers: Vec<(Text, Vec<String>, bool)> = Vec::new();
        for o in sorted {
            let library = o.flavour == Flavour::Reference;
            if library && answers.iter().any(|(_, _, reference)| *reference) {
                continue;
            }
            let who = match (library, own(o)) {
                (true, _) => super::super::library(&o.area).to_owned(),
                (_, true) => o.image.to_string(),
                _ => format!("{} ({})", o.image, o.flavour),
            };
            let text = o.answer();
            match answers.iter_mut().find(|(other, _, reference)| *other == text && *reference == library) {
                Some((_, whose, _)) => whose.push(who),
                None => answers.push((text, vec![who], library)),
            }
        }
        Self { answers }
    }

    fn cell(&self, image: &Image, observations: &[&Observation]) -> Cell {
        let own = observations.iter().find(|o| o.image == image.id && o.flavour == own_flavour(image));
        let Some(o) = own else {
            return Cell { letter: "·".into(), colour: NONE, told: "not run".into() };
        };
        let told = match o.status {
            Status::Described => "answered",
            Status::Crashed => "crashed",
            Status::Timeout => "did not end",
            Status::Unsupported => "unsupported",
            Status::Broke => "broke",
        };
        if matches!(o.status, Status::Unsupported | Status::Broke) {
            return Cell { letter: "–".into(), colour: NONE, told: told.into() };
        }
        let text = o.answer();
        let place = self.answers.iter().position(|(other, _, _)| *other == text).unwrap_or(0);
        Cell { letter: letter(place), colour: place.min(COLOURS - 1), told: told.into() }
    }

    fn answers(&self) -> Vec<Answer> {
        let answer = |(place, (text, who, reference)): (usize, &(Text, Vec<String>, bool))| Answer {
            letter: if *reference { String::new() } else { letter(place) },
            colour: if *reference { NONE } else { place.min(COLOURS - 1) },
            who: who.join(", "),
            text: text.to_string(),
        };
        self.answers.iter().enumerate().map(answer).collect()
    }
}

fn letter(place: usize) -> String {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    letters.chars().nth(place).map_or_else(|| "+".into(), String::from)
}

fn wires(model: &Model<'_>, observations: &[&Observation]) -> Vec<Wire> {
    let own = |o: &&&Observation| model.run.image(&o.image).is_some_and(|image| own_flavour(image) == o.flavour);
    observations
        .iter()
        .filter(own)
        .filter_map(|o| {
            let wire = o.wire.as_ref()?.get();
            let end_ms = o.elapsed_ms.max(wire.iter().map(|q| q.at_ms).max().unwrap_or(0)).max(1);
            let asked = wire.iter().map(|q| Asked {
                at_ms: q.at_ms,
                at: (q.at_ms * 100 / end_ms).min(100),
                text: format!("{} {} {} {}", q.server, q.transport, q.kind, q.name),
                answer: q.rcode.clone(),
            });
            Some(Wire { image: o.image.to_string(), end_ms, queries: asked.collect() })
        })
        .collect()
}

fn severity(pitfall: Option<&Pitfall>) -> &'static str {
    pitfall.map_or("unexplained", |pitfall| finding::word(pitfall.severity))
}

fn pitfalls(model: &Model<'_>) -> Vec<PitfallCard> {
    model
        .stories()
        .iter()
        .filter_map(|story| {
            let p = story.pitfall?;
            Some(PitfallCard {
                id: p.id.clone(),
                title: p.title.clone(),
                severity: finding::word(p.severity),
                what: p.what.clone(),
                why: p.why.clone(),
                standard: p.standard.clone(),
                whom: p.whom(),
                versions: p.versions.clone(),
                remedies: remedies(model, p),
                sources: p.sources.clone(),
                cases: story.differences.len(),
            })
        })
        .collect()
}

fn remedies(model: &Model<'_>, pitfall: &Pitfall) -> Vec<RemedyCard> {
    let remedy = |(place, remedy): (usize, &crate::pitfalls::Remedy)| RemedyCard {
        what: remedy.what.clone(),
        shown: model.shown(pitfall, place).iter().map(ToString::to_string).collect(),
    };
    pitfall.remedies.iter().enumerate().map(remedy).collect()
}

fn plots(bench: &BenchFile) -> Result<Vec<Plot>, PageError> {
    let drawn = plots::plots(bench)?;
    Ok(drawn
        .into_iter()
        .map(|(name, svg)| Plot { title: name.trim_end_matches(".svg").replace('-', " "), svg })
        .collect())
}

fn environment(model: &Model<'_>) -> Vec<[String; 2]> {
    let run = model.run;
    let mut lines = vec![
        ["program".to_owned(), format!("{} {}", run.tool.name, run.tool.version)],
        ["machine".to_owned(), format!("Linux {}, {}, {} processors", run.host.kernel, run.host.arch, run.host.cpus)],
        ["time".to_owned(), format!("{} to {}", run.started, run.finished)],
    ];
    for f in &run.flavours {
        let libc =
            f.libc.as_ref().map_or("the image's C library".into(), |l| format!("{} {} inside", l.family, l.version));
        lines.push([format!("flavour {}", f.name), format!("{}; {libc}; sha256 {}", f.toolchain, f.sha256)]);
    }
    for d in &run.dropped {
        lines.push([format!("not run in {}", d.image), format!("{}: {} ({} cases)", d.flavour, d.reason, d.cases)]);
    }
    lines
}
