//! Builds in turn, and what is measured of each.

use std::collections::BTreeMap;

use super::progress::Progress;
use super::task::Task;
use super::{keep, refused};
use crate::bench::random::Random;
use crate::build::context::DOCKERFILE;
use crate::build::file::{Build, BuildFile, Built, Cache, Failed, Step, Traffic};
use crate::bundle;
use crate::cli;
use crate::engine::{self, Client, Ended, EngineError, Holder, Made, Order, Place, Watch};
use crate::exit::{Exit, Failure};
use crate::verb::cache;

/// What builds are made and measured with.
pub struct Laboratory<'a> {
    client: &'a Client,
    holder: Option<Holder<'a>>,
    /// The network of the steps.
    network: String,
    cgroups: Option<Place>,
}

impl<'a> Laboratory<'a> {
    /// Holds the network, and finds out what can be read.
    pub fn open(client: &'a Client, request: &cli::Build) -> Result<Self, Failure> {
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
pub fn take_turns(
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
