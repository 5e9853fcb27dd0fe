//! The command line, as it is typed. What it means is settled by each verb, once, before anything runs.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use libcdiff_protocol::Flavour;

use crate::addons::platform::Node;
use crate::image::Platform;
use crate::pitfalls::Severity;
use crate::wheels::tags::Python;

mod fuzz;

pub use fuzz::Fuzz;

/// What changes, at run time, when a program moves between C libraries.
///
/// Small probe programs run inside images of both families; what the C library did is recorded, compared, and explained.
#[derive(Debug, Parser)]
#[command(name = "libcdiff", version, long_version = crate::version::long(), max_term_width = 100)]
#[command(after_help = "Images: a catalog name (libcdiff list images), a name at a registry (alpine:3.20, \
ghcr.io/owner/name@sha256:...), rootfs:FILE.tar[.gz|.xz|.zst], dir:DIR, docker-archive:FILE, oci-archive:FILE, \
oci-dir:DIR, docker:NAME, podman:NAME, host, or the path of any of these.\n\
Exit codes: 0 done, 1 check found a change that is not accepted, 2 the request was wrong, 3 the tool or what it runs on failed, 130 a benchmark was stopped; \
of alloc record: the command's own.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
    /// Colours in what is printed.
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto)]
    pub color: Colour,
    /// Nothing but the result: no progress, no warnings.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more: every case in tables.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run the cases in images and compare what came back.
    Run(Box<Run>),
    /// Find out what changes at run time between the image that there is and the one that is wanted; for pipelines.
    Check(Check),
    /// Keep what an image answered, to check against it later.
    #[command(subcommand)]
    Baseline(Baseline),
    /// Tell one pitfall step by step: the program, two images side by side, why, and the remedy at work.
    Demo(Demo),
    /// Measure workloads in images and with allocators, and compare.
    Bench(Bench),
    /// Render a run file or a bench file again, in another format.
    Report(Report),
    /// Write the source of a browsable book: every pitfall, every case, and what a run's images answered.
    Book(Book),
    /// Explain a pitfall or a case: what, why, who is right, what to do.
    Explain(Explain),
    /// List what there is.
    List(List),
    /// Look at images without running anything in them, pull them, and tidy up.
    #[command(subcommand)]
    Image(Image),
    /// Look for differences that nobody has listed: the same inputs in every image, by the million, and what differs by cause.
    Fuzz(Box<Fuzz>),
    /// Find out which of the differences between two images touch a program, and whether it starts in the other one at all.
    Impact(Box<Impact>),
    /// Find out which Python packages install from a wheel in images, which must be compiled there, and what that takes.
    Wheels(Box<Wheels>),
    /// Build Dockerfiles at Docker, on one base image beside another, and measure: time, network, size, and what fills the image.
    Build(Build),
    /// Make a run of the logs of pods, as `run --runner kubernetes --emit-manifest` has them written.
    Collect(Collect),
    /// What runs on a cluster need.
    #[command(subcommand)]
    Kubernetes(Kubernetes),
    /// Record what a program asks of malloc, and look at such a trace.
    #[command(subcommand)]
    Alloc(Alloc),
    /// Check what the sandbox needs of this machine, and say how to mend what is missing.
    Doctor,
    /// Print the JSON Schema of run files, or of another kind.
    Schema(Schema),
    /// Print what completes this command line in a shell.
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page, or write it and one for each verb into a folder.
    Man {
        /// The folder; it is made where there is none.
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

/// `libcdiff run`.
#[derive(Debug, Args)]
pub struct Run {
    /// The images; without any, the catalog's default pair.
    pub images: Vec<String>,
    /// The image that the others are compared with.
    #[arg(long, value_name = "IMAGE")]
    pub against: Option<String>,
    /// Which cases.
    #[command(flatten)]
    pub which: Which,
    /// What runs the cases.
    #[arg(long, value_enum, default_value_t = RunnerName::Sandbox)]
    pub runner: RunnerName,
    /// Where the result goes.
    #[command(flatten)]
    pub render: Render,
    /// Look-ups by the resolver configuration of this machine or pod.
    #[command(flatten)]
    pub deployed: Deployed,
    /// How images come from registries.
    #[command(flatten)]
    pub registries: Registries,
    /// How a cluster runs the cases.
    #[command(flatten)]
    pub cluster: Cluster,
}

/// Which cases run, and how their programs were built.
#[derive(Debug, Args)]
pub struct Which {
    /// Only these areas.
    #[arg(long, value_delimiter = ',')]
    pub area: Vec<String>,
    /// Only cases whose id fits; `*` stands for any characters, `?` for one.
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    pub case: Vec<String>,
    /// Only the cases that these pitfalls explain, and the cases of their remedies.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub pitfall: Vec<String>,
    /// Only these flavours: gnu, musl, musl-static, reference.
    #[arg(long, value_delimiter = ',')]
    pub flavour: Vec<Flavour>,
}

impl Which {
    /// Whether nothing is left out.
    pub fn is_all(&self) -> bool {
        self.area.is_empty() && self.case.is_empty() && self.pitfall.is_empty() && self.flavour.is_empty()
    }
}

/// `libcdiff check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The image that is wanted.
    pub image: String,
    /// The image that there is, or a file that says what it answered: a baseline or a run file.
    #[arg(long, value_name = "IMAGE|BASELINE.json", required = true)]
    pub against: String,
    /// What the project accepts and requires; else libcdiff.toml, if it is here.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Count only what matters to this program: what its files import, as `libcdiff impact` finds it. The policy's requirements
    /// stay, and what no pitfall explains. Between C libraries of one family it has to start, too.
    #[arg(long = "for", value_name = "PROGRAM|IMAGE")]
    pub program: Option<String>,
    /// With --for: count what the libraries that the program loads import, too.
    #[arg(long, requires = "program")]
    pub with_libraries: bool,
    /// Which cases.
    #[command(flatten)]
    pub which: Which,
    /// What runs the cases.
    #[arg(long, value_enum, default_value_t = RunnerName::Sandbox)]
    pub runner: RunnerName,
    /// Where the result goes.
    #[command(flatten)]
    pub render: Render,
    /// How images come from registries.
    #[command(flatten)]
    pub registries: Registries,
}

/// `libcdiff baseline`.
#[derive(Debug, Subcommand)]
pub enum Baseline {
    /// Take what an image answers as right: all that the last check saw, or what an image answers now.
    Accept(Box<Accept>),
    /// Step through what the last check saw, one change at a time, and take it or leave it.
    Review {
        /// The baseline.
        #[arg(value_name = "BASELINE.json")]
        baseline: PathBuf,
    },
}

/// `libcdiff baseline accept`.
#[derive(Debug, Args)]
pub struct Accept {
    /// The baseline; it is made where there is none.
    #[arg(value_name = "BASELINE.json")]
    pub baseline: PathBuf,
    /// Run the cases in this image now, instead of taking what the last check saw.
    #[arg(long)]
    pub image: Option<String>,
    /// Which cases.
    #[command(flatten)]
    pub which: Which,
    /// What runs the cases.
    #[arg(long, value_enum, default_value_t = RunnerName::Sandbox)]
    pub runner: RunnerName,
    /// How images come from registries.
    #[command(flatten)]
    pub registries: Registries,
}

/// How pods are made and found.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Kubernetes")]
pub struct Pods {
    /// The image that brings the agent and the probes into pods, at a registry that nodes reach: push there what
    /// `libcdiff kubernetes carrier` writes.
    #[arg(long, value_name = "IMAGE", env = "LIBCDIFF_CARRIER", hide_env_values = true)]
    pub carrier: Option<String>,
    /// Mount the carrier as a volume instead of copying from it by an init container: nodes need Kubernetes 1.35, or 1.31
    /// with the feature ImageVolume.
    #[arg(long)]
    pub image_volume: bool,
    /// Pods for each image, among which what is asked is dealt out; else one, or as many as their logs take.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub shards: Option<u32>,
    /// The namespace; else that of kubectl's context.
    #[arg(long, value_name = "NAME")]
    pub namespace: Option<String>,
    /// kubectl's context; else the current one.
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
    /// A label that nodes must have, beside that of the image's architecture; once for each.
    #[arg(long, value_name = "LABEL=VALUE", value_parser = label)]
    pub node_selector: Vec<(String, String)>,
    /// A secret for pulling images; once for each.
    #[arg(long, value_name = "NAME")]
    pub image_pull_secret: Vec<String>,
    /// Seconds after which a Job is ended; else 1800.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub job_deadline: Option<u64>,
}

impl Pods {
    /// Whether anything was typed that means a cluster. The carrier may come from the environment.
    pub fn are_meant(&self) -> bool {
        Self { carrier: None, ..self.clone() } != Self::default()
    }
}

/// `libcdiff run --runner kubernetes`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Kubernetes")]
pub struct Cluster {
    /// The pods.
    #[command(flatten)]
    pub pods: Pods,
    /// Print the manifests, as YAML, instead of running anything; `libcdiff collect` makes a run of the logs.
    #[arg(long, conflicts_with_all = ["format", "output", "book", "logs"])]
    pub emit_manifest: bool,
    /// Ask each image on nodes of this platform, as linux/amd64 or linux/arm64; once for each. Else what --platform says, or
    /// this machine's.
    #[arg(long, value_name = "PLATFORM", conflicts_with = "platform")]
    pub node_platform: Vec<Platform>,
    /// Keep the pods' logs in this folder too, for `libcdiff collect`.
    #[arg(long, value_name = "DIR")]
    pub logs: Option<PathBuf>,
}

fn label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((label, value)) if !label.is_empty() => Ok((label.to_owned(), value.to_owned())),
        _ => Err("a label is like disktype=ssd".into()),
    }
}

/// `libcdiff collect`.
#[derive(Debug, Args)]
pub struct Collect {
    /// The logs, in files of any names, mixed or not; `-` for standard input.
    #[arg(required = true, value_name = "LOGFILE")]
    pub logs: Vec<PathBuf>,
    /// Where the result goes.
    #[command(flatten)]
    pub render: Render,
}

/// `libcdiff kubernetes`.
#[derive(Debug, Subcommand)]
pub enum Kubernetes {
    /// Write the carrier: an image of the agent and the probes alone, to push to a registry that nodes reach.
    ///
    /// The file is an OCI archive and a Docker archive at once: skopeo copy oci-archive:FILE docker://REGISTRY/NAME:TAG, or
    /// docker load, tag and push.
    Carrier {
        /// The file.
        #[arg(long, short, value_name = "FILE.tar")]
        output: PathBuf,
    },
}

/// `libcdiff run --as-deployed`.
#[derive(Debug, Args)]
#[command(next_help_heading = "As deployed")]
pub struct Deployed {
    /// Look up the names that --name gives by the resolver configuration of this process, in each image, instead of
    /// running cases.
    ///
    /// The C libraries' own queries are passed on, byte for byte, to the real nameservers of that configuration and to
    /// nobody else: at most 64 queries for each look-up. The image gets this resolv.conf and an /etc/hosts with localhost
    /// alone, and keeps its own nsswitch.conf.
    #[arg(long, conflicts_with_all = ["area", "case"])]
    pub as_deployed: bool,
    /// A name to look up; once for each.
    #[arg(long, value_name = "NAME", requires = "as_deployed")]
    pub name: Vec<String>,
    /// The configuration, where it is not /etc/resolv.conf.
    #[arg(long, value_name = "FILE", requires = "as_deployed")]
    pub resolv_conf: Option<PathBuf>,
    /// Seconds after which a look-up is given up.
    #[arg(long, value_name = "SECONDS", requires = "as_deployed", default_value_t = 30,
        value_parser = clap::value_parser!(u64).range(1..=30))]
    pub within: u64,
}

/// `libcdiff demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// A pitfall or a case; `size` for the story of sizes, wheels and build times; without one, the pitfalls that people meet first
    /// are listed.
    #[arg(value_name = "PITFALL|CASE|size")]
    pub subject: Option<String>,
    /// The image to look at; else the second of the catalog's default pair.
    #[arg(long)]
    pub image: Option<String>,
    /// The image to compare it with; else the first of the catalog's default pair.
    #[arg(long, value_name = "IMAGE")]
    pub against: Option<String>,
    /// What `libcdiff wheels --json` printed, for the story of sizes. Repeats: today's beside another day's.
    #[arg(long, value_name = "WHEELS.json")]
    pub wheels: Vec<PathBuf>,
    /// What `libcdiff build` wrote, for the story of sizes. Repeats.
    #[arg(long, value_name = "BUILD.json")]
    pub build: Vec<PathBuf>,
    /// Go on without waiting for Enter; so it is wherever input or output is no terminal.
    #[arg(long)]
    pub no_pause: bool,
    /// The format.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
    /// How images come from registries.
    #[command(flatten)]
    pub registries: Registries,
}

/// `libcdiff bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// The workloads, by name or pattern (`libcdiff list workloads`); without any, all of them. Or `trace` and the files of
    /// traces, which `libcdiff alloc record` makes.
    #[arg(value_name = "WORKLOAD")]
    pub workloads: Vec<String>,
    /// An image; once for each, the one that the others are compared with first. Without any, the catalog's default pair.
    #[arg(long, value_name = "IMAGE")]
    pub image: Vec<String>,
    /// What stands behind malloc: `system` is the image's own. Each is measured in each image that it applies to.
    #[arg(long, value_delimiter = ',', default_value = "system")]
    pub allocator: Vec<String>,
    /// How the program is built: gnu, musl, musl-static; else as each image's own programs are.
    #[arg(long, value_delimiter = ',')]
    pub flavour: Vec<Flavour>,
    /// Only with these numbers of threads.
    #[arg(long, value_name = "N", value_delimiter = ',')]
    pub threads: Vec<u32>,
    /// Within a minute for two images: the workloads that make the headline, in few rounds, with wide intervals.
    #[arg(long)]
    pub quick: bool,
    /// Exactly so many rounds of each workload, instead of as many as the noise takes; fewer than 6 have no verdict.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub rounds: Option<u32>,
    /// What the random order of each round follows from; else any number. The bench file says which it was.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// What is printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Keep the bench file here: everything raw, as JSON, written anew after each workload.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Draw the plots into this folder, as SVG.
    #[arg(long, value_name = "DIR")]
    pub plots: Option<PathBuf>,
    /// How images come from registries.
    #[command(flatten)]
    pub registries: Registries,
}

/// `libcdiff schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// That of bench files.
    #[arg(long)]
    pub bench: bool,
    /// That of baselines.
    #[arg(long, conflicts_with = "bench")]
    pub baseline: bool,
    /// That of policies.
    #[arg(long, conflicts_with_all = ["bench", "baseline"])]
    pub policy: bool,
    /// That of what `libcdiff wheels --json` prints.
    #[arg(long, conflicts_with_all = ["bench", "baseline", "policy"])]
    pub wheels: bool,
    /// That of what `libcdiff build --json` prints.
    #[arg(long, conflicts_with_all = ["bench", "baseline", "policy", "wheels"])]
    pub build: bool,
    /// That of what `libcdiff impact --json` prints.
    #[arg(long, conflicts_with_all = ["bench", "baseline", "policy", "wheels", "build"])]
    pub impact: bool,
    /// That of what `libcdiff fuzz` keeps and prints.
    #[arg(long, conflicts_with_all = ["bench", "baseline", "policy", "wheels", "build", "impact"])]
    pub fuzz: bool,
}

/// `libcdiff report`.
#[derive(Debug, Args)]
pub struct Report {
    /// The run file or bench file; `-` for standard input.
    pub run: PathBuf,
    /// Where the result goes.
    #[command(flatten)]
    pub render: Render,
    /// Draw the plots of a bench file into this folder, as SVG.
    #[arg(long, value_name = "DIR")]
    pub plots: Option<PathBuf>,
}

/// How a run is shown, and where.
#[derive(Debug, Args)]
pub struct Render {
    /// The format.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Write to this file instead of standard output; or with its format, beside what is printed. Repeats.
    #[arg(long, short, value_name = "[FORMAT=]FILE")]
    pub output: Vec<Output>,
    /// Where the book is, for Markdown: pitfalls become links to its pages, BASE/AREA/PITFALL.html.
    #[arg(long, value_name = "BASE")]
    pub book: Option<String>,
    /// What `libcdiff bench -o FILE` wrote: its plots go into the HTML page, and a check holds its figures to the policy's
    /// bounds.
    #[arg(long, value_name = "BENCH.json")]
    pub bench: Option<PathBuf>,
    /// What `libcdiff image compare --json` printed: the HTML page shows what fills the images.
    #[arg(long, value_name = "SIZES.json")]
    pub sizes: Option<PathBuf>,
    /// What `libcdiff wheels --json` printed, for the HTML page. Repeats: today's beside another day's.
    #[arg(long, value_name = "WHEELS.json")]
    pub wheels: Vec<PathBuf>,
    /// What `libcdiff build` wrote, for the HTML page. Repeats.
    #[arg(long, value_name = "BUILD.json")]
    pub build: Vec<PathBuf>,
    /// The Dockerfile whose FROM names the image: findings of sarif and github point there.
    #[arg(long, value_name = "FILE")]
    pub dockerfile: Option<PathBuf>,
}

/// Where a result goes: `FILE`, or `FORMAT=FILE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The format; else that of `--format`.
    pub format: Option<Format>,
    /// The file.
    pub path: PathBuf,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((name, path)) = text.split_once('=')
            && let Ok(format) = Format::from_str(name, false)
        {
            return match path {
                "" => Err(format!("`{text}` names no file")),
                _ => Ok(Self { format: Some(format), path: path.into() }),
            };
        }
        // A misspelt format would else be the name of a file that nobody looks for.
        if let Some((name, _)) = text.split_once('=')
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_lowercase())
        {
            let formats: Vec<_> = Format::value_variants().iter().filter_map(Format::to_possible_value).collect();
            let formats: Vec<_> = formats.iter().map(|format| format.get_name()).collect();
            return Err(format!(
                "there is no format `{name}`: there are {}; a file of this name is `./{text}`",
                formats.join(", ")
            ));
        }
        Ok(Self { format: None, path: text.into() })
    }
}

/// `libcdiff book`.
#[derive(Debug, Args)]
pub struct Book {
    /// The run file; `-` for standard input.
    pub run: PathBuf,
    /// The folder of the book. mdBook renders it: `mdbook build DIR`.
    #[arg(long, short, value_name = "DIR")]
    pub output: PathBuf,
}

/// `libcdiff explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The id of a pitfall or a case.
    pub id: String,
    /// A run file: remedies are told with what it showed of them.
    #[arg(long, value_name = "RUN.json")]
    pub run: Option<PathBuf>,
    /// The format.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

/// `libcdiff list`.
#[derive(Debug, Args)]
pub struct List {
    /// What to list.
    #[arg(value_enum)]
    pub what: Listed,
    /// Only what has all these words in its id, title or text; upper and lower case are the same.
    pub words: Vec<String>,
    /// Only this area.
    #[arg(long)]
    pub area: Option<String>,
    /// Only pitfalls of this severity, and their cases.
    #[arg(long, value_enum)]
    pub severity: Option<Severity>,
    /// Only pitfalls that hit this family, and their cases; only images of it.
    #[arg(long, value_name = "FAMILY", value_parser = ["glibc", "musl"])]
    pub family: Option<String>,
    /// Only pitfalls that hit this C library, and their cases: `musl 1.2.5`, `glibc >=2.36`.
    #[arg(long, value_name = "LIBC")]
    pub affects: Option<String>,
    /// The format.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

/// `libcdiff image`.
#[derive(Debug, Subcommand)]
pub enum Image {
    /// What an image is, which C libraries it holds, and what fills it.
    Inspect {
        /// The image.
        image: String,
        /// As JSON instead of text.
        #[arg(long)]
        json: bool,
        /// How it comes from a registry.
        #[command(flatten)]
        registries: Registries,
    },
    /// What fills images, side by side: sizes, layers, files by kind, packages, and what programs take for granted.
    Compare {
        /// The images; two or more.
        #[arg(required = true, num_args = 2.., value_name = "IMAGE")]
        images: Vec<String>,
        /// As JSON instead of text.
        #[arg(long)]
        json: bool,
        /// How they come from a registry.
        #[command(flatten)]
        registries: Registries,
    },
    /// Pull images from registries, or find out whether their tags have moved, and print the names that pin them.
    Pull {
        /// The images.
        #[arg(required = true, value_name = "IMAGE")]
        images: Vec<String>,
        /// How they are reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Unpack an image, whatever machine it is for, into a folder of its own, with the owners that it says.
    ///
    /// As root the files belong to whom the image says. Anybody else owns them, has folders open to himself, and whose they are in
    /// the image is recorded in the extended attribute user.rootlesscontainers, as rootless tools record it. Devices, pipes and the image's extended
    /// attributes are left out.
    Unpack {
        /// The image.
        image: String,
        /// The folder, which must be empty or not be there; its parent must.
        folder: PathBuf,
        /// With set-user-id and set-group-id bits of files: whoever reaches the folder may run those programs as their owners.
        #[arg(long)]
        keep_set_id: bool,
        /// How it comes from a registry.
        #[command(flatten)]
        registries: Registries,
    },
    /// List the images in the cache, the last used first.
    List {
        /// As JSON instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Remove images that no name and no archive leads to any more, and what is left of pulls that were stopped.
    Prune {
        /// Everything that nobody uses at the moment.
        #[arg(long)]
        all: bool,
        /// Also images that nobody has used for so many days.
        #[arg(long, value_name = "DAYS")]
        unused_for: Option<u32>,
        /// As JSON instead of text.
        #[arg(long)]
        json: bool,
    },
}

/// How images come from registries.
#[derive(Args, Clone, Debug)]
pub struct Registries {
    /// When a registry is asked although the image may be in the cache.
    #[arg(long, value_enum, default_value_t = PullPolicy::Missing, value_name = "WHEN", help_heading = "Registries")]
    pub pull: PullPolicy,
    /// How they are reached.
    #[command(flatten)]
    pub reach: Reach,
}

/// How registries are reached.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Registries")]
pub struct Reach {
    /// The variant of an image to take, as linux/amd64 or linux/arm/v7; else this machine's.
    #[arg(long)]
    pub platform: Option<Platform>,
    /// Ask this host first for names at HOST (docker.io if it is left out); once for each.
    #[arg(long, value_name = "[HOST=]MIRROR", env = "LIBCDIFF_MIRROR", hide_env_values = true, value_delimiter = ',')]
    pub mirror: Vec<String>,
    /// A registry without TLS; once for each. Registries on this machine need none.
    #[arg(long, value_name = "HOST", env = "LIBCDIFF_PLAIN_HTTP", hide_env_values = true, value_delimiter = ',')]
    pub plain_http: Vec<String>,
    /// The proxy to registries; else HTTPS_PROXY, HTTP_PROXY and ALL_PROXY say. NO_PROXY counts for either.
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
}

/// When a registry is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PullPolicy {
    /// If the image is not in the cache.
    Missing,
    /// Always: a tag may have moved.
    Always,
    /// Never.
    Never,
}

/// `libcdiff wheels`.
#[derive(Debug, Args)]
#[command(
    after_help = "uv chooses the versions (pip install uv). To learn what a package depends on that has source alone, uv \
builds it on this machine, as pip does: that runs its code. Nothing of the images is run."
)]
pub struct Wheels {
    /// What is to be installed, as pip takes it: pandas, `numpy<2`.
    pub requirements: Vec<String>,
    /// A file of it: requirements, pyproject.toml, or one lock: pylock.toml, uv.lock, poetry.lock, pdm.lock,
    /// Pipfile.lock. Repeats.
    #[arg(long = "requirement", short = 'r', value_name = "FILE")]
    pub file: Vec<PathBuf>,
    /// A file of constraints. Repeats.
    #[arg(long, short, value_name = "FILE")]
    pub constraint: Vec<PathBuf>,
    /// Ask for Node's native add-ons instead: NAME, NAME@VERSION, package.json, package-lock.json or yarn.lock. Repeats.
    #[arg(long, value_name = "WHAT", conflicts_with_all = ["requirements", "file", "constraint", "python", "uv"])]
    pub npm: Vec<String>,
    /// The version of Node, as 22; else the one that is in each image.
    #[arg(long, value_name = "VERSION", requires = "npm")]
    pub node: Option<Node>,
    /// Leave out what a Node project needs for development alone.
    #[arg(long, requires = "npm")]
    pub omit_dev: bool,
    /// Where npm is; else on PATH.
    #[arg(long, value_name = "FILE", requires = "npm")]
    pub npm_program: Option<PathBuf>,
    /// An image; once for each.
    #[arg(long, value_name = "IMAGE", required = true)]
    pub image: Vec<String>,
    /// The version of CPython, as 3.12; else the one that is in each image.
    #[arg(long, value_name = "VERSION")]
    pub python: Option<Python>,
    /// Look at the index as it was at the end of this day, in UTC, and take no kind of wheel that pip took later only.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub at: Option<NaiveDate>,
    /// The index; else what UV_DEFAULT_INDEX, UV_INDEX_URL or PIP_INDEX_URL say, or uv's own; with --npm, what npm's settings say.
    #[arg(long, value_name = "URL")]
    pub index_url: Option<String>,
    /// Where uv is, the file or its folder; else on PATH.
    #[arg(long, value_name = "FILE")]
    pub uv: Option<PathBuf>,
    /// As JSON instead of text.
    #[arg(long)]
    pub json: bool,
    /// How images come from registries.
    #[command(flatten)]
    pub registries: Registries,
}

/// `libcdiff impact`.
#[derive(Debug, Args)]
#[command(
    after_help = "Read are the ELF files of the program, and the loaders and C libraries of both images; nothing of the \
program is run. What counts is what files import: a script is touched by what its interpreter imports."
)]
pub struct Impact {
    /// A program or library (ELF), or a folder of them, here; IMAGE:/PATH, one in an image; or a whole image.
    #[arg(value_name = "PROGRAM|IMAGE")]
    pub program: String,
    /// The image that it runs in now.
    #[arg(long, value_name = "IMAGE")]
    pub from: String,
    /// The image that it is to run in.
    #[arg(long, value_name = "IMAGE")]
    pub to: String,
    /// Take the differences from this run file, in which both images are; else the cases that matter are run now.
    #[arg(long, value_name = "RUN.json")]
    pub run: Option<PathBuf>,
    /// Of a folder or an image take the files of the distribution's packages too, not only what no package brought.
    #[arg(long)]
    pub packages: bool,
    /// As JSON instead of text.
    #[arg(long)]
    pub json: bool,
    /// Write the page of the run, with a view of the program, to this file too.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// What runs the cases.
    #[arg(long, value_enum, default_value_t = RunnerName::Sandbox)]
    pub runner: RunnerName,
    /// How images come from registries.
    #[command(flatten)]
    pub registries: Registries,
}

/// `libcdiff build`.
#[derive(Debug, Args)]
#[command(
    after_help = "A base image takes the place of that of the last stage: as the value of the variable, where a Dockerfile \
declares one for it (ARG BASE before the first FROM, FROM ${BASE}), else in every FROM that names the same image. Beside names \
that the engine has or can pull, it may be a root file system: a catalog name (debian-13), rootfs:FILE, dir:DIR.\n\
Cold: every step is made anew, and the base images are at the engine already; pulling them is told aside. Warm: the same build at \
once again, with what the cold one left. In each round every subject is built cold and warm, in an order of chance.\n\
Received: bytes on the network interfaces of the steps; pulling base images and what the engine itself fetches (ADD URL) are not in it. \
Processors: what the containers of the steps used; what the engine itself does is not in it.\n\
The classic builder is used, not BuildKit: stages are built one after the other, all of them, and RUN --mount and here-documents are refused."
)]
pub struct Build {
    /// The Dockerfiles, or folders that hold one; the first, on the first image, is what the others are compared with.
    #[arg(required = true, value_name = "DOCKERFILE")]
    pub dockerfiles: Vec<PathBuf>,
    /// A base image to build each of them on; once for each. Without any, their own.
    #[arg(long, value_name = "IMAGE")]
    pub image: Vec<String>,
    /// The folder that COPY takes files from; else that of each Dockerfile. Its .dockerignore counts.
    #[arg(long, value_name = "DIR")]
    pub context: Option<PathBuf>,
    /// The value of a variable of the Dockerfiles; once for each.
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub build_arg: Vec<(String, String)>,
    /// How often each is built, cold and warm; of six and more the intervals are of 95 %.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub rounds: u32,
    /// The network of the steps, as docker build takes it: default, none, host, or the name of one. Of host, bytes are not known.
    #[arg(long, value_name = "NETWORK", default_value = "default")]
    pub network: String,
    /// What the random order of each round follows from; else any number. The build file says which it was.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// The build file, as JSON, instead of text.
    #[arg(long)]
    pub json: bool,
    /// Keep the build file here: everything raw, as JSON, written anew after each round.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a variable is like VERSION=3.12".into()),
    }
}

/// `libcdiff alloc`.
#[derive(Debug, Subcommand)]
pub enum Alloc {
    /// Run a command on this machine and record its calls of malloc and its kin, as a trace that `libcdiff bench trace` replays.
    ///
    /// The command has this program's standard streams, and its exit code is passed on. Nothing that the command reads or
    /// writes is in the trace: sizes, order and threads alone.
    Record(Record),
    /// What is in a trace.
    Show(Show),
}

/// `libcdiff alloc record`.
#[derive(Debug, Args)]
pub struct Record {
    /// The file for the trace; else the command's name with `.trace`, here.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Which process to keep, by its number or its program's name, where the command starts several; else the one with the
    /// most calls.
    #[arg(long, value_name = "PROCESS")]
    pub process: Option<String>,
    /// The command and its arguments.
    #[arg(required = true, last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// `libcdiff alloc show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The trace.
    pub trace: PathBuf,
    /// The format.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Listed {
    /// Subjects.
    Areas,
    /// Questions.
    Cases,
    /// Explanations.
    Pitfalls,
    /// The catalog.
    Images,
    /// Explanations that people meet first, as `libcdiff demo` tells them.
    Stories,
    /// What `libcdiff bench` measures.
    Workloads,
}

/// Formats of a run, of a check, of a benchmark, and of any of them that is rendered again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal.
    Table,
    /// The file itself.
    Json,
    /// For people, whole; of a check, short enough for a comment.
    Markdown,
    /// For what collects test results; of a run.
    Junit,
    /// For what shows findings beside code; of a run.
    Sarif,
    /// Annotations of GitHub's workflows; of a run.
    Github,
    /// One page for a browser, with everything in it; of a run.
    Html,
    /// Which C library behaves like which, pitfall by pitfall, as Markdown; of a run over several versions.
    Versions,
    /// The ratios as a plot; of a bench file.
    Svg,
}

/// Formats of what is told or listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Runners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RunnerName {
    /// Built in: namespaces, no engine, no root.
    Sandbox,
    /// A container of each image at Docker.
    Docker,
    /// A container of each image at Podman.
    Podman,
    /// A Job for each image on a cluster, by kubectl.
    Kubernetes,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
