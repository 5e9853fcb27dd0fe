//! A plan in a container that somebody else made, and that allows no namespaces and no mounts: programs run as they are, in
//! the container's own view, one after the other, since they share its processes and its temporary folders.
//!
//! A case that takes what is not there is not asked, and says so; nothing is laid over the image. After each case whatever
//! it has left running is ended, and whatever it has left in a temporary folder is removed.

use libcdiff_protocol::{Confinement, Item, Message, Observation, Plan, Status, Travel};
use nix::sys::prctl::set_child_subreaper;
use nix::unistd::setsid;

use crate::case::{self, CaseError};
use crate::memory::Kills;
use crate::memory::kills::Verdict;
use crate::{filter, messages, session};

mod found;
mod leftovers;

pub use found::Found;

/// Runs a plan; the result is the agent's exit code.
pub fn run(plan: &Plan, travel: Option<&Travel>) -> u8 {
    let about =
        || travel.into_iter().for_each(|travel| messages::send(&Message::About(Box::new(travel.about.clone()))));
    about();
    let kernel = nix::sys::utsname::uname().map(|u| u.release().to_string_lossy().into_owned()).unwrap_or_default();
    // What else holds a program here, whoever made the container knows.
    let confinement = Confinement { filter: filter::in_force().map(str::to_owned), together: None };
    messages::send(&Message::Hello { kernel, confinement: Some(confinement) });
    match run_items(plan, travel) {
        Ok(()) => {
            // The beginning of a log is what is lost first.
            about();
            messages::send(&Message::Done);
            0
        }
        Err(e) => {
            messages::send(&Message::Failed { reason: e.to_string() });
            3
        }
    }
}

fn run_items(plan: &Plan, travel: Option<&Travel>) -> Result<(), CaseError> {
    // No controlling terminal; who leads a session already has none, or is none of ours to take away.
    let _ = setsid();
    set_child_subreaper(true).map_err(CaseError::call("asking for what programs leave running"))?;
    let found = Found::look()?;
    messages::send(&Message::Place(Box::new(found.place.clone())));
    let mut kills = Kills::open(None);
    for item in &plan.items {
        let confined = travel.and_then(|travel| travel.confined.get(&item.case));
        let message = match found.lacks(item, confined.map(String::as_str)) {
            Some(reason) => unsupported(item, reason),
            None => ask(item, &mut kills)?,
        };
        messages::send(&message);
    }
    Ok(())
}

/// Asks, and again where the kernel ended the program because there was no more memory.
fn ask(item: &Item, kills: &mut Kills) -> Result<Message, CaseError> {
    let mut asked = 0;
    loop {
        let (before, count) = (leftovers::Folders::look(), kills.count());
        let seen = case::run_here(item);
        leftovers::end_all().map_err(CaseError::call("ending what a program has left running"))?;
        before.tidy()?;
        asked += 1;
        match seen {
            Err(e) => return Ok(session::broke(item, e.to_string())),
            Ok(seen) => match kills.verdict(item, count, asked, Some(&seen)) {
                Verdict::Stands => return Ok(Message::Observation(Box::new(seen))),
                Verdict::Lost(reason) => return Ok(session::broke(item, reason)),
                Verdict::Again => {}
            },
        }
    }
}

fn unsupported(item: &Item, reason: String) -> Message {
    Message::Observation(Box::new(Observation::unanswered(item, Status::Unsupported, reason)))
}
