//! The /proc of a case: its own processes, and nothing in it that would reach the machine.
//!
//! Root of the machine stays its own owner inside a user namespace, so that the settings below /proc/sys would be open
//! to a program of the image. They are made read-only, as container engines do, whoever runs this; and what tells of the
//! machine more than a program needs is masked, as they do too. There is no /sys at all.

use std::fs;
use std::path::Path;
use std::time::Duration;

use libcdiff_protocol::Limits;
use nix::mount::MsFlags;

use crate::case::CaseError;
use crate::layer::{mount_at, place};

/// What container engines make read-only too, and one more that root of the machine could write to.
const READ_ONLY: [&str; 6] = ["bus", "dynamic_debug", "fs", "irq", "sys", "sysrq-trigger"];
/// What container engines mask: the memory, the keys and the timers of the whole machine, and what it is built of.
const MASKED: [&str; 10] = [
    "acpi",
    "asound",
    "interrupts",
    "kcore",
    "keys",
    "latency_stats",
    "sched_debug",
    "scsi",
    "timer_list",
    "timer_stats",
];
const FLAGS: MsFlags = MsFlags::MS_NOSUID.union(MsFlags::MS_NODEV).union(MsFlags::MS_NOEXEC);

/// Mounts /proc for the calling process's pid namespace below `root`, with as many processes as the limits allow.
pub fn mount_in(root: &Path, limits: &Limits) -> Result<(), CaseError> {
    let proc = root.join("proc");
    // Whoever may not be looked into, which is the process that runs the case, is not there to be found.
    mount_at("proc", &proc, Some("proc"), FLAGS, Some("hidepid=ptraceable"))?;
    if pid_limit_is_per_namespace() {
        // The limit on processes by user does not bind root, this one does. Small ones are refused by the kernel.
        let path = proc.join("sys/kernel/pid_max");
        fs::write(&path, limits.processes.max(512).to_string()).map_err(|e| CaseError::io("writing", &path, e))?;
    }
    bound_ipc(&proc.join("sys/kernel"), limits.disk_bytes);
    for name in READ_ONLY {
        let path = proc.join(name);
        if path.exists() {
            mount_at(&path.display().to_string(), &path, None, MsFlags::MS_BIND, None)?;
            mount_at("proc", &path, None, FLAGS | MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY, None)?;
        }
    }
    for name in MASKED {
        mask(&proc.join(name))?;
    }
    Ok(())
}

/// Puts nothing in the place of a file or a folder that is there: what is read has no bytes, what is listed no entries.
fn mask(path: &Path) -> Result<(), CaseError> {
    match fs::metadata(path) {
        Err(_) => Ok(()),
        Ok(at) if at.is_dir() => {
            mount_at("tmpfs", path, Some("tmpfs"), FLAGS | MsFlags::MS_RDONLY, Some("size=0,mode=555"))
        }
        Ok(_) => mount_at(&format!("{}/null", place::DEV), path, None, MsFlags::MS_BIND, None),
    }
}

/// Bounds what System V's shared memory, queues and semaphores may take, all of which outlives the process that made it and
/// is in no process's limits. By itself the kernel lets each namespace have any amount. Before Linux 6.2 it does not let
/// anybody but root of the machine say so, and then there is nothing to be done but for a cgroup.
fn bound_ipc(settings: &Path, bytes: u64) {
    let pages = (bytes / 4096).to_string();
    // Semaphores in one array, in all of them, operations in one call, arrays.
    for (name, value) in [("shmall", pages.as_str()), ("msgmni", "64"), ("sem", "32000 32000 500 64")] {
        let _ = fs::write(settings.join(name), value);
    }
}

/// How long a process was ready to run and had no processor, by its folder of /proc; nothing where the kernel does not
/// keep count (proc(5), schedstat).
pub fn run_delay(process: &Path) -> Duration {
    let text = fs::read_to_string(process.join("schedstat")).unwrap_or_default();
    let nanoseconds = text.split_whitespace().nth(1).and_then(|word| word.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

/// Since Linux 6.14 each pid namespace has a `pid_max` of its own; before, writing it would change the machine's.
fn pid_limit_is_per_namespace() -> bool {
    let release = nix::sys::utsname::uname().map(|u| u.release().to_string_lossy().into_owned()).unwrap_or_default();
    let mut numbers = release.split(['.', '-']).map(|n| n.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (6, 14)
}
