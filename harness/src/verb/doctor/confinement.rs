//! What confines the programs of an image on this machine, as the agent found it when it entered the sandbox. Whatever of it
//! is missing leaves the other parts in place, so nothing here stands in the way of a run; it is told, and how to have it.

use libcdiff_protocol::{Confinement, Together};
use nix::unistd::geteuid;

use super::Check;

/// One check for each part.
pub fn checks(found: &Confinement) -> [Check; 2] {
    [
        Check { name: "programs", result: Ok(programs(found.filter.as_deref())) },
        Check { name: "memory, processes", result: Ok(bounds(found.together.as_ref(), geteuid().is_root())) },
    ]
}

fn programs(filter: Option<&str>) -> String {
    let filtered = match filter {
        Some(name) => format!("system calls refused as container engines do ({name})"),
        None => "system calls not filtered: this kernel was built without CONFIG_SECCOMP_FILTER; take one that has it \
                 before you run an image that you do not trust"
            .into(),
    };
    format!("no capability and no way to gain one; {filtered}")
}

fn bounds(together: Option<&Together>, root: bool) -> String {
    let lacking = |what: &str, controller: &str| {
        let mend = match root {
            true => format!("have the controller {controller} in cgroup.subtree_control of a cgroup above this one"),
            false => "start with `systemd-run --user --scope --property Delegate=yes libcdiff ...`".into(),
        };
        format!("{what} of all programs of an image not bounded together, each alone: {mend}")
    };
    match together {
        None => lacking("memory and processes", "memory"),
        Some(Together { held_by, memory_bytes: Some(_), processes: Some(_) }) => {
            format!("those of all programs of an image bounded together by {held_by}")
        }
        Some(Together { held_by, memory_bytes: Some(_), processes: None }) => {
            format!("memory bounded by {held_by}; {}", lacking("processes", "pids"))
        }
        Some(Together { held_by, .. }) => format!("processes bounded by {held_by}; {}", lacking("memory", "memory")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_with_how_to_have_it() {
        assert!(programs(Some("engines/1")).ends_with("as container engines do (engines/1)"));
        assert!(programs(None).contains("CONFIG_SECCOMP_FILTER"));
        assert!(bounds(None, false).contains("systemd-run --user"));
        assert!(bounds(None, true).contains("cgroup.subtree_control"));
        let held = |memory_bytes, processes| Together { held_by: "cgroup v2".into(), memory_bytes, processes };
        assert!(bounds(Some(&held(Some(1), Some(1))), false).ends_with("together by cgroup v2"));
        assert!(bounds(Some(&held(Some(1), None)), true).contains("controller pids"));
        assert!(bounds(Some(&held(None, Some(1))), true).contains("controller memory"));
    }
}
