//! `libcdiff fuzz`, as it is typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Pods, Registries, RunnerName};

/// `libcdiff fuzz`.
#[derive(Debug, Args)]
#[command(
    after_help = "Two runs with one seed ask the same and find the same, as far as both came. A run is kept, and the next one on the \
same images with the same seed goes on from it.\nA finding is a class: inputs with one cause, told by the smallest of them. One \
that no pitfall explains can be written out as a case and a pitfall to be completed (--drafts)."
)]
pub struct Fuzz {
    /// What to ask, `*` standing for any characters (--list prints what there is); all without any.
    pub targets: Vec<String>,
    /// An image; give two or more. Without any, the catalog's default pair.
    #[arg(long = "image", value_name = "IMAGE")]
    pub images: Vec<String>,
    /// What the inputs follow from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How long to look: 90s, 10m, 8h. One minute, where no rounds are given.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub time: Option<Duration>,
    /// How many rounds of each target; a round is a batch of inputs, or all of a small domain.
    #[arg(long, value_name = "N")]
    pub rounds: Option<u64>,
    /// Take the K-th of N parts of the rounds, for as many machines or pods; `--merge` puts the parts together.
    #[arg(long, value_name = "K/N", value_parser = shard)]
    pub shard: Option<[u64; 2]>,
    /// How many targets are asked at a time; else as many as there are processors.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// The file that keeps the campaign, and that it goes on from; else one in the cache.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Begin anew, whatever was kept.
    #[arg(long)]
    pub fresh: bool,
    /// Ask nothing: put these files of campaigns together, and show what they found.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["images", "time", "rounds", "shard", "jobs", "fresh", "list"])]
    pub merge: Vec<PathBuf>,
    /// Explain by the pitfalls of this folder, and not by those that are built in.
    #[arg(long, value_name = "DIR")]
    pub pitfalls: Option<PathBuf>,
    /// Write a case and a pitfall to be completed into this folder, for each finding that nothing explains.
    #[arg(long, value_name = "DIR")]
    pub drafts: Option<PathBuf>,
    /// Print what can be asked.
    #[arg(long)]
    pub list: bool,
    /// As JSON instead of text.
    #[arg(long)]
    pub json: bool,
    /// What runs the workers. Pods of a cluster ask what does not take a sandbox; findings are made small here.
    #[arg(long, value_enum, default_value_t = RunnerName::Sandbox)]
    pub runner: RunnerName,
    /// How a cluster asks.
    #[command(flatten)]
    pub pods: Pods,
    /// How images come from registries.
    #[command(flatten)]
    pub registries: Registries,
}

/// A time with its unit.
fn time(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time; write 90s, 10m or 8h");
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(wrong()),
    };
    let seconds = digits.parse::<u32>().map_err(|_| wrong())?;
    Ok(Duration::from_secs(u64::from(seconds) * unit))
}

/// A part of so many, `K/N`, as `[K - 1, N]`.
fn shard(text: &str) -> Result<[u64; 2], String> {
    let numbers = text.split_once('/').and_then(|(k, n)| Some((k.parse::<u32>().ok()?, n.parse::<u32>().ok()?)));
    match numbers {
        Some((k, n)) if 1 <= k && k <= n => Ok([u64::from(k - 1), n.into()]),
        _ => Err(format!("`{text}` is no part; write 1/4 for the first of four")),
    }
}
