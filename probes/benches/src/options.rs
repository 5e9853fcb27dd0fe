//! The command line, read into one type: a list, or one block of one workload.

use std::str::FromStr;

use crate::workload::{self, Plan, Workload};

/// Fewest samples that Criterion takes.
pub const FEWEST_SAMPLES: usize = 10;

/// Least milliseconds of a sample with several threads, so that ten hold half a second of contention.
const SHARED_SAMPLE_MS: u64 = 50;

/// Least milliseconds of all samples with one thread.
const ALONE_MS: u64 = 100;

/// What a workload about memory holds at its height, where nothing else is said: bytes.
const BYTES: usize = 256 << 20;

/// How to call the program.
pub const USAGE: &str = "usage: bench --list | bench bench.WORKLOAD [--threads N] [--mode time|memory] [--samples N] \
                         [--sample-ms N] [--bytes N] [--expect ALLOCATOR]\n";

/// What is asked for.
pub enum Request {
    /// The table.
    List,
    /// One measurement.
    Block(Block),
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

    /// How long a sample is: milliseconds; never so short that threads would not meet, or that a clock would matter.
    pub fn effective_sample_ms(&self) -> u64 {
        let least = if self.plan.threads > 1 { SHARED_SAMPLE_MS } else { ALONE_MS.div_ceil(self.samples as u64) };
        self.sample_ms.max(least)
    }

    /// How long all samples must be together: milliseconds.
    pub fn least_ms(&self) -> u64 {
        if self.plan.threads > 1 { SHARED_SAMPLE_MS * FEWEST_SAMPLES as u64 } else { ALONE_MS }
    }
}

/// Reads the arguments. The error says which one is wrong, and why.
pub fn parse(arguments: &[String]) -> Result<Request, String> {
    let (first, rest) = arguments.split_first().ok_or("no workload is named")?;
    if first == "--list" {
        return Ok(Request::List);
    }
    let name = first.strip_prefix("bench.").unwrap_or(first);
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
            "--mode" => {
                block.mode = match value.as_str() {
                    "time" => Mode::Time,
                    "memory" => Mode::Memory,
                    _ => return Err(format!("--mode is time or memory, not `{value}`")),
                }
            }
            _ => return Err(format!("there is no option `{option}`")),
        }
    }
    let threads = block.plan.threads;
    if !workload.threads.contains(&threads) {
        return Err(format!("{} is for {:?} threads, not for {threads}", workload.name, workload.threads));
    }
    Ok(Request::Block(block))
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
            Request::List => Err("a list".into()),
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
        assert_eq!((shared.effective_sample_ms(), shared.least_ms()), (50, 500));
        let alone = block("bench.churn --sample-ms 1 --samples 20").expect("a block");
        assert_eq!((alone.effective_sample_ms(), alone.least_ms()), (5, 100));
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
