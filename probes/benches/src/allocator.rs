//! Which objects the functions under test come from, as the loader knows it. Which allocator is live, [`crate::live`] proves.

use serde::Serialize;

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
