//! What the containers of a build's steps take of the processors: from their cgroups, where those can be read on this machine, else
//! as the engine tells it about once a second.
//!
//! A container's cgroup goes with the container, and nothing keeps its figures (the group above it has them, with those of every
//! other container). So it is read every few milliseconds, and the time between the last reading and the end is told: what was
//! used in it is missing.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::build::file::{Cpu, Reader};

/// How often cgroups are read.
pub const EACH: Duration = Duration::from_millis(10);

/// Where engines put the cgroups of containers: the folder, what stands before and after a container's id, and the file. For either
/// version of cgroups and either of the drivers, `cgroupfs` and `systemd`.
const PLACES: [(&str, &str, &str, &str); 8] = [
    ("cpuacct/docker", "", "", "cpuacct.usage"),
    ("cpu,cpuacct/docker", "", "", "cpuacct.usage"),
    ("cpuacct,cpu/docker", "", "", "cpuacct.usage"),
    ("cpuacct/system.slice", "docker-", ".scope", "cpuacct.usage"),
    ("cpu,cpuacct/system.slice", "docker-", ".scope", "cpuacct.usage"),
    ("cpuacct,cpu/system.slice", "docker-", ".scope", "cpuacct.usage"),
    ("docker", "", "", "cpu.stat"),
    ("system.slice", "docker-", ".scope", "cpu.stat"),
];

/// Where the cgroups of containers are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    folder: PathBuf,
    before: &'static str,
    after: &'static str,
    file: &'static str,
}

impl Place {
    /// Finds it by a container that runs; `None` where its cgroup is not on this machine, or elsewhere than usual.
    pub fn find(container: &str) -> Option<Self> {
        Self::below(Path::new("/sys/fs/cgroup"), container)
    }

    fn below(root: &Path, container: &str) -> Option<Self> {
        let places = PLACES.into_iter().map(|(folder, before, after, file)| Self {
            folder: root.join(folder),
            before,
            after,
            file,
        });
        places.into_iter().find(|place| place.open(container).is_ok_and(|file| read(&file).is_some()))
    }

    /// The file of a container, by its id or the beginning of it.
    fn open(&self, container: &str) -> io::Result<File> {
        let begins = format!("{}{container}", self.before);
        let fits = |name: &str| name.starts_with(&begins) && name.ends_with(self.after);
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            if name.to_str().is_some_and(fits) {
                return File::open(self.folder.join(name).join(self.file));
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }
}

/// Milliseconds that a cgroup has used; `None` of one that is gone.
fn read(file: &File) -> Option<f64> {
    let mut buffer = [0; 512];
    let length = file.read_at(&mut buffer, 0).ok()?;
    parse(std::str::from_utf8(&buffer[..length]).ok()?)
}

/// A number of nanoseconds, or lines with `usage_usec`.
fn parse(text: &str) -> Option<f64> {
    match text.lines().find_map(|line| line.strip_prefix("usage_usec ")) {
        Some(microseconds) => Some(microseconds.trim().parse::<u64>().ok()? as f64 / 1e3),
        None => Some(text.trim().parse::<u64>().ok()? as f64 / 1e6),
    }
}

/// Adds up what the containers of a build take.
pub struct Meter<'a> {
    place: Option<&'a Place>,
    current: Option<Current>,
    ms: f64,
    unread: Duration,
}

/// A container that runs.
struct Current {
    id: String,
    file: Option<File>,
    ms: f64,
    /// When it was read last, or began.
    read: Instant,
}

impl<'a> Meter<'a> {
    /// A meter that reads cgroups, where it is said where they are.
    pub fn new(place: Option<&'a Place>) -> Self {
        Self { place, current: None, ms: 0.0, unread: Duration::ZERO }
    }

    /// A container begins to run; whether the engine has to tell what it takes.
    pub fn begin(&mut self, id: &str) -> bool {
        self.end();
        self.current = Some(Current { id: id.into(), file: None, ms: 0.0, read: Instant::now() });
        self.place.is_none()
    }

    /// Reads, where that is for this meter to do.
    pub fn look(&mut self) {
        let (Some(place), Some(current)) = (self.place, &mut self.current) else { return };
        if current.file.is_none() {
            current.file = place.open(&current.id).ok();
        }
        match (&current.file, current.file.as_ref().and_then(read)) {
            (_, Some(ms)) => (current.ms, current.read) = (ms, Instant::now()),
            // It has ended, and what the builder does until it says so is no time of the container's.
            (Some(_), None) => self.end(),
            (None, None) => {}
        }
    }

    /// The engine has told it.
    pub fn told(&mut self, ms: Option<f64>) {
        match (ms, &mut self.current) {
            (Some(ms), Some(current)) => (current.ms, current.read) = (current.ms.max(ms), Instant::now()),
            (None, Some(current)) if current.ms > 0.0 => self.end(),
            _ => {}
        }
    }

    /// It has ended.
    pub fn end(&mut self) {
        if let Some(current) = self.current.take() {
            self.ms += current.ms;
            self.unread += current.read.elapsed();
        }
    }

    /// The sum.
    pub fn total(&mut self) -> Cpu {
        self.end();
        let by = if self.place.is_some() { Reader::Cgroup } else { Reader::Engine };
        Cpu { ms: self.ms, by, unread_ms: self.unread.as_secs_f64() * 1e3 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_of_cgroups_are_read_in_the_places_of_both_drivers() {
        for ((folder, before, after, file), text) in
            [(PLACES[0], "1500000\n"), (PLACES[7], "usage_usec 1500\nuser_usec 1000\n")]
        {
            let root = tempfile::tempdir().expect("a folder");
            let id = "0123456789abcdef";
            let cgroup = root.path().join(folder).join(format!("{before}{id}{after}"));
            fs::create_dir_all(&cgroup).expect("writable");
            assert_eq!(Place::below(root.path(), id), None);
            fs::write(cgroup.join(file), text).expect("writable");
            let place = Place::below(root.path(), id).expect("found");
            let mut meter = Meter::new(Some(&place));
            assert!(!meter.begin("0123456789ab"));
            meter.look();
            meter.end();
            assert!(!meter.begin("another"));
            meter.look();
            let (sum, unread) = (meter.total(), meter.unread);
            assert_eq!((sum.ms, sum.by, meter.current.is_none()), (1.5, Reader::Cgroup, true));
            assert_eq!(sum.unread_ms, unread.as_secs_f64() * 1e3);
        }
    }

    #[test]
    fn what_the_engine_tells_counts_where_nothing_can_be_read() {
        let mut meter = Meter::new(None);
        assert!(meter.begin("0123456789ab"));
        for ms in [Some(10.0), Some(30.0), None] {
            meter.told(ms);
            meter.look();
        }
        assert!(meter.begin("ba9876543210"));
        meter.told(Some(5.0));
        assert_eq!((meter.total().ms, meter.total().by), (35.0, Reader::Engine));
        meter.told(Some(9.0));
        assert_eq!(meter.total().ms, 35.0);
    }
}
