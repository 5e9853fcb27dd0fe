//! From blocks to what is told of a workload: the baseline's figure, each subject's ratio with its verdict, the noise, and
//! scaling from one thread to two. Everything here follows from the blocks and the seed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::block::{Block, Mode};
use super::memory::{Kernel, Memory};
use super::random::Random;
use super::statistics::{self, Interval, median};
use super::subject::{Role, Subject};
use super::survival::Survival;
use super::verdict::Verdict;

/// What is told of one subject in one workload.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Outcome {
    /// The subject's id.
    pub subject: String,
    /// Why it has no ratio, where it could have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// Nanoseconds of one operation: the median over its rounds. Of several threads, over the operations of all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ns_per_op: Option<f64>,
    /// How many times the baseline's time; none for the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<Interval>,
    /// What the ratio says; none for the baseline and its twin, and of too few rounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What the kernel did beside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_1000_ops: Option<Kernel>,
    /// Memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Memory>,
    /// What came of limits on its memory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub survival: Vec<Survival>,
    /// Why it has no figures of memory, where it could have some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_failed: Option<String>,
}

/// The logarithms of a subject's times by round, those of both halves averaged; rounds with one half are left out.
pub fn rounds(subject: &Subject, blocks: &[Block]) -> Vec<(usize, f64)> {
    let own: Vec<(usize, f64)> = blocks
        .iter()
        .filter(|b| b.subject == subject.id && b.mode == Mode::Time)
        .filter_map(|b| Some((b.round, b.ns_per_op?.ln())))
        .collect();
    let last = own.iter().map(|(round, _)| round + 1).max().unwrap_or(0);
    let both = |round: usize| match own.iter().filter(|(r, _)| *r == round).map(|(_, log)| *log).collect::<Vec<_>>()[..]
    {
        [forward, back] => Some((round, f64::midpoint(forward, back))),
        _ => None,
    };
    (0..last).filter_map(both).collect()
}

/// The log ratios of a subject to the baseline, of rounds that both have.
fn paired(subject: &[(usize, f64)], baseline: &[(usize, f64)]) -> Vec<f64> {
    let of = |round: usize| baseline.iter().find(|(r, _)| *r == round).map(|(_, log)| *log);
    subject.iter().filter_map(|(round, log)| Some(log - of(*round)?)).collect()
}

/// The ratio of the baseline to itself: what chance does in this run.
pub fn noise(subjects: &[Subject], blocks: &[Block], random: &mut Random) -> Option<Interval> {
    let of = |role| subjects.iter().find(|s| s.role == role).map(|s| rounds(s, blocks));
    statistics::ratio(&paired(&of(Role::Twin)?, &of(Role::Baseline)?), random)
}

/// What is told of each subject, in their order. `name` tells this workload's resamples from others'.
pub fn outcomes(subjects: &[Subject], blocks: &[Block], seed: u64, name: &str) -> Vec<Outcome> {
    let noise = noise(subjects, blocks, &mut Random::of(seed, &format!("{name} noise")));
    let baseline = subjects.first().map(|s| rounds(s, blocks)).unwrap_or_default();
    let outcome = |subject: &Subject| {
        let own: Vec<&Block> = blocks.iter().filter(|b| b.subject == subject.id).collect();
        let logs = rounds(subject, blocks);
        let failure = |mode| own.iter().filter(|b| b.mode == mode && b.limit_bytes.is_none()).find_map(|b| b.failure());
        let failed = failure(Mode::Time);
        let ratio = match subject.role {
            Role::Baseline => None,
            Role::Twin => noise,
            Role::Other if failed.is_some() => None,
            Role::Other => {
                statistics::ratio(&paired(&logs, &baseline), &mut Random::of(seed, &format!("{name} {}", subject.id)))
            }
        };
        Outcome {
            subject: subject.id.clone(),
            failed,
            ns_per_op: (!logs.is_empty()).then(|| median(&logs.iter().map(|(_, log)| *log).collect::<Vec<_>>()).exp()),
            verdict: ratio
                .zip(noise)
                .filter(|_| subject.role == Role::Other)
                .and_then(|(r, n)| Verdict::after(logs.len(), &r, &n)),
            ratio,
            per_1000_ops: Kernel::of(&own),
            memory: Memory::of(&own),
            survival: Survival::of(&own),
            memory_failed: failure(Mode::Memory),
        }
    };
    subjects.iter().map(outcome).collect()
}

/// How the time of an operation changes from one thread to two: 0.5 is perfect, 1 gains nothing, more is a loss.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Scaling {
    /// The workload.
    pub workload: String,
    /// The subject's id.
    pub subject: String,
    /// The time with two threads as a multiple of that with one.
    pub ratio: Interval,
    /// How many times the baseline's; none for the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against_baseline: Option<f64>,
}

/// Scaling of each subject but the twin, from the blocks of a workload with one thread and with two.
pub fn scaling(subjects: &[Subject], workload: &str, one: &[Block], two: &[Block], seed: u64) -> Vec<Scaling> {
    let logs = |s: &Subject, blocks: &[Block]| rounds(s, blocks).into_iter().map(|(_, log)| log).collect::<Vec<_>>();
    let mut found: Vec<Scaling> = Vec::new();
    for subject in subjects.iter().filter(|s| s.role != Role::Twin) {
        let mut random = Random::of(seed, &format!("{workload} scaling {}", subject.id));
        let Some(ratio) = statistics::unpaired(&logs(subject, two), &logs(subject, one), &mut random) else { continue };
        let baseline = found.iter().find(|s| s.subject == subjects[0].id).map(|s| s.ratio.median);
        let against_baseline = baseline.map(|baseline| ratio.median / baseline);
        found.push(Scaling { workload: workload.into(), subject: subject.id.clone(), ratio, against_baseline });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::double::{observation, subjects};

    fn block(subject: &Subject, round: usize, half: usize, ns: f64) -> Block {
        Block { round, half, ..Block::new(subject, Mode::Time, observation("churn", ns)) }
    }

    /// Rounds in which everything becomes slower and slower, at a steady pace within a round.
    fn drifting(subjects: &[Subject], times: &[f64], rounds: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        for round in 0..rounds {
            for half in 0..2 {
                for (place, subject) in subjects.iter().enumerate() {
                    let at = if half == 0 { place } else { 2 * subjects.len() - 1 - place };
                    let slower = (0.01 * (round * 2 * subjects.len() + at) as f64).exp();
                    blocks.push(block(subject, round, half, times[place] * slower));
                }
            }
        }
        blocks
    }

    #[test]
    fn a_steady_drift_falls_out_of_every_ratio() {
        let subjects = subjects(&["a", "b"]);
        let outcomes = outcomes(&subjects, &drifting(&subjects, &[10.0, 10.0, 30.0], 8), 1, "churn 1");
        let ratio = outcomes[2].ratio.expect("a ratio");
        assert!((ratio.median - 3.0).abs() < 1e-9 && (ratio.width() - 1.0).abs() < 1e-9, "{ratio:?}");
        assert_eq!(outcomes[2].verdict, Some(Verdict::Slower));
        assert!(outcomes[1].ratio.is_some_and(|noise| (noise.median - 1.0).abs() < 1e-9));
        assert_eq!((outcomes[1].verdict, outcomes[0].ratio), (None, None));
    }

    #[test]
    fn a_subject_that_failed_has_no_ratio_and_a_reason() {
        let subjects = subjects(&["a", "b"]);
        let mut blocks = drifting(&subjects, &[10.0, 10.0, 30.0], 3);
        let mut bad = observation("churn", 1.0);
        (bad.status, bad.signal) = (libcdiff_protocol::Status::Crashed, Some("SIGSEGV".into()));
        blocks.push(Block { round: 3, ..Block::new(&subjects[2], Mode::Time, bad) });
        let outcome = outcomes(&subjects, &blocks, 1, "churn 1").remove(2);
        assert_eq!((outcome.ratio, outcome.verdict), (None, None));
        assert!(outcome.failed.is_some_and(|why| why.contains("SIGSEGV")));
    }

    #[test]
    fn a_round_with_one_half_does_not_count() {
        let subjects = subjects(&["a"]);
        let blocks = [block(&subjects[0], 0, 0, 1.0), block(&subjects[0], 0, 1, 1.0), block(&subjects[0], 1, 0, 9.0)];
        assert_eq!(rounds(&subjects[0], &blocks), [(0, 0.0)]);
    }

    #[test]
    fn scaling_is_two_threads_over_one() {
        let subjects = subjects(&["a", "b"]);
        let one = drifting(&subjects, &[10.0, 10.0, 30.0], 4);
        let two = drifting(&subjects, &[5.0, 5.0, 120.0], 4);
        let scaling = scaling(&subjects, "churn", &one, &two, 1);
        assert_eq!(scaling.len(), 2);
        assert!((scaling[0].ratio.median - 0.5).abs() < 1e-9 && scaling[0].against_baseline.is_none());
        assert!(scaling[1].against_baseline.is_some_and(|against| (against - 8.0).abs() < 1e-9));
    }
}
