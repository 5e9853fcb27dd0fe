//! The /proc of a case: its own processes, and nothing in it that would reach the machine.
//!
//! Root of the machine stays its own owner inside a user namespace, so that the settings below /proc/sys would be open
//! to a program of the image. They are made read-only, as container engines do, whoever runs this.

use std::fs;
use std::path::Path;
use std::time::Duration;

use nix::mount::MsFlags;

use crate::case::CaseError;
use crate::layer::mount_at;

/// What container engines make read-only too.
const READ_ONLY: [&str; 5] = ["bus", "fs", "irq", "sys", "sysrq-trigger"];
const FLAGS: MsFlags = MsFlags::MS_NOSUID.union(MsFlags::MS_NODEV).union(MsFlags::MS_NOEXEC);

/// Mounts /proc for the calling process's pid namespace below `root`, with room for `processes` processes.
pub fn mount_in(root: &Path, processes: u64) -> Result<(), CaseError> {
    let proc = root.join("proc");
    mount_at("proc", &proc, Some("proc"), FLAGS, None)?;
    if pid_limit_is_per_namespace() {
        // The limit on processes by user does not bind root, this one does. Small ones are refused by the kernel.
        let path = proc.join("sys/kernel/pid_max");
        fs::write(&path, processes.max(512).to_string()).map_err(|e| CaseError::io("writing", &path, e))?;
    }
    for name in READ_ONLY {
        let path = proc.join(name);
        if path.exists() {
            mount_at(&path.display().to_string(), &path, None, MsFlags::MS_BIND, None)?;
            mount_at("proc", &path, None, FLAGS | MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY, None)?;
        }
    }
    Ok(())
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
