//! Progress on standard error, where that is a terminal: how far the run is, and which case came last; how much of an image
//! has come. That a pull has to wait is told to everybody who did not ask for quiet.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use libcdiff_protocol::Observation;

use crate::image::{Event, Watch};

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

/// What shows the progress of pulls.
pub fn pulling(quiet: bool) -> Watch {
    let watched = !quiet && std::io::stderr().is_terminal();
    let target = if watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(0), target);
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {bytes}/{total_bytes} {bytes_per_sec} {wide_msg}") {
        bar.set_style(style);
    }
    let say = move |bar: &ProgressBar, text: String| {
        if !quiet {
            bar.suspend(|| eprintln!("libcdiff: {text}"));
        }
    };
    Watch::new(move |event| match event {
        Event::Layer { digest, bytes, held } => {
            bar.inc_length(bytes);
            bar.inc(held);
            bar.set_message(digest.to_string());
        }
        Event::Bytes(bytes) => bar.inc(bytes),
        // Others may still be on their way.
        Event::Unpacked if bar.length().is_some_and(|length| bar.position() < length) => {}
        Event::Unpacked => {
            bar.finish_and_clear();
            bar.reset();
            bar.set_length(0);
        }
        Event::Shared(digest) => say(&bar, format!("{digest} is being fetched already; waiting for it")),
        Event::Again { problem, wait } => say(&bar, format!("{problem}; trying again in {:.1} s", wait.as_secs_f64())),
        Event::Passed { problem } => say(&bar, format!("going on without a mirror: {problem}")),
    })
}
