//! The estimate of a block: one figure from the samples that Criterion took in it.
//!
//! The median of the samples, because it was seen to vary least. Disturbance only ever adds time to a sample, which speaks for
//! the minimum; but a sample in which a shared processor happens to be free is as rare as one in which it is taken, and the
//! minimum of one block has such a sample where that of the next has none. On a virtual machine with two processors, both at
//! work for others, two blocks of one subject in one round (pair-warm, churn, calloc-large, memcpy-256, strlen-256 and
//! snprintf, ten rounds each, geometric mean of the median absolute deviations) lay apart by 13 % by their minimum, 8 % by
//! the lower quartile, 6 % by the median and 12 % by the mean. Two earlier runs, on a machine as busy, had the mean as good as
//! the median; on a quiet one it was not tried. Every file has the samples to look again.

use super::statistics::median;

/// Nanoseconds of one operation: from samples of so many iterations each, the time of each sample, and the operations of
/// an iteration. `None` where the figures make no sense.
pub fn nanoseconds(iters: &[f64], times_ns: &[f64], ops_per_iteration: f64) -> Option<f64> {
    if iters.len() != times_ns.len() {
        return None;
    }
    let samples: Vec<f64> = iters.iter().zip(times_ns).map(|(n, t)| t / (n * ops_per_iteration)).collect();
    let estimate = median(&samples);
    (estimate.is_finite() && estimate > 0.0).then_some(estimate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_samples_do_not_move_the_estimate() {
        let iters = [10.0; 5];
        let clean = nanoseconds(&iters, &[1000.0, 1010.0, 1020.0, 1030.0, 1040.0], 10.0);
        assert_eq!(clean, Some(10.2));
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
