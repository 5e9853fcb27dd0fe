//! What the method reaches, on times that are made up: from the order of the turns to the verdict, with the rule by which
//! rounds end in place. Every test is one fixed sequence of draws, so that it says the same each time.
//!
//! The made-up machine drifts (its speed wanders, and trends during a run), each block has noise of its own, and some blocks
//! are far off, always to the slow side. That is the shape of what blocks do on small virtual machines.

use super::random::Random;
use super::rounds::Rounds;
use super::schedule;
use super::statistics::{Interval, ratio_by};
use super::verdict::Verdict;

/// Fewer than in earnest, for time's sake; ends of intervals are a bit rougher for it.
const RESAMPLES: usize = 400;

/// A machine.
#[derive(Clone, Copy)]
struct Noise {
    /// Standard deviation of a block's logarithm.
    block: f64,
    /// The share of blocks that are far off, and by how much at most.
    far: (f64, f64),
    /// How much the machine's speed wanders from block to block.
    wander: f64,
    /// How much it trends over 100 blocks.
    trend: f64,
}

const CALM: Noise = Noise { block: 0.015, far: (0.02, 0.2), wander: 0.002, trend: 0.02 };
const SHARED: Noise = Noise { block: 0.03, far: (0.05, 0.4), wander: 0.005, trend: 0.1 };

struct Run {
    ratio: Interval,
    noise: Interval,
    rounds: usize,
}

impl Run {
    fn verdict(&self) -> Verdict {
        Verdict::of(&self.ratio, &self.noise)
    }
}

/// A run in which the other subject takes so many times as long as the baseline.
fn run(noise: Noise, times: f64, rounds: Rounds, random: &mut Random) -> Run {
    let (mut speed, mut twin, mut other) = (0.0, Vec::new(), Vec::new());
    loop {
        let mut logs = [0.0; 3];
        for turn in schedule::round(3, random) {
            speed += noise.wander * random.normal() + noise.trend / 100.0;
            let far = if random.share() < noise.far.0 { noise.far.1 * random.share() } else { 0.0 };
            let own = if turn.subject == 2 { times.ln() } else { 0.0 };
            logs[turn.subject] += (own + speed + noise.block * random.normal() + far) / 2.0;
        }
        twin.push(logs[1] - logs[0]);
        other.push(logs[2] - logs[0]);
        let seen = ratio_by(&twin, RESAMPLES, random);
        if rounds.enough(twin.len(), seen.as_ref()) {
            let ratio = ratio_by(&other, RESAMPLES, random).expect("two rounds at least");
            return Run { ratio, noise: seen.expect("two rounds at least"), rounds: twin.len() };
        }
    }
}

/// The share of runs for which something holds.
fn share(runs: &[Run], holds: impl Fn(&Run) -> bool) -> f64 {
    runs.iter().filter(|run| holds(run)).count() as f64 / runs.len() as f64
}

fn runs(count: usize, noise: Noise, times: f64, rounds: Rounds) -> Vec<Run> {
    let mut random = Random::new(5);
    (0..count).map(|_| run(noise, times, rounds, &mut random)).collect()
}
#[test]
fn an_interval_holds_the_truth_about_as_often_as_it_says() {
    for noise in [CALM, SHARED] {
        let held = share(&runs(100, noise, 1.3, Rounds::USUAL), |run| run.ratio.holds(1.3));
        assert!(held >= 0.93, "{held} of the intervals hold it");
        let held = share(&runs(100, noise, 1.3, Rounds::QUICK), |run| run.ratio.holds(1.3));
        assert!(held >= 0.93, "{held} of the intervals of few rounds hold it");
    }
}

#[test]
fn the_same_against_itself_is_hardly_ever_called_different() {
    for noise in [CALM, SHARED] {
        for rounds in [Rounds::USUAL, Rounds::QUICK] {
            let flagged = share(&runs(100, noise, 1.0, rounds), |run| run.verdict() != Verdict::NoDifference);
            assert!(flagged <= 0.05, "{flagged} are flagged in {rounds:?}");
        }
    }
}

#[test]
fn five_percent_more_are_found_and_noise_takes_its_rounds() {
    let mean = |runs: &[Run]| runs.iter().map(|run| run.rounds).sum::<usize>() as f64 / runs.len() as f64;
    let [calm, shared] = [CALM, SHARED].map(|noise| runs(100, noise, 1.05, Rounds::USUAL));
    for runs in [&calm, &shared] {
        let found = share(runs, |run| run.verdict() == Verdict::Slower);
        assert!(found >= 0.9, "only {found} are found");
    }
    assert!(mean(&calm) < 12.0 && mean(&shared) > 15.0, "{} and {} rounds", mean(&calm), mean(&shared));
}
