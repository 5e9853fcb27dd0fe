//! The command line, read into one type: a list, or one block of one workload.

use std::str::FromStr;

use crate::replay::Replay;
use crate::timing::Sampling;
use crate::workload::{self, Plan, Workload};

/// Fewest samples that Criterion takes.
pub const FEWEST_SAMPLES: usize = 10;

/// What a workload about memory holds at its height, where nothing else is said: bytes.
const BYTES: usize = 256 << 20;

/// How the names of traces begin, among workloads.
const TRACE: &str = "trace";

/// How to call the program.
pub const USAGE: &str = "usage: bench --list | bench bench.WORKLOAD [--threads N] [--mode time|memory] [--samples N] \
                         [--sample-ms N] [--bytes N] [--expect ALLOCATOR]\n       \
                         bench bench.trace[-NAME] --file FILE [--mode time|memory] [--samples N] [--sample-ms N] \
                         [--expect ALLOCATOR]\n";

/// What is asked for.
pub enum Request {
    /// The table.
    List,
    /// One measurement.
    Block(Block),
    /// One replay of a trace.
    Replay(Replay),
}

/// How a workload is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// How long it takes.
    Time,
    /// How much memory it holds.
    Memory,
}

impl Mode {
    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Memory => "memory",
        }
    }
}

/// One measurement of one workload.
#[derive(Clone)]
pub struct Block {
    /// What is done.
    pub workload: &'static Workload,
    /// By how many threads, and with how much memory.
    pub plan: Plan,
    /// What is measured.
    pub mode: Mode,
    /// How many samples are taken, in time mode.
    pub samples: usize,
    /// How long each shall be: milliseconds.
    pub sample_ms: u64,
    /// The allocator that must be live.
    pub expect: Option<String>,
}

impl Block {
    /// The id of the case.
    pub fn case(&self) -> String {
        format!("bench.{}", self.workload.name)
    }

    /// How its samples are taken; never so short that threads would not meet, or that a clock would matter.
    pub fn sampling(&self) -> Sampling {
        Sampling::new(self.workload.name, self.plan.threads, self.samples, self.sample_ms)
    }
}

/// Reads the arguments. The error says which one is wrong, and why.
pub fn parse(arguments: &[String]) -> Result<Request, String> {
    let (first, rest) = arguments.split_first().ok_or("no workload is named")?;
    if first == "--list" {
        return Ok(Request::List);
    }
    let name = first.strip_prefix("bench.").unwrap_or(first);
    if name == TRACE || name.strip_prefix(TRACE).is_some_and(|rest| rest.starts_with('-')) {
        return replay(format!("bench.{name}"), rest).map(Request::Replay);
    }
    let workload = workload::find(name).ok_or_else(|| format!("there is no workload `{name}`; --list prints them"))?;
    let mut block = Block {
        workload,
        plan: Plan { threads: workload.threads[0], bytes: BYTES },
        mode: match workload.kind {
            workload::Kind::Time => Mode::Time,
            workload::Kind::Memory => Mode::Memory,
        },
        samples: FEWEST_SAMPLES,
        sample_ms: 15,
        expect: None,
    };
    let mut rest = rest.iter();
    while let Some(option) = rest.next() {
        let value = rest.next().ok_or_else(|| format!("{option} needs a value"))?;
        match option.as_str() {
            "--threads" => block.plan.threads = number(option, value, 1, 64)?,
            "--bytes" => block.plan.bytes = number(option, value, 1 << 20, 64 << 30)?,
            "--samples" => block.samples = number(option, value, FEWEST_SAMPLES, 10_000)?,
            "--sample-ms" => block.sample_ms = number(option, value, 1, 60_000)?,
            "--expect" => block.expect = Some(value.clone()),
            "--mode" => block.mode = mode(value)?,
            _ => return Err(format!("there is no option `{option}`")),
        }
    }
    let threads = block.plan.threads;
    if !workload.threads.contains(&threads) {
        return Err(format!("{} is for {:?} threads, not for {threads}", workload.name, workload.threads));
    }
    Ok(Request::Block(block))
}

fn replay(case: String, rest: &[String]) -> Result<Replay, String> {
    let file = String::new();
    let mut replay = Replay { case, file, mode: Mode::Time, samples: FEWEST_SAMPLES, sample_ms: 15, expect: None };
    let mut rest = rest.iter();
    while let Some(option) = rest.next() {
        let value = rest.next().ok_or_else(|| format!("{option} needs a value"))?;
        match option.as_str() {
            "--file" => replay.file = value.clone(),
            "--samples" => replay.samples = number(option, value, FEWEST_SAMPLES, 10_000)?,
            "--sample-ms" => replay.sample_ms = number(option, value, 1, 60_000)?,
            "--expect" => replay.expect = Some(value.clone()),
            "--mode" => replay.mode = mode(value)?,
            // The trace says how many it has; whoever runs all workloads alike may say so too.
            "--threads" => drop(number(option, value, 1, 1024)?),
            _ => return Err(format!("there is no option `{option}` for a trace")),
        }
    }
    if replay.file.is_empty() { Err("a trace needs --file FILE".into()) } else { Ok(replay) }
}

fn mode(value: &str) -> Result<Mode, String> {
    match value {
        "time" => Ok(Mode::Time),
        "memory" => Ok(Mode::Memory),
        _ => Err(format!("--mode is time or memory, not `{value}`")),
    }
}

fn number<N: FromStr + PartialOrd + std::fmt::Display>(
    option: &str,
    value: &str,
    least: N,
    most: N,
) -> Result<N, String> {
    let read = value.parse().ok().filter(|n| (&least..=&most).contains(&n));
    read.ok_or_else(|| format!("{option} is a number from {least} to {most}, not `{value}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(line: &str) -> Result<Block, String> {
        let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
        match parse(&arguments)? {
            Request::Block(block) => Ok(block),
            _ => Err("no block".into()),
        }
    }

    #[test]
    fn a_block_is_read() {
        let line = "bench.churn --threads 2 --mode time --samples 12 --sample-ms 60 --expect mimalloc";
        let block = block(line).expect("a block");
        assert_eq!(block.case(), "bench.churn");
        assert_eq!((block.plan.threads, block.mode, block.samples, block.sample_ms), (2, Mode::Time, 12, 60));
        assert_eq!(block.expect.as_deref(), Some("mimalloc"));
    }

    #[test]
    fn what_is_not_said_comes_from_the_table() {
        let alone = block("bench.churn").expect("a block");
        assert_eq!((alone.plan.threads, alone.mode), (1, Mode::Time));
        let watched = block("bench.return-all").expect("a block");
        assert_eq!((watched.mode, watched.plan.bytes), (Mode::Memory, 256 << 20));
    }

    #[test]
    fn samples_are_long_enough() {
        let shared = block("bench.churn --threads 2 --sample-ms 15").expect("a block");
        assert_eq!((shared.sampling().sample_ms, shared.sampling().least_ms), (50, 500));
        let alone = block("bench.churn --sample-ms 1 --samples 20").expect("a block");
        assert_eq!((alone.sampling().sample_ms, alone.sampling().least_ms), (5, 100));
    }

    #[test]
    fn a_trace_is_read_by_any_name_that_begins_so() {
        let arguments = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let read = |line| match parse(&arguments(line)) {
            Ok(Request::Replay(replay)) => Ok(replay),
            Ok(_) => Err("no replay".into()),
            Err(mistake) => Err(mistake),
        };
        let replay = read("bench.trace-sqlite3 --file /t --threads 3 --mode memory").expect("a replay");
        assert_eq!((replay.name(), replay.file.as_str(), replay.mode), ("trace-sqlite3", "/t", Mode::Memory));
        assert_eq!(read("trace --file /t").expect("a replay").case, "bench.trace");
        assert!(read("bench.trace").is_err_and(|mistake| mistake.contains("--file")));
        assert!(read("bench.trace --file /t --bytes 5").is_err_and(|mistake| mistake.contains("--bytes")));
        assert!(read("bench.tracer --file /t").is_err_and(|mistake| mistake.contains("no workload")));
    }

    #[test]
    fn a_mistake_is_named() {
        for (line, word) in [
            ("bench.chrun", "chrun"),
            ("bench.churn --threads 3", "[1, 2]"),
            ("bench.churn --threads two", "two"),
            ("bench.churn --samples 9", "from 10"),
            ("bench.churn --mode space", "space"),
            ("bench.churn --thread 2", "--thread"),
            ("bench.churn --mode", "needs a value"),
        ] {
            let mistake = block(line).err().unwrap_or_default();
            assert!(mistake.contains(word), "{line}: {mistake}");
        }
    }
}
