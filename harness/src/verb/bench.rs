//! `libcdiff bench`: workloads and subjects in, a bench file out, written anew after each workload.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use libcdiff_protocol::Flavour;

use super::{cache, print, report};
use crate::bench::allocator::Allocator;
use crate::bench::block::{self, Mode, Sampling};
use crate::bench::environment::Environment;
use crate::bench::file::{BenchFile, Measured, SCHEMA, Schedule};
use crate::bench::machine::Kernel;
use crate::bench::measure::{self, Lab, MeasureError, Settings};
use crate::bench::rounds::Rounds;
use crate::bench::subject::{self, Dropped, Subject};
use crate::bench::workload::{Selection, Task};
use crate::bench::{diagnosis, summary};
use crate::bundle;
use crate::cli::{self, Cli, Format};
use crate::exit::{Exit, Failure};
use crate::image::Catalog;
use crate::report::bench as rendering;
use crate::runfile::{Image, Tool};
use crate::runner::Sandbox;
use crate::trace::task;

mod progress;

use progress::Progress;

/// The word before the files of traces, in place of workloads.
const TRACE: &str = "trace";
/// How often a block on a busy machine is run again.
const REPEATS: usize = 2;
/// Rounds in memory mode, which hardly varies.
const MEMORY_ROUNDS: usize = 3;

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Bench) -> Result<(), Failure> {
    let (tasks, short) = tasks(request)?;
    let allocators = allocators(request)?;
    let images = super::run::resolve(&names(request)?, &super::store(cli, &request.registries)?)?;
    if let Some((image, _)) = images.iter().find(|(image, _)| image.emulated_by.is_some()) {
        return Err(Failure::request(format!(
            "{} is for {}: what an emulator takes for a workload says nothing; measure on such a machine",
            image.id, image.arch
        )));
    }
    let described: Vec<Image> = images.iter().map(|(image, _)| image.clone()).collect();
    let (subjects, mut dropped) = subject::cross(&described, &request.flavour, &allocators);
    dropped.extend(short);
    if !cli.quiet {
        dropped.iter().for_each(|d| eprintln!("libcdiff: not measured: {}: {}", d.subject, d.reason));
    }
    if subjects.is_empty() {
        let reasons: Vec<_> = dropped.iter().map(|d| format!("{}: {}", d.subject, d.reason)).collect();
        return Err(Failure::request(format!("nothing can be measured: {}", reasons.join("; "))));
    }
    let settings = settings(request);
    let mut file = empty(described, subjects, dropped, &settings, tasks.len())?;
    let ended = measure_all(cli, request, &images, &tasks, settings, &mut file);
    if file.workloads.is_empty() {
        return ended;
    }
    file.complete = ended.is_ok();
    keep(request, &mut file)?;
    let output = request.output.as_deref();
    // What is kept in a file needs not be printed as well.
    if !(request.format == Format::Json && output.is_some()) {
        deliver(cli, &file, request.format, None, request.plots.as_deref())?;
    } else if let Some(folder) = &request.plots {
        plots(&file, folder)?;
    }
    ended
}

/// What is to be measured, and what of it cannot be here.
fn tasks(request: &cli::Bench) -> Result<(Vec<Task>, Vec<Dropped>), Failure> {
    let tasks = match request.workloads.split_first() {
        Some((first, files)) if first == TRACE => traces(request, files)?,
        _ => {
            let selection =
                Selection { names: request.workloads.clone(), threads: request.threads.clone(), quick: request.quick };
            selection.of(&bundle::workloads()?).map_err(|e| Failure::request(e.to_string()))?
        }
    };
    let cpus = processors();
    let (fit, large): (Vec<Task>, Vec<Task>) = tasks.into_iter().partition(|task| task.processors() as usize <= cpus);
    let reason = format!("its threads need a processor each, and this process may use {cpus}");
    let dropped: Vec<_> = large.iter().map(|task| Dropped { subject: task.label(), reason: reason.clone() }).collect();
    if fit.is_empty() {
        let labels: Vec<_> = dropped.iter().map(|d| d.subject.as_str()).collect();
        return Err(Failure::request(format!("nothing can be measured: {}: {reason}", labels.join("; "))));
    }
    Ok((fit, dropped))
}

/// Processors that this process may use.
fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A task for each trace: `bench trace FILE...`.
fn traces(request: &cli::Bench, files: &[String]) -> Result<Vec<Task>, Failure> {
    if files.is_empty() {
        return Err(Failure::request(
            "no trace is named: libcdiff bench trace FILE..., and `libcdiff alloc record` makes one",
        ));
    }
    if !request.threads.is_empty() {
        return Err(Failure::request("a trace has the threads that were recorded: leave --threads out"));
    }
    let tasks: Vec<Task> = files
        .iter()
        .map(|file| task::task(Path::new(file)).map_err(|e| Failure::request(e.to_string())))
        .collect::<Result<_, _>>()?;
    let mut names: Vec<&str> = tasks.iter().map(|task| task.workload.name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Failure::request(format!("two traces have the name {}: rename one of the files", pair[0]))),
        None => Ok(tasks),
    }
}

fn allocators(request: &cli::Bench) -> Result<Vec<Allocator>, Failure> {
    request.allocator.iter().map(|name| Allocator::parse(name).map_err(Failure::request)).collect()
}

fn names(request: &cli::Bench) -> Result<Vec<String>, Failure> {
    Ok(match request.image.is_empty() {
        false => request.image.clone(),
        true => Catalog::embedded()?.default_images().to_vec(),
    })
}

fn settings(request: &cli::Bench) -> Settings {
    let usual = if request.quick { Rounds::QUICK } else { Rounds::USUAL };
    Settings {
        seed: request.seed.unwrap_or_else(|| fastrand::u64(..=u64::from(u32::MAX))),
        rounds: request.rounds.map_or(usual, |rounds| Rounds::exactly(rounds as usize)),
        memory_rounds: if request.quick { 1 } else { MEMORY_ROUNDS.min(request.rounds.unwrap_or(u32::MAX) as usize) },
        survival: !request.quick,
        sampling: if request.quick { Sampling::short } else { Sampling::of },
        repeats: if request.quick { 1 } else { REPEATS },
        processors: processors(),
    }
}

fn empty(
    images: Vec<Image>,
    subjects: Vec<Subject>,
    dropped: Vec<Dropped>,
    settings: &Settings,
    planned: usize,
) -> Result<BenchFile, Failure> {
    let used: Vec<Flavour> = subjects.iter().map(|s| s.flavour).collect();
    Ok(BenchFile {
        schema: SCHEMA.into(),
        tool: Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() },
        started: super::run::now(),
        finished: super::run::now(),
        complete: false,
        environment: Environment::here(),
        images,
        flavours: bundle::flavours()?.into_iter().filter(|f| used.contains(&f.name)).collect(),
        programs: BTreeMap::new(),
        subjects,
        dropped,
        schedule: Schedule {
            seed: settings.seed,
            rounds: settings.rounds,
            memory_rounds: settings.memory_rounds,
            repeats: settings.repeats,
            planned,
        },
        workloads: Vec::new(),
        scaling: Vec::new(),
    })
}

/// Measures one workload after the other; what has been measured is in `file` and on disk, however this ends.
fn measure_all(
    cli: &Cli,
    request: &cli::Bench,
    images: &[(Image, PathBuf)],
    tasks: &[Task],
    settings: Settings,
    file: &mut BenchFile,
) -> Result<(), Failure> {
    let runner = Sandbox { programs: bundle::lay_out(&cache()?)? };
    let roots = images.iter().map(|(image, root)| (image.id.clone(), root.clone())).collect();
    let progress = Progress::new(cli.quiet)?;
    let subjects = file.subjects.clone();
    progress.expect(tasks.iter().map(|task| measure::longest_ms(&settings, task, subjects.len())).sum());
    let lab = Lab { runner: &runner, machine: &Kernel, roots: &roots, watch: &progress, settings };
    for task in tasks {
        let blocks = lab.measure(task, &subjects).map_err(|e| unfinished(request, file, e))?;
        let name = task.label();
        let outcomes = summary::outcomes(&subjects, &blocks, settings.seed, &name);
        file.environment.learn(&blocks);
        file.workloads.push(Measured {
            diagnosis: diagnosis::lines(&task.workload, task.threads, &outcomes),
            workload: task.workload.clone(),
            threads: task.threads,
            sampling: (settings.sampling)(task.threads),
            outcomes,
            blocks,
        });
        file.programs.extend(subjects.iter().flat_map(|subject| digests(task, subject)));
        scale(file, settings.seed);
        keep(request, file)?;
    }
    progress.finish();
    Ok(())
}

/// Digests of the program that a subject runs, and of what is preloaded into it.
fn digests(task: &Task, subject: &Subject) -> Vec<(String, String)> {
    let Ok(item) = block::item(task, subject, Mode::Time, Sampling::of(task.threads)) else { return Vec::new() };
    let preloaded = item.env.get("LD_PRELOAD").and_then(|path| path.strip_prefix("/.libcdiff/")).map(str::to_owned);
    let names = std::iter::once(item.program).chain(preloaded);
    names.filter_map(|name| Some((name.clone(), bundle::program_sha256(&name)?))).collect()
}

/// Scaling of every workload that has been measured with one thread and with two.
fn scale(file: &mut BenchFile, seed: u64) {
    let with = |name: &str, threads| file.workloads.iter().find(|m| m.workload.name == name && m.threads == threads);
    let both = file.workloads.iter().filter(|m| m.threads == 1).filter_map(|one| {
        let two = with(&one.workload.name, 2)?;
        Some(summary::scaling(&file.subjects, &one.workload.name, &one.blocks, &two.blocks, seed))
    });
    file.scaling = both.flatten().collect();
}

/// Why not everything was measured, and what has become of the rest.
fn unfinished(request: &cli::Bench, file: &BenchFile, error: MeasureError) -> Failure {
    let kept = match (&request.output, file.workloads.len()) {
        (_, 0) => "nothing was finished".into(),
        (Some(path), n) => {
            format!("{n} of {} workloads were finished and are in {}", file.schedule.planned, path.display())
        }
        (None, n) => format!("{n} of {} workloads were finished", file.schedule.planned),
    };
    let exit = if matches!(error, MeasureError::Stopped) { Exit::Stopped } else { Exit::Failed };
    Failure { exit, message: format!("{}; {kept}", Failure::from(error).message) }
}

/// Writes the bench file where the user wants it.
fn keep(request: &cli::Bench, file: &mut BenchFile) -> Result<(), Failure> {
    file.finished = super::run::now();
    request.output.as_deref().map_or(Ok(()), |path| report::write(path, &file.to_json()?))
}

/// Renders a bench file and puts it where the user wants it.
pub fn deliver(
    cli: &Cli,
    file: &BenchFile,
    format: Format,
    output: Option<&Path>,
    folder: Option<&Path>,
) -> Result<(), Failure> {
    if let Some(folder) = folder {
        plots(file, folder)?;
    }
    let text = match format {
        Format::Json => file.to_json()?,
        Format::Table => rendering::table::render(file, report::width(), cli.verbose),
        Format::Markdown => rendering::markdown::render(file),
        Format::Svg => rendering::ratios::draw(file)?,
        Format::Junit | Format::Sarif | Format::Github | Format::Html | Format::Versions => {
            return Err(Failure::request(
                "junit, sarif, github, html and versions tell of a run's differences, and this is a benchmark",
            ));
        }
    };
    match output {
        None => print(&text),
        Some(path) => report::write(path, anstream::adapter::strip_str(&text).to_string()),
    }
}

/// Draws every plot that the file has figures for.
pub fn plots(file: &BenchFile, folder: &Path) -> Result<(), Failure> {
    for (name, svg) in rendering::plots(file)? {
        report::write(&folder.join(name), &svg)?;
    }
    Ok(())
}
