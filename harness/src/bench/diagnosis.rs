//! What probably is behind a difference: a line where the figures say so, and silence where they do not.
//!
//! Each rule weighs one cost that the kernel counts against the time that is to be explained, compares it with the
//! baseline's, and names its figures, so that a reader can judge. No rule looks at names of images or C libraries.

use super::summary::Outcome;
use super::verdict::Verdict;
use super::workload::{Exercise, Workload};

/// Nanoseconds that a page fault costs, with the zeroing of its page and its part of mapping and unmapping.
const FAULT_NS: f64 = 700.0;
/// Nanoseconds that it costs a thread to give the processor up and to get it back, at least.
const SWITCH_NS: f64 = 1000.0;
/// The share of the extra time that a cost must explain before it is named.
const SHARE: f64 = 0.2;

/// Lines about the subjects that differ from the baseline, the first of the outcomes.
pub fn lines(workload: &Workload, threads: u32, outcomes: &[Outcome]) -> Vec<String> {
    let Some((baseline, others)) = outcomes.split_first() else { return Vec::new() };
    let differing = others.iter().filter(|o| matches!(o.verdict, Some(Verdict::Slower | Verdict::Faster)));
    differing.filter_map(|other| line(workload, threads, baseline, other)).collect()
}

fn line(workload: &Workload, threads: u32, baseline: &Outcome, other: &Outcome) -> Option<String> {
    let slower = other.verdict == Some(Verdict::Slower);
    // Whichever of the two takes longer has the cost to be explained.
    let (dear, cheap) = if slower { (other, baseline) } else { (baseline, other) };
    let (more, less) = (dear.per_1000_ops?, cheap.per_1000_ops?);
    let extra_ns = dear.ns_per_op? - cheap.ns_per_op?;
    let who = if slower { other.subject.clone() } else { format!("what {} spares", other.subject) };
    // Threads that wait do so at one time, so that what one of them waits is weighed.
    let share = |count: f64, each_ns: f64| count / 1000.0 * each_ns / f64::from(threads) / extra_ns;
    let switches = more.voluntary_switches - less.voluntary_switches;
    let faults = more.minor_faults - less.minor_faults;
    if threads > 1 && (share(switches, SWITCH_NS) > SHARE || contended(dear, cheap)) {
        return Some(format!(
            "{who}: threads wait for a lock: {} voluntary switches for 1000 operations against {}, {:.0} % of the \
             processor time in the kernel against {:.0} %",
            figure(more.voluntary_switches),
            figure(less.voluntary_switches),
            100.0 * more.system_share,
            100.0 * less.system_share,
        ));
    }
    if share(faults, FAULT_NS * f64::from(threads)) > SHARE {
        return Some(format!(
            "{who}: memory goes back to the kernel and comes again: {} page faults for 1000 operations against {}",
            figure(more.minor_faults),
            figure(less.minor_faults),
        ));
    }
    let quiet = more.system_share < 0.1 && faults.abs() < 1.0 && switches.abs() < 1.0;
    (workload.subject == Exercise::Libc && quiet)
        .then(|| format!("{who}: the function's own code: neither locks, nor memory, nor the kernel take part in it"))
}

/// A lock that threads meet at shows as kernel time that one thread alone does not have, and as switches.
fn contended(dear: &Outcome, cheap: &Outcome) -> bool {
    let (Some(more), Some(less)) = (dear.per_1000_ops, cheap.per_1000_ops) else { return false };
    let many = more.voluntary_switches > 10.0 * less.voluntary_switches.max(0.001);
    many && more.system_share > 0.2 && more.system_share > 2.0 * less.system_share && more.minor_faults < 10.0
}

/// A figure with as many digits as mean something.
fn figure(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 1.0 => format!("{v:.1}"),
        v if v >= 0.001 => format!("{v:.3}"),
        _ => "0".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::double::workload;
    use crate::bench::memory::Kernel;

    fn outcome(ns: f64, switches: f64, faults: f64, system: f64, verdict: Option<Verdict>) -> Outcome {
        Outcome {
            subject: if verdict.is_some() { "b".into() } else { "a".into() },
            failed: None,
            ns_per_op: Some(ns),
            ratio: None,
            verdict,
            per_1000_ops: Some(Kernel {
                minor_faults: faults,
                voluntary_switches: switches,
                involuntary_switches: 0.0,
                system_share: system,
            }),
            memory: None,
            memory_failed: None,
            survival: Vec::new(),
        }
    }

    #[track_caller]
    fn says(exercise: Exercise, threads: u32, outcomes: [Outcome; 2], words: Option<&str>) {
        let workload = super::Workload { subject: exercise, ..workload("w", &[1, 2]) };
        let lines = lines(&workload, threads, &outcomes);
        match words {
            None => assert_eq!(lines, [""; 0]),
            Some(words) => assert!(lines.len() == 1 && lines[0].contains(words), "{lines:?}"),
        }
    }

    #[test]
    fn a_cost_is_named_where_it_explains_the_difference() {
        let slower = Some(Verdict::Slower);
        let fast = || outcome(8.0, 0.0001, 0.0, 0.01, None);
        says(Exercise::Alloc, 2, [fast(), outcome(240.0, 0.9, 0.0, 0.6, slower)], Some("wait for a lock"));
        says(Exercise::Alloc, 1, [fast(), outcome(8500.0, 0.0, 3000.0, 0.8, slower)], Some("page faults"));
        says(Exercise::Libc, 1, [fast(), outcome(36.0, 0.0, 0.0, 0.0, slower)], Some("own code"));
        says(Exercise::Alloc, 1, [fast(), outcome(36.0, 0.0, 0.0, 0.0, slower)], None);
        says(Exercise::Alloc, 2, [fast(), outcome(8.0, 0.9, 0.0, 0.6, Some(Verdict::NoDifference))], None);
    }

    #[test]
    fn what_a_faster_subject_spares_is_the_baselines_cost() {
        let dear = outcome(16_000.0, 0.0, 256_000.0, 0.7, None);
        says(Exercise::Alloc, 1, [dear, outcome(4000.0, 0.0, 1000.0, 0.5, Some(Verdict::Faster))], Some("b spares"));
    }
}
