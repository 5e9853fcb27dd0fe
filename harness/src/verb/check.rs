//! `libcdiff check`: what changes at run time between the image that there is and the one that is wanted, and whether the
//! project accepts it.

use std::fs;
use std::path::{Path, PathBuf};

use libcdiff_protocol::CaseInfo;

use narrowed::Narrowed;

use super::{report, run};
use crate::check::baseline::{self, Baseline};
use crate::check::policy::{FILE as POLICY, Known, Policy};
use crate::check::record::{Check, ForProgram};
use crate::check::{self, Against};
use crate::cli::{self, Cli};
use crate::exit::{Exit, Failure};
use crate::plan::Selection;
use crate::report::Model;
use crate::runfile::RunFile;
use crate::{bundle, pitfalls};

mod narrowed;

/// What the image is measured by.
enum Measure {
    Image(String),
    /// A baseline, which takes changes, or a run file, which stays as it is.
    Kept {
        path: PathBuf,
        baseline: Box<Baseline>,
        takes_changes: bool,
    },
}

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Check) -> Result<(), Failure> {
    report::sound(&request.render)?;
    let (all, pitfalls) = (bundle::cases()?, pitfalls::all()?);
    let file = request.policy.clone().or_else(|| Path::new(POLICY).exists().then(|| POLICY.into()));
    let known = Known { cases: &all, pitfalls: &pitfalls, today: chrono::Utc::now().date_naive() };
    let policy = file.as_deref().map_or_else(|| Ok(Policy::default()), |path| policy(path, &known))?;
    let bench = request.render.bench.as_deref().map(report::figures).transpose()?;
    let unusable = |e: String| Failure::request(format!("the policy cannot be used\n{}: {e}", named(file.as_deref())));
    check::figures(&policy, bench.as_ref()).map_err(unusable)?;
    let measure = measure(&request.against)?;

    let narrowed = request.program.as_deref().map(|_| Narrowed::read(cli, request, &measure)).transpose()?;
    let mut selection = run::selection(&request.which, &all)?;
    let mut seen = match &narrowed {
        Some(narrowed) if !narrowed.narrow(&mut selection, &policy, &known)? => narrowed.nothing_asked(),
        _ => observe(cli, request, &measure, &all, &selection)?,
    };
    let program = narrowed.map(|narrowed| narrowed.leave_out(&mut seen, request, &policy, &known)).transpose()?;
    let against = Against {
        name: request.against.clone(),
        policy_file: file.as_ref().map(|path| path.display().to_string()),
        policy: &policy,
        bench: bench.as_ref(),
        kept: matches!(measure, Measure::Kept { .. }),
        flavours: &request.which.flavour,
        left_out: &|case| left_out(&request.which, case),
    };
    let mut decided = check::decide(&seen, against, &known).map_err(unusable)?;
    decided.found += program.as_ref().map_or(0, ForProgram::found);
    decided.program = program;
    if let Measure::Kept { path, baseline, takes_changes } = &measure {
        (decided.new_cases, decided.missing_cases) = baseline.strangers(&seen);
        if *takes_changes {
            keep_pending(path, &seen)?;
        }
    }
    seen.check = Some(decided.clone());
    report::deliver(cli, &seen, &all, &request.render)?;
    match decided.found {
        0 => Ok(()),
        _ => {
            let model = Model::new(&seen, &all, &pitfalls);
            Err(Failure { exit: Exit::Found, message: refusal(&model, &decided, &request.image, &measure) })
        }
    }
}

fn observe(
    cli: &Cli,
    request: &cli::Check,
    measure: &Measure,
    all: &[CaseInfo],
    selection: &Selection,
) -> Result<RunFile, Failure> {
    let store = super::store(cli, &request.registries)?;
    let image = request.image.clone();
    match measure {
        Measure::Image(name) => run::perform(cli, request.runner, &store, &[name.clone(), image], selection, all, None),
        Measure::Kept { baseline, .. } => {
            let mut seen = run::perform(cli, request.runner, &store, &[image], selection, all, None)?;
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
        (true, true) => {
            let (baseline, takes_changes) = (Box::new(load(path)?), Baseline::is_one(&text(path)?));
            Ok(Measure::Kept { path: path.into(), baseline, takes_changes })
        }
        (false, true) => Err(Failure::request(format!(
            "there is no baseline {against}: `libcdiff baseline accept {against} --image IMAGE` makes one"
        ))),
        _ => Ok(Measure::Image(against.to_owned())),
    }
}

/// Reads a baseline.
pub fn load(path: &Path) -> Result<Baseline, Failure> {
    Baseline::parse(&text(path)?).map_err(|e| unread(path, &e))
}

fn text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|e| unread(path, &e))
}

fn unread(path: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::request(format!("reading the baseline {}: {error}", path.display()))
}

/// The options that leave a case out, in the user's own words.
fn left_out(which: &cli::Which, case: &str) -> Option<String> {
    let area = case.split('.').next().unwrap_or_default();
    let areas = (!which.area.is_empty() && !which.area.iter().any(|wanted| wanted == area))
        .then(|| format!("--area {}", which.area.join(",")));
    let named = !(which.case.is_empty() && which.pitfall.is_empty());
    let cases = named && !which.case.iter().any(|pattern| pitfalls::glob(pattern, case));
    let cases = cases.then(|| match which.case.is_empty() {
        true => format!("--pitfall {}", which.pitfall.join(",")),
        false => format!("--case {}", which.case.join(",")),
    });
    let flavours = (!which.flavour.is_empty())
        .then(|| format!("--flavour {}", which.flavour.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")));
    areas.or(cases).or(flavours)
}

fn policy(path: &Path, known: &Known<'_>) -> Result<Policy, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|e| Failure::request(format!("reading the policy {}: {e}", path.display())))?;
    Policy::parse(&text, path, known).map_err(|e| Failure::request(format!("the policy cannot be used\n{e}")))
}

/// What messages call the policy.
fn named(file: Option<&Path>) -> String {
    file.unwrap_or(Path::new(POLICY)).display().to_string()
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

/// How many findings there are, and what to do about them.
fn refusal(model: &Model<'_>, check: &Check, image: &str, measure: &Measure) -> String {
    let what = match check.found {
        1 => "1 finding is not accepted".to_owned(),
        n => format!("{n} findings are not accepted"),
    };
    let required = |case: &str| check.requirements.iter().any(|required| required.id == case);
    let open = |case: &str| check.accepts(case).is_none() && !required(case);
    // The first that the report tells, and that an entry can accept.
    let stories = model.open_stories();
    let changed = stories.iter().find_map(|story| Some((story, story.differences.iter().find(|d| open(&d.case))?)));
    let id = changed.map(|(story, difference)| story.pitfall.map_or(&difference.case, |pitfall| &pitfall.id));
    let id = id.or_else(|| check.silent().map(|silent| &silent.case).find(|case| open(case)));
    let policy = check.policy.as_deref().unwrap_or(POLICY);
    let next = match (measure, id) {
        (Measure::Kept { path, takes_changes: true, .. }, Some(_)) if changed.is_some() => {
            format!("`libcdiff baseline review {}` steps through the changes", path.display())
        }
        (_, Some(id)) => format!(
            "`libcdiff explain {id}` tells about the first; what is right here goes into {policy}:\n\n  \
             [[accept]]\n  id = \"{id}\"\n  reason = \"why this is right here\"\n  owner = \"whom to ask\""
        ),
        (_, None) if check.unmet().next().is_some() => format!("{policy} requires what is not there"),
        (_, None) if check.program.as_ref().is_some_and(|program| program.found() > 0) => {
            "what does not start in it has to be built for it".to_owned()
        }
        (_, None) => format!("figures are above the bounds of {policy}"),
    };
    format!("{image}: {what}; {next}")
}
