//! Runners: how a plan gets into an image. Each hands the same plan to the same agent, so that a result does not depend
//! on the runner.

use libcdiff_protocol::{Observation, Plan};

pub mod elsewhere;
pub mod sandbox;

pub use elsewhere::{Elsewhere, Machines};
pub use sandbox::Sandbox;

/// What a session brought back.
pub struct Ran {
    /// The kernel that the image's programs saw.
    pub kernel: String,
    /// One for each item of the plan.
    pub observations: Vec<Observation>,
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
}

/// Runs plans in images.
pub trait Runner: Sync {
    /// Runs `plan` in the image with this id and root folder; `seen` is called after each observation.
    fn run(
        &self,
        image: &str,
        root: &std::path::Path,
        plan: Plan,
        seen: &dyn Fn(&Observation),
    ) -> Result<Ran, RunnerError>;
}
