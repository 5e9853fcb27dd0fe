//! The memory limit of a case: who holds the program to it, and what came of it; and what all programs of a session may take
//! together ([`together`]).
//!
//! The kernel does where a cgroup can be made ([`cgroup`]): before the agent shuts itself in, since inside there is none to
//! be had. Elsewhere the case looks at the resident memory of its processes ([`watch`]) and ends them. Either way the
//! observation says which it was, and a program that was ended for its memory is told from one that crashed; so is one that the
//! kernel ended because others had taken all there was ([`kills`]).

use std::collections::BTreeSet;

use libcdiff_protocol::{Item, Session};
use nix::unistd::getpid;

use crate::sandbox::SandboxError;

pub mod cgroup;
mod keeper;
pub mod kills;
pub mod together;
pub mod watch;

pub use cgroup::Cgroup;
pub use keeper::Keeper;
pub use kills::Kills;
pub use together::Bounds;

/// The cgroups of a plan's cases, each until its case takes it.
#[derive(Default)]
pub struct Cgroups {
    /// By their limit in bytes: of one limit, any is as good as another.
    made: Vec<(u64, Cgroup)>,
    /// While anybody holds it, the keeper leaves the cgroups alone.
    _held: Option<keeper::Held>,
}

impl Cgroups {
    /// The cgroup of this case, where one could be made.
    pub fn take(&mut self, item: &Item) -> Option<Cgroup> {
        let wanted = limit(item)?;
        let place = self.made.iter().position(|(bytes, _)| *bytes == wanted)?;
        Some(self.made.swap_remove(place).1)
    }
}

/// What is arranged outside, before the sandbox is entered.
#[derive(Default)]
pub struct Prepared {
    /// The process that removes the cgroups again.
    pub keeper: Keeper,
    /// The cgroups of cases with a limit on their memory.
    pub cgroups: Cgroups,
    /// Those that hold all programs together.
    pub bounds: Bounds,
    /// What counts the programs that the kernel ends.
    pub kills: Kills,
}

/// Makes a cgroup for each case of the plan that has a limit on its memory, and those that hold all programs together, as far
/// as this machine lets us; and starts the process that removes them again, however the agent ends. A case without one is
/// watched.
///
/// # Errors
/// What starting that process came back with.
pub fn prepare(session: &Session) -> Result<Prepared, SandboxError> {
    let plan = &session.plan;
    let wanted = || plan.items.iter().filter_map(limit);
    let place = wanted().next().and_then(|_| cgroup::Place::find());
    let names: Vec<_> = (0..wanted().count()).map(|n| cgroup::name(getpid(), n)).collect();
    // Where an engine has made the sandbox, it has bounded it.
    let spots = session.enter.as_ref().map(|_| together::spots(getpid(), plan.items.len())).unwrap_or_default();
    let of_cases = place.iter().flat_map(|place| names.iter().map(|name| place.folder().join(name)));
    let folders: Vec<_> = of_cases.chain(spots.iter().map(|spot| spot.folder().to_owned())).collect();
    if folders.is_empty() {
        return Ok(Prepared { kills: Kills::open(None), ..Prepared::default() });
    }
    folders.iter().filter_map(|folder| folder.parent()).collect::<BTreeSet<_>>().into_iter().for_each(cgroup::sweep);
    let (keeper, held) = keeper::start(folders)?;
    let mut cgroups = Cgroups { made: Vec::new(), _held: Some(held) };
    for (place, (bytes, name)) in place.iter().flat_map(|place| wanted().zip(&names).map(move |wanted| (place, wanted)))
    {
        if let Ok(cgroup) = Cgroup::make(place, name, bytes) {
            cgroups.made.push((bytes, cgroup));
        }
    }
    let bounds = Bounds::make(&spots, plan);
    Ok(Prepared { keeper, cgroups, kills: Kills::open(bounds.events()), bounds })
}

/// The limit that a cgroup shall hold: bytes.
fn limit(item: &Item) -> Option<u64> {
    item.limits.memory_bytes.filter(|_| !item.limits.memory_watched)
}

/// The limit of one case, and who holds it.
pub struct Limit {
    bytes: u64,
    cgroup: Option<Cgroup>,
}

/// What came of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The limit: bytes.
    pub bytes: u64,
    /// Who held it: `cgroup v2`, `cgroup v1`, `watching`.
    pub enforced_by: &'static str,
    /// The program wanted more, and was ended, or would have been.
    pub exceeded: bool,
    /// The most that it had: bytes. Counted by the kernel in the same way as the limit is.
    pub peak_bytes: u64,
}

impl Limit {
    /// That of a case, where it has one.
    pub fn of(item: &Item, cgroup: Option<Cgroup>) -> Option<Self> {
        item.limits.memory_bytes.map(|bytes| Self { bytes, cgroup })
    }

    /// Puts the calling process, and all that it starts, under the limit.
    pub fn enter(&self) -> std::io::Result<()> {
        self.cgroup.as_ref().map_or(Ok(()), Cgroup::enter)
    }

    /// The bytes that the case's processes are to be watched for, where no cgroup holds them.
    pub fn watched(&self) -> Option<u64> {
        self.cgroup.is_none().then_some(self.bytes)
    }

    /// What came of it, once the program has ended. `ended` says that it was seen to have more, and `peak_bytes` is the most
    /// that it ever had resident; what grows and ends between two looks is seen by that.
    pub fn outcome(&self, ended: bool, peak_bytes: u64) -> Outcome {
        match &self.cgroup {
            Some(cgroup) => Outcome {
                bytes: self.bytes,
                enforced_by: cgroup.kind(),
                exceeded: cgroup.killed(),
                peak_bytes: cgroup.peak_bytes().unwrap_or(peak_bytes),
            },
            None => Outcome {
                bytes: self.bytes,
                enforced_by: "watching",
                exceeded: ended || peak_bytes > self.bytes,
                peak_bytes,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_watched_and_ended_by_itself_has_exceeded_all_the_same() {
        let limit = Limit { bytes: 100, cgroup: None };
        let exceeded = |ended, peak| limit.outcome(ended, peak).exceeded;
        assert_eq!((exceeded(false, 100), exceeded(false, 101), exceeded(true, 90)), (false, true, true));
        assert_eq!(limit.watched(), Some(100));
    }
}
