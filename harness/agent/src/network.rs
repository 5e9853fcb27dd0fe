//! The networks of cases with DNS servers: network namespaces with a loopback interface and nothing else, made when they
//! are first needed, handed from one case to the next that wants the same settings, and destroyed with the session.
//!
//! Destroying one while others are in use would disturb look-ups: the kernel holds a lock for it that glibc's look-up needs
//! too, to ask for the interface addresses, and answers were seen to come up to 6 s late.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::net::{IpAddr, Ipv6Addr, UdpSocket};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use libcdiff_protocol::dns::Network;
use nix::sched::{CloneFlags, setns, unshare};

use crate::sandbox::{SandboxError, step};
use crate::sys::{self, interface};

/// The longest that a new address may take, on a machine that is very busy.
const USABLE_AFTER: Duration = Duration::from_secs(5);

/// Network namespaces of the session.
pub struct Networks {
    /// The session's own.
    home: File,
    /// Those that no case is in, by their settings.
    free: BTreeMap<Network, Vec<File>>,
}

/// A network that a case is in.
pub struct Lent {
    settings: Network,
    namespace: File,
}

impl Networks {
    /// None yet.
    pub fn new() -> Result<Self, SandboxError> {
        Ok(Self { home: current()?, free: BTreeMap::new() })
    }

    /// Takes this process into a network that has these settings and that no case is in. What it forks stays there; it
    /// goes back by [`Self::leave`].
    pub fn enter(&mut self, settings: Network) -> Result<Lent, SandboxError> {
        match self.free.get_mut(&settings).and_then(Vec::pop) {
            Some(namespace) => {
                setns(&namespace, CloneFlags::CLONE_NEWNET).map_err(step("entering a case's network"))?;
                Ok(Lent { settings, namespace })
            }
            None => Ok(Lent { namespace: make(&settings)?, settings }),
        }
    }

    /// Takes this process back into its own network.
    pub fn leave(&self) -> Result<(), SandboxError> {
        setns(&self.home, CloneFlags::CLONE_NEWNET).map_err(step("leaving a case's network"))
    }

    /// The case that was in this network has ended.
    pub fn give_back(&mut self, network: Lent) {
        self.free.entry(network.settings).or_default().push(network.namespace);
    }
}

/// Makes a network and enters it. Servers in it may listen on port 53 without a privilege, because the network belongs to
/// the session, and a case has no privilege outside of its own namespaces.
fn make(settings: &Network) -> Result<File, SandboxError> {
    unshare(CloneFlags::CLONE_NEWNET).map_err(step("making a case's network"))?;
    set("ipv4/ip_unprivileged_port_start", "0")?;
    if settings.bindv6only {
        set("ipv6/bindv6only", "1")?;
    }
    // A kernel without IPv6 has no such settings, and nothing to switch off.
    if !settings.ipv6 && Path::new("/proc/sys/net/ipv6").exists() {
        for interfaces in ["all", "default"] {
            set(&format!("ipv6/conf/{interfaces}/disable_ipv6"), "1")?;
        }
    }
    sys::loopback_up().map_err(step("putting the loopback interface up"))?;
    for (n, subnet) in settings.addresses.iter().enumerate() {
        let doing = || step(format!("giving the loopback interface the address {subnet}"));
        match subnet.address {
            IpAddr::V4(address) => interface::add_ipv4(n + 1, address, subnet.prefix).map_err(doing())?,
            IpAddr::V6(address) => {
                interface::add_ipv6(address, subnet.prefix).and_then(|()| usable(address)).map_err(doing())?;
            }
        }
    }
    if settings.default_routes {
        let has = |v4: bool| settings.addresses.iter().any(|subnet| subnet.address.is_ipv4() == v4);
        let doing = || step("making the loopback interface the default route");
        if has(true) {
            interface::default_route_ipv4().map_err(doing())?;
        }
        if has(false) {
            interface::default_route_ipv6().map_err(doing())?;
        }
    }
    current()
}

/// Waits until an IPv6 address can be used. There is nothing to find out about it on this interface, but the kernel puts off
/// saying so.
fn usable(address: Ipv6Addr) -> io::Result<()> {
    let start = Instant::now();
    loop {
        match UdpSocket::bind((address, 0)) {
            Err(e) if start.elapsed() > USABLE_AFTER => return Err(e),
            Err(_) => thread::sleep(Duration::from_millis(1)),
            Ok(_) => return Ok(()),
        }
    }
}

/// Writes a setting of this process's network.
fn set(name: &str, value: &str) -> Result<(), SandboxError> {
    let path = format!("/proc/sys/net/{name}");
    fs::write(&path, value).map_err(step(format!("writing {path}")))
}

fn current() -> Result<File, SandboxError> {
    let path = "/proc/self/ns/net";
    File::open(path).map_err(step(format!("opening {path}")))
}
