//! The resource limits of a program, set just before it starts: its C library reads some of them once, then.

use libcdiff_protocol::{Limits, OPEN_FILES, StackLimit};
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};

use crate::case::CaseError;

/// Sets the limits of the calling process.
pub fn apply(limits: &Limits) -> Result<(), CaseError> {
    set(Resource::RLIMIT_NPROC, "processes", limits.processes)?;
    apply_shared(limits)
}

/// As [`apply`], in a container that is one among others. The limit on processes counts those of the user on the whole
/// machine, whatever container they are in, so that neighbours would use it up: the container's own limit has to do.
pub fn apply_shared(limits: &Limits) -> Result<(), CaseError> {
    set(Resource::RLIMIT_STACK, "stack", stack(limits))?;
    set(Resource::RLIMIT_AS, "address space", limits.address_space_bytes)?;
    set(Resource::RLIMIT_NOFILE, "open files", OPEN_FILES)?;
    set(Resource::RLIMIT_CORE, "core file", 0)
}

/// Which of the limits is above what the container has been given, in words; nothing where each can be set.
pub fn too_high(limits: &Limits) -> Option<String> {
    let above = |resource, name: &str, wanted| {
        let (_, hard) = getrlimit(resource).ok()?;
        (wanted > hard)
            .then(|| format!("it takes a {name} limit of {wanted}, and the container has no more than {hard}"))
    };
    above(Resource::RLIMIT_STACK, "stack", stack(limits))
        .or_else(|| above(Resource::RLIMIT_AS, "address space", limits.address_space_bytes))
}

fn stack(limits: &Limits) -> u64 {
    match limits.stack {
        StackLimit::Bytes(bytes) => bytes,
        StackLimit::Unlimited(_) => RLIM_INFINITY,
    }
}

/// Sets a soft limit and leaves the hard one, which an ordinary user could not raise again.
fn set(resource: Resource, name: &str, soft: u64) -> Result<(), CaseError> {
    let what = || format!("setting the {name} limit to {soft}");
    let (_, hard) = getrlimit(resource).map_err(CaseError::call(what()))?;
    if soft > hard {
        return Err(CaseError::Plan(format!("{}: the hard limit here is {hard}", what())));
    }
    setrlimit(resource, soft, hard).map_err(CaseError::call(what()))
}
