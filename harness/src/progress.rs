//! Progress on standard error, where that is a terminal: how far the run is, and which case came last; how much of an image
//! has come. That a pull has to wait is told to everybody who did not ask for quiet.

use std::ffi::OsStr;
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use libcdiff_protocol::Observation;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::image::{Event, Watch};
use crate::report::visible::visible;

/// Columns from which on there is room for a bar beside what it says.
const ROOM: usize = 60;

/// An ear for the wish to stop, by Ctrl-C, SIGTERM or the end of the terminal; a second one ends the program at once.
pub fn stop() -> std::io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // In this order: the first signal finds the flag unset and sets it, the second finds it set.
        flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop))?;
        flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

/// Tells something beside the result, to everybody who did not ask for quiet.
pub fn note(quiet: bool, text: &str) {
    if !quiet {
        eprintln!("libcdiff: {text}");
    }
}

/// Where bars go: to standard error, where somebody watches it.
pub fn target(quiet: bool) -> ProgressDrawTarget {
    match watched(quiet, std::io::stderr().is_terminal(), std::env::var_os("CI").as_deref()) {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    }
}

/// Nobody watches a pipeline, which may have a terminal and says by `CI` what it is.
fn watched(quiet: bool, terminal: bool, ci: Option<&OsStr>) -> bool {
    !quiet && terminal && ci.is_none_or(|ci| ci.is_empty() || ci == "false" || ci == "0")
}

/// A bar that says this much of itself, in indicatif's terms, `{left}` and `{left_at_most}` among them; without the bar where the terminal is narrow.
pub fn bar(target: ProgressDrawTarget, said: &str, columns: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), target);
    let drawn = if columns < ROOM { "" } else { "{bar:20} " };
    if let Ok(style) = ProgressStyle::with_template(&format!("{drawn}{said}  {{wide_msg}}")) {
        let style = style.with_key("left", |state: &ProgressState, to: &mut dyn Write| left(state, "", to));
        bar.set_style(style.with_key("left_at_most", |state: &ProgressState, to: &mut dyn Write| {
            left(state, " at most", to);
        }));
    }
    bar
}

/// The time that is left, once there is something to tell it from.
fn left(state: &ProgressState, how: &str, to: &mut dyn Write) {
    if state.pos() > 0 {
        let _ = write!(to, ", {:#} left{how}", HumanDuration(state.eta()));
    }
}

/// A bar that is silent where nobody watches.
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar; none where `quiet`, where standard error is no terminal, or in a pipeline.
    pub fn new(quiet: bool) -> Self {
        Self::on(target(quiet), textwrap::termwidth())
    }

    fn on(target: ProgressDrawTarget, columns: usize) -> Self {
        Self(bar(target, "{pos}/{len}{left}", columns))
    }

    /// How many observations are to come.
    pub fn expect(&self, observations: usize) {
        self.0.set_length(observations as u64);
    }

    /// One has come.
    pub fn seen(&self, image: &str, observation: &Observation) {
        self.0.set_message(format!("{image}: {} ({})", observation.case, observation.flavour));
        self.0.inc(1);
    }

    /// All have come.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// What a bar says of pulls.
const PULLED: &str = "{bytes}/{total_bytes}{left}";

/// What shows the progress of pulls.
pub fn pulling(quiet: bool) -> Watch {
    pulling_on(bar(target(quiet), PULLED, textwrap::termwidth()), quiet)
}

fn pulling_on(bar: ProgressBar, quiet: bool) -> Watch {
    let say = move |bar: &ProgressBar, text: String| {
        if !quiet {
            bar.suspend(|| eprintln!("libcdiff: {}", visible(&text)));
        }
    };
    Watch::new(move |event| match event {
        Event::Layer { digest, bytes, held } => {
            if bar.is_finished() {
                bar.reset();
                bar.set_length(0);
            }
            bar.inc_length(bytes);
            bar.inc(held);
            bar.set_message(digest.to_string());
        }
        Event::Bytes(bytes) => bar.inc(bytes),
        // Others may still be on their way.
        Event::Unpacked if bar.length().is_some_and(|length| bar.position() < length) => {}
        // The next layer begins anew: a bar that does so now is drawn, and stays before what is printed.
        Event::Unpacked => bar.finish_and_clear(),
        Event::Shared(digest) => say(&bar, format!("{digest} is being fetched already; waiting for it")),
        Event::Again { problem, wait } => say(&bar, format!("{problem}; trying again in {:.1} s", wait.as_secs_f64())),
        Event::Passed { problem } => say(&bar, format!("going on without a mirror: {problem}")),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;
    use libcdiff_protocol::{Flavour, Status};

    use super::*;

    /// A terminal of so many columns that keeps what is written.
    #[derive(Clone, Debug)]
    struct Paper(u16, Arc<Mutex<Vec<String>>>);

    impl TermLike for Paper {
        fn width(&self) -> u16 {
            self.0
        }
        fn move_cursor_up(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> std::io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> std::io::Result<()> {
            self.1.lock().expect("no panic before").push(text.to_owned());
            Ok(())
        }
        fn clear_line(&self) -> std::io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn seen(case: &str) -> Observation {
        Observation {
            case: case.into(),
            flavour: Flavour::MuslStatic,
            status: Status::Described,
            signal: None,
            reason: None,
            text: String::new(),
            values: Default::default(),
            wire: None,
            elapsed_ms: 1,
        }
    }

    #[test]
    fn a_line_says_how_far_it_is_and_fits() {
        for (columns, drawn) in [(80, true), (40, false)] {
            let paper = Paper(columns, Arc::default());
            // As many draws as there are changes: time is no matter.
            let target = ProgressDrawTarget::term_like_with_hz(Box::new(paper.clone()), 255);
            let progress = Progress::on(target, columns.into());
            progress.expect(7810);
            progress.seen("debian-13-musl", &seen("threads.stack.recursion-main"));
            progress.0.force_draw();
            let lines = paper.1.lock().expect("no panic before").clone();
            let last = lines.iter().rfind(|line| line.contains('/')).expect("a line").clone();
            assert!(last.contains("1/7810") && last.contains(" left  debian"), "{last:?}");
            assert!(last.chars().count() <= columns.into(), "{last:?}");
            assert_eq!(last.contains('░'), drawn, "{last:?}");
        }
    }

    #[test]
    fn nothing_stays_of_a_pull_that_is_done() {
        let paper = Paper(80, Arc::default());
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(paper.clone()), 255);
        let watch = pulling_on(bar(target, PULLED, 80), false);
        let digest = crate::image::Digest::of(b"a layer");
        // A second image begins anew, at its own length.
        for bytes in [4 << 20, 2 << 20] {
            watch.tell(Event::Layer { digest: &digest, bytes, held: 0 });
            watch.tell(Event::Bytes(bytes));
            let drawn = paper.1.lock().expect("no panic before").len();
            watch.tell(Event::Unpacked);
            let lines = paper.1.lock().expect("no panic before").clone();
            assert!(lines[drawn..].iter().all(|line| !line.contains("iB") && !line.contains("0 B")), "{lines:?}");
        }
        let lines = paper.1.lock().expect("no panic before").clone();
        assert!(lines.iter().any(|line| line.contains("/2.00 MiB")), "{lines:?}");
    }

    #[test]
    fn nobody_watches_a_pipeline() {
        assert!(watched(false, true, None) && watched(false, true, Some(OsStr::new("false"))));
        assert!(!watched(false, true, Some(OsStr::new("true"))) && !watched(false, true, Some(OsStr::new("1"))));
        assert!(!watched(true, true, None) && !watched(false, false, None));
    }
}
