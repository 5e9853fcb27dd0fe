//! Time mode: Criterion takes the samples of a workload, and what it took raw is read back from its own file.
//!
//! Of Criterion are used the warm-up, the choice of iterations and the sampling. Its statistics are made as small as it
//! lets them be, since the harness compares blocks with each other and not samples; it draws nothing and prints nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, process};

use criterion::{Criterion, SamplingMode};
use serde::Deserialize;

use crate::answer::Refusal;
use crate::options::FEWEST_SAMPLES;
use crate::sys::process::{Usage, without_files};

/// As few as Criterion takes without a warning.
const RESAMPLES: usize = 1001;

/// How often samples that are too short are taken anew.
const ATTEMPTS: usize = 5;

/// Where Criterion's files go, in the case's own layer.
const FOLDER: &str = "/tmp";

/// Least milliseconds of a sample with several threads, so that ten hold half a second of contention.
const SHARED_SAMPLE_MS: u64 = 50;

/// Least milliseconds of all samples with one thread.
const ALONE_MS: u64 = 100;

/// How samples are taken.
#[derive(Clone, Debug)]
pub struct Sampling {
    /// What is measured, for the names of files.
    pub name: String,
    /// How many samples.
    pub samples: usize,
    /// How long each is: milliseconds; never so short that threads would not meet, or that a clock would matter.
    pub sample_ms: u64,
    /// How long all must be together: milliseconds.
    pub least_ms: u64,
}

impl Sampling {
    /// As it is asked for, and at least as long as so many threads need.
    pub fn new(name: &str, threads: usize, samples: usize, sample_ms: u64) -> Self {
        let least = if threads > 1 { SHARED_SAMPLE_MS } else { ALONE_MS.div_ceil(samples as u64) };
        let least_ms = if threads > 1 { SHARED_SAMPLE_MS * FEWEST_SAMPLES as u64 } else { ALONE_MS };
        Self { name: name.into(), samples, sample_ms: sample_ms.max(least), least_ms }
    }
}

/// What was measured.
#[derive(Debug)]
pub struct Samples {
    /// Iterations of each thread, sample by sample.
    pub iterations: Vec<u64>,
    /// Nanoseconds, sample by sample.
    pub times_ns: Vec<u64>,
    /// What the samples cost together; warm-up is not counted.
    pub usage: Usage,
    homes: Vec<Home>,
}

/// The folder of Criterion's files. It goes when all figures are taken: to list it, the C library allocates.
#[derive(Debug)]
struct Home(PathBuf);

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The part of Criterion's `sample.json` that is used.
#[derive(Deserialize)]
struct SampleFile {
    iters: Vec<f64>,
    times: Vec<f64>,
}

/// Measures what `run` does, which does so many iterations and returns the nanoseconds that they took.
///
/// Criterion counts iterations by how long its warm-up took. On a busy machine that may be so long that the samples come
/// out too short for threads to meet; then they are taken anew, with more iterations.
pub fn measure(sampling: &Sampling, run: &mut dyn FnMut(u64) -> u64) -> Result<Samples, Refusal> {
    let least_ns = sampling.least_ms * 1_000_000;
    let (mut more, mut homes) = (1, Vec::new());
    for _ in 0..ATTEMPTS {
        let mut samples = take(sampling, run, more)?;
        let all_ns: u64 = samples.times_ns.iter().sum();
        homes.append(&mut samples.homes);
        if all_ns >= least_ns {
            samples.homes = homes;
            return Ok(samples);
        }
        more *= 1 + (least_ns / all_ns.max(1)).min(8) as u32;
    }
    Err(Refusal::Broke(format!(
        "all samples together took less than {} ms: the machine is too busy",
        sampling.least_ms
    )))
}

/// Takes samples `more` times as long as they shall be.
fn take(sampling: &Sampling, run: &mut dyn FnMut(u64) -> u64, more: u32) -> Result<Samples, Refusal> {
    let home = Home(PathBuf::from(format!("{FOLDER}/criterion-{}-{more}", process::id())));
    let mut rounds = Vec::new();
    let length = Duration::from_millis(sampling.sample_ms);
    sample(sampling, &home.0, [length * 2, length * sampling.samples as u32 * more], &mut |iterations| {
        let before = Usage::now();
        let elapsed_ns = run(iterations);
        rounds.push(Usage::now() - before);
        Duration::from_nanos(elapsed_ns)
    });
    let file = read_back(&home.0, &sampling.name)?;
    let warm_up = rounds.len().saturating_sub(file.iters.len());
    Ok(Samples {
        iterations: file.iters.iter().map(|n| *n as u64).collect(),
        times_ns: file.times.iter().map(|n| *n as u64).collect(),
        usage: rounds[warm_up..].iter().fold(Usage::default(), |sum, round| sum + *round),
        homes: vec![home],
    })
}

/// Lets Criterion take samples of `run`, which does so many iterations and says how long they took.
fn sample(sampling: &Sampling, home: &Path, [warm_up, all]: [Duration; 2], run: &mut dyn FnMut(u64) -> Duration) {
    // It would start gnuplot to see whether it is there, and in starting a program the C library allocates.
    let mut criterion = without_files(Criterion::default)
        .output_directory(home)
        .retain_baseline("none".into(), false)
        .without_plots()
        .sample_size(sampling.samples)
        .warm_up_time(warm_up)
        .measurement_time(all)
        .nresamples(RESAMPLES);
    let mut group = criterion.benchmark_group("block");
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function(sampling.name.as_str(), |bencher| bencher.iter_custom(&mut *run));
    group.finish();
}

fn read_back(home: &Path, workload: &str) -> Result<SampleFile, Refusal> {
    let path = home.join("block").join(workload).join("new/sample.json");
    let failed = |what: &str, error: &dyn std::fmt::Display| {
        Refusal::Broke(format!("{what} Criterion's samples at {}: {error}; is {FOLDER} writable?", path.display()))
    };
    let text = fs::read(&path).map_err(|error| failed("reading", &error))?;
    let file: SampleFile = serde_json::from_slice(&text).map_err(|error| failed("understanding", &error))?;
    if file.iters.is_empty() || file.iters.len() != file.times.len() {
        return Err(failed("counting", &format!("{} and {}", file.iters.len(), file.times.len())));
    }
    Ok(file)
}
