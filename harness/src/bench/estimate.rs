//! The estimate of a block: one figure from the samples that Criterion took in it.
//!
//! Whatever disturbs a sample adds time to it, so the estimate is a low one.

use super::statistics::quantile;

/// The share of samples below the estimate.
const SHARE: f64 = 0.25;

/// Nanoseconds of one operation: from samples of so many iterations each, the time of each sample, and the operations of
/// an iteration. `None` where the figures make no sense.
pub fn nanoseconds(iters: &[f64], times_ns: &[f64], ops_per_iteration: f64) -> Option<f64> {
    if iters.len() != times_ns.len() {
        return None;
    }
    let samples: Vec<f64> = iters.iter().zip(times_ns).map(|(n, t)| t / (n * ops_per_iteration)).collect();
    let estimate = quantile(&samples, SHARE);
    (estimate.is_finite() && estimate > 0.0).then_some(estimate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_samples_do_not_move_the_estimate() {
        let iters = [10.0; 5];
        let clean = nanoseconds(&iters, &[1000.0, 1010.0, 1020.0, 1030.0, 1040.0], 10.0);
        assert_eq!(clean, Some(10.1));
        assert_eq!(nanoseconds(&iters, &[1000.0, 1010.0, 1020.0, 5000.0, 9000.0], 10.0), clean);
    }

    #[test]
    fn figures_that_make_no_sense_have_no_estimate() {
        assert_eq!(nanoseconds(&[], &[], 1.0), None);
        assert_eq!(nanoseconds(&[1.0], &[1.0, 2.0], 1.0), None);
        assert_eq!(nanoseconds(&[0.0], &[1.0], 1.0), None);
        assert_eq!(nanoseconds(&[1.0], &[0.0], 1.0), None);
    }
}
