//! Progress of pulls, told to whoever wants to show it. Nothing is printed here.

use std::{fmt, sync::Arc, time::Duration};

use crate::image::digest::Digest;

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A layer is wanted.
    Layer {
        /// Which.
        digest: &'a Digest,
        /// How long it is, in bytes.
        bytes: u64,
        /// How much of it is there already, in bytes.
        held: u64,
    },
    /// Bytes of layers came.
    Bytes(u64),
    /// An image is whole, and unpacked.
    Unpacked,
    /// Another process fetches the same layer; its result will do.
    Shared(&'a Digest),
    /// Something is tried again after a wait.
    Again {
        /// What went wrong.
        problem: &'a str,
        /// How long.
        wait: Duration,
    },
    /// A mirror did not help; the next one is asked.
    Passed {
        /// What went wrong.
        problem: &'a str,
    },
}

/// Who is told.
#[derive(Clone)]
pub struct Watch(Arc<dyn Fn(Event<'_>) + Send + Sync>);

impl Watch {
    /// Tells `tell`, from any thread.
    pub fn new(tell: impl Fn(Event<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(crate) fn tell(&self, event: Event<'_>) {
        (self.0)(event);
    }
}

impl Default for Watch {
    /// Nobody.
    fn default() -> Self {
        Self::new(|_| ())
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}
