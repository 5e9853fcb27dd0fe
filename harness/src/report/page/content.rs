//! What the page shows, in the order in which it shows it. Everything is text here; the template escapes it.
//!
//! There is a row for every case, and a cell in it for every image: rows are small, say what others say by sharing it, and
//! become values of the template one at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use libcdiff_protocol::{Flavour, Query, Status};
use minijinja::Value;
use minijinja::value::Serde;
use serde::{Serialize, Serializer};

use super::{PageError, impact};
use crate::bench::file::BenchFile;
use crate::compare::own_flavour;
use crate::cost::{Chart, Cost, article};
use crate::held::Held;
use crate::pitfalls::Pitfall;
use crate::report::{Model, bench as plots, finding};
use crate::runfile::{AreaSummary, Difference, Image, Observation, RunFile};
use crate::text::Text;

/// The page.
#[derive(Serialize)]
pub struct Page {
    title: String,
    verdict: Option<Verdict>,
    images: Vec<ImageCard>,
    cost: CostCard,
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

/// What the choice of an image costs besides.
#[derive(Serialize)]
struct CostCard {
    charts: Vec<Chart>,
    /// What the article measured, and what is so since.
    then: String,
    since: &'static str,
    now: Vec<String>,
    /// Whether wheels or builds are among the charts; else the page says how to come by them.
    whole: bool,
}

#[derive(Serialize)]
struct Area {
    name: String,
    cases: usize,
    differences: usize,
    unexplained: usize,
    differing: Value,
    agreeing: Value,
}

/// The rows of an area, as the page has them one after the other.
#[derive(Default)]
struct Rows {
    differing: Vec<Case>,
    agreeing: Vec<Case>,
}

/// Rows that the template goes through.
fn rows(rows: Vec<Case>) -> Value {
    let rows: Arc<[Case]> = rows.into();
    Value::make_object_iterable(rows, |rows| Box::new(rows.iter().map(|row| Value::from(Serde(row)))))
}

/// One row of the matrix.
#[derive(Debug, Serialize)]
struct Case {
    id: Text,
    title: String,
    question: String,
    source: String,
    /// A word for filters: a severity, `unexplained`, or nothing where the images agree.
    severity: &'static str,
    attribution: String,
    evidence: String,
    pitfall: Option<Arc<Link>>,
    remedies: Arc<[RemedyCard]>,
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
    letter: char,
    colour: u8,
    told: &'static str,
}

#[derive(Debug, Serialize)]
struct Answer {
    letter: Option<char>,
    colour: u8,
    who: String,
    text: Text,
}

/// The queries of one image on a time line.
#[derive(Debug, Serialize)]
struct Wire {
    image: Text,
    end_ms: u64,
    #[serde(serialize_with = "asked")]
    queries: (u64, Held<Vec<Query>>),
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
    remedies: Arc<[RemedyCard]>,
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
const COLOURS: u8 = 6;
/// Colour of what is no answer of a C library.
const NONE: u8 = COLOURS;

/// What the page tells of each pitfall, by its id.
type Explained = BTreeMap<String, (Arc<Link>, Arc<[RemedyCard]>)>;

/// Collects what the page shows.
pub fn page(model: &Model<'_>, bench: Option<&BenchFile>, cost: &Cost) -> Result<Page, PageError> {
    let run = model.run;
    let explained = explained(model);
    Ok(Page {
        title: title(run),
        verdict: run.check.as_ref().map(|check| verdict(model, check)),
        images: run.images.iter().map(card).collect(),
        cost: costs(cost, &run.images),
        cases: run.summary.cases,
        differences: run.summary.differences,
        unexplained: run.summary.unexplained,
        areas: areas(model, &explained),
        severities: severities(model),
        attributions: attributions(model),
        pitfalls: pitfalls(model, &explained),
        plots: bench.map(self::plots).transpose()?.unwrap_or_default(),
        impact: run.impact.as_ref().map(|found| impact::View::of(found, run)),
        broken: model.broken().map(|o| [o.case.clone(), o.image.clone(), o.answer()]).collect(),
        environment: environment(model),
    })
}

/// A check names the image that is wanted first, as its command does.
fn title(run: &RunFile) -> String {
    let names: Vec<&str> = run.images.iter().map(|image| image.id.as_str()).collect();
    match (&run.check, names.as_slice()) {
        (Some(_), [measure, wanted @ ..]) if !wanted.is_empty() => {
            format!("Check of {} against {measure}", wanted.join(", "))
        }
        _ => format!("What differs between {}", names.join(", ")),
    }
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

fn costs(cost: &Cost, images: &[Image]) -> CostCard {
    CostCard {
        charts: cost.charts(images),
        then: article::then(),
        since: article::SINCE,
        now: article::now(&cost.wheels),
        whole: !cost.wheels.is_empty() && !cost.builds.is_empty(),
    }
}

fn areas(model: &Model<'_>, explained: &Explained) -> Vec<Area> {
    let mut by_area = rows_by_area(model, explained);
    let area = |(name, counts): (&String, &AreaSummary)| {
        let Rows { differing, agreeing } = by_area.remove(name.as_str()).unwrap_or_default();
        Area {
            name: name.clone(),
            cases: counts.cases,
            differences: counts.differences,
            unexplained: counts.unexplained,
            differing: rows(differing),
            agreeing: rows(agreeing),
        }
    };
    model.run.summary.by_area.iter().map(area).collect()
}

fn rows_by_area<'a>(model: &Model<'a>, explained: &Explained) -> BTreeMap<&'a str, Rows> {
    let run = model.run;
    let mut by_case: BTreeMap<&str, Vec<&Observation>> = BTreeMap::new();
    for o in &run.observations {
        by_case.entry(&o.case).or_default().push(o);
    }
    let differences: BTreeMap<&str, &Difference> = run.differences.iter().map(|d| (d.case.as_str(), d)).collect();
    let mut areas: BTreeMap<&str, Rows> = BTreeMap::new();
    for (id, observations) in by_case {
        let difference = differences.get(id).copied();
        let row = case(model, explained, id, &observations, difference);
        let area = areas.entry(id.split('.').next().unwrap_or(id)).or_default();
        let rows = if difference.is_some() { &mut area.differing } else { &mut area.agreeing };
        rows.push(row);
    }
    areas
}

fn case(
    model: &Model<'_>,
    explained: &Explained,
    id: &str,
    observations: &[&Observation],
    difference: Option<&Difference>,
) -> Case {
    let info = model.cases.get(id);
    let pitfall = difference.and_then(|d| d.pitfall.as_deref()).and_then(|id| model.pitfalls.get(id).copied());
    let groups = Groups::of(model, observations);
    let accepted = model.run.check.as_ref().and_then(|check| check.accepts(id));
    let (link, remedies) = pitfall.and_then(|p| explained.get(&p.id)).cloned().unzip();
    Case {
        id: observations.first().map_or_else(|| id.into(), |o| o.case.clone()),
        title: info.map_or(id, |info| info.title.as_str()).to_owned(),
        question: info.map(|info| info.question.clone()).unwrap_or_default(),
        source: info.map(|info| info.source.clone()).unwrap_or_default(),
        severity: difference.map_or("", |_| severity(pitfall)),
        attribution: difference.map(|d| d.attribution.to_string()).unwrap_or_default(),
        evidence: difference.map(|d| d.evidence.clone()).unwrap_or_default(),
        pitfall: link,
        remedies: remedies.unwrap_or_default(),
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
            return Cell { letter: '·', colour: NONE, told: "not run" };
        };
        let told = match o.status {
            Status::Described => "answered",
            Status::Crashed => "crashed",
            Status::Timeout => "did not end",
            Status::Unsupported => "unsupported",
            Status::Broke => "broke",
        };
        if matches!(o.status, Status::Unsupported | Status::Broke) {
            return Cell { letter: '–', colour: NONE, told };
        }
        let text = o.answer();
        let place = self.answers.iter().position(|(other, _, _)| *other == text).unwrap_or(0);
        Cell { letter: letter(place), colour: colour(place), told }
    }

    fn answers(&self) -> Vec<Answer> {
        let answer = |(place, (text, who, reference)): (usize, &(Text, Vec<String>, bool))| Answer {
            letter: (!reference).then(|| letter(place)),
            colour: if *reference { NONE } else { colour(place) },
            who: who.join(", "),
            text: text.clone(),
        };
        self.answers.iter().enumerate().map(answer).collect()
    }
}

fn letter(place: usize) -> char {
    ('A'..='Z').nth(place).unwrap_or('+')
}

fn colour(place: usize) -> u8 {
    (0..COLOURS).nth(place).unwrap_or(COLOURS - 1)
}

fn wires(model: &Model<'_>, observations: &[&Observation]) -> Vec<Wire> {
    let own = |o: &&&Observation| model.run.image(&o.image).is_some_and(|image| own_flavour(image) == o.flavour);
    observations
        .iter()
        .filter(own)
        .filter_map(|o| {
            let wire = o.wire.clone()?;
            let end_ms = o.elapsed_ms.max(wire.get().iter().map(|q| q.at_ms).max().unwrap_or(0)).max(1);
            Some(Wire { image: o.image.clone(), end_ms, queries: (end_ms, wire) })
        })
        .collect()
}

/// Queries on a line of so many milliseconds.
fn asked<S: Serializer>((end_ms, wire): &(u64, Held<Vec<Query>>), to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(wire.get().into_iter().map(|q| Asked {
        at_ms: q.at_ms,
        at: (q.at_ms * 100 / end_ms).min(100),
        text: format!("{} {} {} {}", q.server, q.transport, q.kind, q.name),
        answer: q.rcode,
    }))
}

fn severity(pitfall: Option<&Pitfall>) -> &'static str {
    pitfall.map_or("unexplained", |pitfall| finding::word(pitfall.severity))
}

fn explained(model: &Model<'_>) -> Explained {
    let pitfalls = model.stories().into_iter().filter_map(|story| story.pitfall);
    let link = |p: &Pitfall| Link { id: p.id.clone(), title: p.title.clone() };
    pitfalls.map(|p| (p.id.clone(), (Arc::new(link(p)), remedies(model, p)))).collect()
}

fn pitfalls(model: &Model<'_>, explained: &Explained) -> Vec<PitfallCard> {
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
                remedies: explained.get(&p.id).map(|(_, remedies)| remedies.clone()).unwrap_or_default(),
                sources: p.sources.clone(),
                cases: story.differences.len(),
            })
        })
        .collect()
}

fn remedies(model: &Model<'_>, pitfall: &Pitfall) -> Arc<[RemedyCard]> {
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
