//! Progress on standard error, where that is a terminal: how far the run is, and which case came last.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use libcdiff_protocol::Observation;

/// A bar that is silent where nobody watches.
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar; none where `quiet` or where standard error is no terminal.
    pub fn new(quiet: bool) -> Self {
        let watched = !quiet && std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(
            Some(0),
            if watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() },
        );
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {elapsed} {wide_msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// How many observations are to come.
    pub fn expect(&self, observations: usize) {
        self.0.set_length(observations as u64);
    }

    /// One has come.
    pub fn seen(&self, image: &str, observation: &Observation) {
        self.0.set_message(format!("{} in {image} ({})", observation.case, observation.flavour));
        self.0.inc(1);
    }

    /// All have come.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}
