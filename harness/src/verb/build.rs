//! `libcdiff build`: Dockerfiles and base images in, builds that were measured in turn and what follows from them out.

use std::thread;
use std::time::Duration;

use super::{cache, print, report};
use crate::build::file::{BuildFile, Engine as About, SCHEMA};
use crate::build::{summary, table};
use crate::cli::{self, Cli};
use crate::engine::{self, Client, EngineError};
use crate::exit::{Exit, Failure};
use crate::image::{Engine, Store};
use crate::report::visible::visible;
use crate::runfile::Tool;

mod bases;
mod progress;
mod task;
mod turns;
mod wanted;

use bases::Bases;
use progress::Progress;
use turns::Laboratory;

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Build) -> Result<(), Failure> {
    let wanted = wanted::wanted(request)?;
    let client = Client::connect(Engine::Docker).map_err(unreachable)?;
    engine::reap(&client).map_err(refused)?;
    let watch = Progress::new(cli.quiet)?;
    // From here on there may be something of ours at the engine.
    let tidy = Tidy(&client);
    let mut file = empty(request, about(&client)?);
    let mut bases = Bases { client: &client, store: Store::open(cache()?), made: Default::default() };
    let mut tasks = Vec::new();
    for wanted in &wanted {
        tasks.push(task::prepare(request, wanted, &mut bases, &watch, &mut file)?);
    }
    let laboratory = Laboratory::open(&client, request)?;
    let ended = turns::take_turns(request, &laboratory, &tasks, &watch, &mut file);
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
                Ok(_) => thread::sleep(Duration::from_millis(100)),
            }
        }
    }
}
