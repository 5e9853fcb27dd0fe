//! Images for several machines in one run: each has the programs for its own, and those that this machine does not run
//! itself an emulator. The agent is this machine's in every one.

use std::collections::BTreeMap;
use std::path::Path;

use libcdiff_protocol::{Emulator, Observation, Plan};

use super::{Ran, Runner, RunnerError, Sandbox};
use crate::machines::doubtful;

/// Programs for another machine, and what runs them.
pub struct Elsewhere {
    /// Its probes, with this machine's agent.
    pub sandbox: Sandbox,
    /// What the sandbox's kernel has to be told; `None` where it knows.
    pub emulator: Option<Emulator>,
}

/// The sandbox for images of this machine, and of others.
pub struct Machines {
    /// For images of this machine.
    pub own: Sandbox,
    /// For the images of these ids.
    pub others: BTreeMap<String, Elsewhere>,
}

impl Runner for Machines {
    fn run(&self, image: &str, root: &Path, mut plan: Plan, seen: &dyn Fn(&Observation)) -> Result<Ran, RunnerError> {
        let Some(elsewhere) = self.others.get(image) else { return self.own.run(image, root, plan, seen) };
        let aside = doubtful::set_aside(&mut plan.items);
        aside.iter().for_each(seen);
        let mut ran = elsewhere.sandbox.run_emulated(image, root, plan, seen, elsewhere.emulator.clone())?;
        ran.observations.iter_mut().for_each(doubtful::take_back);
        ran.observations.extend(aside);
        Ok(ran)
    }
}
