//! Runners: how a plan gets into an image. Each hands the same plan to the same agent, so that a result does not depend
//! on the runner.

use std::path::Path;

use libcdiff_protocol::{Observation, Plan};

use crate::bundle::Programs;
use crate::cli::RunnerName;
use crate::exit::Failure;
use crate::image::Engine;
use crate::runfile;

pub mod container;
mod messages;
pub mod sandbox;

pub use container::Container;
pub use messages::listen;
pub use sandbox::Sandbox;

/// What a session brought back.
pub struct Ran {
    /// The kernel that the image's programs saw.
    pub kernel: String,
    /// One for each item of the plan.
    pub observations: Vec<Observation>,
}

/// The image that a plan runs in.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its name within the run.
    pub id: &'a str,
    /// As it was given: what an engine or a cluster may know it by.
    pub reference: &'a str,
    /// The digest of its content, where it has one.
    pub digest: Option<&'a str>,
    /// Its root folder on this machine.
    pub root: &'a Path,
}

impl<'a> Subject<'a> {
    /// A root folder that no engine knows.
    pub fn new(id: &'a str, root: &'a Path) -> Self {
        Self { id, reference: id, digest: None, root }
    }

    /// An image of a run.
    pub fn of(image: &'a runfile::Image, root: &'a Path) -> Self {
        Self { id: &image.id, reference: &image.reference, digest: image.digest.as_deref(), root }
    }
}

/// Why a session did not bring back what it should.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// The agent could not be started.
    #[error("starting the agent in {image}: {source}")]
    Start {
        /// The image.
        image: String,
        /// Why.
        source: std::io::Error,
    },
    /// The agent said why it cannot go on.
    #[error("in {image}: {reason}")]
    Failed {
        /// The image.
        image: String,
        /// The agent's words.
        reason: String,
    },
    /// The agent ended too early.
    #[error("the agent in {image} ended after {got} of {planned} observations ({end})")]
    Short {
        /// The image.
        image: String,
        /// Observations that arrived.
        got: usize,
        /// Observations that were due.
        planned: usize,
        /// How the agent ended.
        end: String,
    },
    /// The agent said something that is no message.
    #[error("the agent in {image} sent a line that is no message: {line}")]
    Garbled {
        /// The image.
        image: String,
        /// The beginning of the line.
        line: String,
    },
    /// What carries the runner did not do as it was asked: an engine, a cluster.
    #[error("{runner}: {image}: {problem}")]
    Carrier {
        /// The runner's name.
        runner: &'static str,
        /// The image.
        image: String,
        /// What was being done, what came back, and what to do about it.
        problem: String,
    },
}

/// The runner of this name.
pub fn of_name(name: RunnerName, programs: Programs) -> Result<Box<dyn Runner>, Failure> {
    match name {
        RunnerName::Sandbox => Ok(Box::new(Sandbox { programs })),
        RunnerName::Docker => Ok(Box::new(Container::new(Engine::Docker, programs))),
        RunnerName::Podman => Ok(Box::new(Container::new(Engine::Podman, programs))),
    }
}

/// Runs plans in images.
pub trait Runner: Sync {
    /// Runs `plan` in the image; `seen` is called after each observation.
    fn run(&self, subject: &Subject<'_>, plan: Plan, seen: &dyn Fn(&Observation)) -> Result<Ran, RunnerError>;
}
