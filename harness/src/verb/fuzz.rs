//! `libcdiff fuzz`: looks for differences that nobody has listed.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use libcdiff_protocol::Flavour;
use sha2::{Digest, Sha256};

use super::{cache, kubernetes, print, run, store};
use crate::cli::{self, Cli, RunnerName};
use crate::exit::{Exit, Failure};
use crate::fuzz::ask::Lab;
use crate::fuzz::resident::Place;
use crate::fuzz::state::{Campaign, Found, Subject};
use crate::fuzz::target::Target;
use crate::fuzz::{campaign, draft, explain, table};
use crate::image::Catalog;
use crate::pitfalls::glob;
use crate::report::visible::visible;
use crate::{bundle, pitfalls, progress, runfile, runner};

mod cluster;

/// How long to look where nothing is said.
const TIME: Duration = Duration::from_secs(60);
/// How often what was found is written down.
const KEEP_EVERY: Duration = Duration::from_secs(10);

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Fuzz) -> Result<(), Failure> {
    let all = bundle::targets()?;
    let targets = wanted(&all, &request.targets)?;
    if request.list {
        return list(request, &targets);
    }
    let pitfalls = match &request.pitfalls {
        Some(folder) if !folder.is_dir() => {
            return Err(Failure::request(format!("--pitfalls {} is no folder", folder.display())));
        }
        Some(folder) => pitfalls::of_folder(folder)?,
        None => pitfalls::all()?,
    };
    let (mut campaign, stopped) = match request.merge.split_first() {
        Some((first, rest)) => (merged(first, rest, &all)?, false),
        None => look(cli, request, &targets)?,
    };
    explain::explain(&mut campaign, &all, &pitfalls);
    if let Some(path) = request.state.as_ref().filter(|_| !request.merge.is_empty()) {
        if path.exists() {
            Campaign::read(path)?;
        }
        campaign.write(path)?;
    }
    if let Some(folder) = &request.drafts {
        let [new, kept] = draft::write(&campaign, &all, folder)?;
        let kept = if kept > 0 { format!(", and {kept} that were there, left as they are") } else { String::new() };
        progress::note(cli.quiet, &format!("{new} drafts in {}{kept}", folder.display()));
    }
    match request.json {
        true => print(&(serde_json::to_string_pretty(&campaign)? + "\n"))?,
        false => print(&visible(&table::render(&campaign, &all, cli.verbose, super::report::width())))?,
    }
    ended(&campaign, stopped)
}

/// A campaign in which no target could be asked has failed; one that was stopped says so.
fn ended(campaign: &Campaign, stopped: bool) -> Result<(), Failure> {
    if let Some(reason) = campaign.targets.iter().find_map(|found| found.failed.as_ref())
        && campaign.targets.iter().all(|found| found.failed.is_some())
    {
        return Err(Failure { exit: Exit::Failed, message: format!("no target could be asked: {reason}") });
    }
    match stopped {
        true => Err(Failure { exit: Exit::Stopped, message: "stopped; the next run goes on from here".into() }),
        false => Ok(()),
    }
}

fn wanted(all: &[Target], patterns: &[String]) -> Result<Vec<Target>, Failure> {
    for pattern in patterns {
        if !all.iter().any(|target| glob(pattern, &target.id)) {
            return Err(Failure::request(format!(
                "no target is called `{pattern}`; `libcdiff fuzz --list` prints them"
            )));
        }
    }
    let wanted = |target: &&Target| patterns.is_empty() || patterns.iter().any(|pattern| glob(pattern, &target.id));
    Ok(all.iter().filter(wanted).cloned().collect())
}

fn list(request: &cli::Fuzz, targets: &[Target]) -> Result<(), Failure> {
    if request.json {
        let all: Vec<_> = targets
            .iter()
            .map(|t| {
                serde_json::json!({"id": t.id, "what": t.what, "functions": t.functions,
            "fields": t.fields, "domain": t.domain})
            })
            .collect();
        return print(&(serde_json::to_string_pretty(&all)? + "\n"));
    }
    let row = |target: &Target| {
        let domain = target.domain.map_or(String::new(), |count| format!(" (all {count})"));
        format!("{:<24} {}{domain}\n", target.id, target.what)
    };
    print(&targets.iter().map(row).collect::<String>())
}

fn merged(first: &Path, rest: &[PathBuf], targets: &[Target]) -> Result<Campaign, Failure> {
    let mut campaign = Campaign::read(first)?;
    let mut parts = vec![(first, serde_json::to_string(&campaign)?)];
    for path in rest {
        let part = Campaign::read(path)?;
        let text = serde_json::to_string(&part)?;
        if let Some((same, _)) = parts.iter().find(|(_, known)| *known == text) {
            return Err(Failure::request(format!(
                "{} and {} are the same part; each would count twice",
                same.display(),
                path.display()
            )));
        }
        parts.push((path, text));
        campaign.merge(part, targets)?;
    }
    Ok(campaign)
}

/// Looks for as long as it may; and whether it was stopped.
fn look(cli: &Cli, request: &cli::Fuzz, targets: &[Target]) -> Result<(Campaign, bool), Failure> {
    let store = store(cli, &request.registries)?;
    let names = match request.images.len() {
        0 => Catalog::embedded()?.default_images().to_vec(),
        1 => return Err(Failure::request("give another --image: what one alone says differs from nothing")),
        _ => request.images.clone(),
    };
    let cache = cache()?;
    kubernetes::check_pods(request.runner, request.pods.are_meant())?;
    let found = run::find(&names, &store)?;
    let there = match request.runner {
        RunnerName::Kubernetes => Some(cluster::Cluster::of(request, &found)?),
        _ => None,
    };
    let images: Vec<_> = found.into_iter().map(run::with_root).collect();
    // What pods found is made small here.
    let runner = if there.is_some() { RunnerName::Sandbox } else { request.runner };
    let runner = runner::of_name(runner, &images, &cache)?;
    let images = images.into_iter().map(|(image, root)| Ok((flavour(&image)?, image, root)));
    let images: Vec<_> = images
        .map(|image| image.map(|(flavour, image, root)| (image, root, flavour)))
        .collect::<Result<_, Failure>>()?;
    let subjects: Vec<Subject> = images.iter().map(|(image, ..)| Subject::from(image)).collect();
    let shard = request.shard.unwrap_or([0, 1]);
    let fresh = Campaign::new(request.seed, shard, subjects);
    let path = request.state.clone().unwrap_or_else(|| cache.join("fuzz").join(name_of(&fresh)));
    let mut campaign = match (path.exists(), request.fresh) {
        (false, _) => fresh,
        (true, false) => gone_on(cli, &path, &fresh)?,
        // What is no campaign is somebody's file, and not overwritten.
        (true, true) => Campaign::read(&path).map(|_| fresh)?,
    };
    campaign.targets.iter_mut().for_each(|found| found.failed = None);
    for target in targets {
        campaign.target(&target.id).failed = cannot_be_asked(target, &images);
    }
    match there {
        Some(cluster) => cluster.look(cli, runner.as_ref(), &images, campaign, &path, targets),
        None => Search::new(cli, request, runner.as_ref(), &images, campaign, path)?.run(targets),
    }
}

/// The program that runs in an image: that of its own C library.
fn flavour(image: &runfile::Image) -> Result<Flavour, Failure> {
    match image.libc.as_ref().map(|libc| libc.family.as_str()) {
        Some("glibc") => Ok(Flavour::Gnu),
        Some("musl") => Ok(Flavour::Musl),
        _ => Err(Failure::request(format!(
            "there is no worker for the C library of {}: it is neither glibc nor musl",
            image.reference
        ))),
    }
}

/// Why a target cannot be asked in these images. What only one of them could answer would differ in every input.
fn cannot_be_asked(target: &Target, places: &[Place]) -> Option<String> {
    let lacks = |(_, root, _): &&Place| target.shell && root.join("bin/sh").symlink_metadata().is_err();
    let (image, ..) = places.iter().find(lacks)?;
    Some(format!("musl's {} asks /bin/sh, and {} has none", target.functions.join(", "), image.id))
}

/// A name that the same images, seed and shard have again.
fn name_of(campaign: &Campaign) -> String {
    let key = serde_json::json!([campaign.images, campaign.seed, campaign.shard]).to_string();
    let digest = Sha256::digest(key.as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>() + ".json"
}

fn gone_on(cli: &Cli, path: &Path, fresh: &Campaign) -> Result<Campaign, Failure> {
    let kept = Campaign::read(path)?;
    if (&kept.images, kept.seed, kept.shard) != (&fresh.images, fresh.seed, fresh.shard) {
        return Err(Failure::request(format!(
            "{} is of other images, another seed or another part; name another file, or begin anew with --fresh",
            path.display()
        )));
    }
    let inputs: u64 = kept.targets.iter().map(|found| found.asked).sum();
    progress::note(cli.quiet, &format!("going on from {inputs} inputs in {}; --fresh begins anew", path.display()));
    Ok(kept)
}

/// A campaign under way.
struct Search<'a> {
    runner: &'a dyn runner::Runner,
    places: &'a [Place],
    seed: u64,
    shard: [u64; 2],
    jobs: usize,
    rounds: Option<u64>,
    until: Option<Instant>,
    path: PathBuf,
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
    shared: Mutex<Shared>,
}

/// What the threads share.
struct Shared {
    campaign: Campaign,
    /// Targets that nobody is at, and rounds that this run has done of them.
    free: Vec<(Target, u64)>,
    kept: Instant,
    failure: Option<Failure>,
}

impl<'a> Search<'a> {
    fn new(
        cli: &Cli,
        request: &cli::Fuzz,
        runner: &'a dyn runner::Runner,
        places: &'a [Place],
        campaign: Campaign,
        path: PathBuf,
    ) -> Result<Self, Failure> {
        let time = request.time.or_else(|| request.rounds.is_none().then_some(TIME));
        let jobs = request.jobs.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from);
        Ok(Self {
            runner,
            places,
            seed: request.seed,
            shard: campaign.shard,
            jobs,
            rounds: request.rounds,
            until: time.map(|time| Instant::now() + time),
            path,
            bar: progress::bar(progress::target(cli.quiet), "{pos} rounds", textwrap::termwidth()),
            stop: progress::stop()?,
            shared: Mutex::new(Shared { campaign, free: Vec::new(), kept: Instant::now(), failure: None }),
        })
    }

    fn run(self, targets: &[Target]) -> Result<(Campaign, bool), Failure> {
        self.lock().free = targets.iter().map(|target| (target.clone(), 0)).collect();
        let side_by_side = targets.len() < self.jobs;
        let search = &self;
        thread::scope(|scope| {
            for _ in 0..search.jobs.min(targets.len()) {
                scope.spawn(move || search.work(&Lab::new(scope, search.runner, search.places, side_by_side)));
            }
        });
        self.bar.finish_and_clear();
        let stopped = self.stop.load(Ordering::Relaxed);
        let Shared { mut campaign, failure, .. } = self.shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        campaign.targets.sort_by(|a, b| a.target.cmp(&b.target));
        campaign.write(&self.path)?;
        failure.map_or(Ok((campaign, stopped)), Err)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// A thread: takes the target that has had the least time, and does a round of it.
    fn work(&self, lab: &Lab<'_, '_>) {
        while let Some((target, done, mut found)) = self.next() {
            let number = self.shard[0] + found.rounds * self.shard[1];
            self.bar.set_message(target.id.clone());
            if let Err(e) = campaign::round(lab, &target, self.seed, number, &mut found) {
                found.failed = Some(e.to_string());
            }
            self.bar.inc(1);
            self.give_back(target, done + 1, found);
        }
    }

    fn next(&self) -> Option<(Target, u64, Found)> {
        let mut shared = self.lock();
        let Shared { campaign, free, .. } = &mut *shared;
        if self.over() {
            return None;
        }
        free.retain(|(target, done)| {
            let found = campaign.target(&target.id);
            !found.complete && found.failed.is_none() && self.rounds.is_none_or(|rounds| *done < rounds)
        });
        let seconds = |at: &usize| {
            campaign.targets.iter().find(|found| found.target == free[*at].0.id).map_or(0.0, |found| found.seconds)
        };
        let at = (0..free.len()).min_by(|a, b| seconds(a).total_cmp(&seconds(b)))?;
        let (target, done) = free.swap_remove(at);
        let found = campaign.target(&target.id).clone();
        Some((target, done, found))
    }

    fn give_back(&self, target: Target, done: u64, found: Found) {
        let mut shared = self.lock();
        *shared.campaign.target(&target.id) = found;
        shared.free.push((target, done));
        if shared.kept.elapsed() > KEEP_EVERY {
            shared.kept = Instant::now();
            if let Err(e) = shared.campaign.write(&self.path) {
                shared.failure = Some(e);
                self.stop.store(true, Ordering::Relaxed);
            }
        }
    }
}
