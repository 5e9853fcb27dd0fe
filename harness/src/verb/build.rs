//! `libcdiff build`: Dockerfiles and base images in, builds that were measured in turn and what follows from them out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use indicatif::ProgressBar;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use super::{cache, print, report};
use crate::bench::random::Random;
use crate::build::context::{Context, DOCKERFILE};
use crate::build::dockerfile::{self, Arguments, Recipe};
use crate::build::file::{
    Base, Build, BuildFile, Built, Cache, Engine as About, Failed, Outcome, SCHEMA, Step, Subject, Traffic,
};
use crate::build::{summary, table};
use crate::bundle;
use crate::cli::{self, Cli};
use crate::engine::{self, Client, Ended, EngineError, Holder, LABEL, Made, Order, Owner, Place, REPOSITORY, Watch};
use crate::exit::{Exit, Failure};
use crate::image::{Catalog, Engine, Image, Origin, Reference, Source, Store};
use crate::progress::{bar, target};
use crate::report::visible::visible;
use crate::runfile::Tool;

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Build) -> Result<(), Failure> {
    let wanted = wanted(request)?;
    let client = Client::connect(Engine::Docker).map_err(unreachable)?;
    engine::reap(&client).map_err(refused)?;
    let watch = Progress::new(cli.quiet)?;
    // From here on there may be something of ours at the engine.
    let tidy = Tidy(&client);
    let mut file = empty(request, about(&client)?);
    let mut bases = Bases { client: &client, store: Store::open(cache()?), made: BTreeMap::new() };
    let mut tasks = Vec::new();
    for wanted in &wanted {
        tasks.push(prepare(request, wanted, &mut bases, &watch, &mut file)?);
    }
    let laboratory = Laboratory::open(&client, request)?;
    let ended = take_turns(request, &laboratory, &tasks, &watch, &mut file);
    watch.bar.finish_and_clear();
    drop(laboratory);
    drop(tidy);
    file.complete = ended.is_ok();
    if file.subjects.iter().any(|subject| !subject.builds.is_empty() || subject.outcome.failed.is_some()) {
        keep(request, &mut file)?;
        tell(request, &file)?;
    }
    ended?;
    let failed: Vec<_> = file.subjects.iter().filter(|s| s.outcome.failed.is_some()).map(|s| s.id.as_str()).collect();
    match (failed.len(), file.subjects.len()) {
        (0, _) => Ok(()),
        (failures, all) => {
            let rest = if failures == all { "" } else { "; of the rest there is" };
            Err(Failure { exit: Exit::Failed, message: format!("there is no image of {}{rest}", failed.join(", ")) })
        }
    }
}

/// What is wanted: a Dockerfile, perhaps with another base.
struct Wanted {
    id: String,
    /// As it was given.
    dockerfile: String,
    text: String,
    /// The folder that is sent along.
    context: PathBuf,
    image: Option<String>,
}

/// Every Dockerfile with every image.
fn wanted(request: &cli::Build) -> Result<Vec<Wanted>, Failure> {
    let images: Vec<Option<&String>> = match request.image.is_empty() {
        true => vec![None],
        false => request.image.iter().map(Some).collect(),
    };
    let mut all: Vec<Wanted> = Vec::new();
    for given in &request.dockerfiles {
        let path = if given.is_dir() { given.join("Dockerfile") } else { given.clone() };
        let text = fs::read_to_string(&path)
            .map_err(|e| Failure::request(format!("reading the Dockerfile {}: {e}", path.display())))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let context = request.context.clone().unwrap_or_else(|| folder.to_owned());
        if !context.is_dir() {
            return Err(Failure::request(format!("--context {}: it is no folder", context.display())));
        }
        for image in &images {
            let short = image.map(|image| Reference::parse(image).map_err(super::run::refused)).transpose()?;
            let short = short.map(|reference| reference.id());
            let name = path.display().to_string();
            let id = match (short, request.dockerfiles.len()) {
                (None, _) => name.clone(),
                (Some(image), 1) => image,
                (Some(image), _) => format!("{name} on {image}"),
            };
            let taken = |id: &str| all.iter().any(|known| known.id == id);
            let numbered = (2..).map(|n| format!("{id} ({n})"));
            let id = std::iter::once(id.clone()).chain(numbered).find(|id| !taken(id)).unwrap_or(id);
            let (text, context) = (text.clone(), context.clone());
            all.push(Wanted { id, dockerfile: name, text, context, image: image.cloned() });
        }
    }
    Ok(all)
}

fn unreachable(error: EngineError) -> Failure {
    let wants = "libcdiff build has Docker build images, and measures that: it needs a Docker engine that answers \
                 (`libcdiff doctor` shows what there is)";
    let exit = if error.is_request() { Exit::Request } else { Exit::Failed };
    Failure { exit, message: format!("{error}; {wants}") }
}

fn refused(error: EngineError) -> Failure {
    let exit = if error.is_request() { Exit::Request } else { Exit::Failed };
    Failure { exit, message: error.to_string() }
}

fn about(client: &Client) -> Result<About, Failure> {
    let engine::About { version, info } = client.about().map_err(refused)?;
    let number = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
    Ok(About {
        name: client.engine().command().into(),
        version,
        storage: info.driver,
        kernel: info.kernel_version,
        system: info.operating_system,
        arch: info.architecture,
        cpus: number(info.ncpu),
        memory_bytes: number(info.mem_total),
    })
}

fn empty(request: &cli::Build, engine: About) -> BuildFile {
    BuildFile {
        schema: SCHEMA.into(),
        tool: Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() },
        started: super::run::now(),
        finished: super::run::now(),
        complete: false,
        engine,
        network: request.network.clone(),
        rounds: request.rounds as usize,
        seed: request.seed.unwrap_or_else(|| u64::from(std::process::id())),
        subjects: Vec::new(),
    }
}

// ----------------------------------------------------------------------------------------------------------- base images

/// The base images at the engine.
struct Bases<'a> {
    client: &'a Client,
    store: Store,
    /// What the engine calls those that it has by now, by what they were asked for as, and how long a pull took.
    made: BTreeMap<String, (String, Option<f64>)>,
}

impl Bases<'_> {
    /// What the builder is told for `--image`.
    fn of_request(&mut self, text: &str) -> Result<String, Failure> {
        let reference = Reference::parse(text).map_err(super::run::refused)?;
        let name = match reference.source().clone() {
            Source::Registry(name) | Source::Engine(Engine::Docker, name) => name,
            Source::Bare(_) => match self.bare(&reference)? {
                Some(name) => name,
                None => self.imported(&reference)?,
            },
            Source::Rootfs(_) | Source::Folder(_) => self.imported(&reference)?,
            Source::DockerArchive(_) | Source::OciArchive(_) | Source::OciFolder(_) => return Err(archive(text)),
            Source::Engine(Engine::Podman, _) | Source::Host => {
                return Err(Failure::request(format!(
                    "--image {text}: Docker cannot build on it; give it an image of its own"
                )));
            }
        };
        Ok(name)
    }

    /// The name at a registry that a word without a scheme stands for; `None` for what has to be brought there from here.
    fn bare(&self, reference: &Reference) -> Result<Option<String>, Failure> {
        let text = reference.id();
        let catalog = Catalog::embedded()?;
        match catalog.get(&text).map(|image| image.origin.clone()) {
            Some(Origin::Built(_)) => Ok(None),
            Some(Origin::Public(public)) => Ok(Some(public.id())),
            None if matches!(reference.source(), Source::Bare(given) if Path::new(given).exists()) => Ok(None),
            None => Ok(Some(text)),
        }
    }

    /// Brings a root file system to the engine.
    fn imported(&mut self, reference: &Reference) -> Result<String, Failure> {
        let image: Image = self.store.resolve(reference, &Catalog::embedded()?).map_err(super::run::refused)?;
        image.hold.clone().until_exit();
        let text = &image.reference;
        if let Some((name, _)) = self.made.get(text) {
            return Ok(name.clone());
        }
        // A root file system has no settings; those of an image would be lost.
        if !image.layers.is_empty() || !image.env.is_empty() {
            return Err(archive(text));
        }
        let tag = format!("{}-{}", Owner::me(), self.made.len());
        let _making = engine::making();
        let name = self.client.import(&tag, |to| engine::of_root(&image.root, to)).map_err(refused)?;
        self.made.insert(text.clone(), (name.clone(), None));
        Ok(name)
    }

    /// Sees to it that an image is at the engine; how long pulling it took, where it was not.
    fn there(&mut self, name: &str) -> Result<Option<f64>, EngineError> {
        if let Some((_, pulled)) = self.made.get(name) {
            return Ok(*pulled);
        }
        let pulled = match self.client.image(name) {
            Ok(_) => None,
            Err(EngineError::NoImage { .. }) => {
                let began = Instant::now();
                self.client.pull(name)?;
                Some(began.elapsed().as_secs_f64() * 1e3)
            }
            Err(error) => return Err(error),
        };
        self.made.insert(name.into(), (name.into(), pulled));
        Ok(pulled)
    }
}

fn archive(text: &str) -> Failure {
    Failure::request(format!(
        "--image {text}: an archive of an image has settings that count in a build; load it into the engine (docker load \
         --input FILE, or skopeo copy oci-archive:FILE docker-daemon:NAME:TAG) and give its name"
    ))
}

// ------------------------------------------------------------------------------------------------------------- subjects

/// A subject that is ready to be built; none where it has failed already.
struct Task {
    recipe: Recipe,
    context: Context,
    /// Entries in the history of the base image.
    below: usize,
}

/// Gets the images that a subject needs, and packs its context. A base that cannot be had is this subject's failure alone.
fn prepare(
    request: &cli::Build,
    wanted: &Wanted,
    bases: &mut Bases<'_>,
    watch: &Progress,
    file: &mut BuildFile,
) -> Result<Option<Task>, Failure> {
    watch.bar.set_message(format!("{}: base images", wanted.id));
    let base = wanted.image.as_deref().map(|image| bases.of_request(image)).transpose()?;
    let arguments: Arguments = request.build_arg.iter().cloned().collect();
    let owner = Owner::me().to_string();
    let recipe = dockerfile::recipe(&wanted.text, base.as_deref(), &arguments, (LABEL, &owner))
        .map_err(|e| Failure::request(format!("{}: {e}", wanted.dockerfile)))?;
    let mut subject = Subject {
        id: wanted.id.clone(),
        dockerfile: wanted.dockerfile.clone(),
        image: wanted.image.clone(),
        base: None,
        builds: Vec::new(),
        outcome: Outcome::default(),
    };
    let mut below = 0;
    let had = have(bases, &recipe, &mut subject, &mut below);
    let failed = had.err();
    let is_gone = matches!(failed, Some(EngineError::Broke { .. }));
    if let (true, Some(error)) = (is_gone, failed.as_ref()) {
        return Err(Failure { exit: Exit::Failed, message: error.to_string() });
    }
    subject.outcome.failed = failed.as_ref().map(missing);
    let ready = failed.is_none();
    file.subjects.push(subject);
    if !ready {
        return Ok(None);
    }
    let context = Context::pack(&wanted.context, &recipe.text).map_err(|e| {
        Failure::request(format!("packing the context {} of {}: {e}", wanted.context.display(), wanted.dockerfile))
    })?;
    Ok(Some(Task { recipe, context, below }))
}

/// Every image that a recipe needs, and what is told of its base.
fn have(bases: &mut Bases<'_>, recipe: &Recipe, subject: &mut Subject, below: &mut usize) -> Result<(), EngineError> {
    for name in &recipe.images {
        bases.there(name)?;
    }
    if recipe.base == "scratch" {
        return Ok(());
    }
    let pulled_ms = bases.there(&recipe.base)?;
    let held = bases.client.image(&recipe.base)?;
    *below = bases.client.history(&recipe.base)?.len();
    // What was brought there for this alone has a name there that tells nobody anything.
    let named = subject.image.as_ref().filter(|_| recipe.base.starts_with(REPOSITORY));
    let name = named.unwrap_or(&recipe.base).clone();
    subject.base = Some(Base { name, id: held.id, bytes: held.bytes, pulled_ms });
    Ok(())
}

/// An image that cannot be had.
fn missing(error: &EngineError) -> Failed {
    let message = format!(
        "{error}. The engine gets images itself: does it reach the registry, and may it (docker pull tries it alone)? Or name one \
         that it has (docker images), or one that needs no registry: --image debian-13 --image debian-13-musl"
    );
    Failed { line: None, instruction: None, exit_code: None, message, output: Vec::new() }
}

// --------------------------------------------------------------------------------------------------------------- builds

/// What builds are made and measured with.
struct Laboratory<'a> {
    client: &'a Client,
    holder: Option<Holder<'a>>,
    /// The network of the steps.
    network: String,
    cgroups: Option<Place>,
}

impl<'a> Laboratory<'a> {
    /// Holds the network, and finds out what can be read.
    fn open(client: &'a Client, request: &cli::Build) -> Result<Self, Failure> {
        let agent = bundle::lay_out(&cache()?)?.agent;
        let holder = Holder::start(client, &agent, &request.network).map_err(|e| {
            let Failure { exit, message } = refused(e);
            let hint = "docker network ls lists the networks that --network takes";
            Failure { exit, message: format!("holding the network `{}`: {message}; {hint}", request.network) }
        })?;
        let cgroups = Place::find(&holder.id);
        let own = !["host", "none"].contains(&request.network.as_str());
        let network = if own { format!("container:{}", holder.id) } else { request.network.clone() };
        Ok(Self { client, holder: Some(holder), network, cgroups })
    }

    /// What has gone over the network so far.
    fn traffic(&self) -> Result<Option<Traffic>, EngineError> {
        match (self.network.as_str(), &self.holder) {
            ("none", _) => Ok(Some(Traffic { received_bytes: 0, sent_bytes: 0 })),
            ("host", _) | (_, None) => Ok(None),
            (_, Some(holder)) => self.client.traffic(&holder.id),
        }
    }

    fn build(&self, task: &Task, cached: bool, watch: &dyn Watch) -> Result<Made, EngineError> {
        let order = Order {
            context: task.context.file(),
            dockerfile: DOCKERFILE,
            arguments: &task.recipe.arguments,
            cached,
            network: &self.network,
            cgroups: self.cgroups.as_ref(),
        };
        self.client.build(&order, watch)
    }
}

/// Rounds, and in each of them every subject once cold and at once again warm, in an order of chance.
fn take_turns(
    request: &cli::Build,
    laboratory: &Laboratory<'_>,
    tasks: &[Option<Task>],
    watch: &Progress,
    file: &mut BuildFile,
) -> Result<(), Failure> {
    let mut random = Random::of(file.seed, "build");
    watch.bar.set_length((tasks.iter().flatten().count() * file.rounds * 2) as u64);
    let mut before = laboratory.traffic().map_err(refused)?;
    for round in 0..file.rounds {
        for at in random.permutation(tasks.len()) {
            let (Some(task), None) = (&tasks[at], &file.subjects[at].outcome.failed) else { continue };
            for cache in [Cache::Cold, Cache::Warm] {
                watch.begins(&file.subjects[at].id, cache);
                let made = laboratory.build(task, cache == Cache::Warm, watch).map_err(refused)?;
                if matches!(made.ended, Ended::Stopped) {
                    return Err(stopped(file));
                }
                let after = laboratory.traffic().map_err(refused)?;
                let network = before.zip(after).map(|(before, after)| between(before, after));
                before = after;
                let build = measured(laboratory.client, task, round, cache, made, network).map_err(refused)?;
                let failed = build.failed.clone();
                file.subjects[at].builds.push(build);
                watch.bar.inc(1);
                if failed.is_some() {
                    file.subjects[at].outcome.failed = failed;
                    break;
                }
            }
            // Layers of this round are nothing to the next.
            engine::remove_built_of_mine(laboratory.client).map_err(refused)?;
        }
        keep(request, file)?;
    }
    Ok(())
}

fn between(before: Traffic, after: Traffic) -> Traffic {
    Traffic {
        received_bytes: after.received_bytes.saturating_sub(before.received_bytes),
        sent_bytes: after.sent_bytes.saturating_sub(before.sent_bytes),
    }
}

fn stopped(file: &BuildFile) -> Failure {
    let builds: usize = file.subjects.iter().map(|subject| subject.builds.len()).sum();
    let planned = file.subjects.len() * file.rounds * 2;
    Failure { exit: Exit::Stopped, message: format!("stopped: {builds} of {planned} builds were made") }
}

/// What is written of a build.
fn measured(
    client: &Client,
    task: &Task,
    round: usize,
    cache: Cache,
    made: Made,
    network: Option<Traffic>,
) -> Result<Build, EngineError> {
    let Made { heard, wall_ms, cpu, ended } = made;
    let mut steps = heard.steps(&task.recipe.lines, wall_ms);
    let (image, failed) = match ended {
        Ended::Built(id) => {
            let bytes = client.image(&id)?.bytes;
            fill(&mut steps, &client.history(&id)?, task.below);
            (Some(Built { id, bytes }), None)
        }
        Ended::Failed(message) => (None, Some(failure(&steps, message, heard.tail()))),
        Ended::Stopped => (None, None),
    };
    Ok(Build { round, cache, wall_ms, cpu: Some(cpu), network, image, steps, failed })
}

/// Finds what each step put into the image, by the image that it left.
fn fill(steps: &mut [Step], history: &[(String, u64)], below: usize) {
    let own = history[..history.len().saturating_sub(below)].iter();
    let mut own: BTreeMap<&str, u64> = own.map(|(id, bytes)| (id.as_str(), *bytes)).collect();
    // Stages that begin alike share images in the cache, and the last of them is the one that the result is made of.
    for step in steps.iter_mut().rev() {
        step.bytes = step.image.as_deref().and_then(|image| own.remove(image));
    }
}

/// The failure of a build: that of the last step that began.
fn failure(steps: &[Step], message: String, output: Vec<String>) -> Failed {
    let last = steps.last();
    let code = message.rsplit_once("returned a non-zero code: ").and_then(|(_, code)| code.trim().parse().ok());
    Failed {
        line: last.map(|step| step.line),
        instruction: last.map(|step| step.instruction.clone()),
        exit_code: code,
        message,
        output,
    }
}

/// Writes the build file where the user wants it.
fn keep(request: &cli::Build, file: &mut BuildFile) -> Result<(), Failure> {
    file.finished = super::run::now();
    summary::settle(file);
    request.output.as_deref().map_or(Ok(()), |path| report::write(path, file.to_json()?))
}

fn tell(request: &cli::Build, file: &BuildFile) -> Result<(), Failure> {
    if request.json {
        return print(&file.to_json()?);
    }
    print(&visible(&table::render(file, report::width())))
}

/// Removes what is ours at the engine, however this ends.
struct Tidy<'a>(&'a Client);

impl Drop for Tidy<'_> {
    fn drop(&mut self) {
        // The builder may be about to end: what it makes until then goes as well.
        for _ in 0..20 {
            match engine::remove_mine(self.0) {
                Ok((0, 0)) | Err(_) => return,
                Ok(_) => std::thread::sleep(std::time::Duration::from_millis(100)),
            }
        }
    }
}

/// How far it is, on a terminal; and the wish to stop. A second one ends the program at once.
struct Progress {
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
    doing: std::cell::RefCell<String>,
}

impl Progress {
    fn new(quiet: bool) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            // In this order: the first signal finds the flag unset and sets it, the second finds it set.
            flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop))?;
            flag::register(signal, Arc::clone(&stop))?;
        }
        let bar = bar(target(quiet), "{pos}/{len}{left}", textwrap::termwidth());
        Ok(Self { bar, stop, doing: Default::default() })
    }

    fn begins(&self, subject: &str, cache: Cache) {
        *self.doing.borrow_mut() = format!("{subject}, {cache}");
    }
}

impl Watch for Progress {
    fn step(&self, begun: usize, total: usize) {
        self.bar.set_message(format!("{}: step {begun} of {total}", self.doing.borrow()));
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_has_the_bytes_of_the_image_that_it_left() {
        let step = |image: &str| Step {
            line: 1,
            instruction: "RUN x".into(),
            ms: 1.0,
            cached: false,
            bytes: None,
            image: Some(image.into()),
        };
        let mut steps = [step("base"), step("one"), step("other-stage"), step("one"), step("two")];
        let history = [("two", 5), ("label", 0), ("one", 7), ("base", 100)];
        let history: Vec<_> = history.map(|(id, bytes)| (id.to_owned(), bytes)).into();
        fill(&mut steps, &history, 1);
        assert_eq!(steps.map(|step| step.bytes), [None, None, None, Some(7), Some(5)]);
    }

    #[test]
    fn a_failure_has_its_exit_code() {
        let message = "The command '/bin/sh -c exit 7' returned a non-zero code: 7";
        assert_eq!(failure(&[], message.into(), Vec::new()).exit_code, Some(7));
        assert_eq!(failure(&[], "COPY failed: no such file".into(), Vec::new()).exit_code, None);
    }
}
