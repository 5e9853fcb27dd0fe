//! The session: starts the cases of a plan side by side and passes their observations on as they are made.
//!
//! Cases that compute share the processors; cases that wait for scripted DNS servers wait side by side, so that a
//! resolver's five seconds are spent once and not once a scenario. What the kernel disturbed, because there was no more memory,
//! is asked again at the end, one after the other.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::os::fd::AsFd;

use libcdiff_protocol::dns::{Network, Relay, Script};
use libcdiff_protocol::{Confinement, Item, Message, Observation, Plan, Session, Status, Together};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::budget::Budget;
use crate::dns::relay::{Outfit, Refusals, broker::Brokered};
use crate::memory::kills::Verdict;
use crate::memory::{Cgroup, Cgroups, Kills};
use crate::network::{Lent, Networks};
use crate::sandbox::{SandboxError, step};
use crate::sys::{self, Side};
use crate::{case, filter, messages};

/// A case that is under way.
struct Running<'a> {
    item: &'a Item,
    pid: Pid,
    /// The network it is in, where it has one of its own.
    network: Option<Lent>,
    /// Where its line comes from; closed when the case has ended.
    output: File,
    line: Vec<u8>,
    /// How often it has been asked, this time included.
    asked: u32,
    /// How many programs the kernel had ended for want of memory when it began.
    kills: u64,
}

/// What was arranged outside for the cases of a session.
pub struct Outfits {
    /// Ways to real nameservers.
    pub brokered: Brokered,
    /// Those that hold single cases.
    pub cgroups: Cgroups,
    /// What counts the programs that the kernel ends.
    pub kills: Kills,
}

/// Runs the plan of a session, and those that follow on standard input where it stays, under these bounds of all its programs;
/// the result is the agent's exit code.
pub fn run(session: &Session, together: Option<Together>, mut outfits: Outfits) -> u8 {
    let held = together.as_ref().is_some_and(|together| together.memory_bytes.is_some());
    outfits.kills = outfits.kills.held(held);
    match run_plans(session, together, &mut outfits) {
        Ok(()) => 0,
        Err(e) => {
            messages::send(&Message::Failed { reason: e.to_string() });
            3
        }
    }
}

fn run_plans(session: &Session, together: Option<Together>, outfits: &mut Outfits) -> Result<(), SandboxError> {
    let kernel = nix::sys::utsname::uname().map(|u| u.release().to_string_lossy().into_owned()).unwrap_or_default();
    let confinement = Some(Confinement { filter: filter::in_force().map(str::to_owned), together });
    let mut networks = Networks::new()?;
    let mut plan = Cow::Borrowed(&session.plan);
    loop {
        messages::send(&Message::Hello { kernel: kernel.clone(), confinement: confinement.clone() });
        run_items(&plan, outfits, &mut networks)?;
        messages::send(&Message::Done);
        plan = match session.stays.then(next_plan).transpose()?.flatten() {
            Some(next) => Cow::Owned(next),
            None => return Ok(()),
        };
    }
}

/// The plan that follows; `None` when nobody wants anything any more.
fn next_plan() -> Result<Option<Plan>, SandboxError> {
    let mut line = Vec::new();
    io::stdin().lock().read_until(b'\n', &mut line).map_err(step("reading the next plan"))?;
    match line.is_empty() {
        true => Ok(None),
        false => {
            let plan = serde_json::from_slice(&line).map_err(io::Error::from);
            plan.map(Some).map_err(step("reading the next plan"))
        }
    }
}

fn run_items(plan: &Plan, outfits: &mut Outfits, networks: &mut Networks) -> Result<(), SandboxError> {
    let Outfits { brokered, cgroups, kills } = outfits;
    let waits = |item: &&Item| item.has_network();
    let mut waiting: VecDeque<&Item> = plan.items.iter().filter(waits).collect();
    let mut computing: VecDeque<&Item> = plan.items.iter().filter(|item| !waits(item)).collect();
    let mut again: VecDeque<(&Item, u32)> = VecDeque::new();
    let mut running: Vec<Running<'_>> = Vec::new();
    let mut budget = Budget::default();
    loop {
        for (queue, most, wait) in [(&mut waiting, plan.waiting, true), (&mut computing, plan.computing, false)] {
            while running.iter().filter(|r| r.item.has_network() == wait).count() < most.max(1) {
                let Some(item) = queue.pop_front() else { break };
                let cgroup = cgroups.take(item);
                running.push(start(item, 1, kills.count(), networks, brokered, cgroup)?);
            }
        }
        if running.is_empty() {
            // Alone, so that nobody else can take the memory.
            let Some((item, asked)) = again.pop_front() else { return Ok(()) };
            running.push(start(item, asked + 1, kills.count(), networks, brokered, None)?);
        }
        collect(&mut running, networks, |case| {
            let ended = advance(case)?;
            match pass_on(case, ended, kills, &mut budget) {
                Verdict::Again => again.push_back((case.item, case.asked)),
                Verdict::Stands => {}
                Verdict::Lost(reason) => messages::send(&broke(case.item, reason)),
            }
            Some(())
        });
    }
}

fn start<'a>(
    item: &'a Item,
    asked: u32,
    kills: u64,
    networks: &mut Networks,
    brokered: &mut Brokered,
    cgroup: Option<Cgroup>,
) -> Result<Running<'a>, SandboxError> {
    let (output, writer) = sys::pipe().map_err(step("making a pipe for a case"))?;
    let network = surroundings(item).map(|settings| networks.enter(settings)).transpose()?;
    let outfit = brokered.take(item).map(|broker| Outfit { broker, refusals: Refusals::open() });
    match sys::fork_into(case::namespaces(item)).map_err(step("starting a case"))? {
        Side::Parent(pid) => {
            if network.is_some() {
                networks.leave()?;
            }
            Ok(Running { item, pid, network, output, line: Vec::new(), asked, kills })
        }
        Side::Child => {
            drop(output);
            case::run(item, writer, outfit, cgroup);
            sys::exit_now(0)
        }
    }
}

/// The settings of the network that the case wants of its own.
fn surroundings(item: &Item) -> Option<Network> {
    let scripted = item.dns.as_ref().map(Script::surroundings);
    scripted.or_else(|| item.relay.as_ref().map(Relay::surroundings))
}

/// Waits until some case has something to say, and takes those that `attend` says have ended out of `running`.
fn collect<'a>(
    running: &mut Vec<Running<'a>>,
    networks: &mut Networks,
    mut attend: impl FnMut(&mut Running<'a>) -> Option<()>,
) {
    let mut fds: Vec<PollFd<'_>> = running.iter().map(|r| PollFd::new(r.output.as_fd(), PollFlags::POLLIN)).collect();
    if poll(&mut fds, PollTimeout::NONE).is_err() {
        return;
    }
    let ready: Vec<bool> = fds.iter().map(|fd| fd.any().unwrap_or(true)).collect();
    let mut index = 0;
    running.retain_mut(|case| {
        index += 1;
        let ended = ready[index - 1] && attend(case).is_some();
        if ended && let Some(network) = case.network.take() {
            networks.give_back(network);
        }
        !ended
    });
}

/// Reads what a case has said; how its process ended, if it has.
fn advance(case: &mut Running<'_>) -> Option<nix::Result<WaitStatus>> {
    let mut buffer = [0; 64 << 10];
    match case.output.read(&mut buffer) {
        Ok(n) if n > 0 => {
            case.line.extend_from_slice(&buffer[..n]);
            None
        }
        Err(e) if e.kind() == io::ErrorKind::Interrupted => None,
        _ => Some(waitpid(case.pid, None)),
    }
}

/// Passes on what a case that has ended said, if it stands.
fn pass_on(case: &Running<'_>, ended: nix::Result<WaitStatus>, kills: &mut Kills, budget: &mut Budget) -> Verdict {
    let whole = case.line.ends_with(b"\n");
    if kills.count() > case.kills {
        let seen = match serde_json::from_slice(&case.line) {
            Ok(Message::Observation(seen)) if whole => Some(seen),
            _ => None,
        };
        let verdict = kills.verdict(case.item, case.kills, case.asked, seen.as_deref());
        if verdict != Verdict::Stands {
            return verdict;
        }
    }
    if !whole {
        messages::send(&broke(case.item, format!("the case ended without an observation ({ended:?})")));
    } else if budget.allows(case.line.len()) {
        messages::send_line(&case.line);
    } else {
        messages::send(&broke(case.item, Budget::refusal()));
    }
    Verdict::Stands
}

/// The observation of a case that the agent could not run.
pub fn broke(item: &Item, reason: String) -> Message {
    Message::Observation(Box::new(Observation::unanswered(item, Status::Broke, reason)))
}
