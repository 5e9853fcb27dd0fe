//! Who does a workload: the first thread alone, in a process that never had another, or a team of threads.

use crate::answer::Refusal;
use crate::sys::heap::Heap;
use crate::sys::team::{self, Order, Round, Team};
use crate::sys::{clock, cpus};
use crate::workload::{Plan, Shape, Work, Workload};

/// The threads of one block.
pub struct Crew {
    hands: Hands,
    /// The processors that the threads are held to, in order.
    pub cpus: Vec<usize>,
}

enum Hands {
    /// The first thread, alone.
    Solo(Box<dyn Work>, Heap),
    /// Threads of their own, which the first one waits for.
    Team(Team),
}

impl Crew {
    /// Makes the parts of a workload, and the threads that do them.
    pub fn new(workload: &Workload, plan: &Plan) -> Result<Self, Refusal> {
        let heap = Heap::bound();
        let allowed = cpus::allowed();
        if allowed.is_empty() {
            return Err(Refusal::Broke("the kernel does not say which processors this process may use".into()));
        }
        if plan.threads > 1 && allowed.len() < 2 {
            let reason = format!("{} threads need two processors, and this process may use one", plan.threads);
            return Err(Refusal::Unsupported(reason));
        }
        let failed = |error| Refusal::Broke(format!("making a thread: error number {error}"));
        let mut parts = workload.parts(plan);
        let busy = if matches!(workload.shape, Shape::Led(_)) { plan.threads } else { parts.len() };
        let cpus = (0..busy).map(|thread| allowed[thread % allowed.len()]).collect();
        if matches!(workload.shape, Shape::Beside(_)) {
            team::make_sleeper().map_err(failed)?;
        }
        let hands = match parts.pop() {
            Some(part) if parts.is_empty() => {
                cpus::pin(allowed[0]);
                Hands::Solo(part, heap)
            }
            last => {
                parts.extend(last);
                Hands::Team(Team::new(parts, &allowed, heap).map_err(failed)?)
            }
        };
        Ok(Self { hands, cpus })
    }

    /// Lets everybody do one thing.
    pub fn round(&mut self, order: Order) -> Round {
        match &mut self.hands {
            Hands::Team(team) => team.round(order),
            Hands::Solo(work, heap) => {
                let start = clock::now_ns();
                let answer = team::follow(order, work.as_mut(), heap);
                Round { elapsed_ns: clock::now_ns() - start, answer }
            }
        }
    }

    /// Ends the threads.
    pub fn dismiss(self) {
        if let Hands::Team(team) = self.hands {
            team.dismiss();
        }
    }
}
