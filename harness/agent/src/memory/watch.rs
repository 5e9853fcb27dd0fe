//! Resident memory of a case's processes, read from its own /proc: for where no cgroup holds the limit. What grows faster
//! than it is looked at is found by the most that the process ever had ([`super::Limit::outcome`]).

use std::fs;
use std::path::Path;

use nix::unistd::{SysconfVar, sysconf};

/// Between two looks: milliseconds.
pub const EVERY_MS: u64 = 1;

/// Bytes that the processes of a case have resident; `proc` is the /proc of its pid namespace, and the process that runs
/// the case is 1 there and does not count.
pub fn resident_bytes(proc: &Path) -> u64 {
    let page = sysconf(SysconfVar::PAGE_SIZE).ok().flatten().map_or(4096, |bytes| bytes as u64);
    let Ok(entries) = fs::read_dir(proc) else { return 0 };
    let counted = entries.flatten().filter(|entry| {
        let name = entry.file_name();
        name != "1" && name.as_encoded_bytes().iter().all(u8::is_ascii_digit)
    });
    // A process that ends meanwhile has nothing any more.
    counted.filter_map(|entry| pages(&fs::read_to_string(entry.path().join("statm")).ok()?)).sum::<u64>() * page
}

/// The second number of statm (proc(5)).
fn pages(statm: &str) -> Option<u64> {
    statm.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_resident_is_the_second_number() {
        assert_eq!(pages("2048 512 300 1 0 100 0\n"), Some(512));
        assert_eq!(pages(""), None);
    }

    #[test]
    fn processes_count_and_the_one_that_runs_the_case_does_not() {
        let proc = std::env::temp_dir().join(format!("libcdiff-watch-test-{}", std::process::id()));
        for (name, resident) in [("1", 1000), ("2", 3), ("17", 4), ("self", 500)] {
            fs::create_dir_all(proc.join(name)).expect("writable");
            fs::write(proc.join(name).join("statm"), format!("9 {resident} 0 0 0 0 0\n")).expect("writable");
        }
        let page = sysconf(SysconfVar::PAGE_SIZE).expect("known").expect("a number") as u64;
        let found = resident_bytes(&proc);
        fs::remove_dir_all(&proc).expect("removable");
        assert_eq!(found, 7 * page);
    }
}
