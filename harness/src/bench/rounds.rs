//! How many rounds a workload gets, and when it has had enough.
//!
//! Stopping when a difference has shown itself would find differences that are not there. So whether to go on is decided by
//! one thing alone: how wide the interval of the A/A pair is, the baseline against itself. It knows nothing of any other
//! subject's ratio, and not even its own place is looked at, only its width. What such a stop can still do, ending a bit
//! early when a few rounds agree by chance, is answered by a least number of rounds and shown to be small in `simulation`,
//! where every figure is made with the stop in place.

use serde::{Deserialize, Serialize};

use schemars::JsonSchema;

use super::statistics::Interval;

/// Rounds of one workload.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Rounds {
    /// As many at least.
    pub least: usize,
    /// As many at most.
    pub most: usize,
    /// From the least number on, enough as soon as the A/A interval's upper end is at most so many times the lower one.
    pub width: f64,
}

impl Rounds {
    /// What finds a slowdown of 5 % on a machine whose blocks vary by 3 % or so; noisier machines take more rounds.
    pub const USUAL: Self = Self { least: 10, most: 40, width: 1.04 };
    /// As few as still have an interval worth the name: what it can miss is said by its width.
    pub const QUICK: Self = Self { least: 6, most: 6, width: 1.0 };

    /// Exactly so many.
    pub fn exactly(rounds: usize) -> Self {
        Self { least: rounds, most: rounds, width: 1.0 }
    }

    /// Whether so many rounds, with this ratio of the baseline to itself, are enough.
    pub fn enough(&self, done: usize, noise: Option<&Interval>) -> bool {
        done >= self.most || (done >= self.least && noise.is_some_and(|noise| noise.width() <= self.width))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_width_of_the_noise_ends_a_run_early() {
        let rounds = Rounds { least: 5, most: 9, width: 1.05 };
        let narrow = Interval { median: 1.2, low: 1.19, high: 1.21 };
        let wide = Interval { median: 1.0, low: 0.95, high: 1.05 };
        assert!(!rounds.enough(4, Some(&narrow)));
        assert!(rounds.enough(5, Some(&narrow)));
        assert!(!rounds.enough(8, Some(&wide)) && !rounds.enough(8, None));
        assert!(rounds.enough(9, Some(&wide)) && rounds.enough(9, None));
    }
}
