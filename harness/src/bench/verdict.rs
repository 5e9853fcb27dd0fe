//! The verdict on a ratio: slower, faster, or no difference.
//!
//! Two things must hold before a difference is claimed: the ratio's interval does not hold 1, and the ratio lies outside
//! the noise, the interval of the same ratio of the baseline to itself in the same rounds. Where there is no such pair,
//! nothing is claimed, nor of fewer rounds than an interval of 95 % takes: all of five rounds lie on one side of the truth
//! more often than one time in twenty.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::statistics::Interval;

/// Rounds behind a verdict, at least.
pub const FEWEST: usize = 6;

/// What a ratio says.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// More time than the baseline.
    Slower,
    /// Less time than the baseline.
    Faster,
    /// The interval holds 1, or the ratio lies inside the noise.
    NoDifference,
}

impl Verdict {
    /// The verdict on a ratio of so many rounds, given the ratio of the baseline to itself; `None` of too few.
    pub fn after(rounds: usize, ratio: &Interval, noise: &Interval) -> Option<Self> {
        (rounds >= FEWEST).then(|| Self::of(ratio, noise))
    }

    /// The verdict on a ratio, given the ratio of the baseline to itself.
    pub fn of(ratio: &Interval, noise: &Interval) -> Self {
        match !ratio.holds(1.0) && !noise.holds(ratio.median) {
            true if ratio.median > 1.0 => Self::Slower,
            true => Self::Faster,
            false => Self::NoDifference,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Slower => "slower",
            Self::Faster => "faster",
            Self::NoDifference => "no difference",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(low: f64, median: f64, high: f64) -> Interval {
        Interval { median, low, high }
    }

    #[test]
    fn a_difference_is_claimed_outside_one_and_outside_the_noise() {
        let noise = interval(0.98, 1.0, 1.03);
        for (ratio, verdict) in [
            (interval(1.04, 1.05, 1.06), Verdict::Slower),
            (interval(0.2, 0.24, 0.3), Verdict::Faster),
            (interval(0.99, 1.05, 1.1), Verdict::NoDifference),
            (interval(1.01, 1.02, 1.03), Verdict::NoDifference),
            (interval(0.97, 0.98, 0.99), Verdict::NoDifference),
        ] {
            assert_eq!(Verdict::of(&ratio, &noise), verdict, "{ratio:?}");
            assert_eq!((Verdict::after(5, &ratio, &noise), Verdict::after(6, &ratio, &noise)), (None, Some(verdict)));
        }
    }
}
