//! Medians of paired log ratios and their bootstrap intervals.
//!
//! Ratios are compared as logarithms, so that twice as slow and twice as fast lie equally far from no difference, and the
//! median lets one bad round be one bad round. The plain percentile interval of few rounds is too narrow (of seven rounds
//! it holds the truth 88 times in 100, not 95), so its ends are taken further out, by as much as Student's distribution is
//! wider than the normal one (Hesterberg, "What Teachers Should Know About the Bootstrap", 2015, expanded percentile
//! intervals). `simulation` shows what is reached with rounds that drift and have outliers. Nothing here reads a clock.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::random::Random;

/// Resamples behind each interval.
pub const RESAMPLES: usize = 10_000;

/// The probability left beyond each end of the percentile interval of 2, 3, ... values, for 95 % inside: the normal
/// probability beyond `sqrt(n / (n - 1))` times Student's 97.5 % point with n - 1 degrees of freedom.
const TAILS: [f64; 31] = [
    0.0, 0.0, 0.00012, 0.00095, 0.00243, 0.00411, 0.00574, 0.00722, 0.00855, 0.00972, 0.01076, 0.01167, 0.01248,
    0.01321, 0.01386, 0.01444, 0.01497, 0.01545, 0.01588, 0.01628, 0.01665, 0.01698, 0.01729, 0.01758, 0.01785, 0.0181,
    0.01833, 0.01855, 0.01876, 0.01894, 0.01913,
];

/// A figure and the interval that holds it with 95 % confidence. Of ratios: how many times the baseline's figure.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Interval {
    /// The median.
    pub median: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether the value lies in it.
    pub fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// How far the upper end is from the lower one, as a factor; 1 is nothing.
    pub fn width(&self) -> f64 {
        self.high / self.low
    }
}

/// The median; NaN of nothing.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The value below which this share of the values lies, between neighbours in proportion; NaN of nothing.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    of_sorted(&sorted, share)
}

fn of_sorted(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share.clamp(0.0, 1.0) * last as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let above = (below + 1).min(last);
    sorted[below] + part * (sorted[above] - sorted[below])
}

/// The ratio behind paired log ratios, one of each round, with its interval; `None` of fewer than two rounds, which have
/// none.
pub fn ratio(logs: &[f64], random: &mut Random) -> Option<Interval> {
    ratio_by(logs, RESAMPLES, random)
}

/// The same from so many resamples.
pub(super) fn ratio_by(logs: &[f64], resamples: usize, random: &mut Random) -> Option<Interval> {
    if logs.len() < 2 || logs.iter().any(|log| !log.is_finite()) {
        return None;
    }
    let mut set = Resampled::new(logs);
    Some(interval(median(logs), (0..resamples).map(|_| set.median(random)).collect(), logs.len()))
}

/// The ratio of two sets of logarithms that were not taken in the same rounds, with its interval.
pub fn unpaired(over: &[f64], under: &[f64], random: &mut Random) -> Option<Interval> {
    let fewest = over.len().min(under.len());
    if fewest < 2 {
        return None;
    }
    let (mut above, mut below) = (Resampled::new(over), Resampled::new(under));
    let differences = (0..RESAMPLES).map(|_| above.median(random) - below.median(random)).collect();
    Some(interval(median(over) - median(under), differences, fewest))
}

/// The interval of resampled medians, as ratios.
fn interval(median: f64, mut medians: Vec<f64>, values: usize) -> Interval {
    medians.sort_unstable_by(f64::total_cmp);
    let tail = TAILS[(values - 2).min(TAILS.len() - 1)];
    Interval { median: median.exp(), low: of_sorted(&medians, tail).exp(), high: of_sorted(&medians, 1.0 - tail).exp() }
}

/// Values that are drawn from again and again, as many as there are, each as often as chance wants.
struct Resampled {
    sorted: Vec<f64>,
    /// How often each was drawn.
    drawn: Vec<usize>,
}

impl Resampled {
    fn new(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        Self { drawn: vec![0; sorted.len()], sorted }
    }

    /// The median of one resample.
    fn median(&mut self, random: &mut Random) -> f64 {
        let count = self.sorted.len();
        self.drawn.fill(0);
        (0..count).for_each(|_| self.drawn[random.below(count)] += 1);
        f64::midpoint(self.at((count - 1) / 2), self.at(count / 2))
    }

    /// The value at a place of the resample, if that were sorted.
    fn at(&self, place: usize) -> f64 {
        let mut seen = 0;
        for (value, drawn) in self.sorted.iter().zip(&self.drawn) {
            seen += drawn;
            if seen > place {
                return *value;
            }
        }
        f64::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(quantile(&[0.0, 1.0, 2.0, 3.0, 4.0], 0.25), 1.0);
        assert_eq!(quantile(&[7.0], 0.9), 7.0);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn an_interval_holds_its_median_and_is_the_same_each_time() {
        let logs = [0.1, 0.12, 0.09, 0.2, 0.11, 0.1, 0.13];
        let one = ratio(&logs, &mut Random::new(7)).expect("an interval");
        assert_eq!(Some(one), ratio(&logs, &mut Random::new(7)));
        assert!(one.low < one.median && one.median < one.high);
        assert_eq!(one.median, 0.11f64.exp());
    }

    #[test]
    fn few_rounds_have_the_widest_interval_or_none() {
        assert_eq!(ratio(&[0.1], &mut Random::new(1)), None);
        assert_eq!(ratio(&[0.1, f64::NAN], &mut Random::new(1)), None);
        let three = ratio(&[0.0, 0.1, 0.3], &mut Random::new(1)).expect("an interval");
        assert_eq!((three.low, three.high), (1.0, 0.3f64.exp()));
    }

    #[test]
    fn one_bad_round_does_not_move_the_ratio() {
        let mut logs = [0.0, 0.01, -0.01, 0.005, -0.005, 0.002, -0.002, 0.003, -0.003];
        let clean = ratio(&logs, &mut Random::new(3)).expect("an interval");
        logs[1] = 2.0;
        let spoilt = ratio(&logs, &mut Random::new(3)).expect("an interval");
        assert!((clean.median - spoilt.median).abs() < 0.005 && spoilt.high < 1.02, "{spoilt:?}");
    }
}
