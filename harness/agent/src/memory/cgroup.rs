//! A cgroup with a limit on memory, of either version: made below a folder where this process may make one, entered by the
//! program alone, asked whether the kernel ended it, and removed by the [`super::keeper`]. Those that hold all programs
//! together ([`super::together`]) are made at the same places.
//!
//! It holds open files and no paths, because the case that uses it sees no /sys. A file opened outside carries the rights
//! that it was opened with.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::sys::{self, Side};

/// Which of the two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// The unified hierarchy.
    V2,
    /// A hierarchy of the memory controller's own.
    V1,
}

impl Version {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::V2 => "cgroup v2",
            Self::V1 => "cgroup v1",
        }
    }

    /// The file of a cgroup that counts the processes in it which were ended for want of memory.
    pub fn events(self) -> &'static str {
        match self {
            Self::V2 => "memory.events",
            Self::V1 => "memory.oom_control",
        }
    }
}

/// Where cgroups with a limit of some controller can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    version: Version,
    folder: PathBuf,
}

impl Place {
    /// The nearest place for this process and a limit on memory; `None` where there is none. Whether something can be made
    /// there is not known yet.
    pub fn find() -> Option<Self> {
        Self::of("memory")
    }

    /// The same for any controller.
    pub fn of(controller: &str) -> Option<Self> {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let (own, mounts) = (read("/proc/self/cgroup"), read("/proc/self/mountinfo"));
        second(&own, &mounts, controller).or_else(|| first(&own, &mounts, controller))
    }

    /// A place, wherever it is.
    #[cfg(test)]
    pub fn at(version: Version, folder: &str) -> Self {
        Self { version, folder: folder.into() }
    }

    /// Which of the two ways.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Version 2: this process's own cgroup or the nearest above whose children have the controller. In a cgroup with processes
/// that is none but the root's, so most often it is the one above.
fn second(own: &str, mounts: &str, wanted: &str) -> Option<Place> {
    let path = own.lines().find_map(|line| line.strip_prefix("0::"))?;
    let (top, folder) = seen_at(mounts, path, |kind, _| kind == "cgroup2")?;
    let passes_on = |folder: &&Path| {
        let passed = fs::read_to_string(folder.join("cgroup.subtree_control")).unwrap_or_default();
        passed.split_whitespace().any(|controller| controller == wanted)
    };
    let above = folder.ancestors().take_while(|folder| folder.starts_with(&top));
    let folder = above.take(3).find(passes_on)?.to_owned();
    Some(Place { version: Version::V2, folder })
}

/// Version 1: below this process's own cgroup.
fn first(own: &str, mounts: &str, wanted: &str) -> Option<Place> {
    let its_path = |line: &str| {
        let mut parts = line.splitn(3, ':').skip(1);
        let controllers = parts.next()?;
        controllers.split(',').any(|c| c == wanted).then(|| parts.next()).flatten().map(str::to_owned)
    };
    let path = own.lines().find_map(its_path)?;
    let (_, folder) =
        seen_at(mounts, &path, |kind, options| kind == "cgroup" && options.split(',').any(|o| o == wanted))?;
    Some(Place { version: Version::V1, folder })
}

/// What counts the processes that were ended for want of memory in the cgroup that this process is in, others than its own
/// perhaps among them; `None` where nothing does.
pub fn own_events() -> Option<File> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let (own, mounts) = (read("/proc/self/cgroup"), read("/proc/self/mountinfo"));
    let second = own.lines().find_map(|line| line.strip_prefix("0::"));
    let second = second.and_then(|path| seen_at(&mounts, path, |kind, _| kind == "cgroup2"));
    let first = first(&own, &mounts, "memory").map(|place| place.folder.join(Version::V1.events()));
    let files = second.map(|(_, folder)| folder.join(Version::V2.events())).into_iter().chain(first);
    files.filter_map(|file| File::open(file).ok()).find(|file| kills(file).is_some())
}

/// The mount point of a hierarchy, and where a cgroup's path is seen in it (proc(5), mountinfo).
fn seen_at(mounts: &str, path: &str, wanted: impl Fn(&str, &str) -> bool) -> Option<(PathBuf, PathBuf)> {
    mounts.lines().find_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        let mut after = after.split(' ');
        let (kind, options) = (after.next()?, after.nth(1)?);
        let mut before = before.split(' ').skip(3);
        let (root, point) = (before.next()?, before.next()?);
        let below = Path::new(path).strip_prefix(root).ok()?;
        wanted(kind, options).then(|| (PathBuf::from(point), Path::new(point).join(below)))
    })
}

/// What the cgroups that the agent of this pid makes are called.
pub fn name(agent: Pid, number: usize) -> String {
    format!("libcdiff-{agent}-{number}")
}

/// Removes the cgroups of agents that are no more: left only where the keeper itself was killed.
pub fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let agent =
            name.to_str().and_then(|name| name.strip_prefix("libcdiff-")?.split('-').next()?.parse::<u32>().ok());
        if agent.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            let _ = fs::remove_dir(entry.path());
        }
    }
}

/// One cgroup.
pub struct Cgroup {
    version: Version,
    processes: File,
    events: File,
    peak: Option<File>,
    /// What it holds at most: bytes.
    limit: u64,
}

impl Cgroup {
    /// Makes one that holds at most so many bytes, swapped ones included.
    ///
    /// # Errors
    /// What came back, where this process may not make one here, may not set its limit, or may not put a process into it.
    pub fn make(place: &Place, name: &str, bytes: u64) -> io::Result<Self> {
        let folder = place.folder.join(name);
        fs::create_dir(&folder)?;
        bound_memory(place.version, &folder, bytes)?;
        let peak = match place.version {
            Version::V2 => {
                optional(set(&folder, "memory.oom.group", "1"))?;
                "memory.peak"
            }
            Version::V1 => "memory.max_usage_in_bytes",
        };
        let events = place.version.events();
        let open = |file: &str| File::open(folder.join(file));
        let cgroup = Self {
            version: place.version,
            processes: OpenOptions::new().write(true).open(folder.join("cgroup.procs"))?,
            events: open(events)?,
            peak: open(peak).ok(),
            limit: bytes,
        };
        kills(&cgroup.events).ok_or_else(|| io::Error::other(format!("{events} has no count of kills")))?;
        cgroup.try_out()?;
        Ok(cgroup)
    }

    /// Puts the calling process into it.
    pub fn enter(&self) -> io::Result<()> {
        (&self.processes).write_all(b"0")
    }

    /// Whether a process may be put into it: rights that are not to be known from outside decide.
    fn try_out(&self) -> io::Result<()> {
        match sys::fork()? {
            Side::Child => sys::exit_now(i32::from(self.enter().is_err())),
            Side::Parent(pid) => match waitpid(pid, None)? {
                WaitStatus::Exited(_, 0) => Ok(()),
                other => Err(io::Error::other(format!("it takes no process ({other:?})"))),
            },
        }
    }

    /// Its version, in words.
    pub fn kind(&self) -> &'static str {
        self.version.name()
    }

    /// Whether the kernel has ended a process in it because it wanted more than its limit. Where there is no more memory around
    /// it, the kernel ends processes in it as well.
    pub fn killed(&self) -> bool {
        let hit = match self.version {
            Version::V2 => text(&self.events).ok().and_then(|text| count(&text, "max")).is_none_or(|hits| hits > 0),
            // It has two counts of hits, and either may stay at nothing. A page may be a huge one, and is refused as a whole.
            Version::V1 => self.peak_bytes().is_none_or(|peak| peak + HUGE_PAGE >= self.limit),
        };
        kills(&self.events).unwrap_or(0) > 0 && hit
    }

    /// The most that it held: bytes; `None` where this kernel does not say.
    pub fn peak_bytes(&self) -> Option<u64> {
        text(self.peak.as_ref()?).ok()?.trim().parse().ok()
    }
}

/// Bytes of the larger kind of page.
const HUGE_PAGE: u64 = 2 << 20;

/// Sets the limit on memory of a cgroup: so many bytes, swapped ones included.
pub fn bound_memory(version: Version, folder: &Path, bytes: u64) -> io::Result<()> {
    let limit = bytes.to_string();
    match version {
        Version::V2 => {
            set(folder, "memory.max", &limit)?;
            optional(set(folder, "memory.swap.max", "0"))
        }
        Version::V1 => {
            set(folder, "memory.limit_in_bytes", &limit)?;
            optional(set(folder, "memory.memsw.limit_in_bytes", &limit))?;
            optional(set(folder, "memory.swappiness", "0"))
        }
    }
}

/// Writes a setting of a cgroup.
pub fn set(folder: &Path, file: &str, value: &str) -> io::Result<()> {
    OpenOptions::new().write(true).open(folder.join(file))?.write_all(value.as_bytes())
}

/// The value of a file that not every kernel has.
fn optional(set: io::Result<()>) -> io::Result<()> {
    match set {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// The number of processes that were ended for want of memory, of a file that counts them: a cgroup's, or /proc/vmstat.
pub fn kills(file: &File) -> Option<u64> {
    count(&text(file).ok()?, "oom_kill")
}

fn text(file: &File) -> io::Result<String> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        match file.read_at(&mut buffer, bytes.len() as u64)? {
            0 => return Ok(String::from_utf8_lossy(&bytes).into_owned()),
            length => bytes.extend_from_slice(&buffer[..length]),
        }
    }
}

/// One line's number: `oom_kill 1`.
fn count(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
24 1 0:22 / /proc rw,nosuid - proc proc rw
31 26 0:27 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
32 26 0:28 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct
";

    #[test]
    fn a_hierarchy_of_its_own_is_found_by_its_controller() {
        let own = "4:cpu,cpuacct:/a\n3:memory:/a/b\n0::/\n";
        let found = first(own, MOUNTS, "memory").expect("a place");
        assert_eq!(found, Place { version: Version::V1, folder: "/sys/fs/cgroup/memory/a/b".into() });
        assert_eq!(first("3:cpuset:/a\n", MOUNTS, "memory"), None);
        assert_eq!(first(own, "24 1 0:22 / /proc rw - proc proc rw\n", "memory"), None);
        let of_processors = first(own, MOUNTS, "cpu").expect("a place");
        assert_eq!(of_processors.folder, Path::new("/sys/fs/cgroup/cpu/a"));
    }

    #[test]
    fn a_container_sees_a_part_of_the_hierarchy() {
        let part = "31 26 0:27 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
        let found = first("3:memory:/docker/abc/inner\n", part, "memory").expect("a place");
        assert_eq!(found.folder, Path::new("/sys/fs/cgroup/memory/inner"));
        assert_eq!(first("3:memory:/elsewhere\n", part, "memory"), None);
    }

    #[test]
    fn the_unified_hierarchy_is_taken_where_it_passes_the_controller_on() {
        let folder = std::env::temp_dir().join(format!("libcdiff-cgroup-test-{}", std::process::id()));
        let mounts = format!("31 26 0:27 / {} rw - cgroup2 cgroup2 rw\n", folder.display());
        fs::create_dir_all(folder.join("user/own")).expect("writable");
        for (place, controllers) in [("", "cpu memory pids"), ("user", "cpu memory"), ("user/own", "")] {
            fs::write(folder.join(place).join("cgroup.subtree_control"), controllers).expect("writable");
        }
        let found = second("0::/user/own\n", &mounts, "memory").map(|place| place.folder);
        fs::write(folder.join("user/cgroup.subtree_control"), "cpu").expect("writable");
        let above = second("0::/user/own\n", &mounts, "memory").map(|place| place.folder);
        fs::write(folder.join("cgroup.subtree_control"), "").expect("writable");
        let none = second("0::/user/own\n", &mounts, "memory");
        let user = folder.join("user");
        fs::remove_dir_all(&folder).expect("removable");
        assert_eq!((found, above, none), (Some(user), Some(folder), None));
    }

    #[test]
    fn a_count_is_the_number_of_its_own_line() {
        let events = "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 1\n";
        assert_eq!((count(events, "oom_kill"), count(events, "oom"), count(events, "none")), (Some(2), Some(3), None));
    }
}
