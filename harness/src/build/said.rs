//! What the classic builder says while it works, a piece at a time: when each step begins, in which container it runs, whether it
//! came from the cache, which image it left, and what its program printed.
//!
//! The builder's words and the output of the programs that it runs come in one stream. A program could print what looks like the
//! builder's; only the step that comes next, of as many as there are, is taken for one.

use super::file::Step;

/// Bytes of output of the last step that are kept.
const KEPT: usize = 16 << 10;
/// Lines of them that are told.
const TOLD: usize = 12;

/// What has been heard of a build.
#[derive(Debug, Default)]
pub struct Heard {
    steps: Vec<Heading>,
    total: usize,
    output: String,
}

#[derive(Debug)]
struct Heading {
    began_ms: f64,
    instruction: String,
    cached: bool,
    image: Option<String>,
}

/// What may have to be looked at now.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// The container of this short name is about to run.
    Runs(String),
    /// It has run.
    Ended,
}

impl Heard {
    /// Takes the next piece, so many milliseconds after the beginning.
    pub fn take(&mut self, piece: &str, at_ms: f64) -> Option<Event> {
        if let Some((number, total, instruction)) = step(piece)
            && number == self.steps.len() + 1
            && (number == 1 || total == self.total)
        {
            self.total = total;
            self.steps.push(Heading { began_ms: at_ms, instruction, cached: false, image: None });
            self.output.clear();
            return None;
        }
        let line = piece.trim();
        let last = self.steps.last_mut()?;
        if let Some(id) = line.strip_prefix("---> Running in ").filter(|id| is_id(id)) {
            return runs(&last.instruction).then(|| Event::Runs(id.to_owned()));
        }
        if line.strip_prefix("Removing intermediate container ").is_some_and(is_id) {
            return Some(Event::Ended);
        }
        if line == "---> Using cache" {
            last.cached = true;
        } else if let Some(id) = line.strip_prefix("---> ").filter(|id| is_id(id)) {
            last.image = Some(id.to_owned());
        } else if !(self.output.is_empty() && line.is_empty()) {
            self.output.push_str(piece);
            let surplus = self.output.len().saturating_sub(2 * KEPT);
            if surplus > 0 {
                let begins = |at: &usize| self.output.is_char_boundary(*at);
                let cut = (KEPT + surplus..self.output.len()).find(begins).unwrap_or(self.output.len());
                self.output.drain(..cut);
            }
        }
        None
    }

    /// The steps, of a build that ended so many milliseconds after its beginning; `lines` says where each stands in the file, or
    /// that it is not the file's.
    pub fn steps(&self, lines: &[Option<usize>], ended_ms: f64) -> Vec<Step> {
        let ends = self.steps.iter().skip(1).map(|step| step.began_ms).chain([ended_ms]);
        let steps = self.steps.iter().zip(ends).zip(lines);
        steps
            .filter_map(|((step, end), line)| {
                Some(Step {
                    line: (*line)?,
                    instruction: step.instruction.clone(),
                    ms: (end - step.began_ms).max(0.0),
                    cached: step.cached,
                    bytes: None,
                    image: step.image.clone(),
                })
            })
            .collect()
    }

    /// The last lines that the step printed which was the last to begin.
    pub fn tail(&self) -> Vec<String> {
        let plain = anstream::adapter::strip_str(&self.output).to_string();
        let lines: Vec<&str> = plain.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        lines[lines.len().saturating_sub(TOLD)..].iter().map(|line| (*line).to_owned()).collect()
    }

    /// How many steps there are, the label's among them; 0 before the first.
    pub fn total(&self) -> usize {
        self.total
    }

    /// How many have begun.
    pub fn begun(&self) -> usize {
        self.steps.len()
    }
}

/// `Step 3/10 : RUN x`.
fn step(piece: &str) -> Option<(usize, usize, String)> {
    let (numbers, instruction) = piece.strip_prefix("Step ")?.split_once(" : ")?;
    let (number, total) = numbers.split_once('/')?;
    Some((number.parse().ok()?, total.parse().ok()?, instruction.trim().to_owned()))
}

/// Whether a step starts a program: other instructions get a container too, which never runs. Those of FROM are what an image has
/// done ONBUILD.
fn runs(instruction: &str) -> bool {
    let word = instruction.split_whitespace().next().unwrap_or_default();
    ["RUN", "FROM"].iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn is_id(text: &str) -> bool {
    text.len() >= 12 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_have_their_times_images_and_lines() {
        let mut heard = Heard::default();
        let mut events = Vec::new();
        for (at, piece) in [
            (0.0, "Step 1/4 : FROM debian:13"),
            (0.0, "\n"),
            (1.0, " ---> f2cd1392430d\n"),
            (2.0, "Step 2/4 : LABEL l=v"),
            (2.0, " ---> Running in 3d7bd35afff0\n"),
            (3.0, " ---> Using cache\n"),
            (3.0, " ---> 0b2706d80941\n"),
            (4.0, "Step 3/4 : RUN apt-get install"),
            (5.0, " ---> Running in 3d7bd35afffc\n"),
            (6.0, "Step 9/9 : RUN none of this\n"),
            (6.0, "\u{1b}[91mw: an error\n\u{1b}[0m"),
            (7.0, "Removing intermediate container 3d7bd35afffc\n"),
            (7.0, " ---> c4ef16a763bc\n"),
            (8.0, "Step 4/4 : CMD x"),
        ] {
            events.extend(heard.take(piece, at));
        }
        assert_eq!(events, [Event::Runs("3d7bd35afffc".into()), Event::Ended]);
        let steps = heard.steps(&[Some(1), None, Some(2), Some(5)], 10.0);
        let told: Vec<_> =
            steps.iter().map(|s| (s.line, &*s.instruction, s.ms, s.cached, s.image.as_deref())).collect();
        assert_eq!(
            told,
            [
                (1, "FROM debian:13", 2.0, false, Some("f2cd1392430d")),
                (2, "RUN apt-get install", 4.0, false, Some("c4ef16a763bc")),
                (5, "CMD x", 2.0, false, None),
            ]
        );
        assert_eq!((heard.begun(), heard.total(), heard.tail()), (4, 4, Vec::<String>::new()));
    }

    #[test]
    fn the_last_lines_of_a_long_output_are_kept() {
        let mut heard = Heard::default();
        heard.take("Step 1/1 : RUN x", 0.0);
        for n in 0..20_000 {
            heard.take(&format!("\u{1b}[91mé line {n}\n\u{1b}[0m"), 1.0);
        }
        assert!(heard.output.len() <= 2 * KEPT + 64);
        let tail = heard.tail();
        assert_eq!((tail.len(), tail[0].as_str(), tail[11].as_str()), (TOLD, "é line 19988", "é line 19999"));
    }
}
