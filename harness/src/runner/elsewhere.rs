//! Images for several machines in one run: each has the programs for its own, and those that this machine does not run
//! itself an emulator. The agent is this machine's in every one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use libcdiff_protocol::{ElfStart, Emulator, Observation};

use super::{Orders, Ran, Runner, RunnerError, Sandbox, Subject};
use crate::bundle::{self, Programs};
use crate::exit::Failure;
use crate::image::Arch;
use crate::machines::{self, doubtful};
use crate::plan::Plan;
use crate::runfile;

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

impl Machines {
    /// The sandboxes for these images.
    ///
    /// # Errors
    /// An image of a machine that nothing here runs, or that there are no probes for.
    pub fn of(images: &[(runfile::Image, PathBuf)], programs: Programs, cache: &Path) -> Result<Self, Failure> {
        let mut runner = Self { own: Sandbox { programs }, others: BTreeMap::new() };
        for (image, _) in images {
            let Some(arch) = Arch::by_name(&image.arch).filter(|arch| *arch != Arch::native()) else { continue };
            let emulation = machines::emulation(arch).map_err(Failure::request)?;
            let emulator = emulation.program.map(|program| Emulator {
                program: program.display().to_string(),
                header: ElfStart { machine: arch.machine.0, wide: arch.wide, little: arch.little },
            });
            let probes = bundle::lay_out_for(cache, arch.name).transpose()?.map(|programs| programs.probes);
            let programs = Programs {
                agent: runner.own.programs.agent.clone(),
                probes: probes.ok_or_else(|| Failure::request(format!("there are no probes for {}", arch.name)))?,
            };
            runner.others.insert(image.id.clone(), Elsewhere { sandbox: Sandbox { programs }, emulator });
        }
        Ok(runner)
    }
}

impl Runner for Machines {
    fn run(&self, subject: &Subject<'_>, mut plan: Plan<'_>, seen: &dyn Fn(Observation)) -> Result<Ran, RunnerError> {
        let Some(elsewhere) = self.others.get(subject.id) else { return self.own.run(subject, plan, seen) };
        let aside = doubtful::set_aside(&mut plan.items);
        let not_asked = aside.len();
        aside.into_iter().for_each(seen);
        let believed = |mut observation| {
            doubtful::take_back(&mut observation);
            seen(observation);
        };
        let ran = elsewhere.sandbox.run_emulated(subject, plan, &believed, elsewhere.emulator.clone())?;
        Ok(Ran { observations: ran.observations + not_asked, ..ran })
    }

    fn stay(&self, subject: &Subject<'_>, orders: &mut dyn Orders) -> Result<(), RunnerError> {
        match self.others.get(subject.id) {
            None => self.own.stay(subject, orders),
            Some(elsewhere) => elsewhere.sandbox.stay_emulated(subject, orders, elsewhere.emulator.clone()),
        }
    }
}
