//! Runners: how a plan gets into an image. Each hands the same plan to the same agent, so that a result does not depend
//! on the runner.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use libcdiff_protocol::{Confinement, Observation};

use crate::bundle;
use crate::cli::RunnerName;
use crate::exit::Failure;
use crate::image::Engine;
use crate::plan::Plan;
use crate::runfile;

pub mod container;
pub mod elsewhere;
mod messages;
pub mod sandbox;

pub use container::Container;
pub use elsewhere::{Elsewhere, Machines};
pub use messages::listen;
pub use sandbox::Sandbox;

/// What a session brought back.
pub struct Ran {
    /// The kernel that the image's programs saw.
    pub kernel: String,
    /// What they ran behind, where the agent said so.
    pub confinement: Option<Confinement>,
    /// How many observations came: one for each item of the plan.
    pub observations: usize,
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

/// The runner of this name, for these images; its programs are below the cache folder.
///
/// # Errors
/// Programs that cannot be laid out, and images that the runner has no programs for.
pub fn of_name(
    name: RunnerName,
    images: &[(runfile::Image, PathBuf)],
    cache: &Path,
) -> Result<Box<dyn Runner>, Failure> {
    let programs = bundle::lay_out(cache)?;
    let foreign = images.iter().find(|(image, _)| image.emulated_by.is_some());
    if let (RunnerName::Docker | RunnerName::Podman, Some((image, _))) = (name, foreign) {
        return Err(Failure::request(format!(
            "{} is for {}, and images for another machine run in the sandbox alone",
            image.reference, image.arch
        )));
    }
    match name {
        RunnerName::Sandbox => Ok(Box::new(Machines::of(images, programs, cache)?)),
        RunnerName::Kubernetes => Err(Failure::request("a cluster runs cases for `libcdiff run` alone")),
        RunnerName::Docker => Ok(Box::new(Container::new(Engine::Docker, programs))),
        RunnerName::Podman => Ok(Box::new(Container::new(Engine::Podman, programs))),
    }
}

/// Runs plans in images.
pub trait Runner: Sync {
    /// Runs `plan` in the image; `seen` gets each observation as it is made.
    ///
    /// # Errors
    /// What kept a session from bringing all of them.
    fn run(&self, subject: &Subject<'_>, plan: Plan<'_>, seen: &dyn Fn(Observation)) -> Result<Ran, RunnerError>;

    /// Runs `plan` in the image, and hands over all observations at the end.
    ///
    /// # Errors
    /// Those of [`Runner::run`].
    fn collect(&self, subject: &Subject<'_>, plan: Plan<'_>) -> Result<Vec<Observation>, RunnerError> {
        all_of(plan.items.len(), |seen| self.run(subject, plan, seen))
    }

    /// Keeps a session in the image, and runs one plan after the other in it until there is none.
    ///
    /// # Errors
    /// Those of [`Runner::run`]; then no further plan is taken.
    fn stay(&self, subject: &Subject<'_>, orders: &mut dyn Orders) -> Result<(), RunnerError> {
        // Where a session cannot be kept, each plan has its own.
        while let Some(plan) = orders.next() {
            orders.done(self.collect(subject, plan)?);
        }
        Ok(())
    }
}

/// All observations of a plan of so many items, once it is done.
fn all_of(
    items: usize,
    ask: impl FnOnce(&dyn Fn(Observation)) -> Result<Ran, RunnerError>,
) -> Result<Vec<Observation>, RunnerError> {
    let all = RefCell::new(Vec::with_capacity(items));
    ask(&|seen| all.borrow_mut().push(seen))?;
    Ok(all.into_inner())
}

/// Plans for a session that stays. What is arranged before a session begins, ways to real nameservers and cgroups for single
/// cases, is there for the first of them alone.
pub trait Orders {
    /// The next plan; `None` when there will be no more.
    fn next(&mut self) -> Option<Plan<'static>>;

    /// Takes the observations of a plan, one for each of its items.
    fn done(&mut self, seen: Vec<Observation>);
}
