//! Which allocator is live in this process, with the proof, before anything is measured.

use serde::Serialize;

use crate::answer::Refusal;
use crate::sys::bound;

/// Where the functions under test come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bound {
    /// The object that `malloc` is in; `program` where it is linked in.
    pub malloc: String,
    /// The object that the C library is in.
    pub libc: String,
}

impl Bound {
    /// As the loader knows it.
    pub fn now() -> Self {
        Self { malloc: bound::malloc(), libc: bound::libc() }
    }
}

/// The allocator under test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Allocator {
    /// As on the command line of the harness.
    pub name: String,
    /// Its version, where it says one.
    pub version: Option<String>,
    /// What shows that it is live.
    pub proof: String,
}

/// Finds the allocator, and refuses any but the expected one.
pub fn live(bound: &Bound, expect: Option<&str>) -> Result<Allocator, Refusal> {
    let found = system(bound);
    match expect {
        Some(name) if name != found.name => {
            Err(Refusal::Broke(format!("the allocator `{name}` is not live: {} ({})", found.name, found.proof)))
        }
        _ => Ok(found),
    }
}

fn system(bound: &Bound) -> Allocator {
    let own = bound.malloc == bound.libc;
    let name = if own { "system".into() } else { bound.malloc.clone() };
    Allocator { name, version: bound::glibc_version(), proof: format!("malloc is in {}", bound.malloc) }
}
