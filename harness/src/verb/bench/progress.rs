//! How far a benchmark is, with an estimate of the time that is left, on a terminal; and the wish to stop, by Ctrl-C or
//! SIGTERM, which is heard between two blocks. A second one ends the program at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::ProgressBar;

use crate::bench::block::Mode;
use crate::bench::measure::Watch;
use crate::bench::subject::Subject;
use crate::bench::workload::Task;
use crate::progress::{bar, stop, target};

/// A bar in milliseconds of planned work; silent where nobody watches.
pub struct Progress {
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
}

impl Progress {
    /// A bar; none where `quiet`, where standard error is no terminal, or in a pipeline.
    pub fn new(quiet: bool) -> std::io::Result<Self> {
        let stop = stop()?;
        let columns = textwrap::termwidth();
        let bar = bar(target(quiet), "{percent:>3} %{left_at_most}", columns);
        Ok(Self { bar, stop })
    }

    /// So many milliseconds of work are planned.
    pub fn expect(&self, planned_ms: u64) {
        self.bar.set_length(planned_ms);
    }

    /// All is done.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Watch for Progress {
    fn begins(&self, task: &Task, subject: &Subject, mode: Mode) {
        let what = if mode == Mode::Memory { ", memory" } else { "" };
        self.bar.set_message(format!("{}{what} in {}", task.label(), subject.id));
    }

    fn ended(&self, planned_ms: u64) {
        self.bar.inc(planned_ms);
    }

    fn spared(&self, planned_ms: u64) {
        self.bar.set_length(self.bar.length().unwrap_or(0).saturating_sub(planned_ms));
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
