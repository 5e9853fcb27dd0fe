//! `libcdiff check --for`: the cases that may matter to a program are run, and the differences that touch it count.

use std::collections::BTreeSet;

use super::super::{impact, run, store};
use super::Measure;
use crate::check::policy::{Known, Policy};
use crate::check::record::ForProgram;
use crate::cli::{self, Cli};
use crate::exit::Failure;
use crate::image::Image;
use crate::impact::Reading;
use crate::impact::answer::{Start, Touched};
use crate::impact::subject::Subject;
use crate::pitfalls::{cases_of, of_case};
use crate::plan::Selection;
use crate::runfile::RunFile;

/// A program, and what it asks a C library for.
pub struct Narrowed {
    subject: Subject,
    reading: Reading,
    images: Vec<Image>,
}

impl Narrowed {
    /// Reads the program that the request names. A baseline keeps no files, so that the libraries a program loads are then those of
    /// the image that is checked.
    pub fn read(cli: &Cli, request: &cli::Check, measure: &Measure) -> Result<Self, Failure> {
        let store = store(cli, &request.registries)?;
        let from = match measure {
            Measure::Image(name) => name.clone(),
            Measure::Kept { .. } => request.image.clone(),
        };
        let images = run::find(&[from, request.image.clone()], &store)?;
        let program = request.program.as_deref().unwrap_or_default();
        let subject = impact::subject(program, false, &images[0], &store)?;
        let reading = impact::read(&subject, &images[0], &images[1])?;
        Ok(Self { subject, reading, images })
    }

    /// Whether nobody knows which functions a case is about, so that it may be about the program's.
    fn unexplained(&self, known: &Known<'_>, case: &str) -> bool {
        self.reading.asks() && of_case(known.pitfalls, case).is_none()
    }

    /// Leaves those cases of a selection that may matter, and what the policy requires. Whether any are left: a static program asks no C
    /// library for anything, whatever is selected, and then there is nothing to run.
    ///
    /// # Errors
    /// A choice that leaves out all that matters.
    pub fn narrow(&self, selection: &mut Selection, policy: &Policy, known: &Known<'_>) -> Result<bool, Failure> {
        let wanted: BTreeSet<&str> = self.reading.cases(known.pitfalls, known.cases).into_iter().collect();
        let required = required(policy, known);
        let selected = selection.of(known.cases).into_iter().map(|case| case.id.as_str());
        let stays = |case: &&str| wanted.contains(case) || required.contains(*case) || self.unexplained(known, case);
        let left: Vec<String> = selected.filter(stays).map(str::to_owned).collect();
        if left.is_empty() && !self.reading.asks() {
            return Ok(false);
        }
        if left.is_empty() {
            return Err(Failure::request(format!(
                "no case that is selected is about anything that {} imports from a C library: there is nothing to check",
                self.subject.name
            )));
        }
        selection.cases = left;
        Ok(true)
    }

    /// The run of a program that no case can matter to.
    pub fn nothing_asked(&self) -> RunFile {
        impact::nothing_asked(&self.images)
    }

    /// Leaves out the differences that do not touch the program, are explained and are not required, and says what else was found of it.
    pub fn leave_out(
        self,
        seen: &mut RunFile,
        request: &cli::Check,
        policy: &Policy,
        known: &Known<'_>,
    ) -> Result<ForProgram, Failure> {
        let stopped: Vec<String> = self.reading.stops().into_iter().map(told).collect();
        let family = |image: &Image| image.libc().map(|libc| libc.family.clone());
        let must_start = seen.images.first().and_then(|image| image.libc.as_ref()).map(|libc| libc.family.clone())
            == family(&self.images[1]).map(|family| family.to_string());
        let unexplained: BTreeSet<String> = seen.differences.iter().map(|difference| difference.case.clone()).collect();
        let unexplained = unexplained.into_iter().filter(|case| self.unexplained(known, case)).collect::<Vec<_>>();
        let found = match (seen.images.first(), seen.images.get(1)) {
            (Some(from), Some(to)) => {
                impact::of_run(self.reading, &self.subject, &self.images, seen, [from, to], known)?
            }
            _ => return Err(Failure::request("a check needs two images")),
        };
        let touching = |touched: &[Touched]| touched.iter().flat_map(|one| one.cases.clone()).collect::<BTreeSet<_>>();
        let mut kept = touching(&found.touched);
        if request.with_libraries {
            kept.extend(touching(&found.by_libraries));
        }
        kept.extend(required(policy, known));
        kept.extend(unexplained);
        let before = seen.differences.len();
        seen.differences.retain(|difference| kept.contains(&difference.case));
        seen.impact = Some(Box::new(found));
        run::recount(seen);
        Ok(ForProgram { subject: self.subject.name, left_out: before - seen.differences.len(), stopped, must_start })
    }
}

/// The cases that a policy requires, those of required pitfalls among them.
fn required(policy: &Policy, known: &Known<'_>) -> BTreeSet<String> {
    let cases = |id: &str| match known.pitfalls.iter().find(|pitfall| pitfall.id == id) {
        Some(pitfall) => cases_of(pitfall, known.pitfalls, known.cases).into_iter().map(str::to_owned).collect(),
        None => vec![id.to_owned()],
    };
    policy.requires.iter().flat_map(|required| cases(&required.id)).collect()
}

/// Why a file does not start, in a sentence.
fn told(start: &Start) -> String {
    let why = start.obstacles.first().map(|obstacle| obstacle.told.clone());
    let symbols = start.missing_symbols.first().map(|missing| {
        let more = start.missing_symbols.len() - 1;
        format!(
            "the symbol {} is not there{}",
            missing.symbol,
            if more > 0 { format!(", and {more} more") } else { String::new() }
        )
    });
    format!("{} does not start as it is: {}", start.file, why.or(symbols).unwrap_or_default())
}
