//! What the machine did beside the block: time stolen by whoever runs the virtual machine, and time that threads were
//! ready and had no processor.
//!
//! Read before and after each block, from `/proc/stat` and `/proc/schedstat`. A block on a busy machine says more of the
//! machine than of its subject, and is run again: a bounded number of times, and by these figures alone, never by how long
//! the block's own work took. How long threads waited is kept and not judged: those that contend for a lock wait as well,
//! and that is what their workload is about.

use std::fs;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Counters of the whole machine since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counters {
    /// Milliseconds that all processors could have run and did not.
    pub steal_ms: u64,
    /// Milliseconds that threads waited for a processor, all together.
    pub wait_ms: f64,
    /// Milliseconds that processors were at work.
    pub busy_ms: u64,
    /// Milliseconds of them for processes that this one has started and seen end.
    pub own_ms: u64,
}

/// Whoever can tell the counters.
pub trait Machine {
    /// The counters now.
    fn counters(&self) -> Counters;
}

/// This machine.
pub struct Kernel;

impl Machine for Kernel {
    fn counters(&self) -> Counters {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        Counters { own_ms: of_children_ms(), ..parse(&text("/proc/stat"), &text("/proc/schedstat")) }
    }
}

fn of_children_ms() -> u64 {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_CHILDREN) else { return 0 };
    let ms = |time: TimeVal| u64::try_from(time.num_milliseconds()).unwrap_or(0);
    ms(usage.user_time()) + ms(usage.system_time())
}

/// USER_HZ, which is 100 on every Linux whose ABI we run on.
const MS_PER_TICK: u64 = 10;

fn parse(stat: &str, schedstat: &str) -> Counters {
    let line = stat.lines().find(|line| line.starts_with("cpu ")).unwrap_or_default();
    let ticks: Vec<u64> = line.split_whitespace().skip(1).map(|word| word.parse().unwrap_or(0)).collect();
    let tick = |place: usize| ticks.get(place).copied().unwrap_or(0) * MS_PER_TICK;
    // cpuN, and then nine numbers; the eighth is the time that threads waited on it, in nanoseconds.
    let waited = |line: &str| line.split_whitespace().nth(8).and_then(|word| word.parse::<f64>().ok());
    let wait_ns: f64 = schedstat.lines().filter(|line| line.starts_with("cpu")).filter_map(waited).sum();
    Counters {
        // user, nice, system, idle, iowait, irq, softirq, steal.
        steal_ms: tick(7),
        wait_ms: wait_ns / 1e6,
        busy_ms: [0, 1, 2, 5, 6].map(tick).iter().sum(),
        own_ms: 0,
    }
}

/// What the machine did during one block.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Disturbance {
    /// Milliseconds stolen from all processors.
    pub steal_ms: u64,
    /// Milliseconds that threads of the whole machine waited for a processor.
    pub wait_ms: f64,
    /// Milliseconds that processors worked for others than the block.
    pub foreign_ms: u64,
    /// Milliseconds that the block took, with its start.
    pub wall_ms: u64,
}

/// Stolen time, as a share of the block's, that makes it one to repeat.
const STEAL: f64 = 0.02;
/// The same for the time that processors worked for others.
const FOREIGN: f64 = 0.15;

impl Disturbance {
    /// What lies between two readings.
    pub fn between(before: &Counters, after: &Counters, wall_ms: u64) -> Self {
        let own_ms = after.own_ms.saturating_sub(before.own_ms);
        Self {
            steal_ms: after.steal_ms.saturating_sub(before.steal_ms),
            wait_ms: (after.wait_ms - before.wait_ms).max(0.0),
            foreign_ms: after.busy_ms.saturating_sub(before.busy_ms).saturating_sub(own_ms),
            wall_ms,
        }
    }

    /// Whether the block says too much of the machine.
    pub fn is_much(&self) -> bool {
        self.measure() > 1.0
    }

    /// How disturbed the block was; above 1 is too much.
    pub fn measure(&self) -> f64 {
        let share = |ms: f64| ms / (self.wall_ms.max(1) as f64);
        // Ticks are coarse: one of them is no news.
        let beyond_a_tick = |ms: u64| ms.saturating_sub(2 * MS_PER_TICK) as f64;
        (share(beyond_a_tick(self.steal_ms)) / STEAL).max(share(beyond_a_tick(self.foreign_ms)) / FOREIGN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "cpu  100 1 50 9000 7 2 3 40 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n";
    const SCHEDSTAT: &str =
        "version 17\ntimestamp 1\ncpu0 0 0 0 0 0 0 1000 2000000 30\ndomain0 3\ncpu1 0 0 0 0 0 0 1 500000 3\n";

    #[test]
    fn the_counters_are_read_where_the_kernel_has_them() {
        assert_eq!(parse(STAT, SCHEDSTAT), Counters { steal_ms: 400, wait_ms: 2.5, busy_ms: 1560, own_ms: 0 });
        assert_eq!(parse("", ""), Counters::default());
    }

    #[test]
    fn steal_and_foreign_work_disturb_and_a_tick_does_not() {
        let before = Counters::default();
        let much = |steal_ms, busy_ms, own_ms| {
            let after = Counters { steal_ms, busy_ms, own_ms, wait_ms: 0.0 };
            Disturbance::between(&before, &after, 500).is_much()
        };
        assert!(!much(20, 500, 480));
        assert!(much(60, 500, 500));
        assert!(much(0, 900, 500));
        assert!(!much(0, 580, 500));
    }
}
