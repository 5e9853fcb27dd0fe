//! What all programs of a session may take together, memory and processes, held by a cgroup where one can be made: of version
//! 2, or one in each of two hierarchies of version 1. What a program has outside of its own address space (files in memory,
//! sockets, pipes) is in no limit of a process, and a machine that has no more is everybody's trouble.
//!
//! The bounds are wide: they are there for a hostile image, and no answer of an ordinary one depends on them. Where there is
//! no cgroup, the kernel at least ends a program before anything else ([`offer_to_be_ended`]).

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use libcdiff_protocol::{Plan, Together};
use nix::sys::prctl::set_dumpable;
use nix::unistd::{AccessFlags, Pid, access};

use super::cgroup::{self, Place, Version};
use crate::sys::{self, Side};

/// A cgroup that is to be made.
pub struct Spot {
    version: Version,
    folder: PathBuf,
    memory: bool,
    processes: bool,
}

impl Spot {
    /// Where it will be.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Cases of a session from which on a cgroup of version 1 is worth entering, which waits for every process of the machine, 15 ms
/// at worst. One of version 2 costs next to nothing.
const WORTH_IT: usize = 16;

/// Where the cgroups of a session of so many cases can be made; empty where nowhere. One without a case asks what there is.
pub fn spots(agent: Pid, cases: usize) -> Vec<Spot> {
    let [memory, processes] = ["memory", "pids"].map(|controller| {
        let place = Place::of(controller)?;
        access(place.folder(), AccessFlags::W_OK).is_ok().then_some(place)
    });
    let mut spots = spots_at(agent, memory, processes);
    spots.retain(|spot| spot.version == Version::V2 || cases == 0 || cases >= WORTH_IT);
    spots
}

fn spots_at(agent: Pid, memory: Option<Place>, processes: Option<Place>) -> Vec<Spot> {
    let mut spots: Vec<Spot> = Vec::new();
    for (place, is_memory) in [(memory, true), (processes, false)] {
        let Some(place) = place else { continue };
        let folder = place.folder().join(format!("libcdiff-{agent}-all"));
        if let Some(spot) = spots.iter_mut().find(|spot| spot.folder == folder) {
            spot.processes = true;
        } else if place.version() == Version::V1 || spots.iter().all(|spot| spot.version == Version::V1) {
            // A process is in one cgroup of version 2.
            spots.push(Spot { version: place.version(), folder, memory: is_memory, processes: !is_memory });
        }
    }
    spots
}

/// The cgroups of a session, before its processes are in them.
#[derive(Default)]
pub struct Bounds {
    made: Vec<Made>,
}

struct Made {
    version: Version,
    folder: File,
    processes: File,
    /// What counts those that were ended in it for want of memory.
    events: Option<File>,
    told: Together,
}

impl Bounds {
    /// Makes cgroups at these spots; what cannot be made is left out.
    pub fn make(spots: &[Spot], plan: &Plan) -> Self {
        let made = spots.iter().filter_map(|spot| make(spot, memory_bytes(), processes(plan)).ok());
        Self { made: made.collect() }
    }

    /// What counts the programs that were ended in them for want of memory.
    pub fn events(&self) -> Option<File> {
        self.made.iter().find_map(|made| made.events.as_ref()?.try_clone().ok())
    }

    /// Forks; the parent learns which bounds the child, and all that it will start, is under. Those of version 2 hold from the
    /// beginning, and the others once this returns.
    pub fn fork(&self) -> nix::Result<(Side, Option<Together>)> {
        let second = self.made.iter().find(|made| made.version == Version::V2);
        let born = second.and_then(|made| Some((sys::fork_into_cgroup(&made.folder).ok()?, made)));
        let (side, inside) = match born {
            Some((side, made)) => (side, Some(made)),
            None => (sys::fork()?, None),
        };
        let Side::Parent(child) = side else { return Ok((side, None)) };
        let holds =
            |made: &&Made| inside.is_some_and(|inside| std::ptr::eq(inside, *made)) || made.take_in(child).is_ok();
        let told = self.made.iter().filter(holds).map(|made| made.told.clone()).reduce(|one, other| Together {
            memory_bytes: one.memory_bytes.or(other.memory_bytes),
            processes: one.processes.or(other.processes),
            ..one
        });
        Ok((side, told))
    }
}

impl Made {
    fn take_in(&self, process: Pid) -> io::Result<()> {
        (&self.processes).write_all(process.to_string().as_bytes())
    }
}

fn make(spot: &Spot, memory_bytes: u64, processes: u64) -> io::Result<Made> {
    fs::create_dir(&spot.folder)?;
    if spot.memory {
        cgroup::bound_memory(spot.version, &spot.folder, memory_bytes)?;
    }
    if spot.processes {
        cgroup::set(&spot.folder, "pids.max", &processes.to_string())?;
    }
    let told = Together {
        held_by: spot.version.name().into(),
        memory_bytes: spot.memory.then_some(memory_bytes),
        processes: spot.processes.then_some(processes),
    };
    let list = OpenOptions::new().write(true).open(spot.folder.join("cgroup.procs"))?;
    let events = spot.memory.then(|| File::open(spot.folder.join(spot.version.events())).ok()).flatten();
    let events = events.filter(|events| cgroup::kills(events).is_some());
    Ok(Made { version: spot.version, folder: File::open(&spot.folder)?, processes: list, events, told })
}

/// Three quarters of the machine's memory: an image that takes all it can leaves the machine some.
fn memory_bytes() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse().ok());
    // The kernel counts in KiB. A machine that does not say has at least a GiB.
    total.map_or(1 << 30, |kib: u64| kib * 1024) / 4 * 3
}

/// As many as one case may have, and some for each that may run at a time.
fn processes(plan: &Plan) -> u64 {
    let most = plan.items.iter().map(|item| item.limits.processes).max().unwrap_or(0);
    most + 64 * (plan.computing + plan.waiting).max(1) as u64
}

/// Says to the kernel that the calling process, and what it becomes and starts, is to be ended first when the machine has no
/// more memory. Anybody may say so of himself, and nobody may take it back without a privilege.
///
/// # Errors
/// What the kernel came back with.
pub fn offer_to_be_ended(proc: &Path) -> io::Result<()> {
    // While others may not look into this process, neither may it write to its own files there.
    set_dumpable(true)?;
    let offered = fs::write(proc.join("self/oom_score_adj"), "1000");
    set_dumpable(false)?;
    offered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(version: Version, folder: &str) -> Option<Place> {
        Some(Place::at(version, folder))
    }

    fn outline(spots: &[Spot]) -> Vec<(&str, bool, bool)> {
        spots.iter().map(|spot| (spot.folder.to_str().expect("text"), spot.memory, spot.processes)).collect()
    }

    #[test]
    fn one_cgroup_holds_both_where_there_is_one_hierarchy() {
        let agent = Pid::from_raw(7);
        let both = spots_at(agent, place(Version::V2, "/c/user"), place(Version::V2, "/c/user"));
        assert_eq!(outline(&both), [("/c/user/libcdiff-7-all", true, true)]);
        let apart = spots_at(agent, place(Version::V2, "/c/user/own"), place(Version::V2, "/c/user"));
        assert_eq!(outline(&apart), [("/c/user/own/libcdiff-7-all", true, false)]);
        let two = spots_at(agent, place(Version::V1, "/memory"), place(Version::V1, "/pids"));
        assert_eq!(outline(&two), [("/memory/libcdiff-7-all", true, false), ("/pids/libcdiff-7-all", false, true)]);
        assert!(spots_at(agent, None, None).is_empty());
    }

    #[test]
    fn a_place_that_is_not_one_of_cgroups_holds_nobody() {
        let folder = std::env::temp_dir().join(format!("libcdiff-together-test-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("writable");
        let spots = spots_at(Pid::from_raw(7), place(Version::V2, folder.to_str().expect("text")), None);
        let plan = Plan { computing: 2, waiting: 1, items: Vec::new() };
        let forked = Bounds::make(&spots, &plan).fork().expect("a process");
        let (Side::Parent(child), told) = forked else { sys::exit_now(0) };
        let end = nix::sys::wait::waitpid(child, None).expect("a child");
        fs::remove_dir_all(&folder).expect("removable");
        assert_eq!((end, told), (nix::sys::wait::WaitStatus::Exited(child, 0), None));
    }

    /// Where this process may make a cgroup of version 2, with whatever controllers.
    fn second() -> Option<PathBuf> {
        let mounts = fs::read_to_string("/proc/self/mountinfo").expect("mountinfo");
        let top = mounts.lines().find(|line| line.contains(" - cgroup2 "))?.split(' ').nth(4)?.to_owned();
        let own = fs::read_to_string("/proc/self/cgroup").expect("cgroups");
        let own = own.lines().find_map(|line| line.strip_prefix("0::/"))?.to_owned();
        let folder = Path::new(&top).join(own);
        access(&folder, AccessFlags::W_OK).is_ok().then_some(folder)
    }

    #[test]
    fn a_child_is_born_in_its_cgroup() {
        let Some(folder) = second().map(|own| own.join(format!("libcdiff-test-born-{}", std::process::id()))) else {
            eprintln!("unsupported: no cgroup of version 2 can be made here");
            return;
        };
        fs::create_dir(&folder).expect("writable");
        let (mut where_it_is, told) = sys::pipe().expect("a pipe");
        let list = OpenOptions::new().write(true).open(folder.join("cgroup.procs")).expect("a list");
        let told_of = Together { held_by: "cgroup v2".into(), memory_bytes: Some(1), processes: None };
        let inside = File::open(&folder).expect("there");
        let made = Made { version: Version::V2, folder: inside, processes: list, events: None, told: told_of };
        let bounds = Bounds { made: vec![made] };
        match bounds.fork().expect("a process") {
            (Side::Child, _) => {
                let _ = (&told).write_all(&fs::read("/proc/self/cgroup").unwrap_or_default());
                sys::exit_now(0)
            }
            (Side::Parent(child), together) => {
                drop(told);
                let mut text = String::new();
                io::Read::read_to_string(&mut where_it_is, &mut text).expect("readable");
                nix::sys::wait::waitpid(child, None).expect("a child");
                let name = folder.file_name().expect("named").to_string_lossy().into_owned();
                let removed = fs::remove_dir(&folder);
                assert!(text.lines().any(|line| line.starts_with("0::") && line.ends_with(&name)), "{text}");
                assert_eq!(together.and_then(|together| together.memory_bytes), Some(1));
                removed.expect("empty");
            }
        }
    }

    #[test]
    fn the_machine_keeps_some_of_its_memory() {
        let bytes = memory_bytes();
        assert!(bytes > 64 << 20, "{bytes}");
        assert_eq!(processes(&Plan { computing: 4, waiting: 64, items: Vec::new() }), 64 * 68);
    }
}
