//! What the container is like, and what therefore cannot be asked in it.

use std::fs;
use std::path::Path;

use libcdiff_protocol::{Item, Place};
use nix::unistd::{AccessFlags, access, getegid, geteuid};

use crate::case::CaseError;
use crate::limits;

/// What the container is like.
pub struct Found {
    /// As it is told.
    pub place: Place,
}

impl Found {
    /// Looks around.
    ///
    /// # Errors
    /// Where nothing could be asked at all: programs need a temporary folder.
    pub fn look() -> Result<Self, CaseError> {
        let uname = nix::sys::utsname::uname();
        let place = Place {
            user: geteuid().as_raw(),
            group: getegid().as_raw(),
            writable_root: access("/", AccessFlags::W_OK).is_ok(),
            filtered_calls: filtered(&fs::read_to_string("/proc/self/status").unwrap_or_default()),
            arch: uname.map(|u| u.machine().to_string_lossy().into_owned()).unwrap_or_default(),
            cpus: std::thread::available_parallelism().map_or(1, usize::from),
            resolv_conf: fs::read_to_string("/etc/resolv.conf").ok(),
        };
        if access("/tmp", AccessFlags::W_OK | AccessFlags::X_OK).is_err() {
            return Err(CaseError::Plan(format!(
                "user {} cannot write to /tmp in this container: mount an empty folder there (an emptyDir)",
                place.user
            )));
        }
        if !Path::new("/proc/self/status").exists() {
            return Err(CaseError::Plan("there is no /proc in this container, which the agent needs".into()));
        }
        Ok(Self { place })
    }

    /// Why this case cannot be asked here; nothing where it can. `confined` is why it takes a sandbox although its item does not
    /// say so.
    pub fn lacks(&self, item: &Item, confined: Option<&str>) -> Option<String> {
        let by_plan = if item.has_network() {
            Some("it takes a network of its own with scripted servers".to_owned())
        } else if let Some(file) = item.files.first() {
            Some(format!("it lays files over the image ({})", file.path))
        } else if item.hostname.is_some() {
            Some("it sets the host name".to_owned())
        } else if item.limits.memory_bytes.is_some() {
            Some("it limits memory by a cgroup of its own".to_owned())
        } else {
            limits::too_high(&item.limits)
        };
        let reason = by_plan.or_else(|| confined.map(str::to_owned))?;
        Some(format!("{reason}: this container allows no sandbox, in which it can be asked"))
    }
}

/// Whether the kernel filters system calls of this process (proc(5): 2 is a filter).
fn filtered(status: &str) -> bool {
    status.lines().filter_map(|line| line.strip_prefix("Seccomp:")).any(|mode| mode.trim() != "0")
}

#[cfg(test)]
mod tests {
    use libcdiff_protocol::{File, Limits};

    use super::*;
    use crate::example::item;

    #[test]
    fn what_a_sandbox_arranges_is_named() {
        let found = Found { place: Place::default() };
        let reason = |item: Item| found.lacks(&item, None).expect("a reason");
        let file = File { path: "/etc/passwd".into(), content: String::new() };
        assert!(reason(Item { files: vec![file], ..item() }).starts_with("it lays files over the image (/etc/passwd)"));
        assert!(reason(Item { hostname: Some("h".into()), ..item() }).contains("host name"));
        let limits = Limits { memory_bytes: Some(1), ..item().limits };
        assert!(reason(Item { limits, ..item() }).contains("cgroup"));
        assert_eq!(found.lacks(&item(), None), None);
        assert!(found.lacks(&item(), Some("it is shy")).is_some_and(|reason| reason.starts_with("it is shy: ")));
    }

    #[test]
    fn a_filter_is_seen() {
        assert!(filtered("Name:\tx\nSeccomp:\t2\nSeccomp_filters:\t1\n"));
        assert!(!filtered("Seccomp:\t0\n"));
    }
}
