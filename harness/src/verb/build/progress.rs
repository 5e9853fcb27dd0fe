//! How far builds are, and the wish to stop them.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::ProgressBar;

use crate::build::file::Cache;
use crate::engine::Watch;
use crate::progress::{bar, stop, target};

/// How far it is, on a terminal; and the wish to stop. A second one ends the program at once.
pub struct Progress {
    /// The bar.
    pub bar: ProgressBar,
    stop: Arc<AtomicBool>,
    doing: RefCell<String>,
}

impl Progress {
    /// A bar, and an ear for signals.
    pub fn new(quiet: bool) -> std::io::Result<Self> {
        let stop = stop()?;
        let bar = bar(target(quiet), "{pos}/{len}{left}", textwrap::termwidth());
        Ok(Self { bar, stop, doing: Default::default() })
    }

    /// A build begins.
    pub fn begins(&self, subject: &str, cache: Cache) {
        *self.doing.borrow_mut() = format!("{subject}, {cache}");
    }
}

impl Watch for Progress {
    fn step(&self, begun: usize, total: usize) {
        self.bar.set_message(format!("{}: step {begun} of {total}", self.doing.borrow()));
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
