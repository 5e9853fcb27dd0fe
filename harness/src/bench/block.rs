//! One block: a fresh process that measures one workload in one subject. From here to the agent's plan, and from what the
//! program said back to figures.

use std::collections::BTreeMap;

use libcdiff_protocol::{Item, Limits, Observation, StackLimit, Status, Values};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::estimate;
use super::machine::Disturbance;
use super::subject::Subject;
use super::workload::Task;

/// Milliseconds until a block is stopped: far more than any takes.
const DEADLINE_MS: u64 = 120_000;

/// What a block looks at.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Time, by Criterion's samples; memory only beside it.
    Time,
    /// Memory over time, of a fixed amount of work.
    Memory,
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Memory => "memory",
        }
    }
}

/// How a block in time mode samples.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
pub struct Sampling {
    /// Samples that are kept.
    pub samples: u32,
    /// Milliseconds of each.
    pub sample_ms: u32,
}

impl Sampling {
    /// What is enough for so many threads: 0.15 s of one thread; 0.5 s of several, which in less may not meet, and a tenth
    /// more: Criterion's forecast is a few percent off, and a program whose samples come out too short takes all anew.
    pub fn of(threads: u32) -> Self {
        Self { samples: 10, sample_ms: if threads > 1 { 55 } else { 15 } }
    }

    /// The least that one thread takes, for a run that is to be short; with the same tenth.
    pub fn short(threads: u32) -> Self {
        Self { sample_ms: if threads > 1 { 55 } else { 11 }, ..Self::of(threads) }
    }

    /// Milliseconds of all samples.
    pub fn total_ms(self) -> u64 {
        u64::from(self.samples) * u64::from(self.sample_ms)
    }
}

/// One block, as the bench file keeps it: raw.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Block {
    /// The subject's id.
    pub subject: String,
    /// Time or memory.
    pub mode: Mode,
    /// The round, counted from 0.
    pub round: usize,
    /// The half of the round: 0 forward, 1 back.
    pub half: usize,
    /// How it ended.
    pub status: Status,
    /// The signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
    /// Why it is unsupported or broke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The limit on its memory, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_bytes: Option<u64>,
    /// The estimate from its samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ns_per_op: Option<f64>,
    /// What the program said, whole: samples, usage, memory, the allocator and its proof.
    pub values: Values,
    /// What the machine did beside it.
    pub disturbance: Disturbance,
    /// How many blocks were run in its place before and put away, because the machine was too busy.
    pub repeats: usize,
    /// Milliseconds from start to end of the process.
    pub elapsed_ms: u64,
}

impl Block {
    /// A block out of what the agent saw. In time mode, a block without an estimate is broken, whatever else it said.
    pub fn new(subject: &Subject, mode: Mode, seen: Observation) -> Self {
        let mut block = Self {
            subject: subject.id.clone(),
            mode,
            round: 0,
            half: 0,
            status: seen.status,
            signal: seen.signal,
            reason: seen.reason,
            limit_bytes: None,
            ns_per_op: None,
            values: seen.values,
            disturbance: Disturbance::default(),
            repeats: 0,
            elapsed_ms: seen.elapsed_ms,
        };
        if block.status == Status::Described && mode == Mode::Time {
            block.ns_per_op = block.samples().and_then(|s| estimate::nanoseconds(&s.iters, &s.times_ns, s.ops));
            if block.ns_per_op.is_none() {
                block.status = Status::Broke;
                block.reason = Some("its samples do not read".into());
            }
        }
        block
    }

    /// Why it has no figures; `None` where it has.
    pub fn failure(&self) -> Option<String> {
        let reason = || self.reason.clone().unwrap_or_else(|| "no reason was given".into());
        match self.status {
            Status::Described => None,
            Status::Crashed => Some(format!("it crashed ({})", self.signal.as_deref().unwrap_or("no signal"))),
            Status::Timeout => Some("it did not end".into()),
            Status::Unsupported => Some(format!("unsupported: {}", reason())),
            Status::Broke => Some(format!("it broke: {}", reason())),
        }
    }

    /// Criterion's samples.
    fn samples(&self) -> Option<Samples> {
        Some(Samples {
            iters: self.numbers("iters")?,
            times_ns: self.numbers("times_ns")?,
            ops: self.number(&["ops_per_iteration"])?,
        })
    }

    fn numbers(&self, name: &str) -> Option<Vec<f64>> {
        self.values.get(name)?.as_array()?.iter().map(Value::as_f64).collect()
    }

    /// A figure by its path, such as `usage`, `system_us`.
    pub fn number(&self, path: &[&str]) -> Option<f64> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.values.get(*first)?, |value, name| value.get(name))?.as_f64()
    }

    /// Memory over time: milliseconds, resident bytes, live bytes; empty where the block has none.
    pub fn curve(&self) -> Vec<[f64; 3]> {
        let point = |point: &Value| {
            let number = |place: usize| point.get(place).and_then(Value::as_f64);
            Some([number(0)?, number(1)?, number(2)?])
        };
        let points = self.values.get("curve").and_then(Value::as_array);
        points.map(|points| points.iter().filter_map(point).collect()).unwrap_or_default()
    }

    /// Operations of all samples together.
    pub fn operations(&self) -> Option<f64> {
        let samples = self.samples()?;
        Some(samples.iters.iter().sum::<f64>() * samples.ops)
    }
}

struct Samples {
    iters: Vec<f64>,
    times_ns: Vec<f64>,
    ops: f64,
}

/// The agent's item for one block; the error says why the subject's allocator cannot be had.
pub fn item(task: &Task, subject: &Subject, mode: Mode, sampling: Sampling) -> Result<Item, String> {
    let outfit = subject.allocator.outfit(subject.flavour)?;
    let suffix = outfit.suffix.map(|suffix| format!("-{suffix}")).unwrap_or_default();
    let mut args = task.args.clone();
    let mut add = |name: &str, value: String| args.extend([format!("--{name}"), value]);
    add("threads", task.threads.to_string());
    add("mode", mode.name().into());
    if mode == Mode::Time {
        add("samples", sampling.samples.to_string());
        add("sample-ms", sampling.sample_ms.to_string());
    }
    if let Some(expect) = outfit.expect {
        add("expect", expect);
    }
    Ok(Item {
        case: task.case(),
        flavour: subject.flavour,
        program: format!("{}/{}{suffix}", subject.flavour, task.program),
        args,
        env: outfit.env,
        files: task.files.iter().cloned().chain(outfit.files).collect(),
        hostname: None,
        dns: None,
        relay: None,
        limits: limits(),
    })
}

fn limits() -> Limits {
    Limits {
        memory_bytes: None,
        memory_watched: false,
        deadline_ms: DEADLINE_MS,
        stack: StackLimit::Bytes(8 << 20),
        output_bytes: 8 << 20,
        disk_bytes: 256 << 20,
        processes: 512,
        // Allocators reserve far more than they use.
        address_space_bytes: 1 << 40,
    }
}

/// The allocator that the program found live: its name and version, and what proves it.
pub fn live(values: &Values) -> Option<BTreeMap<String, String>> {
    let found = values.get("allocator")?.as_object()?;
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Some(found.iter().filter(|(_, v)| !v.is_null()).map(|(name, value)| (name.clone(), text(value))).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::bench::double::{observation, subject, workload};

    #[test]
    fn a_block_is_one_process_with_what_its_program_needs() {
        let task = Task::new(&workload("churn", &[2]), 2);
        let item = item(&task, &subject("a"), Mode::Time, Sampling::of(2)).expect("an item");
        assert_eq!((item.case.as_str(), item.program.as_str()), ("bench.churn", "gnu/bench"));
        assert_eq!(
            item.args.join(" "),
            "bench.churn --threads 2 --mode time --samples 10 --sample-ms 55 --expect system"
        );
        let memory = super::item(&task, &subject("a"), Mode::Memory, Sampling::of(2)).expect("an item");
        assert_eq!(memory.args.join(" "), "bench.churn --threads 2 --mode memory --expect system");
    }

    #[test]
    fn figures_are_read_and_their_absence_is_no_zero() {
        let seen = observation("churn", 20.0);
        let block = Block::new(&subject("a"), Mode::Time, seen);
        assert_eq!(block.ns_per_op.map(f64::round), Some(20.0));
        assert_eq!(block.number(&["usage", "minor_faults"]), Some(12.0));
        assert_eq!(block.number(&["usage", "nothing"]), None);
        let mut empty = observation("churn", 20.0);
        empty.values.insert("times_ns".into(), json!([]));
        let block = Block::new(&subject("a"), Mode::Time, empty);
        assert!(block.failure().is_some_and(|f| f.contains("samples")));
    }

    #[test]
    fn a_curve_is_three_numbers_a_point() {
        let mut seen = observation("churn", 20.0);
        seen.values.insert("curve".into(), json!([[0, 4096, 0], [10.5, 8192, 4000]]));
        let block = Block::new(&subject("a"), Mode::Memory, seen);
        assert_eq!(block.curve(), [[0.0, 4096.0, 0.0], [10.5, 8192.0, 4000.0]]);
    }
}
