//! The limits that programs start with, beside what this process may set: a limit above the hard one is refused by the kernel,
//! and then no case is asked (setrlimit(2)).

use libcdiff_protocol::{CaseInfo, OPEN_FILES, StackLimit};
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};

use super::Check;
use crate::plan::{ADDRESS_SPACE_BYTES, PROCESSES, STACK};

/// A limit: what it is called, the letter of `ulimit` and its unit there, what programs start with, what may be set at most.
struct Limit {
    name: &'static str,
    letter: char,
    unit: u64,
    wanted: u64,
    most: u64,
}

/// Looks whether what these cases start with can be set here.
pub fn check(cases: &[CaseInfo]) -> Check {
    let stacks = cases.iter().map(|case| case.needs.stack_limit.unwrap_or(STACK));
    let limit = |name, letter, unit, resource, wanted| {
        let (_, most) = getrlimit(resource).ok()?;
        Some(Limit { name, letter, unit, wanted, most })
    };
    let limits = [
        limit("open files", 'n', 1, Resource::RLIMIT_NOFILE, OPEN_FILES),
        limit("processes", 'u', 1, Resource::RLIMIT_NPROC, PROCESSES),
        limit("stack", 's', 1024, Resource::RLIMIT_STACK, stacks.map(bytes).max().unwrap_or(0)),
        limit("address space", 'v', 1024, Resource::RLIMIT_AS, ADDRESS_SPACE_BYTES),
    ];
    Check { name: "limits", result: judge(&limits.into_iter().flatten().collect::<Vec<_>>()) }
}

fn bytes(stack: StackLimit) -> u64 {
    match stack {
        StackLimit::Bytes(bytes) => bytes,
        StackLimit::Unlimited(_) => RLIM_INFINITY,
    }
}

fn judge(limits: &[Limit]) -> Result<String, String> {
    let low = |limit: &&Limit| limit.wanted > limit.most;
    let lacking: Vec<String> = limits.iter().filter(low).map(Limit::told).collect();
    match lacking.is_empty() {
        true => Ok("open files, processes, stack and address space can be set as cases take them".into()),
        false => Err(format!(
            "{}; raise the hard limit as root, in /etc/security/limits.conf or by --ulimit of a container engine",
            lacking.join("; ")
        )),
    }
}

impl Limit {
    fn told(&self) -> String {
        let shown = |value: u64| match value {
            RLIM_INFINITY => "unlimited".to_owned(),
            value => (value / self.unit).to_string(),
        };
        format!(
            "{}: cases take {}, and ulimit -H{} is {}",
            self.name,
            shown(self.wanted),
            self.letter,
            shown(self.most)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_is_too_low_is_told_as_the_shell_has_it() {
        let limit = |wanted, most| Limit { name: "stack", letter: 's', unit: 1024, wanted, most };
        assert!(judge(&[limit(8 << 20, RLIM_INFINITY), limit(RLIM_INFINITY, RLIM_INFINITY)]).is_ok());
        let told = judge(&[limit(8 << 20, 8 << 20), limit(RLIM_INFINITY, 8 << 20)]).expect_err("too low");
        assert!(told.starts_with("stack: cases take unlimited, and ulimit -Hs is 8192; raise"), "{told}");
    }
}
