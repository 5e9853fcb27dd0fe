//! `libcdiff check`: which changes between two images a project accepts, and which it does not. Here it is decided; images
//! are run, and files read, elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use libcdiff_protocol::{Flavour, Status};

use crate::bench::file::BenchFile;
use crate::compare::own_flavour;
use crate::pitfalls::{Pitfall, cases_of, of_case};
use crate::runfile::{Image, RunFile};

pub mod baseline;
pub mod policy;
pub mod record;
mod unanswered;

use policy::{Accept, Known, Policy, Required};
use record::{Accepted, Check, Figure, Requirement, Standing};

/// Where a check gets its measure from.
pub struct Against<'a> {
    /// The reference of an image, or the baseline's file.
    pub name: String,
    /// The policy's file.
    pub policy_file: Option<String>,
    /// The policy.
    pub policy: &'a Policy,
    /// Figures.
    pub bench: Option<&'a BenchFile>,
    /// Whether the first image of the run is one that a file keeps.
    pub kept: bool,
    /// The flavours that the user chose; empty for all.
    pub flavours: &'a [Flavour],
    /// What the user's choice of cases says to this one: the option that leaves it out.
    pub left_out: &'a dyn Fn(&str) -> Option<String>,
}

/// Decides, for a run whose first image is the measure and whose other images are checked.
///
/// # Errors
/// A bound that the bench file has no figure for, with its line.
pub fn decide(run: &RunFile, against: Against<'_>, known: &Known<'_>) -> Result<Check, String> {
    let policy = against.policy;
    let unanswered = unanswered::unanswered(run, against.kept, against.flavours);
    let changed = run.differences.iter().map(|d| (d.case.as_str(), d.pitfall.as_deref()));
    let mut found: BTreeMap<&str, Option<&str>> = changed.collect();
    // Nobody knows how grave it is that a case could not be asked, whatever explains the rest of it.
    found.extend(unanswered.iter().map(|u| (u.case.as_str(), None)));
    let accepted = accepted(&found, policy, known.pitfalls);
    let used: BTreeSet<usize> = accepted.iter().map(|accepted| accepted.line).collect();
    let ran: BTreeSet<&str> = run.observations.iter().map(|o| o.case.as_str()).collect();
    let idle =
        policy.accepts.iter().filter(|entry| !used.contains(&entry.line) && could_accept(&ran, entry, known.pitfalls));
    let requirements =
        policy.requires.iter().map(|required| requirement(run, required, known, against.left_out)).collect();
    let mut check = Check {
        against: against.name,
        policy: against.policy_file,
        figures: figures(policy, against.bench)?,
        idle_lines: idle.map(|entry| entry.line).collect(),
        accepted,
        requirements,
        new_cases: Vec::new(),
        missing_cases: Vec::new(),
        unanswered,
        program: None,
        found: 0,
    };
    let open = run.differences.iter().filter(|d| check.accepts(&d.case).is_none()).count();
    check.found = open + check.silent().count() + check.unmet().count() + check.exceeded().count();
    Ok(check)
}

/// Whether anything that ran is what an entry is meant for. Of what was left out nobody knows whether it still changes.
fn could_accept(ran: &BTreeSet<&str>, entry: &Accept, pitfalls: &[Pitfall]) -> bool {
    ran.iter().any(|case| entry.fits(case, None) || entry.fits(case, of_case(pitfalls, case)))
}

/// The first entry that fits is the one that counts. What is required is accepted by none. `found` are the cases that changed or
/// could not be asked, each with the pitfall that explains it.
fn accepted(found: &BTreeMap<&str, Option<&str>>, policy: &Policy, pitfalls: &[Pitfall]) -> Vec<Accepted> {
    let pitfall = |id: &Option<&str>| id.and_then(|id| pitfalls.iter().find(|p| p.id == id));
    let changes = found.iter().filter(|(case, _)| !policy.requires.iter().any(|required| required.id == **case));
    changes
        .filter_map(|(case, explained)| {
            let entry = policy.accepts.iter().find(|entry| entry.fits(case, pitfall(explained)))?;
            Some(Accepted {
                case: (*case).to_owned(),
                line: entry.line,
                reason: entry.reason.clone(),
                owner: entry.owner.clone(),
                until: entry.until.map(|day| day.to_string()),
            })
        })
        .collect()
}

fn requirement(
    run: &RunFile,
    required: &Required,
    known: &Known<'_>,
    left_out: &dyn Fn(&str) -> Option<String>,
) -> Requirement {
    let unmet = match known.pitfalls.iter().find(|pitfall| pitfall.id == required.id) {
        Some(pitfall) => hit(run, pitfall, &cases_of(pitfall, known.pitfalls, known.cases), left_out),
        None => changed(run, &required.id, left_out),
    };
    Requirement { id: required.id.clone(), line: required.line, unmet }
}

/// Why a required case is not as before: it differs, or it said nothing in an image that is checked.
fn changed(run: &RunFile, case: &str, left_out: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let silent = |image: &Image| {
        let own = own_flavour(image);
        let seen = run.observations.iter().find(|o| o.case == case && o.image == image.id && o.flavour == own);
        match seen {
            None => Some(not_run(image, case, left_out)),
            Some(o) if matches!(o.status, Status::Broke | Status::Unsupported) => {
                Some(format!("in {}: {}", image.id, o.answer()))
            }
            Some(_) => None,
        }
    };
    let differs = run.differences.iter().any(|d| d.case == case).then(|| "it answers otherwise".to_owned());
    run.images.iter().skip(1).find_map(silent).or(differs)
}

fn not_run(image: &Image, case: &str, left_out: &dyn Fn(&str) -> Option<String>) -> String {
    let why = left_out(case).map_or(String::new(), |option| format!(": {option} leaves it out"));
    format!("it was not run in {}{why}", image.id)
}

/// Why a required absence of a pitfall does not hold: its case differs, it is known to hit the image's C library, or none of its
/// cases was run, so that nobody can say.
fn hit(run: &RunFile, pitfall: &Pitfall, cases: &[&str], left_out: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let known = |image: &Image| {
        let libc = image.libc.as_ref()?;
        let hits = pitfall.affects.iter().any(|affects| affects.hits(&libc.family, libc.version.as_deref()));
        let version = libc.version.as_deref().unwrap_or("of an unknown version");
        hits.then(|| format!("it hits {} {version} in {}", libc.family, image.id))
    };
    let shown = run.differences.iter().find(|d| d.pitfall.as_ref() == Some(&pitfall.id));
    let asked =
        |image: &Image| run.observations.iter().any(|o| o.image == image.id && cases.contains(&o.case.as_str()));
    let unseen = |image: &Image| match asked(image) {
        true => None,
        false => cases.first().map(|case| format!("{case}, which shows it: {}", not_run(image, case, left_out))),
    };
    let images = || run.images.iter().skip(1);
    images()
        .find_map(known)
        .or_else(|| shown.map(|d| format!("{} shows it", d.case)))
        .or_else(|| images().find_map(unseen))
}

/// The figures that a policy bounds.
///
/// # Errors
/// A bound that the bench file has no figure for, with its line.
pub fn figures(policy: &Policy, bench: Option<&BenchFile>) -> Result<Vec<Figure>, String> {
    let mut figures = Vec::new();
    for (bound, line) in &policy.bounds {
        let Some(file) = bench else {
            return Err(format!("line {line} bounds {}: say with --bench where the figures are", bound.workload));
        };
        let before = figures.len();
        let meant = |threads: u32| bound.threads.is_none_or(|wanted| wanted == threads);
        for measured in file.workloads.iter().filter(|m| m.workload.name == bound.workload && meant(m.threads)) {
            // The baseline's twin has a ratio that is noise alone, and no verdict.
            for outcome in measured.outcomes.iter().filter(|outcome| outcome.verdict.is_some()) {
                let Some(ratio) = outcome.ratio else { continue };
                figures.push(Figure {
                    workload: bound.workload.clone(),
                    threads: measured.threads,
                    subject: outcome.subject.clone(),
                    ratio,
                    at_most: bound.at_most,
                    line: *line,
                    standing: Standing::of(&ratio, bound.at_most),
                });
            }
        }
        if figures.len() == before {
            return Err(format!("line {line} bounds {}, which the bench file has no ratio of", bound.workload));
        }
    }
    Ok(figures)
}
