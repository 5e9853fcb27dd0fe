//! Whose a container or an image at an engine is: the process that made it, told so that a later one can see whether it lives.
//!
//! An engine serves several machines, and several containers of one machine that cannot see each other's processes. What is not
//! certainly dead is left alone for a day, longer than any run takes.

use std::fmt;
use std::fs;
use std::str::FromStr;
use std::time::Duration;

use crate::image::Digest;

/// The label of our containers, and of images that were built for us.
pub const LABEL: &str = "libcdiff.run";
/// What our images are called, before the tag that names their owner. Podman takes a name without a host for one elsewhere.
pub const REPOSITORY: &str = "localhost/libcdiff-run";
/// No run takes so long.
const DEAD_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// A process of some machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// A digest of the machine's id; of nothing, where it has none.
    machine: String,
    /// A digest of the id of its start.
    boot: String,
    /// The pid namespace.
    namespace: u64,
    pid: u32,
    /// When the process started, in ticks since the machine did.
    started: u64,
}

impl Owner {
    /// This process.
    pub fn me() -> Self {
        let id = |path: &str| Digest::of(fs::read(path).unwrap_or_default().trim_ascii()).hex()[..12].to_owned();
        let pid = std::process::id();
        Self {
            machine: id("/etc/machine-id"),
            boot: id("/proc/sys/kernel/random/boot_id"),
            namespace: namespace(),
            pid,
            started: started(pid).unwrap_or_default(),
        }
    }

    /// Whether the process has ended for certain, as `me` can tell; `age` is how long ago it made the thing in question.
    pub fn is_dead(&self, me: &Self, age: Duration) -> bool {
        let rebooted = self.machine == me.machine && self.machine != nobody() && self.boot != me.boot;
        let seen = self.boot == me.boot && self.namespace == me.namespace;
        rebooted || age > DEAD_AFTER || (seen && started(self.pid) != Some(self.started))
    }
}

/// What a machine without an id has for one.
fn nobody() -> String {
    Digest::of(b"").hex()[..12].to_owned()
}

fn namespace() -> u64 {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self/ns/pid").map_or(0, |meta| meta.ino())
}

/// When a process started; `None` if there is none of this number, or it has ended and nobody has looked yet.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // A program's name may hold anything, so counting starts behind it.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    if fields.first().is_some_and(|state| ["Z", "X"].contains(state)) { None } else { fields.get(19)?.parse().ok() }
}

impl fmt::Display for Owner {
    /// As a label, and as an image's tag.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { machine, boot, namespace, pid, started } = self;
        write!(f, "{machine}-{boot}-{namespace}-{pid}-{started}")
    }
}

impl FromStr for Owner {
    type Err = ();

    /// Reads what [`Owner`] displays as, and what follows after another `-` is no matter.
    fn from_str(text: &str) -> Result<Self, ()> {
        let parts: Vec<&str> = text.split('-').collect();
        let [machine, boot, namespace, pid, started, ..] = parts[..] else { return Err(()) };
        let number = |text: &str| text.parse::<u64>().map_err(drop);
        Ok(Self {
            machine: machine.into(),
            boot: boot.into(),
            namespace: number(namespace)?,
            pid: pid.parse().map_err(drop)?,
            started: number(started)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(5);

    #[test]
    fn what_this_process_made_is_not_dead() {
        let me = Owner::me();
        assert_eq!(me.to_string().parse(), Ok(me.clone()));
        assert_eq!(format!("{me}-7").parse(), Ok(me.clone()));
        assert!(!me.is_dead(&me, NOW));
        assert!(me.is_dead(&me, DEAD_AFTER * 2));
        assert!("latest".parse::<Owner>().is_err() && "a-b-c-d-e".parse::<Owner>().is_err());
    }

    #[test]
    fn another_process_with_the_number_of_a_dead_one_is_another() {
        let me = Owner::me();
        let earlier = Owner { started: me.started + 1, ..me.clone() };
        assert!(earlier.is_dead(&me, NOW));
    }

    #[test]
    fn what_cannot_be_seen_from_here_is_left_alone() {
        let me = Owner { machine: "m".into(), ..Owner::me() };
        let gone = Owner { started: me.started + 1, ..me.clone() };
        assert!(!Owner { namespace: 1, ..gone.clone() }.is_dead(&me, NOW), "another container");
        let other_boot = Owner { boot: "other".into(), ..gone.clone() };
        assert!(other_boot.is_dead(&me, NOW), "this machine, started anew");
        assert!(!Owner { machine: "other".into(), ..other_boot.clone() }.is_dead(&me, NOW), "another machine");
        let nameless = Owner { machine: nobody(), ..me };
        assert!(!Owner { machine: nobody(), ..other_boot }.is_dead(&nameless, NOW), "two machines without an id");
    }
}
