//! What a subject takes beside time: memory at the peak and after freeing, page faults, context switches; and whether it
//! lives under a limit.
//!
//! Memory is read in blocks of their own, of a fixed amount of work: in a block that is timed, Criterion decides how much
//! is done, and a faster allocator would be charged for more. It hardly varies, so a few blocks have a median and a spread,
//! and no interval.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::block::{Block, Mode};
use super::statistics::median;
use super::workload::{Exercise, Kind, Workload};

/// What a workload has to hold before its overhead is told.
const ENOUGH_BYTES: f64 = 1024.0 * 1024.0;

/// Whether a workload has time blocks.
pub fn has_time(workload: &Workload) -> bool {
    workload.kind == Kind::Time
}

/// Whether a workload has memory blocks: a copied string needs none.
pub fn has_memory(workload: &Workload) -> bool {
    workload.kind == Kind::Memory || workload.subject == Exercise::Alloc
}

/// Memory of a subject under a fixed amount of work: medians over its blocks.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Memory {
    /// The most that was resident at a time.
    pub peak_bytes: f64,
    /// Resident before the workload began: the program itself.
    #[serde(default)]
    pub base_bytes: f64,
    /// The least and the most of that, over the blocks.
    pub peak_spread: [f64; 2],
    /// The most that the workload held at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_peak_bytes: Option<f64>,
    /// Resident when the work was over, with what it leaves live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_bytes: Option<f64>,
    /// Resident one idle second later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_idle_bytes: Option<f64>,
    /// Resident when everything had been freed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_bytes: Option<f64>,
    /// Page faults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minor_faults: Option<f64>,
    /// Blocks behind these figures.
    pub blocks: usize,
}

impl Memory {
    /// The figures of a subject's memory blocks; `None` without a block that has some.
    pub fn of(blocks: &[&Block]) -> Option<Self> {
        let blocks: Vec<_> = blocks.iter().filter(|b| b.mode == Mode::Memory && b.limit_bytes.is_none()).collect();
        let figures = |path: &[&str]| blocks.iter().filter_map(|b| b.number(path)).collect::<Vec<_>>();
        let middle = |figures: Vec<f64>| (!figures.is_empty()).then(|| median(&figures));
        let peaks = figures(&["peak_bytes"]);
        Some(Self {
            peak_bytes: middle(peaks.clone())?,
            peak_spread: [
                peaks.iter().copied().fold(f64::INFINITY, f64::min),
                peaks.iter().copied().fold(0.0, f64::max),
            ],
            base_bytes: middle(figures(&["base_bytes"])).unwrap_or(0.0),
            live_peak_bytes: middle(figures(&["live_peak_bytes"])),
            after_bytes: middle(figures(&["after_bytes"])),
            after_idle_bytes: middle(figures(&["after_idle_bytes"])),
            released_bytes: middle(figures(&["released_bytes"])),
            minor_faults: middle(figures(&["usage", "minor_faults"])),
            blocks: peaks.len(),
        })
    }

    /// Bytes at the peak, without those of the program itself, for each byte that the workload held: what the allocator adds.
    /// Of little, the kernel's pages would say more than the allocator.
    pub fn overhead(&self) -> Option<f64> {
        self.live_peak_bytes.filter(|live| *live >= ENOUGH_BYTES).map(|live| (self.peak_bytes - self.base_bytes) / live)
    }
}

/// What the kernel had to do for 1000 operations, over all time blocks of a subject.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Kernel {
    /// Page faults that needed no disk.
    pub minor_faults: f64,
    /// Times a thread gave the processor up: it waited for a lock, or slept.
    pub voluntary_switches: f64,
    /// Times a thread lost the processor.
    pub involuntary_switches: f64,
    /// The share of processor time that was spent in the kernel.
    pub system_share: f64,
}

impl Kernel {
    /// The figures of a subject's time blocks; `None` without any.
    pub fn of(blocks: &[&Block]) -> Option<Self> {
        let timed: Vec<_> = blocks.iter().filter(|b| b.mode == Mode::Time && b.failure().is_none()).collect();
        let operations: f64 = timed.iter().filter_map(|b| b.operations()).sum();
        let total = |name: &str| timed.iter().filter_map(|b| b.number(&["usage", name])).sum::<f64>();
        let each = |name: &str| 1000.0 * total(name) / operations;
        let (user, system) = (total("user_us"), total("system_us"));
        (operations > 0.0).then(|| Self {
            minor_faults: each("minor_faults"),
            voluntary_switches: each("voluntary_switches"),
            involuntary_switches: each("involuntary_switches"),
            system_share: if user + system > 0.0 { system / (user + system) } else { 0.0 },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::bench::double::{observation, subject};

    fn memory(peak: u64) -> Block {
        let mut seen = observation("churn", 1.0);
        seen.values.remove("after_idle_bytes");
        for (name, value) in [("peak_bytes", peak << 20), ("live_peak_bytes", 100 << 20), ("base_bytes", 20 << 20)] {
            seen.values.insert(name.into(), json!(value));
        }
        Block::new(&subject("a"), Mode::Memory, seen)
    }

    #[test]
    fn memory_is_a_median_with_its_spread() {
        let blocks = [memory(110), memory(130), memory(120)];
        let memory = Memory::of(&blocks.iter().collect::<Vec<_>>()).expect("figures");
        let mib = 1024.0 * 1024.0;
        assert_eq!((memory.peak_bytes, memory.peak_spread), (120.0 * mib, [110.0 * mib, 130.0 * mib]));
        assert_eq!((memory.overhead(), memory.after_idle_bytes), (Some(1.0), None));
        assert_eq!(Memory::of(&[]), None);
    }

    #[test]
    fn kernel_figures_are_for_1000_operations() {
        let block = Block::new(&subject("a"), Mode::Time, observation("churn", 10.0));
        let operations = block.operations().expect("operations");
        let kernel = Kernel::of(&[&block, &block]).expect("figures");
        assert!((kernel.minor_faults - 12_000.0 / operations).abs() < 1e-9);
        assert_eq!(kernel.system_share, 0.25);
        assert_eq!(Kernel::of(&[]), None);
    }
}
