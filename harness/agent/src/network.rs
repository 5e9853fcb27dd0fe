//! The networks of cases with DNS servers: network namespaces with a loopback interface and nothing else, made when they
//! are first needed, handed from one case to the next, and destroyed with the session.
//!
//! Destroying one while others are in use would disturb look-ups: the kernel holds a lock for it that glibc's look-up needs
//! too, to ask for the interface addresses, and answers were seen to come up to 6 s late.

use std::fs::{self, File};

use nix::sched::{CloneFlags, setns, unshare};

use crate::sandbox::{SandboxError, step};
use crate::sys;

/// Network namespaces of the session.
pub struct Networks {
    /// The session's own.
    home: File,
    /// Those that no case is in.
    free: Vec<File>,
}

impl Networks {
    /// None yet.
    pub fn new() -> Result<Self, SandboxError> {
        Ok(Self { home: current()?, free: Vec::new() })
    }

    /// Takes this process into a network that no case is in. What it forks stays there; it goes back by [`Self::leave`].
    pub fn enter(&mut self) -> Result<File, SandboxError> {
        match self.free.pop() {
            Some(network) => {
                setns(&network, CloneFlags::CLONE_NEWNET).map_err(step("entering a case's network"))?;
                Ok(network)
            }
            None => make(),
        }
    }

    /// Takes this process back into its own network.
    pub fn leave(&self) -> Result<(), SandboxError> {
        setns(&self.home, CloneFlags::CLONE_NEWNET).map_err(step("leaving a case's network"))
    }

    /// The case that was in this network has ended.
    pub fn give_back(&mut self, network: File) {
        self.free.push(network);
    }
}

/// Makes a network and enters it. Servers in it may listen on port 53 without a privilege, because the network belongs to
/// the session, and a case has no privilege outside of its own namespaces.
fn make() -> Result<File, SandboxError> {
    unshare(CloneFlags::CLONE_NEWNET).map_err(step("making a case's network"))?;
    sys::loopback_up().map_err(step("putting the loopback interface up"))?;
    let ports = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
    fs::write(ports, "0").map_err(step(format!("writing {ports}")))?;
    current()
}

fn current() -> Result<File, SandboxError> {
    let path = "/proc/self/ns/net";
    File::open(path).map_err(step(format!("opening {path}")))
}
