//! `libcdiff baseline`: takes what an image answers as right, all at once or one change at a time.

use std::fs;
use std::io::{BufRead, Write, stdin};
use std::path::Path;

use libcdiff_protocol::CaseInfo;

use super::check::load;
use super::{print, report, run};
use crate::bundle;
use crate::check::baseline::{Baseline, Change, pending};
use crate::cli::{self, Cli};
use crate::exit::{Exit, Failure};
use crate::pitfalls::{self, Pitfall};
use crate::report::{change, visible::visible};

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Baseline) -> Result<(), Failure> {
    match request {
        cli::Baseline::Accept(accept) => match &accept.image {
            Some(image) => accept_image(cli, accept, image),
            None => accept_pending(&accept.baseline),
        },
        cli::Baseline::Review { baseline } => review(baseline),
    }
}

fn accept_image(cli: &Cli, request: &cli::Accept, image: &str) -> Result<(), Failure> {
    replaceable(&request.baseline)?;
    let all = bundle::cases()?;
    let selection = run::selection(&request.which, &all)?;
    let store = super::store(cli, &request.registries)?;
    let seen = run::perform(cli, request.runner, &store, &[image.to_owned()], &selection, &all, None)?;
    let image = seen.images.first().ok_or_else(|| Failure::request("there is no image"))?;
    let mut baseline = Baseline::of(&seen, image);
    if !request.which.is_all() && known(&request.baseline) {
        // What was not asked now is right still.
        let mut earlier = load(&request.baseline)?;
        earlier.become_like(&baseline);
        baseline = earlier;
    }
    keep(&request.baseline, &baseline)?;
    forget(&pending(&request.baseline))
}

/// Whether there is something in this file.
fn known(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

fn accept_pending(path: &Path) -> Result<(), Failure> {
    replaceable(path)?;
    let waiting = waiting(path)?;
    let mut baseline = load(path)?;
    // What the last check did not ask, or could not, is right still.
    baseline.become_like(&waiting);
    keep(path, &baseline)?;
    forget(&pending(path))
}

/// Refuses to write over what is no baseline: a run file serves as a measure, and holds more than a baseline keeps.
fn replaceable(path: &Path) -> Result<(), Failure> {
    let text = match fs::read(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(Failure::request(format!("reading the baseline {}: {e}", path.display()))),
        Ok(text) => text,
    };
    match text.is_empty() || Baseline::is_one(&String::from_utf8_lossy(&text)) {
        true => Ok(()),
        false => Err(Failure::request(format!(
            "{} is no baseline and stays as it is: give a baseline a name of its own, \
             `libcdiff baseline accept BASELINE.json --image IMAGE`",
            path.display()
        ))),
    }
}

fn keep(path: &Path, baseline: &Baseline) -> Result<(), Failure> {
    report::write(path, baseline.to_json()?)?;
    let image = &baseline.image;
    print(&format!("{}: what {} answers to {} cases is right\n", path.display(), image.reference, baseline.cases.len()))
}

fn forget(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure { exit: Exit::Failed, message: format!("removing {}: {e}", path.display()) })
        }
        _ => Ok(()),
    }
}

/// What the last check saw that is not in the baseline.
fn waiting(path: &Path) -> Result<Baseline, Failure> {
    let pending = pending(path);
    match pending.exists() {
        true => load(&pending),
        false => Err(Failure::request(format!(
            "nothing waits for {0}: `libcdiff check IMAGE --against {0}` finds changes, \
             and `libcdiff baseline accept {0} --image IMAGE` takes what an image answers now",
            path.display()
        ))),
    }
}

/// What somebody says to a change.
enum Say {
    Accept,
    Reject,
    Skip,
    AcceptAll,
    Quit,
}

fn review(path: &Path) -> Result<(), Failure> {
    replaceable(path)?;
    let (mut baseline, mut waiting) = (load(path)?, waiting(path)?);
    let (cases, pitfalls) = (bundle::cases()?, pitfalls::all()?);
    let changes = baseline.changes(&waiting);
    let (mut accepted, mut rejected, mut rest) = (0, 0, false);
    for (n, change) in changes.iter().enumerate() {
        let say = match rest {
            true => Say::Accept,
            false => ask(change, (n + 1, changes.len()), &cases, &pitfalls)?,
        };
        match say {
            Say::Quit => break,
            Say::Skip => {}
            Say::Reject => {
                waiting.take(&baseline, change);
                rejected += 1;
            }
            Say::Accept | Say::AcceptAll => {
                rest |= matches!(say, Say::AcceptAll);
                baseline.take(&waiting, change);
                accepted += 1;
            }
        }
    }
    if accepted > 0 {
        if baseline.changes(&waiting).is_empty() && rejected == 0 {
            // Everything is as in the image that was checked, so that is the one which the baseline speaks of.
            baseline.become_like(&waiting);
        }
        baseline.accepted = run::now();
        report::write(path, baseline.to_json()?)?;
    }
    let left = baseline.changes(&waiting).len();
    match left {
        0 => forget(&pending(path))?,
        _ => report::write(&pending(path), waiting.to_json()?)?,
    }
    print(&format!("{}: {accepted} accepted, {rejected} rejected, {left} left\n", path.display()))
}

/// Shows a change and waits for a word. The end of input is a wish to stop.
fn ask(change: &Change, place: (usize, usize), cases: &[CaseInfo], pitfalls: &[Pitfall]) -> Result<Say, Failure> {
    let case = cases.iter().find(|case| case.id == change.case);
    let shown = change::render(change, place, case, pitfalls::of_case(pitfalls, &change.case), report::width());
    print(&visible(&shown))?;
    loop {
        print("(a)ccept, (r)eject, (s)kip, accept a(l)l that follow, (q)uit? ")?;
        anstream::stdout().flush()?;
        let mut line = String::new();
        if stdin().lock().read_line(&mut line)? == 0 {
            print("\n")?;
            return Ok(Say::Quit);
        }
        match line.trim() {
            "a" | "accept" => return Ok(Say::Accept),
            "r" | "reject" => return Ok(Say::Reject),
            "s" | "skip" => return Ok(Say::Skip),
            "l" | "all" => return Ok(Say::AcceptAll),
            "q" | "quit" => return Ok(Say::Quit),
            _ => {}
        }
    }
}
