//! Whether a subject lives under a limit on its memory: one block for each limit, which is a multiple of what the workload
//! itself holds at most.
//!
//! An allocator that keeps what was freed, or scatters what is live, needs more than the program asked for, and in a container
//! that is the difference between running and being killed. Ended for its memory is one thing, and any other end another;
//! the two are never mixed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::block::{Block, Mode};
use super::workload::{Kind, Workload};

/// The limits, as multiples of what the workload holds at most.
pub const TIMES: [f64; 3] = [1.5, 2.0, 3.0];

/// Whether limits are tried on a workload.
pub fn is_tried(workload: &Workload) -> bool {
    workload.kind == Kind::Memory || workload.is_trace()
}

/// What came of one limit.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Survival {
    /// The limit as a multiple of what the workload holds at most, to which the program's own bytes are added.
    pub times: f64,
    /// The limit.
    pub limit_bytes: u64,
    /// What came of it.
    pub end: End,
    /// What held the program to it: a cgroup, or watching.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforced_by: Option<String>,
    /// Why the block has no result, where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How a block under a limit ended.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// It did its work.
    Survived,
    /// It had more memory than it may, and was ended.
    Ended,
    /// Something else went wrong.
    Failed,
}

/// The limit for a subject, from its memory blocks; `None` without any.
pub fn limit_bytes(times: f64, blocks: &[&Block]) -> Option<u64> {
    let unlimited = || blocks.iter().filter(|b| b.mode == Mode::Memory && b.limit_bytes.is_none());
    let most = |name: &str| unlimited().filter_map(|b| b.number(&[name])).max_by(f64::total_cmp);
    Some((times * most("live_peak_bytes")? + most("base_bytes").unwrap_or(0.0)) as u64)
}

impl Survival {
    /// What came of each limit on a subject, from all its blocks.
    pub fn of(blocks: &[&Block]) -> Vec<Self> {
        let limited = |times: &f64| {
            let limit = limit_bytes(*times, blocks)?;
            let block = blocks.iter().find(|b| b.limit_bytes == Some(limit))?;
            let told = block.values.get("memory_limit");
            let exceeded = told.and_then(|limit| limit.get("exceeded")?.as_bool()).unwrap_or(false);
            let end = match (exceeded, block.failure()) {
                (true, _) => End::Ended,
                (false, None) => End::Survived,
                (false, Some(_)) => End::Failed,
            };
            Some(Self {
                times: *times,
                limit_bytes: limit,
                end,
                enforced_by: told.and_then(|limit| Some(limit.get("enforced_by")?.as_str()?.to_owned())),
                reason: block.failure().filter(|_| end == End::Failed),
            })
        };
        TIMES.iter().filter_map(limited).collect()
    }
}

#[cfg(test)]
mod tests {
    use libcdiff_protocol::Status;
    use serde_json::json;

    use super::*;
    use crate::bench::double::{observation, subject};

    fn limited(limit: u64, status: Status, exceeded: bool) -> Block {
        let mut seen = observation("return-all", 1.0);
        seen.status = status;
        seen.values.insert("memory_limit".into(), json!({"exceeded": exceeded, "enforced_by": "watching"}));
        Block { limit_bytes: Some(limit), ..Block::new(&subject("a"), Mode::Memory, seen) }
    }

    #[test]
    fn ended_for_memory_is_told_from_any_other_end() {
        let free = Block::new(&subject("a"), Mode::Memory, observation("return-all", 1.0));
        let limits = TIMES.map(|times| limit_bytes(times, &[&free]).expect("a limit"));
        assert_eq!(limits, [12_000_000, 16_000_000, 24_000_000]);
        let blocks = [
            free,
            limited(limits[0], Status::Crashed, true),
            limited(limits[1], Status::Crashed, false),
            limited(limits[2], Status::Described, false),
        ];
        let survival = Survival::of(&blocks.iter().collect::<Vec<_>>());
        assert_eq!(survival.iter().map(|s| s.end).collect::<Vec<_>>(), [End::Ended, End::Failed, End::Survived]);
        assert_eq!(survival[0].enforced_by.as_deref(), Some("watching"));
        assert!(survival[1].reason.is_some() && survival[0].reason.is_none());
    }
}
