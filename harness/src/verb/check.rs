//! `libcdiff check`: what changes at run time between the image that there is and the one that is wanted, and whether the
//! project accepts it.

use std::fs;
use std::path::{Path, PathBuf};

use libcdiff_protocol::CaseInfo;

use super::{report, run};
use crate::check::baseline::{self, Baseline};
use crate::check::policy::{Known, Policy};
use crate::check::{self, Against};
use crate::cli::{self, Cli};
use crate::exit::{Exit, Failure};
use crate::runfile::RunFile;
use crate::{bundle, pitfalls};

/// The policy that is read without being named, where it is there.
const POLICY: &str = "libcdiff.toml";

/// What the image is measured by.
enum Measure {
    Image(String),
    Baseline(PathBuf, Box<Baseline>),
}

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Check) -> Result<(), Failure> {
    let (all, pitfalls) = (bundle::cases()?, pitfalls::all()?);
    let file = request.policy.clone().or_else(|| Path::new(POLICY).exists().then(|| POLICY.into()));
    let known = Known { cases: &all, pitfalls: &pitfalls, today: chrono::Utc::now().date_naive() };
    let policy = file.as_deref().map_or_else(|| Ok(Policy::default()), |path| policy(path, &known))?;
    let bench = request.render.bench.as_deref().map(report::figures).transpose()?;
    let measure = measure(&request.against)?;

    let mut seen = observe(cli, request, &measure, &all)?;
    let against = Against {
        name: request.against.clone(),
        policy_file: file.as_ref().map(|path| path.display().to_string()),
        policy: &policy,
        bench: bench.as_ref(),
    };
    let mut decided = check::decide(&seen, against, &pitfalls).map_err(Failure::request)?;
    if let Measure::Baseline(path, baseline) = &measure {
        (decided.new_cases, decided.missing_cases) = baseline.strangers(&seen);
        keep_pending(path, &seen)?;
    }
    let found = decided.found;
    seen.check = Some(decided);
    report::deliver(cli, &seen, &all, &request.render)?;
    match found {
        0 => Ok(()),
        n => Err(Failure { exit: Exit::Found, message: refusal(n, &request.image, &measure) }),
    }
}

fn observe(cli: &Cli, request: &cli::Check, measure: &Measure, all: &[CaseInfo]) -> Result<RunFile, Failure> {
    let selection = run::selection(&request.which, all)?;
    let store = super::store(cli, &request.registries)?;
    let image = request.image.clone();
    match measure {
        Measure::Image(name) => {
            run::perform(cli, request.runner, &store, &[name.clone(), image], &selection, all, None)
        }
        Measure::Baseline(_, baseline) => {
            let mut seen = run::perform(cli, request.runner, &store, &[image], &selection, all, None)?;
            baseline.put_before(&mut seen);
            run::judge(&mut seen, all)?;
            Ok(seen)
        }
    }
}

/// A file that says what an image answered, where there is one of this name; else an image.
fn measure(against: &str) -> Result<Measure, Failure> {
    let path = Path::new(against);
    let says_json = path.extension().is_some_and(|extension| extension == "json");
    match (path.is_file(), says_json) {
        (true, true) => load(path).map(|baseline| Measure::Baseline(path.into(), Box::new(baseline))),
        (false, true) => Err(Failure::request(format!(
            "there is no baseline {against}: `libcdiff baseline accept {against} --image IMAGE` makes one"
        ))),
        _ => Ok(Measure::Image(against.to_owned())),
    }
}

/// Reads a baseline.
pub fn load(path: &Path) -> Result<Baseline, Failure> {
    let refused = |e: String| Failure::request(format!("reading the baseline {}: {e}", path.display()));
    let text = fs::read_to_string(path).map_err(|e| refused(e.to_string()))?;
    Baseline::parse(&text).map_err(|e| refused(e.to_string()))
}

fn policy(path: &Path, known: &Known<'_>) -> Result<Policy, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|e| Failure::request(format!("reading the policy {}: {e}", path.display())))?;
    Policy::parse(&text, path, known).map_err(|e| Failure::request(format!("the policy cannot be used\n{e}")))
}

/// Keeps what the checked image answered beside the baseline, where it is something else.
fn keep_pending(path: &Path, seen: &RunFile) -> Result<(), Failure> {
    let pending = baseline::pending(path);
    let image = seen.images.get(1).filter(|_| !seen.differences.is_empty());
    match image {
        Some(image) => report::write(&pending, Baseline::of(seen, image).to_json()?),
        None => match fs::remove_file(&pending) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(Failure { exit: Exit::Failed, message: format!("removing {}: {e}", pending.display()) })
            }
            _ => Ok(()),
        },
    }
}

fn refusal(found: usize, image: &str, measure: &Measure) -> String {
    let what =
        if found == 1 { "1 finding is not accepted".to_owned() } else { format!("{found} findings are not accepted") };
    let next = match measure {
        Measure::Image(_) => "accept what is right in libcdiff.toml".to_owned(),
        Measure::Baseline(path, _) => format!("`libcdiff baseline review {}` steps through them", path.display()),
    };
    format!("{image}: {what}; {next}")
}
